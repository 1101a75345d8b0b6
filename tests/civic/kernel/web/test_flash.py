from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.flash import Flash, seal, unseal

KEY = b"k" * 32


@given(st.text(max_size=80))
def test_a_sealed_line_comes_back(text: str) -> None:
    flash = Flash(text.encode("utf-8", "ignore").decode(), "note")
    assert unseal(seal(flash, KEY), KEY) == flash


def test_another_key_opens_nothing() -> None:
    assert unseal(seal(Flash("hello"), KEY), b"x" * 32) is None


@given(st.text(max_size=60))
def test_anything_else_is_nothing(value: str) -> None:
    assert unseal(value, KEY) is None


def test_a_changed_line_is_nothing() -> None:
    payload, signature = seal(Flash("hello"), KEY).split(".")
    other, _signature = seal(Flash("hullo"), KEY).split(".")
    assert unseal(f"{other}.{signature}", KEY) is None
    assert unseal(f"{payload}.{signature[:-2]}", KEY) is None
