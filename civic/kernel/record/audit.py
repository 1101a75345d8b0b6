"""The audit of one log: bytes, tree, signatures, procedure, content, in this order (pure).

Everything is recomputed from the entries; nothing of what a node computed is believed. Where the
record comes from is a `Source`, what the entries mean a `Domain`: the kernel knows neither.
"""

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from civic.kernel import keys
from civic.kernel.record.bundle import BundleError, Source
from civic.kernel.record.content_audit import ContentAudit, ContentCounts, TextTable
from civic.kernel.record.entry import Act, Malformed, is_key_id
from civic.kernel.record.findings import AuditCode, Finding, found
from civic.kernel.record.merkle import leaf_hashes
from civic.kernel.record.note import (
    Checkpoint,
    KeyType,
    NoteError,
    VerifierKey,
    log_id,
    log_key,
    open_checkpoint,
    parse_vkey,
)
from civic.kernel.record.replay import Before, Counts, Replay, Watch, named_by
from civic.kernel.record.rules import BAD_SIGNATURE, WRONG_ID_KEY, Procedure, State
from civic.kernel.record.signed import SignedPart, kind_of, signed_part
from civic.kernel.record.tiles import (
    WIDTH,
    Tile,
    TileError,
    Tiling,
    decode_bundle,
    tile_path,
)
from civic.kernel.refusal import Refusal

_AT_ONCE: Final = 512
"""Acts whose signatures are checked together."""

Progress = Callable[[int, int], None]
"""Told how many of how many entries are through."""


class Signatures(Protocol):
    """Checks what `Procedure.signatures` checks, elsewhere or later than the replay."""

    def begin(self, version: int, log: str) -> None:
        """Start on a log under a version of the rules."""
        ...

    def turn(self, version: int) -> None:
        """Go on under another version of the rules, for the acts that are added from here on."""
        ...

    def add(self, index: int, raw: bytes) -> None:
        """Take an act's entry, whose bytes are canonical."""
        ...

    def end(self) -> list[tuple[int, Refusal]]:
        """Return what was refused, by index."""
        ...


class AtOnce:
    """Checks signatures in this process.

    Some hundred at a time: between two single ones the replay would drive libsodium's tables out of
    the processor's caches.
    """

    def __init__(self, versions: Mapping[int, Procedure]) -> None:
        self._versions = versions
        self._acts: list[tuple[int, bytes]] = []
        self._refused: list[tuple[int, Refusal]] = []
        self._procedure: Procedure | None = None
        self._log = ""

    def begin(self, version: int, log: str) -> None:
        """Start on a log under a version of the rules."""
        self._procedure, self._log = self._versions[version], log
        self._acts, self._refused = [], []

    def turn(self, version: int) -> None:
        """Go on under another version of the rules, for the acts that are added from here on."""
        self._check()
        self._procedure = self._versions[version]

    def add(self, index: int, raw: bytes) -> None:
        """Take an act's entry, whose bytes are canonical."""
        self._acts.append((index, raw))
        if len(self._acts) >= _AT_ONCE:
            self._check()

    def end(self) -> list[tuple[int, Refusal]]:
        """Return what was refused, by index."""
        self._check()
        return self._refused

    def _check(self) -> None:
        if self._procedure is not None:
            self._refused.extend(check_signatures(self._procedure, self._log, self._acts))
        self._acts = []


def check_signatures(
    procedure: Procedure, log: str, acts: Sequence[tuple[int, bytes]]
) -> list[tuple[int, Refusal]]:
    """Return the acts (by index) whose signatures are refused, from entries' canonical bytes."""
    refused: list[tuple[int, Refusal]] = []
    log_bytes = log.encode()
    costly = {kind.name.encode() for kind in procedure.kinds.values() if kind.prepare is not None}
    for index, raw in acts:
        if kind_of(raw) not in costly:
            refusal = check_proof(signed_part(raw, log_bytes))
        else:
            entry = procedure.codec.reread(raw)
            act: Act[Any] = Act(
                entry.kind, entry.by, entry.key, entry.body, entry.content, entry.proof
            )
            refusal = procedure.signatures(log, act)
        if refusal is not None:
            refused.append((index, refusal))
    return refused


def check_proof(part: SignedPart) -> Refusal | None:
    """Do what `Procedure.signatures` does for an act with a proof and nothing else to check."""
    public_key, signed, own_id = part
    if own_id is not None and not is_key_id(own_id, public_key):
        return Refusal(WRONG_ID_KEY)
    return None if keys.opens(public_key, signed) else Refusal(BAD_SIGNATURE)


@dataclass(frozen=True)
class Domain:
    """What entries mean: the rules by version, whose content is whose, who may read the record."""

    versions: Mapping[int, Procedure]
    texts: Sequence[TextTable]
    visibility: Callable[[State], str]


