"""`civic chapter import`: a bundle, audited as a whole, becomes a read-only copy on this node."""

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.audit.run import DOMAIN
from civic.audit.signatures import AllCores
from civic.kernel.database import Writing, reading, writing
from civic.kernel.keys import KeyFiles
from civic.kernel.projection import Recorded, Rows
from civic.kernel.record import loaded, merkle, note, store, tables, tiles
from civic.kernel.record.audit import Audited, Signatures, audit
from civic.kernel.record.bundle import Bundle, BundleError
from civic.kernel.record.course import Decoder
from civic.kernel.record.findings import AuditCode
from civic.operate.place import OperationError, in_database, plainly, say
from civic.operate.progress import Progress, bar, silent
from civic.procedure import VERSIONS
from civic.projections import PROJECTIONS
from civic.settings import Settings
from civic.shell import Chapters
from deliberation.moderation.tables import cover_all
from deliberation.wording import word_all

_CONTENT_CHUNK: Final = 64
_SHOWN: Final = 20
_FASTER: Final = "Another import of the same chapter was faster. Run this one again."


class Imported(NamedTuple):
    """What an import led to: the chapter, and the sizes of its copy before and after."""

    chapter_id: str
    before: int
    size: int


async def import_chapter(
    engine: AsyncEngine,
    keys: KeyFiles,
    source: Path,
    *,
    chapter: str | None = None,
    signatures: Signatures | None = None,
    progress: Progress = silent,
) -> Imported:
    """Audit the bundle at `source` (directory or zip) and keep it as a replica, or make one grow.

    `chapter` is the id that it should have, known from elsewhere. OperationError if anything is
    wrong with it, if it forks from the copy that is here, or if the chapter is this node's own.
    All of it is one transaction: an import that is cut off leaves nothing.
    """
    try:
        with Bundle.open(source) as bundle:
            key = _key(bundle)
            log_id = note.log_id(key.public_key)
            async with reading(engine) as db:
                before = await store.find_log(db, log_id)
            if (before is not None and not before.replica) or keys.known(f"log-{log_id}"):
                raise OperationError(
                    "This node owns the chapter: its record grows by acts here, never by an import."
                )
            seen = [before.signed_note] if before and before.signed_note else []
            audited = audit(
                bundle,
                DOMAIN,
                chapter=chapter,
                seen=seen,
                signatures=signatures,
                progress=lambda done, total: progress(done, 2 * total),
            )
            _judge(audited)
            async with writing(engine) as db:
                head = await _head(db, before, key)
                await _Store(db, head, bundle, audited, progress).run()
            return Imported(audited.chapter, head.size, audited.size)
    except BundleError as error:
        raise OperationError(f"The bundle cannot be read: {error}.") from error
    except IntegrityError as error:
        # Two first imports of one log: its id is unique.
        raise OperationError(_FASTER) from error


def _key(bundle: Bundle) -> note.VerifierKey:
    try:
        key = note.parse_vkey(bundle.vkey() or "")
    except note.NoteError as error:
        raise BundleError(f"log/vkey is missing or malformed ({error})") from error
    if key != note.log_key(key.public_key):
        raise BundleError("log/vkey is not the key of a log")
    return key


def _judge(audited: Audited) -> None:
    """Refuse a record that is not wholly in order."""
    if not audited.findings:
        return
    codes = {finding.code for finding in audited.findings}
    if AuditCode.FORK.value in codes:
        raise OperationError(
            "The bundle and the copy on this node are two histories under one key: a fork. Keep "
            "both as evidence and show them to the chapter's members. Nothing was imported."
        )
    if codes == {AuditCode.OLDER.value}:
        raise OperationError("The copy on this node is larger than the bundle. Nothing to import.")
    if codes == {AuditCode.UNKNOWN_RULES.value}:
        finding = audited.findings[0]
        raise OperationError(
            f"From entry {finding.index} on the record follows version {finding.params['version']} "
            f"of the rules; this program has {', '.join(map(str, sorted(VERSIONS)))}. It may be in "
            "order, but nothing can be imported that was not checked: install a newer release."
        )
    lines = [
        f"  {finding.code}" + (f" at entry {finding.index}" if finding.index is not None else "")
        for finding in audited.findings[:_SHOWN]
    ]
    raise OperationError(
        "The audit does not accept the bundle, so nothing was imported:\n"
        + "\n".join(lines)
        + "\nRun `civic audit` on it for an explanation."
    )


async def _head(db: Writing, before: store.Head | None, key: note.VerifierKey) -> store.Head:
    log_id = note.log_id(key.public_key)
    if before is None:
        return await store.create_log(db, log_id, key.public_key, replica=True)
    head = await store.head(db, before.no, "exclusive")
    if (head.size, head.signed_size) != (before.size, before.signed_size):
        raise OperationError(_FASTER)
    return head


