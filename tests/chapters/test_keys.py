"""Member keys: recorded with proof, replaced by the one before or by verifiers, never in a vote."""

from typing import Any

import pytest

from chapters import entries as c
from chapters.bylaws import DAY
from chapters.keys import entries as k
from chapters.keys.rules import NOTICE, _give, possession_message
from chapters.papers import NO_MEMBER, PAPER_SIGNATURE, Tie, check_tie_signature, tie_message
from chapters.standing.entries import Expelled, Suspended, SuspensionAsked
from chapters.standing.papers import Reason, make_reason
from chapters.state import Member
from civic.kernel import keys
from civic.kernel.record.entry import As, when
from civic.kernel.record.rules import Draft
from civic.kernel.refusal import Refusal
from deliberation import entries as d
from tests.acts import begin, keyed, made, public, seed_key
from tests.dishonest.case import village
from tests.dishonest.key_cases import announced, announcing, possession
from tests.factories.records import Record
from voting import entries as v


def key_of(record: Record, name: str) -> str | None:
    return record.chapter.members[made(name)].key


def replace(record: Record, name: str, new: str, signer: str | None) -> list[Any]:
    body = k.KeyReplaced(public(new), possession(record, name, new))
    record.hand_over()
    return record.do(body, As.MEMBER, made(name), signer=signer)


def test_the_key_before_gives_way() -> None:
    record = village()
    replace(record, "dia", "dia's new", "dia")
    assert key_of(record, "dia") == public("dia's new")
    assert record.refused(c.Left(), As.MEMBER, made("dia"), signer="dia") == "chapters.wrong_key"
    replace(record, "dia", "dia's third", "dia's new")
    assert record.audit().status == 0


def test_nobody_takes_a_key_that_is_not_theirs() -> None:
    record = village()
    other = possession(record, "eva", "new")
    body = k.KeyReplaced(public("new"), other)
    assert record.refused(body, As.MEMBER, made("dia"), signer="dia") == "chapters.key_unproven"
    good = k.KeyReplaced(public("new"), possession(record, "dia", "new"))
    assert record.refused(good, As.MEMBER, made("dia")) == "chapters.key_unproven"


def test_who_has_no_key_takes_a_first_one() -> None:
    record = village(signed=False)
    assert key_of(record, "dia") is None
    replace(record, "dia", "dia", None)
    assert key_of(record, "dia") == public("dia")


def test_verifiers_wait_three_days() -> None:
    record = village()
    announced(record)
    record.pass_time(minutes=NOTICE - 10)
    record.due()
    assert key_of(record, "dia") == public("dia")
    record.pass_time(minutes=10)
    record.due()
    assert key_of(record, "dia") == public("dia's new")
    assert record.chapter.key_changes == {}
    assert record.audit(papers=record.papers).status == 0


def test_the_member_stops_what_they_did_not_ask_for() -> None:
    record = village()
    announced(record)
    veto = k.KeyChangeVetoed(made("change"))
    assert record.refused(veto, As.MEMBER, made("dia")) == "chapters.key_unproven"
    assert record.refused(veto, As.MEMBER, made("eva"), signer="eva") == (
        "chapters.key_change_unknown"
    )
    record.do(veto, As.MEMBER, made("dia"), signer="dia")
    record.pass_time(minutes=2 * NOTICE)
    record.due()
    assert key_of(record, "dia") == public("dia")


def test_the_id_of_a_change_that_is_over_stays_taken() -> None:
    """Else a node could make a record that audits well and that no copy can take in."""
    record = village()
    announced(record)
    record.do(k.KeyChangeVetoed(made("change")), As.MEMBER, made("dia"), signer="dia")
    record.hand_over()
    again = announcing(record)
    assert record.refused(again, As.NODE, record.state.record.node) == (
        "chapters.key_change_unknown"
    )


def test_who_never_had_a_key_stops_it_without_one() -> None:
    record = village(signed=False)
    announced(record)
    veto = k.KeyChangeVetoed(made("change"))
    assert record.refused(veto, As.MEMBER, made("eva")) == "chapters.key_change_unknown"
    record.do(veto, As.MEMBER, made("dia"))
    record.pass_time(minutes=2 * NOTICE)
    record.due()
    assert key_of(record, "dia") is None
    assert record.chapter.handed == {}
    assert record.audit().status == 0


def test_the_last_change_that_took_effect_says_who_holds_a_member() -> None:
    record = village()
    turned = record.chapter.turned
    announced(record)
    assert record.chapter.handed == {}
    record.pass_time(minutes=NOTICE)
    record.due()
    assert record.chapter.handed == {made("dia"): made("change")}
    replace(record, "dia", "dia's own", "dia's new")
    # A key that its member replaced takes the member from no account that rests on no key.
    assert record.chapter.handed == {made("dia"): made("change")}
    assert record.chapter.turned == turned + 3


def test_replacing_the_key_oneself_ends_a_change_that_waits() -> None:
    record = village()
    announced(record)
    replace(record, "dia", "dia's own", "dia")
    record.pass_time(minutes=2 * NOTICE)
    record.due()
    assert key_of(record, "dia") == public("dia's own")


def called(record: Record) -> tuple[str, str]:
    """Bring a proposal to its notice; return matter and the election that will be."""
    matter = record.propose("ann", "p")
    for name in ("ben", "cem", "eva"):
        if record.deliberation.proposals[matter].phase == "support":
            record.voice_of(name, matter, d.Supported(matter))
    record.pass_time(minutes=record.bylaws.discussion_time + 10)
    record.due()
    assert record.deliberation.proposals[matter].phase == "notice"
    return matter, ""


