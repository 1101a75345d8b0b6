"""How much memory the rules' state of a large chapter takes in each process.

Prints bytes: `python -m bench.memory MEMBERS` runs in a process of its own.
"""

import secrets
import sys
from pathlib import Path
from typing import Any

from chapters import entries as e
from chapters.bylaws import CHARTER_HASH, TEMPLATES
from civic.kernel.record.entry import As, By, Entry, encode, id_of
from civic.kernel.record.rules import State
from civic.procedure import DRAFT

AT = "2026-03-02T09:00Z"


def main() -> None:
    """Fold a chapter of as many members as asked for, from the bytes of its entries."""
    members = int(sys.argv[1])
    log_id = secrets.token_hex(32)
    state = DRAFT.initial(log_id)
    founder = id_of(secrets.token_bytes(16))
    founded = e.Founded(0, CHARTER_HASH, "town", TEMPLATES["town"], "0" * 64, "0" * 64, founder)
    _apply(
        state, Entry(e.Founded.kind, AT, By(As.MEMBER, founder), _key(), 0, founded, ("0" * 64,))
    )
    _apply(state, _joined())
    before = _resident()
    for _ in range(members):
        _apply(state, _joined())
    print(_resident() - before)


def _joined() -> Entry[e.Joined]:
    own = id_of(secrets.token_bytes(16))
    body = e.Joined(own, secrets.token_hex(32), secrets.token_hex(32))
    return Entry(e.Joined.kind, AT, By(As.MEMBER, own), _key(), 0, body)


def _apply(state: State, entry: Entry[Any]) -> None:
    DRAFT.apply(state, DRAFT.codec.decode(encode(entry)))


def _key() -> str:
    return secrets.token_hex(16)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    main()
