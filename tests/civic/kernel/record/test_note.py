import pickle
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from civic.kernel.record import merkle, note
from civic.kernel.record.merkle import EMPTY_ROOT, MAX_SIZE
from civic.kernel.record.note import (
    Checkpoint,
    KeyType,
    NoteError,
    Reason,
    Signature,
    Signed,
    VerifierKey,
)

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
    "AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

ORIGIN = "node.example/chapter/alpha"
LOG, W1, W2 = (SigningKey(bytes(range(start, start + 32))) for start in (0, 32, 64))
LOG_KEY = VerifierKey(ORIGIN, KeyType.ed25519, bytes(LOG.verify_key))
W1_KEY = VerifierKey("witness.example/w1", KeyType.cosignature, bytes(W1.verify_key))
W2_KEY = VerifierKey("witness.example/w2", KeyType.cosignature, bytes(W2.verify_key))
COSIGNED = """\
node.example/chapter/alpha
257
XB/f6DU1gCLyOS3keNvgU/wTDP4dOggoeakM9r8Uv34=

— node.example/chapter/alpha ua+PYVMgzMcYGK7vPlJKzNMu02TzRWpjwzBYpekqcqt9gdqU0TLWf2ENp6Q/RhKLFOugM\
Pi8mO+8w35Oql3NwCWxVAU=
— witness.example/w1 IDJKvgAAAABlU/EASb32JVitH8DNhnwvbVt/xIbe+dor82XBx20TOSkz+0XNsvGOu4R+FlZE/Kssv\
JVYUpffpimO27OVXJOZ7uTwCg==
— witness.example/w2 2MWcxgAAAABlU/EB89sMSSteRa1RGm+lrpZitD9mkjIUIb2Y2MO+FpVKb7psUmCxTQOy6HYwjbgfY\
Tudmp4nvIOX9IgO5XlgPJmtDA==
""".encode()


def cosigned(size: int = 257) -> bytes:
    frontier = merkle.Frontier()
    frontier.extend(merkle.leaf_hash(b"entry %d" % i) for i in range(size))
    text = note.format_checkpoint(Checkpoint(ORIGIN, size, frontier.root()))
    return note.format_note(
        text,
        [
            note.sign(text, ORIGIN, LOG),
            note.cosign(text, W1_KEY.name, W1, 1_700_000_000),
            note.cosign(text, W2_KEY.name, W2, 1_700_000_001),
        ],
    )


def refusal_of_note(data: bytes, *keys: VerifierKey) -> Reason:
    with pytest.raises(NoteError) as caught:
        note.open_note(data, keys)
    return caught.value.reason


class TestPublishedNotes:
    def test_example_of_the_specification(self) -> None:
        key = note.parse_vkey(EXAMPLE_KEY)
        assert note.format_vkey(key) == EXAMPLE_KEY
        assert note.open_note(EXAMPLE, [key]) == (
            "This is an example message.\n",
            (Signed(key, None),),
        )

    def test_keys_of_other_types_are_refused(self) -> None:
        assert note.parse_vkey(NEUMANN).name == "PeterNeumann"
        with pytest.raises(NoteError) as caught:
            note.parse_vkey(NEUMANN.replace("+ARpc", "+ZRpc"))
        assert caught.value.reason == Reason.malformed_key
        with pytest.raises(NoteError) as caught:
            note.parse_vkey(NEUMANN.replace("+c74f20a3+ARpc", "+173116ae+ZRpc"))
        assert caught.value.reason == Reason.wrong_key_type

    @pytest.mark.parametrize(
        ("size", "root", "signature"),
        [
            (
                1,
                "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpN"
                "UbIQY=",
            ),
            (
                3,
                "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=",
                "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WV"
                "rx6go=",
            ),
            (
                5,
                "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=",
                "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei"
                "7sDww=",
            ),
        ],
    )
    def test_checkpoints_of_another_log(self, size: int, root: str, signature: str) -> None:
        public = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
        origin = (
            "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
        )
        assert origin.endswith(sha256(public).hexdigest())
        data = f"{origin}\n{size}\n{root}\n\n— {origin} {signature}\n".encode()
        opened = note.open_checkpoint(data, VerifierKey(origin, KeyType.ed25519, public))
        assert opened.checkpoint == Checkpoint(origin, size, note.decode_base64(root))
        # Their leaf hashes are 2a00…, 2a01…, 2a02…
        frontier = merkle.Frontier()
        frontier.extend(bytes([0x2A, i]) + bytes(30) for i in range(size))
        assert frontier.root() == opened.checkpoint.root

    @pytest.mark.parametrize(
        ("old", "new", "path"),
        [
            (1, 3, ["2a01", "2a02"]),
            (
                3,
                5,
                [
                    "2a02",
                    "2a03",
                    "c2088815d65f60dbfa594d4e96504ab169cb6084bf0c132ab7c521fd2e0eba41",
                    "2a04",
                ],
            ),
        ],
    )
    def test_growth_of_another_log(self, old: int, new: int, path: list[str]) -> None:
        subtree = merkle.subtree_from_leaves([bytes([0x2A, i]) + bytes(30) for i in range(5)])
        hashes = [bytes.fromhex(each).ljust(32, b"\0") for each in path]
        assert merkle.consistency_path(old, new, subtree) == hashes
        roots = merkle.root_of(old, subtree), merkle.root_of(new, subtree)
        assert merkle.verify_consistency(old, new, *roots, hashes)


