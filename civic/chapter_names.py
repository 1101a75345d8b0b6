"""What one's own chapters are called, for the private side, which reads no records."""

from collections.abc import Mapping, Sequence

from chapters import looking_up
from civic.kernel.database import reading
from civic.node import Node


async def chapter_names(node: Node, chapter_ids: Sequence[str]) -> Mapping[str, str]:
    """Return the names of chapters by their ids; without those that are not here or have none."""
    async with reading(node.engine) as db:
        found = await looking_up.chapter_names(db, chapter_ids)
    return {own_id: name.text for own_id, name in found if name is not None and name.text}
