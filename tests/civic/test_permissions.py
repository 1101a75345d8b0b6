"""Every role asks for every page and call; whoever is not let in by the table is refused.

`permissions.txt` has a row for each method and route and a column for each role of tests/roles.py:

    w  let in, and something would have been written
    +  let in: a page, an answer, or a refusal by the rules or for the form that was sent
    s  sent to sign in                u  asked for a fresh factor
    x  refused                        -  nothing there, for this role

Nothing is written: whoever would commit is stopped there. What each page and answer costs is
counted by the way.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from civic.kernel.postgres import EmbeddedPostgres
from tests.civic.pages.test_budget import BYTES, QUERIES
from tests.civic.permission_bodies import body, form
from tests.roles import ROLES, Stage, fill
from tests.staged import staged

TABLE: Final = Path(__file__).with_name("permissions.txt")
LET_IN: Final = frozenset("w+")
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """The chapter with somebody in every role."""
    folder = tmp_path_factory.mktemp("node")
    async with staged(postgres, template, "permissions", folder) as made:
        yield made


def table() -> dict[tuple[str, str], dict[str, str]]:
    """Return who may what, by method and route."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    _method, _route, *roles = lines[0].split()
    rows = {}
    for line in lines[1:]:
        method, route, *cells = line.split()
        rows[method, route] = dict(zip(roles, cells, strict=True))
    assert roles == list(ROLES)
    return rows


def _row(method: str, route: str, cells: dict[str, str]) -> str:
    return f"{method:6} {route:85} " + "   ".join(cells[role] for role in ROLES)


def routes(there: Stage) -> list[tuple[str, str]]:
    """Return method and path of every handler of the application."""
    return sorted(
        (method, route.path)
        for route in there.litestar.routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
        if method != "OPTIONS"
    )


def sent(there: Stage, role: str, method: str, route: str) -> dict[str, Any]:
    """Return what goes with a request."""
    if route.startswith("/api/"):
        given = body(there, method, route)
        return {} if given is None else {"json": given}
    if route.startswith(("/passkeys/", "/account/key-box")):
        return {"json": {}}
    given = form(there, role)
    if route.endswith("/p/{proposal_id:str}/erase"):
        # There it says that what is erased was an appeal.
        del given["appeal"]
    return {"data": given}


async def test_every_route_has_a_row(there: Stage) -> None:
    """A new route is closed until its row says to whom it is open."""
    assert set(routes(there)) == set(table())


async def test_every_role_is_let_in_where_the_table_says(there: Stage) -> None:
    rows, wrong = table(), []
    for method, route in routes(there):
        row = rows.get((method, route), {})
        cells = {}
        for role in ROLES:
            if method == "GET":
                cells[role], _text = await there.look(role, route)
                continue
            more = sent(there, role, method, route)
            cells[role], _answer = await there.ask(role, method, fill(there, route), **more)
        if cells != row:
            wrong.append(_row(method, route, cells))
    if wrong:
        pytest.fail("As they are now:\n" + "\n".join(wrong))


DEARER: Final = {
    # A verifier's own: what is sealed has to be opened before it is known what belongs to it.
    "/c/{chapter_id:str}/verifying/{number:str}": 8,
    "/api/v1/chapters/{chapter_id:str}/cases/{number:str}": 7,
    "/c/{chapter_id:str}/disputes/{own_id:str}": 7,
    "/api/v1/chapters/{chapter_id:str}/disputes/{dispute:str}": 6,
    # What the log's readers ask: two queries find a record by its name.
    "/log/{log_id:str}/content/{digest:str}": 6,
    "/log/{log_id:str}/open/{name:str}": 6,
    "/log/{log_id:str}/tile/{rest:path}": 6,
    # The operator's alone: all that `civic doctor` asks.
    "/operator": 40,
}
"""Queries of the routes that ask for more than a page of people's may."""
GROUND: Final = 2
"""Queries more, where a problem is told on the chapter's ground."""
LONG: Final = frozenset({"/design", "/design/{accent:int}"})
"""Pages that may be longer: every component there is."""
NOT_SHOWN: Final = {
    # Nobody of the stage has one that their path could name.
    "/account/authenticators/{authenticator:str}",
    "/account/authenticators/{authenticator:str}/remove",
    "/account/devices/{device:str}",
    "/account/recovery/guarding/{own:str}",
    "/feeds/{address:str}/calendar.ics",
    "/feeds/{address:str}/feed.atom",
    "/operator/enter/{secret:str}",
    "/static/{file:path}",
    # Over, or not there yet.
    "/api/v1/chapters/{chapter_id:str}/proposals/{proposal:str}/votes",
    "/c/{chapter_id:str}/confirm",
    "/c/{chapter_id:str}/constitute",
    "/c/{chapter_id:str}/levels/appeal",
    "/c/{chapter_id:str}/p/{proposal_id:str}/revise",
    "/c/{chapter_id:str}/p/{proposal_id:str}/votes",
    "/c/{chapter_id:str}/people/ties/erase",
    "/c/{chapter_id:str}/people/{member_id:str}/refuse",
    # It would write.
    "/sign-up",
}
"""Routes that show nobody anything on this stage; what their refusals cost is counted."""


