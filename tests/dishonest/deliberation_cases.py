"""Records that break the rules of deliberation."""

from typing import Any

from chapters import entries as c
from chapters.bylaws import Change
from civic.kernel.record.entry import As, when
from deliberation import entries as d
from deliberation.moderation import entries as m
from tests.acts import made, text
from tests.dishonest.case import Lie, case, village
from tests.factories.records import Record


def proposing(record: Record, **fields: Any) -> d.Proposed:
    secrecy = fields.pop("secrecy", record.bylaws.secrecy)
    options = fields.pop("options", 0)
    return d.Proposed(made("new"), "en", 5, 5, options, secrecy, **fields)


def proposed(**fields: Any) -> Lie:
    """A proposal that the rules do not take."""
    record = village()
    body = proposing(record, **fields)
    content = [text("title"), text("text"), *(text(f"{n}") for n in range(body.options))]
    return Lie(record, record.lie(body, As.VOICE, made("author"), content))


@case("deliberation.options")
def options() -> Lie:
    return proposed(options=1)


@case("deliberation.language_twice")
def language_twice() -> Lie:
    record = village()
    body = proposing(record, also=(d.Wording("en", 5, 5),))
    content = [text(one) for one in ("title", "text", "title again", "text again")]
    return Lie(record, record.lie(body, As.VOICE, made("author"), content))


@case("deliberation.secrecy")
def secrecy() -> Lie:
    return proposed(secrecy="roll_call")


@case("deliberation.stale_change")
def stale_change() -> Lie:
    return proposed(changes=(Change("quorum", 999, 1),))


@case("deliberation.unfit_change")
def unfit_change() -> Lie:
    return proposed(changes=(Change("quorum", 200, 2000),))


def speaking(record: Record, name: str, matter: str, body: Any, *content: str) -> Lie:
    """An act of a member's voice that the rules do not take."""
    record.hand_over()
    own = record.own(name, matter, "voice")
    signer = f"{name} voice {matter}"
    return Lie(record, record.lie(body, As.VOICE, own, content, signer))


@case("deliberation.supported_twice")
def supported_twice() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.discuss(matter, "ben")
    return speaking(record, "ben", matter, d.Supported(matter))


@case("deliberation.not_supported")
def not_supported() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    return speaking(record, "ben", matter, d.SupportWithdrawn(matter))


@case("deliberation.wrong_phase")
def wrong_phase() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.discuss(matter, "ben", "cem")
    return speaking(record, "dia", matter, d.Supported(matter))


@case("deliberation.unknown_subject")
def unknown_subject() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    body = d.Commented(made("comment"), made("nothing"), 3)
    return speaking(record, "ben", matter, body, text("comment"))


@case("deliberation.not_the_author")
def not_the_author() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    return speaking(record, "ben", matter, d.Withdrawn(matter))


@case("deliberation.version")
def version() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.discuss(matter, "ben", "cem")
    body = d.Revised(matter, 3, 5, 5)
    return speaking(record, "ann", matter, body, text("title"), text("text"))


@case("deliberation.reaction_value")
def reaction_value() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    argument = record.argue("ben", matter, "Because.")
    record.pass_time(minutes=10)
    rows, proofs = record.row_batch(matter, argument, {"cem": 2})
    record._hand_over_ties(matter, "row")
    body = d.ReactionsRecorded(argument, when(record.tick), 0, rows, proofs)
    return Lie(record, record.lie(body, As.NODE))


@case("deliberation.frozen_words")
def frozen_words() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.discuss(matter, "ben", "cem")
    record.vote(matter)
    words = record.deliberation.proposals[matter].words
    return speaking(record, "ann", matter, d.WordsErased(matter, words))


@case("deliberation.other_words")
def other_words() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    return speaking(record, "ann", matter, d.WordsErased(matter, (text("other"),)))


@case("deliberation.reason_needed")
def reason_needed() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    argument = record.argue("ben", matter, "Because.")
    body = d.WordsErased(argument, (record.deliberation.subjects[argument].words,))
    return Lie(record, record.lie(body, As.OFFICE, made("lead"), signer="ann"))


