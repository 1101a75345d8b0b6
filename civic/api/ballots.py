"""Reactions and votes: into a box under a row id, or by name in a roll call."""

from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.participation import MATTER_UNKNOWN
from civic.api.answers import promised, recorded, refused
from civic.api.caller import AnyRequest, Call, caller
from civic.deeds import proposal as deeds
from civic.kernel.record.entry import Ref
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from civic.kernel.web.problem import Refused
from deliberation.phases import WRONG_PHASE
from deliberation.state import of as deliberation_of
from identity.scopes import Scope, needs
from voting.rules import CLOSED

_PATH: Final = "/chapters/{chapter_id:str}/proposals/{proposal:str}"
_KEPT: Final = 10_000


class Reaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """1 agrees, -1 disagrees, 0 passes."""

    subject: Ref
    value: Literal[-1, 0, 1]


class Vote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """1 yes, -1 no, 0 abstain; for options the sum of 2^i over the approved ones."""

    value: Annotated[int, msgspec.Meta(ge=-1, lt=2**20)]


class Election(NamedTuple):
    """A vote on a proposal: its id, and how it is cast."""

    id: str
    secrecy: str


@post(_PATH + "/reactions", opt=needs(Scope.DELIBERATE))
async def react(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    data: JSONBody[Reaction],
) -> ASGIResponse:
    """React to an argument or comment; a later reaction replaces the earlier."""
    call = await caller(request, chapter_id)
    return await promised(
        deeds.fill_box(call.node.desk, call.person, proposal, data.subject, data.value)
    )


@post(_PATH + "/votes", opt=needs(Scope.VOTE))
async def vote(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str], data: JSONBody[Vote]
) -> ASGIResponse:
    """Vote on a proposal; a later vote replaces the earlier."""
    call = await caller(request, chapter_id)
    kept: dict[tuple[int, str], Election] = request.app.state.setdefault("elections", {})
    place = (call.place.no, proposal)
    election = kept.get(place)
    if election is not None:
        try:
            return await _vote(call, proposal, election, data.value)
        except Refused as refused_vote:
            # A decision that could not take effect is voted on again, in another election.
            if refused_vote.refusal.code != CLOSED:
                raise
    election = await _election(call, proposal)
    if len(kept) >= _KEPT:
        kept.clear()
    kept[place] = election
    return await _vote(call, proposal, election, data.value)


async def _vote(call: Call, proposal: str, election: Election, value: int) -> ASGIResponse:
    desk, person = call.node.desk, call.person
    if election.secrecy == "pseudonymous":
        return await promised(deeds.fill_box(desk, person, proposal, election.id, value))
    work = deeds.cast(desk, person, election.id, value, call.key)
    return await recorded(call.place.log_id, work)


async def _election(call: Call, proposal: str) -> Election:
    """Return the latest vote on a proposal."""

    def question(state: State) -> Election | Refusal:
        found = deliberation_of(state).proposals.get(proposal)
        if found is None:
            return Refusal(MATTER_UNKNOWN)
        if found.election is None:
            return Refusal(WRONG_PHASE, {"phase": found.phase})
        return Election(found.election, found.secrecy)

    answer = await call.node.book.ask(call.place.no, question)
    if isinstance(answer, Refusal):
        raise refused(answer)
    return answer


HANDLERS: Final = (react, vote)
