"""civic behind real web servers: names, cookies and origins arrive, addresses do not."""

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.civic.test_canary import Canaries, Person, holding
from tests.deploy.proxies import PROXIES, Place, here
from tests.served import Served

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Through(Person):
    """Somebody whose browser tells as much as it can, and trusts the test's certificate."""

    def __init__(self, base: str, canaries: Canaries) -> None:
        self.canaries = canaries
        self.client = httpx.Client(
            base_url=base, headers=canaries.headers(base), timeout=60, verify=False
        )


@contextmanager
def hearing(path: Path) -> Iterator[list[bytes]]:
    """Listen on a unix socket like civic, and keep what is said to it."""
    heard: list[bytes] = []
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def run() -> None:
        while True:
            connection, _ = listening.accept()
            with connection:
                raw = b""
                while b"\r\n\r\n" not in raw and (block := connection.recv(65536)):
                    raw += block
                if not raw:
                    return
                heard.append(raw)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                )

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield heard
    finally:
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(path))
        thread.join(10)
        listening.close()
        path.unlink()


@pytest.mark.programs
@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_nothing_of_who_asks_is_passed_on(name: str, tmp_path: Path) -> None:
    assert name in here(), f"apt-get install nginx-light caddy: no {name}"
    place = Place.at(tmp_path / "proxy", tmp_path / "web.sock")
    canaries = Canaries()
    base = f"https://localhost:{place.port}"
    with hearing(place.upstream) as heard, PROXIES[name](place):
        headers = {**canaries.headers(base), "accept-language": "be", "origin": base}
        with httpx.Client(base_url=base, verify=False, headers=headers) as client:
            assert client.post("/x", data={"a": "b"}).status_code == 200
    said = heard[0].lower()
    assert f"\r\nhost: localhost:{place.port}\r\n".encode() in said
    assert f"\r\norigin: {base}\r\n".encode() in said
    assert b"\r\naccept-language: be\r\n" in said
    for found in (canaries.agent, canaries.referrer, canaries.address, "127.0.0.1"):
        assert found.encode() not in said, said
    for header in (b"x-forwarded", b"x-real-ip", b"\r\nforwarded", b"\r\nvia", b"\r\nreferer"):
        assert header not in said, said


@pytest.mark.parametrize(
    "names",
    [["bytes"], pytest.param(["nginx", "caddy"], marks=pytest.mark.programs)],
    ids=["bytes", "programs"],
)
def test_people_come_through(
    names: list[str], node_data: Path, run_as: str | None, tmp_path: Path
) -> None:
    assert set(names) <= set(here()), "apt-get install nginx-light caddy"
    served = Served(node_data, run_as)
    place = Place.at(tmp_path / "proxy", served.web)
    base = f"https://localhost:{place.port}"
    served.environment["CIVIC_URL"] = base
    served.start()
    canaries = Canaries()
    try:
        for name in names:
            with PROXIES[name](place):
                somebody_signs_up(base, canaries)
    finally:
        served.stop()
    # A web server whose node is away says so, and keeps nothing of it either.
    for name in names:
        with (
            PROXIES[name](place),
            httpx.Client(base_url=base, verify=False, headers=canaries.headers(base)) as client,
        ):
            if name != "bytes":
                assert client.get(f"/?q={canaries.query}").status_code == 502
    assert holding(place.folder, canaries.all()) == []
    assert holding(served.data, canaries.all()) == []
    for log in (served.log, place.log):
        assert "127.0.0.1" not in log.read_text(), log.read_text()


def somebody_signs_up(base: str, canaries: Canaries) -> None:
    person = Through(base, canaries)
    person.client.headers["origin"] = base
    person.sign_up()
    cookies = [cookie for cookie in person.client.cookies.jar if cookie.name.startswith("__Host-")]
    assert cookies
    assert all(cookie.secure and cookie.path == "/" for cookie in cookies)
    answer = person.client.get("/account")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    # Another site's page gets nothing done, whichever of the two headers tells.
    fields = {"key": secrets.token_hex(16)}
    for headers in (
        {"origin": "https://elsewhere.example"},
        {"origin": base.rsplit(":", 1)[0]},
        {"sec-fetch-site": "cross-site"},
    ):
        assert person.client.post("/sign-out", data=fields, headers=headers).status_code == 403
    person.client.close()
