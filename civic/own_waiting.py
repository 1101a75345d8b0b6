"""What waits of a person before the record has any of it, for the copy that they can fetch.

Boxes of reactions and votes, what they said about others as voucher or verifier, their own case,
and their invitations. Of a vote that waits the copy says that it does, never how it was cast.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, LargeBinary, Text, bindparam, select, text

from chapters.assurance.attestations import case_of, tag_of
from chapters.assurance.papers import read
from chapters.assurance.queries import OwnLevels
from chapters.invitations import given
from civic.kernel.database import Reading
from civic.kernel.record.entry import when
from civic.kernel.record.tables import box
from civic.kernel.record.ties import Vault
from voting.tables import election

KINDS: Final = ("vouch", "verification", "opinion")
"""What a member says about another that waits for what others say."""
_SAID: Final = text(
    "SELECT kind, hash, sealed, day FROM private.attestation "
    "WHERE log = :log AND by_tag = ANY(:tags) ORDER BY day, hash"
).bindparams(bindparam("tags", type_=ARRAY(LargeBinary)))


async def boxes(
    db: Reading, log: int, chapter: str, rows: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what lies in boxes under some row ids; `rows` gives the matter of each."""
    own = select(box.c.subject, box.c.row, box.c.value, election.c.id.label("election")).where(
        box.c.log == log, box.c.row == bindparam("rows", type_=ARRAY(Text)).any_()
    )
    elections = (election.c.log == box.c.log) & (election.c.id == box.c.subject)
    own = own.select_from(box.outerjoin(election, elections)).order_by(box.c.subject, box.c.row)
    found = []
    for row in await db.execute(own, {"rows": list(rows)}):
        waits = {"matter": rows[row.row], "subject": row.subject, "id": row.row}
        what = {"reaction": row.value} if row.election is None else {"vote": "waits"}
        found.append({"chapter": chapter, **waits, **what})
    return found


async def attestations(
    db: Reading, vault: Vault, log: int, chapter: str, own: str, levels: OwnLevels
) -> list[dict[str, Any]]:
    """Return what a member said about others and waits, and what waits about themselves.

    Who said it about them is not named: that is theirs who said it.
    """
    tags = [tag_of(vault, "by", log, kind, own) for kind in KINDS]
    found: list[dict[str, Any]] = []
    for kind, digest, sealed, day in await db.execute(_SAID, {"log": log, "tags": tags}):
        says = msgspec.to_builtins(read(vault.open(digest, sealed)))
        says.pop("signature", None)
        found.append({"chapter": chapter, "by_you": kind, "until": when(day), "says": says})
    if levels.waiting:
        found.append({"chapter": chapter, "about_you": "vouch", "number": levels.waiting})
    case = await case_of(db, vault, log, own) if levels.case else None
    if case is not None:
        about = {"about_you": "verification", "says": msgspec.to_builtins(case.paper)}
        found.append({"chapter": chapter, **about})
    return found


async def invitations(
    db: Reading, vault: Vault, log: int, chapter: str, own: str
) -> list[dict[str, Any]]:
    """Return a member's invitations by their last day; what opens them, the node does not have."""
    return [
        {
            "chapter": chapter,
            "id": one.id,
            "until": when(one.until),
            "used": None if one.used is None else when(one.used),
        }
        for one in await given(db, vault, log, own)
    ]
