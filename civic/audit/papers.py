"""Restricted papers given to an audit: read from a folder, and fed with what each domain says."""

from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from chapters.assurance.papers_audit import AssuranceAudit
from chapters.keys.entries import ActDisowned
from chapters.papers import PRESENT, Tie
from chapters.papers_audit import PapersAudit
from chapters.state import Member
from civic.kernel.record.bundle import BundleError
from civic.kernel.record.content import MAX_CONTENT
from civic.kernel.record.entry import As, Entry
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from deliberation.entries import ReactionsRecorded, WordsErased
from deliberation.matters import matter_of_body, matter_of_subject
from deliberation.moderation.entries import HidingAppealed, HidingJudged
from deliberation.papers import level_refusal, own_words_refusal
from deliberation.state import of as deliberation_of
from voting.entries import VotesRecorded
from voting.rules import NOT_ON_ROLL, was_on_roll
from voting.state import of as voting_of

_ACTIVE: Final = frozenset({"active"})
_STANDING: Final[Mapping[type[Any], Container[str] | None]] = MappingProxyType(
    {WordsErased: None, ActDisowned: PRESENT, HidingAppealed: PRESENT}
)
"""How the member behind a voice may stand with the chapter, None for any way, where it differs."""


class PaperFolder(Mapping[str, bytes]):
    """A folder with one file for each paper, named after its SHA-256."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise BundleError(f"{folder} is no folder of papers")
        self._folder = folder
        self._names = {path.name for path in folder.iterdir() if path.is_file()}

    def __getitem__(self, digest: str) -> bytes:
        if digest not in self._names:
            raise KeyError(digest)
        try:
            with (self._folder / digest).open("rb") as file:
                return file.read(MAX_CONTENT + 1)
        except OSError as error:
            raise BundleError(f"{digest} cannot be read: {error.strerror}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)


class Papers:
    """Feeds every act of a replay to the audit of papers."""

    def __init__(self, papers: Mapping[str, bytes]) -> None:
        self.audit = PapersAudit(papers)
        self.levels = AssuranceAudit(papers)

    def before(self, state: State, entry: Entry[Any], index: int, now: int) -> None:
        """See an act with the state before it."""
        body = entry.body
        if isinstance(body, ReactionsRecorded):
            matter = matter_of_subject(state, body.subject)
            self._rows(state, matter, body, index, now)
        elif isinstance(body, VotesRecorded):
            election = voting_of(state).elections.get(body.subject)
            self._rows(state, election.proposal if election else None, body, index, now)
        elif entry.by.as_ is As.VOICE:
            matter = matter_of_body(state, body)
            if matter is not None:
                self.audit.spoke(
                    state,
                    matter,
                    entry.by.id,
                    index,
                    now,
                    signed=entry.proof is not None,
                    standing=_STANDING.get(type(body), _ACTIVE),
                    more=lambda tie, member: level_refusal(state, tie, body),
                )
        else:
            if isinstance(body, HidingJudged):
                self._judged(state, entry, index)
            self.audit.entry(state, entry, index, now)
            refused = self.levels.entry(state, entry, now)
            if refused is not None:
                self.audit.findings.append((index, refused))

    def _judged(self, state: State, entry: Entry[HidingJudged], index: int) -> None:
        found = deliberation_of(state).moderation.hidings.get(entry.body.hiding)
        if found is not None and found.author:
            self.audit.apart(
                found.author, index, lambda tie: own_words_refusal(state, tie, entry.by.id)
            )

    def _rows(
        self,
        state: State,
        matter: str | None,
        body: ReactionsRecorded | VotesRecorded,
        index: int,
        now: int,
    ) -> None:
        if matter is None:
            return
        election = voting_of(state).elections.get(body.subject)

        def on_roll(tie: Tie, member: Member) -> Refusal | None:
            # A member who left meanwhile was present when the box took the vote.
            if election is None or was_on_roll(election, tie.member, member):
                return None
            return Refusal(NOT_ON_ROLL)

        signed = {position for position, *_ in body.proofs}
        for position, (row, _) in enumerate(body.rows):
            self.audit.reacted(
                state, matter, row, index, now, signed=position in signed, more=on_roll
            )
