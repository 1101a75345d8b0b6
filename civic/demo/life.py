"""The life of one proposal of the demonstration: from its author's idea to an outcome card."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from chapters.bylaws import DAY, YEAR
from chapters.state import of as chapter_of
from civic.deeds import chapter as chapter_deeds
from civic.deeds import moderating
from civic.deeds import proposal as deeds
from civic.deeds.person import Person
from civic.demo.cast import Player, accepted
from civic.demo.stage import Stage
from civic.demo.story import Argument, Comment, Proposal
from civic.kernel.refusal import Refusal
from deliberation.entries import Appointment, Measure
from deliberation.phases import WRONG_PHASE
from deliberation.state import Proposal as Standing
from deliberation.state import bylaws_of, of, support_needed

SPARED: Final = 9
"""Members with lower numbers do not support or vote in what is open now: visitors may, as them."""
LATE: Final = 0.35
"""Part of the voting time in which people still comment."""


class Life:
    """One proposal while its chapter's story is played."""

    def __init__(self, stage: Stage, plot: Proposal, present: int) -> None:
        self.stage = stage
        self.plot = plot
        self.random = Random(f"civic demo {stage.story.slug} {plot.slug}")  # noqa: S311
        self.id = ""
        self.phase = ""
        self.author: Player
        begins = present + plot.begins * DAY
        stage.agenda.at(begins, self._propose)

    @property
    def standing(self) -> Standing:
        """The proposal as the rules know it."""
        return of(self.stage.loaded.state).proposals[self.id]

    @property
    def _length(self) -> int:
        return bylaws_of(self.stage.loaded.state, self.standing).discussion_time

    def _lot(self, count: int, *others: Player) -> list[Player]:
        """Draw members other than some, sparing visitors where the matter is still open."""
        spared = SPARED if self.plot.ends in ("support", "discussion", "vote", "notice") else 0
        free = [one for one in self.stage.members() if one.number >= spared and one not in others]
        return self.random.sample(free, min(count, len(free)))

    async def _propose(self) -> None:
        stage, plot = self.stage, self.plot
        self.author = self._lot(1)[0] if plot.author is None else stage.players[plot.author]
        appointed = plot.appointment
        appointment = None
        if appointed is not None:
            member = stage.players[appointed.member].who.member
            appointment = Appointment(appointed.office, member, appointed.days * DAY)
        measure = None
        if plot.measure is not None:
            held = stage.held(plot.measure.remove, plot.measure.member)
            measure = Measure("remove", held)
        made = accepted(
            await deeds.propose(
                stage.desk,
                self.author.who,
                title=plot.title,
                text=plot.text.strip(),
                lang="en",
                idempotency=f"propose/{plot.slug}",
                secrecy=chapter_of(stage.loaded.state).bylaws.secrecy,
                options=plot.options,
                changes=plot.changes,
                appointment=appointment,
                measure=measure,
                also=[
                    deeds.Wording(one.lang, one.title, one.text.strip(), one.options)
                    for one in plot.also
                ],
            )
        )
        self.id, self.phase = made.id, "support"
        self._plan_supports()
        if plot.named:
            stage.agenda.at(stage.now + 60, self._give_name)
        if plot.withdrawn is not None:
            stage.agenda.at(stage.now + plot.withdrawn * DAY, self._withdraw)
        if plot.ends in ("support", "lapsed"):
            self._plan_talk(stage.now, self._length, stage.now + 10 * DAY)

    def _plan_supports(self) -> None:
        stage, plot = self.stage, self.plot
        bylaws = bylaws_of(stage.loaded.state, self.standing)
        if plot.supports is not None:
            count, most = plot.supports, plot.supports
            days = -plot.begins * 0.8 if plot.ends == "support" else 6.0
        else:
            # More are needed if more members come in meanwhile.
            count = support_needed(stage.loaded.state, self.standing)
            share = -(-bylaws.support_share * len(stage.players) // 1000)
            most = max(count, share)
            days = stage.story.support_days
        for number, one in enumerate(self._lot(most, self.author), 1):
            later = max(0, number - count) * 0.2
            when = stage.now + (days * min(number / count, 1.0) + later) * DAY
            stage.agenda.at(when, self._support, one)

    async def _support(self, player: Player) -> None:
        if self.standing.phase != "support":
            return
        key = f"support/{self.id}"
        outcome = await deeds.support(self.stage.desk, player.who, self.id, key)
        # Others of the same moment may have been enough.
        if not (isinstance(outcome, Refusal) and outcome.code == WRONG_PHASE):
            accepted(outcome)

    async def _give_name(self) -> None:
        stage, voice = self.stage, self.standing.author
        who = self.author.who
        accepted(await chapter_deeds.set_name(stage.desk, who, self.author.name, "be", "by-name"))
        key = f"named/{self.id}"
        accepted(await chapter_deeds.give_name(stage.desk, who, self.id, voice, key))

    async def _withdraw(self) -> None:
        key = f"withdraw/{self.id}"
        accepted(await deeds.withdraw(self.stage.desk, self.author.who, self.id, key))

    def look(self) -> None:
        """Notice a new phase and plan what people do in it."""
        if not self.id or self.standing.phase == self.phase:
            return
        before, self.phase = self.phase, self.standing.phase
        if before == "support" and self.phase == "discussion":
            self._plan_discussion()
        elif self.phase == "vote":
            self._plan_votes()
        elif self.phase in ("decided", "lapsed", "withdrawn"):
            self._plan_after()

    def _plan_discussion(self) -> None:
        stage, plot = self.stage, self.plot
        bylaws = bylaws_of(stage.loaded.state, self.standing)
        until = stage.now + bylaws.discussion_time + bylaws.notice_time + LATE * bylaws.vote_time
        if plot.withdrawn is not None:
            until = stage.now + (plot.withdrawn - stage.story.support_days - 0.6) * DAY
        self._plan_talk(stage.now, bylaws.discussion_time, int(until))
        if plot.revision is not None:
            stage.agenda.at(stage.now + plot.revision.after * DAY, self._revise)

    def _plan_talk(self, start: int, length: int, until: int) -> None:
        # What was drawn for a long discussion must also fit into one that ends early.
        length = min(length, until - start)
        said: Sequence[Comment] = (*self.plot.arguments, *self.plot.comments)
        for number, one in enumerate(said):
            share = 0.5 if isinstance(one, Argument) else 0.8
            when = start + length * self.random.uniform(0.02, share)
            if one.after is not None:
                when = start + one.after * DAY
            say = self._saying(one, self.id, f"{number}", length, until)
            self.stage.agenda.at(when, say, before=until)

    def _saying(self, what: Comment, on: str, path: str, length: int, until: int) -> Any:
        async def say() -> None:
            stage = self.stage
            speaker = self.author if what.by == "author" else self._lot(1, self.author)[0]
            key = f"say/{self.id}/{path}"
            who, text = speaker.who, what.text.strip()
            if isinstance(what, Argument):
                outcome = await deeds.argue(stage.desk, who, self.id, what.side, text, "en", key)
            else:
                outcome = await deeds.comment(stage.desk, who, self.id, on, text, "en", key)
            own = accepted(outcome).id
            self._plan_reactions(own, what, speaker, length, until)
            when = float(stage.now)
            for number, reply in enumerate(what.replies):
                when += length * self.random.uniform(0.03, 0.12)
                again = self._saying(reply, own, f"{path}.{number}", length, until)
                stage.agenda.at(when, again, before=until)
            when = stage.now + 0.5 * DAY
            if what.moderated is not None:
                stage.agenda.at(when, self._moderate, own, what, speaker)
            elif what.erased:
                stage.agenda.at(when, self._erase, own, speaker)

        return say

    def _plan_reactions(
        self, subject: str, what: Comment, speaker: Player, length: int, until: int
    ) -> None:
        stage = self.stage
        values = [
            value for value, n in zip((1, -1, 0), what.reactions, strict=True) for _ in range(n)
        ]
        for one, value in zip(self._lot(len(values), speaker), values, strict=False):
            when = stage.now + length * self.random.triangular(0.02, 0.6, 0.1)
            stage.agenda.at(when, self._react, subject, one, value, before=until)

    async def _react(self, subject: str, player: Player, value: int) -> None:
        if player.since is not None:
            stage = self.stage
            accepted(await deeds.fill_box(stage.desk, player.who, self.id, subject, value))

    async def _erase(self, subject: str, speaker: Player) -> None:
        stage = self.stage
        words = [of(stage.loaded.state).subjects[subject].words]
        key = f"erase/{subject}"
        accepted(await deeds.erase(stage.desk, speaker.who, self.id, subject, words, key))

    async def _moderate(self, subject: str, what: Comment, speaker: Player) -> None:
        stage, (person, office) = self.stage, self.stage.office("facilitator")
        words = [of(stage.loaded.state).subjects[subject].words]
        outcome = await moderating.hide(
            stage.desk, person, office, subject, words, what.moderated or "", f"hide/{subject}"
        )
        hiding = accepted(outcome).id
        if what.appeal is not None:
            stage.agenda.at(stage.now + 0.3 * DAY, self._plead, hiding, what, speaker)
            for number, judge in enumerate(stage.judges(person, speaker.who)[:2]):
                when = stage.now + (0.8 + 0.4 * number) * DAY
                stage.agenda.at(when, self._judge, hiding, what, judge)

    async def _plead(self, hiding: str, what: Comment, speaker: Player) -> None:
        key = f"plead/{hiding}"
        accepted(
            await moderating.appeal(
                self.stage.desk, speaker.who, self.id, hiding, what.appeal or "", "en", key
            )
        )

    async def _judge(self, hiding: str, what: Comment, judge: tuple[Person, str]) -> None:
        person, office = judge
        key = f"judge/{hiding}"
        accepted(
            await moderating.judge(self.stage.desk, person, office, hiding, not what.upheld, key)
        )

    async def _revise(self) -> None:
        plot = self.plot
        assert plot.revision is not None
        texts = [plot.title, plot.revision.text.strip(), *plot.options]
        key = f"revise/{self.id}"
        accepted(
            await deeds.revise(
                self.stage.desk,
                self.author.who,
                self.id,
                self.standing.version + 1,
                texts,
                "en",
                key,
                reason=plot.revision.reason,
            )
        )

    def _plan_votes(self) -> None:
        stage = self.stage
        election = self.standing.election or ""
        length = bylaws_of(stage.loaded.state, self.standing).vote_time
        closes = stage.loaded.state.record.deadlines[election].minute
        values = self.plot.answers()
        self.random.shuffle(values)
        for one, value in zip(self._lot(len(values)), values, strict=True):
            # Most vote soon after the vote opens, some at the last moment.
            when = stage.now + length * self.random.betavariate(0.9, 1.4)
            stage.agenda.at(when, self._vote, election, one, value, before=closes)

    async def _vote(self, election: str, player: Player, value: int) -> None:
        desk, who = self.stage.desk, player.who
        if self.standing.secrecy == "pseudonymous":
            accepted(await deeds.fill_box(desk, who, self.id, election, value))
        else:
            accepted(await deeds.cast(desk, who, election, value, f"vote/{election}"))

    def _plan_after(self) -> None:
        stage, plot, over = self.stage, self.plot, self.stage.now
        for number, task in enumerate(plot.tasks):
            stage.agenda.at(over + task.set * DAY, self._set_task, number, over)
        if plot.card is not None:
            stage.agenda.at(over + plot.card.after * DAY, self._card)

    async def _set_task(self, number: int, over: int) -> None:
        stage, task = self.stage, self.plot.tasks[number]
        person, office = stage.office("lead")
        until = min(over + round(task.until * DAY), stage.now + YEAR)
        key = f"task/{self.id}/{number}"
        made = await deeds.set_task(
            stage.desk, person, office, self.id, task.text, "en", until, key
        )
        own = accepted(made).id
        if task.done is not None:
            stage.agenda.at(over + task.done * DAY, self._finish, own)

    async def _finish(self, task: str) -> None:
        person, office = self.stage.office("facilitator")
        key = f"finish/{task}"
        accepted(await deeds.finish_task(self.stage.desk, person, office, task, key))

    async def _card(self) -> None:
        stage, card = self.stage, self.plot.card
        assert card is not None
        person, office = stage.office("facilitator")
        accepted(
            await deeds.record_outcome(
                stage.desk,
                person,
                office,
                self.id,
                result=card.result,
                again=card.again,
                expected=card.expected,
                happened=card.happened,
                lang="en",
                idempotency=f"card/{self.id}",
            )
        )
