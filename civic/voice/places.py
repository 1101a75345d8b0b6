"""In which chapters somebody has a place, and under which ids they act there.

Voices and rows are found by their ties, as long as these are kept; nothing new is written down.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import ARRAY, Text, bindparam, text

from chapters.papers import Tie, read_paper
from civic.kernel.database import Reading
from civic.kernel.record import shown, ties
from civic.kernel.record.ties import Standing, Vault
from identity.vault import Membership

PRESENT: Final = ("active", "suspended")
"""States of members who read all of their chapter's record."""


class Place(msgspec.Struct, frozen=True):
    """A chapter in which somebody is a member, with the offices they hold or held.

    `matters` are those in which they may have a voice: none of a copy (`replica`), whose ties are
    elsewhere.
    """

    log: int
    chapter_id: str
    log_id: str
    name: shown.Text
    member: str
    replica: bool
    offices: tuple[str, ...]
    matters: tuple[str, ...]


class Row(msgspec.Struct, frozen=True):
    """The row id under which somebody reacts and votes in a matter."""

    log: int
    matter: str
    id: str


class Ids(msgspec.Struct, frozen=True):
    """All ids under which somebody acts in some chapters."""

    named: tuple[str, ...]
    """Of members, offices and voices."""
    rows: tuple[Row, ...]


_PLACES: Final = text(
    """
    SELECT c.log, c.chapter_id, c.log_id, c.name, n.bytes, n.erased_by, m.id, l.replica,
        ARRAY(
            SELECT o.id FROM view.office o WHERE o.log = m.log AND o.member = m.id ORDER BY o.id
        ),
        ARRAY(
            SELECT p.id FROM view.matter p
            WHERE p.log = c.log AND p.phase <> 'imported' AND l.replica = 0
        )
    FROM unnest(:chapters, :members) AS g(chapter, member)
    JOIN view.chapter c ON c.chapter_id = g.chapter
    JOIN record.log l ON l.no = c.log
    JOIN view.member m ON m.log = c.log AND m.id = g.member
    LEFT JOIN record.content n ON n.log = c.log AND n.hash = c.name
    WHERE m.state = ANY(:states) ORDER BY c.log
    """
).bindparams(*(bindparam(name, type_=ARRAY(Text)) for name in ("chapters", "members", "states")))


async def places_of(db: Reading, memberships: Iterable[Membership]) -> list[Place]:
    """Return the chapters in which somebody is a present member, or one who is suspended."""
    known = {one.chapter_id: one.member_id for one in memberships}
    if not known:
        return []
    values = {"chapters": list(known), "members": list(known.values()), "states": list(PRESENT)}
    return [
        Place(
            row[0],
            row[1],
            row[2],
            shown.text_of(*row[3:6]),
            row[6],
            bool(row[7]),
            tuple(row[8]),
            tuple(row[9]),
        )
        for row in await db.execute(_PLACES, values)
    ]


async def ids_of(db: Reading, vault: Vault, places: Sequence[Place]) -> Ids:
    """Return under which ids somebody acts in some places; ids whose tie was erased are no more."""
    wanted = [
        Standing(place.log, matter, of, place.member)
        for place in places
        for matter in place.matters
        for of in ("voice", "row")
    ]
    voices: list[str] = []
    rows: list[Row] = []
    for standing, raw in (await ties.find_own(db, vault, wanted)).items():
        tie = read_paper(raw)
        if not isinstance(tie, Tie):
            continue
        if tie.of == "voice":
            voices.append(tie.id)
        else:
            rows.append(Row(standing.log, tie.matter, tie.id))
    named = [own for place in places for own in (place.member, *place.offices)]
    return Ids((*named, *voices), tuple(rows))
