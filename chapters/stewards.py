"""Stewards: the keys that can, some of them together, move the chapter (pure)."""

from typing import Final

from chapters import entries as e
from chapters.gate import NOT_IN_OFFICE
from chapters.offices.absence import in_office
from chapters.state import of
from civic.kernel import keys
from civic.kernel.record.entry import Act, As, Entry
from civic.kernel.record.rules import Decision, Kind, State
from civic.kernel.refusal import Refusal, code

STEWARDS_UNMET: Final = code(
    "chapters.stewards_unmet", "Not enough of the stewards in office have approved the new ones."
)


def steward_message(log_id: str, body: e.StewardsNamed) -> bytes:
    """Return the bytes that a steward signs to approve new stewards."""
    named = ",".join(body.keys)
    return f"civic/stewards/1\n{log_id}\n{body.number}\n{body.threshold}\n{named}".encode()


def prepare_stewards(log_id: str, act: Act[e.StewardsNamed]) -> Refusal | None:
    """Verify the approvals' signatures."""
    message = steward_message(log_id, act.body)
    for approval in act.body.approvals:
        if not keys.verify(
            bytes.fromhex(approval.public_key), message, bytes.fromhex(approval.signature)
        ):
            return Refusal(STEWARDS_UNMET)
    return None


def decide_stewards(state: State, act: Act[e.StewardsNamed], now: int) -> Decision:
    """Let a lead name the first stewards, and k of the old ones approve the next."""
    chapter, body = of(state), act.body
    if chapter.offices[act.by.id].role != "lead":
        return Refusal(NOT_IN_OFFICE)
    approved = {one.public_key for one in body.approvals} & set(chapter.stewards)
    # The number keeps an approval from being used again when the same stewards are back.
    if (
        body.number != chapter.stewards_number + 1
        or len(approved) < chapter.stewards_needed
        or body.threshold > len(body.keys)
        or len(set(body.keys)) != len(body.keys)
    ):
        return Refusal(STEWARDS_UNMET)
    return ()


def apply_stewards(state: State, entry: Entry[e.StewardsNamed]) -> None:
    """These keys can move the chapter."""
    chapter = of(state)
    chapter.stewards, chapter.stewards_needed = entry.body.keys, entry.body.threshold
    chapter.stewards_number = entry.body.number


KIND: Final = Kind(
    e.StewardsNamed,
    in_office(apply_stewards),
    decide_stewards,
    frozenset({As.OFFICE}),
    world=True,
    prepare=prepare_stewards,
)
