"""Tokens between services: everything but a good one is refused, whatever is tried."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.keys import derive
from identity.service_tokens import (
    ALGORITHM,
    LONGEST,
    MOST,
    SKEW,
    TYPE,
    Claims,
    Key,
    TokenBroken,
    check,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET = bytes(range(32))
KEY = Key(SECRET)
OTHER = Key(bytes(32))
US, THEM = "doctor", "https://civic.example"
PRIVATE = Ed25519PrivateKey.from_private_bytes(derive(SECRET, b"", b"civic/identity/service/1"))
GOOD: dict[str, Any] = {"iss": US, "aud": THEM, "iat": AT, "exp": AT + 60, "jti": "x"}


def checked(token: str, now: datetime = NOW) -> Claims:
    return check(token, KEY.public, US, THEM, now)


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(claims: Any, **header: Any) -> str:
    """Return a token under the right key that says what no honest service says."""
    whole = {"alg": ALGORITHM, "typ": TYPE, "kid": KEY.id} | header
    whole = {name: value for name, value in whole.items() if value is not None}
    body = f"{text(json.dumps(whole).encode())}.{text(json.dumps(claims).encode())}"
    return f"{body}.{text(PRIVATE.sign(body.encode()))}"


def test_a_good_token_is_good() -> None:
    claims = checked(KEY.token(US, THEM, NOW))
    assert (claims.iss, claims.aud, claims.iat, claims.exp) == (US, THEM, AT, AT + 60)
    assert checked(signed(GOOD)) == Claims(**GOOD)
    assert KEY.token(US, THEM, NOW) != KEY.token(US, THEM, NOW)
    assert "PrivateKey" not in repr(KEY)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody"},
        {"aud": "https://other.example"},
        {"aud": [THEM]},
        {"aud": ["https://other.example", THEM]},
        {"exp": AT + LONGEST + 1},
        {"exp": AT + 10**9},
        {"exp": AT},
        {"exp": AT - 1},
        {"exp": str(AT + 60)},
        {"exp": AT + 60.5},
        {"iat": AT + SKEW + 1, "exp": AT + SKEW + 61},
        {"iat": AT - 301, "exp": AT - 1},
        {"iat": True},
        {"jti": 7},
        {"nbf": AT + 5},
        {"admin": True},
    ],
)
def test_what_it_says_is_checked(changed: dict[str, Any]) -> None:
    with pytest.raises(TokenBroken):
        checked(signed(GOOD | changed))


@pytest.mark.parametrize("missing", list(GOOD))
def test_nothing_may_be_left_unsaid(missing: str) -> None:
    with pytest.raises(TokenBroken):
        checked(signed({name: value for name, value in GOOD.items() if name != missing}))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "dpop+jwt"},
        {"typ": "at+jwt"},
        {"alg": "none"},
        {"alg": "NONE"},
        {"alg": "HS256"},
        {"alg": "ES256"},
        {"alg": "Ed25519"},
        {"alg": None},
        {"kid": None},
        {"kid": OTHER.id},
        {"kid": "../../etc/passwd"},
        {"kid": 7},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": text(OTHER.public.public_bytes_raw())}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"crit": ["exp"]},
        {"b64": False},
        {"cty": "JWT"},
    ],
)
def test_the_header_chooses_nothing(header: dict[str, Any]) -> None:
    with pytest.raises(TokenBroken):
        checked(signed(GOOD, **header))


def test_no_signature_and_other_signatures() -> None:
    good = signed(GOOD)
    body, _, signature = good.rpartition(".")
    bare = {"alg": "none", "typ": TYPE, "kid": KEY.id}
    none = f"{text(json.dumps(bare).encode())}.{text(json.dumps(GOOD).encode())}"
    # The public key as if it were a shared secret: the classic confusion of algorithms.
    shared = {"alg": "HS256", "typ": TYPE, "kid": KEY.id}
    mixed = f"{text(json.dumps(shared).encode())}.{text(json.dumps(GOOD).encode())}"
    public = KEY.public.public_bytes_raw()
    by_hmac = text(hmac.new(public, mixed.encode(), hashlib.sha256).digest())
    other = jwt.encode(
        GOOD,
        Ed25519PrivateKey.from_private_bytes(bytes(32)),
        algorithm=ALGORITHM,
        headers={"typ": TYPE, "kid": KEY.id},
    )
    for broken in (
        f"{none}.",
        none,
        f"{none}.{signature}",
        f"{mixed}.{by_hmac}",
        f"{body}.",
        body,
        other,
        OTHER.token(US, THEM, NOW),
        good + "." + signature,
        good + "=",
        " " + good,
        "",
        ".",
        "..",
        "a.b.c",
        good + "A" * MOST,
        "é.é.é",
    ):
        with pytest.raises(TokenBroken):
            checked(broken)


def test_it_is_good_for_its_time() -> None:
    token = KEY.token(US, THEM, NOW, LONGEST)
    for seconds, good in ((-SKEW - 1, False), (-SKEW, True), (LONGEST - 1, True), (LONGEST, False)):
        now = NOW + timedelta(seconds=seconds)
        if good:
            assert checked(token, now).iss == US
        else:
            with pytest.raises(TokenBroken):
                checked(token, now)
    for seconds in (0, -1, LONGEST + 1):
        with pytest.raises(ValueError, match="lives"):
            KEY.token(US, THEM, NOW, seconds)


@given(st.data())
def test_no_changed_character_passes(data: st.DataObject) -> None:
    good = signed(GOOD)
    place = data.draw(st.integers(0, len(good) - 1))
    sign = data.draw(st.characters().filter(lambda one: one != good[place]))
    changed = good[:place] + sign + good[place + 1 :]
    signature = good.rpartition(".")[2]
    try:
        same = base64.urlsafe_b64decode(changed.rpartition(".")[2] + "==") == (
            base64.urlsafe_b64decode(signature + "==")
        )
    except ValueError:
        same = False
    if same and changed.rpartition(".")[0] == good.rpartition(".")[0]:
        # The last character of a signature has bits that mean nothing.
        return
    with pytest.raises(TokenBroken):
        checked(changed)


@given(
    st.text(max_size=200)
    | st.lists(st.binary(max_size=40), max_size=4).map(
        lambda parts: ".".join(text(part) for part in parts)
    )
)
def test_nothing_made_up_passes_or_breaks(token: str) -> None:
    with pytest.raises(TokenBroken):
        checked(token)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*GOOD, "nbf", "sub"]), inner, max_size=6)
        ),
        max_leaves=12,
    )
)
def test_nothing_signed_but_strange_passes_or_breaks(claims: Any) -> None:
    with pytest.raises(TokenBroken):
        checked(signed(claims))
