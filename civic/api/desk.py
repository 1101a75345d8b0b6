"""What those in office look after: what waits, alarms, suspensions, tokens for auditors."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters import capabilities, queries
from chapters.alarms import queries as alarm_queries
from chapters.alarms.growth import MONTH, growth
from chapters.alarms.queries import Reached
from chapters.capabilities import LABEL_MOST, OPEN_MOST
from chapters.queries import MemberLine
from chapters.standing.queries import suspensions as suspensions_of
from civic.api.answers import answer, refused
from civic.api.caller import AnyRequest, act_key_of
from civic.api.lists import Index, Name, listed, wanted
from civic.api.reading import shown
from civic.api.standing import text_of
from civic.kernel.database import writing
from civic.kernel.record.entry import Hash, when
from civic.kernel.refusal import Refusal
from civic.pages.auditors import TOO_MANY, must_lead, token_for
from civic.pages.desk import AHEAD
from civic.pages.desk_queries import desk
from civic.pages.standing import words_of
from civic.pages.suspending import seen_suspension
from civic.pages.visit import ChapterVisit, must_be_member, visiting
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up

_AT: Final = "/chapters/{chapter_id:str}"


class Grown(msgspec.Struct, frozen=True):
    """How the chapter grew within a month, and how much of that is usual; a reason to look."""

    joined: int
    usual: int
    alarming: bool


class Alarms(msgspec.Struct, frozen=True):
    """Reasons to look, never reasons to exclude: growth, and whom few paths of vouches reach.

    `day` is when the vouches were looked at last.
    """

    grown: Grown
    day: str | None
    few: list[Reached]


class SuspensionAtDesk(msgspec.Struct, frozen=True):
    """A suspension as somebody in office sees it, and what they can do about it.

    `reason` and `appeal` are there for who may read them. `may` names calls: agreements,
    judgements, lifts.
    """

    id: str
    member: str
    until: str
    asked_as: str
    begun: str | None
    appealed: str | None
    ended: str | None
    why: str | None
    reason: str | None
    appeal: str | None
    may: list[Literal["agreements", "judgements", "lifts"]]


class TokenWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a token is for, and the Ed25519 key with which they sign each request."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=LABEL_MOST)]
    public_key: Hash


class TokenGiven(msgspec.Struct, frozen=True):
    """A token for an auditor, shown this one time."""

    token: str

    def __repr__(self) -> str:
        return "TokenGiven(...)"


class TokenShown(msgspec.Struct, frozen=True):
    """A token that was given; `id` is the hash of it, `until` the first day without it."""

    id: str
    label: str
    public_key: str
    given_by: str
    until: str
    last_used: str | None
    works: bool


@get(f"{_AT}/desk", opt=needs(Scope.OFFICE))
async def waiting(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell those in office what comes up, what was missed, and how the last votes went."""
    async with visiting(request, chapter_id) as visit:
        _in_office(visit)
        log, now = visit.line.log, visit.now
        return answer(shown(await desk(visit.db, log, now - MONTH, now, now + AHEAD)))


