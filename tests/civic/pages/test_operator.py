"""The operator's page: opened by a link of the machine, blind to people, opening nothing else."""

import re
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import select

import identity.api
import identity.pages
from chapters.tables import member
from civic import jobs, log_routes
from civic.api import router as api_router
from civic.kernel.database import reading, writing
from civic.membership import is_member
from civic.node_routes import node_router
from civic.operate import operator_sessions
from civic.operate.overview import LATE
from civic.operate.tables import operator_session
from civic.pages.routes import router as pages_router
from tests.town import Town, Visitor

COOKIE = "civic-operator"


async def operator(vilnius: Town) -> Visitor:
    """Return somebody who opened the page with a link."""
    async with writing(vilnius.node.engine) as db:
        secret = await operator_sessions.issue_link(db, vilnius.clock.now())
    visitor = vilnius.stranger()
    await visitor.send(f"/operator/enter/{secret}", f"/operator/enter/{secret}")
    assert visitor.path == "/operator"
    return visitor


async def test_it_shows_the_node_and_nobody(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    await people[0].send(f"{path}/you", "/people/name", name="Annabella")
    await vilnius.pass_time(minutes=70)
    visitor = await operator(vilnius)
    page = await visitor.see("/operator")
    assert path[3:19] in page
    for shown in ("What the doctor finds", "papers", "identity", "0600", "MB", "PostgreSQL"):
        assert shown in page
    assert "They last ran 0 minutes ago." in page
    async with reading(vilnius.node.engine) as db:
        members = (await db.scalars(select(member.c.id))).all()
    assert len(members) == 3
    for hidden in ("Annabella", "Vilnius", *members):
        assert hidden not in page
    secrets = [vilnius.node.key_files.secret(one) for one in vilnius.node.key_files.names()]
    assert secrets
    for secret in secrets:
        assert secret.hex() not in page


async def test_a_link_works_once_and_for_ten_minutes(vilnius: Town) -> None:
    async with writing(vilnius.node.engine) as db:
        links = [await operator_sessions.issue_link(db, vilnius.clock.now()) for _ in range(2)]
        kept = (await db.scalars(select(operator_session.c.id_hash))).all()
    assert not any(link.encode() in kept for link in links)
    first, second = (vilnius.stranger() for _ in range(2))
    await first.see(f"/operator/enter/{links[0]}")
    await first.send(f"/operator/enter/{links[0]}", f"/operator/enter/{links[0]}")
    assert COOKIE in first.client.cookies
    await second.see(f"/operator/enter/{links[0]}", 410)
    answer = await second.client.post(f"/operator/enter/{links[0]}", data={"key": "k" * 32})
    assert answer.status_code == 410
    vilnius.clock.advance(timedelta(minutes=operator_sessions.LINK_MINUTES))
    await second.see(f"/operator/enter/{links[1]}", 410)
    answer = await second.client.post(f"/operator/enter/{links[1]}", data={"key": "k" * 32})
    assert answer.status_code == 410
    await second.see("/operator", 404)
    # A link is no session.
    answer = await second.client.get("/operator", headers={"cookie": f"{COOKIE}={links[1]}"})
    assert answer.status_code == 404


async def test_a_session_ends(vilnius: Town) -> None:
    one, other = await operator(vilnius), await operator(vilnius)
    await one.send("/operator", "/operator/leave")
    await one.see("/operator", 404)
    await other.see("/operator")
    vilnius.clock.advance(timedelta(minutes=operator_sessions.SESSION_MINUTES))
    await other.see("/operator", 404)
    await vilnius.pass_time(minutes=1)
    async with writing(vilnius.node.engine) as db:
        assert (await db.scalars(select(operator_session.c.id_hash))).all() == []


async def test_nobody_else_finds_the_page(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    await vilnius.founded(*people)
    for visitor in (vilnius.stranger(), people[0]):
        await vilnius.stepped_up(people[0])
        await visitor.see("/operator", 404)
        answer = await visitor.client.post("/operator/leave", data={"key": "k" * 32})
        assert answer.status_code == 404


async def test_its_session_reaches_no_other_page(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, visibility="chapter")
    await vilnius.pass_time(minutes=70)
    visitor = await operator(vilnius)
    token = visitor.client.cookies[COOKIE]
    stranger = vilnius.stranger()
    names = {"chapter_id": path.removeprefix("/c/"), "index": "1", "number": "1"}
    names["log_id"] = (await stranger.client.get(f"{path}/log")).json()["log_id"]
    walked = 0
    for method, address in sorted(addresses(names)):
        if address.startswith("/operator"):
            continue
        answers = []
        for headers in (
            {},
            # Forced upon pages that a browser would not send it to, as their own and as a bearer's.
            {"cookie": f"{COOKIE}={token}; civic={token}"},
            {"authorization": f"Bearer {token}"},
            {"authorization": f"DPoP {token}"},
        ):
            sent = {"key": "k" * 32} if method == "POST" else None
            found = await stranger.client.request(method, address, headers=headers, data=sent)
            answers.append(found)
        first = answers[0]
        for other in answers[1:]:
            same = other.status_code == first.status_code or other.status_code == 401
            assert same, (method, address, first.status_code, other.status_code)
        walked += 1
    assert walked > 100


def addresses(names: dict[str, str]) -> set[tuple[str, str]]:
    """Return method and address of everything that the application answers."""

    async def nothing(*_args: object) -> None:
        raise AssertionError

    routers = [pages_router(), api_router(), node_router, log_routes.router(is_member),
               identity.pages.router(nothing), identity.api.router()]  # type: ignore[arg-type]  # fmt: skip
    app = Litestar(routers, openapi_config=None)
    found: set[tuple[str, str]] = set()
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: names.get(m[1], "x"), route.path)
            found |= {(method, path) for method in route.methods if method != "OPTIONS"}
    return found


async def test_it_tells_when_jobs_fail_or_are_late(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_node: object) -> None:
        raise RuntimeError("with words that nobody is to see")

    await vilnius.pass_time(minutes=1)
    monkeypatch.setattr("civic.publication.publish", broken)
    for _ in range(2):
        await vilnius.pass_time(minutes=1)
    monkeypatch.undo()
    vilnius.clock.advance(timedelta(minutes=LATE + 1))
    page = await (await operator(vilnius)).see("/operator")
    told = dict(re.findall(r'data-label="(\w[\w ]*)">([^<]*)</td>', page.split(">publish</th>")[1]))
    assert told["Day"] == "Mon 2 Mar 2026"
    assert told["Times"] == "2"
    assert told["Last error"] == "RuntimeError"
    assert "with words" not in page
    assert "late" in page
    await vilnius.pass_time(days=jobs.FAILURES_KEPT + 1)
    page = await (await operator(vilnius)).see("/operator")
    assert "No job failed" in page