@dataclass
class Audited:
    """What an audit found and counted.

    `rules` is the version that entry 0 names, `adopted` are the entries by which newer ones were
    adopted, as (index, version). `read` is how many entries were there, `checked` how many were
    replayed in order. `listed` says that the source lists its files. `seen` are the sizes of
    earlier checkpoints that fit. `state` is the state after the entries checked, for whoever
    reports on it.
    """

    findings: list[Finding] = field(default_factory=list)
    log: str = ""
    chapter: str = ""
    rules: int | None = None
    adopted: list[tuple[int, int]] = field(default_factory=list)
    size: int = 0
    root: bytes = b""
    read: int = 0
    checked: int = 0
    tiles: int = 0
    listed: bool = False
    counts: Counts = field(default_factory=Counts)
    content: ContentCounts = field(default_factory=ContentCounts)
    papers: int = 0
    seen: list[int] = field(default_factory=list)
    state: State | None = None

    @property
    def status(self) -> int:
        """0: nothing wrong; 1: something is wrong; 2: it could not be checked."""
        if any(not finding.explanation.cannot_check for finding in self.findings):
            return 1
        return 2 if self.findings else 0


def audit(
    source: Source,
    domain: Domain,
    *,
    chapter: str | None = None,
    seen: Sequence[bytes] = (),
    signatures: Signatures | None = None,
    watch: Mapping[str, Watch] | None = None,
    before: Before | None = None,
    progress: Progress | None = None,
) -> Audited:
    """Audit the record of a source.

    `chapter` is the id that it should have, known from elsewhere; `seen` are signed checkpoints of
    it obtained earlier; `watch` sees entries of kinds that name no content, `before` every act.
    Whatever bytes a source gives, this returns findings and does not raise.
    """
    audited = Audited()
    collecting = gc.isenabled()
    # What the replay makes lives to its end: collecting would only walk through it, often.
    gc.disable()
    try:
        _Run(source, domain, audited, chapter, watch or {}, before, progress).run(
            seen, signatures or AtOnce(domain.versions)
        )
    except BundleError as error:
        audited.findings.append(found(AuditCode.UNREADABLE, why=str(error)))
    finally:
        if collecting:
            gc.enable()
    return audited


