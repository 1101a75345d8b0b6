"""How the deliberation domain's entries, and those of others about its matters, become rows."""

from types import MappingProxyType
from typing import Final

from deliberation.projection import afterwards, phases, speaking, texts
from deliberation.projection.changing import extend

__all__ = ["PROJECTIONS", "extend"]

PROJECTIONS: Final = MappingProxyType(
    {
        **texts.PROJECTIONS,
        **phases.PROJECTIONS,
        **speaking.PROJECTIONS,
        **afterwards.PROJECTIONS,
    }
)
