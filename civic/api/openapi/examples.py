"""Examples of what is sent and answered, made from the types, so that none is ever out of date."""

import base64
import re
from typing import Any, Final

from msgspec import inspect

ID: Final = "mhz3kq5ru7xw2ybd4tn6vcfgai"
HASH: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TEXT: Final = {
    "hash": HASH, "text": "A hall for the meetings", "lang": "en", "erased_by": None,
    "hidden_by": None,
}  # fmt: skip

_BY_NAME: Final[dict[str, tuple[Any, ...]]] = {
    "accent": ("accent-3",),
    "answer": ("It was somebody else.",),
    "author": ("qk2v7mhz3kq5ru7xw2ybd4tn6v",),
    "chapter": (HASH,),
    "chapter_id": (HASH,),
    "code": ("48152635",),
    "days": (7,),
    "depth": (0,),
    "erased_by": (None,),
    "expected": (TEXT, "Meetings that more people come to."),
    "hidden_by": (None,),
    "happened": (TEXT, "Forty came to the first one."),
    "field": ("quorum",),
    "from": (200,),
    "index": (4711,),
    "entry": (4711,),
    "invitation": ("7Yh0cW3sV1qkq1fGtZbF2A",),
    "key": (HASH,),
    "kind": ("pro",),
    "lang": ("en",),
    "leaf": (HASH,),
    "log_id": (HASH,),
    "promise_key": (HASH,),
    "public_key": (HASH,),
    "root": (HASH,),
    "month": ("2026-11",),
    "minute": (29_902_000,),
    "minutes": (10,),
    "name": (TEXT, "Vilnius"),
    "nonce": ("5f1d7a84",),
    "node": ("civic.example:443",),
    "passphrase": ("nine lanterns over a cold harbour",),
    "path": ("0000002a",),
    "phase": ("discussion",),
    "needed": (3,),
    "there": (1,),
    "quorum": (200,),
    "majority": (500,),
    "reason": ("Disturbed the last three meetings.",),
    "reasons": ("Lives elsewhere, as far as we know.",),
    "receipt": (f"/log/{HASH}/receipt/4711.tlog-proof",),
    "role": ("lead",),
    "rules": (None, 0),
    "secret": ("7Yh0cW3sV1qkq1fGtZbF2A",),
    "secrecy": ("pseudonymous",),
    "signature": ("ab" * 64,),
    "software": ("civic",),
    "stage": ("challenged",),
    "state": ("active",),
    "template": ("town",),
    "text": (TEXT, "Let us rent the hall by the river."),
    "tick": ("2026-11-23T00:00Z", 10),
    "title": (TEXT, "A hall for the meetings"),
    "token": ("q0JH5mPqQv2yq8i0a9zT3w7sVvXn1kRbYc4dE6fG8hI",),
    "value": (1,),
    "version": (2, "0.1.0"),
    "visibility": ("world",),
    "way": ("document",),
    "words": (TEXT, HASH),
}
"""What fields of a name hold, in the order in which it is tried whether it fits their type."""

_FITTING: Final = (
    ID, HASH, "ab" * 64, "2026-11-23T00:00Z", "2026-11-23", "en", "0" * 16, "Vilnius", "lead",
    "UTC",
)  # fmt: skip
_MINUTES: Final = frozenset(
    {
        "active_at",
        "appealed",
        "at",
        "begun",
        "closed",
        "created",
        "day",
        "ended",
        "joined",
        "opened",
        "phase_since",
        "phase_until",
        "since",
        "until",
    }
)
_DROPPED: Final = "log"
"""The number under which this node's database knows a record: answers leave it out."""


def example_of(kind: Any) -> Any:
    """Return an example of a type, as JSON has it."""
    return _example(inspect.type_info(kind), "", kind)


def _example(info: inspect.Type, name: str, kind: Any = None) -> Any:
    for candidate in _BY_NAME.get(name, ()):
        if _fits(candidate, info):
            return candidate
    match info:
        case inspect.Metadata(type=inner):
            return _example(inner, name)
        case inspect.StructType(fields=fields) | inspect.DataclassType(fields=fields):
            return _fields(fields)
        case inspect.NamedTupleType(fields=fields):
            return list(_fields(fields).values())
        case inspect.UnionType(types=types):
            return _example(next(t for t in types if not isinstance(t, inspect.NoneType)), name)
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.TupleType(item_types=items):
            return [_example(item, name) for item in items]
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return [_example(item, name.removesuffix("s") or name)]
        case inspect.DictType():
            return {}
        case inspect.BoolType():
            return False
        case inspect.IntType(ge=least):
            return 29_902_000 if name in _MINUTES else max(least or 0, 3)
        case inspect.BytesType():
            return base64.b64encode(b"civic").decode()
        case inspect.DateType():
            return "2026-11-23"
        case inspect.NoneType():
            return None
        case inspect.StrType():
            return next((one for one in _FITTING if _fits(one, info)), "…")
        case _:
            return {}


def _fields(fields: tuple[inspect.Field, ...]) -> dict[str, Any]:
    return {one.encode_name: _example(one.type, one.name) for one in fields if one.name != _DROPPED}


def _fits(candidate: Any, info: inspect.Type) -> bool:
    match info:
        case inspect.Metadata(type=inner):
            return _fits(candidate, inner)
        case inspect.UnionType(types=types):
            return any(_fits(candidate, one) for one in types)
        case inspect.NoneType():
            return candidate is None
        case inspect.StrType(min_length=least, max_length=most, pattern=pattern):
            if not isinstance(candidate, str) or len(candidate) < (least or 0):
                return False
            if most is not None and len(candidate) > most:
                return False
            return pattern is None or re.search(pattern, candidate) is not None
        case inspect.LiteralType(values=values):
            return candidate in values
        case inspect.IntType(ge=least, le=most):
            whole = isinstance(candidate, int)
            return whole and (least or 0) <= candidate <= (2**53 if most is None else most)
        case inspect.StructType(cls=cls):
            return candidate is TEXT and cls.__name__ == "Text"
        case _:
            return False
