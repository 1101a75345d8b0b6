"""`civic demo`: make the demonstration if there is none yet, export it, serve it."""

import argparse
import asyncio
import os
import shutil
import socket
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import uvloop

from civic.demo import folder, guests, story
from civic.demo.play import Play, start_of
from civic.kernel import migrate
from civic.kernel.clock import SystemClock, minute_of
from civic.kernel.postgres import EmbeddedPostgres, PostgresError
from civic.kernel.system_user import SystemUserError, first_closed, is_root, unprivileged_user
from civic.node import Node, code_digest, open_node
from civic.operate.export import export_chapter
from civic.operate.place import OperationError, complain, say
from civic.operate.progress import bar
from civic.publication import publish
from civic.rebuild import rebuild_views
from civic.settings import Settings
from civic.supervisor import Supervisor, SupervisorError

FOLDER: Final = "civic-demo"
"""The data folder, unless CIVIC_DATA names one."""
ROOTS_FOLDER: Final = Path("/var/lib/civic-demo")
"""The data folder of root, where the usual one cannot be reached by PostgreSQL's user."""

TICK: Final = 10
"""Minutes in a tick of the chapters of the demonstration, as their templates have it."""

Issued = list[tuple[folder.Guest, str]]


def run(given: argparse.Namespace) -> int:
    """Make, export and serve the demonstration; return the exit status."""
    try:
        settings = demo_settings(os.environ)
        with folder.held(settings.data, settings.run_as):
            return _run(settings, serve=not given.no_serve, export=given.export)
    except (OperationError, PostgresError, SupervisorError, SystemUserError) as error:
        complain(f"civic demo: {error}")
        return 1


def demo_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings of a demonstration: a folder and a database of its own, loopback only."""
    given = {name: value for name, value in environment.items() if value}
    given.pop("CIVIC_DATABASE_URL", None)
    given["CIVIC_DEMO"] = "1"
    given.setdefault("CIVIC_URL", f"http://localhost:{given.get('CIVIC_PORT', '8000')}")
    if is_root():
        given.setdefault("CIVIC_RUN_AS", unprivileged_user())
    if "CIVIC_DATA" not in given:
        given["CIVIC_DATA"] = FOLDER
        here = Path.cwd()
        # PostgreSQL never runs as root, and root's own folders are closed to everybody else.
        if is_root() and first_closed(here, given["CIVIC_RUN_AS"]) is not None:
            given["CIVIC_DATA"] = str(ROOTS_FOLDER)
    return Settings.from_environment(given)


def _run(settings: Settings, *, serve: bool, export: Path | None) -> int:
    if serve:
        check_port(settings)
    mark = folder.read_mark(settings.data)
    if mark is not None and mark.state == "seeding":
        say("The last start was interrupted before the demonstration was whole: it begins anew.")
        folder.clear(settings.data)
        mark = None
    # What a crash takes while the play runs is made again anyway, so nothing waits for the disk.
    quick = {"synchronous_commit": "off"} if mark is None else {}
    postgres = EmbeddedPostgres(settings.data, settings.run_as, settings=quick)
    with postgres.running() as url:
        links = uvloop.run(_prepare(url, settings, mark, export))
    if not serve:
        say(f"The demonstration is in {settings.data}. To visit it: civic demo")
        return 0
    supervisor = Supervisor(settings, rebuild=rebuild_views, quiet=True)
    supervisor.run(lambda url: say(welcome(url, settings.data, links)))
    return 0


def check_port(settings: Settings) -> None:
    """Raise OperationError, with what to do, if the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        other = 8001 if settings.port == 8000 else settings.port + 1
        raise OperationError(
            f"Port {settings.port} cannot be had ({os.strerror(error.errno or 0)}): most likely "
            f"another program uses it. End that one, or choose another port: "
            f"CIVIC_PORT={other} civic demo"
        ) from error


async def _prepare(
    url: str, settings: Settings, mark: folder.Mark | None, export: Path | None
) -> Issued:
    """Make what is missing, write the bundles if asked to, and issue new links."""
    if mark is None:
        mark = await _seed(url, settings)
    else:
        await migrate.upgrade(url, rebuild_views)
        if mark.code != code_digest().hex():
            say(
                f"This demonstration was made by another version of civic. If anything looks "
                f"wrong, remove {settings.data} and start again."
            )
    async with open_node(url, settings.data) as node:
        if export is not None:
            await _export(node, mark, export)
        await publish(node)
        return await guests.issue_links(node, mark.guests, settings.base_url, node.clock.now())


async def _seed(url: str, settings: Settings) -> folder.Mark:
    started = time.monotonic()
    now = SystemClock().now()
    # What outsiders see is a tick behind, so the play ends before the present one begins.
    now -= timedelta(minutes=now.minute % TICK + 1)
    code = code_digest().hex()
    folder.write_mark(settings.data, folder.Mark("seeding", code))
    await migrate.upgrade(url, rebuild_views)
    plots = story.stories()
    people = sum(plot.members for plot in plots)
    say(f"Playing 75 days of {len(plots)} chapters with {people} members ...")
    mark = await play(url, settings.data, plots, now, code)
    folder.write_mark(settings.data, mark)
    say(f"Played in {time.monotonic() - started:.0f} seconds.")
    return mark


async def play(
    url: str, data: Path, plots: tuple[story.Story, ...], now: datetime, code: str
) -> folder.Mark:
    """Play the stories up to `now` on an empty, migrated database; return the finished mark."""
    present = minute_of(now)
    clock = start_of(present)
    show = bar("days")
    async with open_node(url, data, clock) as node:
        played = Play(node.book, clock, plots, present)
        guests.draw_seeds(played.stages)
        await played.run(show)
        made = await guests.make(node, played.stages, now)
    known = tuple(
        folder.Chapter(stage.story.slug, stage.story.name, stage.chapter_id)
        for stage in played.stages
    )
    return folder.Mark("ready", code, known, made)


async def _export(node: Node, mark: folder.Mark, to: Path) -> None:
    for chapter in mark.chapters:
        place = to / chapter.slug
        if (place / "manifest.json").is_file():
            # An earlier export: a bundle is replaced whole.
            await asyncio.to_thread(shutil.rmtree, place)
        manifest = await export_chapter(node.engine, chapter.id, place)
        say(f"{place}: {manifest.size:,} entries of {chapter.name}")


def welcome(url: str, data: Path, links: Issued) -> str:
    """Return what is said once the demonstration is served."""
    lines = [
        "",
        f"civic is shown on {url}",
        "This is a demonstration: invented people, on this machine only. What you do there is",
        f"kept in {data}; remove that folder to begin anew. To end: Ctrl-C",
        "",
        "Sign in as one of them; each link works once, until the end of tomorrow:",
    ]
    for guest, link in links:
        lines += ["", f"  {guest.who}: {guest.may}", f"  {link}"]
    return "\n".join([*lines, ""])
