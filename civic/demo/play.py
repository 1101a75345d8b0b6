"""The demonstration's play: three chapters live through two and a half months within seconds.

All of it goes through the book, with a clock that is moved; nothing is written past the rules.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Final

from chapters.bylaws import DAY
from civic.deeds.hand import Key
from civic.deeds.person import Person
from civic.demo.agenda import Agenda, moments
from civic.demo.cast import accepted
from civic.demo.colours import ColouringDesk
from civic.demo.life import Life
from civic.demo.stage import Stage
from civic.demo.story import Story, names
from civic.kernel.clock import SetClock, minute_of, moment_of
from civic.kernel.record.book import Book
from civic.kernel.record.entry import As, By
from civic.kernel.record.submission import NewTie
from civic.operate.progress import Progress, silent

DAYS: Final = 75
"""How long ago the chapters were founded."""
OUTAGE: Final = (-180, 240)
"""An outage begins and ends so many minutes from the deadline that lies in it."""


class OwnDesk(ColouringDesk):
    """A desk that is alone with new chapters, so it knows the ids it made and asks nobody."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self._made: dict[tuple[str, str, As], tuple[By, NewTie | None, Key | None]] = {}

    async def own_id(
        self, person: Person, matter: str, role: As
    ) -> tuple[By, NewTie | None, Key | None]:
        """Return a person's id in a matter, with its tie, which the book keeps but once."""
        known = (person.member, matter, role)
        if known not in self._made:
            self._made[known] = self.new_id(person, matter, role)
        return self._made[known]


class Play:
    """The chapters, their proposals, and the time that passes for all of them."""

    def __init__(self, book: Book, clock: SetClock, stories: Sequence[Story], present: int) -> None:
        self.book = book
        self.clock = clock
        self.present = present
        self.moments = moments(minute_of(clock.now()), present, Random("civic demo"))  # noqa: S311
        desk = OwnDesk(book)
        known = names()
        self.stages = [Stage(desk, clock, story, Agenda(self.moments), known) for story in stories]
        self.lives: list[Life] = []
        self._outage: tuple[int, int] | None = None

    async def run(self, progress: Progress = silent) -> None:
        """Play everything up to the present; `progress` is told the days that are done."""
        for stage in self.stages:
            await stage.found()
            stage.plan(self.present)
            self.lives += [Life(stage, plot, self.present) for plot in stage.story.proposals]
        for index, moment in enumerate(self.moments):
            if index == 0:
                continue
            await self._pass_until(moment)
            if minute_of(self.clock.now()) > moment:
                for stage in self.stages:
                    stage.agenda.postpone(index)
                continue
            self._set(moment)
            deeds = [deed() for stage in self.stages for deed in stage.agenda.take(index)]
            await asyncio.gather(*deeds)
            self._look()
            progress((moment - self.moments[0]) // DAY, DAYS)
        await self._pass_until(self.present + 1)
        self._set(self.present)
        for stage in self.stages:
            await self.book.tick(stage.head.no)

    async def _pass_until(self, moment: int) -> None:
        """Let what is due before a moment happen at its time, as on a node that runs."""
        while True:
            now = minute_of(self.clock.now())
            due = [
                (deadline.minute, stage)
                for stage in self.stages
                for deadline in stage.loaded.state.record.deadlines.values()
            ]
            midnight = now - now % DAY + DAY
            due += [(midnight, stage) for stage in self.stages]
            earliest = min(minute for minute, _ in due)
            if self._outage is not None and min(earliest, moment) >= self._outage[0]:
                await self._go_dark(*self._outage)
                continue
            if earliest >= moment:
                return
            self._set(earliest)
            ripe = {stage.head.no for minute, stage in due if minute == earliest}
            await asyncio.gather(*(self.book.tick(no) for no in ripe))
            self._look()

    async def _go_dark(self, start: int, end: int) -> None:
        self._outage = None
        self._set(end)
        for stage in self.stages:
            accepted(await self.book.outage(stage.head.no, start, end))
        self._look()

    def _look(self) -> None:
        for life in self.lives:
            before = life.phase
            life.look()
            if life.plot.outage and life.phase == "vote" and before != "vote":
                election = life.standing.election or ""
                deadline = life.stage.loaded.state.record.deadlines[election].minute
                self._outage = (deadline + OUTAGE[0], deadline + OUTAGE[1])

    def _set(self, minute: int) -> None:
        self.clock.set(moment_of(minute))


def start_of(present: int) -> SetClock:
    """Return a clock that stands where the play begins; `present` in minutes."""
    start = moment_of(present - present % 60) - timedelta(days=DAYS)
    return SetClock(start)
