"""The worked log: 70,000 entries, two witnesses; every byte known, and accepted by Go."""

import shutil
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from civic.kernel.record import merkle, note, proof, tiles
from civic.kernel.record.note import Checkpoint, KeyType, VerifierKey
from tests.interop.go_verifier import MISSING, verify_log

ORIGIN = "node.example/chapter/alpha"
SIZES = (0, 1, 255, 256, 257, 65_536, 70_000)
LOG, W1, W2 = (SigningKey(bytes(range(start, start + 32))) for start in (0, 32, 64))
TIME = 1_700_000_000
VKEYS = [
    note.format_vkey(VerifierKey(name, key_type, bytes(key.verify_key)))
    for name, key_type, key in (
        (ORIGIN, KeyType.ed25519, LOG),
        ("witness.example/w1", KeyType.cosignature, W1),
        ("witness.example/w2", KeyType.cosignature, W2),
    )
]
FILES = {
    "requests/add-checkpoint-0-1": (
        206,
        "d7271ab4803e9d59f7795c0fa47eb691d0a11d5a0963d1683f871f1405750a96",
    ),
    "requests/add-checkpoint-1-255": (
        568,
        "45f0c7c81b4be981635ae20ce7b4f874256b9150092fcbc05d1f85e906dfcdd8",
    ),
    "requests/add-checkpoint-255-256": (
        615,
        "ab50b1458286b11763b8d87252e552a7d2a1cd0dbdf43da428e6868a86bff1dd",
    ),
    "requests/add-checkpoint-256-257": (
        255,
        "ef5fca7e97251d88587971a0e076a22fc5eab1ae752d0a47c17db5d0083228ba",
    ),
    "requests/add-checkpoint-257-65536": (
        977,
        "18433cbd4b023653a1d0f82146ae3fe3543d3b74b0da8c29051007929c1535d9",
    ),
    "requests/add-checkpoint-65536-70000": (
        259,
        "395e3d3799758f07f495ff1a935814edc400558512fc2a9eea5e2b6542e18e40",
    ),
    "checkpoint": (459, "025b874bbc8a1e6fcf07864a217412f21b556c3d349107a94ab72541d2f1b6bd"),
    "proofs/0.tlog-proof": (
        1256,
        "685c621b0613f33a368062d8f87252226043ae1d66bc736ffbd4d328ff9aa32d",
    ),
    "proofs/69999.tlog-proof": (
        900,
        "d8b3986a3197032f806531ac434281ddab7986407257e7c3ed49a679c618979a",
    ),
    "tile/0/000": (8192, "b0f6ca2ff42508faf8c6bb4ea8bb9c74243b19d4174fdc4fd17bdad9099e605e"),
    "tile/0/273.p/112": (
        3584,
        "e31da4e768fc0d0f1f1f0046a1c4b68d71326b04a07951a7d3dcefef0de9b8cd",
    ),
    "tile/1/000": (8192, "44f879be76da41edaf37c0d67303fbd25f2ea44be93285b320561fbaaaaabbfa"),
    "tile/1/001.p/17": (544, "5a8eb2fe63c90ddf7fd813d165c04fa79d6eca48534b61bd312fcd2d1cf0aef3"),
    "tile/2/000.p/1": (32, "7e27fb89709243536fe26030f273fc9f7a73443f5e7ec296b3053aa520623e76"),
    "tile/entries/000": (
        2706,
        "c378282cb2167eb29f7e0c483ef2ce284728c12286469737cf8c3dc71e412ff1",
    ),
    "tile/entries/273.p/112": (
        1456,
        "2ae1ce51fa31c2573335899beb5220aff9cd57b708ff07f4a04327914567f883",
    ),
}


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def cosigned(checkpoint: Checkpoint) -> bytes:
    text = note.format_checkpoint(checkpoint)
    return note.format_note(
        text,
        [
            note.sign(text, ORIGIN, LOG),
            note.cosign(text, "witness.example/w1", W1, TIME),
            note.cosign(text, "witness.example/w2", W2, TIME + 1),
        ],
    )


def build_log(directory: Path, sizes: tuple[int, ...]) -> None:
    """Writes the log as it stands after it grew through `sizes`."""
    size = sizes[-1]
    entries = [b"entry %d" % i for i in range(size)]
    leaves = merkle.leaf_hashes(entries)
    for tile, data in tiles.build_tiles(leaves):
        write(directory / tiles.tile_path(*tile), data)
    for bundle in tiles.bundles_of_size(size):
        first = bundle.number * tiles.WIDTH
        data = tiles.encode_bundle(entries[first : first + bundle.width])
        write(directory / tiles.tile_path(*bundle), data)

    def read(level: int, number: int, width: int) -> bytes:
        return (directory / tiles.tile_path(level, number, width)).read_bytes()

    subtree = tiles.subtree_from_tiles(read, size)
    heads = [Checkpoint(ORIGIN, each, merkle.root_of(each, subtree)) for each in sizes]
    for old, new in pairwise(sizes):
        path = merkle.consistency_path(old, new, subtree)
        hashes = "".join(f"{note.encode_base64(each)}\n" for each in path)
        signed = note.sign_checkpoint(heads[sizes.index(new)], LOG)
        request = f"old {old}\n{hashes}\n".encode() + signed
        write(directory / f"requests/add-checkpoint-{old}-{new}", request)
    checkpoint = cosigned(heads[-1])
    write(directory / "checkpoint", checkpoint)
    for index in {0, size - 1} & set(range(size)):
        made = proof.make_proof(index, size, subtree, checkpoint)
        write(directory / f"proofs/{index}{proof.FILE_SUFFIX}", proof.format_proof(made))


