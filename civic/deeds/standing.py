"""Deeds about how members stand: refuse, suspend, appeal, judge, come back, lay down an office."""

from chapters.offices.entries import OfficeResigned
from chapters.standing import entries as s
from chapters.standing.papers import Of, Reason, make_reason
from civic.deeds.person import Desk, Draws, Outcome, Person, done, paper_hash
from civic.kernel.record.entry import when


def _reason(draws: Draws, of: Of, member: str, lang: str, text: str) -> tuple[str, bytes]:
    raw = make_reason(Reason(of, member, lang, text), draws.bytes())
    return paper_hash(raw), raw


async def refuse(
    desk: Desk, lead: Person, office: str, member: str, text: str, lang: str, idempotency: str
) -> Outcome:
    """Refuse an applicant as a lead, with a reason for them alone."""
    paper, raw = _reason(desk.draws(lead, idempotency), "refusal", member, lang, text)
    body = s.ApplicationRefused(member, paper)
    return done(member, await desk.by_office(lead, office, body, idempotency, papers={paper: raw}))


async def come_back(desk: Desk, person: Person, idempotency: str) -> Outcome:
    """Ask, as somebody who left, to be admitted again under the same id."""
    return done(person.member, await desk.by_member(person, s.Reapplied(), idempotency))


async def ask_suspension(
    desk: Desk,
    person: Person,
    office: str,
    member: str,
    until: int,
    text: str,
    lang: str,
    idempotency: str,
) -> Outcome:
    """Ask in office that a member be suspended until a minute, with a reason."""
    draws = desk.draws(person, idempotency)
    own = draws.id()
    paper, raw = _reason(draws, "suspension", member, lang, text)
    body = s.SuspensionAsked(own, member, when(until), paper)
    return done(own, await desk.by_office(person, office, body, idempotency, papers={paper: raw}))


async def agree(
    desk: Desk, person: Person, office: str, suspension: str, idempotency: str
) -> Outcome:
    """Agree, as the second office, that a member be suspended."""
    body = s.Suspended(suspension)
    return done(suspension, await desk.by_office(person, office, body, idempotency))


async def appeal(
    desk: Desk, person: Person, suspension: str, text: str, lang: str, idempotency: str
) -> Outcome:
    """Appeal against one's suspension."""
    paper, raw = _reason(desk.draws(person, idempotency), "appeal", person.member, lang, text)
    body = s.Appealed(suspension, paper)
    return done(suspension, await desk.by_member(person, body, idempotency, papers={paper: raw}))


async def judge(
    desk: Desk, person: Person, office: str, suspension: str, lift: bool, idempotency: str
) -> Outcome:
    """Judge an appeal in office."""
    body = s.AppealJudged(suspension, lift)
    return done(suspension, await desk.by_office(person, office, body, idempotency))


async def lift(
    desk: Desk, person: Person, office: str, suspension: str, idempotency: str
) -> Outcome:
    """Take back a suspension that one asked for or agreed to."""
    body = s.SuspensionLifted(suspension)
    return done(suspension, await desk.by_office(person, office, body, idempotency))


async def erase_reason(
    desk: Desk, person: Person, paper: str, idempotency: str, office: str | None = None
) -> Outcome:
    """Have a reason erased: as the member it concerns, or as a lead."""
    body = s.ReasonErased(paper)
    if office is None:
        return done(person.member, await desk.by_member(person, body, idempotency))
    return done(person.member, await desk.by_office(person, office, body, idempotency))


async def resign(desk: Desk, person: Person, office: str, idempotency: str) -> Outcome:
    """Lay down an office."""
    return done(office, await desk.by_office(person, office, OfficeResigned(), idempotency))
