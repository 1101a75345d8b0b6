"""What pages and the API read of votes: how they are held, who cast what, what came out."""

from typing import Any, Final

import msgspec
from sqlalchemy import Text as TextType
from sqlalchemy import bindparam, text

from civic.kernel.database import Reading, fetch
from civic.kernel.record.shown import Text, name_of

PAGE: Final = 100
"""Votes on one page."""


class ElectionView(msgspec.Struct, frozen=True):
    """A vote on a matter. Times are minutes, quorum and majority per mille.

    `voted` counts who voted so far; `counts`, `cast`, `quorate` and `passed` are the recorded
    result, None while it is open. `on_roll` tells whether the member that was asked for may vote,
    `mine` is what the voter that was asked for has cast, also while it waits in its box.
    """

    log: int
    id: str
    matter: str
    options: int
    secrecy: str
    quorum: int
    majority: int
    unsigned: bool
    roll: int
    roll_hash: str
    opened: int
    opened_entry: int
    until: int
    voted: int
    closed: int | None
    closed_entry: int | None
    counts: tuple[int, ...] | None
    cast: int | None
    quorate: bool | None
    passed: tuple[int, ...] | None
    on_roll: bool
    mine: int | None

    @property
    def is_open(self) -> bool:
        """Whether votes can still be cast."""
        return self.closed_entry is None


class VoteLine(msgspec.Struct, frozen=True):
    """A vote that counts: by a member in a roll call (with their name), else by a row id.

    `signed` tells whether the voter's own key signed it; else the node alone vouches for it.
    """

    voter: str
    value: int
    entry: int
    signed: bool
    name: Text | None


ON_ROLL = """
        coalesce(
            p.state = 'active' AND p.admitted < e.opened_entry
            AND (p.founder OR p.since <= e.joined_by) AND NOT EXISTS (
                SELECT FROM view.suspension s WHERE s.log = p.log AND s.member = p.id
                AND s.begun_entry < e.opened_entry
                AND (s.ended_entry > e.opened_entry OR s.ended_entry IS NULL)
            )
            AND coalesce((
                SELECT w.level FROM view.level w WHERE w.log = p.log AND w.member = p.id
                AND w.entry < e.opened_entry ORDER BY w.entry DESC LIMIT 1
            ), 0) >= e.level, false
        )
"""
"""Whether a member (`p`, of `view.member`) may vote in an election (`e`), as in the rules."""
_ELECTION = f"""
    SELECT e.log, e.id, e.matter, e.options, e.secrecy, e.quorum, e.majority, e.unsigned, e.roll,
        e.roll_hash, e.opened, e.opened_entry, e.until, e.voted, e.closed, e.closed_entry,
        e.counts, e.votes, e.quorate, e.passed,
        {ON_ROLL},
        coalesce(x.value, v.value)
    FROM view.election e
    LEFT JOIN view.member p ON p.log = e.log AND p.id = :member
    LEFT JOIN view.vote v ON v.log = e.log AND v.election = e.id
        AND v.voter = CASE WHEN e.secrecy = 'roll_call' THEN :member ELSE :row END
    LEFT JOIN private.box x ON x.log = e.log AND x.subject = e.id AND x.row = :row
    WHERE e.log = :log AND {{which}}
    ORDER BY e.opened_entry DESC
"""  # noqa: S608
_WHO = (bindparam("member", type_=TextType), bindparam("row", type_=TextType))
_ONE = text(_ELECTION.replace("{which}", "e.id = :id")).bindparams(*_WHO)
_OF_MATTER = text(_ELECTION.replace("{which}", "e.matter = :matter")).bindparams(*_WHO)
_VOTES = text(
    """
    SELECT v.voter, v.value, v.entry, v.signed, p.name, n.bytes, n.erased_by, v.unsigned_cast
    FROM (
        SELECT v.*, e.secrecy, e.unsigned_cast FROM view.election e
        JOIN view.vote v ON v.log = e.log AND v.election = e.id
        WHERE e.log = :log AND e.id = :id AND v.voter > :after
            AND (e.secrecy = 'roll_call' OR e.closed_entry IS NOT NULL)
        ORDER BY v.voter LIMIT :limit
    ) AS v
    LEFT JOIN view.member p ON v.secrecy = 'roll_call' AND p.log = v.log AND p.id = v.voter
    LEFT JOIN record.content n ON n.log = p.log AND n.hash = p.name
    ORDER BY v.voter
    """
)


async def election(
    db: Reading, log: int, election_id: str, member: str | None = None, row: str | None = None
) -> ElectionView | None:
    """Return a vote as a member (with their row id in its matter) sees it, or None."""
    values = {"log": log, "id": election_id, "member": member, "row": row}
    found = (await db.execute(_ONE, values)).one_or_none()
    return None if found is None else _election(found)


async def elections_of(
    db: Reading, log: int, matter: str, member: str | None = None, row: str | None = None
) -> list[ElectionView]:
    """Return the votes on a matter, the latest first: more than one if it was returned."""
    values = {"log": log, "matter": matter, "member": member, "row": row}
    return [_election(found) for found in await fetch(db, _OF_MATTER, values)]


async def votes(
    db: Reading, log: int, election_id: str, after: str = "", limit: int = PAGE
) -> tuple[list[VoteLine], int]:
    """Return votes that count, by voter id after a cursor (`voter`), and how many are unsigned.

    Votes under row ids are shown when the vote is closed, not before.
    """
    values = {"log": log, "id": election_id, "after": after, "limit": limit}
    rows = (await db.execute(_VOTES, values)).all()
    lines = [VoteLine(*(*row[:4], name_of(*row[4:7]))) for row in rows]
    return lines, rows[0][7] if rows else 0


def _election(row: Any) -> ElectionView:
    counts, passed = (
        None if column is None else msgspec.json.decode(column, type=tuple[int, ...])
        for column in (row[16], row[19])
    )
    return ElectionView(*(*row[:16], counts, *row[17:19], passed, *row[20:22]))
