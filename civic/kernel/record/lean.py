"""Reading entries of a record in bulk: the same as `Codec.decode`, in a quarter of the time.

A bundle is read and written again in one go each, and the forms that msgspec would match one by one
are looked at for all entries together. Whatever is not plainly right goes to `Codec.decode`, which
says what is wrong with it, so that there is one judge of what is canonical.
"""

import re
from collections.abc import Callable, Sequence
from itertools import chain
from operator import attrgetter
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    NamedTuple,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from civic.kernel.record.entry import (
    MAX_ENTRY,
    Body,
    By,
    Codec,
    Count,
    Entry,
    Hash,
    Hex64,
    Id,
    Malformed,
    Proof,
    check_text,
    minute,
)

_encode_lines = msgspec.json.Encoder().encode_lines
_YEAR: Final = re.compile(r"(?:19|2[0-9])[0-9]{2}-")
_HEX: Final = b"0123456789abcdef"
_BASE32: Final = b"abcdefghijklmnopqrstuvwxyz234567"
_BASE32_LAST: Final = b"aeimquy4"


class _Proof(Proof, frozen=True, forbid_unknown_fields=True):
    public_key: str
    signature: str


class _Form(NamedTuple):
    """A form that texts of one length have: the characters they consist of and end with."""

    size: int
    alphabet: bytes
    last: bytes

    def fits(self, texts: Sequence[str]) -> bool:
        """Tell whether all texts have this form."""
        if not texts:
            return True
        # Bytes are counted and removed a hundred times faster than texts are looked at one by one.
        # The separator, which no text may hold, stands where it must and nowhere else.
        joined = ",".join(texts).encode()
        step, gaps = self.size + 1, b"," * (len(texts) - 1)
        return (
            len(joined) == step * len(texts) - 1
            and joined[self.size :: step] == gaps
            and joined.translate(None, self.alphabet) == gaps
            and not joined[self.size - 1 :: step].translate(None, self.last)
        )


def _pattern(annotation: Any) -> str | None:
    """Return the pattern of a plain text field, or None."""
    if get_origin(annotation) is not Annotated:
        return None
    plain, *metas = get_args(annotation)
    patterns = [meta.pattern for meta in metas if isinstance(meta, msgspec.Meta)]
    return patterns[0] if plain is str and len(metas) == 1 else None


_KEY: Final = _Form(32, _HEX, _HEX)
_ID: Final = _Form(26, _BASE32, _BASE32_LAST)
_HASH: Final = _Form(64, _HEX, _HEX)
_HEX64: Final = _Form(128, _HEX, _HEX)
_FORMS: Final = {_pattern(Id): _ID, _pattern(Hash): _HASH, _pattern(Hex64): _HEX64}

Field = tuple[Callable[[Any], str], _Form]
"""How to get a text of a body, and the form it must have."""


def _lean(body: type[Body]) -> tuple[type[Body], tuple[Field, ...]]:
    """Return a body read without its commonest patterns, and the fields to look at instead."""
    hints = get_type_hints(body, include_extras=True)
    fields = {
        name: form
        for name in body.__struct_fields__
        if (form := _FORMS.get(_pattern(hints[name]))) is not None
    }
    # Fields with defaults come last; none of those has a pattern, else the order would change.
    if not fields or body.__struct_defaults__:
        return body, ()
    lean = msgspec.defstruct(
        body.__name__,
        [(name, str if name in fields else hints[name]) for name in body.__struct_fields__],
        bases=(body,),
        rename=dict(zip(body.__struct_fields__, body.__struct_encode_fields__, strict=True)),
        frozen=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
    )
    return cast("type[Body]", lean), tuple((attrgetter(name), f) for name, f in fields.items())


def _entry(body: type[Body], lean: type[Body]) -> type[msgspec.Struct]:
    """Return the type of a kind's entries, the kind being a tag: one decoder reads all kinds."""
    return msgspec.defstruct(
        "Entry",
        [
            ("at", str),
            ("by", By),
            ("key", str),
            ("part", Count),
            ("body", lean),
            ("content", tuple[str, ...], ()),
            ("proof", _Proof | None, None),
        ],
        namespace={"__annotations__": {"kind": ClassVar[str]}, "kind": body.kind},
        tag_field="kind",
        tag=body.kind,
        frozen=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
    )


class Reader:
    """Reads the entries of the kinds of one version of the rules."""

    def __init__(self, codec: Codec) -> None:
        self._fields: dict[str, tuple[Field, ...]] = {}
        types: list[type[msgspec.Struct]] = []
        for body in codec.bodies:
            lean, self._fields[body.kind] = _lean(body)
            types.append(_entry(body, lean))
        union = Union[tuple(types)]  # type: ignore[valid-type]  # noqa: UP007
        self._decode: Callable[[bytes], list[Any]] = msgspec.json.Decoder(union).decode_lines

    def read(self, raws: Sequence[bytes]) -> list[Entry[Any]] | None:
        """Return the entries of canonical bytes, or None if one may not be canonical.

        Entries and bodies are of types of their own, equal in every field to what `Codec.decode`
        gives, which is to be asked where this returns None.
        """
        lines = b"\n".join([*raws, b""])
        try:
            entries = self._decode(lines)
            # An encoded entry holds no line break: what equals so many of them, line after line,
            # breaks only behind each of as many raws, so they are equal one by one.
            if (
                len(entries) != len(raws)
                or _encode_lines(entries) != lines
                or max(map(len, raws), default=0) > MAX_ENTRY
                or not self._plain(entries)
            ):
                return None
            if b"\\" in lines or not lines.isascii():
                for raw in raws:
                    check_text(raw)
        except (msgspec.DecodeError, ValueError, RecursionError, Malformed):
            return None
        return entries

    def _plain(self, entries: Sequence[Entry[Any]]) -> bool:
        for at in {entry.at for entry in entries}:
            if _YEAR.match(at) is None:
                return False
            minute(at)
        proofs = [entry.proof for entry in entries if entry.proof is not None]
        ids = [entry.by.id for entry in entries]
        hashes = [proof.public_key for proof in proofs]
        hashes += chain.from_iterable([entry.content for entry in entries if entry.content])
        signatures = [proof.signature for proof in proofs]
        texts = {_ID: ids, _HASH: hashes, _HEX64: signatures}
        for kind in {entry.kind for entry in entries}:
            if self._fields[kind]:
                bodies = [entry.body for entry in entries if entry.kind == kind]
                for get, form in self._fields[kind]:
                    texts[form] += map(get, bodies)
        return (
            _KEY.fits([entry.key for entry in entries])
            and _ID.fits(ids)
            and _HASH.fits(hashes)
            and _HEX64.fits(signatures)
        )
