"""Those who wait for one chapter: taken out together, each given what befell it alone."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from civic.kernel.record.loaded import RecordBroken
from civic.kernel.record.timekeeper import ClockWrong


def start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin work for all who wait, as nobody's: what one request set for itself binds no other."""
    return asyncio.create_task(work, context=Context())


Waiting = list[tuple[Any, asyncio.Future[Any]]]
Work = Callable[[Callable[[], list[Any]]], Awaitable[Sequence[Any]]]


async def settle(queue: Waiting, most: int, work: Work) -> None:
    """Give each caller who waits in a queue its outcome, or the error that befell it.

    `work` takes them out, at most so many, when it is about to begin. Where something fails that
    was handed in with others, the others must not suffer for it. What the first attempt recorded,
    if anything, is found under its key by the next.
    """
    waiting: Waiting = []

    def take() -> list[Any]:
        waiting.extend(queue[:most])
        del queue[:most]
        return [one for one, _ in waiting]

    error = await _attempt(waiting, work, take)
    if error is None:
        return
    if not waiting:
        take()
    if len(waiting) > 1 and _may_be_of_one(error):
        try:
            await work(list)
        except Exception as without_any:
            error = without_any
        else:
            await _in_halves(waiting, work)
            return
    _fail(waiting, error)


async def _in_halves(waiting: Waiting, work: Work) -> None:
    middle = len(waiting) // 2
    for half in (waiting[:middle], waiting[middle:]):
        given = [one for one, _ in half]
        error = await _attempt(half, work, given.copy)
        if error is None:
            continue
        if len(half) > 1 and _may_be_of_one(error):
            await _in_halves(half, work)
        else:
            _fail(half, error)


async def _attempt(waiting: Waiting, work: Work, take: Callable[[], list[Any]]) -> Exception | None:
    try:
        outcomes = await work(take)
    except Exception as error:
        return error
    except BaseException:
        if not waiting:
            take()
        _fail(waiting, RuntimeError("the node is stopping"))
        raise
    for (_, done), outcome in zip(waiting, outcomes, strict=True):
        if not done.done():
            done.set_result(outcome)
    return None


def _fail(waiting: Waiting, error: Exception) -> None:
    for _, done in waiting:
        if not done.done():
            done.set_exception(error)


def _may_be_of_one(error: Exception) -> bool:
    """Tell whether one of a group may have caused an error, not the clock, disk or database."""
    if isinstance(error, DBAPIError):
        return not error.connection_invalidated
    return not isinstance(error, ClockWrong | RecordBroken | OSError | PoolTimeout)
