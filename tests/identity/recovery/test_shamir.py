"""Two of three shares give the secret, checked against another way to compute in the field."""

import collections
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.recovery import shamir

BYTE = st.integers(0, 255)


def times(a: int, b: int) -> int:
    """Multiply as polynomials over GF(2) and divide by hand: no step shared with the module."""
    product = 0
    for at in range(8):
        if b & (1 << at):
            product ^= a << at
    for at in range(15, 7, -1):
        if product & (1 << at):
            product ^= 0b1_0001_1011 << (at - 8)
    return product


QUOTIENT = {(times(a, b), b): a for a in range(256) for b in range(1, 256)}


def test_the_field_is_the_one_of_the_standard() -> None:
    """FIPS 197, section 4.2: {57} times {83} is {c1}, and {57} times {13} is {fe}."""
    assert shamir.multiply(0x57, 0x83) == 0xC1
    assert shamir.multiply(0x57, 0x13) == 0xFE
    assert all(shamir.multiply(a, b) == times(a, b) for a in range(256) for b in range(256))


@given(st.binary(min_size=1, max_size=64))
def test_any_two_shares_give_the_secret(secret: bytes) -> None:
    shares = shamir.split(secret)
    assert [share[0] for share in shares] == [1, 2, 3]
    for one, other in itertools.permutations(shares, 2):
        assert shamir.combine(one, other) == secret


@given(st.binary(min_size=1, max_size=32))
def test_an_independent_solver_agrees(secret: bytes) -> None:
    """The line through two points, its slope by division and not by interpolation."""
    shares = shamir.split(secret)
    for one, other in itertools.combinations(shares, 2):
        solved = []
        for a, b in zip(one[1:], other[1:], strict=True):
            slope = QUOTIENT[a ^ b, one[0] ^ other[0]]
            solved.append(a ^ times(slope, one[0]))
        assert bytes(solved) == secret


@given(BYTE, st.integers(1, 3))
def test_one_share_fits_every_secret(y: int, x: int) -> None:
    secrets = {y ^ times(slope, x) for slope in range(256)}
    assert len(secrets) == 256


def test_slopes_are_random() -> None:
    ys = collections.Counter(shamir.split(b"\0")[0][1] for _ in range(2000))
    assert len(ys) > 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"\1ab", b"\1ab"), (b"\1ab", b"\2a"), (b"\0ab", b"\1ab"), (b"\1ab", b"\0ab"),
        (b"", b""), (b"\1", b"\2"),
    ],
)  # fmt: skip
def test_what_are_no_two_shares(one: bytes, other: bytes) -> None:
    with pytest.raises(ValueError, match="two different shares"):
        shamir.combine(one, other)
