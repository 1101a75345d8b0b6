"""No fork by a restore: before it, the old node is silent and nothing larger is known.

A node that was restored while the old one still signs, or from a backup that is older than what
others have seen, would sign another history under the same key: a fork that nobody can heal.
"""

from collections.abc import Iterable
from typing import Final

import httpx

from civic.kernel.record import note
from civic.kernel.record.note import MAX_NOTE_BYTES, Checkpoint, NoteError
from civic.operate.backup import BackedUpLog, BackupManifest
from civic.operate.place import OperationError

PATIENCE: Final = 3.0
"""Seconds to wait for the old node, and for a node that may know more."""


async def refuse_fork(
    manifest: BackupManifest,
    seen: Iterable[bytes] = (),
    known: Iterable[str] = (),
    client: httpx.AsyncClient | None = None,
) -> None:
    """Make sure that a node restored from this backup will not sign a second history.

    `seen` are signed checkpoints obtained earlier, `known` addresses of nodes that may have seen
    more. OperationError if the old node answers, or if anything larger than the backup is known,
    or if a node that is to be asked cannot be.
    """
    async with client or _client() as asking:
        if await _answers(asking, manifest.url):
            raise OperationError(
                f"The old node still answers at {manifest.url}. Two nodes with one key would split "
                "the records for ever: stop it first (and a proxy that answers for it), and do not "
                "start it again."
            )
        for raw in seen:
            _compare(manifest, raw, "the checkpoint that you gave", strict=True)
        for address in known:
            for log in manifest.logs:
                if not log.replica and log.size:
                    raw_or_none = await _checkpoint(asking, address, log)
                    if raw_or_none is not None:
                        _compare(manifest, raw_or_none, address, strict=False)


def _client() -> httpx.AsyncClient:
    # Whoever answers under a name, answers: a certificate that has run out is no proof of silence.
    return httpx.AsyncClient(timeout=PATIENCE, verify=False, follow_redirects=False)  # noqa: S501


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        response = await client.get(f"{url}/")
    except httpx.HTTPError:
        return False
    # A proxy in front of a stopped node answers too: that it cannot reach it.
    return response.status_code not in (502, 504)


async def _checkpoint(client: httpx.AsyncClient, address: str, log: BackedUpLog) -> bytes | None:
    url = f"{address.rstrip('/')}/log/{log.log_id}/checkpoint"
    try:
        response = await client.get(url)
    except httpx.HTTPError as error:
        raise OperationError(
            f"{address} could not be asked what it has seen ({type(error).__name__}). Try again, "
            "or leave it out if you are sure that the backup is the last one."
        ) from error
    if response.status_code == 404:
        return None
    if response.status_code != 200 or len(response.content) > MAX_NOTE_BYTES:
        raise OperationError(f"{address} answered {response.status_code} instead of a checkpoint.")
    return response.content


def _compare(manifest: BackupManifest, raw: bytes, whose: str, *, strict: bool) -> None:
    opened = _open(manifest, raw)
    if opened is None:
        if strict:
            raise OperationError("The checkpoint that you gave is of no log in this backup.")
        raise OperationError(f"{whose} sent a checkpoint that the log's key did not sign.")
    log, checkpoint = opened
    if checkpoint.size > log.size:
        raise OperationError(
            f"The backup is too old: it has {log.size} entries of log {log.log_id[:16]}…, but "
            f"{whose} has {checkpoint.size}. A node restored from it would sign other entries in "
            "the place of those. Use a newer backup; if there is none, the chapter's stewards have "
            "to move the chapter from a copy that has all entries."
        )
    if checkpoint.size == log.size and log.note is not None:
        own = _open(manifest, log.note)
        if own is None or own[1].root != checkpoint.root:
            raise OperationError(
                f"Log {log.log_id[:16]}… has two histories already: {whose} shows another root for "
                "the same size. Keep both as evidence, and show them to the chapter's members."
            )


def _open(manifest: BackupManifest, raw: bytes) -> tuple[BackedUpLog, Checkpoint] | None:
    for log in manifest.logs:
        try:
            return log, note.open_checkpoint(raw, note.log_key(log.public_key)).checkpoint
        except NoteError:
            continue
    return None
