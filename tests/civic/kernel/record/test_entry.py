import calendar
import hashlib
import re
import unicodedata
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chapters import entries as c
from chapters.bylaws import Change
from civic.kernel.record import entry as e
from civic.kernel.record.entry import Act, As, By, Codec, Entry, Malformed, UnknownKind, encode
from deliberation import entries as d
from tests.acts import made, text


class Sample(e.Body, frozen=True):
    """A body with a field of every type that entries have."""

    kind = "test.sampled"
    word: str
    number: e.Integer
    count: e.Count
    flag: bool
    own: e.Id
    moment: e.When
    day: e.Day
    hashes: tuple[e.Hash, ...] = ()
    note: Annotated[str, msgspec.Meta(min_length=1)] | None = None


CODEC = Codec([Sample, c.Left, d.Proposed])
SAMPLE = Sample("Grüße", -5, 7, True, made("x"), "2026-03-02T09:00Z", "2024-02-29")
ENTRY = Entry(
    Sample.kind, "2026-03-02T09:00Z", By(As.MEMBER, made("ann")), "0f" * 16, 0, SAMPLE, (text("a"),)
)
RAW = encode(ENTRY)


def changed(old: str, new: str) -> bytes:
    assert old.encode() in RAW
    return RAW.replace(old.encode(), new.encode(), 1)


