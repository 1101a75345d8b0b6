"""Once a day the node looks, in each chapter, whom few paths of vouches reach.

What is kept is the list alone, under seal: no share of trust, nobody's vouch. It is shown to people
and changes nothing.
"""

import asyncio

from chapters.alarms import queries
from chapters.alarms.trust import low, trust
from civic.kernel.database import reading, writing
from civic.node import Node


async def look_at_vouches(node: Node, log: int) -> None:
    """Look at the vouches of a chapter, unless this was done today."""
    today, vault = node.clock.now().date(), node.book.vault
    async with reading(node.engine) as db:
        if await queries.looked_on(db, log) == today:
            return
        met = await queries.met(db, vault, log)
    members = await asyncio.to_thread(_low, met)
    async with writing(node.engine) as unit:
        await queries.keep(unit, vault, log, queries.Looked(today, members))


def _low(met: queries.Met) -> tuple[str, ...]:
    return low(trust(met.edges, met.well_known), met.present - met.well_known)
