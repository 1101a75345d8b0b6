"""Records that break the rules of chapters: founding, members, offices, taking part."""

import msgspec

from chapters import entries as c
from chapters.bylaws import CHARTER_HASH
from civic.kernel.record.entry import As, when
from deliberation import entries as d
from tests.acts import made, public, text
from tests.dishonest.case import Lie, case, forming, village
from tests.dishonest.stewards import naming
from tests.factories.records import Record


def founding(record: Record, charter: str = CHARTER_HASH) -> c.Founded:
    return c.Founded(
        0,
        charter,
        "town",
        record.bylaws,
        record.log_public.hex(),
        "11" * 32,
        made("ann"),
        public("ann"),
    )


@case("chapters.not_founded")
def not_founded() -> Lie:
    record = Record()
    body = c.Joined(made("ann"), text("paper"), public("ann"))
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), signer="ann"))


@case("chapters.founded_twice")
def founded_twice() -> Lie:
    record = village()
    body = founding(record)
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), [text("name")], "ann"))


@case("chapters.wrong_founding")
def wrong_founding() -> Lie:
    record = Record()
    body = founding(record, "00" * 32)
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), [text("name")], "ann"))


@case("chapters.below_charter")
def below_charter() -> Lie:
    record = Record(vote_time=60)
    body = founding(record)
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), [text("name")], "ann"))


@case("chapters.still_forming")
def still_forming() -> Lie:
    record = forming()
    body = c.Applied(made("gil"), public("gil"))
    return Lie(record, record.lie(body, As.MEMBER, made("gil"), signer="gil"))


@case("chapters.not_forming")
def not_forming() -> Lie:
    record = village()
    return Lie(record, record.lie(c.FounderConfirmed(()), As.MEMBER, made("ann"), signer="ann"))


@case("chapters.dissolved")
def dissolved() -> Lie:
    record = forming()
    record.wait(days=31)
    body = c.FounderConfirmed((made("ben"),))
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), signer="ann"))


@case("chapters.not_a_member")
def not_a_member() -> Lie:
    record = village()
    return Lie(record, record.lie(c.Left(), As.MEMBER, made("gil"), signer="gil"))


@case("chapters.id_taken")
def id_taken() -> Lie:
    record = village()
    body = c.Joined(made("fox"), text("paper"), public("fox"))
    return Lie(record, record.lie(body, As.MEMBER, made("fox"), signer="fox"))


@case("chapters.not_in_office")
def not_in_office() -> Lie:
    record = village()
    record.by("gil", c.Applied(made("gil"), public("gil")))
    body = c.Admitted(made("gil"))
    return Lie(record, record.lie(body, As.OFFICE, made("facilitator"), signer="ben"))


@case("chapters.wrong_key")
def wrong_key() -> Lie:
    record = village()
    return Lie(record, record.lie(c.Left(), As.MEMBER, made("fox"), signer="ann"))


@case("chapters.admission_closed")
def admission_closed() -> Lie:
    record = village(admission="invitation")
    body = c.Applied(made("gil"), public("gil"))
    return Lie(record, record.lie(body, As.MEMBER, made("gil"), signer="gil"))


@case("chapters.not_applied")
def not_applied() -> Lie:
    record = village()
    body = c.Admitted(made("gil"))
    return Lie(record, record.lie(body, As.OFFICE, made("lead"), signer="ann"))


@case("chapters.founders_differ")
def founders_differ() -> Lie:
    record = forming()
    body = c.Constituted((made("ann"), made("ben"), made("cem")), ())
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), signer="ann"))


@case("chapters.first_offices")
def first_offices() -> Lie:
    record = forming()
    founders = tuple(made(name) for name in ("ann", "ben", "cem"))
    for name in ("ann", "ben", "cem"):
        record.by(name, c.FounderConfirmed(tuple(one for one in founders if one != made(name))))
    body = c.Constituted(founders, ())
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), signer="ann"))


@case("chapters.content_missing")
def content_missing() -> Lie:
    record = village()
    return Lie(record, record.lie(c.DisplayNameSet(3), As.MEMBER, made("ann"), signer="ann"))


