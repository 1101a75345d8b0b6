"""Reading in bulk accepts and refuses exactly what the codec does; proofs are cut out rightly."""

import functools
import re

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


READER = Reader(DRAFT.codec)


def refused(raw: bytes) -> bool:
    """Tell whether the codec refuses the bytes of an entry."""
    try:
        DRAFT.codec.decode(raw)
    except (Malformed, UnknownKind):
        return True
    return False


def changed(data: st.DataObject, raw: bytes) -> bytes:
    """The bytes of an entry with a change or two."""
    array = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 2))):
        position = data.draw(st.integers(0, len(array) - 1))
        how = data.draw(st.sampled_from(["flip", "set", "drop", "insert", "upper"]))
        if how == "flip":
            array[position] ^= 1 << data.draw(st.integers(0, 7))
        elif how == "set":
            array[position] = data.draw(st.sampled_from(list(b'az09AZ"\\ {}[],:-\n\x00\xc3')))
        elif how == "drop":
            del array[position]
        elif how == "insert":
            array.insert(position, data.draw(st.sampled_from(list(b'a0 "\\,\n'))))
        else:
            array[position : position + 20] = array[position : position + 20].upper()
    return bytes(array)


class TestReader:
    def test_it_gives_the_same_entries(self) -> None:
        entries = READER.read(raws())
        assert entries is not None
        for raw, read in zip(raws(), entries, strict=True):
            decoded = DRAFT.codec.decode(raw)
            assert isinstance(read.body, type(decoded.body))
            assert encode(read) == raw
            for name in Entry.__struct_fields__:
                if name == "body":
                    fields = decoded.body.__struct_fields__
                    assert [getattr(read.body, one) for one in fields] == [
                        getattr(decoded.body, one) for one in fields
                    ]
                else:
                    assert encode(getattr(read, name)) == encode(getattr(decoded, name))

    @settings(max_examples=800, deadline=None)
    @given(data=st.data())
    def test_it_leaves_to_the_codec_what_the_codec_refuses(self, data: st.DataObject) -> None:
        raw = changed(data, data.draw(st.sampled_from(raws())))
        before = raws()[: data.draw(st.integers(0, 3))]
        assert (READER.read([*before, raw, *raws()[:1]]) is None) == refused(raw)

    @pytest.mark.parametrize("name", ["id", "key", "hash", "signature"])
    @pytest.mark.parametrize("character", ["A", "_", ",", "1", "ä", "٣", " "])
    def test_forms_are_those_of_the_codec(self, name: str, character: str) -> None:
        forms = {"id": r'"id":"([^"]+)', "key": r'"key":"([^"]+)', "hash": r'"([0-9a-f]{64})"'}
        forms["signature"] = r'"([0-9a-f]{128})"'
        for raw in raws():
            found = re.search(forms[name].encode(), raw)
            if found is None:
                continue
            for place in (found.start(1), found.end(1) - 1):
                other = raw[:place] + character.encode() + raw[place + 1 :]
                assert (READER.read([other]) is None) == refused(other)

    def test_texts_of_other_lengths_do_not_make_up_for_each_other(self) -> None:
        first, second = raws()[:2]
        key = first.index(b'"key":"') + 7
        shorter = first[:key] + first[key + 1 :]
        key = second.index(b'"key":"') + 7
        longer = second[:key] + b"0" + second[key:]
        assert READER.read([first, second]) is not None
        assert READER.read([shorter, longer]) is None

    def test_what_stands_between_entries_is_no_part_of_one(self) -> None:
        first, second, third = raws()[:3]
        assert READER.read([first, second, third]) is not None
        assert READER.read([first + b"\n" + second, third]) is None
        assert READER.read([first + b"\n" + second[:9], second[9:] + b"\n" + third]) is None
        assert READER.read([first, b"", second]) is None
        assert READER.read([first[:40], first[40:]]) is None

    @pytest.mark.parametrize("length", [0, 26, 60_001])
    def test_junk(self, length: int) -> None:
        assert READER.read([b"x" * length]) is None
        assert READER.read([raws()[0], b"x" * length]) is None

    def test_an_entry_that_is_too_long(self) -> None:
        hashes = tuple(sorted(text(str(number)) for number in range(1_000)))
        record = village()
        index = record.lie(c.TookPart(made("p"), "voice", when(record.tick), hashes), As.NODE)
        assert READER.read([encode(record.entries[index])]) is None


class TestSigned:
    def test_what_a_proof_signs(self) -> None:
        log = life().log_id
        for entry, raw in zip(life().entries, life().raws(), strict=True):
            assert kind_of(raw) == entry.kind.encode()
            if entry.proof is None:
                continue
            public_key, signed, own_id = signed_part(raw, log.encode())
            assert public_key.hex() == entry.proof.public_key
            assert signed[:64].hex() == entry.proof.signature
            assert signed[64:] == act_message(
                log, entry.kind, entry.by, entry.key, entry.body, entry.content
            )
            keyed = entry.by.as_.value in ("voice", "row")
            assert own_id == (entry.by.id.encode() if keyed else None)

    def test_no_body_has_a_field_named_as_those_behind_it(self) -> None:
        # What a proof signs is found by the last `content` before it.
        for body in DRAFT.codec.bodies:
            assert not {"content", "proof"} & set(body.__struct_encode_fields__)
