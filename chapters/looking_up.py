"""Names: what chapters are called, and which members are called so or so."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, BindParameter, Text, bindparam, text

from civic.kernel.database import Reading
from civic.kernel.record import shown
from civic.kernel.record.content import SALT, WORDS_TYPE

_HEAD: Final = f"{WORDS_TYPE}\n"
_CHAPTERS: Final = text(
    """
    SELECT c.chapter_id, c.name, n.bytes, n.erased_by FROM view.chapter c
    LEFT JOIN record.content n ON n.log = c.log AND n.hash = c.name
    WHERE c.chapter_id = ANY(:ids)
    """
).bindparams(bindparam("ids", type_=ARRAY(Text)))
_PEOPLE: Final = """
    SELECT m.id, m.name, n.bytes, n.erased_by FROM view.member m
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name
    WHERE m.log = :log AND m.state = 'active'
"""
CALLED: Final = f"""
    (m.id LIKE :beginning OR CASE
        WHEN substr(n.bytes, {SALT + 1}, {len(_HEAD)}) = convert_to('{_HEAD}', 'UTF8')
        THEN convert_from(substr(n.bytes, {SALT + len(_HEAD) + 1}), 'UTF8') ILIKE ANY(:named)
    END)
"""
"""Whether a member (`m`, their name's content `n`) is called so, or their id begins so; with
`CALLED_TYPES`, and the values of `called`."""
CALLED_TYPES: Final[tuple[BindParameter[Any], ...]] = (bindparam("named", type_=ARRAY(Text)),)
_FOUND: Final = text(
    f"{_PEOPLE} AND m.id <> :but AND {CALLED} ORDER BY m.entry, m.id LIMIT :most"
).bindparams(*CALLED_TYPES)
_NAMED: Final = text(f"{_PEOPLE} AND m.id = ANY(:ids) ORDER BY m.entry, m.id").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)


class Called(msgspec.Struct, frozen=True):
    """A present member by their id and the name they chose, None where they have none."""

    id: str
    name: shown.Text | None


async def chapter_names(db: Reading, ids: Sequence[str]) -> list[tuple[str, shown.Text | None]]:
    """Return what chapters are called, as (id, name); without those that are not on this node."""
    rows = await db.execute(_CHAPTERS, {"ids": list(ids)})
    return [(row[0], shown.name_of(*row[1:4])) for row in rows]


async def members_called(
    db: Reading, log: int, typed: str, most: int, but: str = ""
) -> list[Called]:
    """Return present members whose name holds what was typed, or whose id begins so.

    Those who joined first come first, at most `most`; `but` is the id of one who is left out.
    Nothing typed finds everybody. Upper and lower case are the same.
    """
    values = {"log": log, "but": but, "most": most, **called(typed)}
    return [_called(*row) for row in await db.execute(_FOUND, values)]


async def members_of(db: Reading, log: int, ids: Sequence[str]) -> list[Called]:
    """Return those present members who have one of some ids."""
    return [_called(*row) for row in await db.execute(_NAMED, {"log": log, "ids": list(ids)})]


def _called(own_id: str, digest: bytes | None, raw: bytes | None, erased: int | None) -> Called:
    return Called(own_id, shown.name_of(digest, raw, erased))


def called(typed: str) -> dict[str, object]:
    """Return the values with which a statement has `CALLED` in it."""
    return {"beginning": f"{_literal(typed.lower())}%", "named": _name_patterns(typed)}


def _name_patterns(typed: str) -> list[str]:
    """Return patterns of which one fits the JSON of a name that holds what was typed.

    In it `%` and `_` mean themselves. Databases of the simplest locale know upper and lower case of
    plain Latin letters alone, so what was typed comes as people write names.
    """
    ways = dict.fromkeys((typed, typed.lower(), typed.upper(), typed.title()))
    written = (msgspec.json.encode(one).decode()[1:-1] for one in ways)
    return [f'%"text":"%{_literal(one)}%' for one in written]


def _literal(typed: str) -> str:
    for special in "\\%_":
        typed = typed.replace(special, f"\\{special}")
    return typed
