"""What pages and the API read of levels: one's own, and disputes that wait for verifiers."""

from typing import Final

import msgspec
from sqlalchemy import LargeBinary, bindparam, text

from chapters.assurance.attestations import tag_of
from civic.kernel.database import Reading
from civic.kernel.record.ties import Vault


class Term(msgspec.Struct, frozen=True):
    """What a level rests on: vouches, or what verifiers saw (`way`), until a minute.

    `papers` counts the restricted papers of it that the node still has.
    """

    id: str
    way: str
    count: int
    since: int
    until: int
    review: bool
    papers: int


class Dispute(msgspec.Struct, frozen=True):
    """A challenge of a level: about whom, how it stands, until when somebody is to act.

    `reasons` and `answer` are hashes of restricted papers.
    """

    id: str
    member: str
    stage: str
    since: int
    until: int | None
    reasons: str
    answer: str | None
    ended: int | None


class OwnLevels(msgspec.Struct, frozen=True):
    """What the record and the node hold about one member's level.

    `waiting` counts vouches that wait for others, `case` tells whether a case is open.
    """

    terms: tuple[Term, ...]
    disputes: tuple[Dispute, ...]
    waiting: int
    case: bool

    @property
    def vouched(self) -> Term | None:
        """The vouches that hold."""
        return next((one for one in self.terms if one.way == "vouches"), None)

    @property
    def seen(self) -> Term | None:
        """What verifiers saw, or having founded the chapter."""
        return next((one for one in self.terms if one.way != "vouches"), None)

    @property
    def dispute(self) -> Dispute | None:
        """The challenge that is not over."""
        return next((one for one in self.disputes if one.ended is None), None)


_OWN: Final = text(
    """
    SELECT ARRAY(
        SELECT ROW(t.id, t.way, t.count, t.since, t.until, t.review, (
            SELECT count(*) FROM view.named_paper n
            JOIN private.paper p ON p.log = n.log AND p.hash = n.hash
            WHERE n.log = t.log AND n.of = t.id
        ))
        FROM view.level_term t WHERE t.log = :log AND t.member = :member AND t.ended IS NULL
        ORDER BY t.since, t.id
    ), ARRAY(
        SELECT ROW(d.id, d.member, d.stage, d.since, d.until, d.reasons, d.answer, d.ended)
        FROM view.dispute d WHERE d.log = :log AND d.member = :member ORDER BY d.since DESC, d.id
    ), (
        SELECT count(*) FROM private.attestation a WHERE a.log = :log AND a.subject = :vouches
    ), EXISTS (
        SELECT FROM private.verify_case v WHERE v.log = :log AND v.member_tag = :own_case
    )
    """
).bindparams(*(bindparam(name, type_=LargeBinary) for name in ("vouches", "own_case")))
_WAITING: Final = text(
    "SELECT id, member, stage, since, until, reasons, answer, ended FROM view.dispute "
    "WHERE log = :log AND stage IN ('open', 'appealed') AND ended IS NULL ORDER BY until, id"
)


async def own_levels(db: Reading, vault: Vault, log: int, member: str) -> OwnLevels:
    """Return what is held about a member's level, for the member alone."""
    values = {
        "log": log,
        "member": member,
        "vouches": tag_of(vault, "vouch", log, member),
        "own_case": tag_of(vault, "case of", log, member),
    }
    row = (await db.execute(_OWN, values)).one()
    terms, disputes = (Term(*one) for one in row[0]), (read_dispute(*one) for one in row[1])
    return OwnLevels(tuple(terms), tuple(disputes), row[2], row[3])


def read_dispute(
    own: str,
    member: str,
    stage: str,
    since: int,
    until: int | None,
    reasons: bytes,
    answer: bytes | None,
    ended: int | None,
) -> Dispute:
    """Return a dispute from the columns of its row."""
    answered = None if answer is None else answer.hex()
    return Dispute(own, member, stage, since, until, reasons.hex(), answered, ended)


async def waiting_disputes(db: Reading, log: int) -> list[Dispute]:
    """Return the challenges and appeals that wait for verifiers, those that end first."""
    return [read_dispute(*row) for row in await db.execute(_WAITING, {"log": log})]
