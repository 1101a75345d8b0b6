from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from civic.kernel.record import merkle, note, proof
from civic.kernel.record.merkle import MAX_SIZE
from civic.kernel.record.note import Checkpoint, KeyType, VerifierKey
from civic.kernel.record.proof import LogProof, ProofError

LOG = SigningKey(bytes(range(32)))
LOG_KEY = note.log_key(bytes(LOG.verify_key))
WITNESSES = [SigningKey(bytes([i]) * 32) for i in (1, 2, 3)]
WITNESS_KEYS = [
    VerifierKey(f"witness.example/{i}", KeyType.cosignature, bytes(key.verify_key))
    for i, key in enumerate(WITNESSES)
]
SIZE = 21
LEAVES = [merkle.leaf_hash(b"entry %d" % i) for i in range(SIZE)]
SUBTREE = merkle.subtree_from_leaves(LEAVES)
HEAD = Checkpoint(LOG_KEY.name, SIZE, merkle.root_of(SIZE, SUBTREE))
TEXT = note.format_checkpoint(HEAD)
CHECKPOINT = note.format_note(
    TEXT,
    [
        note.sign(TEXT, LOG_KEY.name, LOG),
        note.cosign(TEXT, WITNESS_KEYS[0].name, WITNESSES[0], 1_700_000_000),
        note.cosign(TEXT, WITNESS_KEYS[1].name, WITNESSES[1], 1_700_000_001),
    ],
)
PROOF = proof.make_proof(5, SIZE, SUBTREE, CHECKPOINT, b"entry 5")
FILE = proof.format_proof(PROOF)


class TestFile:
    def test_looks_like_the_specification(self) -> None:
        lines = FILE.decode().split("\n")
        assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra ZW50cnkgNQ==", "index 5"]
        assert lines[3:8] == [note.encode_base64(each) for each in PROOF.path]
        assert lines[8] == ""
        assert FILE.endswith(b"\n\n" + CHECKPOINT)

    def test_is_read_as_written(self) -> None:
        assert proof.parse_proof(FILE) == PROOF
        alone = replace(PROOF, extra=None)
        assert proof.parse_proof(proof.format_proof(alone)) == alone

    def test_of_a_log_of_one_entry(self) -> None:
        head = Checkpoint(LOG_KEY.name, 1, LEAVES[0])
        signed = note.sign_checkpoint(head, LOG)
        only = proof.make_proof(0, 1, SUBTREE, signed)
        data = proof.format_proof(only)
        assert data == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + signed
        assert proof.parse_proof(data) == only
        assert proof.verify_proof(only, LEAVES[0], LOG_KEY).checkpoint == head

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("@v1", "@v2"),
            ("c2sp", "\nc2sp"),
            ("c2sp", " c2sp"),
            ("index 5", "index 05"),
            ("index 5", "index  5"),
            ("index 5", "index -5"),
            ("index 5", "index +5"),
            ("index 5", "index ٥"),
            ("index 5", "index"),
            ("index 5\n", ""),
            ("index 5", "index 5\nindex 5"),
            ("index 5", f"index {MAX_SIZE}"),
            ("index 5", "index 5\r"),
            ("index 5", "index 5 "),
            ("extra ZW50cnkgNQ==", "extra"),
            ("extra ZW50cnkgNQ==", "extra "),
            ("extra ZW50cnkgNQ==", "extra ZW50cnkgNR=="),
            ("extra ZW50cnkgNQ==", "Extra ZW50cnkgNQ=="),
            ("extra ZW50cnkgNQ==", "extra ZW50cnkgNQ==\nextra ZW50cnkgNQ=="),
            ("extra ZW50cnkgNQ==\nindex 5", "index 5\nextra ZW50cnkgNQ=="),
            ("index 5\n", "index 5\nAAAA\n"),
            ("index 5\n", "index 5\n" + 64 * (43 * "A" + "=\n")),
            ("\n\n", "\n"),
        ],
    )
    def test_malformed(self, old: str, new: str) -> None:
        text = FILE.decode()
        assert old in text
        with pytest.raises(ProofError):
            proof.parse_proof(text.replace(old, new).encode())

    def test_nothing_but_a_head(self) -> None:
        for data in (
            b"",
            b"\n\n",
            FILE.partition(b"\n\n")[0],
            FILE.partition(b"\n\n")[0] + b"\n\n",
        ):
            with pytest.raises(ProofError):
                proof.parse_proof(data)
        with pytest.raises(ProofError):
            proof.parse_proof(b"c2sp.org/tlog-proof@v1\nextra " + b"A" * 1_000_000)

    @pytest.mark.parametrize(
        "values",
        [
            (-1, (), CHECKPOINT),
            (MAX_SIZE, (), CHECKPOINT),
            (0, (b"short",), CHECKPOINT),
            (0, (bytes(32),) * 64, CHECKPOINT),
            (0, (), b""),
            (0, (), CHECKPOINT, b""),
        ],
    )
    def test_values_that_no_file_holds(self, values: tuple[int, tuple[bytes, ...], bytes]) -> None:
        with pytest.raises(ProofError):
            LogProof(*values)


