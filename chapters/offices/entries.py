"""What is recorded of offices beside their beginning (docs/protocol/record.md, section 6)."""

from chapters.entries import OfficeTerm, Role
from civic.kernel.record.entry import Body, Count, Ref, When


class OfficeEnded(Body, frozen=True):
    """A term ended: by time, since its holder went, or by the decision that is named."""

    kind = "chapters.office_ended"
    office: Ref
    on: When
    decision: Ref | None = None


class OfficeResigned(Body, frozen=True):
    """The holder of the office that acts lays it down."""

    kind = "chapters.office_resigned"


class OfficeGiven(Body, frozen=True):
    """A decision gave an office from a moment on, perhaps as that of a successor."""

    kind = "chapters.office_given"
    decision: Ref
    on: When
    term: OfficeTerm
    after: Ref | None = None


class SuccessorNamed(Body, frozen=True):
    """A decision named who takes over when an office ends, for so many minutes."""

    kind = "chapters.successor_named"
    decision: Ref
    on: When
    after: Ref
    office: Role
    member: Ref
    term: Count


class ActingLeadGiven(Body, frozen=True):
    """The lead was missed too long: another office holder leads until a vote appoints somebody."""

    kind = "chapters.acting_lead_given"
    on: When
    term: OfficeTerm
