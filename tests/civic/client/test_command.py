"""Somebody with keys of their own joins, proposes, supports, comments, reacts and votes."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from bench.stage import Stage, set_stage
from civic.app import create_app
from civic.audit.run import audit_record
from civic.cli import main
from civic.kernel.clock import SetClock, SystemClock
from civic.kernel.database import reading, writing
from civic.kernel.record import store, ties
from civic.kernel.record.bundle import Bundle
from civic.node import open_node
from civic.operate.export import export_chapter
from civic.settings import Settings
from deliberation.state import of as deliberation_of
from identity import accounts, sessions


@dataclass
class Served:
    """A node on a loopback port, and the files of somebody who is signed in there."""

    url: str
    database_url: str
    data: Path
    stage: Stage
    clock: SetClock
    token: Path
    seed: Path

    async def run(self, *arguments: str, status: int = 0) -> None:
        """Run `civic act` on this node's chapter."""
        files = ["--token", str(self.token), "--seed", str(self.seed)]
        command = ["act", self.url, self.stage.chapter, *arguments, *files]
        assert await asyncio.to_thread(main, command) == status

    async def post(self, path: str, number: int = 0) -> Any:
        """Post as a member of the stage."""
        token = self.stage.people[number].token
        headers = {"authorization": f"Bearer {token}", "idempotency-key": os.urandom(16).hex()}
        async with httpx.AsyncClient(base_url=self.url, headers=headers) as http:
            answer = await http.post(f"/api/v1{path}")
            assert answer.status_code == 201, answer.text
            return answer.json()


@pytest.fixture
async def served(database_url: str, data: Path) -> AsyncIterator[Served]:
    """A stage, served over a socket."""
    # Some days ago, so that the client's own clock is ahead of all that the test lets happen.
    clock = SetClock(SystemClock().now() - timedelta(days=5))
    stage = await set_stage(database_url, data, people=4, now=clock.now())
    settings = Settings(
        data=data,
        database_url=database_url,
        run_as=None,
        base_url="http://localhost:8000",
        host="127.0.0.1",
        port=0,
        workers=1,
        demo=True,
    )
    token, seed = data / "token", data / "seed"
    async with open_node(database_url, data) as node, writing(node.engine) as db:
        now = SystemClock().now()
        account = await accounts.create_bare(db, node.private.keys, now)
        token.write_text(
            await sessions.start(
                db, account.account_id, account.data_key, now, fresh=True, by="passphrase"
            )
        )
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings, clock), lifespan="on", log_config=None, ws="none")
    )
    running = asyncio.create_task(server.serve([listening]))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    yield Served(url, database_url, data, stage, clock, token, seed)
    server.should_exit = True
    await running
    listening.close()


async def test_a_seed_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = tmp_path / "seed"
    assert main(["keys", "new", str(seed)]) == 0
    assert seed.stat().st_mode & 0o777 == 0o600
    before = seed.read_text()
    assert main(["keys", "new", str(seed)]) == 2
    assert seed.read_text() == before
    assert "cannot be made" in capsys.readouterr().err


async def test_a_member_with_keys_does_everything_signed(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["keys", "new", str(served.seed)]) == 0
    chapter = f"/chapters/{served.stage.chapter}"
    secret = (await served.post(f"{chapter}/invitations"))["secret"]
    await served.run("chapters.joined", f"--invitation={secret}")
    await served.run("chapters.display_name_set", "--text", "Ona")
    discussed = served.stage.discussed.rpartition("/")[2]
    voted = served.stage.voted.rpartition("/")[2]
    gathering = served.stage.gathering[0].rpartition("/")[2]
    words = ["--text", "A hall", "--text", "Let us rent one."]
    await served.run("deliberation.proposed", *words, "--body", '{"secrecy": "pseudonymous"}')
    await served.run("deliberation.supported", "--matter", gathering)
    comment = ["deliberation.commented", "--matter", discussed, "--text", "Why not?"]
    await served.run(*comment, "--key", "k" * 32, "--receipt", "receipt")
    await served.run(*comment[:-1], "And when?")
    reaction = msgspec.json.encode({"subject": served.stage.argument, "value": -1}).decode()
    await served.run("row", "--matter", discussed, "--body", reaction)
    vote = msgspec.json.encode({"subject": served.stage.election, "value": 1}).decode()
    # Who joined after the vote was called has no vote.
    await served.run("row", "--matter", voted, "--body", vote, status=1)
    served.clock.advance(timedelta(days=3))
    async with open_node(served.database_url, served.data, served.clock) as node:
        await node.book.tick(served.stage.log)
        election = await node.book.ask(
            served.stage.log, lambda state: deliberation_of(state).proposals[discussed].election
        )
    # A mind that changes counts on; where the counts are lost, from what the node knows.
    counts = served.seed.with_name("seed.counts")
    for value in (-1, 0, 1):
        vote = msgspec.json.encode({"subject": election, "value": value}).decode()
        await served.run("row", "--matter", discussed, "--body", vote, "--receipt", "promise")
        if value == 0:
            assert msgspec.json.decode(counts.read_bytes())[election] == 2
            assert counts.stat().st_mode & 0o777 == 0o600
            counts.unlink()
    assert msgspec.json.decode((tmp_path / "promise").read_bytes())["count"] == 3
    served.clock.advance(timedelta(days=1))
    report = await audited(served, tmp_path / "bundle")
    assert report.status == 0
    assert report.findings == ()
    signed = next(check for check in report.checks if "signed by those who act" in check.text)
    assert signed.text.startswith("6 acts and 2 rows")
    assert len(list(tmp_path.glob("*.tlog-proof"))) == 5
    assert (tmp_path / "receipt").exists()


async def test_what_cannot_be_made_is_said(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "new", str(served.seed)]) == 0
    await served.run("chapters.joined", status=2)
    assert "--invitation" in capsys.readouterr().err
    await served.run("deliberation.supported", "--matter", "x", status=1)
    assert "chapters.not_a_member" in capsys.readouterr().err
    await served.run("deliberation.supported", "--body", "[]", status=2)
    await served.run("row", status=2)


async def audited(served: Served, to: Path) -> Any:
    async with open_node(served.database_url, served.data, served.clock) as node:
        await node.book.tick(served.stage.log)
        async with reading(node.engine) as db:
            papers = await ties.all_papers(db, node.book.vault, served.stage.log)
            assert (await store.head(db, served.stage.log)).size
        await export_chapter(node.engine, served.stage.chapter, to)
    with Bundle.open(to) as bundle:
        return audit_record(bundle, chapter=served.stage.chapter, papers=papers)