class _Store:
    """Puts an audited bundle behind what is stored already, within one transaction."""

    def __init__(
        self,
        db: Writing,
        head: store.Head,
        bundle: Bundle,
        audited: Audited,
        progress: Progress,
    ) -> None:
        assert audited.state is not None
        assert audited.rules is not None
        self._db = db
        self._head = head
        self._bundle = bundle
        self._audited = audited
        self._state = audited.state
        self._decoder = Decoder(VERSIONS, audited.rules)
        self._progress = progress
        self._erased: list[tuple[int, Sequence[str]]] = []

    async def run(self) -> None:
        """Write all of it."""
        audited, head = self._audited, self._head
        frontier = merkle.Frontier.from_bytes(head.frontier)
        tiling = await loaded.resume(self._db, head.no, head.size)
        index = 0
        for raw in self._bundle.bundles(audited.size):
            if raw is None:
                raise BundleError("it changed while it was imported")
            entries = tiles.decode_bundle(raw)
            new = entries[max(head.size - index, 0) :]
            for raw in entries[: len(entries) - len(new)]:
                self._decoder.skip(raw)
            if new:
                await self._entries(index + len(entries) - len(new), new, frontier, tiling)
            index += len(entries)
            self._progress(audited.size + index, 2 * audited.size)
        if (frontier.size, frontier.root()) != (audited.size, audited.root):
            # It was read twice: by the audit, and now.
            raise BundleError("it changed while it was imported")
        await self._sign(frontier)
        await self._content()

    async def _entries(
        self, start: int, raws: Sequence[bytes], frontier: merkle.Frontier, tiling: tiles.Tiling
    ) -> None:
        db, head = self._db, self._head
        leaves = merkle.leaf_hashes(raws)
        rows, stored = Rows(), []
        domain = Chapters()
        for index, (raw, leaf) in enumerate(zip(raws, leaves, strict=True), start):
            entry = self._decoder.decode(raw)
            stored.append((entry.key, entry.part, raw, leaf))
            erased = domain.erased(self._state, entry)
            if erased:
                self._erased.append((index, erased))
            recorded = Recorded(head.no, self._audited.chapter, head.log_id, index, entry)
            for project in PROJECTIONS[entry.kind]:
                project(rows, recorded)
        await store.add_entries(db, head.no, start, stored)
        frontier.extend(leaves)
        await store.add_subtrees(db, head.no, tiling.extend(leaves))
        await rows.write(db)

    async def _sign(self, frontier: merkle.Frontier) -> None:
        db, head, record = self._db, self._head, self._state.record
        signed = self._bundle.checkpoint()
        if signed is None:
            raise BundleError("it changed while it was imported")
        checkpoint = note.open_checkpoint(signed, note.log_key(head.public_key)).checkpoint
        if (checkpoint.size, checkpoint.root) != (frontier.size, frontier.root()):
            raise BundleError("it changed while it was imported")
        raw = frontier.to_bytes()
        await store.advance(
            db,
            head.no,
            size=frontier.size,
            at=record.at,
            frontier=raw,
            chapter_id=self._audited.chapter,
            visibility=Chapters().visibility(self._state),
            turned=Chapters().turned(self._state),
        )
        if frontier.size > head.signed_size:
            await store.sign_head(
                db, head, frontier=raw, note=signed, size=frontier.size, at=record.at
            )
            await db.execute(_TELL, {"payload": f"{head.no} {frontier.size}"})

    async def _content(self) -> None:
        db, no = self._db, self._head.no
        named = self._state.record.texts
        digests = (digest for digest in self._bundle.content_names() if digest in named)
        while chunk := list(islice(digests, _CONTENT_CHUNK)):
            blobs = dict(self._bundle.content(chunk))
            await store.add_content(db, no, {d: raw for d, raw in blobs.items() if raw is not None})
        await cover_all(db, no)
        # What the record says is erased is erased here too, and known as such.
        for index, hashes in self._erased:
            await store.erase_content(db, no, hashes, index)
            await db.execute(
                insert(tables.content).on_conflict_do_nothing(),
                [{"log": no, "hash": bytes.fromhex(one), "erased_by": index} for one in hashes],
            )
        await word_all(db, no)


_TELL = text("SELECT pg_notify('civic', :payload)")


def add_import_command(subparsers: Any) -> None:
    """Add `civic chapter import`."""
    parser = subparsers.add_parser(
        "import", help="audit a bundle and keep it here as a copy that can be read"
    )
    parser.add_argument("source", metavar="DIR", type=Path, help="a bundle, a directory or zip")
    parser.add_argument("--chapter", metavar="ID", help="the chapter's id, known from elsewhere")
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    with AllCores() as signatures:
        imported = in_database(
            settings,
            lambda engine: import_chapter(
                engine,
                KeyFiles(settings.data / "keys"),
                arguments.source,
                chapter=arguments.chapter,
                signatures=signatures,
                progress=bar("Importing"),
            ),
        )
    if imported.before == imported.size:
        say("The copy on this node is the same already.")
    else:
        say(f"Chapter {imported.chapter_id}:")
        say(f"{imported.size:,} entries are here now, {imported.before:,} were before.")
        say("It can be read here; acts are made on the node that owns it.")
    return 0
