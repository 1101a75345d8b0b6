"""Nothing of who asks is kept: canaries in requests are found nowhere afterwards."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest

from civic.monitor import Counts
from tests.served import UnixConnection
from tests.town import form_of, hidden_of, new_key, offered

WORDS = "a kettle sings behind seven doors"


class Canaries:
    """Words that stand in no request for any purpose but to be found again."""

    def __init__(self) -> None:
        mark = secrets.token_hex(8)
        self.agent = f"agent-{mark}"
        self.referrer = f"referrer-{mark}"
        self.query = f"query-{mark}"
        self.address = f"198.51.{secrets.randbelow(200) + 20}.{secrets.randbelow(200) + 20}"

    def headers(self, base: str) -> dict[str, str]:
        forwarded = f"for={self.address};proto=https"
        return {
            "user-agent": self.agent,
            "referer": f"{base}/{self.referrer}",
            "x-forwarded-for": self.address,
            "x-real-ip": self.address,
            "forwarded": forwarded,
            "accept-language": self.agent,
            "accept": "text/html, */*;q=0.1",
        }

    def all(self) -> list[bytes]:
        return [one.encode() for one in (self.agent, self.referrer, self.query, self.address)]


class Stack:
    """`civic serve` in a process of its own, with folders in which everything it writes lies."""

    def __init__(self, data: Path, run_as: str | None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.base = f"http://localhost:{port}"
        self.data = data
        self.temporary = data / "temporary"
        self.temporary.mkdir(mode=0o777)
        self.log = data / "log"
        environment = {
            **os.environ,
            "TMPDIR": str(self.temporary),
            "CIVIC_DATA": str(data),
            "CIVIC_RUN_AS": run_as or "",
            "CIVIC_URL": self.base,
            "CIVIC_PORT": str(port),
            "CIVIC_WORKERS": "2",
            "CIVIC_MONITOR": str(data / "monitor.sock"),
        }
        command = [sys.executable, "-m", "civic.cli", "serve", "--draft"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=log
            )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert b"civic is ready" in said, self.log.read_text()

    def told(self) -> bytes:
        """Return all that the node tells its operator's programs."""
        said = b""
        for path in ("/healthz", "/readyz", "/metrics"):
            connection = UnixConnection(self.data / "monitor.sock")
            connection.request("GET", path)
            said += connection.getresponse().read()
            connection.close()
        return said

    def stop(self) -> None:
        if self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(40)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def stack(node_data: Path, run_as: str | None) -> Iterator[Stack]:
    there = Stack(node_data, run_as)
    yield there
    there.stop()


class Person:
    """Somebody whose browser tells as much as it can."""

    def __init__(self, stack: Stack, canaries: Canaries) -> None:
        self.canaries = canaries
        self.client = httpx.Client(
            base_url=stack.base, headers=canaries.headers(stack.base), timeout=30
        )

    def asked(self, path: str) -> str:
        joined = "&" if "?" in path else "?"
        return f"{path}{joined}ip={self.canaries.address}&q={self.canaries.query}"

    def get(self, path: str, *statuses: int) -> str:
        answer = self.client.get(self.asked(path), follow_redirects=True)
        assert answer.status_code in (statuses or (200,)), (path, answer.status_code)
        return answer.text

    def send(self, path: str, action: str, **fields: object) -> str:
        form = form_of(self.get(path), action)
        target = re.search(r'action="([^"]+)"', form)
        assert target is not None
        answer = self.client.post(
            self.asked(target[1]), data=hidden_of(form) | fields, follow_redirects=True
        )
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        self.at = answer.url.path
        return answer.text

    def sign_up(self) -> None:
        page = self.send("/sign-up", "/sign-up", passphrase=WORDS, repeated=WORDS)
        secret = re.search(r"secret=([A-Z2-7]{32})", page)
        assert secret is not None
        fields = hidden_of(form_of(page, "/sign-up/confirm"))
        code = pyotp.TOTP(secret[1]).now()
        answer = self.client.post(
            self.asked("/sign-up/confirm"), data=fields | {"code": code}, follow_redirects=True
        )
        assert answer.status_code == 200, answer.text[-500:]


