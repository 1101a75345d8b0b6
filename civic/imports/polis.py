"""Read a public conversation from the files in which Polis gives it away (CSV).

`summary.csv` has key,value lines; `comments.csv` the statements; `votes.csv` every vote with its
time, revotes included (1 agree, -1 disagree, 0 pass: the exports' signs). What cannot be used is
left out and named with its line.
"""

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

TEXT_MOST: Final = 20_000
"""Longest description; what is longer is cut."""
TITLE_MOST: Final = 200
STATEMENT_MOST: Final = 5_000
_MILLISECONDS_A_DAY: Final = 86_400_000
_EARLIEST: Final = 100_000_000_000
"""1973: a smaller time is one in seconds."""
_LATEST: Final = 32_503_680_000_000
_KEPT: Final = "\n\t\u200c\u200d\u200e\u200f"
_EPOCH: Final = date(1970, 1, 1).toordinal()


class NoConversation(Exception):
    """A folder holds no conversation that can be read; the text says why."""


@dataclass(frozen=True)
class Statement:
    """A statement: its number, who wrote it, on which day (UTC), and whether it was accepted."""

    number: int
    author: str
    day: str
    text: str
    accepted: bool


@dataclass
class Conversation:
    """A conversation. `reactions` are values by participant, by (day, statement number).

    Of several votes of one participant on one statement in a day the last one stands; those of
    other days stand by themselves. `left_out` says, with file and line, what could not be used;
    `unknown` counts votes on statements that are not listed.
    """

    name: str
    title: str
    text: str
    url: str | None
    statements: list[Statement] = field(default_factory=list)
    participants: list[str] = field(default_factory=list)
    reactions: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    votes: int = 0
    unknown: int = 0
    left_out: list[str] = field(default_factory=list)


def read_conversation(folder: Path) -> Conversation:
    """Read the conversation in a folder; `NoConversation` if its files cannot be read at all."""
    summary = _summary(folder / "summary.csv")
    name = folder.resolve().name
    title = " ".join(_clean(summary.get("topic", "")).split())[:TITLE_MOST].strip()
    conversation = Conversation(
        name,
        title if len(title) >= 3 else f"Conversation {name}"[:TITLE_MOST],
        _clean(summary.get("conversation-description", ""))[:TEXT_MOST].strip() or title or name,
        summary.get("url") or None,
    )
    _read_statements(conversation, folder / "comments.csv")
    voters = _read_votes(conversation, folder / "votes.csv")
    authors = {statement.author for statement in conversation.statements}
    conversation.participants = sorted(voters | authors, key=lambda one: (len(one), one))
    return conversation


def _lines(path: Path, *columns: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, values of the named columns) of a CSV file with a header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            missing = [column for column in columns if column not in header]
            if missing:
                raise NoConversation(f"{path} has no column {missing[0]}.")
            places = [header.index(column) for column in columns]
            least, line = max(places), rows.line_num + 1
            for row in rows:
                if row:
                    yield line, [row[place] for place in places] if len(row) > least else []
                line = rows.line_num + 1
    except OSError as error:
        raise NoConversation(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoConversation(f"{path} is no CSV file in UTF-8: {error}.") from error


def _summary(path: Path) -> Mapping[str, str]:
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {row[0].strip(): row[1].strip() for row in csv.reader(file) if len(row) > 1}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoConversation(f"{path} cannot be read: {error}.") from error


def _read_statements(conversation: Conversation, path: Path) -> None:
    known: set[int] = set()
    wanted = ("timestamp", "comment-id", "author-id", "moderated", "comment-body")
    for line, values in _lines(path, *wanted):
        try:
            time, number_text, author, moderated, body = values
            number, text = int(number_text), _clean(body).strip()
            if number in known:
                raise ValueError(f"statement {number} stands twice")
            if moderated not in ("-1", "0", "1"):
                raise ValueError(f"moderated is {moderated!r}")
            if not 1 <= len(text) <= STATEMENT_MOST:
                raise ValueError(f"the statement has {len(text):,} characters")
            if not author:
                raise ValueError("the author is missing")
            statement = Statement(number, author, _day(time), text, moderated != "-1")
        except ValueError as error:
            conversation.left_out.append(_complaint(path, line, values, error))
            continue
        known.add(number)
        conversation.statements.append(statement)
    conversation.statements.sort(key=lambda one: one.number)


def _read_votes(conversation: Conversation, path: Path) -> set[str]:
    known = {statement.number for statement in conversation.statements}
    values_of = {"1": 1, "-1": -1, "0": 0}
    votes: list[tuple[int, int, str, int]] = []
    for line, values in _lines(path, "timestamp", "comment-id", "voter-id", "vote"):
        try:
            time, number_text, voter, value_text = values
            number = int(number_text)
            if value_text not in values_of:
                raise ValueError(f"the vote is {value_text!r}")
            if not voter:
                raise ValueError("the voter is missing")
            _day(time)
        except ValueError as error:
            conversation.left_out.append(_complaint(path, line, values, error))
            continue
        if number in known:
            votes.append((int(time), number, voter, values_of[value_text]))
        else:
            conversation.unknown += 1
    conversation.votes = len(votes)
    # Sorting is stable: of equal times the later line wins.
    votes.sort(key=lambda vote: vote[0])
    for milliseconds, number, voter, value in votes:
        day = _day_of(milliseconds)
        conversation.reactions.setdefault((day, number), {})[voter] = value
    conversation.reactions = dict(sorted(conversation.reactions.items()))
    return {voter for _, _, voter, _ in votes}


def _complaint(path: Path, line: int, values: list[str], error: ValueError) -> str:
    why = str(error) if values else "columns are missing"
    return f"{path.name}, line {line}: {why}"


def _day(milliseconds: str) -> str:
    """Return the day (UTC) of a time in milliseconds since 1970; ValueError for anything else."""
    if not (milliseconds.isascii() and milliseconds.isdigit()):
        raise ValueError(f"the time is {milliseconds!r}")
    if not _EARLIEST <= int(milliseconds) < _LATEST:
        raise ValueError(f"the time {milliseconds} is not in milliseconds since 1970")
    return _day_of(int(milliseconds))


def _day_of(milliseconds: int) -> str:
    return date.fromordinal(_EPOCH + milliseconds // _MILLISECONDS_A_DAY).isoformat()


def _clean(text: str) -> str:
    """Return a text as words may be: in NFC, with no control characters but line breaks.

    Of the invisible ones what languages need stays: joiners and marks of direction.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in _KEPT or not unicodedata.category(c).startswith("C"))
