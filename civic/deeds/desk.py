"""What lies on a verifier's desk: cases and disputes in which they can say something."""

from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Integer, LargeBinary, Text, bindparam, text

from chapters.assurance import checks, levels
from chapters.assurance.attestations import backers, opened_case, tag_of
from chapters.assurance.papers import Opinion, Verification, read
from chapters.assurance.queries import Dispute, read_dispute
from chapters.assurance.state import of
from civic.deeds.disputing import stage_of
from civic.deeds.verifying import place
from civic.kernel.database import Reading
from civic.kernel.record.rules import State
from civic.kernel.record.ties import Vault

_DESK = text(
    """
    SELECT ARRAY(
        SELECT ROW(v.hash, v.sealed) FROM private.verify_case v WHERE v.log = :log
    ), ARRAY(
        SELECT ROW(a.subject, a.hash, a.sealed) FROM private.attestation a
        WHERE a.log = :log AND a.kind = ANY(:kinds)
    ), (
        SELECT coalesce(sum(n.count), 0) FROM private.attested n
        WHERE n.log = :log AND n.by_tag = :me AND n.day > :after
    ), (
        SELECT count(*) FROM private.attestation a WHERE a.log = :log AND a.by_tag = :me
    ), ARRAY(
        SELECT ROW(d.id, d.member, d.stage, d.since, d.until, d.reasons, d.answer, d.ended)
        FROM view.dispute d
        WHERE d.log = :log AND d.stage IN ('open', 'appealed') AND d.ended IS NULL
        ORDER BY d.until, d.id
    )
    """
).bindparams(
    bindparam("kinds", type_=ARRAY(Text)),
    bindparam("me", type_=LargeBinary),
    bindparam("log", type_=Integer),
)


class OnDesk(NamedTuple):
    """Cases as (number, whether drawn by lot, until when), disputes, confirmations left."""

    cases: list[tuple[str, bool, int]]
    disputes: list[Dispute]
    confirmed: int


async def on_desk(db: Reading, vault: Vault, state: State, log: int, me: str, now: int) -> OnDesk:
    """Return what waits for a verifier; two queries, however much it is."""
    values = {
        "log": log,
        "kinds": ["verification", "opinion"],
        "me": tag_of(vault, "by", log, "verification", me),
        "after": now - levels.QUOTA_TIME,
    }
    row = (await db.execute(_DESK, values)).one()
    confirmed = int(row[2]) + row[3]
    known = [opened_case(vault, one) for one in row[0]]
    disputes = [one for one in (read_dispute(*each) for each in row[4])
                if one.id in of(state).challenges]  # fmt: skip
    said: dict[bytes, list[Any]] = {}
    for subject, digest, sealed in row[1]:
        said.setdefault(subject, []).append(read(vault.open(digest, sealed)))
    members = [*(one.paper.member for one in known), *(one.member for one in disputes)]
    terms = {member: _terms(state, member) for member in members}
    wanted = {*(one.id for one in disputes), *(own for each in terms.values() for own in each)}
    behind = await backers(db, vault, log, wanted)
    cases = []
    for one in sorted(known, key=lambda each: each.paper.case):
        case = of(state).cases.get(one.hash)
        if case is None or case.opened + levels.CASE_TIME < now:
            continue
        tag = tag_of(vault, "verification", log, one.paper.case)
        papers = tuple(each for each in said.get(tag, ()) if isinstance(each, Verification))
        vouchers = behind.get(_vouched(state, one.paper.member), ())
        seat = place(state, one, case, vouchers, papers, me, confirmed)
        if seat.refused is None:
            cases.append((one.paper.case, seat.drawn == me, case.opened + levels.CASE_TIME))
    return OnDesk(
        cases,
        [
            one
            for one in disputes
            if _may_decide(vault, state, log, one, me, behind, terms[one.member], said)
        ],
        confirmed,
    )


def _vouched(state: State, member: str) -> str:
    standing = of(state).standing.get(member)
    return "" if standing is None or standing.vouched is None else standing.vouched.id


def _terms(state: State, member: str) -> list[str]:
    standing = of(state).standing.get(member)
    held = [] if standing is None else [standing.vouched, standing.seen]
    return [one.id for one in held if one is not None]


def _may_decide(
    vault: Vault,
    state: State,
    log: int,
    dispute: Dispute,
    me: str,
    behind: dict[str, tuple[str, ...]],
    terms: list[str],
    said: dict[bytes, list[Any]],
) -> bool:
    stage = stage_of(of(state).challenges[dispute.id])
    tag = tag_of(vault, "opinion", log, f"{dispute.id}/{stage}")
    others = [one.verifier for one in said.get(tag, ()) if isinstance(one, Opinion)]
    near = {one for own in (dispute.id, *terms) for one in behind.get(own, ())}
    paper = Opinion(dispute.id, stage, me, upheld=True)
    return checks.opinion_refusal(state, dispute.member, paper, near, others) is None
