"""What pages read of how members stand: suspensions with their steps, and refusals."""

from typing import Final

import msgspec
from sqlalchemy import Text as TextType
from sqlalchemy import bindparam, text

from civic.kernel.database import Reading
from civic.kernel.record.shown import Text, name_of

SHOWN: Final = 50
"""Suspensions on one page."""


class SuspensionLine(msgspec.Struct, frozen=True):
    """A suspension and how far it is. Times are minutes.

    `asked_by` and `agreed_by` are the members who acted, `asked_as` the office of the first;
    `judges` are the members who judged an appeal. `paper` and `appeal` name restricted reasons.
    """

    id: str
    member: str
    name: Text | None
    until: int
    asked: int
    asked_by: str
    asked_as: str
    agreed_by: str | None
    begun: int | None
    appealed: int | None
    ended: int | None
    why: str | None
    paper: bytes
    appeal: bytes | None
    upholds: int
    lifts: int
    judges: tuple[str, ...]


class Refused(msgspec.Struct, frozen=True):
    """A refused application: when, and the restricted reason."""

    at: int
    paper: bytes


_SUSPENSIONS: Final = text(
    """
    SELECT s.id, s.member, m.name, n.bytes, n.erased_by, s.until, s.asked, a.member, a.role,
        g.member, s.begun, s.appealed, s.ended, s.why, s.paper, s.appeal,
        ARRAY(
            SELECT ROW(o.member, j.lift) FROM view.judgement j
            JOIN view.office o ON o.log = j.log AND o.id = j.office
            WHERE j.log = s.log AND j.suspension = s.id ORDER BY j.office
        )
    FROM view.suspension s
    JOIN view.member m ON m.log = s.log AND m.id = s.member
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name
    JOIN view.office a ON a.log = s.log AND a.id = s.asked_by
    LEFT JOIN view.office g ON g.log = s.log AND g.id = s.agreed_by
    WHERE s.log = :log AND (:member IS NULL OR s.member = :member)
    ORDER BY s.ended IS NOT NULL, s.asked DESC, s.id LIMIT :limit
    """
).bindparams(bindparam("member", type_=TextType))
_REFUSED: Final = text(
    "SELECT at, paper FROM view.application_refused WHERE log = :log AND member = :member "
    "ORDER BY entry DESC LIMIT 1"
)


class Reversible(msgspec.Struct, frozen=True):
    """What a vote can take back: a suspension in force (`lift`), or an expulsion (`readmit`).

    `id` is the suspension or the member.
    """

    do: str
    id: str
    member: str
    name: Text | None


_REVERSIBLE: Final = text(
    """
    SELECT r.do, r.id, r.member, m.name, n.bytes, n.erased_by FROM (
        SELECT 'lift' AS do, s.id, s.member FROM view.suspension s
        WHERE s.log = :log AND s.begun IS NOT NULL AND s.ended IS NULL
        UNION ALL
        SELECT 'readmit', e.id, e.id FROM view.member e
        WHERE e.log = :log AND e.state = 'expelled'
    ) AS r
    JOIN view.member m ON m.log = :log AND m.id = r.member
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name
    ORDER BY r.do, m.entry, r.id LIMIT 200
    """
)


async def reversible(db: Reading, log: int) -> list[Reversible]:
    """Return the suspensions in force and the members who were expelled."""
    rows = await db.execute(_REVERSIBLE, {"log": log})
    return [Reversible(*(*row[:3], name_of(*row[3:6]))) for row in rows]


async def suspensions(
    db: Reading, log: int, member: str | None = None, limit: int = SHOWN
) -> list[SuspensionLine]:
    """Return suspensions, of one member if one is named: open ones first, then the latest."""
    values = {"log": log, "member": member, "limit": limit}
    found = []
    for row in await db.execute(_SUSPENSIONS, values):
        judged = [(one[0], one[1]) for one in row[16]]
        lifts = sum(lift for _who, lift in judged)
        fields = (*row[:2], name_of(*row[2:5]), *row[5:16], len(judged) - lifts, lifts)
        found.append(SuspensionLine(*(*fields, tuple(who for who, _lift in judged))))
    return found


async def refusal_of(db: Reading, log: int, member: str) -> Refused | None:
    """Return the last refusal of an applicant, or None."""
    row = (await db.execute(_REFUSED, {"log": log, "member": member})).one_or_none()
    return None if row is None else Refused(*row)
