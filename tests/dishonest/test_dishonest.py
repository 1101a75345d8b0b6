"""For every refusal code: a record of a dishonest node, and an audit that names entry and code."""

import subprocess
import sys

import pytest

from chapters.papers import PAPER_SIGNATURE
from tests.dishonest import (
    chapters_cases,
    deliberation_cases,
    papers_cases,
    record_cases,
    standing_cases,
    voting_cases,
)
from tests.dishonest.case import CASES

_ = (chapters_cases, deliberation_cases, record_cases, standing_cases, voting_cases)

_CODES = (
    "import civic.procedure, chapters.papers, deliberation.papers\n"
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


def test_a_tie_between_keys_is_signed() -> None:
    lie = papers_cases.unsigned_tie()
    report = lie.record.audit(papers=lie.record.papers)
    assert (PAPER_SIGNATURE, lie.index) in {(one.code, one.entry) for one in report.findings}
