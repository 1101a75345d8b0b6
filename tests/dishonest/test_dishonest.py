"""For every refusal code: a record of a dishonest node, and an audit that names entry and code."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from chapters.assurance import checks
from chapters.papers import PAPER_SIGNATURE
from tests.dishonest import (
    chapters_cases,
    deliberation_cases,
    key_cases,
    level_cases,
    papers_cases,
    record_cases,
    standing_cases,
    voting_cases,
)
from tests.dishonest.case import CASES, Lie

_ = (
    chapters_cases,
    deliberation_cases,
    key_cases,
    level_cases,
    record_cases,
    standing_cases,
    voting_cases,
)

_CODES = (
    "import civic.procedure, chapters.assurance.checks, chapters.keys.papers, chapters.papers\n"
    "import deliberation.papers\n"
    "from civic.kernel.refusal import registered\n"
    "print(*registered())\n"
)


def test_every_code_has_a_record() -> None:
    # Other modules register codes of the node's own; only a fresh process knows rules and papers.
    codes = subprocess.run(
        [sys.executable, "-c", _CODES], capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(codes) > 50
    assert set(codes) == set(CASES)


@pytest.mark.parametrize("code", sorted(CASES))
def test_the_audit_names_entry_and_code(code: str) -> None:
    lie = CASES[code]()
    record = lie.record
    report = record.audit(papers=record.papers if lie.papers else None)
    assert report.status == 1
    assert (code, lie.index) in {(found.code, found.entry) for found in report.findings}
    assert [found.code for found in report.findings] == [code]
    if lie.papers:
        # Without the papers nothing is seen, and the report says that the node vouches.
        blind = record.audit()
        assert blind.status == 0
        papers = next(check for check in blind.checks if check.name == "papers")
        assert papers.status == "not_checked"
        assert papers.count > 0


def test_a_review_that_came_late_is_counted_and_nothing_is_wrong_any_more() -> None:
    for days, late in ((6, False), (9, True)):
        record = level_cases.lost()
        record.pass_time(days=days)
        record.hand_over()
        record.node(level_cases.reviewed(record, "hal"))
        report = record.audit()
        assert (report.status, report.findings) == (0, ())
        said = "After a level was lost, it took the node over a week"
        assert any(said in one for one in report.notices) is late


def test_a_tie_between_keys_is_signed() -> None:
    lie = papers_cases.unsigned_tie()
    report = lie.record.audit(papers=lie.record.papers)
    assert (PAPER_SIGNATURE, lie.index) in {(one.code, one.entry) for one in report.findings}


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (level_cases.after_a_failure, checks.VOUCHER),
        (level_cases.after_renouncing, checks.REVIEW_DIFFERS),
        (level_cases.after_leaving, checks.REVIEW_DIFFERS),
        (level_cases.review_without_the_false, checks.REVIEW_DIFFERS),
        (level_cases.decided_by_a_verifier_after_leaving, checks.NOT_INDEPENDENT),
        (level_cases.aside_made_up, PAPER_SIGNATURE),
        (level_cases.signed_by_another, PAPER_SIGNATURE),
        (level_cases.decided_by_the_challenger, checks.NOT_INDEPENDENT),
        (level_cases.appeal_to_the_same, checks.NOT_INDEPENDENT),
    ],
)
def test_papers_of_levels_hold_in_other_ways_too(build: Callable[[], Lie], code: str) -> None:
    lie = build()
    report = lie.record.audit(papers=lie.record.papers)
    assert [(one.code, one.entry) for one in report.findings] == [(code, lie.index)]
    assert lie.record.audit().status == 0
