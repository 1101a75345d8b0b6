"""What calls answer: receipts of acts, promises for rows, and refusals with their status."""

from collections.abc import Awaitable
from typing import Any, Final

import msgspec
from litestar.response.base import ASGIResponse

from civic.deeds.person import Done
from civic.kernel.record.entry import Malformed, when
from civic.kernel.record.proof import FILE_SUFFIX
from civic.kernel.record.rules import MALFORMED
from civic.kernel.record.submission import Promise
from civic.kernel.record.timekeeper import ClockWrong
from civic.kernel.refusal import Refusal
from civic.kernel.web.json_answer import answer as answer
from civic.kernel.web.problem import Busy, Refused

STATUS: Final = {
    "chapters.matter_unknown": 404,
    "chapters.not_a_member": 403,
    "chapters.not_in_office": 403,
    "chapters.is_suspended": 403,
    "chapters.reason_unknown": 404,
    "chapters.suspension_unknown": 404,
    "chapters.term_too_long": 422,
    "chapters.below_charter": 422,
    "chapters.content_missing": 422,
    "deliberation.hiding_unknown": 404,
    "deliberation.not_the_author": 403,
    "deliberation.own_case": 403,
    "deliberation.options": 422,
    "deliberation.reaction_value": 422,
    "deliberation.reason_needed": 422,
    "deliberation.unfit_change": 422,
    "deliberation.unknown_subject": 404,
    "papers.broken": 422,
    "papers.level": 403,
    "papers.no_member": 403,
    "papers.other_voice": 403,
    "papers.own_words": 403,
    "papers.signature": 422,
    "chapters.case_unknown": 404,
    "papers.challenger": 403,
    "papers.not_independent": 403,
    "papers.relatives": 422,
    "papers.verifier": 403,
    "papers.voucher": 403,
    "record.bad_signature": 422,
    "record.malformed": 422,
    "record.only_follows": 422,
    "record.wrong_id_key": 422,
    "record.wrong_role": 422,
    "request.claim_unknown": 403,
    "request.claim_unproven": 403,
    "request.member_held_elsewhere": 403,
    "request.not_signed": 422,
    "request.rules_not_here": 422,
    "request.webhook_address": 422,
    "request.words_differ": 422,
    "voting.not_on_roll": 403,
    "voting.unknown_election": 404,
    "voting.value": 422,
}
"""HTTP status by refusal; every other refusal is a conflict with how things stand (409)."""

CLOCK_PAUSE: Final = 60
"""Seconds after which to try again while the node's clock is wrong."""


class Recorded(msgspec.Struct, frozen=True):
    """An act stands in the record: what it made or acted on, and where its proof will be."""

    id: str
    index: int
    leaf: str
    repeated: bool
    receipt: str


class Promised(msgspec.Struct, frozen=True):
    """A row is in its box: it will be recorded by `tick`; signed by the node's promise key."""

    subject: str
    row: str
    count: int
    value: int
    tick: str
    signature: str


def refused(refusal: Refusal) -> Refused:
    """Return a refusal as the exception that is answered with its status."""
    return Refused(refusal, STATUS.get(refusal.code, 409))


async def accepted(work: Awaitable[Any]) -> Any:
    """Return what a deed led to, or raise its refusal; malformed words are one."""
    try:
        outcome = await work
    except Malformed as malformed:
        raise refused(Refusal(MALFORMED, {"why": str(malformed)})) from malformed
    except ClockWrong as wrong:
        raise Busy(CLOCK_PAUSE) from wrong
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    return outcome


async def recorded(log_id: str, work: Awaitable[Any], status: int = 201) -> ASGIResponse:
    """Answer with the receipt of an act."""
    done: Done = await accepted(work)
    receipt = done.receipt
    return answer(
        Recorded(
            done.id,
            receipt.index,
            receipt.leaf.hex(),
            receipt.repeated,
            f"/log/{log_id}/receipt/{receipt.index}{FILE_SUFFIX}",
        ),
        status,
    )


async def promised(work: Awaitable[Any]) -> ASGIResponse:
    """Answer with the promise for a row."""
    promise: Promise = await accepted(work)
    return answer(
        Promised(
            promise.subject,
            promise.row,
            promise.count,
            promise.value,
            when(promise.tick),
            promise.signature.hex(),
        ),
        202,
    )
