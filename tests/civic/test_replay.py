"""The replay takes a short way with most acts, which must come to what the long way comes to."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from civic.kernel.record.entry import Act, As, Body, Entry, encode, minute, when
from civic.kernel.record.findings import AuditCode, Finding
from civic.kernel.record.replay import Replay
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from civic.procedure import DRAFT
from tests.civic.test_procedure_fuzz import MAKERS, STAGES, _at
from tests.shapes import BODIES, acts

AUDITS = {code.value for code in AuditCode}


def act_of(entry: Entry[Any]) -> Act[Any]:
    return Act(entry.kind, entry.by, entry.key, entry.body, entry.content, entry.proof)


def step(state: State, entry: Entry[Any]) -> list[Entry[Any]] | Refusal:
    """Do with the first entry of a group what the rules say, each of them by its own function."""
    now = minute(entry.at)
    if not DRAFT.kinds[entry.kind].early and state.next_deadline(now) is not None:
        return next(DRAFT.due(state, now))
    return DRAFT.act(state, act_of(entry), now)


def fed(replay: Replay, entries: Iterable[Entry[Any]]) -> Finding | None:
    replay.feed(encode(entry) for entry in entries)
    return replay.finding


def begun(log_id: str) -> Replay:
    return Replay({DRAFT.version: DRAFT}, DRAFT.version, log_id)


@pytest.mark.parametrize("stage", [name for name in MAKERS if name != "unfounded"])
def test_act_by_act_the_state_is_the_same(stage: str) -> None:
    game, _, _ = _at(stage)
    replay, state = begun(game.log_id), DRAFT.initial(game.log_id)
    at = 0
    while at < len(game.entries):
        group = step(state, game.entries[at])
        assert not isinstance(group, Refusal)
        raws = [encode(entry) for entry in game.entries[at : at + len(group)]]
        assert [encode(entry) for entry in group] == raws
        replay.feed(raws)
        assert replay.finding is None
        assert DRAFT.dump(replay.state) == DRAFT.dump(state)
        at += len(group)
    assert at == replay.index == len(game.entries) > 0


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.kind)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_whatever_comes_next_is_judged_the_same(kind: type[Body], data: st.DataObject) -> None:
    game, dumped, pool = _at(data.draw(st.sampled_from(STAGES)))
    act = data.draw(acts(kind, pool, sorted(DRAFT.kinds[kind.kind].by) or list(As)))
    later = data.draw(st.sampled_from([0, 1, 10, 60, -10]))
    entry: Entry[Any] = Entry(
        act.kind, when(game.tick + later), act.by, act.key, 0, act.body, act.content, act.proof
    )
    if DRAFT.form(act) is not None:
        return
    state = DRAFT.load(dumped)
    result = step(state, entry)
    replay = begun(game.log_id)
    assert fed(replay, game.entries) is None
    if isinstance(result, Refusal):
        finding = fed(replay, [entry])
        event(result.code)
        assert finding is not None
        assert (finding.code, finding.index) == (result.code, len(game.entries))
        assert DRAFT.dump(replay.state) == dumped
    elif encode(result[0]) == encode(entry):
        event("accepted")
        assert fed(replay, result) is None
        assert DRAFT.dump(replay.state) == DRAFT.dump(state)
    else:
        # Something was due, and it is not what stands there.
        finding = fed(replay, [entry])
        event("due")
        assert finding is not None
        assert finding.code in AUDITS or finding.code == "record.time_back"
