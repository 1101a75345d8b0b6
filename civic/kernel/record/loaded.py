"""Chapters held in memory: state and tree as of some size, caught up under the head's lock."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from civic.kernel.database import Reading
from civic.kernel.record import merkle, store, tiles
from civic.kernel.record.course import Course, RulesUnknown
from civic.kernel.record.entry import Malformed, UnknownKind
from civic.kernel.record.rules import Procedure

SNAPSHOT_EVERY: Final = 10_000
"""Entries between two snapshots of the state, at least."""
KEPT: Final = 64
"""Chapters held in memory by one process; the least recently used leaves."""


class RecordBroken(Exception):
    """What is stored does not fit together; the node stops accepting acts for this chapter."""


@dataclass(kw_only=True)
class Loaded(Course):
    """One chapter in memory. `lock` orders the tasks of this process that touch it."""

    no: int
    tiling: tiles.Tiling = field(default_factory=tiles.Tiling)
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    snapshot_size: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def size(self) -> int:
        """Number of entries folded so far."""
        return self.frontier.size


class Shelf:
    """The chapters that this process holds in memory."""

    def __init__(self, versions: Mapping[int, Procedure], code: bytes) -> None:
        self.versions = versions
        self.code = code
        self._loaded: OrderedDict[int, Loaded] = OrderedDict()
        self._unknown: dict[int, RulesUnknown] = {}

    @property
    def newest(self) -> int:
        """The version of the rules under which chapters are founded now."""
        return max(self.versions)

    def held(self, no: int) -> Loaded | None:
        """Return a chapter as this process last saw it, if it holds it in memory."""
        return self._loaded.get(no)

    def drop(self, no: int) -> None:
        """Forget a chapter after a failed transaction; it is reloaded, never patched."""
        self._loaded.pop(no, None)

    async def current(self, db: Reading, head: store.Head) -> Loaded:
        """Return a chapter as of `head`, whose row the caller has locked.

        RulesUnknown if the record went on under rules that this program does not have. Where it
        only will, the chapter is given, and says what is `missing`.
        """
        if head.no in self._unknown:
            # No entry that comes could change that, and finding out takes long.
            raise self._unknown[head.no]
        loaded = self._loaded.get(head.no)
        # Under which rules a log begins, only its first entry tells.
        if loaded is None or loaded.size > head.size or loaded.size == 0 < head.size:
            try:
                loaded = await self._load(db, head)
            except RulesUnknown as unknown:
                self._unknown[head.no] = unknown
                raise
            self._loaded[head.no] = loaded
            while len(self._loaded) > KEPT:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(head.no)
        if loaded.size < head.size:
            try:
                await catch_up(db, loaded, head)
            except BaseException as error:
                if isinstance(error, RulesUnknown):
                    self._unknown[head.no] = error
                # Half of it is folded in: folding it again would count it twice.
                self.drop(head.no)
                raise
        return loaded

    async def usable(self, db: Reading, head: store.Head) -> Loaded:
        """Return a chapter as `current` does, RulesUnknown if nothing can be added to it here."""
        loaded = await self.current(db, head)
        if loaded.missing is not None:
            raise RulesUnknown(loaded.missing)
        return loaded

    async def _load(self, db: Reading, head: store.Head) -> Loaded:
        found = await store.load_snapshot(db, head.no, self.code)
        if found is None or found[0] > head.size:
            version = self.newest if head.size == 0 else await first_version(db, head)
            procedure = self._known(version)
            state = procedure.initial(head.log_id)
            return Loaded(versions=self.versions, procedure=procedure, state=state, no=head.no)
        size, version, raw = found
        procedure = self._known(version)
        loaded = Loaded(
            versions=self.versions,
            procedure=procedure,
            state=procedure.load(raw),
            no=head.no,
            tiling=await resume(db, head.no, size),
            frontier=merkle.frontier_of(
                size, await store.subtrees_for(db, head.no, size, size - 1)
            ),
            snapshot_size=size,
        )
        # A version that was missing when the snapshot was made may be here now.
        loaded.settle()
        return loaded

    def _known(self, version: int) -> Procedure:
        if version not in self.versions:
            raise RulesUnknown(version, 0)
        return self.versions[version]

    def snapshot(self, loaded: Loaded) -> dict[str, Any] | None:
        """Return what a snapshot keeps, or None if too few entries came since the last one.

        A large record takes longer to keep, so it is kept after every eighth part more.
        """
        if loaded.size - loaded.snapshot_size < max(SNAPSHOT_EVERY, loaded.snapshot_size // 8):
            return None
        loaded.snapshot_size = loaded.size
        return {
            "size": loaded.size,
            "rules": loaded.procedure.version,
            "code": self.code,
            "state": loaded.procedure.dump(loaded.state),
        }


class _FirstBody(msgspec.Struct):
    rules: int


class _FirstEntry(msgspec.Struct):
    body: _FirstBody


def rules_version(raw: bytes) -> int:
    """Return the version of the rules that entry 0 of a record names; raise `Malformed`."""
    try:
        return msgspec.json.decode(raw, type=_FirstEntry).body.rules
    except msgspec.DecodeError as error:
        raise Malformed("entry 0 names no version of the rules") from error


async def first_version(db: Reading, head: store.Head) -> int:
    """Return the version of the rules under which a stored record begins."""
    async for _, raw, _ in store.entries(db, head.no, 0, 1):
        return rules_version(raw)
    raise RecordBroken("entry 0 is missing")


async def resume(db: Reading, no: int, size: int) -> tiles.Tiling:
    """Return the tree of the first `size` entries, from what is stored."""
    partial: dict[int, bytes] = {}
    count, level = size, 0
    while count:
        width = count % tiles.WIDTH
        if width:
            partial[level] = await store.hash_tile(db, no, level, count // tiles.WIDTH, width)
        count, level = count // tiles.WIDTH, level + 1

    def read_tile(level: int, index: int, width: int) -> bytes:
        return partial[level]

    return tiles.Tiling.resume(size, read_tile)


async def catch_up(db: Reading, loaded: Loaded, head: store.Head) -> None:
    """Fold the entries that other processes added since, through all versions of the rules."""
    fold = loaded.fold
    new_leaves: list[bytes] = []
    expected = loaded.size
    async for index, raw, leaf in store.entries(db, head.no, loaded.size, head.size):
        if index != expected:
            raise RecordBroken(f"entry {expected} is missing")
        expected += 1
        try:
            fold(raw)
        except (Malformed, UnknownKind) as error:
            raise RecordBroken(f"entry {index}: {error}") from error
        new_leaves.append(leaf)
    if expected != head.size:
        raise RecordBroken(f"entry {expected} is missing")
    # A commit holds whole acts.
    loaded.settle()
    loaded.tiling.extend(new_leaves)
    loaded.frontier.extend(new_leaves)
    if loaded.frontier.to_bytes() != head.frontier:
        raise RecordBroken("the stored tree differs from the stored entries")