def journey(stack: Stack, canaries: Canaries, planted: str) -> None:
    people = [Person(stack, canaries) for _ in range(4)]
    ana, ben, eva, out = people
    for one in (ana, ben, eva):
        one.sign_up()
    ana.send("/chapters/new", "/chapters/new", name="Canary", template="circle",
             visibility="world", understood="yes")  # fmt: skip
    path = ana.at
    for one in (ben, eva):
        page = ana.send(f"{path}/people", "/people/invite")
        link = re.search(r"(/c/[0-9a-f]{64}/join/[\w-]+)", page)
        assert link is not None
        one.send(link[1], link[1])
    for one in (ana, ben, eva):
        page = one.get(f"{path}/confirm")
        one.send(f"{path}/confirm", "/confirm", met=re.findall(r'"met" value="(\w+)"', page))
    page = ana.get(f"{path}/constitute")
    ana.send(f"{path}/constitute", "/constitute", **offered(page))
    ana.send(f"{path}/propose/question", "/propose/question",
             title="A canary", text=planted, lang="en")  # fmt: skip
    proposal = ana.at
    for one in (ben, eva):
        one.send(proposal, "/support")
    page = ben.send(f"{proposal}/argue/for", "/argue/for", words="It sings.")
    said = re.search(r'id="w-([a-z2-7]{26})"', page)
    assert said is not None
    eva.send(proposal, "/react", to=f"{said[1]}:agree")
    eva.send(f"{proposal}/comment?on={said[1]}", "/comment", words="Does it?")
    ben.send(f"{proposal}/erase?of={said[1]}", "/erase")
    everywhere(ana, out, path, proposal)
    for one in people:
        one.client.close()


def everywhere(ana: Person, out: Person, path: str, proposal: str) -> None:
    """Ask for every kind of page and call, also in ways that are refused."""
    log = re.search(r"/log/([0-9a-f]{64})/", ana.get(f"{path}/audit"))
    assert log is not None
    pages = [
        "/", "/account", "/sign-in", "/sign-up", "/design", "/problems", path, f"{path}/people",
        f"{path}/proposals", f"{path}/record", f"{path}/record/0", f"{path}/log", proposal,
        f"{proposal}/entries", f"{proposal}/revise", f"{proposal}/nothing", "/nothing",
        f"/log/{log[1]}/checkpoint", f"/log/{log[1]}/vkey", f"/log/{log[1]}/tile/0/000.p/1",
        f"/log/{log[1]}/content/{'0' * 64}", f"/log/{log[1]}/open/0.tlog-proof",
        f"/log/{log[1]}/receipt/0.tlog-proof", "/api/v1/node", "/api/v1/chapters",
        f"/api/v1/chapters/{path[3:]}", f"/api/v1/chapters/{path[3:]}/members/me",
        f"/api/v1{path.replace('/c/', '/chapters/')}/proposals", "/enter/nothing",
    ]  # fmt: skip
    for page in pages:
        for one in (ana, out):
            one.get(page, 200, 401, 403, 404, 410)
    for one in (ana, out):
        refused = [
            one.client.post(one.asked(path)),
            one.client.post(one.asked(f"{proposal}/support"), data={}),
            one.client.post(one.asked("/sign-in"), data={"key": new_key(), "name": "nobody"}),
            one.client.post(one.asked("/api/v1/sessions"), json={"name": "nobody"}),
            one.client.post(one.asked("/api/v1/chapters"), content=b"{"),
            one.client.post(
                one.asked(f"{proposal}/support"), headers={"sec-fetch-site": "cross-site"}
            ),
            one.client.request("BREW", one.asked(path)),
            one.client.head(one.asked(path)),
        ]
        assert all(answer.status_code < 500 for answer in refused)
    ana.client.post(ana.asked("/sign-out"), data={"key": new_key()})


def holding(folder: Path, wanted: list[bytes]) -> list[str]:
    """Return the files that hold one of these bytes."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            held = path.read_bytes()
            found += [f"{path}: {one.decode()}" for one in wanted if one in held]
    return found


def test_no_canary_is_kept(stack: Stack) -> None:
    canaries, planted = Canaries(), f"planted-{secrets.token_hex(8)}"
    journey(stack, canaries, planted)
    counts = Counts(stack.data / "measures")
    counts.step()
    told = stack.told() + counts.told()
    assert b'civic_acts_total{outcome="recorded"}' in told
    for one in (*canaries.all(), planted.encode(), b"127.0.0.1", b"/c/"):
        assert one not in told
    # A server that ends in order writes all that it holds in memory into its files.
    stack.stop()
    # What people said is found, so the search would find what it should not.
    assert holding(stack.data / "postgres", [planted.encode()])
    assert holding(stack.data, canaries.all()) == []
    assert holding(stack.temporary, canaries.all()) == []
    log = stack.log.read_text()
    assert "127.0.0.1" not in log
    assert "request_failed" not in log, log
