"""One chapter of the demonstration and its people: founded, joined, named, left."""

import secrets
from random import Random
from typing import Final

from chapters.bylaws import DAY
from chapters.entries import Role
from chapters.state import of as chapter_of
from civic.deeds import chapter as deeds
from civic.deeds import standing
from civic.deeds.person import Desk, Person
from civic.demo.agenda import Agenda
from civic.demo.cast import Player, accepted
from civic.demo.ladder import Ladder
from civic.demo.story import Resigned, Story, Suspended
from civic.kernel.clock import SetClock, minute_of
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.loaded import Loaded

FIRST_OFFICES: Final[tuple[tuple[Role, int], ...]] = (
    ("lead", 0),
    ("facilitator", 1),
    ("verifier", 1),
    ("verifier", 2),
)
"""The offices that the founders give, each with its holder's number."""
SECOND_VERIFIER: Final = 2
"""The number of the verifier who is no facilitator."""
TERM: Final = 300 * DAY
EARLY: Final = 0.8
"""Share of the members who join within the first days."""
EARLY_DAYS: Final = 11
NAMED: Final = 0.7
"""Share of the members who set a display name."""
GREETED: Final = 9
"""Members with lower numbers all have a name: founders and those who are signed in as later."""


class Stage:
    """A chapter while its story is played."""

    def __init__(
        self, desk: Desk, clock: SetClock, story: Story, agenda: Agenda, names: tuple[str, ...]
    ) -> None:
        self.desk = desk
        self.clock = clock
        self.story = story
        self.agenda = agenda
        self.random = Random(f"civic demo {story.slug}")  # noqa: S311
        self.players = self._cast(names)
        self.seeds: dict[int, bytes] = {}
        self.founders = story.founders
        self.ladder = Ladder(desk, agenda, self.players, self.founders) if story.ladder else None
        self.chapter_id = ""
        self.head: store.Head
        self.loaded: Loaded

    def _cast(self, names: tuple[str, ...]) -> list[Player]:
        total = self.story.members + self.story.left
        initials = "ABCDHKLMNPRSTVZ"
        drawn = self.random.sample([f"{name} {one}." for name in names for one in initials], total)
        return [
            Player(
                number,
                name,
                leaves=number >= self.story.members,
                quiet=any(one.member == number for one in self.story.suspended),
            )
            for number, name in enumerate(drawn)
        ]

    @property
    def now(self) -> int:
        """The present of the story, in minutes."""
        return minute_of(self.clock.now())

    def members(self) -> list[Player]:
        """Return who is a member now and stays."""
        return [
            one
            for one in self.players
            if one.since is not None
            and not one.leaves
            and not one.quiet
            and (self.ladder is None or one.number in self.ladder.up)
        ]

    def office(self, role: Role) -> tuple[Person, str]:
        """Return who holds an office of a role, and its id; for a vacant one the facilitator."""
        offices = chapter_of(self.loaded.state).offices
        held = sorted(
            (office.since, own_id, office.member)
            for own_id, office in offices.items()
            if office.role == role
        )
        if not held:
            return self.office("facilitator")
        _since, own_id, member = held[0]
        person = next(one.who for one in self.players if one.person and one.who.member == member)
        return person, own_id

    def judges(self, *but: Person) -> list[tuple[Person, str]]:
        """Return who judges appeals, each with one of their offices; some persons left out."""
        offices = chapter_of(self.loaded.state).offices
        out = {one.member for one in but}
        found: dict[str, tuple[Person, str]] = {}
        for own_id, office in sorted(offices.items()):
            if office.role in ("lead", "facilitator", "verifier") and office.member not in out:
                known = [one.who for one in self.players if one.person]
                who = next(one for one in known if one.member == office.member)
                found.setdefault(office.member, (who, own_id))
        return list(found.values())

    def held(self, role: Role, number: int) -> str:
        """Return the id of the office of a role that a member holds."""
        member = self.players[number].who.member
        offices = chapter_of(self.loaded.state).offices
        return next(i for i, o in offices.items() if o.role == role and o.member == member)

    def seed(self, player: Player) -> bytes | None:
        """Return the seed of those who sign with keys of their own, drawn unless it is set."""
        if player.number >= self.story.keyed:
            return None
        return self.seeds.setdefault(player.number, secrets.token_bytes(32))

    async def found(self) -> None:
        """Found the chapter, let its founders meet, and constitute it."""
        story, desk = self.story, self.desk
        founder = self.players[0]
        founding = accepted(
            await deeds.found(
                desk,
                name=story.name,
                lang=story.lang,
                template=story.template,
                idempotency="found",
                bylaws=story.bylaws,
                seed=self.seed(founder),
            )
        )
        self.chapter_id = founding.chapter_id
        founder.person, founder.since = founding.founder, self.now
        async with reading(desk.book.engine) as db:
            self.head = await store.head(db, founding.founder.log)
            self.loaded = await desk.book.shelf.current(db, self.head)
        founders = self.players[: self.founders]
        for one in founders[1:]:
            await self._join(one, founder)
        ids = [one.who.member for one in founders]
        for one in founders:
            met = [other for other in ids if other != one.who.member]
            accepted(await deeds.confirm(desk, one.who, met, "confirm"))
        terms = [(role, ids[number], self.now + TERM) for role, number in FIRST_OFFICES]
        accepted(await deeds.constitute(desk, founder.who, ids, terms, "constitute"))

    def plan(self, present: int) -> None:
        """Plan who joins, takes a name, applies and leaves until the present (minutes)."""
        start, random = self.now, self.random
        for player in self.players[self.founders :]:
            early = player.number < GREETED or random.random() < EARLY
            days = random.uniform(0.2, EARLY_DAYS if early else (present - start) / DAY - 8)
            self.agenda.at(start + days * DAY, self._come, player)
        for player in self.players:
            if player.number < GREETED or random.random() < NAMED:
                when = start + DAY * random.uniform(0.5, 3)
                self.agenda.at(when, self._name, player)
            if player.leaves:
                when = present - DAY * random.uniform(1, 6)
                self.agenda.at(when, self._leave, player)
        for number in range(self.story.applicants):
            when = present - DAY * random.uniform(0.6, 3)
            self.agenda.at(when, self._apply, number)
        for suspended in self.story.suspended:
            self.agenda.at(present + suspended.begins * DAY, self._suspend, suspended)
        for resigned in self.story.resigned:
            self.agenda.at(present + resigned.at * DAY, self._resign, resigned)

    async def _come(self, player: Player) -> None:
        if self.random.random() < self.story.invited:
            await self._join(player, self.random.choice(self.members()[:20]))
            return
        player.person, outcome = await deeds.apply_for(
            self.desk, self.head, f"apply-{player.number}", self.seed(player)
        )
        accepted(outcome)
        self.agenda.at(self.now + 1, self._admit, player)

    async def _join(self, player: Player, inviter: Player) -> None:
        secret = accepted(await deeds.invite(self.desk, inviter.who))
        player.person, outcome = await deeds.join(
            self.desk, self.head, secret, f"join-{player.number}", self.seed(player)
        )
        accepted(outcome)
        self._is_here(player)

    def _is_here(self, player: Player) -> None:
        player.since = self.now
        if self.ladder is not None and player.number >= self.founders:
            self.agenda.at(self.now + 1, self.ladder.climb, player)

    async def _admit(self, player: Player) -> None:
        lead, office = self.office("lead")
        key = f"admit-{player.number}"
        accepted(await deeds.admit(self.desk, lead, office, player.who.member, key))
        self._is_here(player)

    async def _apply(self, number: int) -> None:
        _, outcome = await deeds.apply_for(self.desk, self.head, f"applicant-{number}")
        accepted(outcome)

    async def _name(self, player: Player) -> None:
        if player.since is None:
            self.agenda.at(self.now + DAY, self._name, player)
            return
        accepted(await deeds.set_name(self.desk, player.who, player.name, "be", "name"))

    async def _suspend(self, plot: Suspended) -> None:
        lead, office = self.office("lead")
        member, key = self.players[plot.member].who.member, f"suspend-{plot.member}"
        until = self.now - self.now % DAY + plot.days * DAY
        asked = accepted(
            await standing.ask_suspension(
                self.desk, lead, office, member, until, plot.reason, "en", key
            )
        )
        verifier = self.players[SECOND_VERIFIER]
        second = self.held("verifier", verifier.number)
        accepted(await standing.agree(self.desk, verifier.who, second, asked.id, key))
        self.agenda.at(self.now + plot.after * DAY, self._appeal, plot, asked.id)

    async def _appeal(self, plot: Suspended, suspension: str) -> None:
        who, key = self.players[plot.member].who, f"appeal-{plot.member}"
        accepted(await standing.appeal(self.desk, who, suspension, plot.appeal, "en", key))

    async def _resign(self, plot: Resigned) -> None:
        person, office = self.office(plot.office)
        accepted(await standing.resign(self.desk, person, office, f"resign-{plot.office}"))

    async def _leave(self, player: Player) -> None:
        accepted(await deeds.leave(self.desk, player.who, "leave"))
        player.since = None
