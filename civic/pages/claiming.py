"""A member comes to a node that has only the record: claiming, and what is one's own in it.

A node that keeps no ties cannot know which voices are whose. What is under voice and row ids is
sent as it is for every member, and the browser finds its own by the ids it derives from the seed.
"""

import base64
from collections import defaultdict
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic import claims
from civic.kernel.record import browse, store
from civic.kernel.web.forms import blank
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, see_other
from civic.pages import queries as own_queries
from civic.pages.record import Told, told
from civic.pages.visit import Asked, ChapterVisit, Page, chapter_page, visiting
from identity.web import must_be_signed_in

MATTERS: Final = 20
"""Matters whose acts are sent at once."""


class Act(msgspec.Struct, frozen=True):
    """An act under a voice id: its entry and what it says in words."""

    index: int
    by: str
    words: str


class Row(msgspec.Struct, frozen=True):
    """What counts under a row id: its entry, and whether it is a vote or a reaction."""

    index: int
    by: str
    words: str


class MatterActs(msgspec.Struct, frozen=True):
    """All that was done in a matter under ids of its own."""

    id: str
    title: str
    acts: list[Act]
    rows: list[Row]


class OwnActs(msgspec.Struct, frozen=True):
    """Some matters of a chapter; `next` is where the following ones begin, empty at the end."""

    log_id: str
    matters: list[MatterActs]
    next: str


@get("/c/{chapter_id:str}/claim")
async def ask_claim(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask for the sheet with which somebody joined elsewhere."""
    known = await must_be_signed_in(request)
    async with visiting(request, chapter_id) as visit:
        first = [raw async for _index, raw, _leaf in store.entries(visit.db, visit.line.log, 0, 1)]
    if visit.own is not None and visit.own.state in ("active", "suspended", "applied"):
        return see_other(request, f"{visit.path}/mine", _("You are known here already."), "note")
    return _page(
        visit,
        "chapters/claim.html",
        form=blank(),
        log=visit.chapter.log_id,
        nonce=claims.challenge(known, visit.chapter.log_id, visit.now),
        founding=base64.b64encode(first[0]).decode(),
        empty=not known.vault.memberships,
    )


@get("/c/{chapter_id:str}/mine")
async def mine(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show what somebody did under their member id; their browser adds voices and rows."""
    known = await must_be_signed_in(request)
    async with visiting(request, chapter_id) as visit:
        membership = known.vault.membership(chapter_id)
        if membership is None or visit.own is None:
            return see_other(request, f"{visit.path}/claim")
        rows = await browse.acts_by(visit.db, visit.line.log, [membership.member_id])
    return _page(
        visit,
        "chapters/mine.html",
        acts=[told(row) for row in rows],
        member_id=membership.member_id,
        now=visit.now,
    )


@get("/c/{chapter_id:str}/mine/acts")
async def acts(request: Asked, chapter_id: FromPath[str]) -> Response[OwnActs]:
    """Send all that was done in some matters, for the browser to find in it what is its own."""
    await must_be_signed_in(request)
    after = request.query_params.get("after", "")[:26]
    async with visiting(request, chapter_id) as visit:
        if visit.own is None or not visit.reads_all:
            raise NotFoundException
        log = visit.line.log
        titles = await own_queries.matters_after(visit.db, log, after, MATTERS)
        ids = list(titles)
        spoken: dict[str, list[Told]] = defaultdict(list)
        for row in await own_queries.spoken(visit.db, log, ids):
            spoken[row.line.matter or ""].append(told(row))
        cast = await own_queries.rows_of(visit.db, log, ids)
    words = {"vote": _("Voted"), "reaction": _("Reacted")}
    matters = [
        MatterActs(
            one,
            title or _("An erased title"),
            [Act(each.index, each.by_id, each.words) for each in spoken[one]],
            [Row(index, by, words[what]) for of, index, by, what in cast if of == one],
        )
        for one, title in titles.items()
    ]
    found = OwnActs(visit.chapter.log_id, matters, ids[-1] if len(ids) == MATTERS else "")
    return Response(found, headers={"cache-control": NO_STORE})


def _page(visit: ChapterVisit, template: str, **view: Any) -> Page:
    return chapter_page(
        visit,
        template,
        "chapter",
        replica=visit.line.replica,
        **view,
    )


HANDLERS: Final = [ask_claim, mine, acts]
