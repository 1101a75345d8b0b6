"""The vectors come out byte for byte, and the code agrees with each of them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

import chapters.texts
import deliberation.texts
from chapters.papers import read_paper
from chapters.state import of as chapter_of
from civic.kernel import keys
from civic.kernel.record import merkle, note, proof, tiles
from civic.kernel.record.audit import Domain, audit
from civic.kernel.record.bundle import Bundle
from civic.kernel.record.content import content_hash, read_words
from civic.kernel.record.entry import (
    As,
    By,
    Malformed,
    act_key,
    due_key,
    encode,
    made_id,
    minute,
    when,
)
from civic.kernel.record.replay import Replay
from civic.procedure import DRAFT, VERSIONS
from docs.protocol import make_vectors
from docs.protocol.make_vectors import FOLDER
from docs.protocol.story_bundle import bundle_digest

VECTORS: dict[str, Any] = msgspec.json.decode((FOLDER / "vectors.json").read_bytes())
LOG: str = VECTORS["log"]["log_id"]


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_they_come_out_the_same(tmp_path: Path) -> None:
    make_vectors.write(tmp_path)
    assert files(tmp_path) == files(FOLDER)


def test_entries() -> None:
    for one in VECTORS["entries"]:
        raw = one["bytes"].encode()
        assert encode(DRAFT.codec.decode(raw)) == raw
        assert content_hash(raw) == one["sha256"]
        assert merkle.leaf_hash(raw).hex() == one["leaf"]
    assert VECTORS["entries"][0]["sha256"] == VECTORS["log"]["chapter"]


def test_the_record_follows_the_procedure() -> None:
    replay = Replay(VERSIONS, 0, LOG)
    replay.feed(one["bytes"].encode() for one in VECTORS["entries"])
    replay.finish()
    assert replay.finding is None
    assert replay.counts.due > 0


@pytest.mark.parametrize("one", VECTORS["malformed"], ids=lambda one: one["why"])
def test_malformed(one: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        DRAFT.codec.decode(one["bytes"].encode())


def test_moments_keys_and_ids() -> None:
    for one in VECTORS["moments"]:
        assert when(one["minute"]) == one["text"]
        assert minute(one["text"]) == one["minute"]
    for one in VECTORS["act_keys"]:
        role, own = one["by"].split(":")
        assert act_key(one["log"], By(As(role), own), one["client_key"]) == one["key"]
    for one in VECTORS["due_keys"]:
        assert due_key(one["log"], minute(one["deadline"]), one["id"]) == one["key"]
    for one in VECTORS["made_ids"]:
        assert made_id(one["key"], one["part"]) == one["id"]


@pytest.mark.parametrize("name", ["proofs", "rows", "promises"])
def test_signatures(name: str) -> None:
    for one in VECTORS[name]:
        public, signature = bytes.fromhex(one["public_key"]), bytes.fromhex(one["signature"])
        assert keys.verify(public, one["message"].encode(), signature)


def test_ties_are_signed_by_the_member() -> None:
    public = bytes.fromhex(VECTORS["derived_keys"][0]["member_key"])
    for one in VECTORS["ties"]:
        assert keys.verify(public, one["message"].encode(), bytes.fromhex(one["signature"]))


def test_content() -> None:
    for one in VECTORS["words"]:
        raw = bytes.fromhex(one["bytes"])
        assert content_hash(raw) == one["sha256"]
        assert read_words(raw).lang == "en"
    for one in VECTORS["papers"]:
        raw = bytes.fromhex(one["bytes"])
        assert content_hash(raw) == one["sha256"]
        read_paper(raw)


def test_checkpoint_and_receipt() -> None:
    key = note.parse_vkey(VECTORS["checkpoint"]["vkey"])
    head = note.open_checkpoint(VECTORS["checkpoint"]["note"].encode(), key).checkpoint
    leaves = [bytes.fromhex(one["leaf"]) for one in VECTORS["entries"]]
    assert head.size == len(leaves)
    assert head.root == merkle.root_of(head.size, merkle.subtree_from_leaves(leaves))
    receipt = proof.parse_proof(VECTORS["receipt"]["proof"].encode())
    assert receipt.extra == VECTORS["entries"][0]["bytes"].encode()
    assert merkle.verify_inclusion(
        receipt.index, head.size, leaves[0], list(receipt.path), head.root
    )


def test_an_audit_of_the_bundle_finds_nothing() -> None:
    tables = (chapters.texts.TEXTS, deliberation.texts.TEXTS)
    domain = Domain(VERSIONS, tables, lambda state: chapter_of(state).bylaws.visibility)
    with Bundle.open(FOLDER / "bundle") as bundle:
        audited = audit(bundle, domain, chapter=VECTORS["log"]["chapter"])
    assert (audited.status, audited.findings) == (0, [])
    assert audited.content.erased == 1


def test_bundle() -> None:
    folder = FOLDER / "bundle"
    known = files(folder)
    assert VECTORS["bundle"]["files"] == {name: content_hash(raw) for name, raw in known.items()}
    assert bundle_digest(known) == VECTORS["bundle"]["digest"]
    with Bundle.open(folder) as bundle:
        size = len(VECTORS["entries"])
        raws = [
            raw
            for number, part in enumerate(bundle.bundles(size))
            for raw in tiles.decode_bundle(part or b"", min(256, size - 256 * number))
        ]
        assert raws == [one["bytes"].encode() for one in VECTORS["entries"]]
        assert list(bundle.foreign(size)) == []
        manifest = bundle.manifest()
    assert manifest is not None
    assert manifest.chapter == VECTORS["log"]["chapter"]