class TestWorkedLog:
    def test_keys(self) -> None:
        assert LOG_KEY.public_key.hex() == (
            "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
        )
        assert note.format_vkey(LOG_KEY) == (
            "node.example/chapter/alpha+b9af8f61+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
        )
        assert note.format_vkey(W1_KEY) == (
            "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
        )
        assert note.format_vkey(W2_KEY) == (
            "witness.example/w2+d8c59cc6+BCVDuS/xCVURR2rcg2nbbdyTNmWhGXjdoUBO4QZsqVWd"
        )
        plain = VerifierKey(W1_KEY.name, KeyType.ed25519, W1_KEY.public_key)
        assert plain.id.hex() == "484bc619"

    def test_cosigned_checkpoint(self) -> None:
        assert cosigned() == COSIGNED
        opened = note.open_checkpoint(COSIGNED, LOG_KEY, [W2_KEY, W1_KEY])
        assert (opened.checkpoint.origin, opened.checkpoint.size) == (ORIGIN, 257)
        assert opened.cosignatures == (
            Signed(W1_KEY, 1_700_000_000),
            Signed(W2_KEY, 1_700_000_001),
        )

    def test_empty_log(self) -> None:
        assert note.sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), LOG).decode() == (
            f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
            f"— {ORIGIN} ua+PYWIeg/MnZ5rpCWoZWTrFiWor14U340EjbbH4gEFzdioAcJKEUa8JMSaYgsrJqhF/X1iq60"
            "SbQFOlOHN9jWqL2QA=\n"
        )


class TestOurNames:
    def test_a_log_is_named_after_its_key(self) -> None:
        log = note.log_id(LOG_KEY.public_key)
        assert log == sha256(LOG_KEY.public_key).hexdigest()
        key = note.log_key(LOG_KEY.public_key)
        assert key.name == note.origin(log) == f"civic/log/{log}"
        checkpoint = Checkpoint(key.name, 0, EMPTY_ROOT)
        signed = note.sign_checkpoint(checkpoint, LOG)
        assert note.open_checkpoint(signed, key).checkpoint == checkpoint


