"""The list of a chapter's members, whole or as somebody looks for some of them."""

from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, TextClause, bindparam, text

from chapters.looking_up import CALLED, CALLED_TYPES, called
from civic.kernel.database import Reading
from civic.kernel.record.shown import Text, name_of

PAGE: Final = 50
"""Members on one page."""


class Listed(msgspec.Struct, frozen=True):
    """A present member in the list; `entry` and `id` are the cursor to the next page."""

    id: str
    founder: bool
    since: int
    entry: int
    level: int
    name: Text | None
    offices: tuple[str, ...]


class Wanted(msgspec.Struct, frozen=True):
    """Who is looked for: by a part of the name (or the beginning of the id), office, level.

    What is empty (None) asks nothing; `any` stands for any office.
    """

    typed: str = ""
    role: str = ""
    level: int | None = None

    @property
    def nobody_in_particular(self) -> bool:
        """Whether the whole list is asked for."""
        return not self.typed and not self.role and self.level is None


_IN_OFFICE = """
    m.id IN (SELECT o.member FROM view.office o
        WHERE o.log = :log AND o.ended IS NULL AND :role IN ('any', o.role))
"""


@cache
def _statement(*, named: bool, in_office: bool, of_level: bool) -> TextClause:
    # Each question has a statement of its own: a plan for all of them would serve none.
    asked = [
        condition
        for wanted, condition in (
            (named, CALLED),
            (in_office, _IN_OFFICE),
            (of_level, "m.level = :level"),
        )
        if wanted
    ]
    more = "".join(f" AND {one}" for one in asked)
    return text(
        f"""
        SELECT m.id, m.founder, m.since, m.entry, m.level, m.name, n.bytes, n.erased_by, ARRAY(
            SELECT o.role FROM view.office o
            WHERE o.log = m.log AND o.member = m.id AND o.ended IS NULL ORDER BY o.since, o.id
        )
        FROM view.member m
        LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name
        WHERE m.log = :log AND m.state = 'active' AND (m.entry, m.id) > (:entry, :id){more}
        ORDER BY m.entry, m.id LIMIT :limit
        """  # noqa: S608
    ).bindparams(bindparam("entry", type_=BigInteger), *(CALLED_TYPES if named else ()))


async def listed(
    db: Reading, log: int, wanted: Wanted, after: tuple[int, str] | None = None
) -> list[Listed]:
    """Return present members who are looked for, behind a cursor, those who joined first first."""
    entry, own_id = after or (-1, "")
    values: dict[str, Any] = {"log": log, "entry": entry, "id": own_id, "limit": PAGE}
    if wanted.typed:
        values |= called(wanted.typed)
    if wanted.role:
        values["role"] = wanted.role
    if wanted.level is not None:
        values["level"] = wanted.level
    statement = _statement(
        named=bool(wanted.typed), in_office=bool(wanted.role), of_level=wanted.level is not None
    )
    return [
        Listed(*(*row[:5], name_of(*row[5:8]), tuple(row[8])))
        for row in await db.execute(statement, values)
    ]
