"""The doctor's look at the records: signed heads, trees, boxes, copies."""

from collections.abc import Iterator, Sequence

from sqlalchemy import text

from civic.kernel.database import Reading
from civic.kernel.record import merkle, note, store, tiles
from civic.operate.findings import Finding, ok, problem, warning
from civic.procedure import VERSIONS

_RUINED = "What is stored is not what was signed: the database was damaged or changed."
_RESTORE = (
    "Stop the node at once, keep a copy of its data folder as it is, and compare the record with "
    "a copy that another node or member has, before restoring a backup."
)


async def heads(db: Reading) -> Sequence[store.Head]:
    """Return the heads of all logs."""
    return await store.all_logs(db)


def unsigned(heads: Sequence[store.Head]) -> Iterator[Finding]:
    """Look for entries that are recorded and not signed."""
    behind = [head for head in heads if head.signed_size < head.size]
    for head in behind:
        yield warning(
            "signatures",
            f"{head.size - head.signed_size} entries of log {head.log_id[:16]}… are recorded but "
            "not signed.",
            "Nobody can hold the node to them yet. For a moment after each act that is normal.",
            "Run `civic doctor` again; if it says the same, restart the node: it signs them.",
        )
    if heads and not behind:
        entries = sum(head.size for head in heads)
        yield ok("signatures", f"All {entries:,} entries of {len(heads)} logs are signed.")


async def tree(db: Reading, head: store.Head) -> list[Finding]:
    """Hold what is stored of one log against its signed root: hashes all, entries a sample."""
    name = f"log {head.log_id[:16]}…"
    if head.signed_note is None:
        return []
    if head.frontier[:8] != head.size.to_bytes(8, "big"):
        return [problem("records", f"The head of {name} contradicts itself.", _RUINED, _RESTORE)]
    try:
        signed = note.open_checkpoint(head.signed_note, note.log_key(head.public_key)).checkpoint
    except note.NoteError as error:
        what = f"The signed head of {name} is not its own: {error.detail}."
        return [problem("records", what, _RUINED, _RESTORE)]
    if signed.size != head.signed_size:
        what = f"The signed head of {name} has size {signed.size}, not {head.signed_size}."
        return [problem("records", what, _RUINED, _RESTORE)]
    if await store.entry_count(db, head.no) != head.size:
        what = f"Entries of {name} are missing."
        return [problem("records", what, _RUINED, _RESTORE)]
    if await _root(db, head) != signed.root:
        what = f"The hashes stored for {name} do not make its signed root."
        return [problem("records", what, _RUINED, _RESTORE)]
    broken = await _broken_entry(db, head)
    if broken is not None:
        what = f"Entry {broken} of {name} is not the one that was signed."
        return [problem("records", what, _RUINED, _RESTORE)]
    return [ok("records", f"{name}: {head.signed_size:,} entries make the signed root.")]


async def _root(db: Reading, head: store.Head) -> bytes | None:
    """Return the root from the hashes of full tiles and the leaves that are in none yet."""
    size = head.signed_size
    read: dict[tuple[int, int], bytes] = {}
    for level in range(8):
        count = size >> (tiles.HEIGHT * level)
        width = count % tiles.WIDTH
        if width:
            tile = count // tiles.WIDTH
            read[level, tile] = await store.hash_tile(db, head.no, level, tile, width)

    def read_tile(level: int, tile: int, width: int) -> bytes:
        return read[level, tile]

    try:
        return merkle.root_of(size, tiles.subtree_from_tiles(read_tile, size))
    except (tiles.TileError, merkle.TreeError):
        return None


async def _broken_entry(db: Reading, head: store.Head) -> int | None:
    """Look at the first, the last and some tiles between: entries, leaves, and tile roots."""
    full = head.signed_size // tiles.WIDTH
    step = max(1, full // 8)
    sample: set[int] = {*range(0, full, step), max(0, full - 1), full}
    for tile in sorted(sample):
        start = tile * tiles.WIDTH
        end = min(start + tiles.WIDTH, head.signed_size)
        leaves: list[bytes] = []
        async for index, raw, leaf in store.entries(db, head.no, start, end):
            if merkle.leaf_hash(raw) != leaf:
                return int(index)
            leaves.append(leaf)
        if len(leaves) == tiles.WIDTH:
            above, slot = divmod(tile, tiles.WIDTH)
            roots = await store.hash_tile(db, head.no, 1, above, slot + 1)
            if merkle.perfect_root(leaves) != roots[-merkle.HASH_BYTES :]:
                return start
    return None


async def rules(db: Reading) -> list[Finding]:
    """Look whether this program has the rules that the node's own chapters go on under."""
    rows = await db.execute(_RULES)
    findings = [
        problem(
            "rules",
            f"Chapter {chapter_id[:16]}… goes on under version {version} of the rules, which this "
            "program does not have.",
            "The chapter can be read, and nothing can be recorded in it.",
            "Install a newer civic, soon: what people have time for goes on to end meanwhile.",
        )
        for chapter_id, version in rows
        if version not in VERSIONS
    ]
    return findings or [ok("rules", "The program has the rules of every chapter.")]


_RULES = text(
    "SELECT c.chapter_id, c.rules FROM view.chapter c JOIN record.log l ON l.no = c.log "
    "WHERE l.replica = 0 ORDER BY c.log"
)


async def waiting(db: Reading) -> list[Finding]:
    """Count what waits to be recorded. Since when, nobody can know: boxes have no times."""
    rows = await db.scalar(text("SELECT count(*) FROM private.box"))
    ties = await db.scalar(text("SELECT count(*) FROM private.tie WHERE recorded = 0"))
    return [
        ok(
            "boxes",
            f"{rows or 0:,} reactions and votes and {ties or 0:,} papers wait to be recorded; "
            "at the latest the first tick of the day takes them.",
        )
    ]


def copies(heads: Sequence[store.Head]) -> Iterator[Finding]:
    """Say of which chapters this node keeps copies."""
    for head in heads:
        if head.replica:
            chapter = (head.chapter_id or "")[:16]
            yield ok(
                "copies", f"This node keeps a copy of chapter {chapter}…: {head.size:,} entries."
            )
