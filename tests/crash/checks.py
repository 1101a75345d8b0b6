"""What must hold after every crash, whatever was killed and wherever."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import reading
from civic.kernel.record import merkle, note, store
from civic.kernel.record.content import content_hash, read_words
from civic.kernel.record.entry import Malformed
from civic.rebuild import differences
from tests.crash.journal import Acted, Filled, GivenUp, Line, Refused, Seen


class _Entry(msgspec.Struct):
    kind: str
    content: tuple[str, ...] = ()


class _Batch(msgspec.Struct):
    subject: str
    rows: tuple[tuple[str, int], ...]


class _WithRows(msgspec.Struct):
    body: _Batch


@dataclass
class Stored:
    """What lies in the database, read in one moment."""

    head: store.Head
    entries: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    keys: list[tuple[bytes, int]] = field(default_factory=list)
    boxes: dict[tuple[str, str], int] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    checkpoints: list[bytes] = field(default_factory=list)


async def read_all(engine: AsyncEngine, log: int) -> Stored:
    """Return all that is stored of a log."""
    async with reading(engine) as db:
        stored = Stored(await store.head(db, log))
        rows = await db.execute(
            text(
                "SELECT index, bytes, leaf, key, part FROM record.entry WHERE log = :log "
                "ORDER BY index"
            ),
            {"log": log},
        )
        for index, raw, leaf, key, part in rows:
            stored.entries.append((index, raw, leaf))
            stored.keys.append((key, part))
        rows = await db.execute(
            text("SELECT subject, row, value FROM private.box WHERE log = :log"), {"log": log}
        )
        stored.boxes = {(row[0], row[1]): row[2] for row in rows}
        rows = await db.execute(
            text("SELECT hash, bytes FROM record.content WHERE log = :log"), {"log": log}
        )
        for digest, raw in rows:
            assert content_hash(raw) == digest.hex()
            try:
                stored.words[digest.hex()] = read_words(raw).text
            except Malformed:
                continue
        rows = await db.execute(
            text("SELECT note FROM record.checkpoint WHERE log = :log"), {"log": log}
        )
        stored.checkpoints = [row[0] for row in rows]
    return stored


async def check(engine: AsyncEngine, log: int, lines: Sequence[Line]) -> Stored:
    """Hold what is stored against what a load generator was told."""
    stored = await read_all(engine, log)
    refused = [line for line in lines if isinstance(line, Refused)]
    assert not refused, refused[:3]
    check_record(stored)
    check_acts(stored, [line for line in lines if isinstance(line, Acted)])
    check_words(stored, lines)
    check_rows(stored, lines)
    check_checkpoints(stored, [line.note.encode() for line in lines if isinstance(line, Seen)])
    assert await differences(engine) == []
    return stored


def check_record(stored: Stored) -> None:
    """The record has no gap, no act twice, the right tree, and is signed to its end."""
    assert [index for index, _, _ in stored.entries] == list(range(stored.head.size))
    assert all(merkle.leaf_hash(raw) == leaf for _, raw, leaf in stored.entries)
    assert len(set(stored.keys)) == len(stored.keys)
    frontier = merkle.Frontier()
    frontier.extend(leaf for _, _, leaf in stored.entries)
    assert frontier.to_bytes() == stored.head.frontier
    assert stored.head.signed_size == stored.head.size


def check_acts(stored: Stored, acted: Iterable[Acted]) -> None:
    """Each acknowledged act stands exactly once, where its author was told, under one key."""
    leaves = Counter(leaf for _, _, leaf in stored.entries)
    places: dict[str, tuple[int, str]] = {}
    for act in acted:
        leaf = bytes.fromhex(act.leaf)
        assert stored.entries[act.index][2] == leaf
        assert leaves[leaf] == 1
        assert stored.keys[act.index][1] == 0
        assert places.setdefault(act.key, (act.index, act.leaf)) == (act.index, act.leaf)
    assert len({index for index, _ in places.values()}) == len(places)


def check_words(stored: Stored, lines: Iterable[Line]) -> None:
    """Each text stands in the record exactly once if it was acknowledged, else once at most."""
    named = Counter(
        digest
        for _, raw, _ in stored.entries
        for digest in msgspec.json.decode(raw, type=_Entry).content
    )
    said = Counter(words for digest, words in stored.words.items() if named[digest])
    given_up = {one.text for one in lines if isinstance(one, GivenUp) and one.text}
    acted = {one.text: one.index for one in lines if isinstance(one, Acted) and one.text}
    by_text = {words: digest for digest, words in stored.words.items()}
    for words in given_up:
        assert said[words] <= 1
    for words, index in acted.items():
        assert said[words] == 1
        assert by_text[words].encode() in stored.entries[index][1]
        assert named[by_text[words]] == 1


def check_rows(stored: Stored, lines: Iterable[Line]) -> None:
    """The latest acknowledged value of each row is in its box or stands in the record."""
    standing: dict[tuple[str, str], int] = {}
    for _, raw, _ in stored.entries:
        if msgspec.json.decode(raw, type=_Entry).kind.endswith("s_recorded"):
            batch = msgspec.json.decode(raw, type=_WithRows).body
            standing.update({(batch.subject, row): value for row, value in batch.rows})
    standing.update(stored.boxes)
    possible: defaultdict[tuple[int, str], set[int]] = defaultdict(set)
    rows: dict[tuple[int, str], str] = {}
    for line in lines:
        if isinstance(line, Filled):
            place = (line.client, line.subject)
            possible[place] = {line.value}
            assert rows.setdefault(place, line.row) == line.row
        elif isinstance(line, GivenUp) and line.subject:
            possible[line.client, line.subject].add(line.value)
    for place, row in rows.items():
        assert standing[place[1], row] in possible[place]
    # Nobody stands twice: the rows of a subject are as many as its clients, or fewer.
    for (client, subject), row in rows.items():
        others = [own for (c, s), own in rows.items() if s == subject and c != client]
        assert row not in others


def check_checkpoints(stored: Stored, served: Iterable[bytes]) -> None:
    """All checkpoints ever signed or served are signed heads of one growing tree."""
    key = note.log_key(stored.head.public_key)
    subtree = merkle.subtree_from_leaves([leaf for _, _, leaf in stored.entries])
    roots: dict[int, bytes] = {}
    for raw in {*stored.checkpoints, *served}:
        checkpoint = note.open_checkpoint(raw, key).checkpoint
        assert checkpoint.size <= stored.head.size
        assert roots.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
    for size, root in roots.items():
        assert merkle.root_of(size, subtree) == root
    for old, new in pairwise(sorted(roots)):
        path = merkle.consistency_path(old, new, subtree)
        assert merkle.verify_consistency(old, new, roots[old], roots[new], path)
