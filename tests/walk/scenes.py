"""What there is to walk through: every page of the application, as everybody who may ask for it.

The closed chapter has somebody in every role, but one proposal in one phase. The open one has what
is nobody's there: votes and results, a chapter that is being founded, ways to sign in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Final

import httpx
import pyotp
import pytest
from sqlalchemy import delete

from civic.kernel.database import writing
from civic.operate import operator_sessions
from identity import tables
from tests.civic.pages.test_guardians import agreed, offered
from tests.civic.pages.test_levels import id_of, shown, village, vouch
from tests.civic.test_permissions import LET_IN, routes, table
from tests.identity.soft_key import SoftKey
from tests.identity.test_ways import add_passkey
from tests.roles import ROLES, Stage, fill
from tests.town import Town, Visitor
from tests.walk.plan import Visit

NO_PAGES: Final = (
    *("/api/", "/log/", "/feeds/", "/static/", "/account/key-box"),
    *("/c/{chapter_id:str}/live", "/c/{chapter_id:str}/log"),
    *("/c/{chapter_id:str}/feed.atom", "/c/{chapter_id:str}/calendar.ics"),
    "/c/{chapter_id:str}/mine/acts",
)
"""Beginnings of the routes that answer programs: all others answer people."""
LEADS_ON: Final = "/c/{chapter_id:str}/p/{proposal_id:str}/revise"
"""What leads its author back in the closed chapter, where the text is not discussed."""
PASSPHRASE: Final = "a kettle sings behind seven doors"
LONG: Final = "Wirtschaftsprüfungsgesellschaftsangelegenheiten" * 2


@dataclass(frozen=True)
class Place:
    """A page as somebody asks for it, and how it is answered: a cell of the table."""

    page: str
    role: str
    path: str
    cell: str = "+"


@dataclass
class Scene:
    """A town that is served at an address, and all places in it."""

    town: Town
    address: str
    cookies: dict[str, dict[str, str]]
    """What the browser of each role sends."""
    asking: Visitor
    places: list[Place] = field(default_factory=list)
    needed: frozenset[str] = frozenset()
    """The routes that somebody has to be let in to."""

    async def ask(self, place: Place, language: str) -> httpx.Response:
        """Ask for a page without a browser, and follow where it leads."""
        await self.make_room(place)
        path = place.path
        sent = {**self.cookies[place.role], "lang": language}
        cookie = "; ".join(f"{name}={value}" for name, value in sent.items())
        headers = {"accept": "text/html", "accept-encoding": "gzip", "cookie": cookie}
        for _ in range(3):
            answer = await self.asking.client.get(path, headers=headers)
            self.asking.client.cookies.clear()
            if not answer.is_redirect:
                break
            path = answer.headers["location"]
        return answer

    async def make_room(self, place: Place | Visit) -> None:
        """Let the line before the sign-up be empty: each visit takes a place in it."""
        if place.path.startswith("/sign-up"):
            async with writing(self.town.node.engine) as db:
                await db.execute(delete(tables.lane))


def page_routes(known: Mapping[tuple[str, str], object]) -> list[str]:
    """Return the routes that answer people, of those whose methods and paths are given."""
    return [path for method, path in known if method == "GET" and not path.startswith(NO_PAGES)]


def route_of(path: str) -> str:
    """Return the route of a page's address: the one that leaves the least open."""
    matching = [
        route
        for route in page_routes(table())
        if re.fullmatch(re.sub(r"\{\w+:\w+\}", "[^/]+", route), path.partition("?")[0])
    ]
    return min(matching, key=lambda route: route.count("{"))


def shown_by_the_table() -> frozenset[str]:
    """Return the pages to which somebody with a browser is let in, in the closed chapter."""
    known = table()
    return frozenset(
        route
        for route in page_routes(known)
        if route != LEADS_ON
        and any(cell in LET_IN for role, cell in known["GET", route].items() if role[:2] != "t:")
    )


def closed_scene(stage: Stage, address: str) -> Scene:
    """Return every page of the application, as every role that has a browser."""
    cookies = {
        role: dict([one.split("=", 1)] if (one := sent.get("cookie")) else [])
        for role, sent in stage.headers.items()
        if role in ROLES and "authorization" not in sent
    }
    scene = Scene(stage.town, address, cookies, stage.town.stranger())
    known = table()
    for route in page_routes(dict.fromkeys(routes(stage))):
        try:
            path, row = fill(stage, route), known["GET", route]
        except KeyError as lacking:
            pytest.fail(f"GET {route}: neither an example nor a row for {lacking}", pytrace=False)
        scene.places += [Place(route, role, path, row[role]) for role in cookies]
    scene.needed = shown_by_the_table()
    return scene


