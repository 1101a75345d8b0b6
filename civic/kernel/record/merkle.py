"""The Merkle tree of a log (RFC 6962, RFC 9162, SHA-256): hashes, roots, paths and their checks.

Nothing here reads or writes: whoever makes a path passes in a `Subtree`, a function that gives the
hash of a complete subtree. Makers raise `TreeError` when asked for something that does not exist;
checks answer True or False and never raise on hostile input.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Self

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
EMPTY_ROOT = sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""(level, index) -> hash of the complete subtree over the 2^level leaves from index << level on."""

# Leaves hashed level by level in one go; bounds the memory of `extend` to about 1 MB.
_CHUNK = 8192


class TreeError(ValueError):
    """A tree, subtree or stored frontier that cannot exist was asked for or handed in."""


def leaf_hash(data: bytes) -> bytes:
    """The leaf hash of an entry's bytes."""
    return sha256(b"\x00" + data).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The leaf hashes of many entries, in order."""
    sha = sha256
    return [sha(b"\x00" + data).digest() for data in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node from its two children (32 bytes each)."""
    return sha256(b"\x01" + left + right).digest()


def _parents(nodes: Iterable[bytes]) -> list[bytes]:
    """The level above `nodes`, taken pairwise from the left; an odd last node has no parent yet."""
    sha = sha256
    one_by_one = iter(nodes)
    return [
        sha(b"\x01" + left + right).digest()
        for left, right in zip(one_by_one, one_by_one, strict=False)
    ]


