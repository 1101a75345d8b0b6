"""Restricted papers of lost keys: which verifier saw whom (pure).

The record must not tell who has met whom, so it has their hashes alone.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from chapters.keys.entries import KeyChangeAnnounced
from chapters.papers import PAPER_BROKEN, PAPER_SIGNATURE
from chapters.state import of
from civic.kernel import keys
from civic.kernel.record.content import salted, unsalted
from civic.kernel.record.entry import Hash, Hex64, Id, Malformed, Ref, encode_json
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code

TYPE: Final = "application/vnd.civic.key-witness+json"
KEY_WITNESS: Final = code(
    "papers.key_witness", "The papers do not show that two verifiers saw the member."
)


class KeyWitness(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A verifier saw a member who lost their key, and that the new one is theirs."""

    change: Id
    member: Ref
    key: Hash
    verifier: Ref
    signature: Hex64 | None = None


_witnesses = msgspec.json.Decoder(KeyWitness)


def make_witness(witness: KeyWitness, salt: bytes | None = None) -> bytes:
    """Return a verifier's word as restricted content."""
    return salted(TYPE, encode_json(witness), salt)


def read_witness(raw: bytes) -> KeyWitness:
    """Return what a paper says; raise `Malformed`."""
    media_type, body = unsalted(raw)
    if media_type != TYPE:
        raise Malformed(f"no word about a key: {media_type}")
    try:
        witness = _witnesses.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    if encode_json(witness) != body:
        raise Malformed("not in canonical form")
    return witness


def witness_message(log_id: str, witness: KeyWitness) -> bytes:
    """Return the bytes that a verifier's member key signs."""
    parts = ("civic/key-witness/1", log_id, witness.change, witness.member, witness.key)
    return "\n".join((*parts, witness.verifier)).encode()


def witnesses_refusal(
    state: State, body: KeyChangeAnnounced, papers: Sequence[bytes]
) -> Refusal | None:
    """Check that two different verifiers in office, neither the member, saw the member."""
    chapter = of(state)
    seen: set[str] = set()
    for raw in papers:
        try:
            witness = read_witness(raw)
        except Malformed:
            return Refusal(PAPER_BROKEN)
        if (witness.change, witness.member, witness.key) != (body.id, body.member, body.key):
            return Refusal(PAPER_BROKEN)
        if not any(
            one.role == "verifier" and one.member == witness.verifier
            for one in chapter.offices.values()
        ):
            return Refusal(KEY_WITNESS)
        key = chapter.members[witness.verifier].key
        if witness.signature is not None and (
            key is None
            or not keys.verify(
                bytes.fromhex(key),
                witness_message(state.record.log_id, witness),
                bytes.fromhex(witness.signature),
            )
        ):
            return Refusal(PAPER_SIGNATURE)
        seen.add(witness.verifier)
    if len(papers) == 2 and (len(seen) < 2 or body.member in seen):
        return Refusal(KEY_WITNESS)
    return None
