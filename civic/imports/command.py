"""`civic import`: bring in what was said elsewhere."""

import argparse
import asyncio
import re
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from civic.imports.polis import Conversation, NoConversation, read_conversation
from civic.kernel.database import Reading, reading
from civic.kernel.postgres import PostgresError
from civic.kernel.record import store, tables
from civic.operate.place import OperationError, complain, running_database, say
from civic.operate.progress import bar
from civic.settings import Settings

_NAMED: Final = 20
"""Lines that are named one by one; of more, only the number is told."""
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def add_import_command(commands: Any) -> None:
    """`civic import conversation`: replay a public conversation into a chapter."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "import", help="bring in what was said elsewhere"
    )
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    conversation = kinds.add_parser(
        "conversation", help="a conversation in Polis's public format (CSV files)"
    )
    conversation.add_argument(
        "folder", type=Path, metavar="DIR", help="with votes.csv, comments.csv and summary.csv"
    )
    conversation.add_argument(
        "--chapter", required=True, metavar="C", help="the chapter's id, or how it begins"
    )
    conversation.add_argument(
        "--lang", default="und", help="language of the conversation, such as zh (default: unknown)"
    )
    conversation.add_argument(
        "--source", help="where it comes from, and under which licence (default: its address)"
    )
    conversation.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Import a conversation and return the exit status."""
    try:
        if not _LANGUAGE.fullmatch(given.lang):
            raise OperationError(f"--lang {given.lang}: a language tag such as en, zh or zh-Hant.")
        conversation = read_conversation(given.folder)
        source = given.source or conversation.url or conversation.name
        if not 1 <= len(source) <= 200:
            raise OperationError("--source: at most 200 characters.")
        settings = Settings.from_environment()
        with running_database(settings) as url:
            asyncio.run(_import(url, settings, conversation, given.chapter, source, given.lang))
    except (NoConversation, OperationError, PostgresError) as error:
        complain(f"civic import: {error}")
        return 1
    return 0


async def _import(
    url: str, settings: Settings, conversation: Conversation, chapter: str, source: str, lang: str
) -> None:
    from civic.imports.conversation import Importer, ImportRefused
    from civic.node import open_node

    for complaint in conversation.left_out[:_NAMED]:
        complain(f"left out: {complaint}")
    if len(conversation.left_out) > _NAMED:
        complain(f"left out: {len(conversation.left_out) - _NAMED:,} more lines")
    if conversation.unknown:
        complain(f"left out: votes on statements that are not listed: {conversation.unknown:,}")
    started = time.monotonic()
    async with open_node(url, settings.data, pool=2) as node:
        async with reading(node.engine) as db:
            head = await find(db, chapter)
        importer = Importer(node.desk, head, conversation, source=source, lang=lang)
        try:
            done = await importer.run(bar("reactions"))
        except ImportRefused as error:
            raise OperationError(str(error)) from error
    rejected = sum(not one.accepted for one in conversation.statements)
    reactions = sum(len(values) for values in conversation.reactions.values())
    say(
        f"{conversation.title}: {len(conversation.participants):,} participants, "
        f"{len(conversation.statements):,} statements ({rejected:,} rejected by its moderators), "
        f"{conversation.votes:,} votes as {reactions:,} reactions."
    )
    already = f"; {done.known:,} stood there already" if done.known else ""
    say(f"{done.new:,} entries in {time.monotonic() - started:.1f} s{already}.")


async def find(db: Reading, chapter: str) -> store.Head:
    """Return the head of the one chapter whose id begins like this; OperationError if none."""
    if not re.fullmatch(r"[0-9a-f]{4,64}", chapter):
        raise OperationError(f"{chapter!r} is no chapter's id or its beginning (4 to 64 digits).")
    numbers = (
        await db.scalars(
            select(tables.log.c.no).where(tables.log.c.chapter_id.startswith(chapter)).limit(2)
        )
    ).all()
    if len(numbers) != 1:
        several = "several chapters" if numbers else "no chapter"
        raise OperationError(f"This node has {several} whose id begins with {chapter}.")
    head = await store.head(db, numbers[0])
    if head.replica:
        raise OperationError("This node holds a copy of that chapter's record only.")
    return head
