"""Messages that a language says as English does: names, and words that both have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SAME: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "de": frozenset(
            {
                *("Feed (Atom)", "Moderation", "Name", "Option", "Option %(n)d"),
                *("Passkey", "Passphrase", "Quorum", "Token", "Webhooks"),
            }
        ),
        "pl": frozenset({"Token", "ornament"}),
    }
)
"""The messages by the tag of a language."""
