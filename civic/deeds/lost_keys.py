"""A lost key, or all of it: the member asks, two verifiers see them, and three days pass."""

import secrets
from collections.abc import Collection
from typing import Final

import msgspec

from chapters.keys import entries as e
from chapters.keys import requests
from chapters.keys.papers import (
    KEY_WITNESS,
    KeyWitness,
    make_witness,
    read_witness,
    witness_message,
    witnesses_refusal,
)
from chapters.keys.requests import KeyRequest
from chapters.keys.rules import possession_message
from chapters.state import of as chapter_of
from civic.deeds.hand import InHand, SignatureNeeded, signature
from civic.deeds.holding import held_first, not_held
from civic.deeds.person import Desk, Person, paper_hash
from civic.kernel.database import Writing, reading
from civic.kernel.keys import verify
from civic.kernel.record.entry import As, By, id_of, node_id
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code

REQUEST_UNFIT: Final = code(
    "request.key_request_unfit", "No member of the chapter can be given this key."
)
REQUESTS_FULL: Final = code("request.key_requests_full", "Too many wait for verifiers already.")


BEGINNING: Final = 8
"""Characters of a member id that say which member is meant: nobody finds one by trying."""


async def member_of(desk: Desk, log: int, beginning: str) -> str | None:
    """Return the id of the present member that begins so, None for none or too little of it."""
    if len(beginning) < BEGINNING:
        return None

    def meant(state: State) -> list[str]:
        return [
            own
            for own, one in chapter_of(state).members.items()
            if own.startswith(beginning) and one.state in ("active", "suspended")
        ]

    found = await desk.book.ask(log, meant)
    return found[0] if len(found) == 1 else None


async def request_of(
    desk: Desk, log: int, log_id: str, member: str, key: str, possession: str
) -> KeyRequest | Refusal:
    """Return what somebody who lost a member's key may ask verifiers for, with an id of its own."""
    try:
        key, possession = bytes.fromhex(key).hex(), bytes.fromhex(possession).hex()
        message = possession_message(log_id, member, key)
        good = verify(bytes.fromhex(key), message, bytes.fromhex(possession))
    except ValueError:
        good = False
    if not good or await member_of(desk, log, member) != member:
        return Refusal(REQUEST_UNFIT)
    return KeyRequest(id_of(secrets.token_bytes(16)), member, key, possession)


async def keep(
    desk: Desk, db: Writing, log: int, request: KeyRequest, earlier: Collection[str]
) -> Refusal | None:
    """Let a request wait for verifiers, in place of earlier changes, unless too many wait."""
    today = desk.book.timekeeper.clock.now().date()
    kept = await requests.put(db, desk.book.vault, log, request, today, earlier)
    return None if kept else Refusal(REQUESTS_FULL)


async def waiting(desk: Desk, log: int) -> list[KeyRequest]:
    """Return the requests that wait in a chapter, for verifiers."""
    async with reading(desk.book.engine) as db:
        return await requests.waiting(db, desk.book.vault, log)


async def witness(desk: Desk, person: Person, change: str, idempotency: str) -> bool | Refusal:
    """Say, as a verifier, that one saw the member; tell whether that was the second word.

    `change` is the id of the request as it was shown: who asks with the same key for another member
    makes another request.
    """
    log, vault, draws = person.log, desk.book.vault, desk.draws(person, f"witness/{idempotency}")
    async with desk.book.beside(log) as (db, state, tick):
        lost = not_held(state, person.holds, tick)
        if lost is not None:
            return lost
        held = await requests.waiting(db, vault, log)
        found = next((one for one in held if one.change == change), None)
        if found is None:
            return Refusal(REQUEST_UNFIT)
        paper = KeyWitness(found.change, found.member, found.key, person.member)
        mine = _signed(desk, person, paper, draws.bytes())
        body = _body(found, mine, mine)
        refused = witnesses_refusal(state, body, [mine])
        if refused is not None or found.member == person.member:
            return refused or Refusal(KEY_WITNESS)
        first = found.witness
        if first and witnesses_refusal(state, _body(found, first, first), [first]) is not None:
            # Its verifier is none any more, or has another key: it bars no others.
            first = b""
        if not first or read_witness(first).verifier == person.member:
            kept = msgspec.structs.replace(found, witness=mine)
            today = desk.book.timekeeper.clock.now().date()
            await requests.put(db, vault, log, kept, today)
            return False
    return await _announce(desk, person, found, first, mine)


async def _announce(
    desk: Desk, person: Person, found: KeyRequest, first: bytes, second: bytes
) -> bool | Refusal:
    body = _body(found, first, second)

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        return witnesses_refusal(state, body, [first, second])

    async def also(db: Writing, index: int) -> None:
        await requests.drop(db, desk.book.vault, person.log, found.key)

    outcome = await desk.hand_in(
        Person(person.log, person.log_id, person.member),
        By(As.NODE, node_id(person.log_id)),
        None,
        body,
        f"key/{found.change}",
        papers={paper_hash(raw): raw for raw in (first, second)},
        check=held_first(person.holds, check),
        also=also,
    )
    return outcome if isinstance(outcome, Refusal) else True


def _body(found: KeyRequest, first: bytes, second: bytes) -> e.KeyChangeAnnounced:
    one, other = sorted((paper_hash(first), paper_hash(second)))
    return e.KeyChangeAnnounced(
        found.change, found.member, found.key, found.possession, (one, other)
    )


def _signed(desk: Desk, person: Person, paper: KeyWitness, salt: bytes) -> bytes:
    key, text = desk.member_key(person), witness_message(person.log_id, paper)
    made = None if key is None else signature(key, text)
    if made is not None:
        paper = msgspec.structs.replace(paper, signature=made.hex())
    elif isinstance(key, InHand):
        key.hand.papers.append(text.decode())
        raise SignatureNeeded(key.hand)
    return make_witness(paper, salt)
