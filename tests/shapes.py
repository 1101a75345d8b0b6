"""Acts of every shape the types allow, for fuzzing the rules: fields drawn from their types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

from civic.kernel.record.entry import Act, As, Body, By, Proof, id_of, when
from civic.procedure import DRAFT

BODIES = tuple(kind.body for kind in DRAFT.kinds.values())


@dataclass(frozen=True)
class Pool:
    """What a record knows, so that drawn acts hit something.

    `actors` are ids by role, `named` ids by the name of a field that refers to them.
    """

    ids: Sequence[str]
    hashes: Sequence[str]
    minutes: Sequence[int]
    actors: Mapping[As, Sequence[str]]
    named: Mapping[str, Sequence[str]]


def _string(kind: inspect.StrType, pool: Pool) -> st.SearchStrategy[str]:
    pattern = kind.pattern or ""
    ids = st.sampled_from(pool.ids) | st.binary(min_size=16, max_size=16).map(id_of)
    if pattern.startswith("^[a-z2-7]{25}"):
        return ids
    if "{64}" in pattern:
        return st.sampled_from(pool.hashes) | st.binary(min_size=32, max_size=32).map(bytes.hex)
    if "{128}" in pattern:
        return st.binary(min_size=64, max_size=64).map(bytes.hex)
    if "T(?:" in pattern:
        near = st.sampled_from(pool.minutes) | st.integers(0, 4_000_000_000)
        return near.map(when)
    if pattern.startswith("^(?!19"):
        return st.dates().filter(lambda day: day.year >= 1970).map(str)
    if pattern.startswith("^[a-z]{2,3}"):
        return st.sampled_from(["en", "lt", "sr-Latn"])
    if kind.max_length == 26:
        return ids | st.text("abc", max_size=26)
    text = st.text(st.characters(codec="ascii", min_codepoint=32), max_size=40)
    fields = st.sampled_from(["quorum", "tick", "secrecy", "majority", "vote_time"])
    words = text | fields
    return words.filter(lambda one: (kind.min_length or 0) <= len(one) <= (kind.max_length or 99))


def _of(kind: Any, pool: Pool) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.StrType():
            return _string(kind, pool)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            low = -(2**53) + 1 if kind.ge is None else kind.ge
            high = 2**53 - 1 if kind.le is None else kind.le
            near = st.integers(max(low, -2), min(high, max(low, -2) + 12))
            return near | st.integers(low, high) | st.sampled_from([low, high])
        case inspect.LiteralType():
            return st.sampled_from(list(kind.values))
        case inspect.NoneType():
            return st.none()
        case inspect.UnionType():
            return st.one_of(*(_of(one, pool) for one in kind.types))
        case inspect.TupleType():
            return st.tuples(*(_of(one, pool) for one in kind.item_types))
        case inspect.VarTupleType():
            least, most = kind.min_length or 0, min(kind.max_length or 4, 4)
            return st.lists(_of(kind.item_type, pool), min_size=least, max_size=most).map(tuple)
        case inspect.StructType():
            fields = {one.name: _field(one, pool) for one in kind.fields}
            return st.builds(kind.cls, **fields)
        case _:
            raise NotImplementedError(kind)


def _field(field: inspect.Field, pool: Pool) -> st.SearchStrategy[Any]:
    known = pool.named.get(field.name)
    drawn = _of(field.type, pool)
    if not known or not isinstance(field.type, inspect.StrType):
        return drawn
    return st.one_of(st.sampled_from(known), st.sampled_from(known), drawn)


def bodies(kind: type[Body], pool: Pool) -> st.SearchStrategy[Body]:
    """Bodies of a kind, within their types."""
    return _of(inspect.type_info(kind), pool)


def _texts(body: Body) -> int:
    match body.kind:
        case "deliberation.proposed":
            return 2 + int(body.options)  # type: ignore[attr-defined]
        case "deliberation.revised":
            return 2 + (body.reason_length is not None)  # type: ignore[attr-defined]
        case "deliberation.outcome_recorded":
            return 2
        case "deliberation.conversation_imported":
            return 2
        case kind:
            return int(DRAFT.kinds[kind].texts)


@st.composite
def acts(draw: st.DrawFn, kind: type[Body], pool: Pool, roles: Sequence[As]) -> Act[Any]:
    """Structurally whole acts of a kind, in any of some roles."""
    role = draw(st.sampled_from(roles))
    own = st.sampled_from(pool.actors.get(role) or pool.ids)
    body = draw(bodies(kind, pool))
    if kind.kind in ("chapters.joined", "chapters.applied", "chapters.founded"):
        own = st.just(getattr(body, "member", None) or body.founder)  # type: ignore[attr-defined]
    by = By(role, draw(st.one_of(own, own, own, st.sampled_from(pool.ids))))
    fresh = st.binary(min_size=32, max_size=32).map(bytes.hex)
    hashes = st.one_of(fresh, fresh, fresh, st.sampled_from(pool.hashes))
    wanted = (*(_texts(body),) * 4, 0, 1, 4)
    count = draw(st.sampled_from(wanted))
    content = tuple(draw(st.lists(hashes, min_size=count, max_size=count)))
    proof = draw(st.sampled_from([None, None, None, Proof("ab" * 32, "cd" * 64)]))
    key = draw(st.binary(min_size=16, max_size=16)).hex()
    return Act(kind.kind, by, key, body, content, proof)
