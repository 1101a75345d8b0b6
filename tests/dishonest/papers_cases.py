"""Records that only their restricted papers show to be wrong."""

from chapters import entries as c
from chapters.papers import Tie, make_tie
from civic.kernel.record.content import salted
from civic.kernel.record.entry import As, when
from deliberation import entries as d
from deliberation.moderation import entries as m
from tests.acts import keyed, made, public
from tests.dishonest.case import Lie, case, village
from tests.factories.records import Record


def tied(record: Record, tie: Tie) -> Lie:
    """A tie in the record that no honest node hands over."""
    record.pass_time(minutes=10)
    record.hand_over()
    record.pass_time(minutes=10)
    digest = record.paper(make_tie(tie, record.salt()))
    body = c.TookPart(tie.matter, tie.of, when(record.tick), (digest,))
    record.node(body)
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.missing")
def missing() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    act = record.do(d.Supported(matter), As.VOICE, made("nobody"))
    index = record.entries.index(act[0])
    record.pass_time(minutes=10)
    record.by("ann", c.Left())
    return Lie(record, index, papers=True)


@case("papers.broken")
def broken() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.pass_time(minutes=10)
    record.hand_over()
    record.pass_time(minutes=10)
    digest = record.paper(salted("text/plain", b"no tie", record.salt()))
    record.node(c.TookPart(matter, "voice", when(record.tick), (digest,)))
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.signature")
def signature() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    tie = Tie(matter, "voice", keyed("x"), made("ben"), "00" * 64)
    return tied(record, tie)


@case("papers.tied_twice")
def tied_twice() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    return tied(record, Tie(matter, "voice", keyed("second"), made("ann")))


@case("papers.no_member")
def no_member() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    return tied(record, Tie(matter, "voice", keyed("x"), made("gil")))


@case("papers.other_voice")
def other_voice() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.pass_time(minutes=10)
    given = c.NameGiven(matter, record.own("ann", matter, "voice"))
    record.by("ben", given)
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.inviter")
def inviter() -> Lie:
    record = village()
    record.by("gil", record.joining("gil", "nobody"))
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.invited_twice")
def invited_twice() -> Lie:
    record = village()
    record.by("gil", record.joining("gil", "ann", "again"))
    record.by("hal", record.joining("hal", "ann", "again"))
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.too_many_invited")
def too_many_invited() -> Lie:
    record = village(signed=False)
    for number in range(101):
        record.join(f"guest {number}", "ben")
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.level")
def level() -> Lie:
    record = village(level_propose=1)
    record.propose("dia", "p")
    index = len(record.entries) - 1
    record.pass_time(minutes=10)
    record.by("fox", c.Left())
    return Lie(record, index, papers=True)


@case("papers.own_words")
def own_words() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    argument = record.argue("cem", matter, "Because.")
    words = record.deliberation.subjects[argument].words
    record.held(
        "ben", "facilitator", m.WordsHidden(made("hiding"), argument, (words,), "an insult")
    )
    plea = record.words("It is true.")
    record.voice_of("cem", matter, m.HidingAppealed(made("hiding"), 11), plea)
    record.held("cem", "verifier 2", m.HidingJudged(made("hiding"), show=True))
    index = len(record.entries) - 1
    record.pass_time(minutes=10)
    record.by("fox", c.Left())
    return Lie(record, index, papers=True)


def unsigned_tie() -> Lie:
    """A member with a key, a voice with a key, and a tie that neither signed."""
    record = village()
    matter = record.propose("ann", "p")
    record.pass_time(minutes=10)
    record.hand_over()
    secret = "ben's own"
    body = d.Supported(matter)
    act = record.do(body, As.VOICE, keyed(secret), (), secret)
    index = record.entries.index(act[0])
    assert act[0].proof is not None
    assert act[0].proof.public_key == public(secret)
    tied(record, Tie(matter, "voice", keyed(secret), made("ben")))
    return Lie(record, index, papers=True)
