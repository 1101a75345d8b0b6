"""Moderation: what was hidden or erased in office and why, reports, appeals and judgements."""

from typing import Annotated, Final

import msgspec
from litestar import delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from civic.api.answers import accepted, answer, recorded
from civic.api.caller import AnyRequest, caller
from civic.api.lists import Index, listed, wanted
from civic.api.reading import shown
from civic.api.standing import InOffice
from civic.api.words import Language, Words, plain
from civic.deeds import moderating as deeds
from civic.kernel.record.entry import Hash, Ref
from civic.membership import node_of
from civic.pages.moderating import MODERATORS
from civic.pages.record import seen_record
from civic.pages.visit import must_be_member, visiting
from deliberation.moderation import queries, reports
from deliberation.moderation.queries import ErasedInOffice
from identity.scopes import Scope, needs

_AT: Final = "/chapters/{chapter_id:str}"
_ONE: Final = f"{_AT}/hidings/{{hiding:str}}"
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Hiding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of others to be hidden in office, with the public reason."""

    of: Ref
    words: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=100)]
    office: Ref
    reason: Reason


class Pleading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the author wants the words shown; it will be public."""

    text: Words
    lang: Language = "en"


class JudgingWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an office judges about hidden words."""

    office: Ref
    show: bool


class Reporting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that those in office are told of, and what is wrong with them."""

    of: Ref
    reason: Reason


class ReportedWords(msgspec.Struct, frozen=True):
    """Words that were reported: how often, and what those say who did; nobody knows who."""

    of: str
    kind: str
    proposal: str
    author: str
    reasons: tuple[str, ...]
    count: int


@get(f"{_AT}/hidings", opt=needs(Scope.READ))
async def hidings(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List words that were hidden in office, with reasons, appeals and ends, newest first.

    Whoever reads the record sees it, outsiders as of the last tick and without titles and names.
    """
    page = wanted(request, Index)
    async with visiting(request, chapter_id) as visit:
        if not visit.reads_all:
            raise NotFoundException
        size = visit.line.size if visit.live else (await seen_record(visit, visit.chapter)).size
        found = await queries.hidings(visit.db, visit.line.log, page.after, page.ask, size)
        if not visit.live:
            found = [queries.without_names(one) for one in found]
    return listed(request, page, found, lambda one: one.entry, shown)


@get(f"{_AT}/erased-in-office", opt=needs(Scope.READ))
async def erased(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List the last words that offices erased, with the public reasons, newest first."""
    async with visiting(request, chapter_id) as visit:
        if not visit.reads_all:
            raise NotFoundException
        size = visit.line.size if visit.live else (await seen_record(visit, visit.chapter)).size
        found: list[ErasedInOffice] = await queries.erased_in_office(
            visit.db, visit.line.log, size=size
        )
    return answer(found)


@post(f"{_AT}/hidings", opt=needs(Scope.OFFICE))
async def hide(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Hiding]
) -> ASGIResponse:
    """Hide words of others in office."""
    call = await caller(request, chapter_id)
    words, reason = sorted(set(data.words)), plain(data.reason)
    work = deeds.hide(call.node.desk, call.person, data.office, data.of, words, reason, call.key)
    return await recorded(call.place.log_id, work)


@post(f"{_ONE}/appeals", opt=needs(Scope.DELIBERATE))
async def appeal(
    request: AnyRequest,
    chapter_id: FromPath[str],
    hiding: FromPath[str],
    data: JSONBody[Pleading],
) -> ASGIResponse:
    """Appeal, as the author, that words are hidden."""
    call = await caller(request, chapter_id)
    async with visiting(request, chapter_id) as visit:
        line = await queries.hiding(visit.db, visit.line.log, hiding[:26])
    if line is None:
        raise NotFoundException
    work = deeds.appeal(
        call.node.desk, call.person, line.matter, hiding, plain(data.text), data.lang, call.key
    )
    return await recorded(call.place.log_id, work)


@post(f"{_ONE}/judgements", opt=needs(Scope.OFFICE))
async def judge(
    request: AnyRequest,
    chapter_id: FromPath[str],
    hiding: FromPath[str],
    data: JSONBody[JudgingWords],
) -> ASGIResponse:
    """Judge an appeal in office."""
    call = await caller(request, chapter_id)
    work = deeds.judge(call.node.desk, call.person, data.office, hiding, data.show, call.key)
    return await recorded(call.place.log_id, work)


@post(f"{_ONE}/lifts", opt=needs(Scope.OFFICE))
async def lift(
    request: AnyRequest,
    chapter_id: FromPath[str],
    hiding: FromPath[str],
    data: JSONBody[InOffice],
) -> ASGIResponse:
    """Show words again that one hid."""
    call = await caller(request, chapter_id)
    work = deeds.lift(call.node.desk, call.person, data.office, hiding, call.key)
    return await recorded(call.place.log_id, work)


@post(f"{_AT}/reports", status_code=204, opt=needs(Scope.DELIBERATE))
async def report(request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Reporting]) -> None:
    """Tell those in office of words, in private; nothing of it is recorded."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
    await accepted(deeds.report(node_of(request).desk, person, data.of, plain(data.reason)))


@get(f"{_AT}/reports", opt=needs(Scope.OFFICE))
async def list_reports(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List for leads and facilitators what was reported and not answered yet."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        if visit.own is None or visit.own.office(*MODERATORS) is None:
            raise NotFoundException
        found = await reports.waiting(visit.db, visit.node.book.vault, visit.line.log)
    return answer(
        [
            ReportedWords(one.subject, one.kind, one.matter, one.author, one.reasons, one.count)
            for one in found
        ]
    )


@delete(f"{_AT}/reports/{{of:str}}", status_code=204, opt=needs(Scope.OFFICE))
async def leave(request: AnyRequest, chapter_id: FromPath[str], of: FromPath[str]) -> None:
    """Leave reported words as they are: the reports are forgotten."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
        office = visit.own.office(*MODERATORS) if visit.own else None
    if office is None:
        raise NotFoundException
    await accepted(deeds.leave(node_of(request).desk, person, office, of[:26]))


HANDLERS: Final = (
    hidings, erased, hide, appeal, judge, lift, report, list_reports, leave,
)  # fmt: skip
