"""Acts about a proposal, from proposing to the outcome card."""

from typing import Annotated, Final, Literal

import msgspec
from litestar import delete, post
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.bylaws import Change
from chapters.names import VOICE_UNKNOWN
from civic.api.answers import recorded, refused
from civic.api.caller import AnyRequest, caller
from civic.api.words import Label, Language, Reason, Text, Title, Words, plain
from civic.deeds import chapter as chapter_deeds
from civic.deeds import moderating
from civic.deeds import proposal as deeds
from civic.kernel.record.adoption import Adoption
from civic.kernel.record.entry import As, Hash, Ref, When, minute
from civic.kernel.refusal import Refusal
from deliberation.entries import Again, Appointment, Measure, Result, Urgent
from identity.scopes import Scope, needs
from identity.web import must_allow

_PATH: Final = "/chapters/{chapter_id:str}/proposals/{proposal:str}"


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proposal's words in a further language, with as many options; they do not bind."""

    lang: Language
    title: Title
    text: Text
    options: Annotated[tuple[Label, ...], msgspec.Meta(max_length=20)] = ()


Also = Annotated[tuple[Wording, ...], msgspec.Meta(max_length=7)]


class NewProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proposal; at most one of options, changes of bylaws, an appointment and newer rules.

    The words in `lang` bind; `also` says the same in further languages.
    """

    title: Title
    text: Text
    secrecy: Literal["roll_call", "pseudonymous"]
    lang: Language = "en"
    options: Annotated[tuple[Label, ...], msgspec.Meta(max_length=20)] = ()
    changes: Annotated[tuple[Change, ...], msgspec.Meta(max_length=20)] = ()
    appointment: Appointment | None = None
    measure: Measure | None = None
    rules: Adoption | None = None
    also: Also = ()


class Argument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An argument for or against."""

    side: Literal["pro", "con"]
    text: Words
    lang: Language = "en"


class Comment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comment on the proposal, or on an argument or comment of its matter."""

    text: Words
    on: Ref | None = None
    lang: Language = "en"


class Revision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next version of a proposal's words, in all languages in which it is to be given.

    `reason` says in `lang` why they change.
    """

    version: Annotated[int, msgspec.Meta(ge=2, le=2**31)]
    title: Title
    text: Text
    lang: Language = "en"
    options: Annotated[tuple[Label, ...], msgspec.Meta(max_length=20)] = ()
    also: Also = ()
    reason: Reason | None = None


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to be done until a moment, set in office."""

    office: Ref
    text: Words
    until: When
    lang: Language = "en"


class InOffice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The office under which something is done."""

    office: Ref


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An outcome card, in office."""

    office: Ref
    result: Result
    again: Again
    expected: Words
    happened: Words
    lang: Language = "en"


class Erasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words to be erased: one's own, or of others in office with a public reason.

    In office they are hidden first, but for an `urgent` need.
    """

    of: Ref
    words: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=100)]
    office: Ref | None = None
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None
    urgent: Urgent | None = None


@post("/chapters/{chapter_id:str}/proposals", opt=needs(Scope.DELIBERATE))
async def propose(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[NewProposal]
) -> ASGIResponse:
    """Propose something."""
    call = await caller(request, chapter_id)
    work = deeds.propose(
        call.node.desk,
        call.person,
        title=plain(data.title),
        text=plain(data.text),
        lang=data.lang,
        idempotency=call.key,
        secrecy=data.secrecy,
        options=[plain(one) for one in data.options],
        changes=data.changes,
        appointment=data.appointment,
        measure=data.measure,
        rules=data.rules,
        also=_further(data.also),
    )
    return await recorded(call.place.log_id, work)


def _further(also: Also) -> list[deeds.Wording]:
    return [
        deeds.Wording(one.lang, plain(one.title), plain(one.text), tuple(map(plain, one.options)))
        for one in also
    ]


