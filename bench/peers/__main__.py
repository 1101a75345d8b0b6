"""`python -m bench.peers`: two pages of ours beside the same pages in Django and in FastAPI."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.node import Served, folder, machine, run_as
from bench.peers import serving
from bench.peers.alike import difference
from bench.peers.serving import LOAD, Cost, Peer, hold, measure
from bench.peers.stage import COMMENTS, PROPOSALS, PagesStage, set_pages
from civic.kernel import migrate
from civic.kernel.postgres import EmbeddedPostgres

INSTALL = (
    "python -m pip install --require-hashes --no-deps "
    "--target bench/peers/.packages -r bench/peers/requirements.lock"
)
_COLUMNS: tuple[tuple[str, Callable[[Cost], float], str], ...] = (
    ("web ms", lambda one: one.cpu * 1e3, ".2f"),
    ("PG ms", lambda one: one.postgres * 1e3, ".2f"),
    ("both ms", lambda one: one.both * 1e3, ".2f"),
    ("req/core-s", lambda one: 1 / one.both, ",.0f"),
    ("req/web-s", lambda one: 1 / one.cpu, ",.0f"),
    ("req/s", lambda one: one.rate, ",.0f"),
    ("p50 ms", lambda one: one.p50 * 1e3, ".1f"),
    ("p99 ms", lambda one: one.p99 * 1e3, ".1f"),
)


class _Case(NamedTuple):
    """A page and whether it is asked for compressed, as browsers do."""

    name: str
    path: str
    packed: bool


_Costs = dict[tuple[Peer, _Case], list[Cost]]


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each run")
    parser.add_argument("--runs", type=int, default=5, help="of each page and peer, in turn")
    parser.add_argument("--also-plain", action="store_true", help="uncompressed pages, too")
    parser.add_argument("--only-ours", action="store_true", help="leave the peers out")
    given = parser.parse_args(arguments)
    others = [] if given.only_ours or not serving.installed() else _peers()
    if not others and not given.only_ours:
        print(f"Django and FastAPI are left out: they are not installed. To have them:\n{INSTALL}")
    with folder() as data:
        with EmbeddedPostgres(data, run_as()).running() as url:
            asyncio.run(migrate.upgrade(url))
            stage = asyncio.run(set_pages(url, data))
        served = Served(data, 1)
        try:
            served.wait()
            _compare(served, data, stage, others, given)
        finally:
            served.stop()


def _peers() -> list[Peer]:
    """Plan the peers, each as it is run in production."""
    python, ports = sys.executable, [serving.free_port() for _ in range(3)]
    gunicorn = (
        "-m", "gunicorn", "--workers", "1", "--worker-class", "gthread", "--threads", "4",
        "--keep-alive", "75", "--no-control-socket", "--config", "python:bench.peers.django_peer",
        "--bind", f"127.0.0.1:{ports[0]}", "bench.peers.django_peer:application",
    )  # fmt: skip
    fastapi = [python, "-m", "bench.peers.fastapi_peer"]
    return [
        Peer("Django", ports[0], [python, *gunicorn]),
        Peer("FastAPI", ports[1], [*fastapi, str(ports[1])]),
        Peer("FastAPI, asyncpg", ports[2], [*fastapi, str(ports[2])], PEER_DRIVER="asyncpg"),
    ]


def _compare(
    served: Served, data: Path, stage: PagesStage, others: list[Peer], given: argparse.Namespace
) -> None:
    database = EmbeddedPostgres(data)
    assert database.pid is not None
    said = machine()
    hold(served.process.pid, LOAD)
    peers = [Peer.running("civic", served.port, served.web_processes()), *others]
    cases = [
        _Case(name, path, packed)
        for name, path in (
            (f"50 proposals of {PROPOSALS:,}", stage.list_path),
            (f"a proposal with {COMMENTS} comments", stage.proposal_path),
        )
        for packed in ((True, False) if given.also_plain else (True,))
    ]
    costs: _Costs = {}
    try:
        for peer in others:
            peer.start(database.url)
        for peer in peers:
            peer.wait(stage.list_path, stage.cookies[-1])
            peer.hold()
        for path in (stage.list_path, stage.proposal_path):
            _must_be_alike(peers, path, stage)
        sizes = {
            (peer, case): len(peer.page(case.path, stage.cookies[-1], packed=case.packed))
            for peer in peers
            for case in cases
        }
        for _ in range(given.runs):
            for case in cases:
                for peer in peers:
                    cost = measure(
                        peer, database.pid, stage, case.path, given.seconds, packed=case.packed
                    )
                    costs.setdefault((peer, case), []).append(cost)
    finally:
        for peer in others:
            peer.stop()
    print(said)
    print(
        f"One web process each on one processor, load and PostgreSQL on the other; "
        f"{len(stage.cookies)} connections of members who are signed in;\n"
        f"median of {given.runs} runs of {given.seconds:g} s, taken in turn. Processor time of "
        "each request: of the web process (web), of PostgreSQL (PG), of both."
    )
    for case in cases:
        _print(
            case,
            {peer: sizes[peer, case] for peer in peers},
            {peer: costs[peer, case] for peer in peers},
        )


def _must_be_alike(peers: list[Peer], path: str, stage: PagesStage) -> None:
    """Raise RuntimeError where not all make the same page."""
    for cookie in (stage.cookies[0], stage.cookies[-1]):
        made = {peer: peer.page(path, cookie) for peer in peers}
        ours = made[peers[0]]
        for peer, page in made.items():
            found = difference(ours, page)
            if found is not None:
                raise RuntimeError(f"{peer.name} shows another page at {path}: {found}")


def _print(case: _Case, sizes: dict[Peer, int], costs: dict[Peer, list[Cost]]) -> None:
    how = "compressed" if case.packed else "not compressed"
    print(f"\n{case.name[0].upper()}{case.name[1:]}, {how}")
    print(f"{'':<18}{'bytes':>8}" + "".join(f"{name:>11}" for name, _of, _form in _COLUMNS), end="")
    print(f"{'web x':>7}{'both x':>7}{'failed':>7}")
    first: tuple[float, float] | None = None
    for peer, runs in costs.items():
        web, both = median(one.cpu for one in runs), median(one.both for one in runs)
        first = first or (web, both)
        cells = "".join(
            f"{format(median(of(one) for one in runs), form):>11}" for _name, of, form in _COLUMNS
        )
        print(
            f"{peer.name:<18}{sizes[peer]:>8,}{cells}{web / first[0]:>7.2f}{both / first[1]:>7.2f}"
            f"{sum(one.failed for one in runs):>7}"
        )


if __name__ == "__main__":
    main()
