"""How fast an audit is: entries a second on one core, and with a proof on every entry on all cores.

`python bench/audit.py [--entries N] [--signed N]` prints one table; the ratios come from one run.
"""

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from nacl.signing import SigningKey, VerifyKey

sys.path.insert(0, str(Path(__file__).parent.parent))

import msgspec

from chapters import entries as c
from chapters.bylaws import CHARTER_HASH, DAY, TEMPLATES, Bylaws
from civic.audit.run import audit_record
from civic.audit.signatures import AllCores
from civic.kernel import keys
from civic.kernel.record.bundle import Bundle
from civic.kernel.record.entry import (
    Act,
    As,
    Body,
    By,
    Proof,
    act_key,
    act_message,
    encode,
    id_of,
    key_id,
    minute,
    when,
)
from civic.kernel.record.merkle import leaf_hashes
from civic.kernel.record.note import (
    Checkpoint,
    format_vkey,
    log_id,
    log_key,
    origin,
    sign_checkpoint,
)
from civic.kernel.record.tiles import WIDTH, Tiling, bundles_of_size, encode_bundle, tile_path
from civic.kernel.refusal import Refusal
from civic.procedure import DRAFT
from deliberation import entries as d
from deliberation.state import of as deliberation_of
from voting import entries as v

START = minute("2026-03-02T09:00Z")
MEMBERS = 2_000
PROPOSALS = 10


def drawn(name: str) -> bytes:
    """Bytes that are the same in every run."""
    return hashlib.sha256(name.encode()).digest()


def made(name: str) -> str:
    """The id of a name."""
    return id_of(drawn(name)[:16])