async def open_scene(town: Town, address: str) -> Scene:
    """Let an open chapter live for sixteen days."""
    ana, ben, eva, pat = [*[await town.person() for _ in range(3)], await _signed_up(town)]
    path = await town.founded(ana, ben, eva, template="town")
    await town.join(ana, pat, path)
    await ana.send(f"{path}/you", "/people/name", name=f"Ana {LONG[:50]}")
    members = ana, ben, eva, pat
    helped = await _guarded(town, path, ana, (ben, eva, pat))

    hours = await _proposed(ana, path, "question", title="Later hours", text="Until *nine*.")
    where = await _proposed(
        ben, path, "options", title=f"Where? {LONG}", text="Choose.", options=f"Café\n{LONG}\nPark"
    )
    alone = await _proposed(eva, path, "question", title="Fewer meetings", text="One a month.")
    await eva.send(f"{alone}/withdraw", "/withdraw")
    said = await _discussed(members, hours)
    await _supported(members, where)
    await town.pass_time(days=7)
    await town.pass_time(days=1)
    for one, vote in zip(members, ["1", "1", "-1", "0"], strict=True):
        await one.send(hours, "/vote", vote=vote)
        await one.send(where, "/vote", vote=["0", "2"])
    rule = {"rule": "quorum", "quorum": "33.3"}
    dates = await _proposed(ben, path, "bylaws?rule=quorum", title="Fewer", text="Lower.", **rule)
    await _supported(members, dates)
    await town.pass_time(days=5)
    for one in members:
        await town.stepped_up(one)
    await ana.send(f"{hours}/task", "/task", task="Tell people", day="2026-04-01")
    await ben.send(
        f"{hours}/outcome", "/outcome", result="standstill", again="with_changes",
        expected="Full evenings", happened="Two came",
    )  # fmt: skip
    garden = await _proposed(eva, path, "question", title="A garden", text=f"Let us dig. {LONG}")
    words = await _discussed(members, garden)
    await ben.send(f"{garden}/moderate?of={words[-1]}", "/moderate", how="hide", reason="Be kind.")
    await town.pass_time(days=2)
    await town.pass_time(days=1)
    await ana.send(dates, "/vote", vote="1")
    idea = await _proposed(pat, path, "question", title="An idea", text="Just that.")
    new, applicant = await town.person(), await town.person()
    await applicant.send(path, "/apply")
    forming = await _forming(town, ana, ben, eva)
    disputed, there = await _disputed(town)
    async with writing(town.node.engine) as db:
        secret = await operator_sessions.issue_link(db, town.clock.now())
    people = {"lead": ana, "facilitator": ben, "member": eva, "phrase": pat, "new": new}
    people |= {"applicant": applicant, "disputed": disputed}
    for one in people.values():
        await town.stepped_up(one)
    await add_passkey(pat.client, SoftKey(), f"the key in the drawer {LONG}")

    cookies = {who: {"civic": one.client.cookies["civic"]} for who, one in people.items()}
    scene = Scene(town, address, cookies | {"out": {}}, town.stranger())
    scene.needed = frozenset(page_routes(table())) - shown_by_the_table()
    pages = [
        *("/", path, f"{path}/proposals", f"{path}/people", f"{path}/record", f"{path}/audit"),
        *(hours, f"{hours}/votes", f"{hours}/way"),
        *(f"{hours}/entries", where, f"{where}/votes", alone, dates, f"{dates}/versions/1"),
        *(f"{hours}/said/for", f"{hours}/w/{said[0]}", garden, f"{path}/moderation"),
        f"/operator/enter/{secret}",
    ]
    for who in ("out", "lead", "member", "applicant"):
        scene.places += _each(who, pages)
    inside = [f"{path}/propose", f"{path}/propose/options", f"{garden}/revise", "/account", helped]
    inside += [f"{path}/propose/office", f"{garden}/comment?on={words[0]}", f"{path}/mine"]
    inside += [
        f"{path}/offices",
        idea,
        f"{path}/feeds",
        f"{path}/bylaws",
        f"{path}/people/ties/erase?of=all",
    ]
    inside += [f"{path}/propose/bylaws?rule=quorum&rule=majority", f"{path}/bylaws"]
    inside += ["/account/recovery", "/voice"]
    scene.places += _each("member", inside)
    size = int(max(re.findall(r"/record/(\d+)", await eva.see(f"{path}/record")), key=int))
    scene.places += _each("member", [f"{path}/record/{index}" for index in range(size + 1)])
    for who in ("lead", "facilitator", "member"):
        scene.places += _each(who, [forming, f"{forming}/confirm", f"{forming}/people"])
    waiting = re.search(r"/people/([a-z2-7]{26})/refuse", await ana.see(f"{path}/people"))
    assert waiting is not None
    scene.places += _each("lead", [f"{forming}/constitute", f"{path}/people/{waiting[1]}/refuse"])
    scene.places += _each("lead", [f"{path}/desk", f"{hours}/outcome", f"{hours}/task"])
    scene.places += _each("phrase", ["/", *await _own_pages(pat)])
    scene.places += _each("new", ["/", "/account", "/chapters/new", path])
    levels = f"{there}/levels"
    scene.places += _each("disputed", [levels, f"{levels}/appeal", f"{levels}/stored"])
    return scene


