"""Lives of a chapter and its proposals, lived twice: jobs that never run, jobs that always run.

What must be equal between the two, once both have recorded what is due: every entry in every field
but `at`, in the same order, early acts of the node in an order of their own (an outage is recorded
before what was overdue when it began); and the state but for the times of the last entries. Boxes
are emptied in ticks before which nothing is overdue: the shell empties them in the first commit of
the tick in which their subject has a transition due.
"""

from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from chapters import entries as c
from chapters.assurance.state import of as assurance_of
from chapters.bylaws import DAY, HOUR, Change
from chapters.offices.absence import stand_in
from civic.kernel.record.entry import Act, As, Body, encode, when
from civic.kernel.record.rules import State, tick_of, tick_size
from civic.kernel.record.time import Outage
from civic.kernel.refusal import Refusal
from civic.procedure import DRAFT
from deliberation import entries as d
from deliberation.moderation import entries as m
from tests.acts import Game, bylaws_of, founding, made, text
from voting import entries as v

NAMES = st.sampled_from([f"person {n}" for n in range(8)])
ROLES: tuple[c.Role, ...] = ("lead", "verifier", "verifier", "facilitator")
FOUNDERS = ("person 0", "person 1", "person 2")


def timeless(state: State) -> bytes:
    """A state but for the times of the last entries, and the places that early acts move."""
    copy = DRAFT.load(DRAFT.dump(state))
    copy.record.at = copy.record.plain_at = 0
    # What is due stands behind the early acts of the tick in which somebody looks.
    for matter in copy.parts["chapters"].matters.values():
        matter.announced = min(matter.announced, 1)
    for election in copy.parts["voting"].elections.values():
        election.opened = min(election.opened, 1)
    return DRAFT.dump(copy)


def told(game: Game, *, early: bool) -> list[bytes]:
    """The entries of a record, early acts or all others, but for their times."""
    return [
        encode(msgspec.structs.replace(entry, at=""))
        for entry in game.entries
        if DRAFT.kinds[entry.kind].early is early
    ]