def hidden(record: Record) -> tuple[str, str, str, str]:
    """An argument of cem's that ben hid as facilitator: matter, argument, words, hiding."""
    matter = record.propose("ann", "p")
    argument = record.argue("cem", matter, "Because.")
    words = record.deliberation.subjects[argument].words
    record.held(
        "ben", "facilitator", m.WordsHidden(made("hiding"), argument, (words,), "an insult")
    )
    return matter, argument, words, made("hiding")


def appealed(record: Record) -> str:
    """A hiding against which the author appealed."""
    matter, _argument, _words, hiding = hidden(record)
    plea = record.words("It is true.")
    record.voice_of("cem", matter, m.HidingAppealed(hiding, 11), plea)
    return hiding


@case("deliberation.hide_first")
def hide_first() -> Lie:
    record = village()
    _matter, argument, words, _hiding = hidden(record)
    body = d.WordsErased(argument, (words,), "an insult")
    return Lie(record, record.lie(body, As.OFFICE, made("lead"), signer="ann"))


@case("deliberation.hidden_already")
def hidden_already() -> Lie:
    record = village()
    _matter, argument, words, _hiding = hidden(record)
    body = m.WordsHidden(made("other"), argument, (words,), "an insult")
    return Lie(record, record.lie(body, As.OFFICE, made("lead"), signer="ann"))


@case("deliberation.cleared")
def cleared() -> Lie:
    record = village()
    hiding = appealed(record)
    record.wait(days=8)
    known = record.deliberation.moderation.hidings[hiding]
    body = m.WordsHidden(made("other"), known.of, tuple(known.words), "an insult")
    return Lie(record, record.lie(body, As.OFFICE, made("lead"), signer="ann"))


@case("deliberation.hiding_unknown")
def hiding_unknown() -> Lie:
    record = village()
    *_rest, hiding = hidden(record)
    body = m.HidingJudged(hiding, show=True)
    return Lie(record, record.lie(body, As.OFFICE, made("lead"), signer="ann"))


@case("deliberation.no_appeal")
def no_appeal() -> Lie:
    record = village()
    matter, *_rest, hiding = hidden(record)
    record.wait(days=15)
    plea = record.words("It is true.")
    return speaking(record, "cem", matter, m.HidingAppealed(hiding, 11), plea)


@case("deliberation.own_case")
def own_case() -> Lie:
    record = village()
    body = m.HidingJudged(appealed(record), show=False)
    return Lie(record, record.lie(body, As.OFFICE, made("facilitator"), signer="ben"))


def tasking(record: Record, matter: str, until: int) -> Lie:
    """A task that the rules do not take."""
    body = d.TaskSet(made("task"), matter, when(until), 4)
    act = record.lie(body, As.OFFICE, made("lead"), [text("task")], "ann")
    return Lie(record, act)


@case("deliberation.not_over")
def not_over() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    return tasking(record, matter, record.tick + 60)


def over(record: Record) -> str:
    """A proposal that is over."""
    matter = record.propose("ann", "p")
    record.voice_of("ann", matter, d.Withdrawn(matter))
    return matter


@case("deliberation.in_the_past")
def in_the_past() -> Lie:
    record = village()
    return tasking(record, over(record), record.tick)


@case("deliberation.task_done_twice")
def task_done_twice() -> Lie:
    record = village()
    matter = over(record)
    task = d.TaskSet(made("task"), matter, when(record.tick + 60), 4)
    record.held("ann", "lead", task, record.words("Task"))
    record.held("ann", "lead", d.TaskDone(made("task")))
    body = d.TaskDone(made("task"))
    return Lie(record, record.lie(body, As.OFFICE, made("lead"), signer="ann"))


@case("deliberation.not_imported")
def not_imported() -> Lie:
    record = village()
    record.node(c.MembersImported("elsewhere", 0, (made("guest"),)))
    talk = d.ConversationImported(made("talk"), "elsewhere", "en", 4, 4)
    record.node(talk, record.words("Talk"), record.words("Text"))
    body = d.StatementImported(
        made("said"), made("talk"), made("ann"), "2020-01-01", accepted=True, length=4
    )
    return Lie(record, record.lie(body, As.NODE, content=[text("said")]))
