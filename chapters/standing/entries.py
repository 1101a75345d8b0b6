"""What is recorded of how members stand with their chapter (docs/protocol/record.md, section 6).

A `paper` is the restricted reason for what is done: for the member concerned and for offices.
"""

from typing import Literal

from civic.kernel.record.entry import Body, Hash, Id, Ref, When

End = Literal["term", "appeal", "unanswered", "decision", "lifted", "left", "expelled"]


class ApplicationRefused(Body, frozen=True):
    """A lead refused an applicant. `paper` is the reason given to them."""

    kind = "chapters.application_refused"
    member: Ref
    paper: Hash


class Reapplied(Body, frozen=True):
    """Somebody who left asks to come back under the id they had."""

    kind = "chapters.reapplied"


class SuspensionAsked(Body, frozen=True):
    """An office asks that a member be suspended until a moment. `paper` is the reason."""

    kind = "chapters.suspension_asked"
    id: Id
    member: Ref
    until: When
    paper: Hash


class SuspensionRequestLapsed(Body, frozen=True):
    """No second office agreed in time, or the member left."""

    kind = "chapters.suspension_request_lapsed"
    suspension: Ref


class Suspended(Body, frozen=True):
    """A second office agreed: the member is suspended from here on."""

    kind = "chapters.suspended"
    suspension: Ref


class Appealed(Body, frozen=True):
    """A suspended member appeals. `paper` is what they say."""

    kind = "chapters.appealed"
    suspension: Ref
    paper: Hash


class AppealJudged(Body, frozen=True):
    """Another office holder judged the appeal: the suspension is to be lifted, or not."""

    kind = "chapters.appeal_judged"
    suspension: Ref
    lift: bool


class SuspensionLifted(Body, frozen=True):
    """One of the two who suspended takes it back, or a lead declines a request."""

    kind = "chapters.suspension_lifted"
    suspension: Ref


class SuspensionEnded(Body, frozen=True):
    """A suspension is over, and why; `on` is when."""

    kind = "chapters.suspension_ended"
    suspension: Ref
    on: When
    why: End


class Expelled(Body, frozen=True):
    """A decision expelled a member. `on` is the moment of the decision."""

    kind = "chapters.expelled"
    decision: Ref
    on: When
    member: Ref


class ExpulsionLifted(Body, frozen=True):
    """A decision lets somebody who was expelled ask to come back."""

    kind = "chapters.expulsion_lifted"
    decision: Ref
    on: When
    member: Ref


class ReasonErased(Body, frozen=True):
    """A reason was erased, by whom it concerned or by a lead."""

    kind = "chapters.reason_erased"
    paper: Hash