class Chapter:
    """A chapter that grows in memory through the rules; people sign if they have keys."""

    def __init__(self, *, signed: bool) -> None:
        self.signed = signed
        self.key = keys.signing_key(drawn("log"))
        self.log = log_id(keys.public_key(self.key))
        self.state = DRAFT.initial(self.log)
        self.now = START
        self.raws: list[bytes] = []
        self._keys: dict[str, SigningKey] = {}

    def of(self, name: str) -> SigningKey:
        """The key of a name."""
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = keys.signing_key(drawn(name))
        return key

    def public(self, name: str) -> str | None:
        """The public key of a name, if people sign."""
        return keys.public_key(self.of(name)).hex() if self.signed else None

    def do(self, body: Body, as_: As, own: str, signer: str, content: Sequence[str] = ()) -> None:
        """One act and what follows."""
        by = By(as_, own)
        key = act_key(self.log, by, str(len(self.raws)))
        hashes = tuple(content)
        proof = None
        if self.signed:
            signing = self.of(signer)
            message = act_message(self.log, body.kind, by, key, body, hashes)
            proof = Proof(keys.public_key(signing).hex(), keys.sign(signing, message).hex())
        for group in DRAFT.due(self.state, self.now):
            self.raws.extend(map(encode, group))
        result = DRAFT.act(self.state, Act(body.kind, by, key, body, hashes, proof), self.now)
        if isinstance(result, Refusal):
            raise TypeError(f"{body.kind} was refused: {result.code}")
        self.raws.extend(map(encode, result))

    def member(self, name: str, body: Body, *content: str) -> None:
        """An act of a member."""
        self.do(body, As.MEMBER, made(name), name, content)

    def voice(self, name: str, matter: str, body: Body, *content: str) -> None:
        """An act of a member's voice."""
        secret = f"{name} {matter}"
        own = key_id(keys.public_key(self.of(secret))) if self.signed else made(secret)
        self.do(body, As.VOICE, own, secret, content)

    def grow(self, size: int) -> None:
        """Found the chapter, let people join and speak, until so many entries stand."""
        names = [f"member {number}" for number in range(MEMBERS)]
        fields = msgspec.to_builtins(TEMPLATES["town"])
        bylaws = msgspec.convert(
            fields
            | {"founders": 3, "level_propose": 0, "level_vote": 0, "vote_wait": 0}
            | {"secrecy": "roll_call", "support_share": 0, "support_least": 1000},
            Bylaws,
        )
        self.member(
            names[0],
            c.Founded(
                0,
                CHARTER_HASH,
                "town",
                bylaws,
                keys.public_key(self.key).hex(),
                "11" * 32,
                made(names[0]),
                self.public(names[0]),
            ),
            drawn("chapter").hex(),
        )
        for name in names[1:]:
            self.member(name, c.Joined(made(name), drawn(name).hex(), self.public(name)))
        founders = tuple(made(name) for name in names[:3])
        for name in names[:3]:
            self.member(name, c.FounderConfirmed(tuple(f for f in founders if f != made(name))))
        until = when(self.now + 300 * DAY)
        roles = (("lead", 0), ("verifier", 1), ("verifier", 2))
        offices = tuple(
            c.OfficeTerm(made(f"office {n}"), role, founders[n], until)  # type: ignore[arg-type]
            for role, n in roles
        )
        self.member(names[0], c.Constituted(founders, offices))
        matters = [f"proposal {number}" for number in range(PROPOSALS)]
        for name, matter in zip(names, matters, strict=False):
            body = d.Proposed(made(matter), "en", 20, 400, 0, "roll_call")
            self.voice(name, matter, body, drawn(f"t {matter}").hex(), drawn(f"x {matter}").hex())
        elections = self._to_vote(names, matters[: PROPOSALS // 2])
        number = 0
        supported = 0
        while len(self.raws) < size:
            number += 1
            if number % 1_000 == 0:
                self.now += 10
            name = names[number * 7 % MEMBERS]
            matter = matters[number % PROPOSALS]
            if number % 3 == 0:
                election = elections[number % len(elections)]
                self.member(name, v.Cast(election, number % 3 - 1))
            elif number % 3 == 1:
                comment = d.Commented(made(f"comment {number}"), made(matter), 120)
                self.voice(name, matter, comment, drawn(f"c {number}").hex())
            else:
                self._support(names, supported)
                supported += 1

    def _support(self, names: Sequence[str], number: int) -> None:
        # Nearly all support a proposal, then comes the next.
        round_, place = divmod(number, 990)
        matter = f"supported {round_}"
        if place == 0:
            body = d.Proposed(made(matter), "en", 20, 400, 0, "roll_call")
            self.voice(
                names[0], matter, body, drawn(f"t {matter}").hex(), drawn(f"x {matter}").hex()
            )
        self.voice(names[place + 1], matter, d.Supported(made(matter)))

    def _to_vote(self, names: Sequence[str], matters: Sequence[str]) -> list[str]:
        for matter in matters:
            for name in names[:1000]:
                self.voice(name, matter, d.Supported(made(matter)))
        self.now += 8 * DAY + 20
        self.member(names[0], c.DisplayNameSet(5), drawn("name").hex())
        proposals = deliberation_of(self.state).proposals
        return [proposals[made(matter)].election or "" for matter in matters]

    def files(self) -> dict[str, bytes]:
        """The bundle of the record."""
        leaves = leaf_hashes(self.raws)
        tiling = Tiling()
        files: dict[str, bytes] = {}
        for start in range(0, len(leaves), WIDTH):
            for tile, raw in tiling.extend(leaves[start : start + WIDTH]):
                files[f"log/{tile_path(*tile)}"] = raw
        for tile, raw in tiling.partials():
            files[f"log/{tile_path(*tile)}"] = raw
        for tile in bundles_of_size(len(leaves)):
            part = self.raws[tile.number * WIDTH :][: tile.width]
            files[f"log/{tile_path(*tile)}"] = encode_bundle(part)
        head = Checkpoint(origin(self.log), len(leaves), tiling.root())
        files["log/checkpoint"] = sign_checkpoint(head, self.key)
        files["log/vkey"] = format_vkey(log_key(keys.public_key(self.key))).encode() + b"\n"
        files["manifest.json"] = msgspec.json.encode(
            {
                "chapter": hashlib.sha256(self.raws[0]).hexdigest(),
                "size": len(leaves),
                "root": tiling.root().hex(),
                "visibility": "chapter",
            }
        )
        return files


class Memory:
    """Files of a bundle in memory: the disk is not measured."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> Iterator[str]:
        """Return all names."""
        return iter(self._files)

    def read(self, name: str, most: int) -> bytes | None:
        """Return a file."""
        return self._files.get(name)


def unsigned_rate(entries: int) -> tuple[int, float]:
    """Return how many entries were audited and how many a second of one core."""
    chapter = Chapter(signed=False)
    chapter.grow(entries)
    files = chapter.files()
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        report = audit_record(Bundle(Memory(files)))
        best = max(best, report.size / (time.process_time() - start))
        if report.status:
            raise RuntimeError(report.findings)
    return len(chapter.raws), best


def _verify(messages: Sequence[tuple[bytes, bytes, bytes]]) -> int:
    for public, message, signature in messages:
        VerifyKey(public).verify(message, signature)
    return len(messages)


def _cpu(pids: Sequence[int]) -> float:
    """Return the CPU seconds that processes used so far (Linux)."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Run(NamedTuple):
    """One measurement: things a second of wall time, and CPU microseconds for each."""

    amount: int
    rate: float
    cost: float


def measured(pids: Sequence[int], work: Callable[[], int]) -> Run:
    """Do some work in several processes and measure it."""
    cpu, start = _cpu(pids), time.perf_counter()
    count = work()
    wall = time.perf_counter() - start
    return Run(count, count / wall, (_cpu(pids) - cpu) / count * 1e6)


def signed_runs(entries: int) -> Iterator[tuple[Run, Run]]:
    """Yield the library's own rate and that of the audit, each time one after the other."""
    processes = len(os.sched_getaffinity(0))
    chapter = Chapter(signed=True)
    chapter.grow(entries)
    files = chapter.files()
    key = keys.signing_key(drawn("library"))
    message = drawn("message") * 8
    part = [(keys.public_key(key), message, keys.sign(key, message))] * 500

    def audit() -> int:
        report = audit_record(Bundle(Memory(files)), signatures=signatures)
        if report.status:
            raise RuntimeError(report.findings)
        return report.size

    with ProcessPoolExecutor(processes, get_context("spawn")) as pool, AllCores() as signatures:

        def library() -> int:
            return sum(pool.map(_verify, [part] * (entries // 500)))

        library()
        audit()
        assert signatures.pids
        for _ in range(5):
            alone = measured([os.getpid(), *pool._processes], library)
            yield alone, measured([os.getpid(), *signatures.pids], audit)


def main(arguments: Any = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--signed", type=int, default=60_000)
    options = parser.parse_args(arguments)
    count, rate = unsigned_rate(options.entries)
    print(f"{'audit':<34}{'entries':>10}{'a second':>12}{'aim':>10}{'ratio':>8}")
    print(f"{'one core, no proofs':<34}{count:>10,}{rate:>12,.0f}{200_000:>10,}{rate / 2e5:>8.2f}")
    if not options.signed:
        return
    runs = sorted(signed_runs(options.signed), key=lambda run: run[0].cost / run[1].cost)
    alone, audited = runs[len(runs) // 2]
    print(f"{'PyNaCl alone, all cores':<34}{alone.amount:>10,}{alone.rate:>12,.0f}")
    print(
        f"{'a proof on every entry, all cores':<34}{audited.amount:>10,}{audited.rate:>12,.0f}"
        f"{0.8 * alone.rate:>10,.0f}{audited.rate / alone.rate:>8.2f}"
    )
    print(
        f"CPU for a signature: PyNaCl {alone.cost:.1f} µs, audit {audited.cost:.1f} µs with all "
        f"else it does; ratio {alone.cost / audited.cost:.2f} (aim 0.80)"
    )


if __name__ == "__main__":
    main()
