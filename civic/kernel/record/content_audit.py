"""Content held against the record: hashes, words, their stated lengths and languages, erasures.

Which content belongs to which field of a body is told by tables of the domains (`texts.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from civic.kernel.record.bundle import Source
from civic.kernel.record.content import content_hash, length_of, read_words
from civic.kernel.record.entry import Entry, Malformed
from civic.kernel.record.findings import AuditCode, Finding, found
from civic.kernel.record.replay import Watch

Text = tuple[str, int | None, str | None, str | None]
"""A hash, and where the entry states them: the text's length, its language, what it translates."""
_Claim = tuple[int, int | None, str | None, str | None]
_NOTHING: Final = (None, None, None)


@dataclass(frozen=True)
class TextTable:
    """What a domain says about content, by kind of entry.

    `texts` are words that an entry names, `erased` hashes that it erases, `hidden` those that it
    hides and `shown` those that it shows again, `evidence` kinds whose content is never erased,
    `papers` hashes of restricted papers.
    """

    texts: Mapping[str, Callable[[Entry[Any]], Sequence[Text]]]
    erased: Mapping[str, Callable[[Entry[Any]], Sequence[str]]] = field(default_factory=dict)
    evidence: frozenset[str] = frozenset()
    papers: Mapping[str, Callable[[Entry[Any]], Sequence[str]]] = field(default_factory=dict)
    hidden: Mapping[str, Callable[[Entry[Any]], Sequence[str]]] = field(default_factory=dict)
    shown: Mapping[str, Callable[[Entry[Any]], Sequence[str]]] = field(default_factory=dict)


@dataclass
class ContentCounts:
    """How much of the content that entries name was there.

    What was not there was `erased`, or is `hidden` by an office, as the record says, or `missing`
    for no reason that stands in it. `unnamed`: named by no entry.
    """

    named: int = 0
    present: int = 0
    erased: int = 0
    hidden: int = 0
    missing: int = 0
    unnamed: int = 0


class ContentAudit:
    """Collects what the entries of a record say about content, then looks at the content."""

    def __init__(self, tables: Iterable[TextTable]) -> None:
        self.counts = ContentCounts()
        self._tables = tuple(tables)
        self._named: dict[str, _Claim] = {}
        self._again: dict[str, list[_Claim]] = {}
        self._erased: dict[str, int] = {}
        self._hidden: set[str] = set()
        self._evidence: dict[str, int] = {}
        self._papers: dict[str, int] = {}

    @property
    def papers(self) -> int:
        """How many restricted papers the record names."""
        return len(self._papers)

    def watches(self) -> dict[str, Watch]:
        """Return what is to see the entries of each kind."""
        watches: dict[str, Watch] = {}
        for table in self._tables:
            for kind, texts in table.texts.items():
                watches[kind] = self._texts(texts, evidence=kind in table.evidence)
            for kind, erased in table.erased.items():
                watches[kind] = self._hashes(erased, self._erased)
            for kind, papers in table.papers.items():
                watches[kind] = self._hashes(papers, self._papers)
            for kind, hidden in table.hidden.items():
                watches[kind] = self._changing(hidden, self._hidden.update)
            for kind, shown in table.shown.items():
                watches[kind] = self._changing(shown, self._hidden.difference_update)
        return watches

    def _texts(self, texts: Callable[[Entry[Any]], Sequence[Text]], *, evidence: bool) -> Watch:
        named, again = self._named, self._again

        def watch(entry: Entry[Any], index: int) -> None:
            for digest, length, lang, original in texts(entry):
                claim = (index, length, lang, original)
                known = named.setdefault(digest, claim)
                if known is not claim and claim[1:] not in (known[1:], _NOTHING):
                    again.setdefault(digest, []).append(claim)
                if evidence:
                    self._evidence.setdefault(digest, index)

        return watch

    def _hashes(self, hashes: Callable[[Entry[Any]], Sequence[str]], into: dict[str, int]) -> Watch:
        def watch(entry: Entry[Any], index: int) -> None:
            for digest in hashes(entry):
                into.setdefault(digest, index)

        return watch

    def _changing(
        self,
        hashes: Callable[[Entry[Any]], Sequence[str]],
        change: Callable[[Sequence[str]], None],
    ) -> Watch:
        return lambda entry, index: change(hashes(entry))

    def check(self, source: Source, *, public: bool) -> Iterator[Finding]:
        """Look at the content of a source; `public` asks for all evidence to be there."""
        counts = self.counts
        counts.named = len(self._named)
        if source.complete:
            names = sorted(set(source.content_names()))
        else:
            # Erased words are asked for too: a node must not give them.
            names = sorted(self._named.keys() | self._erased.keys())
        present: set[str] = set()
        for digest, raw in source.content(names):
            if raw is None:
                continue
            present.add(digest)
            yield from self._one(digest, raw)
        counts.present = len(present & self._named.keys())
        counts.unnamed = len(present) - counts.present - len(present & self._papers.keys())
        absent = self._named.keys() - present
        counts.erased = len(absent & self._erased.keys())
        counts.hidden = len((absent - self._erased.keys()) & self._hidden)
        counts.missing = len(absent) - counts.erased - counts.hidden
        if public:
            for digest, index in self._evidence.items():
                if digest in absent:
                    yield found(AuditCode.EVIDENCE_MISSING, index, file=f"content/{digest}")

    def _one(self, digest: str, raw: bytes) -> Iterator[Finding]:
        file = f"content/{digest}"
        if content_hash(raw) != digest:
            yield found(AuditCode.CONTENT_HASH, file=file)
            return
        if digest in self._papers:
            yield found(AuditCode.PAPER_PUBLIC, self._papers[digest], file=file)
            return
        if digest in self._erased:
            yield found(AuditCode.ERASED_PRESENT, self._erased[digest], file=file)
            return
        named = self._named.get(digest)
        if named is None:
            return
        try:
            words = read_words(raw)
        except Malformed as error:
            yield found(AuditCode.WORDS, named[0], file=file, why=str(error))
            return
        claims = [named, *self._again.get(digest, ())]
        has = length_of(words.text)
        for index, length, lang, original in claims:
            if length is not None and length != has:
                yield found(AuditCode.WORDS_LENGTH, index, file=file, stated=length, length=has)
            if lang is not None and lang != words.lang:
                yield found(
                    AuditCode.WORDS_LANGUAGE, index, file=file, stated=lang, language=words.lang
                )
            if original is not None and original != words.original:
                yield found(AuditCode.WORDS_ORIGINAL, index, file=file, stated=original)
