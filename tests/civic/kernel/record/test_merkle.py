import random
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.record import merkle
from civic.kernel.record.merkle import EMPTY_ROOT, MAX_SIZE, Frontier, TreeError

# The reference leaves and roots of RFC 6962 implementations.
REFERENCE = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): """96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
               5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
               6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4""",
    (5, 8): """bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b
               ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
               d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    (2, 3): "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    (1, 5): """6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
               5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
               bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b""",
}
CONSISTENCY = {
    (1, 8): INCLUSION[0, 8],
    (4, 8): "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    (6, 8): """0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a
               ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
               d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    (2, 5): """5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
               bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b""",
    (3, 7): """0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7
               07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7
               fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
               837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e""",
}

LIMIT = 130
# One byte i as leaf i: the tree of the published exhaustive vectors.
BYTES = [merkle.leaf_hash(bytes([i])) for i in range(LIMIT)]
BYTES_SUBTREE = merkle.subtree_from_leaves(BYTES)
BYTES_ROOTS = [merkle.root_of(size, BYTES_SUBTREE) for size in range(LIMIT + 1)]


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 word by word, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def grown(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def corrupted(path: list[bytes], chance: random.Random) -> list[list[bytes]]:
    """Every drop, a flipped bit of every hash, and additions at both ends."""
    junk = chance.randbytes(32)
    wrong = [[*path, junk], [junk, *path], [*path, b""], [*path, EMPTY_ROOT]]
    for i, each in enumerate(path):
        rest = path[:i], path[i + 1 :]
        wrong.append([*rest[0], *rest[1]])
        wrong.append([*rest[0], flipped(each, chance.randrange(256)), *rest[1]])
        wrong.append([*rest[0], each[:-1], *rest[1]])
        wrong.append([*rest[0], each + b"\0", *rest[1]])
    return wrong


def digest_of(lines: Callable[[], list[str]]) -> str:
    return sha256("".join(lines()).encode()).hexdigest()


def hexed(path: list[bytes]) -> str:
    return "".join(f" {each.hex()}" for each in path)


def spans(end: int) -> list[tuple[int, int]]:
    return [(start, end) for start in range(end + 1) if merkle.is_subtree(start, end)]


class TestReferenceTree:
    leaves = merkle.leaf_hashes(REFERENCE)
    subtree = staticmethod(merkle.subtree_from_leaves(leaves))

    def test_roots(self) -> None:
        assert [grown(self.leaves[:n]).root().hex() for n in range(9)] == ROOTS
        assert [merkle.root_of(n, self.subtree).hex() for n in range(9)] == ROOTS
        assert EMPTY_ROOT.hex() == ROOTS[0]

    @pytest.mark.parametrize(("index", "size"), INCLUSION)
    def test_inclusion(self, index: int, size: int) -> None:
        path = merkle.inclusion_path(index, size, self.subtree)
        assert [each.hex() for each in path] == INCLUSION[index, size].split()
        root = bytes.fromhex(ROOTS[size])
        assert merkle.verify_inclusion(index, size, self.leaves[index], path, root)

    @pytest.mark.parametrize(("old", "new"), CONSISTENCY)
    def test_consistency(self, old: int, new: int) -> None:
        path = merkle.consistency_path(old, new, self.subtree)
        assert [each.hex() for each in path] == CONSISTENCY[old, new].split()
        roots = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])
        assert merkle.verify_consistency(old, new, *roots, path)


