"""What an act costs in a record of a thousand entries and in one of a million, made by the book."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.stage import Stage, set_stage
from civic.deeds import proposal as deeds
from civic.deeds.person import Desk, Person
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.node import Node, open_node

PEOPLE = 250
BIG = 2_000
"""Acts in one commit while the record grows."""
GROUP = 64
"""Acts in one commit while it is measured."""
REPEATED = 10
"""Commits in one measure."""
MEASURES = 8
"""Measures at each size, of which the best counts: others may be at work on this machine."""


class Grown(NamedTuple):
    """A record of some size: the cost of an act, and of keeping and loading a snapshot."""

    size: int
    seconds: float
    cpu: float
    snapshot: float
    load: float


async def grow(url: str, data: Path, sizes: list[int]) -> list[Grown]:
    """Let a record grow and measure it at each size."""
    stage = await set_stage(url, data, PEOPLE + 1)
    found = []
    for size in sizes:
        async with open_node(url, data, group=BIG) as node:
            await _grow_to(node, stage, size)
        async with open_node(url, data, group=BIG) as node:
            snapshot = await _timed(node.book.snapshot(stage.log))
        # A process of its own would load the chapter as this node does.
        async with open_node(url, data, group=GROUP) as node:
            found.append(await _measured(node, stage, size, snapshot))
    return found


async def _grow_to(node: Node, stage: Stage, size: int) -> None:
    async with reading(node.engine) as db:
        now = (await store.head(db, stage.log)).size
    desk = Desk(node.book)
    people = _people(stage)
    while now < size:
        count = min(BIG, size - now)
        comments = (_comment(desk, stage, next(people), now + n) for n in range(count))
        await asyncio.gather(*comments)
        now += count
        if now % (50 * BIG) < BIG:
            await node.book.snapshot(stage.log)


async def _measured(node: Node, stage: Stage, size: int, snapshot: float) -> Grown:
    desk, people, number = Desk(node.book), _people(stage), 0
    load = await _timed(node.book.ask(stage.log, lambda state: state.record.size))
    best: tuple[float, float] = (1e9, 1e9)
    for _ in range(MEASURES):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(REPEATED):
            number += GROUP
            await asyncio.gather(
                *(_comment(desk, stage, next(people), size + number + n) for n in range(GROUP))
            )
        acts = REPEATED * GROUP
        spent = (time.perf_counter() - wall) / acts, (time.process_time() - cpu) / acts
        best = min(best[0], spent[0]), min(best[1], spent[1])
    return Grown(size, *best, snapshot, load)


async def _timed(work: object) -> float:
    start = time.perf_counter()
    await work  # type: ignore[misc]
    return time.perf_counter() - start


def _people(stage: Stage) -> Iterator[Person]:
    while True:
        for one in stage.people[:PEOPLE]:
            yield Person(stage.log, stage.log_id, one.member)


async def _comment(desk: Desk, stage: Stage, person: Person, number: int) -> None:
    matter = stage.discussed.rpartition("/")[2]
    text = f"Number {number}: I have thought about it and would rather not."
    await deeds.comment(desk, person, matter, matter, text, "en", f"comment {number}")