class TestOpening:
    def test_unknown_lines_are_passed_over(self) -> None:
        assert note.open_checkpoint(COSIGNED, LOG_KEY).cosignatures == ()
        same_name = Signature(ORIGIN, b"\1\2\3\4", b"a longer signature of a later kind")
        parsed = note.parse_note(COSIGNED)
        data = note.format_note(parsed.text, [same_name, same_name, *parsed.signatures])
        assert len(note.open_checkpoint(data, LOG_KEY, [W1_KEY]).cosignatures) == 1

    def test_at_least_one_known_key_signed(self) -> None:
        stranger = VerifierKey("stranger.example", KeyType.ed25519, bytes(32))
        assert refusal_of_note(COSIGNED) == Reason.unknown_signers
        assert refusal_of_note(COSIGNED, stranger) == Reason.unknown_signers

    def test_every_known_line_must_verify(self) -> None:
        parsed = note.parse_note(COSIGNED)
        for place, key in enumerate((LOG_KEY, W1_KEY, W2_KEY)):
            broken = list(parsed.signatures)
            line = broken[place]
            for blob in (
                line.blob[:-1] + bytes([line.blob[-1] ^ 1]),
                bytes([line.blob[0] ^ 1]) + line.blob[1:],
                line.blob[:-1],
                line.blob + b"\0",
                b"\0",
            ):
                broken[place] = Signature(line.name, line.key_id, blob)
                data = note.format_note(parsed.text, broken)
                assert refusal_of_note(data, LOG_KEY, W1_KEY, W2_KEY) == Reason.bad_signature
                others = {LOG_KEY, W1_KEY, W2_KEY} - {key}
                assert len(note.open_note(data, others)[1]) == 2

    def test_a_known_key_signs_once(self) -> None:
        parsed = note.parse_note(COSIGNED)
        twice = note.format_note(parsed.text, [*parsed.signatures, parsed.signatures[1]])
        assert refusal_of_note(twice, W1_KEY) == Reason.repeated_signature
        assert len(note.open_note(twice, [LOG_KEY])[1]) == 1

    def test_no_signature_covers_another_text(self) -> None:
        for data in (COSIGNED.replace(b"257", b"256"), COSIGNED.replace(b"XB/f", b"XB/g")):
            for key in (LOG_KEY, W1_KEY, W2_KEY):
                assert refusal_of_note(data, key) == Reason.bad_signature

    def test_time_of_a_cosignature_is_bounded(self) -> None:
        text = note.parse_note(COSIGNED).text
        for time in (-1, note.MAX_TIME + 1):
            with pytest.raises(NoteError):
                note.cosign(text, "w", W1, time)
        time = note.MAX_TIME + 1
        message = b"cosignature/v1\ntime %d\n%b" % (time, text.encode())
        blob = time.to_bytes(8) + W1.sign(message).signature
        data = note.format_note(text, [Signature(W1_KEY.name, W1_KEY.id, blob)])
        assert refusal_of_note(data, W1_KEY) == Reason.bad_signature

    def test_split_is_at_the_last_empty_line(self) -> None:
        text = "One.\n\n— not a signature\n\n\n"
        data = note.format_note(text, [note.sign(text, ORIGIN, LOG)])
        assert note.open_note(data, [LOG_KEY]) == (text, (Signed(LOG_KEY, None),))


class TestStrictness:
    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            ("\n\n— node", "\n— node", Reason.no_signatures),
            ("DA==\n", "DA==", Reason.no_signatures),
            ("DA==\n", "DA==\n\n", Reason.no_signatures),
            ("DA==\n", "DA==\njunk\n", Reason.malformed_line),
            ("— witness.example/w1 ", "—  witness.example/w1 ", Reason.malformed_name),
            ("— witness.example/w1 ", "- witness.example/w1 ", Reason.malformed_line),
            ("— witness.example/w1 ", "—witness.example/w1 ", Reason.malformed_line),
            ("— witness.example/w1 ", "— witness.example/w1", Reason.malformed_line),
            ("— witness.example/w1 ", "— witness.example+w1 ", Reason.malformed_name),
            ("— witness.example/w1 ", "— witness.example\u00a0w1 ", Reason.malformed_name),
            ("— witness.example/w1 ", "— witness.example\u2003w1 ", Reason.malformed_name),
            ("w1 IDJK", "w1  IDJK", Reason.malformed_base64),
            ("uTwCg==", "uTwCh==", Reason.malformed_base64),
            ("uTwCg==", "uTwCg=", Reason.malformed_base64),
            ("uTwCg==", "uTwCg", Reason.malformed_base64),
            ("uTwCg==", "uTwCg== ", Reason.malformed_base64),
            ("uTwCg==", "uTwCg==\r", Reason.not_text),
            ("257\n", "257\t\n", Reason.not_text),
            ("257\n", "257\0\n", Reason.not_text),
        ],
    )
    def test_malformed_notes(self, old: str, new: str, reason: Reason) -> None:
        text = COSIGNED.decode()
        assert old in text
        assert refusal_of_note(text.replace(old, new).encode(), LOG_KEY) == reason

    def test_not_utf8(self) -> None:
        assert refusal_of_note(COSIGNED.replace(b"257", b"\xff"), LOG_KEY) == Reason.not_text
        assert (
            refusal_of_note(COSIGNED.replace(b"257", b"\xed\xa0\x80"), LOG_KEY) == Reason.not_text
        )

    def test_a_line_needs_a_signature(self) -> None:
        for blob in (b"", b"abc", b"abcd"):
            data = f"text\n\n— name {note.encode_base64(blob)}\n".encode()
            assert refusal_of_note(data) == Reason.malformed_line

    def test_number_of_lines(self) -> None:
        text = note.parse_note(COSIGNED).text
        own = note.sign(text, ORIGIN, LOG)
        others = [Signature(f"w{i}", b"abcd", b"e") for i in range(16)]
        assert note.open_note(note.format_note(text, [own, *others[:15]]), [LOG_KEY])
        lines = "".join(map(note.format_signature, [own, *others]))
        assert refusal_of_note(f"{text}\n{lines}".encode(), LOG_KEY) == Reason.too_many_lines
        with pytest.raises(NoteError):
            note.format_note(text, [own, *others])
        with pytest.raises(NoteError):
            note.format_note(text, [])

    def test_a_refusal_crosses_processes(self) -> None:
        error = pickle.loads(pickle.dumps(NoteError(Reason.too_long, "much too long")))
        assert (error.reason, str(error)) == (Reason.too_long, "much too long (too_long)")

    def test_length(self) -> None:
        assert refusal_of_note(b"a" * 1_000_001) == Reason.too_long

    @pytest.mark.parametrize(
        "signature",
        [
            Signature("a b", b"abcd", b"e"),
            Signature("", b"abcd", b"e"),
            Signature("a", b"abc", b"ef"),
            Signature("a", b"abcd", b""),
            Signature("a\n", b"abcd", b"e"),
        ],
    )
    def test_only_what_can_be_read_back_is_written(self, signature: Signature) -> None:
        with pytest.raises(NoteError):
            note.format_note("text\n", [signature])

    @pytest.mark.parametrize("text", ["no newline", "", "tab\t\n", "\ud800\n"])
    def test_texts_that_cannot_be_signed(self, text: str) -> None:
        for attempt in (
            lambda: note.sign(text, ORIGIN, LOG),
            lambda: note.cosign(text, ORIGIN, LOG, 1),
            lambda: note.format_note(text, [Signature("a", b"abcd", b"e")]),
        ):
            with pytest.raises(NoteError) as caught:
                attempt()
            assert caught.value.reason == Reason.not_text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "name",
            "name+530d903a",
            EXAMPLE_KEY.replace("foo", "fop"),
            EXAMPLE_KEY.replace("530d903a", "530D903A"),
            EXAMPLE_KEY.replace("530d903a", "0530d903a"),
            EXAMPLE_KEY.replace("/foo", " foo"),
            EXAMPLE_KEY.replace("example.com/foo", ""),
            EXAMPLE_KEY[:-4],
            EXAMPLE_KEY + "=",
            EXAMPLE_KEY + "\n",
            "name+530d903a+",
            "\ud800+530d903a+AQ==",
        ],
    )
    def test_malformed_keys(self, text: str) -> None:
        with pytest.raises(NoteError):
            note.parse_vkey(text)

    def test_short_keys_are_refused_whatever_their_id(self) -> None:
        for data in (b"\1", b"\1" + bytes(31), b"\4" + bytes(33)):
            digits = note.key_id("a", data[0], data[1:]).hex()
            with pytest.raises(NoteError) as caught:
                note.parse_vkey(f"a+{digits}+{note.encode_base64(data)}")
            assert caught.value.reason == Reason.malformed_key