class TestRollingVectors:
    """SHA-256 over all lines, of draft-ietf-plants-merkle-tree-certs (first three) and ours."""

    def test_subtree_roots(self) -> None:
        def lines() -> list[str]:
            return [
                f"[{s}, {e}) {merkle.subtree_root(s, e, BYTES_SUBTREE).hex()}\n"
                for end in range(LIMIT + 1)
                for s, e in spans(end)
            ]

        assert digest_of(lines) == (
            "b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81"
        )

    def test_subtree_inclusion(self) -> None:
        def lines() -> list[str]:
            written = []
            for end in range(LIMIT + 1):
                for s, e in spans(end):
                    root = merkle.subtree_root(s, e, BYTES_SUBTREE)
                    for i in range(s, e):
                        path = merkle.subtree_inclusion_path(i, s, e, BYTES_SUBTREE)
                        assert merkle.verify_subtree_inclusion(i, s, e, BYTES[i], path, root)
                        written.append(f"{i} [{s}, {e}){hexed(path)}\n")
            return written

        assert digest_of(lines) == (
            "ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f"
        )

    def test_subtree_consistency(self) -> None:
        def lines() -> list[str]:
            written = []
            for n in range(LIMIT + 1):
                for end in range(n + 1):
                    for s, e in spans(end):
                        path = merkle.subtree_consistency_path(s, e, n, BYTES_SUBTREE)
                        written.append(f"[{s}, {e}) {n}{hexed(path)}\n")
            return written

        assert digest_of(lines) == (
            "10fa99b37bf9bf9ffa26b412fbd98bd75363256d0b75d61bc4538b9c9c5a0a74"
        )

    def test_inclusion(self) -> None:
        def lines() -> list[str]:
            return [
                f"{m} {n}{hexed(merkle.inclusion_path(m, n, BYTES_SUBTREE))}\n"
                for n in range(1, LIMIT + 1)
                for m in range(n)
            ]

        assert digest_of(lines) == (
            "893ce6eea61adc33c22c0e3a952498b76dfa3c282e78ac659f6fcc0ea44f9983"
        )

    def test_consistency(self) -> None:
        def lines() -> list[str]:
            return [
                f"{m} {n}{hexed(merkle.consistency_path(m, n, BYTES_SUBTREE))}\n"
                for n in range(1, LIMIT + 1)
                for m in range(1, n + 1)
            ]

        assert digest_of(lines) == (
            "2498232e1aebe8d1aa8d339d897fc471f4495fe0b8a55ac08f7dae3d88bc4c2a"
        )


