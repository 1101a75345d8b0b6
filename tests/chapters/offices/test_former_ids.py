"""One id, one thing, for ever: what founders name cannot stand in the way of what comes of time."""

from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from chapters import entries as e
from chapters.bylaws import DAY
from chapters.offices.entries import ActingLeadGiven
from chapters.state import of
from civic.deeds import chapter as deeds
from civic.deeds.person import Desk
from civic.kernel.clock import SetClock, minute_of
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.entry import due_key, made_id, node_id, when
from civic.projections import PROJECTIONS
from tests.acts import made
from tests.first_day import FIRST_DAY
from tests.lives import START, Life, done, good, make_book


async def test_a_founder_who_foresees_an_id_stops_nothing(
    database: AsyncEngine, tmp_path: Path
) -> None:
    """A first office has the id that whoever steps in for the lead would get, and ends before."""
    clock = SetClock(START)
    desk = Desk(make_book(database, tmp_path, clock, PROJECTIONS))
    founding = good(
        await deeds.found(
            desk, name="Vilnius", lang="en", template="town", idempotency="found", bylaws=FIRST_DAY
        )
    )
    founder = founding.founder
    async with reading(database) as db:
        head = await store.head(db, founder.log)
    everyone = [founder]
    for number in range(2):
        secret = good(await deeds.invite(desk, founder))
        person, outcome = await deeds.join(desk, head, secret, f"join-{number}", None)
        done(outcome)
        everyone.append(person)
    for one in everyone:
        met = [other.member for other in everyone if other is not one]
        done(await deeds.confirm(desk, one, met, f"confirm-{one.member}"))
    start = minute_of(clock.now())
    missed = start + 60 * DAY + 30 * DAY
    foreseen = made_id(due_key(head.log_id, missed, node_id(head.log_id)), 0)
    terms: list[tuple[str, Any, int, int]] = [
        (made("the lead's"), "lead", 0, 60),
        (foreseen, "facilitator", 1, 20),
        (made("one verifier's"), "verifier", 1, 300),
        (made("other verifier's"), "verifier", 2, 300),
    ]
    offices = tuple(
        e.OfficeTerm(own, role, everyone[who].member, when(start + days * DAY))
        for own, role, who, days in terms
    )
    body = e.Constituted(tuple(sorted(one.member for one in everyone)), offices)
    good(await desk.by_founder(founder, body, "constitute"))
    life = Life(desk, clock, founding.chapter_id, head.no, head.log_id, everyone)
    await life.pass_time(days=61)
    await life.pass_time(days=30)
    raws = await life.entries()
    acting = [raw for raw in raws if ActingLeadGiven.kind.encode() in raw]
    assert len(acting) == 1
    assert foreseen.encode() not in acting[0]
    done(await deeds.set_name(desk, everyone[2], "Ona", "en", "a name of her own"))
    state = await desk.book.ask(head.no, lambda known: of(known))
    assert [one.role for one in state.offices.values()].count("lead") == 1
