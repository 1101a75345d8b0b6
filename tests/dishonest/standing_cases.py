"""Records that break the rules of standing and offices: suspensions, appeals, terms, returning."""

from chapters import entries as c
from chapters.standing import entries as s
from chapters.standing.papers import Of, Reason, make_reason
from civic.kernel.record.entry import As, Body, when
from deliberation import entries as d
from tests.acts import made, text
from tests.dishonest.case import Lie, case, village
from tests.factories.records import Record

DAY = 24 * 60
HOLDERS = {"lead": "ann", "facilitator": "ben", "verifier 1": "ben", "verifier 2": "cem"}


def reason(record: Record, of: Of, name: str) -> str:
    """Keep the paper of a reason about a member; return its hash."""
    return record.paper(make_reason(Reason(of, made(name), "en", "Because."), record.salt()))


def asking(record: Record, name: str, days: int = 30, own: str = "suspension") -> s.SuspensionAsked:
    """What an office does to have a member suspended."""
    until = when(record.tick + days * DAY)
    return s.SuspensionAsked(made(own), made(name), until, reason(record, "suspension", name))


def suspended(record: Record, name: str = "dia", days: int = 30) -> str:
    """Suspend a member by the lead and a verifier; return the suspension's id."""
    record.held("ann", "lead", asking(record, name, days))
    record.held("cem", "verifier 2", s.Suspended(made("suspension")))
    return made("suspension")


def appealed(record: Record, name: str = "dia") -> str:
    """Suspend a member who then appeals."""
    suspension = suspended(record, name)
    record.by(name, s.Appealed(suspension, reason(record, "appeal", name)))
    return suspension


def in_office(record: Record, office: str, body: Body) -> Lie:
    """An act of an office that the rules do not take."""
    record.hand_over()
    return Lie(record, record.lie(body, As.OFFICE, made(office), signer=HOLDERS[office]))


def by_member(record: Record, name: str, body: Body) -> Lie:
    """An act of a member that the rules do not take."""
    record.hand_over()
    return Lie(record, record.lie(body, As.MEMBER, made(name), signer=name))


def proposing(record: Record, **fields: object) -> Lie:
    """A proposal that the rules do not take."""
    body = d.Proposed(made("new"), "en", 5, 5, 0, record.bylaws.secrecy, **fields)  # type: ignore[arg-type]
    record.hand_over()
    content = [text("title"), text("text")]
    return Lie(record, record.lie(body, As.VOICE, made("author"), content))


@case("chapters.is_suspended")
def is_suspended() -> Lie:
    record = village()
    suspended(record)
    record.hand_over()
    body = c.DisplayNameSet(3)
    return Lie(record, record.lie(body, As.MEMBER, made("dia"), [text("Dia")], "dia"))


@case("chapters.four_eyes")
def four_eyes() -> Lie:
    record = village()
    record.held("ben", "facilitator", asking(record, "dia"))
    return in_office(record, "verifier 2", s.Suspended(made("suspension")))


@case("chapters.holds_office")
def holds_office() -> Lie:
    record = village()
    return in_office(record, "lead", asking(record, "cem"))


@case("chapters.suspended_lately")
def suspended_lately() -> Lie:
    record = village()
    suspended(record, days=1)
    record.wait(days=2)
    return in_office(record, "lead", asking(record, "dia", own="again"))


@case("chapters.too_many_suspended")
def too_many_suspended() -> Lie:
    record = village()
    suspended(record)
    return in_office(record, "lead", asking(record, "eva", own="another"))


@case("chapters.suspension_unknown")
def suspension_unknown() -> Lie:
    record = village()
    return in_office(record, "lead", s.Suspended(made("nothing")))


@case("chapters.no_appeal")
def no_appeal() -> Lie:
    record = village()
    suspension = suspended(record)
    record.wait(days=15)
    return by_member(record, "dia", s.Appealed(suspension, reason(record, "appeal", "dia")))


@case("chapters.partial")
def partial() -> Lie:
    record = village()
    return in_office(record, "lead", s.AppealJudged(appealed(record), False))


@case("chapters.reason_unknown")
def reason_unknown() -> Lie:
    record = village()
    return by_member(record, "dia", s.ReasonErased(text("reason")))


@case("chapters.not_yet_back")
def not_yet_back() -> Lie:
    record = village()
    suspended(record)
    record.by("dia", c.Left())
    return by_member(record, "dia", s.Reapplied())


@case("chapters.term_too_long")
def term_too_long() -> Lie:
    record = village()
    return in_office(record, "lead", asking(record, "dia", days=91))


@case("chapters.office_level")
def office_level() -> Lie:
    record = village(level_office=2)
    return proposing(record, appointment=d.Appointment("auditor", made("dia"), 60))


@case("deliberation.pointless")
def pointless() -> Lie:
    record = village()
    return proposing(record, measure=d.Measure("readmit", made("dia")))
