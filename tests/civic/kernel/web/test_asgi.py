from typing import Any

import httpx
import pytest

from civic.kernel.web.asgi import Application, _answer_head, from_other_site

HOST = (b"host", b"node.test")

EVERY_KIND_OF_ANSWER = [
    ("GET", "/page", 200),
    ("GET", "/design", 200),
    ("GET", "/nowhere", 404),
    ("GET", "/static/none.css", 404),
    ("DELETE", "/page", 405),
    ("GET", "/fail/boom", 500),
    ("GET", "/fail/busy", 503),
    ("GET", "/fail/refused", 409),
    ("GET", "/api/count", 422),
    ("OPTIONS", "/page", 204),
    ("HEAD", "/page", 200),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND_OF_ANSWER)
async def test_every_answer_is_protected(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "server" not in answer.headers
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    ("fetch_site", "origin", "other"),
    [
        ("same-origin", "", False),
        ("none", "", False),
        ("same-site", "", True),
        ("cross-site", "", True),
        ("nonsense", "", True),
        ("same-origin", "https://evil.test", False),
        ("cross-site", "http://node.test", True),
        ("", "http://node.test", False),
        ("", "https://node.test", False),
        ("", "https://node.test:8443", True),
        ("", "https://evil.test", True),
        ("", "https://node.test.evil.test", True),
        ("", "null", True),
        ("", "node.test", True),
        ("", "", False),
    ],
)
def test_cross_site_check(fetch_site: str, origin: str, other: bool) -> None:
    headers = [HOST]
    if fetch_site:
        headers.append((b"sec-fetch-site", fetch_site.encode()))
    if origin:
        headers.append((b"origin", origin.encode()))
    assert from_other_site({"type": "http", "headers": headers}) is other


async def test_a_form_from_another_site_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/form", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert "sent from another site" in answer.text
    program = await client.post("/api/echo", json={"a": 1}, headers={"origin": "https://evil.test"})
    assert program.status_code == 403
    assert program.json()["type"] == "/problems/web.cross_site"


async def test_reading_from_another_site_is_allowed(client: httpx.AsyncClient) -> None:
    for method in ("GET", "HEAD"):
        answer = await client.request(method, "/page", headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 200


async def test_no_browser_no_check(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/echo", json={"a": 1})
    assert answer.status_code == 201


async def test_a_socket_from_another_site_is_closed(application: Application) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/",
        "headers": [HOST, (b"origin", b"https://evil.test")],
    }
    await application(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize("path", ["/page", "/nowhere", "/design", "/problems"])
async def test_head_is_get_without_body(client: httpx.AsyncClient, path: str) -> None:
    got = await client.get(path)
    head = await client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["content-length"] == str(len(got.content))


async def test_head_of_a_stream_ends() -> None:
    async def endless(_scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(3):
            await send({"type": "http.response.body", "body": b"%d" % number, "more_body": True})

    sent: list[Any] = []

    async def keep(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    await _answer_head(endless)({"type": "http", "method": "HEAD"}, receive, keep)
    assert [one["type"] for one in sent] == ["http.response.start", "http.response.body"]
    assert sent[1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_a_body_announced_too_large_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/form", content=b"x" * 2001)
    assert answer.status_code == 413
    assert "too much at once" in answer.text


async def test_a_body_that_grows_too_large_is_refused(client: httpx.AsyncClient) -> None:
    async def chunks() -> Any:
        for _number in range(30):
            yield b"x" * 100

    answer = await client.post(
        "/api/echo", content=chunks(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_up_to_the_limit_passes(client: httpx.AsyncClient) -> None:
    body = b'{"a":1' + b" " * 1993 + b"}"
    answer = await client.post(
        "/api/echo", content=body, headers={"content-type": "application/json"}
    )
    assert len(body) == 2000
    assert answer.status_code == 201
