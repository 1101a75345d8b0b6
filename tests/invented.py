"""Lives of chapters invented at random, through the rules alone: entries without a database."""

import hashlib
import random
from typing import Any, Literal

import msgspec

from chapters import entries as c
from chapters.bylaws import CHARTER_HASH, DAY, TEMPLATES, Change
from chapters.offices import entries as o
from chapters.standing import entries as s
from chapters.state import of as chapter_of
from civic.kernel.record import note, time
from civic.kernel.record.adoption import Adoption
from civic.kernel.record.course import Course
from civic.kernel.record.entry import Act, As, Body, By, Entry, Proof, id_of, when
from civic.kernel.record.rules import State, tick_of
from civic.kernel.refusal import Refusal
from deliberation import entries as d
from deliberation.moderation import entries as m
from deliberation.state import of as deliberation_of
from tests.factories.later_rules import NOTICE, THREE
from tests.first_day import FIRST_DAY
from tests.invented_keys import keys
from tests.invented_levels import levels
from voting import entries as v
from voting.state import of as voting_of

START = 29_529_600 + 9 * 60


class Invention:
    """A chapter whose people do what comes to their minds; what the rules refuse leaves nothing.

    It begins under the draft and may adopt the later rules that tests make up.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        public = self.dice.randbytes(32)
        self.log_id = note.log_id(public)
        self.course = Course.begin(THREE, 0, self.log_id)
        self.entries: list[Entry[Any]] = []
        self.now = START
        self.voices: dict[tuple[str, str], str] = {}
        self.rows: dict[tuple[str, str], str] = {}
        self._found(public)

    @property
    def state(self) -> State:
        """What the rules know now."""
        return self.course.state

    def _id(self) -> str:
        return id_of(self.dice.randbytes(16))

    def _hash(self) -> str:
        return self.dice.randbytes(32).hex()

    def act(
        self, role: As, own_id: str, body: Body, texts: int = 0, proof: Proof | None = None
    ) -> bool:
        """Hand in an act with so many new texts; tell whether it was accepted."""
        content = tuple(self._hash() for _ in range(texts))
        act: Act[Any] = Act(
            body.kind, By(role, own_id), self.dice.randbytes(16).hex(), body, content, proof
        )
        if not self.course.procedure.kinds[body.kind].early:
            self.pass_time(0)
        result = self.course.act(act, tick_of(self.state.record, self.now))
        if isinstance(result, Refusal):
            return False
        self.entries.extend(result)
        return True

    def pass_time(self, minutes: int) -> None:
        """Let time pass, and happen what is due."""
        self.now += minutes
        for entries in self.course.due(tick_of(self.state.record, self.now)):
            self.entries.extend(entries)

    def _found(self, public: bytes) -> None:
        template = TEMPLATES[self.dice.choice(sorted(TEMPLATES))]
        bylaws = msgspec.structs.replace(template, **FIRST_DAY)
        founder, *others = (self._id() for _ in range(3))
        founded = c.Founded(0, CHARTER_HASH, "town", bylaws, public.hex(), self._hash(), founder)
        assert self.act(As.MEMBER, founder, founded, 1)
        for one in others:
            assert self.act(As.MEMBER, one, c.Joined(one, self._hash()))
        everyone = (founder, *others)
        for one in everyone:
            met = tuple(other for other in everyone if other != one)
            assert self.act(As.MEMBER, one, c.FounderConfirmed(met))
        until = when(self.now + 200 * DAY)
        roles: tuple[c.Role, ...] = ("lead", "facilitator", "verifier", "verifier")
        holders = (founder, others[0], others[0], others[1])
        terms = tuple(
            c.OfficeTerm(self._id(), role, member, until)
            for role, member in zip(roles, holders, strict=True)
        )
        assert self.act(As.MEMBER, founder, c.Constituted(everyone, terms))

    def live(self, steps: int) -> None:
        """Let so many things happen or be tried."""
        for _ in range(steps):
            self.dice.choice(
                (
                    *[self._grow] * 3,
                    self._shrink,
                    self._name,
                    *[self._propose] * 2,
                    *[self._speak] * 8,
                    *[self._react] * 4,
                    *[self._vote] * 5,
                    self._follow_up,
                    *[self._stand] * 4,
                    *[self._levels] * 4,
                    *[self._keys] * 3,
                    self._carry,
                    self._erase,
                    self._hide,
                    self._wait,
                    self._import,
                    self._outage,
                    self._renew,
                )
            )()

    def _levels(self) -> None:
        levels(self)

    def _keys(self) -> None:
        keys(self)

    def _members(self, state: str = "active") -> list[str]:
        return [one for one, m in chapter_of(self.state).members.items() if m.state == state]

    def _matters(self) -> list[str]:
        return list(deliberation_of(self.state).proposals)

    def _pick(self, items: Any) -> Any:
        listed = list(items)
        return self.dice.choice(listed) if listed else self._id()

    def _office(self, role: str) -> str:
        offices = chapter_of(self.state).offices
        return next((one for one, office in offices.items() if office.role == role), self._id())

    def _voice(self, member: str, matter: str) -> str:
        return self.voices.setdefault((member, matter), self._id())

    def _row(self, member: str, matter: str) -> str:
        return self.rows.setdefault((member, matter), self._id())

    def _grow(self) -> None:
        new = self._id()
        if self.dice.random() < 0.5:
            self.act(As.MEMBER, new, c.Joined(new, self._hash()))
        else:
            self.act(As.MEMBER, new, c.Applied(new))
            if self.dice.random() < 0.7:
                self.act(As.OFFICE, self._office("lead"), c.Admitted(new))

    def _shrink(self) -> None:
        if len(self._members()) > 4 and self.dice.random() < 0.3:
            self.act(As.MEMBER, self._pick(self._members()), c.Left())

    def _name(self) -> None:
        one = self._pick(self._members())
        known = chapter_of(self.state).members.get(one)
        name = None if known is None else known.name
        if name is not None and self.dice.random() < 0.4:
            self.act(As.MEMBER, one, c.DisplayNameErased(name))
        else:
            self.act(As.MEMBER, one, c.DisplayNameSet(5), 1)
        matter = self._pick(self._matters())
        self.act(As.MEMBER, one, c.NameGiven(matter, self._voice(one, matter)))

    def _propose(self) -> None:
        for _ in range(self.dice.randrange(1, 4)):
            self._propose_one()

    def _propose_one(self) -> None:
        bylaws, dice = chapter_of(self.state).bylaws, self.dice
        matter, author = self._id(), self._pick(self._members())
        options, appointment = 0, None
        changes: tuple[Change, ...] = ()
        measure = None
        match dice.randrange(7):
            case 0:
                options = 3
            case 1 | 2:
                field, to = dice.choice((("quorum", dice.randrange(1, 300)), ("tick", 5)))
                changes = (Change(field, getattr(bylaws, field), to),)
            case 3:
                appointment = self._appointment()
            case 4:
                measure = self._measure()
        body = d.Proposed(
            matter,
            "en",
            9,
            9,
            options,
            bylaws.secrecy,
            changes,
            appointment,
            measure=measure,
        )
        self.act(As.VOICE, self._voice(author, matter), body, 2 + options)
        if dice.random() < 0.8:
            for one in self._members():
                self.act(As.VOICE, self._voice(one, matter), d.Supported(matter))

    def _speak(self) -> None:
        matter, own, dice = self._pick(self._matters()), self._id(), self.dice
        by = self._voice(self._pick(self._members()), matter)
        proposal = deliberation_of(self.state).proposals.get(matter)
        known = deliberation_of(self.state).subjects
        match dice.randrange(6):
            case 0:
                self.act(As.VOICE, by, d.Supported(matter))
                if proposal is not None and dice.random() < 0.5:
                    by = self._pick(sorted(proposal.supports))
                    self.act(As.VOICE, by, d.SupportWithdrawn(matter))
            case 1:
                side: Any = dice.choice(("pro", "con"))
                self.act(As.VOICE, by, d.Argued(own, matter, side, 9), 1)
            case 2 if proposal is not None:
                why = 9 if dice.random() < 0.5 else None
                body = d.Revised(matter, proposal.version + 1, 9, 9, reason_length=why)
                texts = 2 + proposal.options + (why is not None)
                self.act(As.VOICE, proposal.author, body, texts)
                if dice.random() < 0.2:
                    self.act(As.VOICE, proposal.author, d.Withdrawn(matter))
            case _:
                on = matter
                for _ in range(dice.randrange(40) if dice.random() < 0.1 else 2):
                    one = self._pick(self._members())
                    voice = self._voice(one, matter)
                    if self.act(As.VOICE, voice, d.Commented(own, on, 9), 1):
                        on, own = own, self._id()
                self.act(As.VOICE, by, d.Commented(own, self._pick(known), 9), 1)

    def _tied(self, matter: str, rows: list[str]) -> None:
        part = chapter_of(self.state).matters[matter]
        new = [row for row in rows if row not in part.rows]
        if new:
            hashes = tuple(sorted(hashlib.sha256(row.encode()).hexdigest() for row in new))
            at = when(tick_of(self.state.record, self.now))
            self.act(As.NODE, self.state.record.node, c.TookPart(matter, "row", at, hashes))

    def _early(self, matter: str, kind: Any, subject: str, values: tuple[int, ...]) -> None:
        self.now += 60
        if not self._members():
            return
        people = self.dice.sample(self._members(), self.dice.randrange(1, len(self._members()) + 1))
        rows = sorted((self._row(one, matter), self.dice.choice(values)) for one in people)
        self._tied(matter, [row for row, _ in rows])
        at = when(tick_of(self.state.record, self.now))
        self.act(As.NODE, self.state.record.node, kind(subject, at, 0, tuple(rows)))
        self.pass_time(0)

    def _react(self) -> None:
        subjects = deliberation_of(self.state).subjects
        subject = self._pick(subjects)
        if subject in subjects:
            self._early(subjects[subject].proposal, d.ReactionsRecorded, subject, (-1, 0, 1))

    def _vote(self) -> None:
        election = self._pick(voting_of(self.state).elections)
        known = voting_of(self.state).elections.get(election)
        if known is None:
            return
        values = (-1, 0, 1, 1, 1) if known.options == 0 else (0, 1, 3, 5)
        if known.secrecy == "roll_call":
            for one in self._members():
                self.act(As.MEMBER, one, v.Cast(election, self.dice.choice(values)))
        else:
            self._early(known.proposal, v.VotesRecorded, election, values)

    def _stand(self) -> None:
        """Refuse, suspend, appeal, judge, lift, resign, come back, have reasons erased."""
        dice, chapter = self.dice, chapter_of(self.state)
        lead, other = self._office("lead"), self._office("verifier")
        match dice.randrange(7):
            case 0:
                new = self._id()
                self.act(As.MEMBER, new, c.Applied(new))
                self.act(As.OFFICE, lead, s.ApplicationRefused(new, self._hash()))
            case 1 | 2:
                own, until = self._id(), when(self.now + dice.randrange(1, 40) * DAY)
                asked = s.SuspensionAsked(own, self._pick(self._members()), until, self._hash())
                self.act(As.OFFICE, lead, asked)
                if dice.random() < 0.8:
                    self.act(As.OFFICE, other, s.Suspended(own))
                if dice.random() < 0.5:
                    self.act(As.MEMBER, asked.member, s.Appealed(own, self._hash()))
                    self.act(As.OFFICE, self._office("facilitator"), s.AppealJudged(own, False))
            case 3:
                own = self._pick(chapter.standing.suspensions)
                found = chapter.standing.suspensions.get(own)
                if found is not None:
                    self.act(As.MEMBER, found.member, s.Appealed(own, self._hash()))
                for office in sorted(chapter.offices):
                    lift = dice.random() < 0.5
                    self.act(As.OFFICE, office, s.AppealJudged(own, lift))
            case 4:
                own = self._pick(chapter.standing.suspensions)
                self.act(As.OFFICE, lead, s.SuspensionLifted(own))
                self.act(As.OFFICE, lead, s.ReasonErased(self._pick(chapter.standing.reasons)))
            case 5:
                own = self._pick(self._members("left"))
                self.act(As.MEMBER, own, s.Reapplied())
                self.act(As.OFFICE, lead, c.Admitted(own))
            case _:
                # Mostly others than the lead, without whom much of this stands still.
                role = "lead" if dice.random() < 0.2 else "facilitator"
                self.act(As.OFFICE, self._office(role), o.OfficeResigned())

    def _carry(self) -> None:
        """Bring decisions about people on their whole way, one after the other on one person."""
        one = self._pick(self._members())
        office = self._office("lead")
        follows = d.Appointment("lead", one, 50 * DAY, after=office)
        courses: tuple[list[dict[str, Any]], ...] = (
            [{"measure": d.Measure("expel", one)}, {"measure": d.Measure("readmit", one)}],
            [{"appointment": follows}, {"measure": d.Measure("remove", office)}],
            [{"measure": self._measure()}],
            [{"appointment": self._appointment()}],
        )
        for effect in self.dice.choice(courses):
            bylaws, matter = chapter_of(self.state).bylaws, self._id()
            author = self._voice(self._pick(self._members()), matter)
            body = d.Proposed(matter, "en", 9, 9, 0, bylaws.secrecy, **effect)
            if not self.act(As.VOICE, author, body, 2):
                return
            for member in self._members():
                self.act(As.VOICE, self._voice(member, matter), d.Supported(matter))
            self.pass_time(bylaws.discussion_time)
            self.pass_time(max(bylaws.notice_time, bylaws.tick) + 60)
            election = deliberation_of(self.state).proposals[matter].election or ""
            if bylaws.secrecy == "roll_call":
                for member in self._members():
                    self.act(As.MEMBER, member, v.Cast(election, 1))
            else:
                for _ in range(4):
                    self._early(matter, v.VotesRecorded, election, (1,))
            if "appointment" in effect and self.dice.random() < 0.4:
                self.act(As.MEMBER, effect["appointment"].member, c.Left())
            self.pass_time(bylaws.vote_time)

    def _measure(self) -> d.Measure:
        chapter, dice = chapter_of(self.state), self.dice
        match dice.randrange(4):
            case 0:
                return d.Measure("remove", self._pick(chapter.offices))
            case 1:
                return d.Measure("expel", self._pick(self._members()))
            case 2:
                return d.Measure("readmit", self._pick(self._members("expelled")))
            case _:
                return d.Measure("lift", self._pick(chapter.standing.suspensions))

    def _appointment(self) -> d.Appointment:
        member = self._pick(self._members())
        if self.dice.random() < 0.4:
            return d.Appointment("verifier", member, 50 * DAY)
        before = self._office("lead")
        place = {"after": before} if self.dice.random() < 0.6 else {"instead": before}
        return d.Appointment("lead", member, 50 * DAY, **place)

    def _follow_up(self) -> None:
        lead, matter = self._office("lead"), self._pick(self._matters())
        task = self._id()
        self.act(As.OFFICE, lead, d.TaskSet(task, matter, when(self.now + 9 * DAY), 9), 1)
        if self.dice.random() < 0.5:
            self.act(As.OFFICE, lead, d.TaskDone(task))
        self.act(As.OFFICE, lead, d.OutcomeRecorded(self._id(), matter, "success", "yes", 9, 9), 2)
        keys = (self._hash(), self._hash())
        number = chapter_of(self.state).stewards_number + 1
        self.act(As.OFFICE, lead, c.StewardsNamed(number, keys, 1))

    def _erase(self) -> None:
        known = deliberation_of(self.state)
        of = self._pick([*known.subjects, *known.proposals, *known.cards])
        words: tuple[str, ...] = ()
        if of in known.subjects:
            words = (known.subjects[of].words,)
        elif of in known.proposals:
            words = tuple(known.proposals[of].older_words)[:1] or known.proposals[of].words[:1]
        elif of in known.cards:
            words = known.cards[of]
        urgent: Literal["law"] | None = "law" if self.dice.random() < 0.5 else None
        self.act(As.OFFICE, self._office("lead"), d.WordsErased(of, words, "a reason", urgent))

    def _hide(self) -> None:
        """Hide words; perhaps their author appeals, others judge, or who hid them takes it back."""
        known, dice = deliberation_of(self.state), self.dice
        of = self._pick([*known.subjects, *known.proposals])
        words: tuple[str, ...] = ()
        if of in known.subjects:
            words = (known.subjects[of].words,)
        elif of in known.proposals:
            words = known.proposals[of].words
        hiding = self._id()
        body = m.WordsHidden(hiding, of, words, "a reason")
        if not self.act(As.OFFICE, self._office("facilitator"), body):
            return
        author = known.moderation.hidings[hiding].author
        # What was imported was written by no voice.
        if dice.random() < 0.7 and author:
            self.act(As.VOICE, author, m.HidingAppealed(hiding, 9), 1)
        for role in ("lead", "verifier", "facilitator"):
            if dice.random() < 0.5:
                judged = m.HidingJudged(hiding, dice.random() < 0.5)
                self.act(As.OFFICE, self._office(role), judged)
        if dice.random() < 0.2:
            self.act(As.OFFICE, self._office("facilitator"), m.HidingLifted(hiding))

    def _wait(self) -> None:
        self.pass_time(self.dice.randrange(1, 6 * DAY))

    def _renew(self) -> None:
        """Adopt newer rules, for once with everybody's help."""
        now, bylaws, dice = self.state.record.rules, chapter_of(self.state).bylaws, self.dice
        members = self._members()
        if now == max(THREE) or not members or dice.random() < 0.5:
            return
        rules = Adoption(now, dice.randint(now + 1, max(THREE)))
        matter = self._id()
        body = d.Proposed(matter, "en", 9, 9, 0, bylaws.secrecy, rules=rules)
        self.act(As.VOICE, self._voice(members[0], matter), body, 2)
        for one in members:
            self.act(As.VOICE, self._voice(one, matter), d.Supported(matter))
        self.pass_time(bylaws.discussion_time)
        self.pass_time(NOTICE * bylaws.notice_time + 60)
        election = deliberation_of(self.state).proposals[matter].election or self._id()
        for one in self._members():
            self.act(As.MEMBER, one, v.Cast(election, 1))
        self._early(matter, v.VotesRecorded, election, (1,))
        self.pass_time(bylaws.vote_time)

    def _import(self) -> None:
        if self.dice.random() < 0.7:
            return
        node, matter, statement = self.state.record.node, self._id(), self._id()
        people = tuple(self._id() for _ in range(4))
        self.act(As.NODE, node, c.MembersImported("elsewhere", len(self.entries), people))
        self.act(As.NODE, node, d.ConversationImported(matter, "elsewhere", "en", 9, 9), 2)
        said = d.StatementImported(statement, matter, people[0], "2020-01-01", True, 9)
        self.act(As.NODE, node, said, 1)
        for day in ("2020-01-02", "2020-01-03"):
            rows = tuple(sorted((one, self.dice.choice((-1, 0, 1))) for one in people[1:]))
            self.act(As.NODE, node, d.ReactionsImported(statement, day, 0, rows))

    def _outage(self) -> None:
        if self.dice.random() < 0.7:
            return
        start = self.state.record.at
        self.now = max(self.now, start) + self.dice.randrange(60, 9 * DAY)
        end = tick_of(self.state.record, self.now)
        self.act(As.NODE, self.state.record.node, time.Outage(when(start), when(end)))
        self.pass_time(0)
