"""What the node does about levels by itself: record what is whole, review, erase, sweep."""

from chapters.assurance import attestations
from chapters.assurance.erasure import erase_over
from chapters.assurance.levels import CASE_TIME
from chapters.assurance.state import of
from civic.deeds.attesting import now_of, state_of
from civic.deeds.disputing import review_lost
from civic.deeds.person import Desk, Person
from civic.deeds.verifying import settle_cases
from civic.deeds.vouching import settle_vouches
from civic.kernel.database import writing


async def settle_levels(desk: Desk, log: int, log_id: str) -> None:
    """Do for one chapter what its levels need each minute; nothing is decided here."""
    node = Person(log, log_id, "")
    await settle_vouches(desk, node)
    await settle_cases(desk, node)
    if any(one.stage == "lost" for one in of(await state_of(desk, log)).challenges.values()):
        await review_lost(desk, node)
    async with writing(desk.book.engine) as db:
        await erase_over(db, log, now_of(desk))
        await attestations.sweep(db, log, now_of(desk), CASE_TIME)
