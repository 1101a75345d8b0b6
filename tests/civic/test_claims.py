"""Under which of its addresses a node is asked for a challenge."""

import pytest

from civic import claims

ADDRESSES = ("https://civic.example", "http://civic.onion", "http://localhost:8000")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("civic.example", "https://civic.example"),
        ("civic.onion", "http://civic.onion"),
        ("localhost:8000", "http://localhost:8000"),
        ("elsewhere.example", "https://civic.example"),
        ("", "https://civic.example"),
    ],
)
def test_only_its_own_addresses_are_named(host: str, address: str) -> None:
    found = claims.dialled(ADDRESSES, host)
    assert found == address