@post(_PATH + "/supports", opt=needs(Scope.DELIBERATE))
async def support(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """Support a proposal."""
    call = await caller(request, chapter_id)
    work = deeds.support(call.node.desk, call.person, proposal, call.key)
    return await recorded(call.place.log_id, work)


@delete(_PATH + "/supports", status_code=200, opt=needs(Scope.DELIBERATE))
async def withdraw_support(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """Take support back."""
    call = await caller(request, chapter_id)
    work = deeds.withdraw_support(call.node.desk, call.person, proposal, call.key)
    return await recorded(call.place.log_id, work, 200)


@post(_PATH + "/arguments", opt=needs(Scope.DELIBERATE))
async def argue(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    data: JSONBody[Argument],
) -> ASGIResponse:
    """Give an argument."""
    call = await caller(request, chapter_id)
    text = plain(data.text)
    work = deeds.argue(call.node.desk, call.person, proposal, data.side, text, data.lang, call.key)
    return await recorded(call.place.log_id, work)


@post(_PATH + "/comments", opt=needs(Scope.DELIBERATE))
async def comment(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    data: JSONBody[Comment],
) -> ASGIResponse:
    """Comment on something in the proposal's matter."""
    call = await caller(request, chapter_id)
    on, text = data.on or proposal, plain(data.text)
    work = deeds.comment(call.node.desk, call.person, proposal, on, text, data.lang, call.key)
    return await recorded(call.place.log_id, work)


@post(_PATH + "/revisions", opt=needs(Scope.DELIBERATE))
async def revise(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    data: JSONBody[Revision],
) -> ASGIResponse:
    """Give one's proposal new words."""
    call = await caller(request, chapter_id)
    texts = [plain(one) for one in (data.title, data.text, *data.options)]
    also, reason = _further(data.also), plain(data.reason or "")
    desk, person, lang = call.node.desk, call.person, data.lang
    work = deeds.revise(desk, person, proposal, data.version, texts, lang, call.key, also, reason)
    return await recorded(call.place.log_id, work)


@post(_PATH + "/withdrawals", opt=needs(Scope.DELIBERATE))
async def withdraw(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """Withdraw one's proposal."""
    call = await caller(request, chapter_id)
    work = deeds.withdraw(call.node.desk, call.person, proposal, call.key)
    return await recorded(call.place.log_id, work)


@post(_PATH + "/tasks", opt=needs(Scope.OFFICE))
async def set_task(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str], data: JSONBody[Task]
) -> ASGIResponse:
    """Set a task, in office."""
    call = await caller(request, chapter_id)
    work = deeds.set_task(
        call.node.desk,
        call.person,
        data.office,
        proposal,
        plain(data.text),
        data.lang,
        minute(data.until),
        call.key,
    )
    return await recorded(call.place.log_id, work)


@post(_PATH + "/tasks/{task:str}/done", opt=needs(Scope.OFFICE))
async def finish_task(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    task: FromPath[str],
    data: JSONBody[InOffice],
) -> ASGIResponse:
    """Say that a task is done, in office."""
    call = await caller(request, chapter_id)
    work = deeds.finish_task(call.node.desk, call.person, data.office, task, call.key)
    return await recorded(call.place.log_id, work)


@post(_PATH + "/outcomes", opt=needs(Scope.OFFICE))
async def record_outcome(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    data: JSONBody[Outcome],
) -> ASGIResponse:
    """Record what came of a proposal, in office."""
    call = await caller(request, chapter_id)
    work = deeds.record_outcome(
        call.node.desk,
        call.person,
        data.office,
        proposal,
        result=data.result,
        again=data.again,
        expected=plain(data.expected),
        happened=plain(data.happened),
        lang=data.lang,
        idempotency=call.key,
    )
    return await recorded(call.place.log_id, work)


@post(_PATH + "/erasures", opt=needs(Scope.DELIBERATE, Scope.OFFICE))
async def erase(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    data: JSONBody[Erasure],
) -> ASGIResponse:
    """Have words erased."""
    call = await caller(request, chapter_id)
    must_allow(call.known, Scope.DELIBERATE if data.office is None else Scope.OFFICE)
    desk, person, words = call.node.desk, call.person, sorted(set(data.words))
    if data.office is None:
        work = deeds.erase(desk, person, proposal, data.of, words, call.key)
    else:
        reason = plain(data.reason or "")
        work = moderating.erase(
            desk, person, data.office, data.of, words, reason, call.key, data.urgent
        )
    return await recorded(call.place.log_id, work)


@post(_PATH + "/names", opt=needs(Scope.DELIBERATE))
async def give_name(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """Stand with one's name by what one's voice said in the matter."""
    call = await caller(request, chapter_id)
    by, new, _key = await call.node.desk.own_id(call.person, proposal, As.VOICE)
    if new is not None:
        raise refused(Refusal(VOICE_UNKNOWN))
    work = chapter_deeds.give_name(call.node.desk, call.person, proposal, by.id, call.key)
    return await recorded(call.place.log_id, work)


HANDLERS: Final = (
    propose,
    support,
    withdraw_support,
    argue,
    comment,
    revise,
    withdraw,
    set_task,
    finish_task,
    record_outcome,
    erase,
    give_name,
)
