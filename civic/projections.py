"""The projections of all domains put together: how entries of every kind become rows."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

import chapters.assurance.projection
import chapters.keys.tables
import chapters.offices.tables
import chapters.projection
import chapters.standing.tables
import deliberation.moderation.tables
import deliberation.projection
import voting.tables
from civic.kernel.projection import Project
from civic.kernel.record import view
from civic.procedure import VERSIONS

_DOMAINS: Final = (
    view.PROJECTIONS,
    chapters.projection.PROJECTIONS,
    chapters.offices.tables.PROJECTIONS,
    chapters.standing.tables.PROJECTIONS,
    chapters.assurance.projection.PROJECTIONS,
    chapters.keys.tables.PROJECTIONS,
    deliberation.projection.PROJECTIONS,
    deliberation.moderation.tables.PROJECTIONS,
    voting.tables.PROJECTIONS,
)


def _of(kind: str) -> Iterable[Project]:
    yield view.list_entry
    for projections in _DOMAINS:
        yield from projections.get(kind, ())


PROJECTIONS: Final = MappingProxyType(
    {kind: tuple(_of(kind)) for version in VERSIONS.values() for kind in version.kinds}
)
"""For each kind of entry, what writes it into the read model, lowest domain first."""
