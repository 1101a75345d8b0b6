"""What a node answers, checked by who asked: the chapter's log, receipts, promises (pure)."""

import hashlib
from typing import Any

import msgspec

from civic.kernel.keys import verify
from civic.kernel.record import merkle, note, proof
from civic.kernel.record.boxes import promise_message
from civic.kernel.record.entry import Act, Entry, encode, minute, when

LONGEST_AGO = 2 * 366 * 24 * 60
"""Minutes before now at which a repeated act may have been recorded."""


class NotProven(Exception):
    """A node's answer does not prove what it says; the text says what is wrong."""


class _Founding(msgspec.Struct):
    log_key: str
    rules: int


class _FirstEntry(msgspec.Struct):
    body: _Founding


def chapter_log(chapter_id: str, entry_0: bytes) -> tuple[note.VerifierKey, int]:
    """Return the key of a chapter's first log and its rules version, as entry 0 names them.

    A chapter's id is the hash of that entry, so that nobody can pass off another log.
    """
    if hashlib.sha256(entry_0).hexdigest() != chapter_id:
        raise NotProven("The node's first entry is not that of this chapter.")
    try:
        first = msgspec.json.decode(entry_0, type=_FirstEntry).body
        return note.log_key(bytes.fromhex(first.log_key)), first.rules
    except (msgspec.DecodeError, ValueError) as error:
        raise NotProven("The first entry names no log.") from error


def entry_of(act: Act[Any], leaf: bytes, now: int) -> Entry[Any]:
    """Return the entry in which an act stands, found by its leaf hash.

    The node adds nothing to an act but the time, so the time is found by trying the minutes before
    now; a leaf that none of them gives holds something else than what was signed.
    """
    for at in range(now + 60, now - LONGEST_AGO, -1):
        entry: Entry[Any] = Entry(
            act.kind, when(at), act.by, act.key, 0, act.body, act.content, act.proof
        )
        if merkle.leaf_hash(encode(entry)) == leaf:
            return entry
    raise NotProven("The node recorded something else than the act that was signed.")


def check_receipt(raw: bytes, index: int, entry: Entry[Any], key: note.VerifierKey) -> int:
    """Return the size of the signed tree in which a receipt proves an entry."""
    try:
        receipt = proof.parse_proof(raw)
        signed = proof.verify_proof(receipt, merkle.leaf_hash(encode(entry)), key)
    except proof.ProofError as error:
        raise NotProven(f"The receipt proves nothing: {error}.") from error
    if receipt.index != index:
        raise NotProven("The receipt is that of another entry.")
    return signed.checkpoint.size


def check_promise(log_id: str, row: dict[str, Any], promise: dict[str, Any], key: bytes) -> None:
    """Check that a promise is about the row that was sent, and signed by the node."""
    same = all(promise[name] == row[name] for name in ("subject", "row", "count", "value"))
    message = promise_message(
        log_id,
        promise["subject"],
        promise["row"],
        promise["count"],
        promise["value"],
        minute(promise["tick"]),
    )
    if not same or not verify(key, message, bytes.fromhex(promise["signature"])):
        raise NotProven("The node promises something else than was sent.")
