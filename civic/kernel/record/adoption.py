"""Adopting newer rules: the entry that says so, and what the versions of a program agree on."""

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import msgspec

from civic.kernel.record.entry import Body, Count, Entry
from civic.kernel.record.rules import Kind, Procedure, State


class RulesAdopted(Body, frozen=True, rename={"from_": "from"}):
    """The record goes on under a newer version of the rules, behind the act this follows from."""

    kind = "record.rules_adopted"
    from_: Count
    to: Count


class Adoption(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A newer version to be adopted: the one that must still be in force, the one that follows."""

    from_: Count
    to: Count


def apply_adopted(state: State, entry: Entry[RulesAdopted]) -> None:
    """Name the version that the record goes on under; the rest of this act stays as it began."""
    state.record.rules = entry.body.to


KIND: Final[Kind[RulesAdopted]] = Kind(RulesAdopted, apply_adopted, world=True)


def arranged(*procedures: Procedure) -> Mapping[int, Procedure]:
    """Return versions of the rules by number; ValueError unless each can succeed the one before.

    They are numbered from 0 without a gap, know `record.rules_adopted` as something that only
    follows, and agree for each kind on whether it is for the world: whoever acted was told so.
    Unless a version names how it takes over, it has the state types and transitions of the one
    before it.
    """
    if [one.version for one in procedures] != list(range(len(procedures))):
        raise ValueError("versions are numbered from 0 without a gap")
    world: dict[str, bool] = {}
    for one in procedures:
        known = one.kinds.get(RulesAdopted.kind)
        if known is None or known.body is not RulesAdopted or known.decide is not None:
            raise ValueError(f"version {one.version} cannot be succeeded")
        for name, kind in one.kinds.items():
            if world.setdefault(name, kind.world) != kind.world:
                raise ValueError(f"version {one.version} changes who may read {name}")
    for before, after in pairwise(procedures):
        types = {part.name: part.state for part in before.parts}
        same = all(types.get(part.name, part.state) is part.state for part in after.parts)
        if after.adopt is None and not (same and before.transitions <= after.transitions):
            raise ValueError(f"version {after.version} does not say how it takes over")
    return MappingProxyType({one.version: one for one in procedures})
