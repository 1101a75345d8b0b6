"""Reading conversations in Polis's public format: what counts, and what is left out by name."""

from pathlib import Path

import pytest

from civic.imports.polis import Conversation, NoConversation, Statement, read_conversation

DAY = 86_400_000
FIRST = 18_000 * DAY
"""2019-04-14T00:00Z in milliseconds."""
COMMENTS = (
    "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
    f'{FIRST},x,1,9,0,0,1,"A bench, please\nand a tree."\n'
    f"{FIRST + DAY},x,0,7,0,0,-1,Buy my soap\n"
)
HEADER = "timestamp,datetime,comment-id,voter-id,vote\n"


def folder(path: Path, votes: str, comments: str = COMMENTS, summary: str | None = None) -> Path:
    (path / "votes.csv").write_text(HEADER + votes, encoding="utf-8")
    (path / "comments.csv").write_text(comments, encoding="utf-8")
    if summary is not None:
        (path / "summary.csv").write_text(summary, encoding="utf-8")
    return path


def read(path: Path, *votes: tuple[int, int, int, int]) -> Conversation:
    rows = [f"{time},x,{statement},{voter},{value}\n" for time, statement, voter, value in votes]
    return read_conversation(folder(path, "".join(rows)))


def test_statements_come_by_number_with_their_day_and_fate(tmp_path: Path) -> None:
    conversation = read(tmp_path)
    assert conversation.statements == [
        Statement(0, "7", "2019-04-15", "Buy my soap", accepted=False),
        Statement(1, "9", "2019-04-14", "A bench, please\nand a tree.", accepted=True),
    ]
    assert conversation.participants == ["7", "9"]
    assert conversation.left_out == []


def test_the_last_vote_of_a_day_stands_and_another_day_stands_by_itself(tmp_path: Path) -> None:
    conversation = read(
        tmp_path,
        (FIRST + DAY, 1, 5, 0),
        (FIRST + 2, 1, 5, 1),
        (FIRST + 1, 1, 5, -1),
        (FIRST + 2, 1, 5, -1),
        (FIRST + DAY - 1, 0, 10, 1),
    )
    assert list(conversation.reactions.items()) == [
        (("2019-04-14", 0), {"10": 1}),
        (("2019-04-14", 1), {"5": -1}),
        (("2019-04-15", 1), {"5": 0}),
    ]
    assert conversation.votes == 5
    assert conversation.participants == ["5", "7", "9", "10"]


def test_votes_on_statements_that_are_not_listed_are_counted(tmp_path: Path) -> None:
    conversation = read(tmp_path, (FIRST, 77, 5, 1), (FIRST, 1, 6, 1))
    assert conversation.unknown == 1
    assert conversation.participants == ["6", "7", "9"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"{FIRST},x,1,5,2", "the vote is '2'"),
        (f"{FIRST},x,one,5,1", "invalid literal"),
        (f"{FIRST},x,1,,1", "the voter is missing"),
        ("yesterday,x,1,5,1", "the time is 'yesterday'"),
        (f"{FIRST // 1000},x,1,5,1", "not in milliseconds"),
        (f"{FIRST},x,1", "columns are missing"),
    ],
)
def test_a_bad_vote_is_left_out_and_named_with_its_line(tmp_path: Path, row: str, why: str) -> None:
    conversation = read_conversation(folder(tmp_path, f"{FIRST},x,1,5,1\n{row}\n"))
    assert conversation.votes == 1
    [complaint] = conversation.left_out
    assert complaint.startswith("votes.csv, line 3: ")
    assert why in complaint


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"{FIRST},x,1,9,0,0,0,Again", "statement 1 stands twice"),
        (f"{FIRST},x,2,9,0,0,5,What", "moderated is '5'"),
        (f"{FIRST},x,2,9,0,0,0,", "the statement has 0 characters"),
        (f"{FIRST},x,2,,0,0,0,Who", "the author is missing"),
    ],
)
def test_a_bad_statement_is_named_by_the_line_it_begins_on(
    tmp_path: Path, row: str, why: str
) -> None:
    conversation = read_conversation(folder(tmp_path, "", f"{COMMENTS}{row}\n"))
    assert len(conversation.statements) == 2
    # The first statement takes two lines.
    assert conversation.left_out == [f"comments.csv, line 5: {why}"]


def test_the_summary_gives_title_text_and_address(tmp_path: Path) -> None:
    summary = 'topic,Benches\nurl,https://pol.is/x\nconversation-description,"Where?\r\nWhy?"\n'
    conversation = read_conversation(folder(tmp_path, "", summary=summary))
    assert conversation.title == "Benches"
    assert conversation.url == "https://pol.is/x"
    assert conversation.text == "Where?\nWhy?"


def test_without_a_summary_the_folder_gives_the_name(tmp_path: Path) -> None:
    conversation = read(tmp_path)
    assert conversation.title == f"Conversation {tmp_path.name}"
    assert conversation.text


def test_words_are_brought_into_the_form_that_records_demand(tmp_path: Path) -> None:
    comments = COMMENTS + f"{FIRST},x,2,9,0,0,0,e\u0301\u0007\u200bnd\n"
    conversation = read_conversation(folder(tmp_path, "", comments))
    assert conversation.statements[2].text == "\u00e9nd"


def test_a_folder_without_votes_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoConversation, match=r"comments\.csv cannot be read"):
        read_conversation(tmp_path)


def test_a_file_with_other_columns_is_told(tmp_path: Path) -> None:
    folder(tmp_path, "")
    (tmp_path / "votes.csv").write_text("time,vote\n1,1\n")
    with pytest.raises(NoConversation, match="no column timestamp"):
        read_conversation(tmp_path)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    folder(tmp_path, "")
    (tmp_path / "votes.csv").write_bytes(HEADER.encode() + "é\n".encode("latin-1"))
    with pytest.raises(NoConversation, match="UTF-8"):
        read_conversation(tmp_path)
