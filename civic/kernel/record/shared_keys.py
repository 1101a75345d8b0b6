"""What the machines of one node share of its keys, by way of their common database.

Each machine has the node's own secrets as files. A mark of each stands in the database, so that a
machine with others is told so before it seals, ties or signs anything under them. The signing key
of a log is made on the machine on which the chapter is founded; a copy, sealed under the node's
key, lets all others sign. The database alone opens none of it (decision 22).
"""

from collections.abc import Mapping
from typing import Final

from nacl.signing import SigningKey
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, Text, select, text
from sqlalchemy.dialects.postgresql import insert

from civic.kernel import keys
from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.keys import KeyFiles, SealBroken
from civic.kernel.record import store, tables

MARKED: Final = ("identity", "node", "papers")
"""The node's secrets that must be the same on each of its machines."""

key_mark = Table(
    "key_mark",
    private_metadata,
    Column("name", Text, primary_key=True),
    Column("mark", LargeBinary, nullable=False),
    comment="By what each machine of the node knows that its key files are the node's.",
)

log_key = Table(
    "log_key",
    private_metadata,
    Column("log", Integer, ForeignKey(tables.log.c.no), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    comment=(
        "Signing keys of logs, sealed under the node's key, which lies outside the database: so "
        "that each machine of the node can sign."
    ),
)


class KeysMissing(Exception):
    """A machine does not have the keys that belong to its database; the text says what to do."""


async def settle(db: Writing, files: KeyFiles) -> None:
    """See that a machine's key files are the node's; the first machine makes them.

    KeysMissing if others are there, or none although the node has some.
    """
    # Machines that start a new node together wait for the first.
    await db.execute(text("LOCK TABLE private.key_mark IN EXCLUSIVE MODE"))
    marks = await _marks(db)
    others = _wrong(marks, files)
    if others:
        raise KeysMissing(
            f"The keys in {files.folder} are not those that belong to the database "
            f"({', '.join(others)}). All machines of a node have the same keys: copy the folder "
            "from a machine that serves the node already, or restore the backup."
        )
    for name in MARKED:
        if name not in marks:
            await db.execute(insert(key_mark).values(name=name, mark=_mark(files, name)))
    for head in await store.all_logs(db):
        if not head.replica and files.known(_name(head.log_id)):
            await keep(db, files, head)


async def wrong(db: Reading, files: KeyFiles) -> list[str]:
    """Return the names of key files that are missing or not those of the node."""
    return _wrong(await _marks(db), files)


async def keep(db: Writing, files: KeyFiles, head: store.Head) -> None:
    """Keep a sealed copy of a log's signing key where the other machines find it."""
    seed = files.secret(_name(head.log_id))
    sealed = keys.seal(_sealing(files), seed, head.log_id.encode())
    await db.execute(insert(log_key).values(log=head.no, sealed=sealed).on_conflict_do_nothing())


async def signing_key(db: Reading, files: KeyFiles, head: store.Head) -> SigningKey:
    """Return the key that signs for a log of this node; KeysMissing if it is not to be had."""
    seed = await _seed(db, files, head)
    key = None if seed is None else keys.signing_key(seed)
    if key is None or keys.public_key(key) != head.public_key:
        raise KeysMissing(f"The signing key of log {head.log_id} is missing or another one.")
    return key


async def seeds(db: Reading, files: KeyFiles) -> dict[str, bytes]:
    """Return all secrets of the node by name, also of logs that other machines made."""
    found = {name: files.secret(name) for name in files.names()}
    for head in await store.all_logs(db):
        if not head.replica and (seed := await _seed(db, files, head)) is not None:
            found[_name(head.log_id)] = seed
    return found


async def _marks(db: Reading) -> dict[str, bytes]:
    rows = await db.execute(select(key_mark.c.name, key_mark.c.mark))
    return {row.name: row.mark for row in rows}


def _wrong(marks: Mapping[str, bytes], files: KeyFiles) -> list[str]:
    return [
        name
        for name, mark in sorted(marks.items())
        if not files.known(name) or _mark(files, name) != mark
    ]


def _name(log_id: str) -> str:
    return f"log-{log_id}"


async def _seed(db: Reading, files: KeyFiles, head: store.Head) -> bytes | None:
    if files.known(_name(head.log_id)):
        return files.secret(_name(head.log_id))
    sealed = await db.scalar(select(log_key.c.sealed).where(log_key.c.log == head.no))
    if sealed is None or not files.known("node"):
        return None
    try:
        return keys.open_sealed(_sealing(files), sealed, head.log_id.encode())
    except SealBroken:
        return None


def _sealing(files: KeyFiles) -> bytes:
    return keys.derive(files.secret("node"), b"", b"civic/log-keys/1")


def _mark(files: KeyFiles, name: str) -> bytes:
    return keys.derive(files.secret(name), b"", b"civic/key-mark/1", 16)