@dataclass
class _Run:
    source: Source
    domain: Domain
    audited: Audited
    chapter: str | None
    watch: Mapping[str, Watch]
    before: Before | None
    progress: Progress | None
    tiling: Tiling = field(default_factory=Tiling)
    hashed: list[tuple[Tile, bytes]] = field(default_factory=list)

    def run(self, seen: Sequence[bytes], signatures: Signatures) -> None:
        audited = self.audited
        key = self._key()
        raw = self.source.checkpoint()
        if raw is None:
            raise BundleError("there is no checkpoint")
        try:
            head = open_checkpoint(raw, key).checkpoint
        except NoteError as error:
            audited.findings.append(found(AuditCode.CHECKPOINT, why=str(error)))
            return
        audited.log = log_id(key.public_key)
        audited.size, audited.root = head.size, head.root
        if not head.size:
            raise BundleError("the log is empty")
        heads = self._seen(seen, key)
        self._entries(key, head, heads, signatures)
        self._tree(head)
        if audited.read == head.size:
            self._files(head.size)

    def _find(self, *findings: Finding) -> None:
        self.audited.findings.extend(findings)

    def _key(self) -> VerifierKey:
        text = self.source.vkey()
        if text is None:
            raise BundleError("there is no key of a log (log/vkey)")
        try:
            key = parse_vkey(text)
            own = log_key(key.public_key)
        except NoteError as error:
            raise BundleError(f"the key of the log cannot be read: {error}") from error
        if key.key_type is not KeyType.ed25519 or key != own:
            raise BundleError("the key of the log does not bear its own name")
        return key

    def _seen(self, seen: Sequence[bytes], key: VerifierKey) -> list[Checkpoint]:
        heads: list[Checkpoint] = []
        for raw in seen:
            try:
                heads.append(open_checkpoint(raw, key).checkpoint)
            except NoteError as error:
                self._find(found(AuditCode.SEEN, why=str(error)))
        return heads

    def _bundles(self, size: int) -> Iterator[list[bytes]]:
        for number, raw in enumerate(self.source.bundles(size)):
            width = min(WIDTH, size - number * WIDTH)
            file = f"log/{tile_path(-1, number, width)}"
            if raw is None:
                self._find(found(AuditCode.FILE_MISSING, file=file))
                return
            try:
                yield decode_bundle(raw, width)
            except TileError as error:
                self._find(found(AuditCode.BUNDLE, file=file, why=str(error)))
                return

    def _entries(
        self,
        key: VerifierKey,
        head: Checkpoint,
        heads: Sequence[Checkpoint],
        signatures: Signatures,
    ) -> None:
        audited, tiling, hashed = self.audited, self.tiling, self.hashed
        content = ContentAudit(self.domain.texts)
        replay: Replay | None = None
        stops = sorted({one.size for one in heads if one.size <= head.size})
        roots: dict[int, bytes] = {0: Tiling().root()}
        for raws in self._bundles(head.size):
            if not audited.read:
                replay = self._begin(raws[0], key, content, signatures)
            if replay is not None:
                replay.feed(raws)
            leaves, start = leaf_hashes(raws), audited.read
            while stops and stops[0] <= start + len(leaves):
                cut = max(stops.pop(0) - start, 0)
                self._grow(leaves[:cut])
                leaves, start = leaves[cut:], start + cut
                roots[start] = tiling.root()
            self._grow(leaves)
            audited.read += len(raws)
            if self.progress is not None:
                self.progress(audited.read, head.size)
        hashed.extend((tile, hashlib.sha256(raw).digest()) for tile, raw in tiling.partials())
        if replay is not None:
            if audited.read == head.size:
                replay.finish()
            self._end(replay, content, signatures)
        self._compare_seen(head, heads, roots)

    def _grow(self, leaves: Sequence[bytes]) -> None:
        for tile, raw in self.tiling.extend(leaves):
            self.hashed.append((tile, hashlib.sha256(raw).digest()))

    def _begin(
        self, raw: bytes, key: VerifierKey, content: ContentAudit, signatures: Signatures
    ) -> Replay | None:
        audited, versions = self.audited, self.domain.versions
        audited.chapter = hashlib.sha256(raw).hexdigest()
        if self.chapter is not None and self.chapter != audited.chapter:
            self._find(found(AuditCode.OTHER_CHAPTER, asked=self.chapter, is_=audited.chapter))
        named = named_by(raw)
        # An entry 0 that names no version is refused by all of them; the newest says why.
        audited.rules = max(versions) if named is None else named.rules
        if audited.rules not in versions:
            self._find(found(AuditCode.UNKNOWN_RULES, 0, version=audited.rules))
            return None
        public = key.public_key if named is None else named.log_key
        if public != key.public_key:
            self._find(found(AuditCode.OTHER_KEY, 0))
        log = log_id(public)
        signatures.begin(audited.rules, log)
        watches = {**self.watch, **content.watches()}
        return Replay(
            versions, audited.rules, log, signatures.add, watches, self.before, signatures.turn
        )

    def _end(self, replay: Replay, content: ContentAudit, signatures: Signatures) -> None:
        audited = self.audited
        for index, refusal in sorted(signatures.end(), key=lambda one: one[0]):
            self._find(Finding(refusal.code, index, params=refusal.params))
        audited.checked = replay.index
        if replay.finding is not None:
            self._find(replay.finding)
        audited.counts, audited.state = replay.counts, replay.state
        audited.adopted = replay.adopted
        audited.content, audited.papers = content.counts, content.papers
        try:
            visibility = self.domain.visibility(replay.state)
            self._find(*content.check(self.source, public=visibility == "world"))
        except Malformed as error:
            self._find(found(AuditCode.WORDS, why=str(error)))
        manifest = self.source.manifest()
        if not self.source.complete:
            return
        if manifest is None or (manifest.chapter, manifest.size, manifest.root) != (
            audited.chapter,
            audited.size,
            audited.root.hex(),
        ):
            self._find(found(AuditCode.MANIFEST))
        elif replay.finding is None and manifest.visibility != visibility:
            self._find(found(AuditCode.MANIFEST, visibility=visibility))

    def _compare_seen(
        self, head: Checkpoint, heads: Sequence[Checkpoint], roots: Mapping[int, bytes]
    ) -> None:
        for earlier in heads:
            if earlier.size > head.size:
                self._find(found(AuditCode.OLDER, size=head.size, seen=earlier.size))
            elif roots.get(earlier.size) == earlier.root:
                self.audited.seen.append(earlier.size)
            elif earlier.size <= self.audited.read:
                self._find(found(AuditCode.FORK, size=head.size, seen=earlier.size))

    def _tree(self, head: Checkpoint) -> None:
        if self.audited.read == head.size and self.tiling.root() != head.root:
            self._find(found(AuditCode.ROOT))

    def _files(self, size: int) -> None:
        tiles = [tile for tile, _ in self.hashed]
        digests = (digest for _, digest in self.hashed)
        for tile, digest, raw in zip(tiles, digests, self.source.tiles(tiles), strict=True):
            if raw is None:
                self._find(found(AuditCode.FILE_MISSING, file=f"log/{tile_path(*tile)}"))
            elif hashlib.sha256(raw).digest() != digest:
                self._find(found(AuditCode.TILE, file=f"log/{tile_path(*tile)}"))
            else:
                self.audited.tiles += 1
        self.audited.listed = self.source.complete
        if self.source.complete:
            self._find(*(found(AuditCode.FILE_EXTRA, file=n) for n in self.source.foreign(size)))
