"""The doctor's look at the keys: that all are there, and that each is the one of its log."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import civic.tables  # noqa: F401
from civic.kernel import keys as node_keys
from civic.kernel.keys import KeyFiles
from civic.kernel.record import store
from civic.operate.findings import Finding, ok, problem, warning

NEEDED_KEYS: Final = ("flash", "identity", "node", "papers")
"""Secrets of the node itself, beside one for each of its logs."""


def keys(
    files: KeyFiles,
    heads: Sequence[store.Head],
    shared: Collection[str] = (),
    wrong: Sequence[str] = (),
) -> Iterator[Finding]:
    """Look whether each key is there and is the one of its log.

    `shared` are keys of logs that another machine of the node made, `wrong` those that are not the
    database's.
    """
    try:
        names = files.names()
    except PermissionError:
        yield problem(
            "keys",
            f"The keys in {files.folder} cannot be read by this user.",
            "Only the user that runs the node should be able to.",
            "Run `civic doctor` as the user that runs the node.",
        )
        return
    before = False
    if others := [name for name in wrong if name in names]:
        before = True
        yield problem(
            "keys",
            f"Keys in {files.folder} are not those of the node: {', '.join(others)}.",
            "What this machine sealed or tied under them nobody could open.",
            "Copy the folder from a machine that serves the node already, or restore the backup.",
        )
    for name in NEEDED_KEYS:
        if name not in names and (name != "flash" or heads):
            before = True
            yield _missing_key(files, name, heads)
    for head in heads:
        if head.replica:
            continue
        name = f"log-{head.log_id}"
        if name not in names and name in shared:
            continue
        if name not in names:
            before = True
            yield problem(
                "keys",
                f"The signing key of log {head.log_id[:16]}… is missing.",
                "Without it nothing of this chapter can be signed any more, so no act is accepted.",
                "Restore the file from a backup; if there is none, the chapter's stewards have to "
                "move the chapter.",
            )
        elif _public(files, name) != head.public_key:
            before = True
            yield problem(
                "keys",
                f"The signing key of log {head.log_id[:16]}… is damaged or another one.",
                "What it signs would not be accepted by anybody.",
                "Restore the file from a backup.",
            )
    for name in names:
        log_id = name.removeprefix("log-")
        if name.startswith("log-") and not name.startswith("log-new-"):
            known = next((head for head in heads if head.log_id == log_id), None)
            if known is None:
                before = True
                yield warning(
                    "keys",
                    f"There is a signing key for log {log_id[:16]}…, which is not in the database.",
                    "Perhaps the founding was never finished; perhaps the database is not the one "
                    "that belongs to these keys.",
                    "If chapters are missing, stop the node and restore the whole backup.",
                )
            elif known.replica:
                before = True
                yield problem(
                    "keys",
                    f"There is a signing key for log {log_id[:16]}…, of which this is a copy.",
                    "Two nodes that sign for one log can split its history for ever.",
                    "Find out which node owns the chapter; remove the key from the other.",
                )
    if not before:
        yield ok("keys", f"{len(names)} keys are there and belong to their logs.")


def _missing_key(files: KeyFiles, name: str, heads: Sequence[store.Head]) -> Finding:
    if not heads:
        return warning(
            "keys",
            f"The key {name} is not there yet.",
            "A new node makes it when it first needs it.",
            "Nothing, if this node was just made.",
        )
    why = {
        "papers": "Papers that tie ids to members cannot be opened, so nobody can act by voice.",
        "identity": "Nobody can sign in: what accounts hold was sealed with it.",
        "node": "Promises that this node gave can no longer be shown to be its own.",
        "flash": "Messages from one page to the next are lost once.",
    }[name]
    what = f"The key {name} in {files.folder} is missing."
    todo = "Stop the node and restore the file from a backup before anything else."
    if name in ("papers", "identity"):
        return problem("keys", what, why, todo)
    return warning("keys", what, why, todo)


def _public(files: KeyFiles, name: str) -> bytes | None:
    try:
        return node_keys.public_key(node_keys.signing_key(files.secret(name)))
    except (ValueError, OSError):
        return None
