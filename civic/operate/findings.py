"""What the doctor says: one finding is one sentence of what, one of why, one of what to do."""

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """Something that was looked at. `about` is a stable word for it: `keys`, `clock`, `disk` …"""

    level: Literal["ok", "warning", "problem"]
    about: str
    what: str
    why: str = ""
    todo: str = ""


def ok(about: str, what: str) -> Finding:
    """Return a finding that all is well."""
    return Finding("ok", about, what)


def warning(about: str, what: str, why: str, todo: str) -> Finding:
    """Return a finding to be looked into soon."""
    return Finding("warning", about, what, why, todo)


def problem(about: str, what: str, why: str, todo: str) -> Finding:
    """Return a finding because of which the node does not do what it promises."""
    return Finding("problem", about, what, why, todo)
