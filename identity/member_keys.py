"""Member keys: from one 32-byte seed, a key for each chapter and one for each voice and row.

The seed stands on a person's recovery sheet; what is derived here is the same on every node and
in every program that follows these lines:

    okm = HKDF-SHA256(IKM = seed, salt = L, info = I, length = 32)        (RFC 5869)
    key = Ed25519 key whose 32-byte private seed is okm                   (RFC 8032)

`L` is the 32 bytes of the log id of the chapter's first log (64 hex digits, decoded), and `I` is
in ASCII:

    member key   the 6 bytes `member`
    voice key    the 5 bytes `voice`, then the matter's id as its 26 base32 characters
    row key      the 3 bytes `row`, then the matter's id as its 26 base32 characters

A voice id or row id is the first 16 bytes of the SHA-256 of the 32-byte public key, written as 26
lowercase base32 characters without padding (RFC 4648). A member's id is random and does not follow
from the key.
"""

import re
from typing import Final

from nacl.signing import SigningKey

from civic.kernel.keys import SEED_SIZE, derive, public_key, signing_key
from civic.kernel.record.entry import is_id, key_id

_LOG_ID: Final = re.compile(r"[0-9a-f]{64}")


def member_key(seed: bytes, log_id: str) -> SigningKey:
    """Return a member's key in the chapter whose first log has this id (64 hex digits)."""
    return _key(seed, log_id, b"member")


def voice_key(seed: bytes, log_id: str, matter_id: str) -> SigningKey:
    """Return the key under whose id a member speaks in one matter."""
    return _key(seed, log_id, b"voice" + _matter(matter_id))


def row_key(seed: bytes, log_id: str, matter_id: str) -> SigningKey:
    """Return the key under whose id a member reacts and votes pseudonymously in one matter."""
    return _key(seed, log_id, b"row" + _matter(matter_id))


def claim_message(log_id: str, nonce: str, node: str) -> bytes:
    """Return what a member key signs to have a new account attached to its member.

    `node` is the address (scheme, host and port) at which the person meets the node: who signs at
    one node has signed for no other.
    """
    return f"civic/claim/1\n{log_id}\n{nonce}\n{node}".encode()


def asking_message(log_id: str, nonce: str, node: str, member: str, key: str) -> bytes:
    """Return what a new key (hex) signs so that an account can ask for a member with it.

    `nonce` stands for the account, `node` as in `claim_message`: what shows in the record that the
    key is at hand can be read and sent again by everybody, and this is good for one account alone.
    """
    return f"civic/key-request/1\n{log_id}\n{nonce}\n{node}\n{member}\n{key}".encode()


def id_of_key(key: SigningKey) -> str:
    """Return the voice or row id that a key stands for."""
    return key_id(public_key(key))


def _key(seed: bytes, log_id: str, info: bytes) -> SigningKey:
    if len(seed) != SEED_SIZE:
        raise ValueError(f"a seed has {SEED_SIZE} bytes")
    if not _LOG_ID.fullmatch(log_id):
        raise ValueError("a log id has 64 lowercase hex digits")
    return signing_key(derive(seed, bytes.fromhex(log_id), info))


def _matter(matter_id: str) -> bytes:
    if not is_id(matter_id):
        raise ValueError("a matter's id has 26 lowercase base32 characters")
    return matter_id.encode("ascii")
