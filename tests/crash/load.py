"""A load generator in a process of its own, which keeps a journal of all it was told.

Reads a `Load` as the first line of standard input, then the words `go` and `pause`; answers
`paused` when every request that is not given up has been acknowledged.
"""

import asyncio
import itertools
import random
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import uvloop

from bench.stage import Stage
from bench.wire import Answer, Broken, Client
from tests.crash.journal import Acted, Filled, GivenUp, Journal, Refused, Seen

THINK = 0.01
"""Seconds that a client thinks: what is tested is not how much a node can take."""
GIVEN_UP = 0.2
"""Share of unanswered requests that are not repeated."""
REPEATED = 0.1
"""Share of acknowledged requests that are sent again."""

RECONNECTS = 0.1
"""Share of requests after which a client connects anew."""


class Load(msgspec.Struct):
    """Where to act, on what, and where to write the journal."""

    port: int
    stage: Stage
    clients: int
    journal: str


class Call(NamedTuple):
    """A request of a client; `may_fail` says that it may be given up."""

    method: str
    path: str
    body: Any
    text: str = ""
    subject: str = ""
    value: int = 0
    may_fail: bool = True


class Generator:
    """All clients of one load."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.journal = Journal(Path(load.journal))
        self.running = asyncio.Event()
        self.busy = 0
        self.rested = asyncio.Event()

    async def act(self, number: int) -> None:
        """Act as one client for ever."""
        client = Client(self.load.port, self.load.stage.people[number].token)
        for call in _calls(self.load.stage, number):
            await self.running.wait()
            self.busy += 1
            key = secrets.token_hex(16)
            if await self._until_answered(client, number, call, key):
                while random.random() < REPEATED:
                    await self._until_answered(client, number, call, key)
            self._rest()
            if random.random() < RECONNECTS:
                # So that processes that were started again get their share.
                client.close()
            await asyncio.sleep(THINK)

    async def watch(self) -> None:
        """Fetch the checkpoint again and again, as a member sees it."""
        client = Client(self.load.port, self.load.stage.people[0].token)
        path = f"/log/{self.load.stage.log_id}/checkpoint"
        while True:
            await self.running.wait()
            self.busy += 1
            try:
                answer = await client.send("GET", path)
            except (Broken, OSError):
                pass
            else:
                if answer.status == 200:
                    await self.journal.write(Seen(answer.body.decode()))
            self._rest()
            await asyncio.sleep(THINK)

    def _rest(self) -> None:
        self.busy -= 1
        if not self.busy and not self.running.is_set():
            self.rested.set()

    async def _until_answered(self, client: Client, number: int, call: Call, key: str) -> bool:
        while True:
            try:
                answer = await client.send(call.method, call.path, call.body, key)
            except (Broken, OSError):
                answer = Answer(0, b"")
            if answer.status in (200, 201, 202):
                await self._acknowledged(number, call, key, answer)
                return True
            if 400 <= answer.status < 500:
                request = f"{call.method} {call.path} {call.body}"
                await self.journal.write(Refused(request, answer.status, answer.body.decode()))
                return False
            if call.may_fail and random.random() < GIVEN_UP:
                await self.journal.write(GivenUp(number, call.text, call.subject, call.value))
                return False
            await asyncio.sleep(0.05)

    async def _acknowledged(self, number: int, call: Call, key: str, answer: Answer) -> None:
        told = answer.json()
        if answer.status == 202:
            line = Filled(number, told["subject"], told["row"], told["value"])
            await self.journal.write(line)
        else:
            await self.journal.write(
                Acted(key, told["index"], told["leaf"], told["repeated"], call.text)
            )


def _calls(stage: Stage, number: int) -> Iterator[Call]:
    supports = itertools.cycle(
        Call(method, f"/api/v1{path}/supports", None, may_fail=False)
        for path in stage.gathering
        for method in ("POST", "DELETE")
    )
    for count in itertools.count():
        text = f"{number} says for the {count}. time: {secrets.token_hex(8)}"
        value = random.choice((-1, 0, 1))
        match count % 5:
            case 0 | 1:
                path = f"/api/v1{stage.discussed}/comments"
                yield Call("POST", path, {"text": text}, text)
            case 2:
                path = f"/api/v1{stage.discussed}/reactions"
                reaction = {"subject": stage.argument, "value": value}
                yield Call("POST", path, reaction, subject=stage.argument, value=value)
            case 3:
                path = f"/api/v1{stage.voted}/votes"
                yield Call("POST", path, {"value": value}, subject=stage.election, value=value)
            case 4:
                yield next(supports)


async def main() -> None:
    """Act when told to, rest when told to, end with standard input."""
    loop = asyncio.get_running_loop()
    generator = Generator(msgspec.json.decode(sys.stdin.readline(), type=Load))
    tasks = [asyncio.create_task(generator.act(n)) for n in range(generator.load.clients)]
    tasks.append(asyncio.create_task(generator.watch()))
    while word := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        if word == "go":
            generator.rested.clear()
            generator.running.set()
            continue
        generator.running.clear()
        if generator.busy:
            await generator.rested.wait()
        sys.stdout.write("paused\n")
        sys.stdout.flush()
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    uvloop.run(main())