def perfect_root(nodes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4, 8, … nodes of one level; `TreeError` for any other number."""
    count = len(nodes)
    if not count or count & (count - 1):
        raise TreeError(f"{count} nodes do not make a perfect tree")
    while len(nodes) > 1:
        nodes = _parents(nodes)
    return nodes[0]


def _fold(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, largest first."""
    if not peaks:
        return EMPTY_ROOT
    sha = sha256
    root = peaks[-1]
    for peak in peaks[-2::-1]:
        root = sha(b"\x01" + peak + root).digest()
    return root


@dataclass(slots=True)
class Frontier:
    """The compact form of a growing tree: its size and its complete subtrees, largest first.

    Enough to append and to know the root, in at most 63 hashes; not enough to make paths.
    """

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Appends one leaf, given its leaf hash (`TreeError` unless 32 bytes)."""
        if len(leaf) != HASH_BYTES:
            raise TreeError("a leaf hash has 32 bytes")
        sha = sha256
        hashes = self.hashes
        position = self.size
        while position & 1:
            leaf = sha(b"\x01" + hashes.pop() + leaf).digest()
            position >>= 1
        hashes.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Appends many leaf hashes; the same as `append` on each.

        On a leaf hash of the wrong length (`TreeError`) earlier leaves may already be in.
        """
        iterator = iter(leaves)
        while level := list(islice(iterator, _CHUNK)):
            if set(map(len, level)) != {HASH_BYTES}:
                raise TreeError("a leaf hash has 32 bytes")
            self._extend(level)

    def _extend(self, level: list[bytes]) -> None:
        # Level by level instead of leaf by leaf: what stands complete to the left joins the row,
        # an odd last node stays behind as a peak, and the row of parents goes on.
        hashes = self.hashes
        position = self.size
        self.size += len(level)
        left_over: list[bytes] = []
        while level:
            if position & 1:
                level.insert(0, hashes.pop())
            if len(level) & 1:
                left_over.append(level.pop())
            level = _parents(level)
            position >>= 1
        left_over.reverse()
        hashes.extend(left_over)

    def root(self) -> bytes:
        """The root hash at the present size; `EMPTY_ROOT` at size 0."""
        return _fold(self.hashes)

    def copy(self) -> "Frontier":
        """An independent copy."""
        return Frontier(self.size, self.hashes.copy())

    def to_bytes(self) -> bytes:
        """The stored form: size as 8 bytes big-endian, then the hashes, largest subtree first."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The inverse of `to_bytes`; `TreeError` unless size and number of hashes agree."""
        size = int.from_bytes(data[:8], "big")
        if size > MAX_SIZE or len(data) != 8 + HASH_BYTES * size.bit_count():
            raise TreeError("a frontier is 8 bytes of size and one hash for each of its set bits")
        return cls(size, [data[i : i + HASH_BYTES] for i in range(8, len(data), HASH_BYTES)])


def subtree_from_leaves(leaves: Sequence[bytes]) -> Subtree:
    """A `Subtree` over leaf hashes held in memory; levels are hashed when first needed.

    It raises `TreeError` for a subtree that is not complete.
    """
    levels: list[Sequence[bytes]] = [leaves]

    def subtree(level: int, index: int) -> bytes:
        while len(levels) <= level and len(levels[-1]) > 1:
            levels.append(_parents(levels[-1]))
        if not 0 <= level < len(levels) or not 0 <= index < len(levels[level]):
            raise TreeError(f"no complete subtree at level {level}, index {index}")
        return levels[level][index]

    return subtree


def _peaks(start: int, end: int, subtree: Subtree) -> list[bytes]:
    # `start` is a multiple of every power of two up to end - start, so that all these exist.
    peaks: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(subtree(level, start >> level))
        start += 1 << level
    return peaks


def _range_root(start: int, end: int, subtree: Subtree) -> bytes:
    return _fold(_peaks(start, end, subtree))


def frontier_of(size: int, subtree: Subtree) -> Frontier:
    """The frontier of the first `size` leaves."""
    if not 0 <= size <= MAX_SIZE:
        raise TreeError(f"no tree has size {size}")
    return Frontier(size, _peaks(0, size, subtree))


def root_of(size: int, subtree: Subtree) -> bytes:
    """The root of the first `size` leaves; `EMPTY_ROOT` at size 0."""
    return frontier_of(size, subtree).root()


def is_subtree(start: int, end: int) -> bool:
    """Whether [start, end) is a subtree in the sense of tlog-mirror: empty, from 0, or aligned."""
    if not 0 <= start <= end <= MAX_SIZE:
        return False
    return start in (0, end) or not start & ((1 << (end - start - 1).bit_length()) - 1)


def subtree_root(start: int, end: int, subtree: Subtree) -> bytes:
    """The root over the leaves [start, end) of a subtree (see `is_subtree`)."""
    if not is_subtree(start, end):
        raise TreeError(f"[{start}, {end}) is not a subtree")
    return _range_root(start, end, subtree)


def inclusion_path(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path that proves leaf `index` in the tree of `size`: leaf's sibling first."""
    return subtree_inclusion_path(index, 0, size, subtree)


def subtree_inclusion_path(index: int, start: int, end: int, subtree: Subtree) -> list[bytes]:
    """The path that proves leaf `index` (counted in the whole tree) in the subtree [start, end)."""
    if not is_subtree(start, end) or not start <= index < end:
        raise TreeError(f"leaf {index} is not in a subtree [{start}, {end})")
    path: list[bytes] = []
    while end - start > 1:
        level = (end - start - 1).bit_length() - 1
        middle = start + (1 << level)
        if index < middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(subtree(level, start >> level))
            start = middle
    path.reverse()
    return path


def consistency_path(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The path that proves that the tree of size `old` is a prefix of that of size `new`."""
    return subtree_consistency_path(0, old, new, subtree)


def subtree_consistency_path(start: int, end: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path that proves that the subtree [start, end) is part of the tree of `size`."""
    if not is_subtree(start, end) or not end <= size <= MAX_SIZE:
        raise TreeError(f"[{start}, {end}) is not a subtree of a tree of {size}")
    return _descend(start, end, size, subtree, known=True)


def _descend(start: int, end: int, size: int, subtree: Subtree, *, known: bool) -> list[bytes]:
    # `known`: whoever checks has the root of [start, end), so that the path may leave it out.
    path: list[bytes] = []
    low, high = 0, size
    while start < end:
        if start == low and end == high:
            if not known:
                path.append(_range_root(low, high, subtree))
            break
        level = (high - low - 1).bit_length() - 1
        middle = low + (1 << level)
        if end <= middle:
            path.append(_range_root(middle, high, subtree))
            high = middle
            continue
        path.append(subtree(level, low >> level))
        low = middle
        if start < middle:
            start = middle
            known = False
    path.reverse()
    return path


def _are_hashes(*hashes: bytes) -> bool:
    # A root is bound to its children only because both have exactly 32 bytes.
    return all(len(each) == HASH_BYTES for each in hashes)


def verify_inclusion(
    index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether `path` proves leaf hash `leaf` at `index` in the tree of `size` with `root`."""
    if not 0 <= index < size <= MAX_SIZE or len(path) > 63 or not _are_hashes(leaf, root, *path):
        return False
    sha = sha256
    last = size - 1
    for sibling in path:
        if not last:
            return False
        if index & 1 or index == last:
            leaf = sha(b"\x01" + sibling + leaf).digest()
            while not index & 1:
                index >>= 1
                last >>= 1
        else:
            leaf = sha(b"\x01" + leaf + sibling).digest()
        index >>= 1
        last >>= 1
    return not last and leaf == root


def verify_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether `path` proves `leaf` at `index` of the whole tree in subtree [start, end)."""
    return is_subtree(start, end) and verify_inclusion(index - start, end - start, leaf, path, root)


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` proves that the tree (old, old_root) is a prefix of (new, new_root).

    With the edge rules of witnesses: equal sizes need equal roots and no path; the empty tree is a
    prefix of everything, needs no path, and has no other root than `EMPTY_ROOT`.
    """
    if not 0 <= old <= new <= MAX_SIZE:
        return False
    return verify_subtree_consistency(0, old, new, old_root, new_root, path)


def verify_subtree_consistency(
    start: int, end: int, size: int, subtree_root: bytes, root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` proves the subtree [start, end) with its root part of the tree of `size`."""
    if (
        not is_subtree(start, end)
        or not end <= size <= MAX_SIZE
        or len(path) > 63
        or not _are_hashes(subtree_root, root, *path)
        or (not size and root != EMPTY_ROOT)
    ):
        return False
    if start == end:
        return not path and subtree_root == EMPTY_ROOT
    first, last, top = start, end - 1, size - 1
    if last == top:
        shift = (first ^ last).bit_length()
    else:
        # As far up as the subtree's right edge is a right child, but not above its own root.
        shift = min((first ^ last).bit_length(), (~last & (last + 1)).bit_length() - 1)
    first, last, top = first >> shift, last >> shift, top >> shift
    if first == last:
        computed = _ascend(first, last, top, subtree_root, path)
    elif path:
        computed = _ascend(first, last, top, path[0], path[1:])
    else:
        return False
    return computed == (subtree_root, root)


def _ascend(
    first: int, last: int, top: int, seed: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """The roots of subtree and tree that a path leads to, or None where it does not fit."""
    sha = sha256
    part = whole = seed
    for sibling in path:
        if not top:
            return None
        if last & 1 or last == top:
            if first < last:
                part = sha(b"\x01" + sibling + part).digest()
            whole = sha(b"\x01" + sibling + whole).digest()
            while not last & 1:
                first >>= 1
                last >>= 1
                top >>= 1
        else:
            whole = sha(b"\x01" + whole + sibling).digest()
        first >>= 1
        last >>= 1
        top >>= 1
    return None if top else (part, whole)


def fork_path(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The path of a fork proof, made from the data behind the larger head; [] at equal sizes.

    Unlike a consistency path it always contains the nodes of the older tree, so that both roots
    can be computed from it alone.
    """
    if not 0 <= old <= new <= MAX_SIZE:
        raise TreeError(f"a tree of {old} cannot stand before one of {new}")
    return [] if old == new else _descend(0, old, new, subtree, known=False)


def proves_fork(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` proves that the two heads cannot belong to one append-only log.

    False means not proven, never consistent. An older head of size 0 forks by its root alone.
    The caller has checked that one key signed both heads.
    """
    if not 0 <= old <= new <= MAX_SIZE or not _are_hashes(old_root, new_root, *path):
        return False
    if old == new:
        return not path and old_root != new_root
    if not old:
        return not path and old_root != EMPTY_ROOT
    if not path or len(path) > 64:
        return False
    last = old - 1
    shift = (~last & old).bit_length() - 1
    computed = _ascend(0, last >> shift, (new - 1) >> shift, path[0], path[1:])
    return computed is not None and computed[1] == new_root and computed[0] != old_root