async def test_every_page_and_answer_keeps_to_its_budget(there: Stage) -> None:
    """Whoever asks for whatever: five queries at most, and pages are short."""
    dear, shown = [], set()
    asked = [route for method, route in routes(there) if method == "GET"]
    for route in asked:
        for role in ROLES:
            cost = await there.cost(role, route)
            most = DEARER.get(route, QUERIES) + (GROUND if cost.status >= 400 else 0)
            long = cost.kind == "text/html" and cost.size >= BYTES and route not in LONG
            if len(cost.statements) > most or long:
                count = f"{len(cost.statements)} queries, {cost.size} bytes"
                dear.append(f"{route} for {role}: {cost.status}, {count}")
            if cost.status == 200:
                shown.add(route)
    if dear:
        pytest.fail("\n".join(dear))
    # A new route needs somebody to whom it shows something.
    assert set(asked) - shown == NOT_SHOWN


async def test_who_held_a_member_before_is_nobody_there_any_more(there: Stage) -> None:
    """What is closed to a stranger with an account is closed to the account of a lost member."""
    wrong = []
    for method, route in routes(there):
        cells = []
        for role in ("new", "gone"):
            if method == "GET":
                cell, text = await there.look(role, route)
                named = re.search(r"Name of|Tomatoes of our own", text)
                assert role == "new" or not named, route
            else:
                more = sent(there, role, method, route)
                cell, answer = await there.ask(role, method, fill(there, route), **more)
                if role == "gone" and cell == "x" and "application/json" in str(answer.headers):
                    assert "request.member_held_elsewhere" in answer.text or "scope" in answer.text
            cells.append(cell)
        if cells[0] != cells[1]:
            wrong.append((method, route, cells))
    assert wrong == []


RECORD: Final = ("/c/{chapter_id:str}/record", "/api/v1/chapters/{chapter_id:str}/record", "/log/")
"""What shows entries as they are: that a member was seen, in which way, never by whom."""


async def test_nobody_lists_who_was_verified(there: Stage) -> None:
    """No page or answer names another member together with how they were seen."""
    kim, shown = there.ids["kim"], 0
    for method, route in routes(there):
        if method != "GET" or route.startswith(RECORD) or "/static/" in route:
            continue
        for role in ROLES:
            cell, text = await there.look(role, route)
            if cell not in LET_IN:
                continue
            shown += 1
            named = kim in text or "Name of kim" in text
            said = re.search(r"document in hand|by video|\"(document|video)\"", text)
            assert not (named and said), (role, route)
    assert shown > 600


async def test_entries_tell_how_and_never_by_whom(there: Stage) -> None:
    """Each entry about levels names nobody but the member whom it is about."""
    about = [
        (index, entry)
        for index, entry in enumerate(there.entries)
        if entry["kind"].removeprefix("chapters.")
        in {"vouched", "verified", "case_opened", "challenged", "level_changed"}
    ]
    assert {entry["kind"] for _index, entry in about} >= {"chapters.vouched", "chapters.verified"}
    for index, entry in about:
        others = set(there.ids.values()) - {entry["body"].get("member")}
        raw = str(entry)
        assert not any(other in raw for other in others), entry["kind"]
        for role in ROLES:
            cell, answer = await there.ask(role, "GET", f"{there.path}/record/{index}")
            main = answer.text.partition("<main")[2].partition("</main>")[0]
            if cell in LET_IN:
                assert not any(other in main for other in others), (role, entry["kind"])


async def test_papers_are_for_nobody(there: Stage) -> None:
    """Who vouched, saw or challenged, and why, is handed out by no address."""
    assert len(there.papers) > 8
    log = there.values["log_id"]
    for paper in there.papers:
        for role in ROLES:
            cell, _answer = await there.ask(role, "GET", f"/log/{log}/content/{paper}")
            assert cell not in LET_IN, (role, paper)


async def test_outsiders_read_no_words_of_a_closed_chapter(there: Stage) -> None:
    for method, route in routes(there):
        if method != "GET" or "/static/" in route:
            continue
        for role in ("out", "new", "nbr", "app", "op"):
            _cell, text = await there.look(role, route)
            for words in ("A garden", "Tomatoes of our own", "Shouted at", "two names", "Name of"):
                assert words not in text, (role, route, words)


FEEDS = ("/feed.atom", "/calendar.ics")


async def test_programs_reach_no_page() -> None:
    """Read from the table, so that nobody lets one in by a slip of the pen."""
    for (_method, route), row in table().items():
        # Calendars and readers of feeds ask without a session for what the world may see.
        if route.endswith((*FEEDS, "/log")):
            continue
        if route.startswith(("/c/{chapter_id:str}/", "/account")):
            tokens = {cell for role, cell in row.items() if role.startswith("t:")}
            assert tokens == {"x"} or route == "/account/key-box", route


async def test_only_an_open_door_is_open_to_strangers() -> None:
    """What changes something is closed to who is not signed in, but for signing in and out."""
    doors = (
        *("/sign-", "/passkeys/", "/recover", "/panic", "/api/v1/sessions", "/account/key-box"),
        # Kept in the browser alone, and mails that are tied to no account.
        *("/language", "/mail"),
    )
    for (method, route), row in table().items():
        if method != "GET" and not route.startswith(doors):
            assert row["out"] in "sx-", (method, route)
            closed = row["op"] in "sx-" or route.startswith("/operator/")
            assert closed, (method, route)
