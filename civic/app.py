"""The composition root: one web process's application, put together from all domains."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from litestar import Litestar, Request
from litestar.config.compression import CompressionConfig

import civic.digest.pages
import civic.feeds.pages
import civic.live.pages
import civic.webhooks.pages
import identity.api
import identity.pages
from civic import log_routes
from civic.api import router as api_router
from civic.api.openapi import serving as api_documentation
from civic.authorship import is_author
from civic.bearers import may_read
from civic.beginnings import finish
from civic.chapter_names import chapter_names
from civic.coming_up import start_up
from civic.deeds.hand import SignatureNeeded
from civic.endings import Going, ending
from civic.hands import answer_signature_needed, hand_of
from civic.kernel.clock import Clock
from civic.kernel.keys import KeyFiles, derive
from civic.kernel.web.asgi import Application, protected
from civic.kernel.web.language import N_
from civic.kernel.web.languages import ACCOUNTS
from civic.kernel.web.pages import Link, Pages, Site
from civic.kernel.web.problem import exception_handlers
from civic.kernel.web.problem_texts import tell
from civic.kernel.web.routes import web_router
from civic.live.running import running_streams
from civic.membership import is_member
from civic.node import Node, open_node
from civic.node_routes import node_router
from civic.own_data import of_chapters
from civic.pages.ground import stand_on
from civic.pages.routes import router as pages_router
from civic.refusal_texts import REFUSAL_TEXTS
from civic.returning import alerts
from civic.settings import Settings
from identity.languages import OwnReaders
from identity.own_data import Part
from identity.sessions import SignedIn
from identity.step_up import StepUpNeeded, answer_step_up_needed
from identity.vault import Vault
from identity.web import SignInNeeded, account_links, account_notices, answer_sign_in_needed


def create_app(settings: Settings, clock: Clock | None = None) -> Application:
    """Return the ASGI application of a node; its database must be migrated and running.

    `clock` stands in for the system's where time is to move as told.
    """
    keep: dict[str, Node] = {}

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_node(settings.database_url or "", settings.data, clock) as node:
            keep["node"] = node
            app.state["node"] = node
            app.state["private"] = node.private
            app.state["finish"] = partial(finish, node)
            app.state[ACCOUNTS] = OwnReaders()
            app.state["chapter_names"] = partial(chapter_names, node)
            await start_up(node)
            async with running_streams(node, settings.database_url or "") as streams:
                app.state["streams"] = streams
                yield

    tell(REFUSAL_TEXTS)
    site = Site(
        name="civic",
        demo=settings.demo,
        secure=settings.base_url.startswith("https:"),
        origin=settings.base_url,
        also=settings.also_urls,
        nav=(Link(N_("Chapters"), "/"),),
        footer=(
            Link(N_("Words"), "/words"),
            Link(N_("For developers"), api_documentation.PAGES),
        ),
    )
    flash_key = derive(KeyFiles(settings.data / "keys").secret("flash"), b"", b"civic/flash/1")
    pages = Pages(site, flash_key, account=account_links, notices=account_notices, alerts=alerts)

    async def departing(
        request: Request[Any, Any, Any], vault: Vault, key: str, erase_words: bool
    ) -> Going:
        hand = await hand_of(request)
        return await ending(keep["node"], hand, vault, key, erase_words=erase_words)

    async def gathering(me: SignedIn) -> Sequence[Part]:
        return await of_chapters(keep["node"], me)

    app = Litestar(
        route_handlers=[
            web_router,
            identity.pages.router(departing, gathering, links=settings.demo),
            identity.api.router(),
            log_routes.router(is_member, may_read=may_read, may_have_receipt=is_author),
            node_router,
            api_router(),
            *api_documentation.HANDLERS,
            pages_router(),
            civic.feeds.pages.router(),
            civic.digest.pages.router(),
            civic.live.pages.router(),
            civic.webhooks.pages.router(),
        ],
        exception_handlers={
            **exception_handlers(pages),
            SignInNeeded: answer_sign_in_needed,
            StepUpNeeded: answer_step_up_needed,
            SignatureNeeded: answer_signature_needed,
        },
        after_exception=[stand_on],
        lifespan=[lifespan],
        # What lies there is compressed by its own handlers, or not at all.
        compression_config=CompressionConfig(
            backend="gzip",
            # At 9 it takes half as long again for one byte in a hundred.
            gzip_compress_level=6,
            exclude=["^/log/", "^/static/", civic.live.pages.UNCOMPRESSED],
        ),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.state["pages"] = pages
    app.state["settings"] = settings
    return protected(app, pages)
