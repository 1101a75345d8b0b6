"""The alarm about vouches: who is listed, where the list lies, and who gets to see it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.alarms import queries
from chapters.alarms.tables import alarm
from chapters.alarms.trust import low, trust
from chapters.tables import confirmation, member
from civic.kernel.database import reading, writing
from civic.vouch_alarm import look_at_vouches
from tests.civic.pages.test_outsiders import open_chapter
from tests.ladder import give, ladder
from tests.lives import Life
from tests.town import Town, town


def node_of(life: Life) -> Any:
    return SimpleNamespace(engine=life.desk.book.engine, clock=life.clock, book=life.desk.book)


async def looked(life: Life) -> queries.Looked | None:
    async with reading(life.desk.book.engine) as db:
        return (await queries.alarms(db, life.desk.book.vault, life.log, 0)).looked


async def test_the_papers_make_the_graph(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys")
    ann, ben, cem, dia, _eva, fox, *_ = life.people
    for voucher in (ann, ben, cem):
        await give(life, fox, voucher)
    async with reading(life.desk.book.engine) as db:
        met = await queries.met(db, life.desk.book.vault, life.log)
    pairs = {frozenset(edge) for edge in met.edges}
    assert {frozenset({one.member, fox.member}) for one in (ann, ben, cem)} <= pairs
    assert frozenset({dia.member, fox.member}) not in pairs
    assert ann.member in met.well_known
    assert fox.member not in met.well_known
    assert low(trust(met.edges, met.well_known), met.present) == ()


async def test_it_looks_once_a_day_and_keeps_the_list_under_seal(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await ladder(database, tmp_path / "keys")
    *_rest, fox = life.people
    assert await looked(life) is None
    await look_at_vouches(node_of(life), life.log)
    first = await looked(life)
    assert first is not None
    assert (first.day, first.members) == (life.clock.now().date(), ())
    await _invent_around(life, fox.member)
    await look_at_vouches(node_of(life), life.log)
    assert await looked(life) == first
    await life.pass_time(days=1)
    await look_at_vouches(node_of(life), life.log)
    second = await looked(life)
    assert second is not None
    assert second.day > first.day
    # Only present members are listed, not who vouched for them or stands beside them.
    assert second.members == (fox.member,)
    async with reading(life.desk.book.engine) as db:
        (row,) = (await db.execute(alarm.select())).all()
    assert not any(one.member.encode() in row.sealed for one in life.people)


async def _invent_around(life: Life, member_id: str) -> None:
    """Let a village stand around the founders, and an invented one, behind one path, around one."""
    founder = life.people[0].member
    village = [f"v{number}" for number in range(30)]
    invented = [member_id, *(f"i{number}" for number in range(9))]
    pairs = [(founder, one) for one in village[:6]]
    pairs += [(one, village[(at + by) % 30]) for at, one in enumerate(village) for by in (1, 3, 7)]
    pairs += [(one, other) for one in invented for other in invented if one < other]
    pairs.append((village[20], invented[-1]))
    rows = [{"log": life.log, "member": one, "met": other} for one, other in pairs]
    async with writing(life.desk.book.engine) as db:
        await db.execute(insert(confirmation), rows)


async def test_verifiers_and_leads_see_the_list_and_nobody_else(
    database_url: str, data: Path
) -> None:
    async with town(database_url, data) as vilnius:
        await see_the_list(vilnius)


async def see_the_list(vilnius: Town) -> None:
    """Look at the page as everybody."""
    path, (ana, ben, eva) = await open_chapter(vilnius, "world")
    fay = await vilnius.person()
    await vilnius.join(ana, fay, path)
    await fay.send(f"{path}/you", "/people/name", name="Fay Example")
    assert "has not looked yet" in await ana.see(f"{path}/alarms")
    me = (await fay.client.get(f"/api/v1{path.replace('/c/', '/chapters/')}/members/me")).json()
    node = vilnius.node
    async with reading(node.engine) as db:
        log = await db.scalar(text("SELECT no FROM record.log"))
    today = node.clock.now().date()
    async with writing(node.engine) as unit:
        await queries.keep(unit, node.book.vault, log, queries.Looked(today, (me["member"],)))
    for visitor in (ana, ben, eva):
        page = await visitor.see(f"{path}/alarms")
        assert "Fay Example" in page
        assert "never a reason to exclude" in page
        assert "<form" not in page.split("<main")[1].split("</main")[0]
    assert "Reasons to look" not in await fay.see(f"{path}/alarms", 404)
    for visitor in (vilnius.stranger(), await vilnius.person()):
        answer = await visitor.client.get(f"{path}/alarms")
        assert answer.status_code in (303, 403)
    # Who has left is not listed any more.
    async with writing(node.engine) as unit:
        await unit.execute(update(member).where(member.c.id == me["member"]).values(state="left"))
    assert "Fay Example" not in await ana.see(f"{path}/alarms")