@get(f"{_AT}/applicants", opt=needs(Scope.OFFICE))
async def applicants(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List those who wait to be admitted, oldest first, page by page, for those in office."""
    page = wanted(request, tuple[Index, Name])
    async with visiting(request, chapter_id) as visit:
        _in_office(visit)
        found = await queries.members(
            visit.db, visit.line.log, "applied", after=page.after, limit=page.ask
        )
    return listed(request, page, found, _key_of, shown)


def _key_of(line: MemberLine) -> tuple[int, str]:
    return line.entry, line.id


@get(f"{_AT}/confirmations", opt=needs(Scope.READ))
async def confirmations(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List for members which founders said that they met which."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        return answer(await queries.confirmations(visit.db, visit.line.log))


@get(f"{_AT}/alarms", opt=needs(Scope.OFFICE))
async def alarms(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell verifiers and leads how the chapter grew, and whom few paths of vouches reach."""
    async with visiting(request, chapter_id) as visit:
        _in_office(visit, "verifier", "lead")
        log = visit.line.log
        vault = visit.node.book.vault
        found = await alarm_queries.alarms(visit.db, vault, log, visit.now - MONTH)
        looked = found.looked
        few = await alarm_queries.reached(visit.db, log, looked.members) if looked else []
    grown = growth(found.joined, visit.line.active)
    day = looked.day.isoformat() if looked else None
    return answer(Alarms(Grown(grown.joined, grown.usual, grown.alarming), day, few))


@get(f"{_AT}/suspensions", opt=needs(Scope.OFFICE))
async def suspensions(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List for those in office the last suspensions, and what waits for them."""
    async with visiting(request, chapter_id) as visit:
        me = must_be_member(visit).member
        _in_office(visit)
        found = (await suspensions_of(visit.db, visit.line.log))[:50]
        leads = visit.own is not None and visit.own.office("lead") is not None
        papers = [paper for one in found for paper in (one.paper, one.appeal)]
        words = await words_of(visit.node, visit.db, visit.line.log, papers)
        seen = [seen_suspension(visit, one, me, words, leads=leads) for one in found]
    return answer([_at_desk(one) for one in seen])


def _at_desk(seen: dict[str, Any]) -> SuspensionAtDesk:
    line, seen = seen["line"], {**seen, "lift": seen["lift"] or seen["decline"]}
    calls = (("agree", "agreements"), ("judge", "judgements"), ("lift", "lifts"))
    return msgspec.convert(
        {
            "id": line.id,
            "member": line.member,
            "until": when(line.until),
            "asked_as": line.asked_as,
            **{
                name: None if (minute := getattr(line, name)) is None else when(minute)
                for name in ("begun", "appealed", "ended")
            },
            "why": line.why,
            "reason": text_of(seen["reason"]),
            "appeal": text_of(seen["appeal"]),
            "may": [name for one, name in calls if seen[one]],
        },
        SuspensionAtDesk,
    )


@get(f"{_AT}/auditors", opt=needs(Scope.OFFICE))
async def tokens(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List for leads the tokens with which auditors read the record."""
    await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
        found = await capabilities.listed(visit.db, visit.line.log)
    today = visit.node.clock.now().date()
    return answer(
        [
            TokenShown(
                one.hash.hex(),
                one.label,
                one.public_key.hex(),
                one.given_by,
                one.until.isoformat(),
                one.last_used.isoformat() if one.last_used else None,
                one.works(today),
            )
            for one in found
        ]
    )


@post(f"{_AT}/auditors", opt=needs(Scope.OFFICE))
async def give_token(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[TokenWanted]
) -> ASGIResponse:
    """Give a token for a key, as a lead; sent again under the same key, it is the same token."""
    known = await must_have_stepped_up(request)
    key = act_key_of(request, known)
    async with visiting(request, chapter_id) as visit:
        by = must_lead(visit)
    token = token_for(known, chapter_id, key)
    today, public = visit.node.clock.now().date(), bytes.fromhex(data.public_key)
    async with writing(visit.node.engine) as unit:
        given = await capabilities.give(unit, visit.line.log, token, public, data.label, by, today)
    if not given:
        raise refused(Refusal(TOO_MANY, {"most": OPEN_MOST}))
    return answer(TokenGiven(token), 201)


@delete(f"{_AT}/auditors/{{token:str}}", status_code=204, opt=needs(Scope.OFFICE))
async def revoke_token(
    request: AnyRequest, chapter_id: FromPath[str], token: FromPath[Hash]
) -> None:
    """End an auditor's token at once, as a lead."""
    await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
    async with writing(visit.node.engine) as unit:
        if not await capabilities.revoke(unit, visit.line.log, bytes.fromhex(token)):
            raise NotFoundException


def _in_office(visit: ChapterVisit, *roles: str) -> None:
    must_be_member(visit)
    own = visit.own
    held = {role for _id, role in own.offices} if own else set()
    if not (held & set(roles) if roles else held):
        raise NotFoundException


HANDLERS: Final = (
    waiting,
    applicants,
    confirmations,
    alarms,
    suspensions,
    tokens,
    give_token,
    revoke_token,
)
