"""Questions of the same moment share a round trip; errors and answers reach who asked."""

import asyncio
from collections.abc import Sequence

import pytest

from civic.kernel.together import Together


class Squares:
    """Answers slowly, with the squares of even numbers."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()
        self.fails = False

    async def ask(self, keys: Sequence[int]) -> dict[int, int]:
        self.asked.append(list(keys))
        self.began.set()
        await self.go_on.wait()
        if self.fails:
            raise ConnectionError
        return {key: key * key for key in keys if key % 2 == 0}


async def test_what_is_asked_meanwhile_is_asked_together() -> None:
    squares = Squares()
    together = Together(squares.ask, most=3)
    first = asyncio.ensure_future(together.get(2))
    await squares.began.wait()
    others = [asyncio.ensure_future(together.get(key)) for key in (3, 4, 4, 6)]
    await asyncio.sleep(0)
    squares.go_on.set()
    assert await first == 4
    assert await asyncio.gather(*others) == [None, 16, 16, 36]
    assert squares.asked == [[2], [3, 4, 4], [6]]


async def test_an_error_befalls_those_who_asked_together_and_no_others() -> None:
    squares = Squares()
    together = Together(squares.ask)
    squares.fails = True
    squares.go_on.set()
    with pytest.raises(ConnectionError):
        await together.get(2)
    squares.fails = False
    assert await together.get(2) == 4


async def test_who_gives_up_does_not_disturb_the_others() -> None:
    squares = Squares()
    together = Together(squares.ask)
    impatient, patient = (asyncio.ensure_future(together.get(key)) for key in (2, 4))
    await squares.began.wait()
    impatient.cancel()
    squares.go_on.set()
    assert await patient == 16
