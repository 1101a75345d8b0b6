"""What pages and the API say of erased words: who had them erased, when, and the public reason."""

from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import ARRAY, LargeBinary, bindparam, text

from civic.kernel.database import Reading
from civic.kernel.record.shown import Erasure, Text
from civic.page_views import mapped_texts, texts_in

V = TypeVar("V")

_ERASED: Final = text(
    """
    SELECT x.hash, e.at, x.role, x.reason
    FROM view.erased x JOIN view.entry e ON e.log = x.log AND e.index = x.entry
    WHERE x.log = :log AND x.hash = ANY(:hashes)
    """
).bindparams(bindparam("hashes", type_=ARRAY(LargeBinary)))


async def with_erasures(db: Reading, log: int, view: V) -> V:
    """Return a view, or a list of some, whose erased words say who had them erased.

    One query where there are such words, else none.
    """
    gone = {one.hash for one in texts_in(view) if one.text is None and one.erased_by is not None}
    if not gone:
        return view
    hashes = [bytes.fromhex(one) for one in sorted(gone)]
    rows = await db.execute(_ERASED, {"log": log, "hashes": hashes})
    erasures = {row[0].hex(): Erasure(*row[1:4]) for row in rows}

    def told(one: Text) -> Text:
        if one.text is not None or one.erased_by is None or one.hash not in erasures:
            return one
        return msgspec.structs.replace(one, erasure=erasures[one.hash])

    found: Any = mapped_texts(view, told)
    return found  # type: ignore[no-any-return]