class TestDecode:
    def test_canonical(self) -> None:
        assert CODEC.decode(RAW) == ENTRY
        assert encode(CODEC.decode(RAW)) == RAW
        assert RAW.startswith(b'{"kind":"test.sampled","at":"2026-03-02T09:00Z","by":{"as":')

    def test_absent_instead_of_null(self) -> None:
        assert b"proof" not in RAW
        assert b"note" not in RAW
        bare = encode(msgspec.structs.replace(ENTRY, content=()))
        assert b"content" not in bare
        assert CODEC.decode(bare).content == ()

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"number":-5', '"number":-5.0'),
            ('"number":-5', '"number":-5e0'),
            ('"number":-5', '"number":-05'),
            ('"number":-5', '"number":-0'),
            ('"number":-5', '"number":9007199254740992'),
            ('"number":-5', '"number":-9007199254740992'),
            ('"number":-5', '"number":true'),
            ('"number":-5', '"number":"-5"'),
            ('"number":-5', '"number":null'),
            ('"number":-5', '"number": -5'),
            ('"number":-5', '"number":-5,"number":-5'),
            ('"number":-5,"count":7', '"count":7,"number":-5'),
            ('"number":-5,', ""),
            ('"count":7', '"count":-1'),
            ('"flag":true', '"flag":1'),
            ('"flag":true', '"flag":true,"more":1'),
            ('"flag":true', '"flag":true,"note":null'),
            ('"flag":true', '"flag":true,"hashes":[]'),
            ("Grüße", "Gru\u0308ße"),
            ("Grüße", "Gr\\u00fc\u00dfe"),
            ("Grüße", "a\\/b"),
            ("Grüße", "a\\nb"),
            ("Grüße", "a\\tb"),
            ("Grüße", "a\\u0000b"),
            ("Grüße", "a\\u001fb"),
            ("Grüße", "a\nb"),
            ("Grüße", "\\ud800"),
            ("2024-02-29", "2023-02-29"),
            ("2024-02-29", "2024-02-29\\n"),
            ("2024-02-29", "2024-2-29"),
            ('"moment":"2026-03-02T09:00Z"', '"moment":"2026-03-02T24:00Z"'),
            ('"moment":"2026-03-02T09:00Z"', '"moment":"2026-03-02T09:60Z"'),
            ('"moment":"2026-03-02T09:00Z"', '"moment":"2026-04-31T09:00Z"'),
            ('"moment":"2026-03-02T09:00Z"', '"moment":"2026-03-02T09:00+"'),
            ('"moment":"2026-03-02T09:00Z"', '"moment":"1969-12-31T23:59Z"'),
            ('"moment":"2026-03-02T09:00Z"', '"moment":"٢٠٢٦-03-02T09:00Z"'),
            ('"at":"2026-03-02T09:00Z"', '"at":"2026-02-30T09:00Z"'),
            ('"at":"2026-03-02T09:00Z"', '"at":"3000-01-01T00:00Z"'),
            ('"at":"2026-03-02T09:00Z"', '"at":"2026-03-02T09:00:00Z"'),
            ('"as":"member"', '"as":"king"'),
            ("0f0f0f0f", "0F0F0F0F"),
            ("0f0f0f0f", "0f0f0f"),
            (text("a"), text("a").upper()),
            (text("a"), text("a")[:-1]),
            (made("x"), made("x").upper()),
            (made("x"), made("x")[:-1] + "b"),
            (made("x"), made("x")[:-1]),
            ('"part":0', '"part":00'),
            ('"part":0', '"part":-1'),
            ('"part":0', '"part":0,"part":0'),
            ('{"kind"', ' {"kind"'),
            ('"content":', '"content" :'),
            ('"content":', '"proof":null,"content":'),
        ],
    )
    def test_what_is_not_canonical(self, old: str, new: str) -> None:
        with pytest.raises(Malformed):
            CODEC.decode(changed(old, new))

    @pytest.mark.parametrize("tail", [b"\n", b" ", b"\0", b"{}"])
    def test_nothing_behind(self, tail: bytes) -> None:
        with pytest.raises(Malformed):
            CODEC.decode(RAW + tail)

    def test_quotes_and_backslashes_may_be(self) -> None:
        quoted = msgspec.structs.replace(ENTRY, body=msgspec.structs.replace(SAMPLE, word='\\"\\n'))
        assert CODEC.decode(encode(quoted)) == quoted

    @pytest.mark.parametrize("number", [2**53 - 1, -(2**53 - 1), 0])
    def test_the_largest_numbers(self, number: int) -> None:
        whole = msgspec.structs.replace(ENTRY, body=msgspec.structs.replace(SAMPLE, number=number))
        assert CODEC.decode(encode(whole)) == whole

    def test_an_unknown_kind_cannot_be_checked(self) -> None:
        with pytest.raises(UnknownKind):
            CODEC.decode(changed("test.sampled", "test.other"))

    def test_length(self) -> None:
        room = e.MAX_ENTRY - len(RAW)
        for extra, good in ((0, True), (1, False)):
            body = msgspec.structs.replace(SAMPLE, word=SAMPLE.word + "a" * (room + extra))
            raw = encode(msgspec.structs.replace(ENTRY, body=body))
            assert len(raw) == e.MAX_ENTRY + extra
            if good:
                assert encode(CODEC.decode(raw)) == raw
            else:
                with pytest.raises(Malformed):
                    CODEC.decode(raw)

    def test_numbers_in_changes_have_the_same_range(self) -> None:
        body = d.Proposed(made("p"), "en", 5, 5, 0, "roll_call", (Change("quorum", 1, 2**53),))
        raw = encode(Entry(body.kind, ENTRY.at, By(As.VOICE, made("v")), ENTRY.key, 0, body))
        with pytest.raises(Malformed):
            CODEC.decode(raw)

    @given(
        st.lists(st.tuples(st.integers(0, len(RAW)), st.binary(max_size=3), st.integers(0, 3))),
        st.randoms(use_true_random=False),
    )
    def test_mutations_are_other_entries_or_refused(
        self, cuts: list[tuple[int, bytes, int]], random: Any
    ) -> None:
        raw = RAW
        for position, new, dropped in cuts:
            raw = raw[:position] + new + raw[position + dropped :]
        assume(raw != RAW)
        try:
            entry = CODEC.decode(raw)
        except (Malformed, UnknownKind):
            return
        assert entry != ENTRY
        assert encode(entry) == raw

    @given(st.integers(0, len(RAW) - 1), st.integers(0, 7))
    def test_a_flipped_bit_is_another_entry_or_refused(self, position: int, bit: int) -> None:
        raw = bytearray(RAW)
        raw[position] ^= 1 << bit
        try:
            entry = CODEC.decode(bytes(raw))
        except (Malformed, UnknownKind):
            return
        assert entry != ENTRY
        assert encode(entry) == bytes(raw)

    @given(st.binary(max_size=200))
    def test_any_bytes(self, raw: bytes) -> None:
        with pytest.raises(Malformed):
            CODEC.decode(raw)

    @given(st.text(), st.integers(-(2**53) + 1, 2**53 - 1))
    def test_round_trip(self, word: str, number: int) -> None:
        body = msgspec.structs.replace(SAMPLE, word=word, number=number)
        entry = msgspec.structs.replace(ENTRY, body=body)
        raw = encode(entry)
        whole = not any(letter < " " for letter in word) and unicodedata.is_normalized("NFC", word)
        if whole:
            assert CODEC.decode(raw) == entry
        else:
            with pytest.raises(Malformed):
                CODEC.decode(raw)


