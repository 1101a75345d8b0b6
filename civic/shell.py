"""What the book needs of the domains: papers behind ids, boxes, erased words, visibility."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import chapters.entries
import chapters.standing.entries
import chapters.texts
import deliberation.entries
import deliberation.texts
import voting.entries
from chapters.keys.entries import ActDisowned
from chapters.papers import (
    OTHER_VOICE,
    PAPER_BROKEN,
    PAPER_MISSING,
    Tie,
    check_former_tie,
    check_present_tie,
    check_tie,
    read_paper,
)
from chapters.participation import ROW_COUNT, count_refusal, row_count
from chapters.state import of as chapter_of
from civic.kernel.keys import verify
from civic.kernel.record.content_audit import Text
from civic.kernel.record.entry import Act, As, Body, Entry, Malformed, key_id, row_message
from civic.kernel.record.rules import BAD_SIGNATURE, WRONG_ID_KEY, Procedure, State
from civic.kernel.record.submission import BoxPlace, BoxRow
from civic.kernel.refusal import Refusal, code
from civic.procedure import VERSIONS
from deliberation.languages import by_language, given
from deliberation.matters import has_ended, matter_of_body, matter_of_subject
from deliberation.moderation.entries import HidingAppealed, HidingEnded, WordsHidden
from deliberation.papers import level_refusal
from deliberation.speaking import reaction_refusal
from deliberation.state import of as deliberation_of
from voting.rules import CLOSED, NOT_ON_ROLL, on_roll, vote_refusal
from voting.state import of as voting_of

RULES_NOT_HERE: Final = code(
    "request.rules_not_here", "This node does not have the version of the rules to be adopted."
)


def _reactions(
    subject: str, tick: str, batch: int, rows: Sequence[tuple[str, int]], proofs: Sequence[Any]
) -> Body:
    return deliberation.entries.ReactionsRecorded(subject, tick, batch, tuple(rows), tuple(proofs))


def _votes(
    subject: str, tick: str, batch: int, rows: Sequence[tuple[str, int]], proofs: Sequence[Any]
) -> Body:
    return voting.entries.VotesRecorded(subject, tick, batch, tuple(rows), tuple(proofs))


_TEXTS: Final = {**chapters.texts.TEXTS.texts, **deliberation.texts.TEXTS.texts}


class Chapters:
    """The domains as the book sees them; `versions` are the rules that this node has."""

    def __init__(self, versions: Mapping[int, Procedure] = VERSIONS) -> None:
        self._versions = versions

    def voice(self, act: Act[Any]) -> str | None:
        """Return the voice that acts, or to which a member gives their name."""
        if isinstance(act.body, chapters.entries.NameGiven):
            return act.body.voice
        return act.by.id if act.by.as_ is As.VOICE else None

    def guard(self, state: State, act: Act[Any], tie: bytes | None) -> Refusal | None:
        """Check that a present member of sufficient level stands behind a voice."""
        body = act.body
        if isinstance(body, chapters.entries.NameGiven):
            own = self._tie(state, "voice", body.voice, body.matter, tie)
            if isinstance(own, Refusal):
                return own
            return None if own.member == act.by.id else Refusal(OTHER_VOICE)
        matter = matter_of_body(state, body)
        # Who left can still have their words erased: that is how an account's end is finished. Who
        # is suspended can still say that an act was not theirs.
        check = check_tie
        if isinstance(body, deliberation.entries.WordsErased):
            check = check_former_tie
        elif isinstance(body, ActDisowned | HidingAppealed):
            check = check_present_tie
        known = self._tie(state, "voice", act.by.id, matter, tie, check)
        if isinstance(known, Refusal):
            return known
        return level_refusal(state, known, act.body) or self._rules_refusal(state, body)

    def _rules_refusal(self, state: State, body: Body) -> Refusal | None:
        """Refuse what would let the record go on under rules that this node does not have.

        The rules themselves cannot know which later versions there will be.
        """
        if not isinstance(body, deliberation.entries.Proposed | deliberation.entries.Revised):
            return None
        rules = body.rules
        if rules is None or rules.to in self._versions:
            return None
        later = ", ".join(str(one) for one in sorted(self._versions) if one > state.record.rules)
        return Refusal(RULES_NOT_HERE, {"asked": rules.to, "here": later or "–"})

    def texts(self, act: Act[Any]) -> Sequence[Text]:
        """Return the words an act names, with what it states of them."""
        texts = _TEXTS.get(act.kind)
        # Tables are written for entries, which have all that an act has.
        return () if texts is None else texts(cast("Entry[Any]", act))

    def titles(self, act: Act[Any]) -> Sequence[str]:
        """Return the hashes of the titles and names among the words an act names."""
        match act.body:
            case chapters.entries.Founded() | chapters.entries.DisplayNameSet():
                return act.content
            case deliberation.entries.Proposed() | deliberation.entries.Revised():
                # In each language a title, a text, then a label for each option.
                texts = given(act.body, act.content).texts
                wordings = by_language(texts, 1 + len(act.body.also))
                return [one for own in wordings for one in (*own[:1], *own[2:])]
            case deliberation.entries.ConversationImported():
                return act.content[:1]
            case _:
                return ()

    def guard_row(self, state: State, row: BoxRow, tie: bytes | None) -> Refusal | None:
        """Check that a member who may react or vote stands behind a row, and its signature."""
        place = self.box_place(state, row.subject)
        known = self._tie(state, "row", row.row, place.matter if place else None, tie)
        if isinstance(known, Refusal):
            return known
        election = voting_of(state).elections.get(row.subject)
        if election is not None and not on_roll(
            election, known.member, chapter_of(state).members[known.member]
        ):
            return Refusal(NOT_ON_ROLL)
        if row.proof is None:
            return None
        public = bytes.fromhex(row.proof.public_key)
        if key_id(public) != row.row:
            return Refusal(WRONG_ID_KEY)
        message = row_message(state.record.log_id, row.subject, row.row, row.count, row.value)
        good = verify(public, message, bytes.fromhex(row.proof.signature))
        return None if good else Refusal(BAD_SIGNATURE)

    def _tie(
        self,
        state: State,
        of: str,
        own_id: str,
        matter: str | None,
        raw: bytes | None,
        check: Callable[[State, Tie], Refusal | None] = check_tie,
    ) -> Tie | Refusal:
        if raw is None:
            return Refusal(PAPER_MISSING)
        try:
            tie = read_paper(raw)
        except Malformed:
            return Refusal(PAPER_BROKEN)
        if (
            not isinstance(tie, Tie)
            or tie.of != of
            or tie.id != own_id
            or (matter is not None and tie.matter != matter)
        ):
            return Refusal(PAPER_BROKEN)
        return check(state, tie) or tie

    def box_refusal(self, state: State, row: BoxRow, now: int) -> Refusal | None:
        """Say why a row may not go into its box, or None; a box closes at its deadline."""
        if row.subject in voting_of(state).elections:
            deadline = state.record.deadlines.get(row.subject)
            if deadline is not None and deadline.minute <= now:
                return Refusal(CLOSED)
            signed = row.proof is not None
            refused = vote_refusal(state, row.subject, row.value, signed=signed)
        else:
            refused = reaction_refusal(state, row.subject, row.value, now)
        return refused or self.count_refusal(self.row_count(state, row.subject, row.row), row)

    def row_count(self, state: State, subject: str, row: str) -> int:
        """Return the count of a row's last signed value about a subject on record, or 0."""
        election = voting_of(state).elections.get(subject)
        matter = matter_of_subject(state, subject) if election is None else election.proposal
        return 0 if matter is None else row_count(state, matter, subject, row)

    def count_refusal(self, last: int, row: BoxRow) -> Refusal | None:
        """Say why a row may not follow a value of its own with a count (0: unsigned), or None."""
        if row.proof is not None and not row.count:
            return Refusal(ROW_COUNT, {"last": last, "given": 0})
        return count_refusal(last, row.count if row.proof is not None else 0)

    def box_place(self, state: State, subject: str) -> BoxPlace | None:
        """Return where the box of an argument, comment or vote belongs."""
        election = voting_of(state).elections.get(subject)
        if election is not None:
            return BoxPlace(election.proposal, subject, _votes)
        matter = matter_of_subject(state, subject)
        if matter is None:
            return None
        election_id = deliberation_of(state).proposals[matter].election
        return BoxPlace(matter, election_id or matter, _reactions)

    def ended(self, state: State, matter: str) -> bool:
        """Tell whether a matter is over for ever."""
        return has_ended(state, matter)

    def took_part(self, matter: str, of: str, tick: str, hashes: Sequence[str]) -> Body:
        """Return the entry that records ties of a matter."""
        kind = cast("Any", of)
        return chapters.entries.TookPart(matter, kind, tick, tuple(hashes))

    def erased(self, state: State, entry: Entry[Any]) -> Sequence[str]:
        """Return the hashes of the words that an entry erases."""
        match entry.body:
            case deliberation.entries.WordsErased(words=words):
                return words
            case chapters.entries.DisplayNameErased(words=digest):
                return (digest,)
            case chapters.standing.entries.ReasonErased(paper=digest):
                return (digest,)
            case _:
                return ()

    def hidden(self, entry: Entry[Any]) -> Sequence[str]:
        """Return the hashes of the words that an entry hides."""
        return entry.body.words if isinstance(entry.body, WordsHidden) else ()

    def shown(self, entry: Entry[Any]) -> Sequence[str]:
        """Return the hashes of hidden words that an entry shows again."""
        return entry.body.shown if isinstance(entry.body, HidingEnded) else ()

    def visibility(self, state: State) -> str:
        """Return who reads the whole record under the bylaws in force."""
        return chapter_of(state).bylaws.visibility

    def turned(self, state: State) -> int:
        """Return how often something happened with a member's key."""
        return chapter_of(state).turned
