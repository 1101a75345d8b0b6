"""How fast an audit is: entries a second on one core, and with a proof on every entry on all cores.

`python bench/audit.py [--entries N] [--signed N]` prints one table; the ratios come from one run.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from nacl.signing import VerifyKey

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.audit_chapter import Chapter, Memory, drawn
from civic.audit.run import audit_record
from civic.audit.signatures import AllCores
from civic.kernel import keys
from civic.kernel.record.bundle import Bundle


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
