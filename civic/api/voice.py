"""My voice: the caller's own acts in all their chapters, and what became of each."""

from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.response.base import ASGIResponse

from civic.api.caller import AnyRequest
from civic.api.lists import Index, listed, wanted
from civic.kernel.record.proof import FILE_SUFFIX
from civic.kernel.record.shown import Text
from civic.pages.voice import own_acts
from civic.voice.acts import Done, Stands
from civic.voice.fates import Fate
from civic.voice.places import Place
from identity.scopes import Scope, needs
from identity.web import must_be_signed_in

_Small = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


class Answered(msgspec.Struct, frozen=True):
    """How others answered an argument or comment: reactions, and comments on it."""

    agree: int
    disagree: int
    passed: int
    answers: int


class Voted(msgspec.Struct, frozen=True):
    """How a vote ended: `counts` and `passed` are None while it is open."""

    election: str
    value: int
    counts: tuple[int, ...] | None
    cast: int | None
    passed: tuple[int, ...] | None


class OwnAct(msgspec.Struct, frozen=True):
    """One act of the caller and what became of it, in words and in figures.

    `what` is an act with an entry of its own, or a vote or reaction under a row id; of those that
    wait in a box `entry` and `at` are None. `did` and `became` are for people and in their
    language; `quoted` are the words it is about. `disowned` is the entry of the caller's report
    that they did not do it. `receipt` is where its proof is.
    """

    chapter: str
    what: str
    kind: str | None
    entry: int | None
    at: int | None
    signed: bool | None
    receipt: str | None
    disowned: int | None
    did: str
    became: str
    quoted: Text | None
    matter: str | None
    title: Text | None
    phase: str | None
    outcome: str | None
    statement: str | None
    answered: Answered | None
    voted: Voted | None


@get("/account/acts", opt=needs(Scope.ACCOUNT))
async def acts(request: AnyRequest) -> ASGIResponse:
    """List what the caller did in all their chapters, or in one, newest first, page by page.

    What waits in boxes comes on the first page, before all else and beyond its limit. Acts under
    ids whose tie was erased are nobody's.
    """
    known = await must_be_signed_in(request)
    page = wanted(request, tuple[_Small, _Small, Index])
    chapter = request.query_params.get("chapter", "")[:64]
    found = await own_acts(request, known, chapter, page.after, page.limit)
    places = {place.log: place for place in found.places}
    waiting = [_told(places[one.log], one, how, fate) for one, how, fate in found.acts if one.waits]
    recorded = [one for one in found.acts if not one[0].waits]
    # One more than is shown stands for the next page.
    recorded += recorded[-1:] if found.more else []
    return listed(
        request,
        page,
        recorded,
        lambda act: act[0].key,
        lambda some: [*waiting, *(_told(places[one[0].log], *one) for one in some)],
    )


def _told(place: Place, done: Done, how: Stands, became: Fate) -> OwnAct:
    line = None if done.row is None else done.row.line
    own = line is not None and done.what == "act" and not place.replica
    said, ballot, matter = how.said, how.ballot, how.matter
    value = done.value if done.what == "vote" else ballot.value if ballot else None
    return OwnAct(
        place.chapter_id,
        done.what,
        None if line is None else line.kind,
        None if line is None else line.index,
        None if line is None else line.at,
        done.signed,
        f"/log/{place.log_id}/receipt/{line.index}{FILE_SUFFIX}" if own and line else None,
        how.disowned,
        became.did,
        became.became,
        became.quoted,
        None if matter is None else matter.id,
        None if matter is None else matter.title,
        None if matter is None else matter.phase,
        None if matter is None else matter.outcome,
        None if said is None else said.id,
        None if said is None else Answered(said.agree, said.disagree, said.passed, said.answers),
        None
        if ballot is None or value is None
        else Voted(ballot.id, value, ballot.counts, ballot.cast, ballot.passed),
    )


HANDLERS: Final = (acts,)
