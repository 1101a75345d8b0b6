"""Records that break what every act has in common: form, time, role, signature."""

import msgspec

from chapters import entries as c
from chapters.bylaws import Change
from civic.kernel.record import time
from civic.kernel.record.entry import MAX_ACT, As, Proof, encode_json, when
from deliberation import entries as d
from tests.acts import made, text
from tests.dishonest.case import Lie, case, village
from voting import entries as v


@case("record.time_back")
def time_back() -> Lie:
    record = village()
    index = record.lie(c.Left(), As.MEMBER, made("fox"), signer="fox", at=record.tick - 60)
    return Lie(record, index)


@case("record.off_tick")
def off_tick() -> Lie:
    record = village()
    index = record.lie(c.Left(), As.MEMBER, made("fox"), signer="fox", at=record.tick + 3)
    return Lie(record, index)


@case("record.not_early")
def not_early() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    ties = c.TookPart(matter, "voice", when(record.tick), (text("tie"),))
    return Lie(record, record.lie(ties, As.NODE))


@case("record.wrong_role")
def wrong_role() -> Lie:
    record = village()
    return Lie(record, record.lie(v.Cast(made("election"), 1), As.VOICE, made("voice")))


@case("record.only_follows")
def only_follows() -> Lie:
    record = village()
    change = Change("quorum", record.bylaws.quorum, 0)
    body = c.BylawsChanged(made("decision"), when(record.tick), (change,))
    return Lie(record, record.lie(body, As.NODE))


@case("record.bad_signature")
def bad_signature() -> Lie:
    record = village()
    act = record.act(c.Left(), As.MEMBER, made("fox"), signer="fox")
    assert act.proof is not None
    proof = Proof(act.proof.public_key, "00" * 64)
    return Lie(record, record.write_act(msgspec.structs.replace(act, proof=proof)))


@case("record.wrong_id_key")
def wrong_id_key() -> Lie:
    record = village()
    matter = record.propose("ann", "p")
    body = d.Supported(matter)
    return Lie(record, record.lie(body, As.VOICE, made("somebody"), signer="another"))


@case("record.malformed")
def malformed() -> Lie:
    record = village()
    members = tuple(made(f"guest {number}") for number in range(1500))
    content = [text(str(number)) for number in range(240)]
    act = record.act(c.MembersImported("", 0, members), As.NODE, content=content)
    # An entry may be a little longer than the act it came from may be.
    for length in range(201):
        longer = msgspec.structs.replace(act, body=c.MembersImported("x" * length, 0, members))
        if MAX_ACT < len(encode_json(longer)) < MAX_ACT + 20:
            return Lie(record, record.write_act(longer))
    raise AssertionError("no act of the right length")


@case("record.outage_implausible")
def outage_implausible() -> Lie:
    record = village()
    record.pass_time(minutes=60)
    moment = record.tick
    return Lie(record, record.lie(time.Outage(when(moment - 20), when(moment)), As.NODE))
