"""The book: the only way anything comes into a record (design, "The way of an act").

Acts that wait for the same chapter are committed together: one lock of the head row, one
transaction, then one signature over the new head, then the replies.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from nacl.signing import SigningKey
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel import keys, measures
from civic.kernel.database import Writing, must_not_only_ask, reading, writing
from civic.kernel.failpoint import failpoint
from civic.kernel.keys import KeyFiles
from civic.kernel.projection import Projections
from civic.kernel.record import boxes, merkle, note, shared_keys, store, ties, time, waiting
from civic.kernel.record.course import RulesUnknown
from civic.kernel.record.entry import Act, As, By, act_key, encode_json, node_id, when
from civic.kernel.record.group import KEY_REUSED, Group
from civic.kernel.record.loaded import Loaded, RecordBroken, Shelf
from civic.kernel.record.rules import State
from civic.kernel.record.submission import (
    BoxRow,
    Domain,
    NewTie,
    Promise,
    Receipt,
    Submission,
)
from civic.kernel.record.timekeeper import Timekeeper
from civic.kernel.refusal import Refusal, code

GROUP: Final = 128
"""Acts in one transaction at most."""

TIED_TWICE: Final = code("papers.tied_twice", "One member stands behind two ids in one matter.")
READ_ONLY: Final = code("request.read_only", "This node holds a copy of the record only.")

Outcome = Receipt | Refusal
T = TypeVar("T")


@dataclass
class _Queue:
    """What waits for one chapter in this process."""

    acts: list[tuple[Submission, asyncio.Future[Outcome]]] = field(default_factory=list)
    rows: list[tuple[BoxRow, asyncio.Future[Promise | Refusal]]] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    box_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    committing: asyncio.Task[None] | None = None
    boxing: asyncio.Task[None] | None = None
    leaves: tuple[int, list[bytes]] = (0, [])


class Book:
    """Commits acts into records, fills and empties boxes, signs heads."""

    def __init__(
        self,
        engine: AsyncEngine,
        shelf: Shelf,
        domain: Domain,
        projections: Projections,
        timekeeper: Timekeeper,
        key_files: KeyFiles,
        group: int = GROUP,
    ) -> None:
        self.engine = engine
        self.shelf = shelf
        self.domain = domain
        self.projections = projections
        self.timekeeper = timekeeper
        self.key_files = key_files
        self.vault = ties.Vault(key_files.secret("papers"))
        self._node_key = keys.signing_key(key_files.secret("node"))
        self._log_keys: dict[str, SigningKey] = {}
        self._group = group
        self._queues: defaultdict[int, _Queue] = defaultdict(_Queue)

    @property
    def node_public_key(self) -> bytes:
        """The public key under which this node signs promises."""
        return keys.public_key(self._node_key)

    async def new_log(self) -> store.Head:
        """Make a log with a key of its own, ready for a founding."""
        async with writing(self.engine) as db:
            return await self.make_log(db)

    async def make_log(self, db: Writing) -> store.Head:
        """Make a log in a transaction of the caller's."""
        seed_name = f"log-new-{keys.random_hex(8)}"
        seed = self.key_files.secret(seed_name)
        public = keys.public_key(keys.signing_key(seed))
        log_id = note.log_id(public)
        self.key_files.rename(seed_name, f"log-{log_id}")
        head = await store.create_log(db, log_id, public, replica=False)
        await shared_keys.keep(db, self.key_files, head)
        return head

    async def submit(self, no: int, submission: Submission) -> Outcome:
        """Hand in one act; return when it is recorded and signed, or refused."""
        must_not_only_ask()
        loaded = self.shelf.held(no)
        if loaded is not None:
            # Before any lock, while others hold it: signatures cost more than all the rest.
            version = loaded.procedure.version
            refused = loaded.procedure.prepare(loaded.state.record.log_id, submission.act)
            if refused is None:
                submission = submission.prepared_under(version)
            elif version == self.shelf.newest:
                return refused
            # Else newer rules, adopted since in another process, may see it otherwise.
        queue = self._queues[no]
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        queue.acts.append((submission, done))
        if queue.committing is None or queue.committing.done():
            queue.committing = waiting.start(self._commit_waiting(no, queue))
        with measures.WAITING.track_inprogress(), measures.COMMIT_SECONDS.time():
            outcome = await done
        measures.ACTS.labels(_became(outcome)).inc()
        return outcome

    async def put(self, no: int, row: BoxRow) -> Promise | Refusal:
        """Hand in one row for a box; return when it is durable, or refused."""
        must_not_only_ask()
        queue = self._queues[no]
        done: asyncio.Future[Promise | Refusal] = asyncio.get_running_loop().create_future()
        queue.rows.append((row, done))
        if queue.boxing is None or queue.boxing.done():
            queue.boxing = waiting.start(self._put_waiting(no, queue))
        return await done

    async def _commit_waiting(self, no: int, queue: _Queue) -> None:
        while queue.acts:
            async with queue.lock:
                await waiting.settle(queue.acts, self._group, lambda take: self._commit(no, take))

    async def _put_waiting(self, no: int, queue: _Queue) -> None:
        while queue.rows:
            async with queue.box_lock:
                await waiting.settle(queue.rows, self._group, lambda take: self._put_rows(no, take))

    async def tick(self, no: int) -> None:
        """Record what is due and what waits in boxes, without any act."""
        queue = self._queues[no]
        async with queue.lock:
            await self.commit(no, [])

    async def ask(self, no: int, question: Callable[[State], T]) -> T:
        """Return what a question finds in the state as it stands now; it must change nothing.

        RulesUnknown if the record went on under rules that this program does not have.
        """
        queue = self._queues[no]
        async with queue.lock, reading(self.engine) as db:
            loaded = await self.shelf.current(db, await store.head(db, no))
            return question(loaded.state)

    @asynccontextmanager
    async def beside(
        self, no: int, *, alone: bool = False
    ) -> AsyncIterator[tuple[Writing, State, int]]:
        """Open a transaction for what is kept beside a record, with its state and the tick.

        Nothing is added to the record before it ends, in whatever process, nor is anything else
        kept beside it where it wants to be `alone`; what runs inside must not ask or hand in
        anything of the same record. The state must not be changed or kept.
        """
        lock = "exclusive" if alone else "shared"
        async with self._queues[no].lock, writing(self.engine) as db:
            loaded = await self.shelf.current(db, await store.head(db, no, lock))
            yield db, loaded.state, self.timekeeper.tick(loaded.state.record)

    async def row_count(self, no: int, subject: str, row: str) -> int:
        """Return the highest count of a row's signed values about a subject known here, or 0."""
        place = subject, row
        # The box first: what leaves it meanwhile then stands in the record.
        async with reading(self.engine) as db:
            waiting = (await boxes.counts(db, no, {place})).get(place, 0)
        return max(waiting, await self.ask(no, lambda s: self.domain.row_count(s, subject, row)))

    async def outage(self, no: int, start: int, end: int) -> Outcome:
        """Record that the node was down between two minutes."""
        async with reading(self.engine) as db:
            head = await store.head(db, no)
        by = By(As.NODE, node_id(head.log_id))
        key = act_key(head.log_id, by, f"outage/{start}/{end}")
        act: Act[Any] = Act("record.outage", by, key, time.Outage(when(start), when(end)))
        async with self._queues[no].lock:
            return (await self.commit(no, [Submission(act)]))[0]

    async def commit(self, no: int, submissions: Sequence[Submission]) -> list[Outcome]:
        """Commit a group of acts in one transaction and sign the new head."""
        return await self._commit(no, lambda: submissions)

    async def _commit(self, no: int, take: Callable[[], Sequence[Submission]]) -> list[Outcome]:
        try:
            outcomes = await self._record(no, take)
        except BaseException:
            self.shelf.drop(no)
            raise
        failpoint("book.after_commit")
        await self.sign(no)
        return outcomes

    async def _record(self, no: int, take: Callable[[], Sequence[Submission]]) -> list[Outcome]:
        async with writing(self.engine) as db:
            head = await store.head(db, no, "exclusive")
            if head.replica:
                return [Refusal(READ_ONLY) for _ in take()]
            # Nothing is recorded that could not be signed.
            await self._log_key(db, head)
            # Only now: who came while others held the lock comes along.
            submissions = take()
            known = (
                await store.by_keys(db, no, (one.act.key for one in submissions))
                if submissions
                else {}
            )
            try:
                loaded = await self.shelf.usable(db, head)
            except RulesUnknown as unknown:
                return [
                    _repeated(one, known[one.act.key]) if one.act.key in known else unknown.refusal
                    for one in submissions
                ]
            now = self.timekeeper.tick(loaded.state.record)
            chapter_id = head.chapter_id or ""
            group = Group(head, loaded, self.domain, self.projections, now, chapter_id=chapter_id)
            voices = {
                ("voice", voice)
                for one in submissions
                if (voice := self.domain.voice(one.act)) is not None
            }
            papers = await ties.find(db, self.vault, no, voices)
            new = [
                one.tie
                for one in submissions
                if one.tie is not None and ("voice", one.tie.id) not in papers
            ]
            taken = await ties.taken(db, self.vault, no, new)
            # Early acts of the node come before anything due, so they are decided first.
            early = {
                one.act.key: group.early(one.act)
                for one in submissions
                if one.act.key not in known and _is_early(loaded, one.act)
            }
            await self._hand_over(db, group)
            group.due()
            outcomes: list[Outcome] = []
            seen: dict[str, tuple[Submission, Outcome]] = {}
            for one in submissions:
                key = one.act.key
                if key in early:
                    outcome = early[key]
                elif key in known:
                    outcome = _repeated(one, known[key])
                elif key in seen:
                    before, outcome = seen[key]
                    if encode_json(before.act) != encode_json(one.act):
                        outcome = Refusal(KEY_REUSED)
                else:
                    # Newer rules may be in force behind what is due.
                    group.due()
                    outcome = self._prepared(head, loaded, one) or await group.decide(
                        db, one, papers, taken
                    )
                    if isinstance(outcome, Refusal):
                        group.due()
                    seen[key] = (one, outcome)
                outcomes.append(outcome)
            await group.write(db, self.vault)
            start = head.size
        self._queues[no].leaves = (start, [leaf for _, _, _, leaf in group.entries])
        return outcomes

    async def _hand_over(self, db: Writing, group: Group) -> None:
        """In the first commit of a tick, record the ties and boxes that are ripe."""
        loaded, head, now = group.loaded, group.head, group.now
        if not head.size:
            # Nothing waits in a new log; its first day counts as handed over.
            await store.handed(db, head.no, now // boxes.DAY)
            return
        if loaded.state.record.plain_at == now:
            return
        handover = boxes.Handover(loaded, self.domain, self.vault, head, now)
        await handover.collect(db)
        for act in handover.acts:
            refused = group.early(act)
            if isinstance(refused, Refusal):
                raise RecordBroken(f"an early act was refused: {refused.code}")
        group.tied.extend(handover.tied)

    def _prepared(self, head: store.Head, loaded: Loaded, submission: Submission) -> Refusal | None:
        if submission.prepared == loaded.procedure.version:
            return None
        return loaded.procedure.prepare(head.log_id, submission.act)

    async def sign(self, no: int) -> None:
        """Sign the head if entries came since the last signature, after checking the prefix."""
        async with writing(self.engine) as db:
            head = await store.head(db, no, "exclusive")
            if head.signed_size >= head.size or head.replica:
                return
            frontier = merkle.Frontier.from_bytes(head.signed_frontier)
            start, leaves = self._queues[no].leaves
            if start != head.signed_size or start + len(leaves) != head.size:
                leaves = await store.leaves(db, no, head.signed_size, head.size)
            frontier.extend(leaves)
            if frontier.to_bytes() != head.frontier:
                raise RecordBroken("the last signed tree is no prefix of the stored one")
            checkpoint = note.Checkpoint(note.origin(head.log_id), head.size, frontier.root())
            failpoint("book.before_sign")
            signed = note.sign_checkpoint(checkpoint, await self._log_key(db, head))
            failpoint("book.after_sign")
            await store.sign_head(
                db, head, frontier=head.frontier, note=signed, size=head.size, at=head.at
            )
            failpoint("book.before_sign_commit")
        failpoint("book.after_sign_commit")

    async def _log_key(self, db: Writing, head: store.Head) -> SigningKey:
        key = self._log_keys.get(head.log_id)
        if key is None:
            key = await shared_keys.signing_key(db, self.key_files, head)
            self._log_keys[head.log_id] = key
        return key

    async def sign_all(self) -> None:
        """Sign what was committed but unsigned when a process died."""
        async with reading(self.engine) as db:
            heads = await store.all_logs(db)
        for head in heads:
            if head.signed_size < head.size and not head.replica:
                await self.sign(head.no)

    async def snapshot(self, no: int) -> bool:
        """Keep a snapshot of a chapter's state if it grew enough since the last.

        Other processes go on meanwhile: what a record was at a size it stays.
        """
        async with self._queues[no].lock:
            async with reading(self.engine) as db:
                try:
                    loaded = await self.shelf.current(db, await store.head(db, no))
                except RulesUnknown:
                    return False
            snapshot = self.shelf.snapshot(loaded)
        if snapshot is None:
            return False
        async with writing(self.engine) as change:
            await store.save_snapshot(change, no, **snapshot)
        return True

    async def _put_rows(
        self, no: int, take: Callable[[], Sequence[BoxRow]]
    ) -> list[Promise | Refusal]:
        queue = self._queues[no]
        async with queue.lock:
            try:
                async with writing(self.engine) as db:
                    head = await store.head(db, no, "shared")
                    if head.replica:
                        return [Refusal(READ_ONLY) for _ in take()]
                    loaded = await self.shelf.usable(db, head)
                    outcomes = await self._fill(db, head, loaded, take())
                    failpoint("box.before_commit")
            except RulesUnknown as unknown:
                return [unknown.refusal for _ in take()]
            except BaseException:
                self.shelf.drop(no)
                raise
        failpoint("box.after_commit")
        return outcomes

    async def _fill(
        self, db: Any, head: store.Head, loaded: Loaded, rows: Sequence[BoxRow]
    ) -> list[Promise | Refusal]:
        now = self.timekeeper.tick(loaded.state.record)
        papers = await ties.find(db, self.vault, head.no, {("row", one.row) for one in rows})
        new: dict[str, NewTie] = {}
        refused: dict[int, Refusal] = {}
        for position, one in enumerate(rows):
            tie = papers.get(("row", one.row)) or (one.tie.paper if one.tie else None)
            reason = None if one.check is None else one.check(loaded.state, now)
            reason = (
                reason
                or self.domain.box_refusal(loaded.state, one, now)
                or self.domain.guard_row(loaded.state, one, tie)
            )
            if reason is not None:
                refused[position] = reason
            elif one.tie is not None and ("row", one.row) not in papers:
                new[one.row] = one.tie
        unkept = {tie.id for tie in await ties.add(db, self.vault, head.no, list(new.values()))}
        latest: dict[boxes.Place, BoxRow] = {}
        for position, one in enumerate(rows):
            if position in refused or one.row in unkept:
                continue
            place = one.subject, one.row
            before = latest.get(place)
            reason = None if before is None else self.domain.count_refusal(before.count, one)
            if reason is None or _same(one, before):
                latest[place] = one
            else:
                refused[position] = reason
        if latest and len(stored := await boxes.put(db, head.no, latest)) < len(latest):
            older = await boxes.counts(db, head.no, latest.keys() - stored)
            for position, one in enumerate(rows):
                last = older.get((one.subject, one.row))
                reason = None if last is None else self.domain.count_refusal(last, one)
                if reason is not None:
                    refused.setdefault(position, reason)
        outcomes: list[Promise | Refusal] = []
        for position, one in enumerate(rows):
            if position in refused:
                outcomes.append(refused[position])
            elif one.row in unkept:
                outcomes.append(Refusal(TIED_TWICE))
            else:
                outcomes.append(self._promise(head, loaded, one, now))
        return outcomes

    def _promise(self, head: store.Head, loaded: Loaded, row: BoxRow, now: int) -> Promise:
        record = loaded.state.record
        tick = now - now % boxes.DAY + boxes.DAY
        # Only the end of a vote is sure: support found early moves the deadline of a matter.
        if (deadline := record.deadlines.get(row.subject)) is not None:
            tick = min(tick, deadline.minute)
        message = boxes.promise_message(
            head.log_id, row.subject, row.row, row.count, row.value, tick
        )
        signature = keys.sign(self._node_key, message)
        return Promise(row.subject, row.row, row.count, row.value, tick, signature)


def _same(row: BoxRow, before: BoxRow | None) -> bool:
    return before is not None and (row.count, row.value) == (before.count, before.value)


def _became(outcome: Outcome) -> str:
    if isinstance(outcome, Refusal):
        return "refused"
    return "repeated" if outcome.repeated else "recorded"


def _is_early(loaded: Loaded, act: Act[Any]) -> bool:
    kind = loaded.procedure.kinds.get(act.kind)
    return kind is not None and kind.early


def _repeated(submission: Submission, stored: tuple[int, bytes, bytes]) -> Outcome:
    """Return the receipt of an act that stands already, or say that its key is another's."""
    index, leaf, raw = stored
    act = encode_json(submission.act)
    # An entry is its act with `at` and `part` inserted; both are removed to compare.
    head, _, rest = raw.partition(b',"at":"')
    middle, _, tail = rest[19:].partition(b',"part":0')
    if head + b"," + middle + tail == act:
        return Receipt(index, leaf, repeated=True)
    return Refusal(KEY_REUSED)