class TestCheckpointText:
    TEXT = note.parse_note(COSIGNED).text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\n\n\n",
            TEXT[:-1],
            TEXT + "an extension\n",
            TEXT + "\n",
            TEXT.replace("257", "0257"),
            TEXT.replace("257", "00"),
            TEXT.replace("257", "+257"),
            TEXT.replace("257", "-1"),
            TEXT.replace("257", "2_5"),
            TEXT.replace("257", ""),
            TEXT.replace("257", "٢٥٧"),
            TEXT.replace("257", "²"),
            TEXT.replace("257", str(MAX_SIZE + 1)),
            TEXT.replace("257", "9" * 5000),
            TEXT.replace("v34=", "v35="),
            TEXT.replace("v34=", ""),
            TEXT.replace("node.example", "node example"),
            TEXT.replace("node.example/chapter/alpha", ""),
        ],
    )
    def test_malformed(self, text: str) -> None:
        with pytest.raises(NoteError):
            note.parse_checkpoint(text)

    def test_largest_size(self) -> None:
        text = self.TEXT.replace("257", str(MAX_SIZE))
        assert note.parse_checkpoint(text).size == MAX_SIZE

    @pytest.mark.parametrize(
        "values",
        [
            ("a", -1, EMPTY_ROOT),
            ("a", MAX_SIZE + 1, EMPTY_ROOT),
            ("a", 1, b""),
            ("", 1, EMPTY_ROOT),
        ],
    )
    def test_impossible_heads(self, values: tuple[str, int, bytes]) -> None:
        with pytest.raises(NoteError):
            Checkpoint(*values)

    def test_another_log(self) -> None:
        text = self.TEXT.replace("alpha", "beta")
        data = note.format_note(text, [note.sign(text, ORIGIN, LOG)])
        with pytest.raises(NoteError) as caught:
            note.open_checkpoint(data, LOG_KEY)
        assert caught.value.reason == Reason.wrong_origin

    def test_witnesses_alone_are_not_enough(self) -> None:
        data = note.format_note(self.TEXT, [note.cosign(self.TEXT, W1_KEY.name, W1, 1)])
        with pytest.raises(NoteError) as caught:
            note.open_checkpoint(data, LOG_KEY, [W1_KEY])
        assert caught.value.reason == Reason.unknown_signers

    def test_kinds_of_keys_are_not_confused(self) -> None:
        plain = VerifierKey(W1_KEY.name, KeyType.ed25519, W1_KEY.public_key)
        for log, witness in ((W1_KEY, W2_KEY), (LOG_KEY, plain), (LOG_KEY, LOG_KEY)):
            with pytest.raises(NoteError) as caught:
                note.open_checkpoint(COSIGNED, log, [witness])
            assert caught.value.reason == Reason.wrong_key_type


