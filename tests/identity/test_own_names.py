"""Names that people give what is theirs: padded, for their eyes, and each for one use."""

import pytest

from civic.kernel.keys import SealBroken
from identity.own_names import LONGEST, Named, open_name, seal_name

KEY = bytes(range(32))
USES: tuple[Named, ...] = ("authenticator", "device", "token")


@pytest.mark.parametrize("use", USES)
def test_a_name_is_read_again_for_its_own_use_alone(use: Named) -> None:
    sealed = seal_name(KEY, "The grey telephone", "account", use)
    assert sealed is not None
    assert open_name(KEY, sealed, "account", use) == "The grey telephone"
    for other in USES:
        if other != use:
            with pytest.raises(SealBroken):
                open_name(KEY, sealed, "account", other)
    with pytest.raises(SealBroken):
        open_name(KEY, sealed, "another", use)
    with pytest.raises(SealBroken):
        open_name(bytes(32), sealed, "account", use)


def test_the_length_does_not_show() -> None:
    short, long = (seal_name(KEY, name, "account", "device") for name in ("x", "x" * LONGEST))
    assert short is not None
    assert long is not None
    assert len(short) == len(long)
    assert seal_name(KEY, "", "account", "device") is None
    assert open_name(KEY, None, "account", "device") == ""
