"""How memberships end with an account: kept in its last transaction, done as soon as possible.

What a browser signs of it is signed before, when the account can still say who asks.
"""

import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import msgspec

from chapters import departures
from chapters.departures import SIGNED_MOST, Departure, SignedLeaving
from civic.coming_up import guarded
from civic.deeds.departing import acts_of, depart
from civic.deeds.hand import Hand, SignatureNeeded, WantedAct, WantedLeaving
from civic.kernel import keys
from civic.kernel.database import Writing, only_asking, reading
from civic.kernel.failpoint import failpoint
from civic.kernel.record import store
from civic.kernel.record.course import RulesUnknown
from civic.kernel.record.entry import key_id
from civic.membership import held_now
from civic.node import Node
from identity.pages.account import Afterwards
from identity.vault import Membership, Vault

Going = Callable[[Writing, Vault], Awaitable[Afterwards]]
SIGNED_IN_ALL: Final = 2000
"""Acts that one form signs at most in all chapters: it has to fit into one request."""


async def ending(
    node: Node, hand: Hand | None, vault: Vault, key: str, *, erase_words: bool
) -> Going:
    """Return how a person leaves every chapter, in the transaction that deletes their account.

    What that returns does it at once. What breaks off then is finished by the tick loop: each
    departure is kept for itself, so that nothing tells which members were one person's. `key` is
    that of the form. Raises `SignatureNeeded` where the form only asks what its browser is to sign,
    or is not signed as asked.
    """
    kept: dict[str, Departure] = {}
    # Leaving comes first in each chapter, and may take a name along.
    share = max(2, SIGNED_IN_ALL // max(1, len(vault.memberships)))
    for membership in vault.memberships:
        leaving = await departure(
            node, membership, key, hand, words=erase_words, ties=True, most=share
        )
        if leaving is not None:
            kept[membership.member_id] = leaving
    if hand is not None and hand.prepare:
        raise SignatureNeeded(hand)

    async def going(unit: Writing, vault: Vault) -> Afterwards:
        noted: list[tuple[bytes, Departure]] = []
        # Whom another account holds now does not leave with this one.
        for membership in (await held_now(node, unit, vault)).memberships:
            head = await store.find_chapter(unit, membership.chapter_id)
            if head is None:
                continue
            leaving = kept.get(membership.member_id)
            if leaving is None and hand is not None:
                # It came to the account while the form was on its way.
                raise SignatureNeeded(hand)
            leaving = leaving or Departure(
                head.no, membership.log_id, membership.member_id, words=erase_words, ties=True
            )
            noted.append((await departures.add(unit, node.book.vault, leaving), leaving))

        async def afterwards() -> None:
            failpoint("leaving.after_note")
            for own_id, leaving in noted:
                await guarded("depart", partial(depart, node.desk, own_id, leaving))

        return afterwards

    return going


async def departure(
    node: Node,
    membership: Membership,
    key: str,
    hand: Hand | None,
    *,
    words: bool,
    ties: bool,
    most: int = SIGNED_MOST,
) -> Departure | None:
    """Return how a member leaves their chapter, with what their browser signed of it.

    Of the acts `most` are signed at most; the others are the node's word. None for a chapter that
    is not here. While the form only asks, what there is to sign is noted in the hand. Raises
    `SignatureNeeded` where that is not signed; where the chapter knows no key of the member,
    nothing can be.
    """
    async with reading(node.engine) as db:
        head = await store.find_chapter(db, membership.chapter_id)
        if head is None:
            return None
        founding = b"".join([raw async for _, raw, _ in store.entries(db, head.no, 0, 1)])
    # One key for all chapters would tell whoever opens the notes which members were one person's.
    own_key = hashlib.sha256(f"civic/leave/1\n{key}\n{membership.log_id}".encode()).hexdigest()
    leaving = Departure(
        head.no, membership.log_id, membership.member_id, words=words, ties=ties, key=own_key
    )
    if hand is None or head.replica:
        return leaving
    try:
        found = await acts_of(node.desk, leaving, most)
    except RulesUnknown:
        # The account goes all the same; who leaves waits until the node has the rules.
        return leaving
    if found is None:
        return leaving
    known, acts = found
    if hand.prepare:
        only_asking.set(True)
        wanted = WantedLeaving(
            membership.chapter_id, membership.log_id, founding, known, tuple(acts)
        )
        hand.leaving.append(wanted)
        return leaving
    return leaving if known is None else _signed(leaving, membership.chapter_id, known, acts, hand)


def _signed(
    leaving: Departure, chapter_id: str, known: str, acts: list[WantedAct], hand: Hand
) -> Departure:
    told = hand.told.leaving.get(chapter_id)
    if told is None or told.member != known:
        raise SignatureNeeded(hand)
    good = {}
    for act in acts:
        message = act.message(leaving.log_id)
        digest = hashlib.sha256(message).hexdigest()
        made = told.signatures.get(digest)
        key = told.voices.get(act.matter, "") if act.matter else known
        if made and _by(act, key) and keys.verify(bytes.fromhex(key), message, bytes.fromhex(made)):
            good[digest] = made
        elif not act.matter:
            raise SignatureNeeded(hand)
    voices = {act.matter: told.voices[act.matter] for act in acts if act.matter in told.voices}
    return msgspec.structs.replace(leaving, signed=SignedLeaving(known, voices, good))


def _by(act: WantedAct, key: str) -> bool:
    """Tell whether a key may sign an act: that of a voice is named by its id."""
    return not act.matter or (bool(key) and act.by == f"voice:{key_id(bytes.fromhex(key))}")
