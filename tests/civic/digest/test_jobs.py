"""The jobs process sends mails where it is told a server, and the operator sees when it cannot."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from civic import jobs
from civic.digest import subscriptions
from civic.digest.subscriptions import LENGTH, MailKeys, Subscription
from civic.kernel.database import brief_engine, reading, writing
from civic.kernel.keys import KeyFiles
from civic.operate.tables import job_failure
from tests.civic.digest.mailbox import Mailbox
from tests.town import settings_of


async def test_a_link_that_was_asked_for_is_sent(
    database_url: str, data: Path, box: Mailbox
) -> None:
    own = MailKeys.of(KeyFiles(data / "keys"))
    wanted = Subscription("ana@example.net", (), "be", "Europe/Vilnius", "s" * LENGTH)
    today = datetime.now(UTC).date()
    async with brief_engine(database_url) as engine:
        async with writing(engine) as db:
            await subscriptions.ask(db, own, wanted, today, mail=True)

        async def run(port: int, enough: asyncio.Event | None) -> None:
            more = {
                "CIVIC_SMTP_URL": f"smtp://127.0.0.1:{port}",
                "CIVIC_MAIL_FROM": "n@example.org",
            }
            running = asyncio.create_task(jobs.run(settings_of(database_url, data, **more)))
            async with asyncio.timeout(30):
                while enough is None or not enough.is_set():
                    async with reading(engine) as db:
                        failed = await db.scalar(select(job_failure.c.error))
                    if enough is None and failed is not None:
                        assert failed == "ServerFailed"
                        break
                    await asyncio.sleep(0.05)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        await run(1, None)
        assert box.mails == []
        await run(box.port, box.arrived)
        [mail] = box.mails
        assert mail["To"] == "ana@example.net"
        part = mail.get_body(("plain",))
        assert part is not None
        assert f"http://localhost/mail/{'s' * LENGTH}" in part.get_content()
