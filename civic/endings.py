"""How memberships end with an account: kept in its last transaction, done as soon as possible."""

from functools import partial

from chapters import departures
from chapters.departures import Departure
from civic.coming_up import guarded
from civic.deeds.departing import depart
from civic.kernel.database import Writing
from civic.kernel.failpoint import failpoint
from civic.kernel.record import store
from civic.membership import held_now
from civic.node import Node
from identity.pages.account import Afterwards
from identity.vault import Vault


async def leave_all(node: Node, unit: Writing, vault: Vault, *, erase_words: bool) -> Afterwards:
    """Keep that a person leaves every chapter, in the transaction that deletes their account.

    What is returned does it at once. What breaks off then is finished by the tick loop: each
    departure is kept for itself, so that nothing tells which members were one person's.
    """
    kept: list[tuple[bytes, Departure]] = []
    # Whom another account holds now does not leave with this one.
    for membership in (await held_now(node, unit, vault)).memberships:
        head = await store.find_chapter(unit, membership.chapter_id)
        if head is None:
            continue
        leaving = Departure(
            head.no, membership.log_id, membership.member_id, words=erase_words, ties=True
        )
        kept.append((await departures.add(unit, node.book.vault, leaving), leaving))

    async def afterwards() -> None:
        failpoint("leaving.after_note")
        for own_id, leaving in kept:
            await guarded("depart", partial(depart, node.desk, own_id, leaving))

    return afterwards
