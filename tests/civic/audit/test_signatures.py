"""Signatures checked in other processes are refused as in this one, in order."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from chapters import entries as c
from civic.audit import signatures
from civic.audit.signatures import AllCores
from civic.kernel.record.entry import As, Proof, encode
from tests.acts import made
from tests.dishonest.case import village
from tests.dishonest.stewards import naming
from tests.factories.records import Record


@pytest.fixture(scope="module")
def forged() -> tuple[Record, list[int]]:
    """Acts signed well and badly, and where the bad ones stand."""
    record = village()
    wrong: list[int] = []
    for number in range(40):
        name = ("ann", "ben", "cem", "dia")[number % 4]
        digest = record.words(f"Name {number}")
        act = record.act(c.DisplayNameSet(6), As.MEMBER, made(name), [digest], name)
        assert act.proof is not None
        if number in (3, 17, 38):
            proof = Proof(act.proof.public_key, "00" * 64)
            wrong.append(record.force(msgspec.structs.replace(act, proof=proof)))
        else:
            record.force(act)
    body = naming(record, 1, ("s1",), 1, approved_by=("s2",))
    approval = c.Approval(body.approvals[0].public_key, "00" * 64)
    body = msgspec.structs.replace(body, approvals=(approval,))
    wrong.append(record.force(record.act(body, As.OFFICE, made("lead"), signer="ann")))
    return record, wrong


def test_other_processes_find_the_same(
    forged: tuple[Record, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    record, wrong = forged
    here = record.audit()
    assert [found.entry for found in here.findings if found.code == "record.bad_signature"] == (
        wrong[:3]
    )
    monkeypatch.setattr(signatures, "CHUNK", 4)
    monkeypatch.setattr(signatures, "ALONE", 8)
    with AllCores(2) as pool:
        there = record.audit(signatures=pool)
        assert len(pool.pids) == 2
        again = record.audit(signatures=pool)
    assert there == again == here
    assert [found.entry for found in here.findings][:4] == wrong


def test_few_are_checked_here(forged: tuple[Record, list[int]]) -> None:
    record, _ = forged
    with AllCores(2) as pool:
        assert record.audit(signatures=pool) == record.audit()
        assert pool.pids == []


def test_what_came_before_other_rules_is_checked_by_its_own(
    forged: tuple[Record, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turning to another version of the rules mixes no acts and loses none."""
    record, wrong = forged
    seen: list[tuple[int, int]] = []
    check = signatures.check

    def watched(version: int, log: str, acts: Sequence[tuple[int, bytes]]) -> Any:
        seen.append((version, len(acts)))
        return check(0, log, acts)

    monkeypatch.setattr(signatures, "check", watched)
    acts = [(n, encode(one)) for n, one in enumerate(record.entries) if one.proof is not None]
    half = len(acts) // 2
    with AllCores(2) as pool:
        pool.begin(0, record.log_id)
        for index, raw in acts[:half]:
            pool.add(index, raw)
        pool.turn(1)
        for index, raw in acts[half:]:
            pool.add(index, raw)
        assert [index for index, _ in pool.end()] == wrong
    assert seen == [(0, half), (1, len(acts) - half)]
