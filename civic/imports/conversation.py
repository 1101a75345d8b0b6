"""Replay a conversation into a record: acts of the node, the same ones however often it is run.

Every key, id and salt follows from the log, the conversation's name and the node's secret, so an
import that was interrupted goes on where it stopped: what stands already is passed over.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ARRAY, LargeBinary, bindparam, text

from chapters.entries import MembersImported
from civic.deeds.person import Desk, Person, Texts
from civic.imports.polis import Conversation
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.content import length_of
from civic.kernel.record.entry import Act, As, Body, By, act_key, id_of, node_id
from civic.kernel.record.submission import Submission
from civic.kernel.refusal import Refusal
from civic.operate.progress import Progress, silent
from deliberation import entries as e

MEMBERS_AN_ENTRY: Final = 1500
ROWS_AN_ENTRY: Final = 1500
ACTS_A_COMMIT: Final = 500
"""Acts in one transaction; other acts of the chapter wait that long."""


class ImportRefused(Exception):
    """The rules refused an act of the import; the text says which and why."""


@dataclass(frozen=True)
class Imported:
    """What an import did: the matter's id, acts that are new, acts that stood there already."""

    matter: str
    new: int
    known: int


class Importer:
    """Makes the acts of one conversation for one chapter."""

    def __init__(
        self, desk: Desk, head: store.Head, conversation: Conversation, *, source: str, lang: str
    ) -> None:
        self.conversation = conversation
        self._desk = desk
        self._head = head
        self._source = source
        self._lang = lang
        self._by = By(As.NODE, node_id(head.log_id))
        self._node = Person(head.no, head.log_id, self._by.id)
        self.matter = self._id("conversation", "")
        self._members = {one: self._id(one) for one in conversation.participants}

    def _id(self, *what: str) -> str:
        parts = ("civic/import/1", self._head.log_id, self.conversation.name, *what)
        raw = [part.encode() for part in parts]
        framed = b"".join(len(part).to_bytes(2, "big") + part for part in raw)
        return id_of(hashlib.sha256(framed).digest()[:16])

    def _key(self, what: str) -> tuple[str, str]:
        idempotency = f"import/{self.conversation.name}/{what}"
        return act_key(self._head.log_id, self._by, idempotency), idempotency

    def _act(self, what: str, body: Body, *words: str) -> tuple[Submission, int]:
        key, idempotency = self._key(what)
        texts = Texts(self._desk.draws(self._node, idempotency), self._lang)
        for one in words:
            texts.add(one)
        act: Act[Any] = Act(body.kind, self._by, key, body, texts.hashes)
        rows = len(body.rows) if isinstance(body, e.ReactionsImported) else 0
        return Submission(act, texts.blobs), rows

    def submissions(self) -> Iterator[tuple[Submission, int]]:
        """Yield all acts in order, each with the number of reactions in it."""
        members = [self._members[one] for one in self.conversation.participants]
        for batch, part in enumerate(_parts(members, MEMBERS_AN_ENTRY)):
            body = MembersImported(self._source, batch, tuple(part))
            yield self._act(f"members/{batch}", body)
        yield self._conversation()
        yield from self._statements()
        yield from self._reactions()

    def _conversation(self) -> tuple[Submission, int]:
        title, description = self.conversation.title, self.conversation.text
        body = e.ConversationImported(
            self.matter, self._source, self._lang, length_of(title), length_of(description)
        )
        return self._act("conversation", body, title, description)

    def _subject(self, number: int) -> str:
        return self._id("statement", str(number))

    def _statements(self) -> Iterator[tuple[Submission, int]]:
        for one in self.conversation.statements:
            body = e.StatementImported(
                self._subject(one.number),
                self.matter,
                self._members[one.author],
                one.day,
                one.accepted,
                length_of(one.text),
            )
            yield self._act(f"statement/{one.number}", body, one.text)

    def _reactions(self) -> Iterator[tuple[Submission, int]]:
        for (day, number), values in self.conversation.reactions.items():
            rows = sorted((self._members[voter], value) for voter, value in values.items())
            for batch, part in enumerate(_parts(rows, ROWS_AN_ENTRY)):
                body = e.ReactionsImported(self._subject(number), day, batch, tuple(part))
                yield self._act(f"reactions/{number}/{day}/{batch}", body)

    async def run(
        self, progress: Progress = silent, *, acts_a_commit: int = ACTS_A_COMMIT
    ) -> Imported:
        """Commit what does not stand yet; `progress` is told of reactions.

        Raises `ImportRefused`.
        """
        total = sum(len(values) for values in self.conversation.reactions.values())
        done = new = known = 0
        for part in _chunks(self.submissions(), acts_a_commit):
            standing = await self._standing([one.act.key for one, _ in part])
            missing = [one for one, _ in part if one.act.key not in standing]
            if missing:
                outcomes = await self._desk.book.commit(self._head.no, missing)
                for submission, outcome in zip(missing, outcomes, strict=True):
                    if isinstance(outcome, Refusal):
                        raise ImportRefused(
                            f"{submission.act.kind} was refused: {outcome.code} {outcome.params}"
                        )
            new += len(missing)
            known += len(part) - len(missing)
            done += sum(rows for _, rows in part)
            progress(done, total)
        return Imported(self.matter, new, known)

    async def _standing(self, keys: Sequence[str]) -> set[str]:
        values = {"log": self._head.no, "keys": [bytes.fromhex(key) for key in keys]}
        async with reading(self._desk.book.engine) as db:
            return {key.hex() for key in await db.scalars(_STANDING, values)}


_STANDING = text(
    "SELECT key FROM record.entry WHERE log = :log AND part = 0 AND key = ANY(:keys)"
).bindparams(bindparam("keys", type_=ARRAY(LargeBinary)))


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _chunks(
    acts: Iterator[tuple[Submission, int]], size: int
) -> Iterator[list[tuple[Submission, int]]]:
    chunk: list[tuple[Submission, int]] = []
    for one in acts:
        chunk.append(one)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