@case("chapters.text_taken")
def text_taken() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    argument = record.argue("ben", matter, "Because.")
    words = record.deliberation.subjects[argument].words
    body = c.DisplayNameSet(8)
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), [words], "ann"))


@case("chapters.name_unknown")
def name_unknown() -> Lie:
    record = village()
    body = c.DisplayNameErased(text("name"))
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), signer="ann"))


@case("chapters.voice_unknown")
def voice_unknown() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    body = c.NameGiven(matter, made("nobody"))
    return Lie(record, record.lie(body, As.MEMBER, made("ann"), signer="ann"))


@case("chapters.stewards_unmet")
def stewards_unmet() -> Lie:
    record = village()
    record.held("ann", "lead", naming(record, 1, ("s1", "s2"), 2))
    body = naming(record, 2, ("s3",), 1, approved_by=("s1",))
    return Lie(record, record.lie(body, As.OFFICE, made("lead"), signer="ann"))


@case("chapters.matter_unknown")
def matter_unknown() -> Lie:
    record = village()
    return Lie(record, record.lie(d.Supported(made("nothing")), As.VOICE, made("voice")))


@case("chapters.wrong_tick")
def wrong_tick() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.pass_time(minutes=10)
    body = c.TookPart(matter, "voice", when(record.tick - 10), (text("tie"),))
    return Lie(record, record.lie(body, As.NODE))


@case("chapters.hashes_unsorted")
def hashes_unsorted() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.pass_time(minutes=10)
    hashes = tuple(sorted((text("a"), text("b")), reverse=True))
    return Lie(record, record.lie(c.TookPart(matter, "voice", when(record.tick), hashes), As.NODE))


@case("chapters.too_many_ties")
def too_many_ties() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    record.pass_time(minutes=10)
    hashes = tuple(sorted(text(str(number)) for number in range(7)))
    return Lie(record, record.lie(c.TookPart(matter, "row", when(record.tick), hashes), As.NODE))


@case("chapters.row_without_tie")
def row_without_tie() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    argument = record.argue("ben", matter, "Because.")
    record.pass_time(minutes=10)
    rows, proofs = record.row_batch(matter, argument, {"cem": 1})
    body = d.ReactionsRecorded(argument, when(record.tick), 0, rows, proofs)
    return Lie(record, record.lie(body, As.NODE))


@case("chapters.row_signature")
def row_signature() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    argument = record.argue("ben", matter, "Because.")
    record.pass_time(minutes=10)
    rows, ((position, count, key, _),) = record.row_batch(matter, argument, {"cem": 1})
    record._hand_over_ties(matter, "row")
    honest = d.ReactionsRecorded(argument, when(record.tick), 0, rows)
    body = msgspec.structs.replace(honest, proofs=((position, count, key, "00" * 64),))
    return Lie(record, record.lie(body, As.NODE))


@case("chapters.row_count")
def row_count() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    argument = record.argue("ben", matter, "Because.")
    record.pass_time(minutes=10)
    record.rows(matter, argument, {"cem": 1}, vote=False)
    record.pass_time(minutes=10)
    record.rows(matter, argument, {"cem": -1}, vote=False)
    record.pass_time(minutes=10)
    # What the member signed first stands last.
    rows, proofs = record.row_batch(matter, argument, {"cem": 1}, count=1)
    body = d.ReactionsRecorded(argument, when(record.tick), 0, rows, proofs)
    return Lie(record, record.lie(body, As.NODE))


@case("chapters.row_unsigned")
def row_unsigned() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    argument = record.argue("ben", matter, "Because.")
    record.pass_time(minutes=10)
    record.rows(matter, argument, {"cem": 1}, vote=False)
    record.pass_time(minutes=10)
    rows, _ = record.row_batch(matter, argument, {"cem": -1})
    body = d.ReactionsRecorded(argument, when(record.tick), 0, rows)
    return Lie(record, record.lie(body, As.NODE))
