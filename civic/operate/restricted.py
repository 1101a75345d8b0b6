"""`civic chapter papers`: restricted papers as files, for readers whom the bylaws name."""

import argparse
import os
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import reading
from civic.kernel.keys import KeyFiles, SealBroken
from civic.kernel.record import store, ties
from civic.kernel.record.content import content_hash
from civic.kernel.record.ties import Vault
from civic.operate.place import OperationError, in_database, new_folder, plainly, say
from civic.settings import Settings


async def export_papers(engine: AsyncEngine, keys: KeyFiles, chapter_id: str, to: Path) -> int:
    """Write each restricted paper of a chapter to a file named by its hash; return how many.

    The folder (0700) must be new, its files are 0600. The names are sorted and the times of the
    files tell nothing. OperationError if the papers cannot be opened with the keys that are here.
    """
    if not keys.known("papers"):
        raise OperationError(
            f"The key of the papers is missing in {keys.folder}: without it they cannot be read."
        )
    async with reading(engine) as db:
        head = await store.find_chapter(db, chapter_id)
        if head is None:
            raise OperationError(f"This node has no chapter {chapter_id}.")
        if head.replica:
            raise OperationError("This node holds a copy of the chapter only; papers stay at home.")
        try:
            papers = await ties.all_papers(db, Vault(keys.secret("papers")), head.no)
        except SealBroken as error:
            raise OperationError(
                "A paper does not open: the key of the papers is another, or the database is "
                "damaged."
            ) from error
    with new_folder(to, 0o700) as folder:
        for digest, raw in sorted(papers.items()):
            if content_hash(raw) != digest:
                raise OperationError(f"The paper {digest} has another hash: damaged.")
            handle = os.open(folder / digest, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
            os.utime(folder / digest, (0, 0))
    return len(papers)


def add_papers_command(subparsers: Any) -> None:
    """Add `civic chapter papers`."""
    parser = subparsers.add_parser(
        "papers",
        help="write restricted papers to files, for readers whom the bylaws name",
        description=(
            "Write the restricted papers of a chapter (who stands behind which voice and row id, "
            "who invited or vouched for whom) to files, for `civic audit --restricted`. Give them "
            "only to readers whom the bylaws name, and delete them after the audit."
        ),
    )
    parser.add_argument("chapter", metavar="ID", help="the chapter's id")
    parser.add_argument("--to", required=True, type=Path, metavar="DIR", help="where to, new")
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    keys, to = KeyFiles(settings.data / "keys"), arguments.to.absolute()
    count = in_database(settings, lambda engine: export_papers(engine, keys, arguments.chapter, to))
    say(f"{count:,} papers written to {to}.")
    say("They name who stands behind which id. Delete them after the audit.")
    return 0
