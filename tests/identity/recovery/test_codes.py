"""Codes are written so that people can copy them, and read however they were copied."""

from hypothesis import given
from hypothesis import strategies as st

from identity.recovery import codes

SYMBOLS = st.text(codes.SYMBOLS, min_size=codes.LONG, max_size=codes.LONG)


def test_a_drawn_code_is_long_enough_and_has_no_look_alikes() -> None:
    assert len(codes.SYMBOLS) == len(set(codes.SYMBOLS)) == 32
    assert codes.LONG * 5 >= 112
    drawn = {codes.draw() for _ in range(200)}
    assert len(drawn) == 200
    for code in drawn:
        assert [len(group) for group in code.split("-")] == [4] * 6
        assert not set(code) & set("ILOU")


@given(SYMBOLS)
def test_a_code_is_read_however_it_was_copied(symbols: str) -> None:
    written = codes.written(symbols)
    copies = (
        written, written.lower(), written.replace("-", " "), symbols, f"  {symbols}\n",
        written.replace("0", "O").replace("1", "l"), symbols.replace("V", "u").replace("1", "i"),
        written.replace("-", "–"),
    )  # fmt: skip
    assert {codes.read(copy) for copy in copies} == {symbols}
    hashes = {codes.code_hash(bytes(32), copy, "a") for copy in copies}
    assert len(hashes) == 1


@given(st.text())
def test_any_text_can_be_read(typed: str) -> None:
    assert set(codes.read(typed)) <= set(codes.SYMBOLS)


@given(SYMBOLS, SYMBOLS)
def test_hash_and_key_depend_on_code_key_and_use(one: str, other: str) -> None:
    for derive in (codes.code_hash, codes.code_key):
        base = derive(bytes(32), one, "a")
        assert len(base) == 32
        assert base != derive(bytes(31) + b"\1", one, "a")
        assert base != derive(bytes(32), one, "b")
        assert (base == derive(bytes(32), other, "a")) == (one == other)