def test_a_vote_that_was_announced_keeps_its_keys() -> None:
    record = village(secrecy="roll_call", notice_time=1440)
    matter, _ = called(record)
    replace(record, "dia", "dia's new", "dia")
    record.pass_time(minutes=record.bylaws.notice_time + 20)
    record.due()
    election = record.deliberation.proposals[matter].election
    assert election is not None
    vote = v.Cast(election, 1)
    assert record.refused(vote, As.MEMBER, made("dia"), signer="dia's new") == (
        "chapters.wrong_key"
    )
    record.do(vote, As.MEMBER, made("dia"), signer="dia")
    record.do(v.Cast(election, -1), As.MEMBER, made("eva"), signer="eva")
    # Everything else is signed with the key in force.
    assert record.refused(c.Left(), As.MEMBER, made("dia"), signer="dia") == "chapters.wrong_key"


def test_ties_keep_the_key_of_an_announced_vote() -> None:
    record = village(notice_time=1440)
    matter, _ = called(record)
    replace(record, "dia", "dia's new", "dia")

    def judged(signer: str) -> Refusal | None:
        tie = Tie(matter, "row", keyed("row"), made("dia"))
        signature = keys.sign(seed_key(signer), tie_message(record.log_id, tie)).hex()
        signed = Tie(matter, "row", keyed("row"), made("dia"), signature)
        return check_tie_signature(record.state, signed)

    assert judged("dia") is None
    assert judged("dia's new") == Refusal(PAPER_SIGNATURE)
    later = record.propose("ben", "q")
    matter = later
    assert judged("dia") is None
    assert judged("dia's new") is None
    assert judged("eva") == Refusal(PAPER_SIGNATURE)


@pytest.mark.parametrize(
    ("index", "key", "known"),
    [(-1, "c", ["a", "c"]), (4, "a", ["a"]), (5, "c", ["a", "c"]), (9, "c", ["a", "c"])],
)
def test_keys_by_the_index_of_an_entry(index: int, key: str, known: list[str]) -> None:
    member = Member("active", key="c", former_keys=[(3, None), (5, "a")])
    assert member.key_at(index) == key
    assert member.keys_until(index) == known


def test_many_keys_cost_no_more_each() -> None:
    member = Member("active", key="last", former_keys=[(n, str(n)) for n in range(0, 9000, 3)])
    assert [member.key_at(index) for index in (0, 1, 8996, 8997)] == ["3", "3", "8997", "last"]
    game = begin()
    for number in range(3):
        _give(game.state, game.chapter.members[made("dia")], f"{number}" * 64)
    known = game.chapter.members[made("dia")]
    assert known.former_keys is not None
    assert [key for _, key in known.former_keys] == [None, "0" * 64, "1" * 64]
    assert game.procedure.load(game.procedure.dump(game.state)).parts == game.state.parts


@pytest.mark.parametrize("disowns", [True, False])
def test_under_the_voice_of_somebody_suspended_acts_are_only_disowned(disowns: bool) -> None:
    record = village(level_propose=0)
    matter = record.propose("dia", "p")
    index = len(record.entries) - 1
    reason = record.paper(
        make_reason(Reason("suspension", made("dia"), "en", "Shouted."), record.salt())
    )
    until = when(record.tick + 10 * DAY)
    record.held("ann", "lead", SuspensionAsked(made("s"), made("dia"), until, reason))
    record.held("cem", "verifier 2", Suspended(made("s")))
    if disowns:
        record.voice_of("dia", matter, k.ActDisowned(index, matter))
    else:
        record.argue("dia", matter, "Heard all the same.")
    said = len(record.entries) - 1
    # The tie enters the record at the next tick.
    record.pass_time(minutes=10)
    record.hand_over()
    report = record.audit(papers=record.papers)
    found = [(one.code, one.entry) for one in report.findings]
    assert found == ([] if disowns else [(NO_MEMBER, said)])


@pytest.mark.parametrize("expelled", [False, True])
def test_a_change_ends_with_the_membership(expelled: bool) -> None:
    record = village()
    record.hand_over()
    record.node(announcing(record))
    assert record.state.record.deadlines[made("change")].what == "chapters.key_change"
    if expelled:
        body = Expelled(made("decision"), when(record.tick), made("dia"))
        unfolded = record.procedure.unfold(record.state, None, [Draft(body)], "0" * 32, record.tick)
        assert len(unfolded) == 1
    else:
        record.by("dia", c.Left())
    assert record.chapter.key_changes == {}
    assert made("change") not in record.state.record.deadlines
    record.pass_time(days=4)
    assert "chapters.key_changed" not in record.kinds()
    assert record.chapter.members[made("dia")].key == public("dia")


def test_disowning_stands_under_the_same_id() -> None:
    record = village()
    matter = record.propose("ann", "p")
    voice = record.own("ann", matter, "voice")
    index = len(record.entries) - 1
    record.voice_of("ann", matter, k.ActDisowned(index, matter))
    assert record.refused(k.ActDisowned(index), As.VOICE, voice) == "chapters.act_unknown"
    assert record.refused(k.ActDisowned(index, matter), As.VOICE, made("nobody")) == (
        "chapters.voice_unknown"
    )
    record.by("eva", k.ActDisowned(0))
    report = record.audit()
    assert report.status == 0
    assert any(notice.startswith("2 reports say of an act") for notice in report.notices)


def test_a_change_names_two_papers_in_order() -> None:
    record = village()
    record.hand_over()
    body = announcing(record)
    turned = k.KeyChangeAnnounced(
        body.id, body.member, body.key, body.possession, (body.papers[1], body.papers[0])
    )
    assert record.refused(turned, As.NODE) == "chapters.key_change_unknown"
    assert possession_message("log", "m", "k") == b"civic/new-key/1\nlog\nm\nk"
