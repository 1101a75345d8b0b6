"""Levels in records made by hand: papers of vouches, cases, verifications and disputes."""

from typing import Any

import msgspec

from chapters import entries as c
from chapters.assurance import entries as e
from chapters.assurance import papers as p
from chapters.assurance.papers import lot_rank
from chapters.assurance.state import of, verifiers_of
from chapters.bylaws import DAY
from civic.kernel import keys
from civic.kernel.record.entry import when
from deliberation import entries as d
from tests.acts import made, seed_key
from tests.dishonest.case import PEOPLE
from tests.factories.records import Record
from voting import entries as v


def paper(record: Record, signer: str, said: Any) -> str:
    """Keep a paper signed by its author and return its hash."""
    if record.signed and not isinstance(said, p.CasePaper):
        signature = keys.sign(seed_key(signer), p.message(record.log_id, said))
        said = msgspec.structs.replace(said, signature=signature.hex())
    return record.paper(p.make(said, record.salt()))


def vouch(record: Record, name: str, by: str) -> str:
    """The paper of a vouch."""
    number = len(record.papers)
    return paper(record, by, p.Vouch(made(f"vouch {number}"), made(name), made(by)))


def vouched(record: Record, name: str, *by: str, **fields: Any) -> e.Vouched:
    """The entry that says that some vouched for somebody."""
    papers = tuple(sorted(vouch(record, name, one) for one in by))
    until = when(record.tick + record.chapter.bylaws.level1_time)
    body = e.Vouched(made(f"vouched {name} {record.tick}"), made(name), until, papers)
    return msgspec.structs.replace(body, **fields)


def raise_one(record: Record, name: str, *by: str) -> None:
    """Bring somebody to level 1."""
    record.node(vouched(record, name, *(by or ("ann", "ben", "cem"))))


def opened(record: Record, name: str, *relatives: str, number: str = "") -> str:
    """Open a case; return its paper's hash."""
    said = p.CasePaper(
        made(number or f"case {name} {record.tick}"),
        made(name),
        tuple(sorted(made(one) for one in relatives)),
    )
    digest = paper(record, name, said)
    record.node(e.CaseOpened(digest))
    return digest


def said(record: Record, case: str, by: str, **fields: Any) -> str:
    """The paper of what a verifier says in a case."""
    known = p.read(record.papers[case])
    assert isinstance(known, p.CasePaper)
    body = p.Verification(known.case, known.member, made(by), "document")
    return paper(record, by, msgspec.structs.replace(body, **fields))


def verified(record: Record, case: str, *by: str, **fields: Any) -> e.Verified:
    """The entry that says that verifiers saw the member of a case."""
    known = p.read(record.papers[case])
    assert isinstance(known, p.CasePaper)
    papers: Any = tuple(sorted(said(record, case, one) for one in by))
    until = when(record.tick + record.chapter.bylaws.level2_time)
    number = len(record.papers)
    body = e.Verified(made(f"seen {number}"), known.member, case, "document", until, False, papers)
    return msgspec.structs.replace(body, **fields)


def raise_two(record: Record, name: str, *by: str) -> None:
    """Bring somebody from level 1 to level 2."""
    record.node(verified(record, opened(record, name), *(by or ("ben", "cem"))))


def council(*verifiers: str, signed: bool = True, **bylaws: Any) -> Record:
    """A chapter that six founded, with these of them as verifiers; gil joined and is at level 1."""
    record = Record(signed=signed, **bylaws)
    record.found(*PEOPLE)
    ids = {name: made(name) for name in PEOPLE}
    for name in PEOPLE:
        others = tuple(one for own, one in ids.items() if own != name)
        record.by(name, c.FounderConfirmed(others))
    until = when(record.tick + 300 * DAY)
    offices = [c.OfficeTerm(made("lead"), "lead", made("ann"), until)]
    offices += [
        c.OfficeTerm(made(f"verifier {name}"), "verifier", made(name), until) for name in verifiers
    ]
    record.by("ann", c.Constituted(tuple(ids.values()), tuple(offices)))
    record.join("gil", "ann")
    raise_one(record, "gil", "ann", "eva", "fox")
    return record


def appoint(record: Record, *names: str) -> None:
    """Make members verifiers by a vote for each."""
    matters = []
    for name in names:
        office = d.Appointment("verifier", made(name), 100 * DAY)
        matters.append(record.propose("ann", f"office of {name}", appointment=office))
        record.discuss(matters[-1], "ben", "cem")
    bylaws = record.chapter.bylaws
    for wait in (bylaws.discussion_time, max(bylaws.notice_time, bylaws.tick)):
        record.pass_time(wait)
        record.hand_over()
    for matter in matters:
        election = record.deliberation.proposals[matter].election
        assert election is not None
        for name in PEOPLE[:4]:
            record.by(name, v.Cast(election, 1))
    record.pass_time(bylaws.vote_time)
    record.hand_over()


def drawn(record: Record, case: str, *out: str) -> str:
    """The verifier whom the lot of a case names first of those who are not out."""
    known = p.read(record.papers[case])
    assert isinstance(known, p.CasePaper)
    key = of(record.state).cases[case].key
    return min(
        set(verifiers_of(record.chapter)) - {known.member, *(made(one) for one in out)},
        key=lambda one: lot_rank(record.log_id, known.case, key, one),
    )


def challenged(record: Record, name: str, by: str, own: str = "challenge") -> e.Challenged:
    """The entry of a challenge."""
    text = "Two of us have met the same person under two names."
    reasons = p.Reasons(made(own), made(name), made(by), "en", text)
    return e.Challenged(made(own), made(name), paper(record, by, reasons))


def decided(
    record: Record, own: str, *by: str, upheld: bool = True, stage: p.Stage = "first"
) -> e.ChallengeDecided:
    """The entry of a decision of verifiers about a challenge."""
    opinions = [p.Opinion(made(own), stage, made(one), upheld) for one in by]
    papers: Any = tuple(
        sorted(paper(record, one, opinion) for one, opinion in zip(by, opinions, strict=True))
    )
    return e.ChallengeDecided(made(own), upheld, papers)
