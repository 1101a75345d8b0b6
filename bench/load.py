"""A load generator in a process of its own: signed-in clients that act without a pause.

Reads a `Load` as JSON from standard input, writes a `Measured` as JSON to standard output.
"""

import asyncio
import itertools
import secrets
import sys
import time
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import uvloop

from bench.stage import Stage
from bench.wire import Client

Kind = Literal["supports", "comments", "reactions"]
KINDS: tuple[Kind, ...] = ("supports", "comments", "reactions")

Call = tuple[str, str, Any]
"""Method, path and body of a request."""


class Load(msgspec.Struct):
    """What to do: `warm` and `seconds` are times; a client does the kinds in turn."""

    port: int
    stage: Stage
    clients: int
    kinds: tuple[Kind, ...]
    seconds: float
    warm: float = 1.0


class Measured(msgspec.Struct):
    """What happened between the end of the warm-up and the end: latencies in seconds, sorted.

    `all_acts` counts those of the warm-up and of the last moment too.
    """

    acts: int
    all_acts: int
    failed: int
    seconds: float
    latencies: list[float]

    def percentile(self, share: float) -> float:
        """Return a percentile of the latencies in seconds."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def calls(stage: Stage, kinds: tuple[Kind, ...]) -> Iterator[Call]:
    """Yield the requests of one client."""
    supports = itertools.cycle(
        (method, f"/api/v1{path}/supports", None)
        for method in ("POST", "DELETE")
        for path in stage.gathering
    )
    for number in itertools.count():
        match kinds[number % len(kinds)]:
            case "supports":
                yield next(supports)
            case "comments":
                text = f"Number {number}, {secrets.token_hex(4)}: I have thought about it."
                yield "POST", f"/api/v1{stage.discussed}/comments", {"text": text}
            case "reactions":
                body = {"subject": stage.argument, "value": number % 3 - 1}
                yield "POST", f"/api/v1{stage.discussed}/reactions", body


async def run(load: Load) -> Measured:
    """Act until the time is over."""
    latencies: list[float] = []
    failed = all_acts = 0
    start = time.monotonic() + load.warm
    end = start + load.seconds

    async def client(number: int) -> None:
        nonlocal failed, all_acts
        someone = load.stage.people[number]
        wire = Client(load.port, someone.token)
        for method, path, body in calls(load.stage, load.kinds):
            began = time.monotonic()
            if began >= end:
                break
            answer = await wire.send(method, path, body, secrets.token_hex(16))
            now = time.monotonic()
            if answer.status >= 300:
                failed += 1
                if failed < 5:
                    sys.stderr.write(f"{answer.status} {answer.body.decode()}\n")
                continue
            all_acts += 1
            if start <= now < end:
                latencies.append(now - began)
        wire.close()

    await asyncio.gather(*(client(number) for number in range(load.clients)))
    return Measured(len(latencies), all_acts, failed, load.seconds, sorted(latencies))


def main() -> None:
    """Do what standard input says."""
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    measured = uvloop.run(run(load))
    sys.stdout.buffer.write(msgspec.json.encode(measured))


if __name__ == "__main__":
    main()
