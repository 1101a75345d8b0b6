"""Mails in the jobs process: each digest is begun once a day, whatever happens.

The day is noted before a mail leaves. If no server took it the note is taken back, and it is tried
again; if that is not sure, or the process died in between, there is none on that day. So a mail may
be missing, and none comes twice.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final

from civic import publication
from civic.digest import subscriptions
from civic.digest.mails import Letterhead, digest_mail, link_mail
from civic.digest.sending import Outcome, Post, Server, ServerFailed, connected
from civic.digest.subscriptions import Kept, MailKeys, Subscription
from civic.digest.telling import days_between, digest, local_day
from civic.feeds.news import FeedPage
from civic.kernel.clock import minute_of
from civic.kernel.database import reading, writing
from civic.kernel.turn import turn
from civic.kernel.web.language import LANGUAGES, Reader, reading_as, zone_of
from civic.node import Node
from civic.settings import Settings

HOUR: Final = 7
"""The hour from which on a digest is sent, by the clock of who reads it."""
_EARLIEST: Final = timedelta(hours=14 - HOUR)
"""How far the earliest morning of all time zones is ahead of midnight (UTC)."""
LINKS: Final = 30
"""Mails with links in one round at most."""
WAIT: Final = 15
"""Minutes until a mail is tried again that its server wanted later."""
TRIES: Final = 5
"""How often a digest is tried on one day."""
LONGEST: Final = 7
"""Days back to which a digest looks at most."""

Connect = Callable[[], Awaitable[Post]]
"""Gives the connection to the server, made when the first mail is to leave."""


def letterhead(settings: Settings) -> Letterhead:
    """Return what stands on all mails of a node."""
    return Letterhead(settings.mail_from, settings.mail_subject, settings.base_url)


class Posting:
    """Sends what is due; remembers, in memory alone, what is to be tried later."""

    def __init__(self, node: Node, server: Server, head: Letterhead) -> None:
        """Send for a node, by a server."""
        self._node, self._server, self._head = node, server, head
        self._keys = MailKeys.of(node.key_files)
        self._tried: dict[bytes, int] = {}
        self._not_before: dict[bytes, int] = {}

    async def in_turn(self) -> bool:
        """Send what is due, unless another machine of the node is about it."""
        async with turn(self._node.engine, "mail") as ours:
            if ours:
                await self.send()
            return ours

    async def send(self) -> None:
        """Send what is due; raise `ServerFailed` where the server takes nothing."""
        now = self._node.clock.now()
        async with writing(self._node.engine) as db:
            await subscriptions.sweep(db, now.date())
        async with reading(self._node.engine) as db:
            links = await subscriptions.wanting(db, self._keys, LINKS)
            known = await subscriptions.due(db, self._keys, (now + _EARLIEST).date())
            known = [one for one in known if self._has_begun(one)]
            wanted = sorted({one for kept in known for one in kept.subscription.chapters})
            pages = await publication.feeds(db, wanted, minute_of(now), members=False)
        told = {page.chapter.chapter_id: page for page in pages}
        if not links and not known:
            return
        minute = minute_of(now)
        async with AsyncExitStack() as stack:
            connect = _once(stack, self._server, self._head.sender)
            for kept in links:
                if self._not_before.get(kept.mark, 0) <= minute:
                    await self._send_link(connect, kept)
            for kept in known:
                if self._not_before.get(kept.mark, 0) <= minute:
                    await self._send_digest(connect, kept, told)

    def _has_begun(self, kept: Kept) -> bool:
        """Tell whether a day has begun of which a subscription has had nothing yet."""
        local = self._node.clock.now().astimezone(zone_of(kept.subscription.zone))
        return local.hour >= HOUR and (kept.dealt is None or kept.dealt < local.date())

    async def _send_link(self, connect: Connect, kept: Kept) -> None:
        with reading_as(_reader(kept.subscription)):
            mail = link_mail(self._head, kept.subscription, self._node.clock.now())
        post = await connect()
        async with writing(self._node.engine) as db:
            if not await subscriptions.claim_link(db, kept.mark):
                return
        try:
            outcome = await post.hand_over(kept.subscription.address, mail)
        except ServerFailed:
            async with writing(self._node.engine) as db:
                await subscriptions.want_again(db, kept.mark)
            raise
        if outcome is Outcome.LATER and self._again(kept.mark):
            async with writing(self._node.engine) as db:
                await subscriptions.want_again(db, kept.mark)

    async def _send_digest(self, connect: Connect, kept: Kept, told: dict[str, FeedPage]) -> None:
        now = self._node.clock.now()
        with reading_as(_reader(kept.subscription)):
            today = local_day(now)
            first = max(kept.dealt or today, today - timedelta(days=LONGEST))
            window = days_between(min(first, today - timedelta(days=1)), today)
            pages = [told[one] for one in kept.subscription.chapters if one in told]
            made = digest(pages, now, window)
            mail = digest_mail(self._head, kept.subscription, made, now) if made.fresh else None
        post = await connect() if mail is not None else None
        async with writing(self._node.engine) as db:
            if not await subscriptions.claim(db, kept.mark, today):
                return
        if mail is None or post is None:
            return
        try:
            outcome = await post.hand_over(kept.subscription.address, mail)
        except ServerFailed:
            async with writing(self._node.engine) as db:
                await subscriptions.give_back(db, kept, today)
            raise
        async with writing(self._node.engine) as db:
            if outcome is Outcome.LATER and self._again(kept.mark):
                await subscriptions.give_back(db, kept, today)
            elif outcome is not Outcome.UNKNOWN:
                self._tried.pop(kept.mark, None)
                self._not_before.pop(kept.mark, None)
                await subscriptions.note(db, kept, taken=outcome is Outcome.TAKEN)

    def _again(self, mark: bytes) -> bool:
        """Note one more try that a server put off; tell whether there is to be another one."""
        tried = self._tried.get(mark, 0) + 1
        if tried >= TRIES:
            self._tried.pop(mark, None)
            self._not_before.pop(mark, None)
            return False
        self._tried[mark] = tried
        self._not_before[mark] = minute_of(self._node.clock.now()) + WAIT
        return True


def _once(stack: AsyncExitStack, server: Server, sender: str) -> Connect:
    made: list[Post] = []

    async def connect() -> Post:
        if not made:
            made.append(await stack.enter_async_context(connected(server, sender)))
        return made[0]

    return connect


def _reader(subscription: Subscription) -> Reader:
    language = subscription.language
    return Reader(language if language in LANGUAGES else "en", subscription.zone)
