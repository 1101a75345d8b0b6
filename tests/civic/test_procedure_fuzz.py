"""Whatever an act says, the rules answer with entries or a refusal, never with an exception."""

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from chapters import entries as c
from chapters.bylaws import Change
from civic.kernel.record.entry import As, Body, encode, when
from civic.kernel.refusal import Refusal
from civic.procedure import DRAFT
from deliberation import entries as d
from tests.acts import (
    Game,
    begin,
    bylaws_of,
    founding,
    made,
    propose,
    support,
    text,
    tie,
    to_vote,
)
from tests.shapes import BODIES, Pool, acts
from voting import entries as v


def _forming() -> Game:
    game = Game()
    game.do(founding(game, bylaws_of()), As.MEMBER, made("ann"), [text("chapter")])
    for name in ("ben", "cem"):
        game.member(c.Joined(made(name), text(f"paper {name}")), name)
    for name in ("ann", "ben", "cem"):
        others = tuple(made(one) for one in ("ann", "ben", "cem") if one != name)
        game.member(c.FounderConfirmed(others), name)
    return game


def _dissolved() -> Game:
    game = _forming()
    game.wait(days=31)
    return game


def _busy(secrecy: str) -> Game:
    """A chapter with proposals in all phases, and a conversation from elsewhere."""
    game = begin(secrecy=secrecy, level_propose=0)
    game.member(c.DisplayNameSet(3), "dia", text("dia"))
    game.member(c.Applied(made("applicant")), "applicant")
    propose(game, "gone")
    game.voice(d.Withdrawn(made("gone")), "gone author")
    propose(game, "vote", options=2)
    election = to_vote(game, "vote")
    if secrecy == "roll_call":
        game.member(v.Cast(election, 3), "ann")
    else:
        tie(game, made("vote"), "row", 3)
        rows = tuple(sorted((made(f"row {n}"), 1) for n in range(2)))
        game.node(v.VotesRecorded(election, when(game.tick), 0, rows))
    propose(game, "discussed", changes=(Change("quorum", 200, 100),))
    support(game, "discussed")
    game.voice(d.Argued(made("argument"), made("discussed"), "pro", 5), "arguer", text("argument"))
    game.voice(d.Commented(made("comment"), made("argument"), 5), "commenter", text("comment"))
    propose(game, "new", options=0, appointment=d.Appointment("trustee", made("dia"), 1000))
    game.office(c.StewardsNamed(1, ("aa" * 32,), 1), "lead")
    game.office(d.TaskSet(made("task"), made("gone"), when(game.now + 60), 4), "lead", text("task"))
    game.node(c.MembersImported("elsewhere", 0, (made("guest"),)))
    conversation = d.ConversationImported(made("old"), "elsewhere", "en", 5, 5)
    game.node(conversation, text("old title"), text("old text"))
    statement = d.StatementImported(made("said"), made("old"), made("guest"), "2020-02-29", True, 4)
    game.node(statement, text("said"))
    game.pass_time(minutes=10)
    return game


MAKERS: dict[str, Callable[[], Game]] = {
    "unfounded": Game,
    "forming": _forming,
    "dissolved": _dissolved,
    "roll_call": lambda: _busy("roll_call"),
    "pseudonymous": lambda: _busy("pseudonymous"),
}
STAGES = (*MAKERS, "roll_call", "pseudonymous", "roll_call", "pseudonymous")


@cache
def _at(stage: str) -> tuple[Game, bytes, Pool]:
    game = MAKERS[stage]()
    chapter, said = game.chapter, game.deliberation
    node, elections = game.state.record.node, list(game.voting.elections)
    voices = sorted({one for matter in chapter.matters.values() for one in matter.voices})
    known = [*chapter.members, *chapter.offices, *said.proposals, *said.subjects, *elections]
    hashes = sorted(game.state.record.texts) or [text("x")]
    near = [game.tick, game.tick - 10, game.tick + 10, game.tick + 1, game.tick + 60 * 24 * 100]
    pool = Pool(
        [node, made("nobody"), *known, *voices],
        hashes,
        near,
        {
            As.MEMBER: list(chapter.members),
            As.VOICE: voices,
            As.OFFICE: list(chapter.offices),
            As.NODE: [node],
        },
        {
            "member": list(chapter.members),
            "proposal": list(said.proposals),
            "matter": list(chapter.matters),
            "of": [*said.proposals, *said.subjects],
            "on": list(said.subjects),
            "subject": [*said.subjects, *elections],
            "task": [made("task")],
            "election": elections,
            "tick": [when(game.tick)],
        },
    )
    return game, DRAFT.dump(game.state), pool


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.kind)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_any_act_is_accepted_or_refused(kind: type[Body], data: st.DataObject) -> None:
    stage = data.draw(st.sampled_from(STAGES))
    game, dumped, pool = _at(stage)
    roles = sorted(DRAFT.kinds[kind.kind].by) or list(As)
    act = data.draw(acts(kind, pool, roles))
    # Not all drawn acts fit into an entry; those that do not are refused before the rules.
    prepared = DRAFT.prepare(game.log_id, act)
    assert prepared is None or isinstance(prepared, Refusal)
    if prepared is not None and prepared.code == "record.malformed":
        event(str(prepared.params))
        return
    state = DRAFT.load(dumped)
    if not DRAFT.kinds[act.kind].early:
        for _ in DRAFT.due(state, game.tick):
            pass
    before = DRAFT.dump(state)
    decision = DRAFT.judge(state, act, game.tick)
    assert DRAFT.dump(state) == before
    result = DRAFT.act(state, act, game.tick)
    event(result.code if isinstance(result, Refusal) else "accepted")
    if isinstance(result, Refusal):
        assert result == decision
        assert DRAFT.dump(state) == before
        return
    for entry in result:
        assert DRAFT.codec.decode(encode(entry)) == entry
    # What follows later does not fail over it either.
    for day in range(0, 90, 3):
        for group in DRAFT.due(state, game.tick - game.tick % 60 + day * 24 * 60):
            for entry in group:
                assert DRAFT.codec.decode(encode(entry)) == entry
    assert DRAFT.dump(DRAFT.load(DRAFT.dump(state))) == DRAFT.dump(state)
