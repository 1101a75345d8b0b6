"""Honest records of every life cycle audit clean, with their papers."""

import pytest

from chapters import entries as c
from chapters.bylaws import DAY, Change
from civic.kernel.record import time
from civic.kernel.record.entry import As, when
from deliberation import entries as d
from deliberation.moderation import entries as m
from tests.acts import made
from tests.dishonest.case import PEOPLE, village
from tests.dishonest.stewards import naming
from tests.factories.records import Record, audit_files
from voting import entries as v


def clean(record: Record) -> None:
    """Nothing is found, with papers and without."""
    record.erase()
    for papers in (None, record.papers):
        report = record.audit(papers=papers)
        assert report.findings == ()
        assert report.status == 0
        assert {check.status for check in report.checks} <= {"passed", "note", "not_checked"}


@pytest.fixture(params=[True, False], ids=["signed", "unsigned"])
def signed(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_a_chapter_that_is_not_constituted_dissolves(signed: bool) -> None:
    record = Record(signed=signed)
    record.found("ann", "ben")
    record.wait(days=31)
    assert record.kinds()[-1] == "chapters.dissolved"
    clean(record)


def test_people_come_and_go(signed: bool) -> None:
    record = village(signed=signed)
    for name in ("gil", "hal"):
        record.by(name, c.Applied(made(name), record.key_of(name)))
    record.held("ann", "lead", c.Admitted(made("gil")))
    record.by("gil", c.DisplayNameSet(3), record.words("Gil"))
    name = record.entries[-1].content[0]
    record.by("gil", c.DisplayNameErased(name))
    record.by("gil", c.DisplayNameSet(4), record.words("Gilo"))
    record.pass_time(days=31)
    record.by("ben", c.Left())
    kinds = record.kinds()
    assert "chapters.application_lapsed" in kinds
    # For a month nobody led while an applicant waited: ben, the facilitator, did by rule.
    assert kinds.count("chapters.acting_lead_given") == 1
    assert kinds.count("chapters.office_ended") == 3
    clean(record)


def test_a_decision_changes_the_bylaws_by_roll_call(signed: bool) -> None:
    record = village(signed=signed, secrecy="roll_call", visibility="world")
    change = Change("discussion_time", record.bylaws.discussion_time, 3 * DAY)
    matter = record.propose("ann", "shorter", changes=(change,))
    record.discuss(matter, "ben", "cem")
    argument = record.argue("dia", matter, "It takes too long.")
    comment = "Yes."
    record.voice_of(
        "eva", matter, d.Commented(made("comment"), argument, len(comment)), record.words(comment)
    )
    record.pass_time(minutes=10)
    record.rows(matter, argument, {"ann": 1, "ben": -1, "fox": 0}, vote=False)
    election = record.vote(matter)
    for name in PEOPLE[:5]:
        record.by(name, v.Cast(election, 1))
    record.by("ben", v.Cast(election, -1))
    record.wait(days=6)
    assert "chapters.bylaws_changed" in record.kinds()
    task = record.words("Tell everyone.")
    until = when(record.tick + 5 * DAY)
    record.held("ben", "facilitator", d.TaskSet(made("task"), matter, until, 14), task)
    record.held("ben", "facilitator", d.TaskDone(made("task")))
    card = d.OutcomeRecorded(made("card"), matter, "success", "yes", 5, 4)
    record.held("ann", "lead", card, record.words("Haste"), record.words("Pace"))
    record.by("dia", c.NameGiven(matter, record.own("dia", matter, "voice")))
    clean(record)


def test_several_options_under_row_ids(signed: bool) -> None:
    record = village(signed=signed)
    matter = record.propose("ann", "where", options=3)
    record.discuss(matter, "ben", "cem")
    election = record.vote(matter)
    record.pass_time(minutes=10)
    record.rows(matter, election, {"ann": 0b011, "ben": 0b010}, vote=True)
    record.pass_time(minutes=10)
    record.rows(matter, election, {"ann": 0b100, "cem": 0b010, "dia": 0b010}, vote=True)
    record.pass_time(days=6)
    record.by("fox", c.Left())
    decided = [one.body for one in record.entries if one.kind == "deliberation.decided"]
    assert [body.winners for body in decided] == [(1,)]
    clean(record)


def test_an_appointment_and_its_verifier(signed: bool) -> None:
    record = village(signed=signed, secrecy="roll_call")
    appointment = d.Appointment("verifier", made("dia"), 90 * DAY)
    matter = record.propose("ann", "verifier dia", appointment=appointment)
    record.discuss(matter, "ben", "cem")
    election = record.vote(matter)
    for name in PEOPLE:
        record.by(name, v.Cast(election, 1))
    record.wait(days=6)
    assert record.kinds()[-1] == "chapters.office_given"
    clean(record)
    # One verifier by a vote alone verifies nobody.
    assert any("Founded by 3, not yet verified" in notice for notice in record.audit().notices)


def test_proposals_that_fail(signed: bool) -> None:
    record = village(signed=signed, secrecy="roll_call")
    assert any("Founded by 3, not yet verified" in notice for notice in record.audit().notices)
    lapsing = record.propose("ann", "lapsing")
    withdrawn = record.propose("ben", "withdrawn")
    record.voice_of("ben", withdrawn, d.Withdrawn(withdrawn))
    record.voice_of("cem", lapsing, d.Supported(lapsing))
    record.voice_of("cem", lapsing, d.SupportWithdrawn(lapsing))
    empty = record.propose("dia", "empty")
    record.discuss(empty, "ben", "cem")
    record.pass_time(minutes=10)
    title, text, why = (record.words(one) for one in ("New title", "New text", "Why"))
    body = d.Revised(empty, 2, 9, 8, reason_length=3)
    record.voice_of("dia", empty, body, title, text, why)
    election = record.vote(empty)
    record.by("ann", v.Cast(election, 1))
    record.wait(days=30)
    kinds = record.kinds()
    assert "deliberation.lapsed" in kinds
    outcomes = [one.body.outcome for one in record.entries if one.kind == "deliberation.decided"]
    assert outcomes == ["no_quorum"]
    clean(record)


def test_words_are_erased(signed: bool) -> None:
    record = village(signed=signed)
    matter = record.propose("ann", "erasable")
    argument = record.argue("ben", matter, "Nonsense.")
    words = record.deliberation.subjects[argument].words
    record.held("ann", "lead", d.WordsErased(argument, (words,), "an insult", "safety"))
    own = record.deliberation.proposals[matter].words
    record.voice_of("ann", matter, d.WordsErased(matter, own))
    clean(record)
    content = next(check for check in record.audit().checks if check.name == "content")
    assert "3 were erased" in content.text


def test_words_are_hidden_and_shown_again(signed: bool) -> None:
    record = village(signed=signed)
    matter = record.propose("ann", "hidden")

    def told() -> str:
        files = record.files()
        for one in record.deliberation.moderation.hidden:
            files.pop(f"content/{one}", None)
        report = audit_files(files)
        assert report.findings == ()
        return next(check.text for check in report.checks if check.name == "content")

    for name, hiding in (("ben", "first"), ("cem", "second")):
        argument = record.argue(name, matter, f"Nonsense of {name}.")
        words = record.deliberation.subjects[argument].words
        body = m.WordsHidden(made(hiding), argument, (words,), "an insult")
        record.held("ann", "lead", body)
    assert "0 were erased, 2 are hidden in office, 0 are not included" in told()
    record.held("ann", "lead", m.HidingLifted(made("first")))
    assert "0 were erased, 1 are hidden in office, 0 are not included" in told()
    record.held("ann", "lead", d.WordsErased(argument, (words,), "an insult", "law"))
    record.erase()
    assert "1 were erased, 0 are hidden in office, 0 are not included" in told()


def test_an_outage_puts_a_deadline_off(signed: bool) -> None:
    record = village(signed=signed)
    record.propose("ann", "late")
    start = when(record.tick + 13 * DAY)
    record.pass_time(days=15)
    record.node(time.Outage(start, when(record.tick)))
    record.hand_over()
    assert "record.deadline_extended" in record.kinds()
    record.wait(days=3)
    clean(record)


def test_stewards_change(signed: bool) -> None:
    record = village(signed=signed)
    record.held("ann", "lead", naming(record, 1, ("s1", "s2", "s3"), 2))
    record.held("ann", "lead", naming(record, 2, ("s4",), 1, approved_by=("s1", "s3")))
    clean(record)


def test_an_imported_conversation(signed: bool) -> None:
    record = village(signed=signed)
    people = tuple(made(f"guest {number}") for number in range(3))
    record.node(c.MembersImported("elsewhere", 0, people))
    record.node(
        d.ConversationImported(made("talk"), "elsewhere", "en", 4, 4),
        record.words("Talk"),
        record.words("Text"),
    )
    said = d.StatementImported(
        made("said"), made("talk"), people[0], "2020-01-01", accepted=True, length=4
    )
    record.node(said, record.words("Said"))
    rows = tuple((person, 1) for person in sorted(people))
    record.node(d.ReactionsImported(made("said"), "2020-01-02", 0, rows))
    assert record.entries[-1].by.as_ is As.NODE
    clean(record)
