"""Proofs of possession: what fits one request fits no other."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from civic.kernel import keys
from civic.kernel.proofs import (
    MOST,
    SKEW,
    ProofBroken,
    check_proof,
    make_proof,
    read_public_key,
    token_hash,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SEED = bytes(range(32))
PUBLIC = keys.public_key(keys.signing_key(SEED))
ADDRESS = "https://node.example/log/00/checkpoint"
TOKEN = "a" * 43


def check(proof: str, **other: Any) -> None:
    asked: dict[str, Any] = {"public": PUBLIC, "method": "GET", "addresses": [ADDRESS],
                             "token": TOKEN, "now": NOW}  # fmt: skip
    check_proof(proof, **(asked | other))


def test_a_proof_fits_its_request() -> None:
    check(make_proof(SEED, "GET", ADDRESS, TOKEN, NOW))
    assert make_proof(SEED, "GET", ADDRESS, TOKEN, NOW) != make_proof(
        SEED, "GET", ADDRESS, TOKEN, NOW
    )


@pytest.mark.parametrize("seconds", [-SKEW, SKEW])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    check(make_proof(SEED, "GET", ADDRESS, TOKEN, NOW), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"public": keys.public_key(keys.signing_key(bytes(32)))}, "another key"),
        ({"method": "POST"}, "another request"),
        ({"addresses": ["https://elsewhere.example/log/00/checkpoint"]}, "Audience"),
        ({"addresses": ["https://node.example/log/01/checkpoint"]}, "another request"),
        ({"addresses": [ADDRESS + "/"]}, "another request"),
        ({"token": "b" * 43}, "another token"),
        ({"now": NOW + timedelta(seconds=SKEW + 1)}, "another time"),
        ({"now": NOW - timedelta(seconds=SKEW + 1)}, "another time"),
    ],
)
def test_it_fits_no_other_request(other: dict[str, Any], why: str) -> None:
    with pytest.raises(ProofBroken, match=why):
        check(make_proof(SEED, "GET", ADDRESS, TOKEN, NOW), **other)


def test_a_node_met_under_two_addresses_takes_proofs_for_both_and_no_mixture() -> None:
    onion = ADDRESS.replace("https://node.example", "http://node.onion")
    for address in (ADDRESS, onion):
        check(make_proof(SEED, "GET", address, TOKEN, NOW), addresses=[ADDRESS, onion])
    with pytest.raises(ProofBroken, match="Audience"):
        check(make_proof(SEED, "GET", onion, TOKEN, NOW))
    with pytest.raises(ProofBroken, match="another node"):
        check(signed(claims={"aud": "http://node.onion"}), addresses=[ADDRESS, onion])


def signed(
    header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, **more: Any
) -> str:
    """Return a proof that is right but for what is given."""
    body = {"jti": "one", "htm": "GET", "htu": ADDRESS, "iat": int(NOW.timestamp()),
            "ath": _text(token_hash(TOKEN)), "iss": PUBLIC.hex(), "aud": "https://node.example",
            "exp": int(NOW.timestamp()) + SKEW}  # fmt: skip
    body = {name: value for name, value in {**body, **(claims or {})}.items() if value is not None}
    headers = {"typ": "dpop+jwt", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": _text(PUBLIC)}}
    key: Any = more.get("key", Ed25519PrivateKey.from_private_bytes(SEED))
    algorithm = more.get("algorithm", "EdDSA")
    return jwt.encode(body, key, algorithm=algorithm, headers={**headers, **(header or {})})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_the_right_one_among_the_wrong_ones() -> None:
    check(signed())


@pytest.mark.parametrize(
    "proof",
    [
        signed({"typ": "JWT"}),
        signed({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": _text(PUBLIC), "d": _text(SEED)}}),
        signed({"jwk": {"kty": "OKP", "crv": "Ed448", "x": _text(PUBLIC)}}),
        signed({"crit": ["exp"]}),
        signed({"kid": "../../keys/node"}),
        # The public key as a secret of another algorithm, and no algorithm at all.
        signed(key=PUBLIC, algorithm="HS256"),
        signed(key=None, algorithm="none"),
        # The right key is named, another one signed.
        signed(key=Ed25519PrivateKey.from_private_bytes(bytes(32))),
        *(
            signed(claims={name: None})
            for name in ("jti", "htm", "htu", "iat", "ath", "iss", "aud", "exp")
        ),
        signed(claims={"iat": "now"}),
        signed(claims={"iat": 10**40}),
        signed(claims={"iss": "00" * 32}),
        signed(claims={"aud": "https://other.example"}),
        signed(claims={"exp": int(NOW.timestamp()) + SKEW + 1}),
        signed(claims={"exp": int(NOW.timestamp()) - SKEW - 1}),
        signed(claims={"htm": "get"}),
        signed()[:-4],
        signed() + ".",
        "",
        "..",
        "x" * (MOST + 1),
    ],
)
def test_what_is_no_proof(proof: str) -> None:
    with pytest.raises(ProofBroken):
        check(proof)


@pytest.mark.parametrize(
    "text", ["", "00" * 32, "01" + "00" * 31, "ff" * 32, "zz" * 32, "ab" * 31, PUBLIC.hex() + "0"]
)
def test_what_is_no_public_key(text: str) -> None:
    assert read_public_key(text) is None


def test_a_public_key() -> None:
    assert read_public_key(PUBLIC.hex()) == PUBLIC
