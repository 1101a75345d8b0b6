"""Signatures are those of Standard Webhooks, and a receiver refuses what was changed on the way."""

import base64
from pathlib import Path

import pytest

from civic.kernel.keys import KeyFiles
from civic.webhooks import signing
from tests.civic.webhooks.receiver import NotSigned, verified

# The example of the specification ("Signature scheme"), with its key.
EXAMPLE_KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
EXAMPLE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
EXAMPLE_BODY = b'{"test": 2432232314}'
EXAMPLE_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_example_of_the_specification() -> None:
    made = signing.headers(EXAMPLE_KEY, EXAMPLE_ID, 1614265330, EXAMPLE_BODY)
    assert made == {
        "webhook-id": EXAMPLE_ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": EXAMPLE_SIGNATURE,
    }
    secret = signing.secret_of(EXAMPLE_KEY)
    assert secret == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert verified(secret, made, EXAMPLE_BODY, 1614265400) == {"test": 2432232314}


def test_what_was_changed_is_refused(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path / "keys")
    key = signing.signing_key(files, "a" * 26)
    secret, body = signing.secret_of(key), b'{"type":"voting.result"}'
    good = signing.headers(key, "msg_1", 1000, body)
    assert verified(secret, good, body, 1000)
    other = signing.secret_of(signing.signing_key(files, "b" * 26))
    for headers, sent, known, now in (
        (good, body + b" ", secret, 1000),
        ({**good, "webhook-id": "msg_2"}, body, secret, 1000),
        ({**good, "webhook-timestamp": "1001"}, body, secret, 1000),
        (good, body, other, 1000),
        (good, body, secret, 1301),
    ):
        with pytest.raises(NotSigned):
            verified(known, headers, sent, now)


def test_the_key_of_a_webhook_is_the_same_each_time(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path / "keys")
    assert signing.signing_key(files, "a" * 26) == signing.signing_key(files, "a" * 26)
    assert signing.delivery_id("a", 1) == signing.delivery_id("a", 1)
    assert len({signing.delivery_id(own, n) for own in "ab" for n in range(9)}) == 18
