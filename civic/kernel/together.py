"""Questions of the same moment, asked in one round trip: many clients, few connections."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Together(Generic[K, V]):
    """Asks for one thing at a time; what is asked for meanwhile is asked for together, next.

    `ask` returns what it finds for up to `most` keys. An error befalls all who asked together.
    """

    def __init__(
        self, ask: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], most: int = 256
    ) -> None:
        self._ask = ask
        self._most = most
        self._waiting: list[tuple[K, asyncio.Future[V | None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """Return what is found for a key, None if nothing is."""
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                found = await self._ask([key for key, _ in asked])
            except Exception as error:
                for _, answer in asked:
                    if not answer.done():
                        answer.set_exception(error)
            except BaseException:
                for _, answer in (*asked, *self._waiting):
                    answer.cancel()
                self._waiting.clear()
                raise
            else:
                for key, answer in asked:
                    if not answer.done():
                        answer.set_result(found.get(key))