@pytest.fixture(scope="module")
def worked_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("worked-log")
    build_log(directory, SIZES)
    return directory


@pytest.fixture
def log_copy(worked_log: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(worked_log, tmp_path / "log"))


def flip(path: Path, place: int = -5) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("path", FILES)
def test_bytes_of_the_worked_log(worked_log: Path, path: str) -> None:
    data = (worked_log / path).read_bytes()
    assert (len(data), sha256(data).hexdigest()) == FILES[path]


def test_files_of_the_worked_log(worked_log: Path) -> None:
    found = {
        path.relative_to(worked_log).as_posix()
        for path in (worked_log / "tile").rglob("*")
        if path.is_file()
    }
    assert found == {
        tiles.tile_path(*tile)
        for tile in (*tiles.tiles_of_size(SIZES[-1]), *tiles.bundles_of_size(SIZES[-1]))
    }


@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
class TestGo:
    def test_accepts_the_worked_log(self, worked_log: Path) -> None:
        code, output = verify_log(worked_log, ORIGIN, *VKEYS)
        assert code == 0, output
        for line in (
            "note: size 70000, 3 verified signatures",
            "root rebuilt from all 70000 entries",
            "tiles identical: 277",
            "add-checkpoint-257-65536: 257 -> 65536, 17 proof hashes",
            "add-checkpoint-65536-70000: 65536 -> 70000, 1 proof hashes",
            "tlog-proof files: 2",
        ):
            assert line in output

    @pytest.mark.parametrize(
        "sizes", [(0,), (0, 1), (0, 2, 3), (0, 256), (0, 255, 511), (0, 512, 513, 1000)]
    )
    def test_accepts_small_logs(self, tmp_path: Path, sizes: tuple[int, ...]) -> None:
        build_log(tmp_path, sizes)
        code, output = verify_log(tmp_path, ORIGIN, *VKEYS)
        assert code == 0, output
        assert output.count("add-checkpoint") == len(sizes) - 1

    @pytest.mark.parametrize("path", FILES)
    def test_refuses_a_flipped_bit(self, log_copy: Path, path: str) -> None:
        flip(log_copy / path, 200 if path.startswith("requests/") else -20)
        code, output = verify_log(log_copy, ORIGIN, *VKEYS)
        assert code == 1, output
        assert "FAIL" in output

    def test_refuses_other_keys_and_names(self, worked_log: Path) -> None:
        assert verify_log(worked_log, "node.example/chapter/beta", *VKEYS)[0] == 1
        stranger = VerifierKey("witness.example/w3", KeyType.cosignature, bytes(32))
        assert verify_log(worked_log, ORIGIN, *VKEYS, note.format_vkey(stranger))[0] == 1
        assert verify_log(worked_log, ORIGIN, note.format_vkey(stranger))[0] == 1

    def test_a_forged_entry_with_its_own_proofs_of_place(self, log_copy: Path) -> None:
        bundle = log_copy / "tile/entries/100"
        bundle.write_bytes(bundle.read_bytes().replace(b"entry 25700", b"entry 25799"))
        code, output = verify_log(log_copy, ORIGIN, *VKEYS)
        assert code == 1
        assert "signed root does not match the entries" in output

    def test_sees_a_fork(self, worked_log: Path, tmp_path: Path) -> None:
        frontier = merkle.Frontier()
        frontier.extend(merkle.leaf_hash(b"entry %d" % i) for i in range(300))
        honest, forked = tmp_path / "honest", tmp_path / "forked"
        honest.write_bytes(note.sign_checkpoint(Checkpoint(ORIGIN, 300, frontier.root()), LOG))
        frontier.append(merkle.leaf_hash(b"another entry"))
        forked.write_bytes(note.sign_checkpoint(Checkpoint(ORIGIN, 301, frontier.root()), LOG))
        code, output = verify_log(worked_log, ORIGIN, *VKEYS, peer=honest)
        assert code == 0, output
        code, output = verify_log(worked_log, ORIGIN, *VKEYS, peer=forked)
        assert code == 3, output
        assert "EQUIVOCATION" in output
