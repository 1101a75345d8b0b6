import pytest
from zxcvbn import zxcvbn

from identity import passphrase
from identity.passphrase_words import KNOWN

WEAK = (
    "password1", "password", "abc123", "dragon", "trustno1", "P4ssw0rd", "drowssap", "Password1",
    "PASSWORD1", "qwertyuiop", "zxcftyhn", "aaaaaaaa", "abcabcabc", "abcdefgh", "65432", "1994",
    "12.05.1987", "smith", "johnson mary", "elizabeth1", "elephant", "correct", "xk",
)  # fmt: skip


@pytest.mark.parametrize("tried", WEAK)
def test_all_that_is_said_of_a_weak_passphrase_is_marked_for_translation(tried: str) -> None:
    feedback = zxcvbn(tried)["feedback"]
    judged = passphrase.strength(tried)
    assert {feedback["warning"] or "", *feedback["suggestions"]} <= KNOWN | {""}
    assert judged.suggestions


def test_nearly_all_of_the_known_words_are_met() -> None:
    feedback = [zxcvbn(tried)["feedback"] for tried in WEAK]
    met = {said for one in feedback for said in (one["warning"], *one["suggestions"]) if said}
    assert len(met) > len(KNOWN) * 2 // 3, KNOWN - met