NAMES = st.text(min_size=1, max_size=12).filter(
    lambda name: (
        "+" not in name
        and not any(c.isspace() or c < " " or 0xD800 <= ord(c) <= 0xDFFF for c in name)
    )
)
TEXTS = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters=[chr(i) for i in range(32) if i != 10]
    ),
    max_size=80,
).map(lambda text: text + "\n")
SIGNATURES = st.builds(
    Signature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)


class TestProperties:
    @given(TEXTS, st.lists(SIGNATURES, min_size=1, max_size=16))
    def test_notes_are_read_as_written(self, text: str, signatures: list[Signature]) -> None:
        data = note.format_note(text, signatures)
        assert note.parse_note(data) == note.Note(text, tuple(signatures))
        lines = "".join(map(note.format_signature, signatures)).encode()
        assert note.parse_signatures(lines) == tuple(signatures)

    @given(NAMES, st.sampled_from(KeyType), st.binary(min_size=32, max_size=32))
    def test_keys_are_read_as_written(self, name: str, key_type: KeyType, public: bytes) -> None:
        key = VerifierKey(name, key_type, public)
        assert note.parse_vkey(note.format_vkey(key)) == key

    @given(NAMES, st.integers(0, MAX_SIZE), st.binary(min_size=32, max_size=32))
    def test_checkpoints_are_read_as_written(self, origin: str, size: int, root: bytes) -> None:
        checkpoint = Checkpoint(origin, size, root)
        assert note.parse_checkpoint(note.format_checkpoint(checkpoint)) == checkpoint

    @given(st.integers(0, len(COSIGNED) - 1), st.integers(1, 255))
    def test_any_changed_byte_is_noticed(self, place: int, change: int) -> None:
        data = bytearray(COSIGNED)
        data[place] ^= change
        try:
            opened = note.open_checkpoint(bytes(data), LOG_KEY, [W1_KEY, W2_KEY])
        except NoteError:
            return
        # A changed name or key id makes the line one of an unknown key, which does not count.
        assert len(opened.cosignatures) < 2
        assert opened.text == note.parse_note(COSIGNED).text

    @given(st.binary(max_size=200), st.integers(0, len(COSIGNED)), st.integers(0, 200))
    def test_junk_is_refused_and_nothing_else(self, junk: bytes, place: int, removed: int) -> None:
        for data in (junk, COSIGNED[:place] + junk + COSIGNED[place + removed :]):
            for read in (note.parse_note, note.parse_signatures):
                with suppress(NoteError):
                    read(data)
            with suppress(NoteError):
                note.open_checkpoint(data, LOG_KEY, [W1_KEY, W2_KEY])

    @given(st.text(max_size=120))
    def test_what_is_read_is_what_would_be_written(self, junk: str) -> None:
        for text in (junk, f"{junk}\n1\n{'A' * 43}=\n", f"a\n{junk}\n{'A' * 43}=\n"):
            try:
                checkpoint = note.parse_checkpoint(text)
            except NoteError:
                continue
            assert note.format_checkpoint(checkpoint) == text
        for text in (junk, f"{junk}+00000000+AQ==", EXAMPLE_KEY + junk):
            try:
                key = note.parse_vkey(text)
            except NoteError:
                continue
            assert note.format_vkey(key) == text
        number = note.decode_decimal(junk)
        assert number is None or str(number) == junk

    @given(st.binary(max_size=100))
    def test_base64_has_one_spelling(self, data: bytes) -> None:
        text = note.encode_base64(data)
        assert note.decode_base64(text) == data
        assume(data)
        for wrong in (text + "\n", " " + text, text[:-1], text + "=", text + text[-1] + "é"):
            with pytest.raises(NoteError):
                note.decode_base64(wrong)