def act(**fields: Any) -> Act[Any]:
    whole: Act[Any] = Act(Sample.kind, ENTRY.by, ENTRY.key, SAMPLE, ENTRY.content)
    return msgspec.structs.replace(whole, **fields)


class TestActs:
    def test_from_a_client(self) -> None:
        raw = msgspec.json.encode(act())
        spaced = msgspec.json.format(raw)
        assert CODEC.decode_act(Sample.kind, raw) == CODEC.decode_act(Sample.kind, spaced) == act()

    def test_of_another_kind(self) -> None:
        raw = msgspec.json.encode(act())
        with pytest.raises(UnknownKind):
            CODEC.decode_act("test.other", raw)
        with pytest.raises(Malformed):
            CODEC.decode_act(c.Left.kind, msgspec.json.encode(act(body=c.Left())))

    @pytest.mark.parametrize(
        "fields",
        [
            {"key": "0F" * 16},
            {"by": By(As.MEMBER, "ann")},
            {"content": ("x",)},
            {"kind": "test.other"},
            {"body": msgspec.structs.replace(SAMPLE, word="a\nb")},
            {"body": msgspec.structs.replace(SAMPLE, word="u\u0308")},
            {"body": msgspec.structs.replace(SAMPLE, word="\ud800")},
            {"body": msgspec.structs.replace(SAMPLE, word="a" * e.MAX_ACT)},
            {"body": msgspec.structs.replace(SAMPLE, number=2**53)},
            {"body": msgspec.structs.replace(SAMPLE, moment="2026-02-30T00:00Z")},
            {"body": msgspec.structs.replace(SAMPLE, number=1.5)},
        ],
    )
    def test_made_here_and_malformed(self, fields: dict[str, Any]) -> None:
        with pytest.raises(Malformed):
            CODEC.check(act(**fields))

    def test_an_accepted_act_fits_into_an_entry(self) -> None:
        CODEC.check(act())
        room = e.MAX_ACT - len(msgspec.json.encode(act()))
        longest = act(body=msgspec.structs.replace(SAMPLE, word=SAMPLE.word + "a" * room))
        CODEC.check(longest)
        whole = Entry(
            longest.kind, ENTRY.at, longest.by, longest.key, 0, longest.body, longest.content
        )
        assert CODEC.decode(encode(whole)) == whole


class TestMoments:
    def test_every_day_of_the_calendar(self) -> None:
        pattern = msgspec.inspect.type_info(e.Day).pattern  # type: ignore[attr-defined]
        days = re.compile(pattern)
        for year in (*range(1960, 2110), 2400, 9999):
            for month in range(14):
                for day in (0, 1, 28, 29, 30, 31, 32):
                    known = year >= 1970 and 1 <= month <= 12
                    known = known and 1 <= day <= calendar.monthrange(year, month)[1]
                    assert bool(days.search(f"{year:04}-{month:02}-{day:02}")) == known

    @given(st.integers(0, 4_000_000_000))
    def test_there_and_back(self, minute: int) -> None:
        assert e.minute(e.when(minute)) == minute

    @pytest.mark.parametrize("other", ["", "now", "2026-03-02", "2026-03-02T09:00", "0000" * 4])
    def test_no_moments(self, other: str) -> None:
        with pytest.raises(Malformed):
            e.minute(other)


class TestIds:
    @given(st.binary(min_size=16, max_size=16))
    def test_there_and_back(self, raw: bytes) -> None:
        assert e.id_bytes(e.id_of(raw)) == raw
        assert e.is_id(e.id_of(raw))

    @pytest.mark.parametrize("other", ["", "a" * 25 + "b", "A" * 26, "a" * 27, "a" * 26 + "\n"])
    def test_no_ids(self, other: str) -> None:
        assert not e.is_id(other)
        with pytest.raises(Malformed):
            e.id_bytes(other)

    def test_an_id_has_16_bytes(self) -> None:
        with pytest.raises(ValueError, match="16 bytes"):
            e.id_of(b"short")

    def test_keys_are_framed(self) -> None:
        by = By(As.MEMBER, made("ann"))
        assert e.act_key("a" * 64, by, "xy") != e.act_key("a" * 64, by, "x")
        parts = [b"a" * 64, f"member:{made('ann')}".encode(), b"xy"]
        framed = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
        assert e.act_key("a" * 64, by, "xy") == hashlib.sha256(framed).hexdigest()[:32]
