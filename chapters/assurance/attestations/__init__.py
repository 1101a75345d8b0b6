"""What waits or is counted privately: codes, vouches and verifications, cases, who did how often.

Who wrote a paper is sealed under the node's key; tags are keyed hashes, days are ends of days. Once
a paper is named by the record nothing here leads from it to its author any more, but a count.
"""

from chapters.assurance.attestations.backing import back, backers, papers_of
from chapters.assurance.attestations.codes import CODE_DIGITS, CODE_TIME, member_of_code, new_code
from chapters.assurance.attestations.held_back import (
    all_waiting,
    done,
    drop,
    end,
    keep,
    note,
    waiting,
)
from chapters.assurance.attestations.open_cases import (
    OpenCase,
    case_by_number,
    case_of,
    cases,
    close_case,
    open_case,
    opened_case,
    pass_over,
)
from chapters.assurance.attestations.sweeping import PENDING_TIME, sweep
from chapters.assurance.attestations.tables import end_of_day, tag_of

__all__ = [
    "CODE_DIGITS",
    "CODE_TIME",
    "PENDING_TIME",
    "OpenCase",
    "all_waiting",
    "back",
    "backers",
    "case_by_number",
    "case_of",
    "cases",
    "close_case",
    "done",
    "drop",
    "end",
    "end_of_day",
    "keep",
    "member_of_code",
    "new_code",
    "note",
    "open_case",
    "opened_case",
    "papers_of",
    "pass_over",
    "sweep",
    "tag_of",
    "waiting",
]
