"""Deeds about one's keys: take or replace one, stop a change, disown an act."""

from chapters.keys import entries as e
from civic.deeds.person import Desk, Outcome, Person, done
from civic.kernel.record.submission import Also


async def replace_key(
    desk: Desk,
    person: Person,
    key: str,
    possession: str,
    idempotency: str,
    also: Also | None = None,
) -> Outcome:
    """Put another member key in place of one's own, or take a first one.

    `possession` is the new key's signature over `chapters.keys.rules.possession_message`.
    """
    body = e.KeyReplaced(key, possession)
    return done(person.member, await desk.by_member(person, body, idempotency, also=also))


async def stop_change(desk: Desk, person: Person, change: str, idempotency: str) -> Outcome:
    """Stop a change of one's key that verifiers announced."""
    return done(change, await desk.by_member(person, e.KeyChangeVetoed(change), idempotency))


async def disown(
    desk: Desk, person: Person, index: int, role: str, own_id: str, matter: str, idempotency: str
) -> Outcome:
    """Say, under the id under which an act stands, that one did not do it.

    `role` and `own_id` are those of the act's entry, `matter` is that of a voice.
    """
    body = e.ActDisowned(index, matter if role == "voice" else None)
    match role:
        case "voice":
            outcome = await desk.by_voice(person, matter, body, idempotency)
        case "office":
            outcome = await desk.by_office(person, own_id, body, idempotency)
        case _:
            outcome = await desk.by_member(person, body, idempotency)
    return done(own_id, outcome)
