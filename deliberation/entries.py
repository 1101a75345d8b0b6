"""What the deliberation domain may write into a record (docs/protocol/record.md, section 7)."""

from typing import Annotated, Literal

import msgspec

from chapters.bylaws import Change
from chapters.entries import Role
from chapters.participation import Row, RowProof
from chapters.standing.expulsion import Do
from civic.kernel.record.adoption import Adoption
from civic.kernel.record.entry import Body, Count, Day, Hash, Id, Ref, When

TitleLength = Annotated[int, msgspec.Meta(ge=3, le=200)]
TextLength = Annotated[int, msgspec.Meta(ge=1, le=20_000)]
WordsLength = Annotated[int, msgspec.Meta(ge=1, le=5_000)]
ReasonLength = Annotated[int, msgspec.Meta(ge=1, le=500)]
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=35)]
Source = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Result = Literal["success", "standstill", "failure"]
Again = Literal["yes", "with_changes", "no"]
Urgent = Literal["personal_data", "safety", "law"]
"""Why words cannot wait: they tell what is others' to tell, endanger somebody, or break a law."""


class Appointment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An office that a decision gives to a member, for so many minutes from when it begins.

    It takes over from an office in force: `instead` of it, by the decision itself, or `after` it,
    when that one ends. Without either the office is one more.
    """

    office: Role
    member: Ref
    term: Annotated[int, msgspec.Meta(ge=60, le=366 * 24 * 60)]
    instead: Ref | None = None
    after: Ref | None = None


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a decision does about people: `remove` the office `of`, `expel` or `readmit` the member
    `of`, or `lift` the suspension `of`.
    """

    do: Do
    of: Ref


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same text in a further language, which does not bind: its language and lengths."""

    lang: Language
    title_length: TitleLength
    text_length: TextLength


Also = Annotated[tuple[Wording, ...], msgspec.Meta(max_length=7)]


class Proposed(Body, frozen=True):
    """A proposal. By its author's voice. Content: title, text, then a label for each option.

    The text in `lang` binds. What is given `also` in further languages follows in the content, in
    the same order: title, text and labels of one language after those of the other.

    `options` is 0 for a vote on yes, no or abstain, else the number of options to be approved.
    `changes`, `appointment`, `rules` and `measure` are what the decision does by itself.
    """

    kind = "deliberation.proposed"
    id: Id
    lang: Language
    title_length: TitleLength
    text_length: TextLength
    options: Annotated[int, msgspec.Meta(ge=0, le=20)]
    secrecy: Literal["roll_call", "pseudonymous"]
    changes: Annotated[tuple[Change, ...], msgspec.Meta(max_length=20)] = ()
    appointment: Appointment | None = None
    rules: Adoption | None = None
    measure: Measure | None = None
    also: Also = ()


class Supported(Body, frozen=True):
    """A voice wants the proposal to be discussed."""

    kind = "deliberation.supported"
    proposal: Ref


class SupportWithdrawn(Body, frozen=True):
    """A voice took its support back."""

    kind = "deliberation.support_withdrawn"
    proposal: Ref


class DiscussionOpened(Body, frozen=True):
    """Enough support: the proposal is discussed until a moment."""

    kind = "deliberation.discussion_opened"
    proposal: Ref
    until: When


class Lapsed(Body, frozen=True):
    """The proposal did not find enough support in time: standstill."""

    kind = "deliberation.lapsed"
    proposal: Ref


class Argued(Body, frozen=True):
    """An argument for or against. By a voice. Content: the words."""

    kind = "deliberation.argued"
    id: Id
    proposal: Ref
    side: Literal["pro", "con"]
    length: WordsLength


class Commented(Body, frozen=True):
    """A comment on a proposal, an argument or another comment. By a voice. Content: the words."""

    kind = "deliberation.commented"
    id: Id
    on: Ref
    length: WordsLength


class Revised(Body, frozen=True):
    """The author gave the proposal a new text. Content as for `Proposed`.

    The binding language stays; what a revision does not give `also` is given no more. `changes`,
    `appointment`, `rules` or `measure`, where one is given, replace what the decision does by
    itself. Where `reason_length` is given, why the text changed comes last in the content.
    """

    kind = "deliberation.revised"
    proposal: Ref
    version: Count
    title_length: TitleLength
    text_length: TextLength
    changes: Annotated[tuple[Change, ...], msgspec.Meta(max_length=20)] | None = None
    appointment: Appointment | None = None
    rules: Adoption | None = None
    measure: Measure | None = None
    also: Also = ()
    reason_length: ReasonLength | None = None


class Withdrawn(Body, frozen=True):
    """The author withdrew the proposal, or its words were erased."""

    kind = "deliberation.withdrawn"
    proposal: Ref


class ReactionsRecorded(Body, frozen=True):
    """Reactions to an argument or comment, by row ids: 1 agree, -1 disagree, 0 pass."""

    kind = "deliberation.reactions_recorded"
    subject: Ref
    tick: When
    batch: Count
    rows: Annotated[tuple[Row, ...], msgspec.Meta(min_length=1)]
    proofs: tuple[RowProof, ...] = ()


class Frozen(Body, frozen=True):
    """The text is fixed; its words (the content) are evidence from here on. The vote follows.

    Where it is given in several languages, `binding` names the one that counts and `also` the
    others, in the order of the content.
    """

    kind = "deliberation.frozen"
    proposal: Ref
    version: Count
    vote_from: When
    binding: Language | None = None
    also: tuple[Language, ...] = ()


class VoteCalled(Body, frozen=True):
    """The proposal is put to a vote: `election` is the id of the vote."""

    kind = "deliberation.vote_called"
    proposal: Ref
    election: Ref
    until: When


class Decided(Body, frozen=True):
    """What the vote led to. For a vote on options, `winners` are those approved (from 0).

    `on` is the moment at which the vote closed: effects and new dates are reckoned from it, however
    late the node got to record it.
    """

    kind = "deliberation.decided"
    proposal: Ref
    election: Ref
    outcome: Literal["accepted", "rejected", "no_quorum"]
    on: When
    winners: tuple[Count, ...] = ()


class Returned(Body, frozen=True):
    """The decision could not take effect; the proposal is discussed again until a moment."""

    kind = "deliberation.returned"
    proposal: Ref
    until: When


class WordsErased(Body, frozen=True):
    """Words were erased: by their author, or by an office with a public reason.

    An office erases what members said once it is settled that it stays hidden; `urgent` names the
    need to do it at once.
    """

    kind = "deliberation.words_erased"
    of: Ref
    words: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None
    urgent: Urgent | None = None


class TaskSet(Body, frozen=True):
    """Something to be done after a decision. By an office. Content: the words."""

    kind = "deliberation.task_set"
    id: Id
    proposal: Ref
    until: When
    length: WordsLength


class TaskDone(Body, frozen=True):
    """A task is done."""

    kind = "deliberation.task_done"
    task: Ref


class OutcomeRecorded(Body, frozen=True):
    """An outcome card. By an office. Content: what was expected, what happened (words)."""

    kind = "deliberation.outcome_recorded"
    id: Id
    proposal: Ref
    result: Result
    again: Again
    expected_length: WordsLength
    happened_length: WordsLength


class ConversationImported(Body, frozen=True):
    """A conversation held elsewhere, as one matter in which nobody takes part any more.

    By the node. Content: title, text.
    """

    kind = "deliberation.conversation_imported"
    id: Id
    source: Source
    lang: Language
    title_length: TitleLength
    text_length: TextLength


class StatementImported(Body, frozen=True):
    """A statement of an imported conversation, by an imported participant. Content: the words."""

    kind = "deliberation.statement_imported"
    id: Id
    proposal: Ref
    member: Ref
    day: Day
    accepted: bool
    length: WordsLength


class ReactionsImported(Body, frozen=True):
    """Reactions of one day of an imported conversation, by imported participants."""

    kind = "deliberation.reactions_imported"
    subject: Ref
    day: Day
    batch: Count
    rows: Annotated[tuple[Row, ...], msgspec.Meta(min_length=1)]
