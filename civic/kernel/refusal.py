"""Refusals: why an act was not accepted, as data that pages, APIs and audits all render."""

from typing import Final

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """An act that the rules do not accept.

    `code` is stable: it is the problem type, the translation key and the documentation anchor
    (`domain.reason`). `params` are the values its text needs; they never hold private data.
    """

    code: str
    params: dict[str, str | int] = msgspec.field(default_factory=dict)


_REGISTERED: Final[dict[str, str]] = {}


def code(name: str, meaning: str) -> str:
    """Register a refusal code with its plain meaning and return it.

    Registration makes the codes countable: each needs a text for people, a line in the
    documentation and a dishonest record that the audit catches.
    """
    if name in _REGISTERED and _REGISTERED[name] != meaning:
        raise ValueError(f"refusal code {name} is registered twice")
    _REGISTERED[name] = meaning
    return name


def registered() -> dict[str, str]:
    """Return every refusal code registered so far with its plain meaning."""
    return dict(_REGISTERED)
