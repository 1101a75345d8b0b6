"""Offices and standing over time: there is always a way to a lead, and late jobs change nothing.

Lived twice, as in tests/civic/test_procedure_life.py: once with jobs that never run, once with jobs
that run in every tick.
"""

from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chapters import entries as c
from chapters.bylaws import DAY, HOUR
from chapters.offices import entries as o
from chapters.offices.absence import MISSED, leads, stand_in, waits
from chapters.standing import entries as s
from chapters.state import NAME as CHAPTERS
from civic.kernel.record.entry import Act, As, when
from civic.kernel.record.time import Outage
from civic.procedure import DRAFT
from deliberation import entries as d
from tests.acts import Game, bylaws_of, founding, made, text
from tests.civic.test_procedure_life import Life, check_folding, told
from voting import entries as v

NAMES = st.integers(0, 7).map(lambda n: made(f"person {n}"))
FOUNDERS = tuple(made(f"person {n}") for n in range(3))


def known(game: Game) -> bytes:
    """What a chapter's own part of the state knows, levels apart."""
    chapter = DRAFT.load(DRAFT.dump(game.state)).parts[CHAPTERS]
    for member in chapter.members.values():
        member.levels = ()
    return msgspec.msgpack.encode(chapter, order="sorted")


class Offices(RuleBasedStateMachine):
    """People come, go, hold offices, are suspended and appeal, while leads may disappear."""

    offer: Any = Life.offer
    catch_up: Any = Life.catch_up
    _to: Any = Life._to

    @initialize(absence=st.sampled_from([14 * DAY, 30 * DAY]), term=st.integers(20, 300))
    def found(self, absence: int, term: int) -> None:
        self.lazy, self.eager = Game(), Game()
        self.number = 0
        self.done: list[tuple[int, Act[Any] | None]] = []
        bylaws = bylaws_of(
            secrecy="roll_call",
            quorum=0,
            tick=60,
            support_time=DAY,
            discussion_time=DAY,
            notice_time=0,
            vote_time=DAY,
            lead_absence=absence,
            appeal_time=7 * DAY,
        )
        for game in (self.lazy, self.eager):
            game.now -= game.now % HOUR
        body = founding(self.lazy, bylaws)
        body = msgspec.structs.replace(body, founder=FOUNDERS[0])
        self.offer(body, As.MEMBER, FOUNDERS[0], [text("chapter")])
        for one in (*FOUNDERS[1:], made("person 3"), made("person 4")):
            self.offer(c.Joined(one, text(one)), As.MEMBER, one)
        for one in FOUNDERS:
            met = tuple(other for other in FOUNDERS if other != one)
            self.offer(c.FounderConfirmed(met), As.MEMBER, one)
        roles: tuple[c.Role, ...] = ("lead", "facilitator", "verifier", "verifier")
        holders = (FOUNDERS[0], FOUNDERS[1], FOUNDERS[1], FOUNDERS[2])
        offices = tuple(
            c.OfficeTerm(made(f"office {n}"), role, holder, when(self.lazy.now + term * DAY))
            for n, (role, holder) in enumerate(zip(roles, holders, strict=True))
        )
        assert self.offer(c.Constituted(FOUNDERS, offices), As.MEMBER, FOUNDERS[0])

    def new(self, what: str) -> str:
        self.number += 1
        return made(f"{what} {self.number}")

    def paper(self) -> str:
        self.number += 1
        return text(f"paper {self.number}")

    def office(self, number: int, *roles: str) -> str:
        known = sorted(
            one
            for one, office in self.lazy.chapter.offices.items()
            if not roles or office.role in roles
        )
        return known[number % len(known)] if known else made("no office")

    def suspension(self, number: int) -> str:
        known = sorted(self.lazy.chapter.standing.suspensions)
        return known[number % len(known)] if known else made("no suspension")

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self._to(self.lazy.now + days * DAY)

    @rule(hours=st.integers(1, 30))
    def wait_some_hours(self, hours: int) -> None:
        self._to(self.lazy.now + hours * HOUR)

    @rule(days=st.integers(1, 20))
    def outage(self, days: int) -> None:
        self.eager.due()
        start = self.lazy.now + 1
        self.lazy.now = self.eager.now = start + days * DAY
        assert self.offer(Outage(when(start), when(start + days * DAY)), As.NODE)
        self.catch_up()

    @rule(one=NAMES)
    def come(self, one: str) -> None:
        known = self.lazy.chapter.members.get(one)
        if known is None:
            self.offer(c.Applied(one), As.MEMBER, one)
        else:
            self.offer(s.Reapplied(), As.MEMBER, one)

    @rule(one=NAMES, number=st.integers(0, 3), admit=st.booleans())
    def answer(self, one: str, number: int, admit: bool) -> None:
        self.catch_up()
        body = c.Admitted(one) if admit else s.ApplicationRefused(one, self.paper())
        self.offer(body, As.OFFICE, self.office(number, "lead"))

    @rule(one=NAMES)
    def join(self, one: str) -> None:
        self.offer(c.Joined(one, text(one)), As.MEMBER, one)

    @rule(one=NAMES)
    def leave(self, one: str) -> None:
        self.offer(c.Left(), As.MEMBER, one)

    @rule(number=st.integers(0, 7))
    def resign(self, number: int) -> None:
        self.catch_up()
        self.offer(o.OfficeResigned(), As.OFFICE, self.office(number))

    @rule(
        one=st.integers(0, 7),
        days=st.integers(1, 90),
        lead_first=st.booleans(),
        agree=st.sampled_from(["another", "the same", "nobody"]),
    )
    def suspend(self, one: int, days: int, lead_first: bool, agree: str) -> None:
        self.catch_up()
        holders = {office.member for office in self.lazy.chapter.offices.values()}
        people = [
            own_id
            for own_id, member in sorted(self.lazy.chapter.members.items())
            if member.state == "active" and own_id not in holders
        ] or sorted(holders)
        lead, other = self.office(one, "lead"), self.office(one, "verifier", "facilitator")
        first, second = (lead, other) if lead_first else (other, lead)
        own, until = self.new("suspension"), when(self.lazy.tick + days * DAY)
        target = people[one % len(people)] if people else made("nobody")
        asked = s.SuspensionAsked(own, target, until, self.paper())
        if self.offer(asked, As.OFFICE, first) and agree != "nobody":
            office = second if agree == "another" else first
            self.offer(s.Suspended(own), As.OFFICE, office)

    @rule(number=st.integers(0, 3))
    def appeal(self, number: int) -> None:
        self.catch_up()
        own = self.suspension(number)
        found = self.lazy.chapter.standing.suspensions.get(own)
        member = found.member if found else made("nobody")
        self.offer(s.Appealed(own, self.paper()), As.MEMBER, member)

    @rule(number=st.integers(0, 3), office=st.integers(0, 5), lift=st.booleans())
    def judge(self, number: int, office: int, lift: bool) -> None:
        self.catch_up()
        body = s.AppealJudged(self.suspension(number), lift)
        self.offer(body, As.OFFICE, self.office(office))

    @rule(number=st.integers(0, 3), office=st.integers(0, 5))
    def lift(self, number: int, office: int) -> None:
        self.catch_up()
        body = s.SuspensionLifted(self.suspension(number))
        self.offer(body, As.OFFICE, self.office(office))

    @rule(
        kind=st.sampled_from(
            ["appoint", "follow", "replace", "remove", "expel", "readmit", "lift"]
        ),
        one=NAMES,
        number=st.integers(0, 5),
        role=st.sampled_from(["lead", "facilitator", "verifier"]),
        days=st.integers(1, 200),
    )
    def decide(self, kind: str, one: str, number: int, role: c.Role, days: int) -> None:
        """A decision about people, from the proposal to its effect."""
        self.catch_up()
        office = self.office(number, role)
        effect: dict[str, Any] = {}
        match kind:
            case "appoint":
                effect["appointment"] = d.Appointment(role, one, days * DAY)
            case "follow":
                effect["appointment"] = d.Appointment(role, one, days * DAY, after=office)
            case "replace":
                effect["appointment"] = d.Appointment(role, one, days * DAY, instead=office)
            case "remove":
                effect["measure"] = d.Measure("remove", office)
            case "lift":
                effect["measure"] = d.Measure("lift", self.suspension(number))
            case "expel" | "readmit":
                effect["measure"] = d.Measure(kind, one)
        own = self.new("proposal")
        body = d.Proposed(own, "en", 5, 5, 0, "roll_call", **effect)
        words = [self.paper(), self.paper()]
        if not self.offer(body, As.VOICE, self.new("voice"), words):
            return
        for _ in range(2):
            self.offer(d.Supported(own), As.VOICE, self.new("voice"))
        for _ in range(4):
            self._to(self.lazy.now + DAY)
            self.catch_up()
            election = self.lazy.deliberation.proposals[own].election
            if election is not None:
                for member, known in sorted(self.lazy.chapter.members.items()):
                    if known.state == "active":
                        self.offer(v.Cast(election, 1), As.MEMBER, member)
                return

    @invariant()
    def sound(self) -> None:
        if not hasattr(self, "lazy"):
            return
        for game in (self.lazy, self.eager):
            chapter = game.chapter
            states = [one.state for one in chapter.members.values()]
            assert chapter.active == states.count("active")
            assert chapter.suspended == states.count("suspended")
            assert chapter.applicants == states.count("applied")
            for office in chapter.offices.values():
                assert chapter.members[office.member].state == "active"
            begun = {one.member for one in chapter.standing.suspensions.values() if one.begun}
            assert begun == {
                one for one, member in chapter.members.items() if member.state == "suspended"
            }
            for one in chapter.standing.suspensions.values():
                assert one.agreed_by != one.asked_by
                assert not {one.asked_by, one.agreed_by} & one.judged.keys()

    @invariant()
    def a_lead_is_never_out_of_reach(self) -> None:
        if not hasattr(self, "lazy"):
            return
        for game in (self.lazy, self.eager):
            chapter, record = game.chapter, game.state.record
            deadline = record.deadlines.get(record.node)
            # Whoever waits, or a vacant office, starts the clock; it runs while somebody can step
            # in, and never longer than the bylaws say, outages apart.
            assert not waits(chapter) or chapter.missed_since is not None
            if not leads(chapter) and stand_in(chapter) is not None:
                assert deadline is not None
            if deadline is not None:
                assert deadline.what == MISSED
                assert stand_in(chapter) is not None
                latest = record.at + chapter.bylaws.lead_absence + HOUR
                assert deadline.extended or deadline.minute <= latest

    def teardown(self) -> None:
        if not hasattr(self, "lazy"):
            return
        self.catch_up()
        for early in (True, False):
            assert told(self.lazy, early=early) == told(self.eager, early=early)
        assert known(self.lazy) == known(self.eager)
        for game in (self.lazy, self.eager):
            check_folding(game)


TestOffices = Offices.TestCase
TestOffices.settings = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
