"""The demonstration played for real: it ends as its stories say, and its records are honest."""

import asyncio
from collections import Counter
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.state import of as chapter_of
from civic.audit.run import audit_record
from civic.demo.colours import APART
from civic.demo.command import play
from civic.demo.folder import Mark
from civic.demo.guests import issue_links
from civic.demo.story import Proposal, stories
from civic.kernel.clock import SystemClock, minute_of
from civic.kernel.database import reading, writing
from civic.kernel.record import store, ties
from civic.kernel.record.bundle import Bundle
from civic.kernel.record.content import read_words
from civic.kernel.record.entry import minute
from civic.kernel.web.accents import accent_index
from civic.node import Node, open_node
from civic.operate.export import export_chapter
from civic.rebuild import differences
from deliberation.state import of as deliberation_of
from identity import links, sessions


@pytest.mark.slow
async def test_the_play_ends_as_the_stories_say(database_url: str, data: Path) -> None:
    now = SystemClock().now()
    mark = await play(database_url, data, stories(), now, "code")
    async with open_node(database_url, data) as node:
        for chapter, story in zip(mark.chapters, stories(), strict=True):
            entries = await records(node.engine, chapter.id)
            assert all(minute(entry["at"]) <= minute_of(now) for entry in entries)
            assert ends(entries) == {plot.title: plot.ends for plot in story.proposals}
            kinds = Counter(entry["kind"] for entry in entries)
            assert kinds["record.outage"] == 1
            assert kinds["chapters.appealed"] == len(story.suspended)
            assert kinds["chapters.acting_lead_given"] == len(story.resigned)
            await members_are(node, chapter.id, story.members, story.applicants)
            if story.ladder:
                # Founders once, then most of the others by vouches and two verifiers.
                assert kinds["chapters.founders_seen"] == 1
                assert kinds["chapters.vouched"] > story.members // 2
                assert kinds["chapters.vouched"] - kinds["chapters.verified"] < 5
            await audits_clean(node, chapter.id, data / chapter.slug)
        look_different([chapter.id for chapter in mark.chapters])
        assert await differences(node.engine) == []
        await guests_can_enter(node, mark, now)
        await the_node_goes_on(node)


def look_different(chapters: list[str]) -> None:
    accents = [accent_index(bytes.fromhex(one)) for one in chapters]
    for a, b in combinations(accents, 2):
        assert min((a - b) % 12, (b - a) % 12) >= APART


async def records(engine: AsyncEngine, chapter_id: str) -> list[Any]:
    async with reading(engine) as db:
        head = await store.find_chapter(db, chapter_id)
        assert head is not None
        found = [entry async for entry in store.entries(db, head.no, 0, head.size)]
        entries = [msgspec.json.decode(raw) for _, raw, _ in found]
        for entry in entries:
            if entry["kind"] == "deliberation.proposed":
                stored = await store.content(db, head.no, entry["content"][0])
                assert stored is not None
                assert stored[0] is not None
                entry["title"] = read_words(stored[0]).text
    return entries


def ends(entries: list[Any]) -> dict[str, str]:
    """How each proposal stands, told from its entries alone."""
    titles: dict[str, str] = {}
    standing: dict[str, str] = {}
    for entry in entries:
        kind, body = entry["kind"].removeprefix("deliberation."), entry["body"]
        if kind == "proposed":
            titles[body["id"]] = entry["title"]
            standing[body["id"]] = "support"
        elif kind == "decided":
            standing[body["proposal"]] = body["outcome"]
        elif kind in PHASES:
            standing[body["proposal"]] = PHASES[kind]
    return {titles[own]: phase for own, phase in standing.items()}


PHASES = {
    "discussion_opened": "discussion",
    "frozen": "notice",
    "vote_called": "vote",
    "returned": "returned",
    "lapsed": "lapsed",
    "withdrawn": "withdrawn",
}


async def members_are(node: Node, chapter_id: str, active: int, applicants: int) -> None:
    async with reading(node.engine) as db:
        head = await store.find_chapter(db, chapter_id)
        assert head is not None
    state = await node.book.ask(head.no, lambda state: state)
    chapter = chapter_of(state)
    assert chapter.active + chapter.suspended == active
    waiting = [one for one in chapter.members.values() if one.state == "applied"]
    assert len(waiting) == applicants
    for own, proposal in deliberation_of(state).proposals.items():
        assert proposal.words, own


async def audits_clean(node: Node, chapter_id: str, to: Path) -> None:
    await export_chapter(node.engine, chapter_id, to)
    async with reading(node.engine) as db:
        head = await store.find_chapter(db, chapter_id)
        assert head is not None
        papers = await ties.all_papers(db, node.book.vault, head.no)

    def audit() -> Any:
        with Bundle.open(to) as bundle:
            return audit_record(bundle, chapter=chapter_id, papers=papers)

    report = await asyncio.to_thread(audit)
    assert report.findings == ()
    assert report.status == 0


async def guests_can_enter(node: Node, mark: Mark, now: datetime) -> None:
    chapters = {chapter.id for chapter in mark.chapters}
    issued = await issue_links(node, mark.guests, "http://localhost:8000", now)
    entered = []
    for guest, link in issued:
        assert link.startswith("http://localhost:8000/enter/")
        async with writing(node.engine) as db:
            token = await links.redeem(db, link.rpartition("/")[2], now)
        async with reading(node.engine) as db:
            known = await sessions.load(db, token, now)
        assert known is not None
        assert known.account_id == guest.account_id
        assert {one.chapter_id for one in known.vault.memberships} <= chapters
        entered.append(len(known.vault.memberships))
    assert entered == [1, 1, 1, 2, 0]


async def the_node_goes_on(node: Node) -> None:
    async with reading(node.engine) as db:
        heads = await store.all_logs(db)
    for head in heads:
        await node.book.tick(head.no)


def test_a_plot_counts_its_votes() -> None:
    fields = {"slug": "x", "begins": -1, "ends": "vote", "title": "x", "text": "x"}
    plain = msgspec.convert({**fields, "votes": (2, 1, 1)}, Proposal)
    assert plain.answers() == [1, 1, -1, 0]
    options = msgspec.convert(
        {**fields, "options": ("a", "b"), "ballots": ((1, 0), (2, 0, 1), (1,))}, Proposal
    )
    assert options.answers() == [1, 3, 3, 0]