def _each(role: str, paths: list[str]) -> Iterator[Place]:
    # Here each proposal is a page of its own, and each entry of the record is not.
    return (
        Place(re.sub(r"[0-9a-f]{64}|[\w-]{32,}|(?<=record/)\d+", "…", path), role, path)
        for path in paths
    )


async def _proposed(who: Visitor, path: str, kind: str, **fields: Any) -> str:
    asked = f"/propose/{kind}"
    await who.send(path + asked, asked.partition("?")[0], lang="en", **fields)
    assert "/p/" in who.path, kind
    return who.path


async def _supported(members: tuple[Visitor, ...], proposal: str) -> None:
    for one in members:
        if 'action="' + proposal + '/support"' in await one.see(proposal):
            await one.send(proposal, "/support")


async def _discussed(members: tuple[Visitor, ...], proposal: str) -> list[str]:
    """Let members support a proposal and talk about it; return the ids of what they say."""
    await _supported(members, proposal)
    _ana, ben, eva, pat = members
    await ben.send(f"{proposal}/argue/for", "/argue/for", words="People work until six.")
    await eva.send(f"{proposal}/argue/against", "/argue/against", words=f"But {LONG}")
    first = re.findall(r'id="w-([a-z2-7]{26})"', await eva.see(proposal))[0]
    await pat.send(proposal, "/react", to=f"{first}:agree")
    await eva.send(f"{proposal}/comment?on={first}", "/comment", words="Who locks the door?")
    await pat.send(f"{proposal}/comment", "/comment", words="Let us vote, you fools.")
    return re.findall(r'id="w-([a-z2-7]{26})"', await eva.see(proposal))


async def _forming(town: Town, *people: Visitor) -> str:
    """Let people begin a chapter that is not constituted yet."""
    first = people[0]
    await first.send("/chapters/new", "/chapters/new", name="Warsaw", template="circle",
                     visibility="world", understood="yes")  # fmt: skip
    path = first.path
    for one in people[1:]:
        await town.join(first, one, path)
    for one in people:
        await town.stepped_up(one)
        ids = re.findall(r'name="met" value="([a-z2-7]{26})"', await one.see(f"{path}/confirm"))
        await one.send(f"{path}/confirm", "/confirm", met=ids)
    return path


async def _guarded(town: Town, path: str, one: Visitor, others: tuple[Visitor, ...]) -> str:
    """Let somebody make three others their guardians; return where the second one helps them."""
    await town.stepped_up(one)
    chosen = offered(await one.see(f"{path}/guardians"))
    await one.send(f"{path}/guardians", "/guardians", chosen=chosen, who=f"Ana {LONG[:50]}")
    for other in others:
        await agreed(other)
    await one.send("/account/recovery", "/guardians/settle")
    page = await others[1].see("/account/recovery")
    found = re.search(r'href="(/account/recovery/guarding/[^"]+)"', page)
    assert found is not None
    return found[1]


async def _disputed(town: Town) -> tuple[Visitor, str]:
    """Return somebody whose level two verifiers want to end, and their chapter."""
    path, (first, second, third, *verifiers, one, _other) = await village(town)
    code = await shown(one, path)
    for voucher in (first, second, third):
        await vouch(voucher, path, code)
    asked = f"{path}/people/{await id_of(one, path)}/challenge"
    await first.send(asked, "/challenge", text="Met twice, under two names.")
    dispute = re.search(r"/disputes/([a-z2-7]{26})", await verifiers[0].see(f"{path}/verifying"))
    assert dispute is not None
    for verifier in verifiers:
        await verifier.send(f"{path}/disputes/{dispute[1]}", dispute[1], upheld="yes")
    return one, path


async def _signed_up(town: Town) -> Visitor:
    """Return somebody with a passphrase and a phone."""
    one = town.stranger()
    page = await one.send("/sign-up", "/sign-up", passphrase=PASSPHRASE, repeated=PASSPHRASE)
    secret = re.search(r"secret=([A-Z2-7]{32})", unescape(page))
    assert secret is not None
    code = pyotp.TOTP(secret[1]).at(town.clock.now())
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    sent = {name: unescape(value) for name, value in fields.items()} | {"code": code}
    done = await one.client.post("/sign-up/confirm", data=sent)
    assert done.status_code == 303
    return one


async def _own_pages(who: Visitor) -> list[str]:
    """Return the pages of an account's ways to sign in and devices."""
    page = await who.see("/account")
    own = set(re.findall(r'href="(/account/(?:authenticators|devices)/[^"]+)"', page))
    ways = [f"{one}/remove" for one in own if "authenticators/" in one and "/new" not in one]
    assert len(own) >= 2
    return sorted({*own, *ways, "/account"})
