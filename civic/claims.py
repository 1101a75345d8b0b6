"""Claims: an account attached to the member whose key its person has, with the record alone.

Where a node holds a chapter's record and no account of its members, as a copy or after a
succession, a person shows by a signature that a member's key is theirs. The challenge is drawn from
the account's data key and the time: it says nothing of the account, and is good for no other.
"""

import hmac
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from chapters.state import of as chapter_of
from civic.beginnings import ALREADY_MEMBER, is_present
from civic.deeds.person import Person
from civic.kernel.database import writing
from civic.kernel.keys import verify
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code
from civic.membership import held_now
from civic.node import Node
from identity.member_keys import claim_message
from identity.sessions import SignedIn
from identity.vault import Membership, lock_vault, update_vault

CLAIM_UNKNOWN: Final = code("request.claim_unknown", "No member of the chapter has this key.")
CLAIM_UNPROVEN: Final = code(
    "request.claim_unproven", "The signature does not show that the member's key is at hand."
)
WINDOW: Final = 10
"""Minutes for which a challenge is good; the one before is good too."""


def address_of(base_url: str) -> str:
    """Return the address under which a node is met, as browsers name it (RFC 6454)."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


def dialled(addresses: Sequence[str], host: str) -> str:
    """Return the address of the node at which a request came, the first where it names none."""
    at = next((one for one in addresses if urlsplit(one).netloc == host), addresses[0])
    return address_of(at)


def challenge(known: SignedIn, log_id: str, now: int) -> str:
    """Return what is to be signed at a minute; the same for one account, chapter and window."""
    return _nonce(known, log_id, now // WINDOW)


def _nonce(known: SignedIn, log_id: str, window: int) -> str:
    drawn = f"civic/claim/1\n{log_id}\n{window}".encode()
    return hmac.digest(known.data_key, drawn, "sha256")[:16].hex()


async def claim(
    node: Node,
    known: SignedIn,
    chapter_id: str,
    log: int,
    log_id: str,
    public_key: str,
    signature: str,
    *,
    addresses: Sequence[str],
    now: int,
) -> Person | Refusal:
    """Attach an account to the member of a chapter whose key signed its challenge.

    `addresses` are those under which the node is met; the one that was dialled was signed.
    """
    good = any(
        verify(
            bytes.fromhex(public_key),
            claim_message(log_id, _nonce(known, log_id, window), address_of(address)),
            bytes.fromhex(signature),
        )
        for window in (now // WINDOW, now // WINDOW - 1)
        for address in addresses
    )
    if not good:
        return Refusal(CLAIM_UNPROVEN)

    def member_with_key(state: State) -> Membership | None:
        chapter = chapter_of(state)
        for one, member in chapter.members.items():
            if member.key == public_key:
                # It rests on this key: when another takes its place, so that whoever saw the sheet
                # can do no more, it is over.
                change = chapter.handed.get(one, "")
                return Membership(chapter_id, log_id, one, change, public_key)
        return None

    membership = await node.book.ask(log, member_with_key)
    if membership is None:
        return Refusal(CLAIM_UNKNOWN)
    async with writing(node.engine) as db:
        locked = await lock_vault(db, known.account_id, known.data_key)
        other = (await held_now(node, db, locked)).membership(chapter_id)
        if other is not None and other.member_id != membership.member_id:
            if await is_present(db, log, other.member_id):
                return Refusal(ALREADY_MEMBER)
        elif other is not None and not other.key:
            # This account holds the member already, and not because of a key.
            return Person(log, log_id, membership.member_id)
        await update_vault(
            db, known.account_id, known.data_key, lambda before: before.joined(membership)
        )
    return Person(log, log_id, membership.member_id)