class Life(RuleBasedStateMachine):
    """People come, propose, speak, vote and go while time passes."""

    proposals = Bundle("proposals")
    subjects = Bundle("subjects")
    hidings = Bundle("hidings")

    @initialize(
        secrecy=st.sampled_from(["roll_call", "pseudonymous"]),
        tick=st.sampled_from([1, 10, 20, 60]),
        notice=st.sampled_from([0, 1, 45, DAY]),
    )
    def found(self, secrecy: str, tick: int, notice: int) -> None:
        self.lazy, self.eager = Game(), Game()
        self.number = 0
        self.done: list[tuple[int, Act[Any] | None]] = []
        bylaws = bylaws_of(
            secrecy=secrecy,
            tick=tick,
            notice_time=notice,
            discussion_time=DAY,
            support_time=2 * DAY,
            vote_time=DAY,
            quorum=0,
        )
        for game in (self.lazy, self.eager):
            game.now -= game.now % HOUR
        body = founding(self.lazy, bylaws)
        body = msgspec.structs.replace(body, founder=made(FOUNDERS[0]))
        self.offer(body, As.MEMBER, made(FOUNDERS[0]), [text("chapter")])
        for name in FOUNDERS[1:]:
            self.offer(c.Joined(made(name), text(name)), As.MEMBER, made(name))
        ids = tuple(made(name) for name in FOUNDERS)
        for name in FOUNDERS:
            met = tuple(one for one in ids if one != made(name))
            self.offer(c.FounderConfirmed(met), As.MEMBER, made(name))
        until = when(self.lazy.now + 30 * DAY)
        offices = tuple(
            c.OfficeTerm(made(f"office {n}"), role, ids[n % 3], until)
            for n, role in enumerate(ROLES)
        )
        assert self.offer(c.Constituted(ids, offices), As.MEMBER, ids[0])

    def offer(
        self,
        body: Body,
        as_: As,
        own_id: str = "",
        content: list[str] | None = None,
    ) -> bool:
        """Make the same act in both lives; tell whether it was accepted."""
        early = DRAFT.kinds[body.kind].early
        if not early:
            # Where ticks just became longer, the lives may stand at different ticks of one hour.
            self.catch_up()
            while self.lazy.tick != self.eager.tick:
                self._to(self.lazy.now - self.lazy.now % HOUR + HOUR)
                self.catch_up()
        act = self.lazy.act(body, as_, own_id, content or [])
        self.done.append((self.lazy.tick, act))
        first, second = self.lazy.offer(act), self.eager.offer(act)
        assert isinstance(first, Refusal) == isinstance(second, Refusal), (first, second)
        if isinstance(first, Refusal):
            assert first == second
            return False
        return True

    def catch_up(self) -> None:
        self.done.append((self.lazy.tick, None))
        self.lazy.due()
        self.eager.due()

    def _to(self, now: int) -> None:
        """Let time pass; in one life everything due is recorded in its tick."""
        step = 1
        while (tick := tick_of(self.eager.state.record, self.eager.now)) < now:
            step = tick_size(self.eager.state.record, tick)
            self.eager.due()
            if tick + step > now:
                break
            self.eager.now = tick + step
        self.lazy.now = self.eager.now = now

    def new(self, what: str) -> str:
        self.number += 1
        return f"{what} {self.number}"

    def nothing_overdue(self) -> bool:
        now = self.lazy.tick
        return (
            now == self.eager.tick
            and self.lazy.state.next_deadline(now - 1) is None
            and now not in (self.lazy.state.record.plain_at, self.eager.state.record.plain_at)
        )

    @rule(minutes=st.integers(1, 90))
    def some_minutes(self, minutes: int) -> None:
        self._to(self.lazy.now + minutes)

    @rule(hours=st.integers(1, 80))
    def some_hours(self, hours: int) -> None:
        self._to(self.lazy.now + hours * HOUR)

    @rule()
    def to_a_tick(self) -> None:
        self._to(self.lazy.tick + tick_size(self.lazy.state.record, self.lazy.tick))

    @rule(length=st.integers(60, 3 * DAY))
    def outage(self, length: int) -> None:
        """No jobs run in either life; the first act afterwards says so."""
        self.eager.due()
        start = self.lazy.now + 1
        self.lazy.now = self.eager.now = start + length
        if self.lazy.tick == self.eager.tick:
            assert self.offer(Outage(when(start), when(start + length)), As.NODE)
            # The commit that records an outage goes on to record what is due.
            self.catch_up()

    @rule(name=NAMES)
    def join(self, name: str) -> None:
        self.offer(c.Joined(made(name), text(name)), As.MEMBER, made(name))

    @rule(name=NAMES)
    def apply(self, name: str) -> None:
        self.offer(c.Applied(made(name)), As.MEMBER, made(name))

    @rule(name=NAMES)
    def admit(self, name: str) -> None:
        self.offer(c.Admitted(made(name)), As.OFFICE, made("office 0"))

    @rule(name=NAMES)
    def leave(self, name: str) -> None:
        self.offer(c.Left(), As.MEMBER, made(name))

    @rule(name=NAMES)
    def set_name(self, name: str) -> None:
        number = self.new("name")
        self.offer(c.DisplayNameSet(4), As.MEMBER, made(name), [text(number)])

    @rule(
        target=proposals,
        effect=st.sampled_from(["none", "options", "quorum", "tick", "notice", "office"]),
        number=st.integers(0, 60),
    )
    def propose(self, effect: str, number: int) -> object:
        name = self.new("proposal")
        bylaws = self.lazy.chapter.bylaws
        effects: dict[str, Any] = {}
        match effect:
            case "options":
                effects["options"] = 2 + number % 3
            case "quorum":
                effects["changes"] = (Change("quorum", bylaws.quorum, number),)
            case "tick":
                tick = [1, 10, 20, 60][number % 4]
                effects["changes"] = (Change("tick", bylaws.tick, tick),)
            case "notice":
                effects["changes"] = (Change("notice_time", bylaws.notice_time, number),)
            case "office":
                member = made(f"person {number % 8}")
                effects["appointment"] = d.Appointment("lead", member, 60 + number)
        body = d.Proposed(
            made(name), "en", 5, 5, **{"options": 0, "secrecy": bylaws.secrecy} | effects
        )
        hashes = [text(f"{name} {n}") for n in range(2 + body.options)]
        accepted = self.offer(body, As.VOICE, made(f"{name} voice 0"), hashes)
        return name if accepted else multiple()

    @rule(name=proposals, voice=st.integers(0, 5))
    def support(self, name: str, voice: int) -> None:
        self.offer(d.Supported(made(name)), As.VOICE, made(f"{name} voice {voice}"))

    @rule(name=proposals)
    def enough_support(self, name: str) -> None:
        for voice in range(2):
            self.offer(d.Supported(made(name)), As.VOICE, made(f"{name} voice {voice}"))

    @rule(name=proposals, voice=st.integers(0, 5))
    def withdraw_support(self, name: str, voice: int) -> None:
        self.offer(d.SupportWithdrawn(made(name)), As.VOICE, made(f"{name} voice {voice}"))

    @rule(name=proposals)
    def withdraw(self, name: str) -> None:
        self.offer(d.Withdrawn(made(name)), As.VOICE, made(f"{name} voice 0"))

    @rule(name=proposals, quorum=st.none() | st.integers(0, 60))
    def revise(self, name: str, quorum: int | None) -> None:
        self.catch_up()
        proposal = self.lazy.deliberation.proposals[made(name)]
        fresh = self.new("text")
        hashes = [text(f"{fresh} {n}") for n in range(2 + proposal.options)]
        now = self.lazy.chapter.bylaws.quorum
        changes = None if quorum is None else (Change("quorum", now, quorum),)
        body = d.Revised(made(name), proposal.version + 1, 5, 5, changes)
        self.offer(body, As.VOICE, made(f"{name} voice 0"), hashes)

    @rule(target=subjects, name=proposals, voice=st.integers(0, 5))
    def argue(self, name: str, voice: int) -> object:
        own = self.new("argument")
        body = d.Argued(made(own), made(name), "pro", 5)
        accepted = self.offer(body, As.VOICE, made(f"{name} voice {voice}"), [text(own)])
        return (name, own, voice) if accepted else multiple()

    @rule(subject=consumes(subjects))
    def erase(self, subject: tuple[str, str, int]) -> None:
        name, own, voice = subject
        body = d.WordsErased(made(own), (text(own),))
        assert self.offer(body, As.VOICE, made(f"{name} voice {voice}"))

    @rule(name=proposals, office=st.booleans())
    def erase_words(self, name: str, office: bool) -> None:
        self.catch_up()
        words = self.lazy.deliberation.proposals[made(name)].words[:1]
        body = d.WordsErased(made(name), words)
        if office:
            body = d.WordsErased(made(name), words, "out of order", "law")
        if office:
            self.offer(body, As.OFFICE, made("office 0"))
        else:
            self.offer(body, As.VOICE, made(f"{name} voice 0"))

    @rule(target=hidings, subject=subjects)
    def hide(self, subject: tuple[str, str, int]) -> object:
        name, own, voice = subject
        hiding = self.new("hiding")
        body = m.WordsHidden(made(hiding), made(own), (text(own),), "out of order")
        accepted = self.offer(body, As.OFFICE, made("office 0"))
        return (hiding, own, f"{name} voice {voice}") if accepted else multiple()

    @rule(target=hidings, name=proposals)
    def hide_proposal(self, name: str) -> object:
        self.catch_up()
        words = self.lazy.deliberation.proposals[made(name)].words
        hiding = self.new("hiding")
        body = m.WordsHidden(made(hiding), made(name), words, "out of order")
        accepted = self.offer(body, As.OFFICE, made("office 0"))
        return (hiding, name, f"{name} voice 0") if accepted else multiple()

    @rule(hiding=hidings)
    def appeal(self, hiding: tuple[str, str, str]) -> None:
        own, _of, author = hiding
        body = m.HidingAppealed(made(own), 5)
        self.offer(body, As.VOICE, made(author), [text(self.new("plea"))])

    @rule(hiding=hidings, office=st.integers(0, 3), show=st.booleans())
    def judge(self, hiding: tuple[str, str, str], office: int, show: bool) -> None:
        body = m.HidingJudged(made(hiding[0]), show)
        self.offer(body, As.OFFICE, made(f"office {office}"))

    @rule(hiding=hidings)
    def lift(self, hiding: tuple[str, str, str]) -> None:
        self.offer(m.HidingLifted(made(hiding[0])), As.OFFICE, made("office 0"))

    @rule(hiding=hidings)
    def erase_hidden(self, hiding: tuple[str, str, str]) -> None:
        """What is settled to stay hidden, an office erases; all else it does not."""
        self.catch_up()
        known = self.lazy.deliberation.moderation.hidings[made(hiding[0])]
        final, words = known.stage == "final", tuple(known.words)
        if known.stage != "over":
            body = d.WordsErased(known.of, words, "settled")
            erased = self.offer(body, As.OFFICE, made("office 0"))
            frozen = known.of in self.lazy.deliberation.proposals and not (
                self.lazy.deliberation.proposals[known.of].frozen.isdisjoint(words)
            )
            held = made("office 0") in self.lazy.chapter.offices
            assert erased is (final and held and not frozen)

    @invariant()
    def hidden_words_have_a_hiding(self) -> None:
        if not hasattr(self, "lazy"):
            return
        known = self.lazy.deliberation.moderation
        for words, own in known.hidden.items():
            assert words in known.hidings[own].words
            assert known.hidings[own].stage != "over"

    @rule(name=proposals, voice=NAMES, value=st.sampled_from([-1, 0, 1, 2, 3]))
    def cast(self, name: str, voice: str, value: int) -> None:
        self.catch_up()
        election = self.lazy.deliberation.proposals[made(name)].election
        if election is not None:
            self.offer(v.Cast(election, value), As.MEMBER, made(voice))

    @precondition(lambda self: self.nothing_overdue())
    @rule(name=proposals, count=st.integers(1, 3))
    def box(self, name: str, count: int) -> None:
        """Ties and votes from a box, in the first commit of a tick."""
        election = self.lazy.deliberation.proposals[made(name)].election
        tick = when(self.lazy.tick)
        tied = self.new("ties")
        hashes = tuple(sorted(text(f"{tied} {n}") for n in range(count)))
        self.offer(c.TookPart(made(name), "row", tick, hashes), As.NODE)
        if election is not None:
            rows = tuple(sorted((made(f"{name} row {n}"), n % 2) for n in range(count)))
            self.offer(v.VotesRecorded(election, tick, 0, rows), As.NODE)

    @precondition(lambda self: self.nothing_overdue())
    @rule(subject=subjects, count=st.integers(1, 3))
    def react(self, subject: tuple[str, str, int], count: int) -> None:
        tick = when(self.lazy.tick)
        rows = tuple(sorted((made(f"{subject[0]} row {n}"), n % 2) for n in range(count)))
        self.offer(d.ReactionsRecorded(made(subject[1]), tick, 0, rows), As.NODE)

    @rule(
        target=proposals,
        effect=st.sampled_from(["none", "options", "quorum", "tick", "notice", "office"]),
        number=st.integers(0, 60),
        late=st.sampled_from([0, 7, 50, 3 * HOUR]),
        leaver=st.none() | NAMES,
        rivals=st.integers(1, 2),
    )
    def carry(self, effect: str, number: int, late: int, leaver: str | None, rivals: int) -> object:
        """Proposals on their whole way; rivals have effects that cannot both be."""
        if effect == "office" and leaver is not None:
            number = int(leaver.removeprefix("person "))
        made_ones = [self.propose(effect, number + n) for n in range(rivals)]
        names = [one for one in made_ones if isinstance(one, str)]
        for name in names:
            self.enough_support(name)
        for _ in range(20):
            self.catch_up()
            phases = {self.lazy.deliberation.proposals[made(name)].phase for name in names}
            if not phases & {"discussion", "notice"}:
                break
            self._to(self.lazy.now + 6 * HOUR)
        for name in names:
            for person in range(8):
                self.cast(name, f"person {person}", 1)
        self.to_a_tick()
        for name in names:
            if self.lazy.chapter.bylaws.secrecy == "pseudonymous" and self.nothing_overdue():
                self.box(name, 3)
        if leaver is not None:
            self.leave(leaver)
        ends = self.lazy.voting.elections.keys() & self.lazy.state.record.deadlines.keys()
        if ends:
            self._to(max(self.lazy.state.record.deadlines[one].minute for one in ends) + late)
        return multiple(*names)

    @rule(name=proposals)
    def task(self, name: str) -> None:
        own = self.new("task")
        body = d.TaskSet(made(own), made(name), when(self.lazy.now + DAY), 5)
        self.offer(body, As.OFFICE, made("office 0"), [text(own)])

    @rule(name=proposals)
    def card(self, name: str) -> None:
        own = self.new("card")
        body = d.OutcomeRecorded(made(own), made(name), "success", "yes", 5, 5)
        hashes = [text(f"{own} {n}") for n in range(2)]
        self.offer(body, As.OFFICE, made("office 3"), hashes)

    @invariant()
    def sound(self) -> None:
        if not hasattr(self, "lazy"):
            return
        for game in (self.lazy, self.eager):
            chapter = game.chapter
            present = [one for one in chapter.members.values() if one.state == "active"]
            assert chapter.active == len(present)
            assert chapter.admitted >= chapter.active
            for office in chapter.offices.values():
                assert chapter.members[office.member].state == "active"
            for election in game.voting.elections.values():
                assert len(election.votes) <= election.roll
            waiting = set(game.state.record.deadlines)
            running = {
                one
                for one, proposal in game.deliberation.proposals.items()
                if proposal.phase in ("support", "discussion", "notice")
            } | {one for one, election in game.voting.elections.items() if election.open}
            applied = {one for one, member in chapter.members.items() if member.state == "applied"}
            missed = chapter.missed_since is not None and stand_in(chapter) is not None
            node = {game.state.record.node} if missed else set()
            levels = set(assurance_of(game.state).terms)
            known = game.deliberation.moderation.hidings
            hidden = {one for one, found in known.items() if found.stage in ("open", "appealed")}
            assert waiting == running | applied | set(chapter.offices) | node | levels | hidden

    def teardown(self) -> None:
        if not hasattr(self, "lazy"):
            return
        self.catch_up()
        for early in (True, False):
            assert told(self.lazy, early=early) == told(self.eager, early=early)
        assert timeless(self.lazy.state) == timeless(self.eager.state)
        for game in (self.lazy, self.eager):
            check_folding(game)
        check_commits(self.lazy, self.done)


def check_folding(game: Game) -> None:
    """Folding the entries, from any snapshot on, gives the state that deciding left."""
    state = DRAFT.initial(game.log_id)
    for number, entry in enumerate(game.entries):
        if number == len(game.entries) // 2:
            state = DRAFT.load(DRAFT.dump(state))
        DRAFT.apply(state, DRAFT.codec.decode(encode(entry)))
    assert DRAFT.dump(state) == DRAFT.dump(game.state)
    keys = [(entry.key, entry.part) for entry in game.entries]
    assert len(set(keys)) == len(keys)


def check_commits(game: Game, done: list[tuple[int, Act[Any] | None]]) -> None:
    """Dropping and loading the state between acts, and asking for what is due, changes nothing."""
    again = Game()
    for tick, act in done:
        again.now = tick
        again.state = DRAFT.load(DRAFT.dump(again.state))
        if act is None or not DRAFT.kinds[act.kind].early:
            again.due()
        if act is not None:
            again.offer(act)
    assert again.raws() == game.raws()


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
