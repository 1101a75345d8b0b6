"""What other programs are told of a chapter: secret addresses of feeds, and webhooks."""

from typing import Annotated, Final

import msgspec
from litestar import delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from civic.api.answers import answer, refused
from civic.api.caller import AnyRequest, act_key_of
from civic.feeds import addresses
from civic.feeds import pages as feed_pages
from civic.kernel.record.entry import Hash, Id
from civic.kernel.refusal import Refusal
from civic.pages.auditors import must_lead
from civic.pages.visit import must_be_present, visiting
from civic.settings import Settings
from civic.webhooks import pages as webhook_pages
from civic.webhooks import registered
from civic.webhooks.targets import MOST as URL_MOST
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up
from identity.web import must_be_signed_in

_AT: Final = "/chapters/{chapter_id:str}"


class FeedShown(msgspec.Struct, frozen=True):
    """A secret address of feeds; `id` is the hash of it, `until` the first day without it."""

    id: str
    until: str


class FeedMade(msgspec.Struct, frozen=True):
    """A secret address, shown this one time: where the Atom feed and the calendar are."""

    feed: str
    calendar: str

    def __repr__(self) -> str:
        return "FeedMade(...)"


class WebhookWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where entries are to be told; `every` one, or those meant for everybody."""

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=URL_MOST)]
    every: bool = False


class WebhookMade(msgspec.Struct, frozen=True):
    """A webhook with the secret of its signatures, shown this one time."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return "WebhookMade(...)"


class WebhookShown(msgspec.Struct, frozen=True):
    """A webhook. `failures` counts tries in a row; `ended` (failed, gone) tells that it is over."""

    id: str
    url: str
    every: bool
    failures: int
    ended: str | None
    ended_on: str | None


@get(f"{_AT}/feeds", opt=needs(Scope.ACCOUNT))
async def feeds(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List one's own secret addresses of a chapter's feeds."""
    known = await must_be_signed_in(request)
    async with visiting(request, chapter_id) as visit:
        must_be_present(visit)
        mark = addresses.mark_of(known.data_key, chapter_id)
        found = await addresses.listed(visit.db, mark, visit.node.clock.now().date())
    return answer([FeedShown(one.hash.hex(), one.until.isoformat()) for one in found])


@post(f"{_AT}/feeds", opt=needs(Scope.ACCOUNT))
async def make_feed(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Make a secret address of the feeds; sent again under the same key, it is the same one."""
    known = await must_have_stepped_up(request)
    made = await feed_pages.made(request, chapter_id, act_key_of(request, known))
    if isinstance(made, Refusal):
        raise refused(made)
    settings: Settings = request.app.state["settings"]
    return answer(FeedMade(*feed_pages.hrefs(settings.base_url, made)), 201)


@delete(f"{_AT}/feeds/{{address:str}}", status_code=204, opt=needs(Scope.ACCOUNT))
async def end_feed(request: AnyRequest, chapter_id: FromPath[str], address: FromPath[Hash]) -> None:
    """End one of one's own secret addresses at once."""
    if not await feed_pages.ended(request, chapter_id, address):
        raise NotFoundException


@get(f"{_AT}/webhooks", opt=needs(Scope.OFFICE))
async def webhooks(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List a chapter's webhooks, as a lead."""
    await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
        found = await registered.listed(visit.db, visit.line.log)
    return answer(
        [
            WebhookShown(
                one.id,
                one.url,
                one.every,
                one.failures,
                one.ended,
                one.ended_on.isoformat() if one.ended_on else None,
            )
            for one in found
        ]
    )


@post(f"{_AT}/webhooks", opt=needs(Scope.OFFICE))
async def register_webhook(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[WebhookWanted]
) -> ASGIResponse:
    """Register a webhook, as a lead; sent again under the same key, it is the same one."""
    known = await must_have_stepped_up(request)
    key = act_key_of(request, known)
    made = await webhook_pages.registering(request, chapter_id, key, data.url, every=data.every)
    if isinstance(made, Refusal):
        raise refused(made)
    return answer(WebhookMade(*made), 201)


@post(f"{_AT}/webhooks/{{webhook:str}}/resume", status_code=204, opt=needs(Scope.OFFICE))
async def resume_webhook(
    request: AnyRequest, chapter_id: FromPath[str], webhook: FromPath[Id]
) -> None:
    """Try a webhook again that ended, from the entry at which it stopped, as a lead."""
    if not await webhook_pages.resumed(request, chapter_id, webhook):
        raise NotFoundException


@delete(f"{_AT}/webhooks/{{webhook:str}}", status_code=204, opt=needs(Scope.OFFICE))
async def remove_webhook(
    request: AnyRequest, chapter_id: FromPath[str], webhook: FromPath[Id]
) -> None:
    """Forget a webhook at once, as a lead."""
    if not await webhook_pages.removed(request, chapter_id, webhook):
        raise NotFoundException


HANDLERS: Final = (
    feeds,
    make_feed,
    end_feed,
    webhooks,
    register_webhook,
    resume_webhook,
    remove_webhook,
)
