"""One closed chapter with somebody in every role, and requests that leave no trace."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg.transaction
import msgspec
import pytest
from litestar import Litestar
from nacl.signing import SigningKey

from civic.digest import subscriptions
from civic.digest.subscriptions import LENGTH, MailKeys, Subscription
from civic.kernel.database import reading, writing
from civic.kernel.record import store
from civic.kernel.web.asgi import protected
from civic.operate import operator_sessions
from identity import access_tokens, sessions
from identity.scopes import Scope
from tests.returning import ask, confirm, member_of
from tests.roles import Stage
from tests.town import Town, Visitor, offered, town

FOUNDERS: Final = 5

_CHANGED: Final = """
    SELECT relname, n_tup_ins + n_tup_del AS moved, n_tup_upd AS updated
    FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_del + n_tup_upd > 0
"""
_NOTES: Final = frozenset({"log", "access_token", "session", "operator_session"})
"""Where an update alone says that a tick has begun, or when something was used last."""


_MAIL: Final[dict[str, Any]] = {
    "CIVIC_SMTP_URL": "smtp://localhost",
    "CIVIC_MAIL_FROM": "notes@example.org",
}


class NotKept(Exception):
    """Something would have been written."""


@asynccontextmanager
async def chapter_of_all_roles(url: str, data: Path, **more: Any) -> AsyncIterator[Stage]:
    """Open a node with the chapter; `more` are further settings."""
    patch = pytest.MonkeyPatch()
    kept: list[Litestar] = []

    def keep(app: Litestar, pages: Any) -> Any:
        kept.append(app)
        return protected(app, pages)

    patch.setattr("civic.app.protected", keep)
    # The people of this town have no authenticators, so none are asked for.
    patch.setattr("civic.pages.levels.AUTHENTICATORS", 0)
    try:
        # Nothing is sent here; only the pages of mails are there.
        async with town(url, data, **_MAIL, **more) as opened:
            yield await _prepare(opened, kept[0])
    finally:
        patch.undo()


@asynccontextmanager
async def stage(url: str, data: Path) -> AsyncIterator[Stage]:
    """Open a node with the chapter; from then on nothing is written any more."""
    patch = pytest.MonkeyPatch()
    async with chapter_of_all_roles(url, data) as made:
        commit = asyncpg.transaction.Transaction.commit
        rollback = asyncpg.transaction.Transaction.rollback
        start = asyncpg.transaction.Transaction.start

        async def begin(transaction: Any) -> None:
            await start(transaction)
            # Else the counts of transactions that were undone stand among this one's.
            await transaction._connection.fetch("SELECT pg_stat_force_next_flush()")

        async def refuse(transaction: Any) -> None:
            rows = await transaction._connection.fetch(_CHANGED)
            changed = [row for row in rows if row["relname"] != "attempt"]
            if any(row["moved"] or row["relname"] not in _NOTES for row in changed):
                made.written = True
                raise NotKept
            # How often something was tried does not count here, so it is not kept either.
            await (commit if changed else rollback)(transaction)

        patch.setattr(asyncpg.transaction.Transaction, "start", begin)
        patch.setattr(asyncpg.transaction.Transaction, "commit", refuse)
        try:
            yield made
        finally:
            patch.undo()


async def _prepare(opened: Town, litestar: Litestar) -> Stage:
    founders = [await opened.person() for _ in range(FOUNDERS)]
    lead, facilitator, third, verifier, second = founders
    path = await _found(opened, founders)
    joined = [await opened.person() for _ in range(4)]
    one, zero, suspended, kim = joined
    for other in joined:
        await opened.join(lead, other, path)
    members = {"led": lead, "fac": facilitator, "m2": third, "ver": verifier, "v2": second}
    members |= {"m1": one, "m0": zero, "sus": suspended, "kim": kim}
    ids = {}
    for role, who in members.items():
        found = await who.client.get(f"/api/v1/chapters/{path[3:]}/members/me")
        ids[role] = re.findall(r'"([a-z2-7]{26})"', found.text)[0]
        await who.send(f"{path}/you", "/people/name", name=f"Name of {role}")
    made = Stage(opened, litestar, path, {**members, "out": opened.stranger()}, ids, {})
    made.people["gone"] = await _handed_over(opened, lead, path, (verifier, second))
    for who in members.values():
        await opened.stepped_up(who)
    await _climb(made)
    await _object(made)
    applicant = await opened.person()
    await opened.pass_time(minutes=70)
    await opened.pass_time(minutes=10)
    await applicant.send(path, "/apply")
    neighbours = [await opened.person() for _ in range(3)]
    await opened.founded(*neighbours, visibility="chapter")
    made.people |= {"app": applicant, "nbr": neighbours[0], "new": await opened.person()}
    await opened.pass_time(minutes=20)
    # What the node hands in at the beginning of a tick is done now, not by who asks first.
    await third.send(f"{path}/you", "/people/name", name="Name of m2 now")
    await _sign(made)
    await _name_all(made)
    return made


async def _handed_over(
    opened: Town, lead: Visitor, path: str, verifiers: tuple[Visitor, Visitor]
) -> Visitor:
    """Let a member come back to a new account; return who still has the one before."""
    old, new = await opened.person(), await opened.person()
    await opened.join(lead, old, path)
    await ask(opened, new, path, await member_of(opened, old, path), SigningKey.generate())
    await confirm(opened, path, *verifiers)
    await opened.pass_time(days=3)
    await opened.pass_time(minutes=20)
    await new.send(f"{path}/you", "/people/name", name="Name of who came back")
    return old


async def _found(opened: Town, founders: list[Visitor]) -> str:
    first = founders[0]
    await first.send("/chapters/new", "/chapters/new", name="Vilnius", template="town",
                     visibility="chapter", understood="yes")  # fmt: skip
    path = first.path
    for other in founders[1:]:
        await opened.join(first, other, path)
    for who in founders:
        page = await who.see(f"{path}/confirm")
        ids = re.findall(r'name="met" value="([a-z2-7]{26})"', page)
        await who.send(f"{path}/confirm", "/confirm", met=ids)
    page = await first.see(f"{path}/constitute")
    ids = re.findall(r'name="founders" value="([a-z2-7]{26})"', page)
    offices = {"lead": ids[0], "facilitator": ids[1], "verifier": ids[3], "second": ids[4]}
    await first.send(
        f"{path}/constitute", "/constitute", **(offered(page) | {"founders": ids} | offices)
    )
    return path


async def _climb(made: Stage) -> None:
    """Vouch for two, see one of them, open a case for the other, and dispute their level."""
    path, people = made.path, made.people
    for name in ("kim", "m1"):
        page = await people[name].send(f"{path}/levels", "/levels/code")
        code = re.search(r"<code>(\d{4}) (\d{4})</code>", page)
        assert code is not None
        for voucher in ("led", "fac", "m2"):
            asked = f"{path}/levels/vouch"
            page = await people[voucher].send(asked, "/levels/vouch", code=code[1] + code[2])
            fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
            sent = await people[voucher].client.post(asked, data=fields | {"met": "yes"})
            assert sent.status_code == 303
        await people[name].send(f"{path}/levels/verify", "/levels/verify")
        desk = await people["ver"].see(f"{path}/verifying")
        number = re.findall(r"/verifying/([a-z2-7]{26})", desk)[0]
        made.values["{number:str}"] = number
        if name == "kim":
            for who in ("ver", "v2"):
                await people[who].send(f"{path}/verifying/{number}", number, way="document")
    asked = f"{path}/people/{made.ids['m1']}/challenge"
    await people["led"].send(asked, "/challenge", text="Met twice, under two names.")


async def _object(made: Stage) -> None:
    """Suspend somebody, propose something, let it be discussed, and invite somebody."""
    path, people = made.path, made.people
    asked = f"{path}/people/{made.ids['sus']}/suspend"
    await people["led"].send(asked, "/suspend", days="14", reason="Shouted at two meetings.")
    await people["ver"].send(f"{path}/suspensions", "/suspensions/agree")
    await people["m2"].send(f"{path}/propose/question", "/propose/question",
                            title="A garden", text="For all of us.", lang="en")  # fmt: skip
    proposal = people["m2"].path
    for name in ("m0", "m1"):
        await people[name].send(proposal, "/support")
    await made.town.pass_time(minutes=70)
    await people["m2"].send(f"{proposal}/argue/for", "/argue/for", words="Tomatoes of our own")
    page = await people["m2"].see(proposal)
    said = re.search(r'id="w-([a-z2-7]{26})"', page)
    assert said is not None
    await people["m2"].send(f"{proposal}/comment", "/comment", words="Out of order")
    ids = re.findall(r'id="w-([a-z2-7]{26})"', await people["m2"].see(proposal))
    other = next(one for one in ids if one != said[1])
    await made.town.stepped_up(people["led"])
    await people["led"].send(
        f"{proposal}/moderate?of={other}", "/moderate", how="hide", reason="Keep to the matter."
    )
    page = await people["led"].send(f"{path}/people", "/people/invite")
    link = re.search(r"/join/([\w-]+)", page)
    assert link is not None
    made.values |= {
        "{proposal_id:str}": proposal.rpartition("/")[2],
        "{proposal:str}": proposal.rpartition("/")[2],
        "{matter:str}": proposal.rpartition("/")[2],
        "{statement_id:str}": said[1],
        "{statement:str}": said[1],
        "/join/{secret:str}": f"/join/{link[1]}",
    }


async def _sign(made: Stage) -> None:
    """Give everybody what they come with; all but one proved a factor just now."""
    node, now = made.town.node, made.town.clock.now()
    lead = made.people["led"]
    token = lead.client.cookies["civic"]
    async with reading(node.engine) as db:
        me = await sessions.load(db, token, now)
    assert me is not None
    async with writing(node.engine) as db:
        old = await sessions.start(
            db, me.account_id, me.data_key, now, fresh=False, by="passphrase"
        )
        for scope in Scope:
            of = await access_tokens.make(db, me, "test", frozenset({scope}), 7, now)
            bearer = {"authorization": f"Bearer {of.token}"}
            made.headers[f"t:{scope[0]}"] = bearer
        secret = await operator_sessions.issue_link(db, now)
        operator = await operator_sessions.redeem(db, secret, now)
        chapters = (made.path[3:],)
        wanted = Subscription("ana@example.net", chapters, "en", "UTC", "m" * LENGTH)
        await subscriptions.ask(db, MailKeys.of(node.key_files), wanted, now.date(), mail=False)
    for role, who in made.people.items():
        if role != "out":
            await made.town.stepped_up(who)
            made.headers[role] = {"cookie": f"civic={who.client.cookies['civic']}"}
    made.headers["op"] = {"cookie": f"civic-operator={operator}"}
    made.headers |= {"out": {}, "old": {"cookie": f"civic={old}"}}


async def _name_all(made: Stage) -> None:
    """Find what else the paths of routes can name."""
    path = made.path
    async with reading(made.town.node.engine) as db:
        head = await store.find_chapter(db, path[3:])
        assert head is not None
        raws = [raw async for _, raw, _ in store.entries(db, head.no, 0, head.size)]
    entries = [msgspec.json.decode(raw) for raw in raws]

    def first(kind: str) -> Any:
        return next(one["body"] for one in entries if one["kind"] == f"chapters.{kind}")

    dispute = first("challenged")["id"]
    hiding = next(
        one["body"]["id"] for one in entries if one["kind"] == "deliberation.words_hidden"
    )
    lead = next(one for one in first("constituted")["offices"] if one["office"] == "lead")
    made.entries = entries
    made.papers = sorted(
        digest
        for one in entries
        for name in ("paper", "papers", "case")
        if (found := one["body"].get(name))
        for digest in ([found] if isinstance(found, str) else found)
    )
    made.values |= {
        "{suspension:str}": first("suspension_asked")["id"],
        "{hiding_id:str}": hiding,
        "{hiding:str}": hiding,
        "{of:str}": "a" * 26,
        "{office_id:str}": lead["id"],
        "{office:str}": lead["id"],
        "{own_id:str}": dispute,
        "{dispute:str}": dispute,
        "/guarding/{own:str}": "/guarding/" + "a" * 26,
        "/enter/{secret:str}": "/enter/nothing",
        "/mail/{secret:str}": "/mail/" + "m" * LENGTH,
        "{address:str}": "0" * 64,
        "{webhook:str}": "a" * 26,
        "{digest:str}": entries[0]["content"][0],
        "chapter_id": path[3:],
        "log_id": head.log_id,
        "member_id": made.ids["m0"],
        "side": "for",
        "kind": "question",
        "/said/{kind:str}": "/said/for",
        "number": "1",
        "index": "1",
        "accent": "1",
        "code": "web.not_found",
        "paper": "0" * 64,
        "task": "a" * 26,
        "authenticator": "passphrase",
        "device": "0" * 64,
        "file:path": "civic.css",
        "rest:path": "0/000.p/1",
        "room": "reading",
        "change": "a" * 26,
        "token": "0" * 64,
        "/open/{name:str}": "/open/0.tlog-proof",
        "/receipt/{name:str}": "/receipt/0.tlog-proof",
    }
