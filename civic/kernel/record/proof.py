"""Proofs that an entry stands in a log, to keep and check offline (C2SP tlog-proof)."""

from collections.abc import Iterable
from dataclasses import dataclass

from civic.kernel.record.merkle import (
    HASH_BYTES,
    MAX_SIZE,
    Subtree,
    inclusion_path,
    verify_inclusion,
)
from civic.kernel.record.note import (
    MAX_NOTE_BYTES,
    NoteError,
    SignedCheckpoint,
    VerifierKey,
    decode_base64,
    decode_decimal,
    encode_base64,
    open_checkpoint,
)

FILE_SUFFIX = ".tlog-proof"
MAX_PATH = 63

_HEADER = "c2sp.org/tlog-proof@v1"


class ProofError(ValueError):
    """A proof that is malformed or does not prove what it is held to prove."""


@dataclass(frozen=True, slots=True)
class LogProof:
    """An entry's place in a log, up to a signed checkpoint kept verbatim.

    `extra` is opaque and unauthenticated (ours carries the entry's bytes, which the leaf hash then
    binds). `ProofError` for values that no proof file can hold.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index < MAX_SIZE:
            raise ProofError("an index is out of range")
        if len(self.path) > MAX_PATH or any(len(each) != HASH_BYTES for each in self.path):
            raise ProofError(f"a path has at most {MAX_PATH} hashes of {HASH_BYTES} bytes")
        if not self.checkpoint:
            raise ProofError("the checkpoint is missing")
        if self.extra is not None and not self.extra:
            raise ProofError("empty extra data is left out")


def make_proof(
    index: int, size: int, subtree: Subtree, checkpoint: bytes, extra: bytes | None = None
) -> LogProof:
    """The proof of entry `index` on the signed checkpoint of a tree of `size`."""
    return LogProof(index, tuple(inclusion_path(index, size, subtree)), checkpoint, extra)


def format_proof(proof: LogProof) -> bytes:
    """The file of a proof."""
    lines = [_HEADER]
    if proof.extra is not None:
        lines.append(f"extra {encode_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines.extend(map(encode_base64, proof.path))
    return "\n".join(lines).encode() + b"\n\n" + proof.checkpoint


def parse_proof(data: bytes) -> LogProof:
    """Reads the file of a proof strictly, the checkpoint in it unread; `ProofError` otherwise."""
    head, _, checkpoint = data.partition(b"\n\n")
    if len(head) > MAX_NOTE_BYTES:
        raise ProofError(f"a proof's head has at most {MAX_NOTE_BYTES} bytes")
    try:
        lines = head.decode("ascii").split("\n")
        extra = None
        if lines.pop(0) != _HEADER:
            raise ProofError(f"a proof begins with {_HEADER}")
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "))
        index = None
        if lines and lines[0].startswith("index "):
            index = decode_decimal(lines.pop(0).removeprefix("index "))
        if index is None:
            raise ProofError("a proof names the index of its entry")
        path = tuple(map(decode_base64, lines[: MAX_PATH + 1]))
    except UnicodeDecodeError:
        raise ProofError("a proof is ASCII text up to its checkpoint") from None
    except NoteError as error:
        raise ProofError(f"a proof holds {error}") from error
    return LogProof(index, path, checkpoint, extra)


def verify_proof(
    proof: LogProof,
    leaf: bytes,
    log: VerifierKey,
    witnesses: Iterable[VerifierKey] = (),
    quorum: int = 0,
) -> SignedCheckpoint:
    """Checks that the entry with leaf hash `leaf` stands in the log; returns the head it stands on.

    `ProofError` unless the log signed the checkpoint, at least `quorum` of the given witnesses
    cosigned it, and the path leads from the leaf to its root. `leaf` is computed by the caller
    from the entry that they hold, never taken from the proof.
    """
    try:
        signed = open_checkpoint(proof.checkpoint, log, witnesses)
    except NoteError as error:
        raise ProofError(f"the checkpoint is refused: {error}") from error
    if len(signed.cosignatures) < quorum:
        raise ProofError(f"{len(signed.cosignatures)} witnesses of {quorum} cosigned")
    head = signed.checkpoint
    if not verify_inclusion(proof.index, head.size, leaf, proof.path, head.root):
        raise ProofError("the path does not lead from this entry to the signed root")
    return signed
