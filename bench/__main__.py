"""`python -m bench`: what a node can do on this machine, in one table from one run."""

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec

import bench.audit
import bench.peers.__main__
from bench.growth import grow
from bench.load import KINDS, Kind, Measured
from bench.node import ROOT, Served, database, folder, machine, run_as
from bench.stage import Stage, set_stage
from civic.kernel import migrate
from civic.kernel.postgres import EmbeddedPostgres

CLIENTS = 64
WORKERS = 3
PROPOSALS = 60
"""Proposals that gather support in each run of supports: a member supports each once."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each run over HTTP")
    parser.add_argument("--runs", type=int, default=3, help="over HTTP of each kind")
    parser.add_argument("--only-http", action="store_true", help="leave out all the rest")
    parser.add_argument("--full", action="store_true", help="let a record grow to 1,000,000")
    parser.add_argument("--no-audit", action="store_true", help="leave out bench/audit.py")
    given = parser.parse_args()
    print(machine())
    _http(given.seconds, given.runs)
    if given.only_http:
        return
    _growth([1_000, 10_000, 100_000, *([1_000_000] if given.full else [])])
    _memory()
    if not given.no_audit:
        print()
        sys.stdout.flush()
        bench.audit.main([])
    print()
    bench.peers.__main__.main(["--runs", str(given.runs)])


def _http(seconds: float, runs: int) -> None:
    print(
        f"Over HTTP into one chapter, {CLIENTS} clients, {WORKERS} web processes, and the "
        "generator on the same\nmachine; processor time in microseconds for each act: of web "
        "processes, PostgreSQL and generator;\non the right each act in a transaction of its own. "
        f"Median and best of {runs} runs, taken in turn."
    )
    print(f"{'':<18}{'acts/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'web':>7}{'pg':>6}{'load':>6}", end="")
    print(f"{'one each':>10}{'p50 ms':>8}{'CPU':>7}{'ratio':>7}")
    for kind in KINDS:
        pairs = [(_line(kind, None, seconds), _line(kind, 1, seconds)) for _ in range(runs)]
        many, one = (sorted((pair[n] for pair in pairs), key=_acts) for n in (0, 1))
        _print_runs(f"{kind}, median", many[(runs - 1) // 2], one[(runs - 1) // 2])
        _print_runs(f"{'':<{len(kind)}}  best", many[-1], one[-1])
        failed = sum(measured.failed for measured, _ in (*many, *one))
        if failed:
            print(f"{'':<18}{failed} requests failed")


_Run = tuple[Measured, dict[str, float]]


def _print_runs(name: str, many: _Run, one: _Run) -> None:
    (measured, cpu), (alone, cpu_alone) = many, one
    rate, rate_alone = measured.acts / measured.seconds, alone.acts / alone.seconds
    print(
        f"{name:<18}{rate:>8,.0f}{measured.percentile(0.5) * 1e3:>8.1f}"
        f"{measured.percentile(0.99) * 1e3:>8.1f}{cpu['web'] * 1e6:>7,.0f}"
        f"{cpu['postgres'] * 1e6:>6,.0f}{cpu['load'] * 1e6:>6,.0f}{rate_alone:>10,.0f}"
        f"{alone.percentile(0.5) * 1e3:>8.1f}{sum(cpu_alone.values()) * 1e6:>7,.0f}"
        f"{rate / rate_alone:>7.1f}",
        flush=True,
    )


def _acts(run: _Run) -> int:
    return run[0].acts


def _line(kind: Kind, group: int | None, seconds: float) -> _Run:
    """Measure one kind of act on a node of its own, `group` acts in a transaction at most."""
    with folder() as data:
        stage = _staged(data)
        served = Served(data, WORKERS, group)
        try:
            served.wait()
            return served.load(stage, (kind,), CLIENTS, seconds)
        finally:
            served.stop()


def _staged(data: Path) -> Stage:
    with EmbeddedPostgres(data, run_as()).running() as url:
        asyncio.run(migrate.upgrade(url))
        return asyncio.run(set_stage(url, data, CLIENTS + 1, PROPOSALS))


def _growth(sizes: list[int]) -> None:
    print(f"\nGrowth of a record made through the book\n{'entries':<12}", end="")
    print(f"{'us an act':>10}{'CPU':>8}{'to first':>10}{'snapshot s':>12}{'load s':>8}")
    with database() as (url, data):
        grown = asyncio.run(grow(url, data, sizes))
    for one in grown:
        print(
            f"{one.size:<12,}{one.seconds * 1e6:>10,.0f}{one.cpu * 1e6:>8,.0f}"
            f"{one.cpu / grown[0].cpu:>10.2f}{one.snapshot:>12.2f}{one.load:>8.2f}"
        )


def _memory() -> None:
    members = 100_000
    done = subprocess.run(
        [sys.executable, "-m", "bench.memory", str(members)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
    )
    taken = msgspec.json.decode(done.stdout, type=int)
    print(f"\nState of the rules for {members:,} members: {taken / 2**20:.0f} MiB in each process")


if __name__ == "__main__":
    main()