class TestVerification:
    @pytest.mark.parametrize("index", range(SIZE))
    def test_every_entry(self, index: int) -> None:
        made = proof.make_proof(index, SIZE, SUBTREE, CHECKPOINT)
        signed = proof.verify_proof(made, LEAVES[index], LOG_KEY, WITNESS_KEYS, 2)
        assert signed.checkpoint == HEAD
        assert [each.key for each in signed.cosignatures] == WITNESS_KEYS[:2]
        for other in range(SIZE):
            if other != index:
                with pytest.raises(ProofError):
                    proof.verify_proof(made, LEAVES[other], LOG_KEY)
                with pytest.raises(ProofError):
                    proof.verify_proof(replace(made, index=other), LEAVES[index], LOG_KEY)

    def test_extra_data_is_opaque(self) -> None:
        changed = replace(PROOF, extra=b"anything")
        assert proof.verify_proof(changed, LEAVES[5], LOG_KEY).checkpoint == HEAD

    def test_quorum_counts_the_given_witnesses(self) -> None:
        for witnesses, quorum in ((WITNESS_KEYS, 3), (WITNESS_KEYS[1:], 2), ([], 1)):
            with pytest.raises(ProofError, match="cosigned"):
                proof.verify_proof(PROOF, LEAVES[5], LOG_KEY, witnesses, quorum)

    def test_another_log(self) -> None:
        stranger = note.log_key(bytes(WITNESSES[0].verify_key))
        with pytest.raises(ProofError, match="refused"):
            proof.verify_proof(PROOF, LEAVES[5], stranger)

    def test_junk_in_place_of_the_checkpoint(self) -> None:
        with pytest.raises(ProofError, match="refused"):
            proof.verify_proof(replace(PROOF, checkpoint=b"junk"), LEAVES[5], LOG_KEY)


class TestProperties:
    @given(
        st.builds(
            LogProof,
            st.integers(0, MAX_SIZE - 1),
            st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
            st.binary(min_size=1, max_size=80),
            st.none() | st.binary(min_size=1, max_size=80),
        )
    )
    def test_files_are_read_as_written(self, made: LogProof) -> None:
        assert proof.parse_proof(proof.format_proof(made)) == made

    @given(st.binary(max_size=120), st.integers(0, len(FILE)), st.integers(0, 120))
    def test_junk_is_refused_and_nothing_else(self, junk: bytes, place: int, removed: int) -> None:
        for data in (junk, FILE[:place] + junk + FILE[place + removed :]):
            with suppress(ProofError):
                read = proof.parse_proof(data)
                assert proof.format_proof(read) == data
                proof.verify_proof(read, LEAVES[5], LOG_KEY, WITNESS_KEYS)

    @given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
    def test_any_changed_byte_is_noticed(self, place: int, change: int) -> None:
        data = bytearray(FILE)
        data[place] ^= change
        try:
            read = proof.parse_proof(bytes(data))
            signed = proof.verify_proof(read, LEAVES[5], LOG_KEY, WITNESS_KEYS)
        except ProofError:
            return
        # What may change is opaque data and whose cosignature a line is said to be.
        assert read.extra != PROOF.extra or len(signed.cosignatures) < 2
        assert (read.index, read.path, signed.checkpoint) == (5, PROOF.path, HEAD)
