"""A group of acts on its way into a record: decided in memory, then written at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from civic.kernel.database import Writing
from civic.kernel.failpoint import failpoint
from civic.kernel.projection import Projections, Recorded, Rows
from civic.kernel.record import merkle, store, ties
from civic.kernel.record.content import content_hash
from civic.kernel.record.entry import Act, As, Entry, encode
from civic.kernel.record.loaded import Loaded
from civic.kernel.record.submission import Domain, NewTie, Receipt, Submission
from civic.kernel.record.texts import words_refusal
from civic.kernel.record.ties import Vault
from civic.kernel.refusal import Refusal, code

KEY_REUSED: Final = code(
    "request.key_reused", "This idempotency key was used for another act before."
)


@dataclass
class Group:
    """What one transaction adds to one record."""

    head: store.Head
    loaded: Loaded
    domain: Domain
    projections: Projections
    now: int
    rows: Rows = field(default_factory=Rows)
    entries: list[tuple[str, int, bytes, bytes]] = field(default_factory=list)
    content: dict[str, bytes] = field(default_factory=dict)
    papers: dict[str, bytes] = field(default_factory=dict)
    ties: list[NewTie] = field(default_factory=list)
    new_voices: dict[str, NewTie] = field(default_factory=dict)
    new_places: set[tuple[str, str]] = field(default_factory=set)
    erased: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    covered: list[tuple[int | None, tuple[str, ...]]] = field(default_factory=list)
    """Words that are hidden (with the entry that says so) or shown again (None), in order."""
    tied: list[str] = field(default_factory=list)
    emptied: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    chapter_id: str = ""

    def add(self, entries: Iterable[Entry[Any]]) -> Receipt:
        """Take in the entries of one act or transition; return where the first stands."""
        state, log_id = self.loaded.state, self.head.log_id
        first: Receipt | None = None
        for entry in entries:
            raw = encode(entry)
            leaf = merkle.leaf_hash(raw)
            index = self.head.size + len(self.entries)
            if index == 0:
                self.chapter_id = content_hash(raw)
            self.entries.append((entry.key, entry.part, raw, leaf))
            recorded = Recorded(self.head.no, self.chapter_id, log_id, index, entry)
            for project in self.projections.get(entry.kind, ()):
                project(self.rows, recorded)
            erased = self.domain.erased(state, entry)
            if erased:
                self.erased.append((index, tuple(erased)))
            if hidden := self.domain.hidden(entry):
                self.covered.append((index, tuple(hidden)))
            if shown := self.domain.shown(entry):
                self.covered.append((None, tuple(shown)))
            if first is None:
                first = Receipt(index, leaf)
        if first is None:
            raise ValueError("an act leaves at least one entry")
        return first

    def early(self, act: Act[Any]) -> Receipt | Refusal:
        """Decide an early act of the node, before anything due."""
        result = self.loaded.act(act, self.now)
        return result if isinstance(result, Refusal) else self.add(result)

    def due(self) -> None:
        """Take in every transition whose time has come."""
        for entries in self.loaded.due(self.now):
            self.add(entries)

    async def decide(
        self,
        db: Writing,
        submission: Submission,
        papers: Mapping[tuple[str, str], bytes],
        taken: set[NewTie],
    ) -> Receipt | Refusal:
        """Decide one act after what is due; a refused act leaves no trace."""
        self.due()
        act, state = submission.act, self.loaded.state
        voice = self.domain.voice(act)
        if voice is not None:
            tie = papers.get(("voice", voice)) or self._new_paper(submission, taken)
            refused = self.domain.guard(state, act, tie)
            if refused is not None:
                return refused
        if act.content:
            stated, titles = self.domain.texts(act), self.domain.titles(act)
            refused = words_refusal(act.content, stated, submission.content, titles)
            if refused is not None:
                return refused
        if submission.check is not None:
            refused = await submission.check(db, state, self.now)
            if refused is not None:
                return refused
        result = self.loaded.act(act, self.now)
        if isinstance(result, Refusal):
            return result
        receipt = self.add(result)
        self.content.update({one: submission.content[one] for one in act.content})
        self.papers.update(submission.papers)
        if act.by.as_ is As.VOICE and ("voice", act.by.id) not in papers:
            self._keep(submission.tie)
        if submission.also is not None:
            # At once: the checks of the acts that follow in this group must find it done.
            await submission.also(db, receipt.index)
        return receipt

    def _new_paper(self, submission: Submission, taken: set[NewTie]) -> bytes | None:
        """Return the paper of a voice that is new in this group, if its place is still free."""
        tie = self.new_voices.get(submission.act.by.id)
        if tie is not None:
            return tie.paper
        tie = submission.tie
        if tie is None or tie in taken or (tie.matter, tie.member) in self.new_places:
            return None
        # Whoever had theirs erased gets no other: a voice that is new then has nothing to say.
        if self.domain.ended(self.loaded.state, tie.matter):
            return None
        return tie.paper

    def _keep(self, tie: NewTie | None) -> None:
        if tie is not None and tie.id not in self.new_voices:
            self.ties.append(tie)
            self.new_voices[tie.id] = tie
            self.new_places.add((tie.matter, tie.member))

    async def write(self, db: Writing, vault: Vault) -> None:
        """Write all of it; the caller's transaction makes it one."""
        no = self.head.no
        failpoint("book.before_entries")
        if not self.entries:
            return
        loaded = self.loaded
        await ties.add_papers(db, vault, no, self.papers)
        await ties.add(db, vault, no, self.ties)
        leaves = [leaf for _, _, _, leaf in self.entries]
        loaded.frontier.extend(leaves)
        await store.append(
            db,
            no,
            self.head.size,
            self.entries,
            self.content,
            size=loaded.size,
            at=loaded.state.record.at,
            frontier=loaded.frontier.to_bytes(),
            chapter_id=self.chapter_id,
            visibility=self.domain.visibility(loaded.state),
            turned=self.domain.turned(loaded.state),
        )
        failpoint("book.after_entries")
        await store.add_subtrees(db, no, loaded.tiling.extend(leaves))
        for hidden_by, hashes in self.covered:
            await store.cover_content(db, no, hashes, hidden_by)
        for index, hashes in self.erased:
            await store.erase_content(db, no, hashes, index)
            await ties.erase_papers(db, no, hashes)
        if self.tied:
            await ties.mark_recorded(db, no, self.tied)
        await self.rows.write(db)
        failpoint("book.before_commit")
