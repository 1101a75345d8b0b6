"""Reading in bulk accepts and refuses exactly what the codec does; proofs are cut out rightly."""

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters import entries as c
from civic.kernel.record.entry import (
    As,
    Entry,
    Malformed,
    UnknownKind,
    act_message,
    encode,
    when,
)
from civic.kernel.record.lean import Reader
from civic.kernel.record.signed import kind_of, signed_part
from civic.procedure import DRAFT
from tests.acts import made, text
from tests.dishonest.case import village
from tests.factories.life import life


@functools.cache
def raws() -> list[bytes]:
    """Entries of many kinds, signed and not."""
    return [*life().raws(), *village(signed=False).raws()]


@pytest.fixture(scope="module")
def reader() -> Reader:
    reader = Reader(DRAFT.codec)
    for raw in raws():
        reader.read(raw)
    return reader


def outcome(read: object, raw: bytes) -> object:
    try:
        return encode(read(raw))  # type: ignore[operator]
    except (Malformed, UnknownKind) as error:
        return type(error), str(error)


class TestReader:
    def test_it_gives_the_same_entries(self, reader: Reader) -> None:
        for raw in raws():
            read, decoded = reader.read(raw), DRAFT.codec.decode(raw)
            assert isinstance(read.body, type(decoded.body))
            for name in Entry.__struct_fields__:
                if name == "body":
                    fields = decoded.body.__struct_fields__
                    assert [getattr(read.body, one) for one in fields] == [
                        getattr(decoded.body, one) for one in fields
                    ]
                else:
                    assert encode(getattr(read, name)) == encode(getattr(decoded, name))

    @settings(max_examples=400, deadline=None)
    @given(data=st.data())
    def test_it_refuses_the_same_bytes(self, data: st.DataObject) -> None:
        reader = Reader(DRAFT.codec)
        raw = bytearray(data.draw(st.sampled_from(raws())))
        reader.read(bytes(raw))
        for _ in range(data.draw(st.integers(1, 2))):
            position = data.draw(st.integers(0, len(raw) - 1))
            how = data.draw(st.sampled_from(["flip", "set", "drop", "insert", "upper"]))
            if how == "flip":
                raw[position] ^= 1 << data.draw(st.integers(0, 7))
            elif how == "set":
                raw[position] = data.draw(st.sampled_from(list(b'az09AZ"\\ {}[],:-\x00\xc3')))
            elif how == "drop":
                del raw[position]
            elif how == "insert":
                raw.insert(position, data.draw(st.sampled_from(list(b'a0 "\\,'))))
            else:
                raw[position : position + 20] = raw[position : position + 20].upper()
        assert outcome(reader.read, bytes(raw)) == outcome(DRAFT.codec.decode, bytes(raw))

    @pytest.mark.parametrize("length", [0, 26, 60_001])
    def test_junk(self, reader: Reader, length: int) -> None:
        with pytest.raises(Malformed):
            reader.read(b"x" * length)

    def test_an_entry_that_is_too_long(self, reader: Reader) -> None:
        hashes = tuple(sorted(text(str(number)) for number in range(1_000)))
        record = village()
        index = record.lie(c.TookPart(made("p"), "voice", when(record.tick), hashes), As.NODE)
        with pytest.raises(Malformed, match="longer"):
            reader.read(encode(record.entries[index]))


class TestSigned:
    def test_what_a_proof_signs(self) -> None:
        log = life().log_id
        for entry, raw in zip(life().entries, life().raws(), strict=True):
            assert kind_of(raw) == entry.kind
            if entry.proof is None:
                continue
            part = signed_part(raw, log.encode())
            assert part.public_key.hex() == entry.proof.public_key
            assert part.signature.hex() == entry.proof.signature
            assert part.message == act_message(
                log, entry.kind, entry.by, entry.key, entry.body, entry.content
            )
            keyed = entry.by.as_.value in ("voice", "row")
            assert part.own_id == (entry.by.id if keyed else None)

    def test_no_body_has_a_field_named_as_those_behind_it(self) -> None:
        # What a proof signs is found by the last `content` before it.
        for body in DRAFT.codec.bodies:
            assert not {"content", "proof"} & set(body.__struct_encode_fields__)