class TestEverySmallTree:
    """All paths of all trees of up to 130 leaves hold, and no corruption of one does."""

    def test_inclusion(self) -> None:
        chance = random.Random(1)
        for n in range(1, LIMIT + 1):
            root = BYTES_ROOTS[n]
            for m in range(n):
                path = merkle.inclusion_path(m, n, BYTES_SUBTREE)
                leaf = BYTES[m]
                assert merkle.verify_inclusion(m, n, leaf, path, root)
                for wrong in corrupted(path, chance):
                    assert not merkle.verify_inclusion(m, n, leaf, wrong, root), (m, n)
                assert not merkle.verify_inclusion(m, n, root, path, leaf) or n == 1
                assert not merkle.verify_inclusion(m, n, flipped(leaf, m), path, root)
                for index, size in ((m - 1, n), (m + 1, n), (m ^ 2, n), (m, n * 2), (m, n // 2)):
                    assert not merkle.verify_inclusion(index, size, leaf, path, root), (m, n)

    def test_consistency(self) -> None:
        chance = random.Random(2)
        for n in range(1, LIMIT + 1):
            for m in range(n + 1):
                path = merkle.consistency_path(m, n, BYTES_SUBTREE)
                old, new = BYTES_ROOTS[m], BYTES_ROOTS[n]
                assert merkle.verify_consistency(m, n, old, new, path)
                for wrong in corrupted(path, chance):
                    assert not merkle.verify_consistency(m, n, old, new, wrong), (m, n)
                assert not merkle.verify_consistency(m, n, flipped(old, m), new, path)
                if not m:
                    continue  # the empty tree is a prefix of every tree, whatever its root
                assert not merkle.verify_consistency(m, n, old, flipped(new, m), path)
                assert m == n or not merkle.verify_consistency(m, n, new, old, path)
                for a, b in ((m - 1, n), (m + 1, n), (m ^ 2, n), (m, n * 2), (m, n // 2)):
                    assert not merkle.verify_consistency(a, b, old, new, path), (m, n, a, b)

    def test_subtrees(self) -> None:
        chance = random.Random(3)
        for n in (1, 2, 3, 7, 8, 13, 31, 64, 100, LIMIT):
            for end in range(n + 1):
                for s, e in spans(end):
                    part, whole = merkle.subtree_root(s, e, BYTES_SUBTREE), BYTES_ROOTS[n]
                    path = merkle.subtree_consistency_path(s, e, n, BYTES_SUBTREE)
                    assert merkle.verify_subtree_consistency(s, e, n, part, whole, path)
                    assert not merkle.verify_subtree_consistency(
                        s, e, n, flipped(part, e), whole, path
                    )
                    for wrong in corrupted(path, chance):
                        assert not merkle.verify_subtree_consistency(s, e, n, part, whole, wrong)

    def test_fork_proofs_never_accuse_an_honest_log(self) -> None:
        for n in range(LIMIT + 1):
            for m in range(n + 1):
                path = merkle.fork_path(m, n, BYTES_SUBTREE)
                assert not merkle.proves_fork(m, n, BYTES_ROOTS[m], BYTES_ROOTS[n], path)
                assert merkle.proves_fork(m, n, flipped(BYTES_ROOTS[m], m), BYTES_ROOTS[n], path)


class TestEdgesOfConsistency:
    root = BYTES_ROOTS[5]

    def test_equal_sizes_need_equal_roots_and_no_path(self) -> None:
        assert merkle.verify_consistency(5, 5, self.root, self.root, [])
        assert not merkle.verify_consistency(5, 5, self.root, BYTES_ROOTS[6], [])
        assert not merkle.verify_consistency(5, 5, self.root, self.root, [self.root])

    def test_the_empty_tree_is_a_prefix_and_has_one_root(self) -> None:
        assert merkle.verify_consistency(0, 5, EMPTY_ROOT, self.root, [])
        assert merkle.verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
        assert not merkle.verify_consistency(0, 0, bytes(32), bytes(32), [])
        assert not merkle.verify_consistency(0, 5, bytes(32), self.root, [])
        assert not merkle.verify_consistency(0, 5, EMPTY_ROOT, self.root, [self.root])

    def test_a_log_does_not_shrink_and_sizes_are_bounded(self) -> None:
        assert not merkle.verify_consistency(6, 5, BYTES_ROOTS[6], self.root, [])
        assert not merkle.verify_consistency(-1, 5, EMPTY_ROOT, self.root, [])
        assert not merkle.verify_consistency(0, MAX_SIZE + 1, EMPTY_ROOT, self.root, [])

    def test_a_growth_needs_a_path(self) -> None:
        assert not merkle.verify_consistency(4, 5, BYTES_ROOTS[4], BYTES_ROOTS[4], [])
        assert not merkle.verify_consistency(3, 5, BYTES_ROOTS[3], self.root, [])

    def test_long_junk_is_refused(self) -> None:
        assert not merkle.verify_inclusion(0, MAX_SIZE, self.root, [self.root] * 10_000, self.root)
        assert not merkle.proves_fork(1, 9, self.root, self.root, [self.root] * 10_000)


class TestWhatDoesNotExist:
    @pytest.mark.parametrize("index", [-1, 5, 9])
    def test_inclusion(self, index: int) -> None:
        with pytest.raises(TreeError):
            merkle.inclusion_path(index, 5, BYTES_SUBTREE)

    @pytest.mark.parametrize(("old", "new"), [(-1, 4), (5, 4), (0, MAX_SIZE + 1)])
    def test_growth(self, old: int, new: int) -> None:
        with pytest.raises(TreeError):
            merkle.consistency_path(old, new, BYTES_SUBTREE)
        with pytest.raises(TreeError):
            merkle.fork_path(old, new, BYTES_SUBTREE)

    def test_subtrees(self) -> None:
        for start, end in ((1, 3), (2, 5), (4, 9), (3, 2), (-1, 4)):
            assert not merkle.is_subtree(start, end)
            with pytest.raises(TreeError):
                merkle.subtree_root(start, end, BYTES_SUBTREE)
        for level, index in ((0, LIMIT), (7, 1), (8, 0), (-1, 0), (0, -1)):
            with pytest.raises(TreeError):
                BYTES_SUBTREE(level, index)
        with pytest.raises(TreeError):
            merkle.subtree_from_leaves([])(3, 0)
        with pytest.raises(TreeError):
            merkle.root_of(-1, BYTES_SUBTREE)

    @pytest.mark.parametrize("count", [0, 3, 6, 255])
    def test_imperfect_trees(self, count: int) -> None:
        with pytest.raises(TreeError):
            merkle.perfect_root([EMPTY_ROOT] * count)


HONEST = [merkle.leaf_hash(b"entry %d" % i) for i in range(11)]
FORKED = [*HONEST[:2], merkle.leaf_hash(b"forged 2"), *HONEST[3:]]


class TestForkProof:
    subtree = staticmethod(merkle.subtree_from_leaves(FORKED))
    older, newer = grown(HONEST[:7]).root(), grown(FORKED).root()

    def test_published_case(self) -> None:
        assert self.older.hex() == (
            "98c97f0ba3175cd08b031dd084b9dc4e649b64d1a28e6ea694646503173ab587"
        )
        assert self.newer.hex() == (
            "ee9786e6f668271a3ec66140123d790a7602511ba8f7b898a0e677934db23dff"
        )
        path = merkle.fork_path(7, 11, self.subtree)
        assert [each.hex() for each in path] == [
            "be15781b628a28414c1c8a11b86db8422fa1041215fe0d7c4496d23cda1e4142",
            "467ef706ab0230c53b48662b5376e81556dd0b1e12b3674103ff73ee2e0587f4",
            "dd0379d83ac7f164e7eea30cdcefb57508254c48f766afccd3d976365e328ccc",
            "5b32aaf2d0119d5f8437d10c2f308d9e26d956192c599072316dad0cf00c8b20",
            "1a0ecfdf8af7a1e2b7b03eaedf4bbaf5a41eb727061175e3462042be9b8fe300",
        ]
        assert merkle.proves_fork(7, 11, self.older, self.newer, path)
        recomputed = bytes.fromhex(
            "cfc821c34bcfb7b895b35f2dbbfe07a45bc09cf23f6ef1b986b6909455ed6288"
        )
        assert not merkle.proves_fork(7, 11, recomputed, self.newer, path)

    def test_corrupted_paths_prove_nothing(self) -> None:
        path = merkle.fork_path(7, 11, self.subtree)
        for wrong in [*corrupted(path, random.Random(4)), []]:
            assert not merkle.proves_fork(7, 11, self.older, self.newer, wrong)
        assert not merkle.proves_fork(11, 7, self.newer, self.older, path)

    def test_equal_sizes(self) -> None:
        assert merkle.fork_path(7, 7, self.subtree) == []
        assert merkle.proves_fork(7, 7, self.older, self.newer, [])
        assert not merkle.proves_fork(7, 7, self.older, self.older, [])
        assert not merkle.proves_fork(7, 7, self.older, self.newer, [self.older])

    def test_a_false_empty_tree(self) -> None:
        assert merkle.proves_fork(0, 11, bytes(32), self.newer, [])
        assert not merkle.proves_fork(0, 11, EMPTY_ROOT, self.newer, [])

    @given(st.data())
    def test_every_fork_can_be_proven(self, data: st.DataObject) -> None:
        new = data.draw(st.integers(1, LIMIT))
        old = data.draw(st.integers(1, new))
        changed = data.draw(st.integers(0, old - 1))
        honest = BYTES[:old]
        honest[changed] = merkle.leaf_hash(b"other")
        path = merkle.fork_path(old, new, BYTES_SUBTREE)
        assert merkle.proves_fork(old, new, grown(honest).root(), BYTES_ROOTS[new], path)


class TestFrontier:
    @given(st.lists(st.integers(0, 70), max_size=12))
    def test_is_the_naive_tree_however_it_grows(self, steps: list[int]) -> None:
        frontier, leaves = Frontier(), []
        for count, step in enumerate(steps):
            more = [merkle.leaf_hash(b"%d %d" % (count, i)) for i in range(step)]
            leaves += more
            if step == 1:
                frontier.append(more[0])
            else:
                frontier.extend(iter(more))
            assert frontier == grown(leaves)
            assert frontier.root() == tree_hash(leaves)
            assert Frontier.from_bytes(frontier.to_bytes()) == frontier
        subtree = merkle.subtree_from_leaves(leaves)
        assert merkle.frontier_of(len(leaves), subtree) == frontier

    def test_extends_by_more_than_it_hashes_in_one_go(self) -> None:
        leaves = [merkle.leaf_hash(b"%d" % i) for i in range(20_001)]
        frontier = grown(leaves[:3])
        frontier.extend(leaves[3:])
        assert frontier == grown(leaves)

    def test_copies_are_independent(self) -> None:
        first = grown(BYTES[:5])
        second = first.copy()
        second.append(BYTES[5])
        assert (first.size, first.root()) == (5, BYTES_ROOTS[5])
        assert (second.size, second.root()) == (6, BYTES_ROOTS[6])

    def test_takes_leaf_hashes_only(self) -> None:
        frontier = grown(BYTES[:5])
        with pytest.raises(TreeError):
            frontier.append(b"an entry")
        with pytest.raises(TreeError):
            frontier.extend([BYTES[5], b"an entry"])
        assert frontier == grown(BYTES[:5])

    @given(st.binary(max_size=120) | st.integers(0, 5).map(lambda n: n.to_bytes(8) + bytes(32 * n)))
    def test_reads_only_what_it_wrote(self, data: bytes) -> None:
        try:
            frontier = Frontier.from_bytes(data)
        except TreeError:
            return
        assert frontier.to_bytes() == data

    def test_refuses_sizes_beyond_the_limit(self) -> None:
        with pytest.raises(TreeError):
            Frontier.from_bytes((1 << 63).to_bytes(8) + bytes(32))


class TestProperties:
    @given(st.lists(st.binary(max_size=40), min_size=1, max_size=300), st.data())
    def test_paths_prove_and_bind(self, entries: list[bytes], data: st.DataObject) -> None:
        leaves = merkle.leaf_hashes(entries)
        subtree = merkle.subtree_from_leaves(leaves)
        size = len(leaves)
        root = merkle.root_of(size, subtree)
        assert root == tree_hash(leaves)
        index = data.draw(st.integers(0, size - 1))
        path = merkle.inclusion_path(index, size, subtree)
        assert merkle.verify_inclusion(index, size, leaves[index], path, root)
        old = data.draw(st.integers(1, size))
        old_root = tree_hash(leaves[:old])
        growth = merkle.consistency_path(old, size, subtree)
        assert merkle.verify_consistency(old, size, old_root, root, growth)
        bit = data.draw(st.integers(0, 255))
        for i in range(len(path)):
            wrong = [*path[:i], flipped(path[i], bit), *path[i + 1 :]]
            assert not merkle.verify_inclusion(index, size, leaves[index], wrong, root)
        for i in range(len(growth)):
            wrong = [*growth[:i], flipped(growth[i], bit), *growth[i + 1 :]]
            assert not merkle.verify_consistency(old, size, old_root, root, wrong)

    @given(
        st.integers(-2, 2**64),
        st.integers(-2, 2**64),
        st.lists(st.binary(max_size=33), max_size=70),
        st.binary(max_size=33),
    )
    def test_checks_never_raise(self, a: int, b: int, path: list[bytes], root: bytes) -> None:
        assert not merkle.verify_inclusion(a, b, root, path, bytes(32))
        assert not merkle.verify_subtree_inclusion(a, a, b, root, path, bytes(32))
        assert not merkle.verify_subtree_consistency(a, b, b, root, bytes(32), path)
        assert merkle.proves_fork(a, b, root, bytes(32), path) in (True, False)

    def test_a_node_is_never_a_leaf(self) -> None:
        left, right = BYTES[:2]
        assert merkle.node_hash(left, right) == BYTES_ROOTS[2]
        assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)
        assert all(a != b for a, b in pairwise(BYTES_ROOTS))
