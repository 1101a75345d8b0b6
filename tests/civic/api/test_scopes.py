"""Every call says what a token must be made for; pages say nothing and are closed to tokens."""

from typing import Any

from litestar import Litestar

import identity.api
import identity.pages
from civic.api import router
from civic.kernel.database import reading, writing
from civic.log_routes import router as log_router
from civic.membership import is_member
from civic.pages.routes import router as pages_router
from identity import access_tokens, scopes, sessions
from identity.scopes import Scope
from tests.civic.api.conftest import Api, Caller


def handlers() -> list[tuple[str, str, dict[str, Any]]]:
    app = Litestar(
        [identity.api.router(), identity.pages.router(), router(), pages_router()],
        openapi_config=None,
        logging_config=None,
    )
    return [
        (method, route.path, handler.opt)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
        if method != "OPTIONS"
    ]


def test_every_call_says_what_it_needs() -> None:
    """A new call without `opt=needs(...)` is one that no token reaches, and fails here."""
    silent = [
        (method, path)
        for method, path, opt in handlers()
        if path.startswith("/api/") and not scopes.declared(opt)
    ]
    assert silent == []


def test_no_page_is_open_to_tokens() -> None:
    pages = [opt for _method, path, opt in handlers() if not path.startswith("/api/")]
    assert len(pages) > 50
    assert not any(scopes.declared(opt) for opt in pages)


def test_reading_alone_changes_nothing() -> None:
    """A token for reading reaches no call that changes anything, but its own end.

    Two calls send words to look for, which do not belong in an address.
    """
    proposals = "/api/v1/chapters/{chapter_id:str}/proposals"
    assert {
        (method, path)
        for method, path, opt in handlers()
        if Scope.READ in scopes.needed(opt) and method != "GET"
    } == {
        ("DELETE", "/api/v1/tokens/current"),
        ("POST", f"{proposals}/similar"),
        ("POST", f"{proposals}/search"),
    }


def test_logs_are_read_with_a_token_for_reading() -> None:
    for route in Litestar([log_router(is_member)], openapi_config=None, logging_config=None).routes:
        for handler in getattr(route, "route_handlers", ()):
            if "/log/" in route.path and "OPTIONS" not in handler.http_methods:
                assert scopes.needed(handler.opt) == {Scope.READ}


async def token(api: Api, who: Caller, *may: Scope) -> Caller:
    now = api.clock.now()
    async with reading(api.node.engine) as db:
        me = await sessions.load(db, who.token, now)
    assert me is not None
    async with writing(api.node.engine) as db:
        made = await access_tokens.make(db, me, "test", frozenset(may), 7, now)
    return Caller(who.http, made.token, who.account)


async def test_a_program_takes_part_as_far_as_its_token_goes(api: Api) -> None:
    await api.found()
    one = api.people[1]
    reads, speaks, votes = [
        await token(api, one, scope) for scope in (Scope.READ, Scope.DELIBERATE, Scope.VOTE)
    ]
    path = await api.propose()
    said = {"text": "It is warm there.", "side": "pro"}
    await reads.get(f"{path}")
    await reads.get(f"{api.path}/members/me")
    await reads.post(f"{path}/supports", status=403)
    await votes.post(f"{path}/supports", status=403)
    await speaks.post(f"{path}/supports")
    await speaks.get(f"{api.path}/members/me", status=403)
    await api.people[2].post(f"{path}/supports")
    await api.pass_time(hours=1)
    argument = await speaks.post(f"{path}/arguments", said)
    assert argument["id"]
    await speaks.post(f"{path}/votes", {"value": 1}, status=403)
    await speaks.post(f"{api.path}/invitations", key=None, status=403)
    await speaks.send("DELETE", f"{api.path}/members/me", status=403)
    erasure = {"of": argument["id"], "words": ["0" * 64], "office": "a" * 26, "reason": "because"}
    refused = await speaks.post(f"{path}/erasures", erasure, status=403)
    assert refused["type"] == "/problems/request.scope_needed"
    assert refused["params"] == {"scopes": "office"}


async def test_a_signed_act_needs_the_scope_of_its_kind(api: Api) -> None:
    await api.found()
    speaks = await token(api, api.people[1], Scope.DELIBERATE)
    mine = api.members[1]
    acts = {
        "chapters.left": ("account", {"as": "member", "id": mine}, {}),
        "voting.cast": ("vote", {"as": "member", "id": mine}, {"election": "a" * 26, "value": 1}),
        "deliberation.task_done": ("office", {"as": "office", "id": "a" * 26}, {"task": "a" * 26}),
    }
    for kind, (scope, by, body) in acts.items():
        act = {"kind": kind, "by": by, "key": "0" * 32, "body": body, "content": [], "proof": None}
        sent = {"act": act, "idempotency": "a" * 16}
        refused = await speaks.post(f"{api.path}/acts", sent, key=None, status=403)
        assert refused["params"] == {"scopes": scope}, kind
    row = {
        "subject": "a" * 26,
        "row": "a" * 26,
        "count": 1,
        "value": 1,
        "proof": {"public_key": "0" * 64, "signature": "0" * 128},
    }
    votes = await token(api, api.people[1], Scope.VOTE)
    refused = await votes.post(f"{api.path}/rows", row, key=None, status=403)
    assert refused["params"] == {"scopes": "deliberate"}


async def test_in_office_a_session_asks_anew_and_a_token_was_made_for_it(api: Api) -> None:
    await api.found()
    lead, path = api.people[0], await api.propose()
    program = await token(api, lead, Scope.OFFICE)
    others = await token(api, lead, Scope.ACCOUNT)
    held = (await lead.get(f"{api.path}/members/me"))["offices"][0]["id"]
    await api.pass_time(hours=1)
    task = {"text": "Ask", "until": "2026-12-24T12:00Z", "office": held}
    erasure = {"of": "a" * 26, "words": ["0" * 64], "office": held, "reason": "because"}
    # What a program is told afterwards comes from the chapter's rules: it was let in.
    acts = {
        f"{path}/tasks": (task, 409, "deliberation.not_over"),
        f"{path}/erasures": (erasure, 404, "deliberation.unknown_subject"),
    }
    for asked, (body, status, code) in acts.items():
        refused = await lead.post(asked, body, status=401)
        assert refused["type"] == "/problems/request.step_up_needed", asked
        told = await program.post(asked, body, status=status)
        assert told["type"] == f"/problems/{code}"
    reasons = f"{api.path}/reasons/{'0' * 64}"
    told = await others.send("DELETE", f"{reasons}?office={held}", status=403)
    assert told["params"] == {"scopes": "office"}
    told = await program.send("DELETE", reasons, status=403)
    assert told["params"] == {"scopes": "account"}


async def test_a_program_knows_its_memberships(api: Api) -> None:
    await api.found()
    program = await token(api, api.people[1], Scope.ACCOUNT)
    told = await program.get("/account")
    assert told == {"memberships": [{"chapter": api.chapter, "member": api.members[1]}]}
    await program.send("DELETE", f"{api.path}/members/me", status=200)
    assert await program.get("/account") == {"memberships": []}
