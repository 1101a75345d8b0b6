"""Records that break the rules of member keys: unproven, stopped by others, of nothing."""

import msgspec

from chapters import entries as c
from chapters.keys import entries as k
from chapters.keys.papers import KeyWitness, make_witness, witness_message
from chapters.keys.rules import possession_message
from civic.kernel import keys
from civic.kernel.record.entry import As
from tests.acts import made, public, seed_key
from tests.dishonest.case import Lie, case, village
from tests.factories.records import Record


def possession(record: Record, name: str, new: str) -> str:
    """The new key's signature: it is a member's."""
    message = possession_message(record.log_id, made(name), public(new))
    return keys.sign(seed_key(new), message).hex()


def witness(record: Record, verifier: str, name: str, new: str, signer: str = "") -> str:
    """Keep a verifier's word about a member's new key; return its hash."""
    paper = KeyWitness(made("change"), made(name), public(new), made(verifier))
    message = witness_message(record.log_id, paper)
    signature = keys.sign(seed_key(signer or verifier), message).hex()
    paper = msgspec.structs.replace(paper, signature=signature)
    return record.paper(make_witness(paper, record.salt()))


def announcing(
    record: Record, name: str = "dia", new: str = "dia's new", verifiers: tuple[str, ...] = ()
) -> k.KeyChangeAnnounced:
    """What the node says when two verifiers, ben and cem, saw somebody who lost their key."""
    seen = verifiers or ("ben", "cem")
    papers = tuple(sorted(witness(record, one, name, new) for one in seen))
    return k.KeyChangeAnnounced(
        made("change"), made(name), public(new), possession(record, name, new), papers
    )


def announced(record: Record) -> None:
    record.hand_over()
    record.node(announcing(record))


@case("chapters.key_unproven")
def unproven() -> Lie:
    record = village()
    body = c.Applied(made("gil"), public("gil"))
    return Lie(record, record.lie(body, As.MEMBER, made("gil")))


@case("chapters.key_change_unknown")
def change_unknown() -> Lie:
    record = village()
    announced(record)
    body = k.KeyChangeVetoed(made("change"))
    return Lie(record, record.lie(body, As.MEMBER, made("eva"), signer="eva"))


@case("chapters.key_change_waits")
def change_waits() -> Lie:
    record = village()
    announced(record)
    again = msgspec.structs.replace(announcing(record), id=made("again"))
    return Lie(record, record.lie(again, As.NODE))


@case("chapters.act_unknown")
def act_unknown() -> Lie:
    record = village()
    record.hand_over()
    body = k.ActDisowned(len(record.entries) + 1)
    return Lie(record, record.lie(body, As.MEMBER, made("eva"), signer="eva"))


@case("papers.key_witness")
def one_verifier_twice() -> Lie:
    record = village()
    record.hand_over()
    record.node(announcing(record, verifiers=("ben", "ben")))
    return Lie(record, len(record.entries) - 1, papers=True)
