"""Mails of decisions: asked for without an account, confirmed, once a day, ended with one click."""

import asyncio
import logging
import re
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html import unescape

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from civic.coming_up import guarded
from civic.digest import subscriptions
from civic.digest.mails import Letterhead
from civic.digest.posting import HOUR, TRIES, WAIT, Posting
from civic.digest.sending import Outcome, Post, Server, ServerFailed
from civic.digest.subscriptions import FAILURES, KEPT, mail_subscription
from civic.kernel.database import reading
from civic.kernel.web.language import zone_of
from identity import lanes
from tests.civic.digest.mailbox import Mailbox
from tests.civic.pages.test_outsiders import open_chapter, proposed
from tests.town import Town, Visitor, new_key

HEAD = Letterhead("notes@example.org", "", "http://localhost")
EVA = "eva.person@example.net"


def posting(vilnius: Town, box: Mailbox, head: Letterhead = HEAD) -> Posting:
    return Posting(vilnius.node, Server.of(f"smtp://127.0.0.1:{box.port}"), head)


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"http://localhost(/mail/[\w-]{43})\b", body(mail))
    assert found is not None
    return found[1]


async def rows(vilnius: Town) -> list[dict[str, object]]:
    async with reading(vilnius.node.engine) as db:
        return [dict(one) for one in (await db.execute(select(mail_subscription))).mappings()]


async def ask(out: Visitor, chapters: list[str], address: str = EVA, status: int = 200) -> str:
    return await out.send("/mail", "/mail", status, address=address, chapters=chapters)


async def followed(
    vilnius: Town, box: Mailbox, visibility: str = "world"
) -> tuple[str, str, Visitor]:
    """Let a chapter be there that somebody follows; return its path, their link, a member."""
    path, (ana, *_others) = await open_chapter(vilnius, visibility)
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    await ask(out, [path[3:]])
    await posting(vilnius, box).send()
    [mail] = box.taken()
    link = link_in(mail)
    page = await out.send(link, link, chapters=[path[3:]], language="en", zone="Europe/Vilnius")
    assert "You get a mail once a day at most" in page
    return path, link, ana


async def test_a_first_mail_is_confirmed_and_then_comes_one_a_day(
    vilnius: Town, box: Mailbox
) -> None:
    path, link, ana = await followed(vilnius, box)
    post = posting(vilnius, box)
    await proposed(ana, path, "A garden <for> all")
    await vilnius.pass_time(minutes=20)
    # None on the day of the confirmation, and none before seven on the next one.
    await post.send()
    vilnius.clock.advance(timedelta(hours=5))
    await post.send()
    assert box.taken() == []
    for _ in range(48):
        await vilnius.pass_time(minutes=30)
        await post.send()
        await posting(vilnius, box).send()
    [mail] = box.taken()
    at = parsedate_to_datetime(mail["Date"])
    assert (at.hour, at.minute) == (5, 10)  # after seven in Vilnius
    assert mail["To"] == EVA
    assert mail["From"] == "notes@example.org"
    assert box.envelopes[-1] == ("notes@example.org", EVA)
    assert mail["Subject"] == "Your summary"
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", mail["Message-ID"])
    assert mail["List-Unsubscribe"] == f"<http://localhost{link}/end>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # The node greets by the domain of its mails, and names neither itself nor its machine.
    assert set(box.greeted) == {"example.org"}
    headers = box.raw[-1].partition(b"\r\n\r\n")[0].lower()
    for word in (b"civic", b"vilnius", b"garden", b"received", b"user-agent", b"x-mailer"):
        assert word not in headers.replace(link.encode().lower(), b"")
    text, html = body(mail), body(mail, "html")
    assert "A garden <for> all (Vilnius)" in text
    assert "The time for it ends: " in text
    assert "UTC+2" in text or "UTC+3" in text
    assert "A garden &lt;for&gt; all" in html
    assert f"http://localhost{path}/p/" in text
    for loaded in ("<img", "<script", "<style", "<link", "src=", "url("):
        assert loaded not in html
    assert all(len(line) <= 998 for line in box.raw[-1].split(b"\r\n"))


async def test_it_says_when_a_vote_closes_and_what_came_of_it(vilnius: Town, box: Mailbox) -> None:
    path, _link, ana = await followed(vilnius, box)
    await proposed(ana, path, "A garden")
    proposal = ana.path
    for visitor in vilnius.visitors[1:3]:
        await visitor.send(proposal, "/support")
    told = []
    for _ in range(24):
        await vilnius.pass_time(days=1)
        await vilnius.pass_time(minutes=10)
        await posting(vilnius, box).send()
        told += [body(one) for one in box.taken()]
    everything = "\n".join(told)
    for words in ("The discussion ends: ", "The vote closes: ", "Decided lately", "took part."):
        assert words in everything, words
    # A result is told once; and where nothing is new or near, nothing is sent.
    assert everything.count("Decided lately") == 1
    assert len(told) < 24


async def test_of_a_closed_chapter_only_what_the_world_may_see(vilnius: Town, box: Mailbox) -> None:
    path, _link, ana = await followed(vilnius, box, "chapter")
    await proposed(ana, path, "Hidden until it is fixed")
    await vilnius.pass_time(minutes=20)
    for _ in range(3):
        await vilnius.pass_time(days=1)
        await posting(vilnius, box).send()
    assert box.taken() == []
    page = await ana.see("/digest")
    assert "Hidden until it is fixed" in page
    stranger = await vilnius.person()
    assert "Hidden" not in await stranger.see("/digest")


async def test_the_answer_is_the_same_whether_an_address_is_known(
    vilnius: Town, box: Mailbox
) -> None:
    path, link, _ana = await followed(vilnius, box)
    out = vilnius.stranger()
    known = await ask(out, [path[3:]])
    unknown = await ask(out, [path[3:]], "somebody.else@example.net")
    keys = re.compile(r'name="key" value="[0-9a-f]+"')
    assert keys.sub("", known) == keys.sub("", unknown)
    # A known address keeps what it has, and its link; no second mail on the same day.
    await posting(vilnius, box).send()
    assert [one["To"] for one in box.taken()] == ["somebody.else@example.net"]
    await vilnius.pass_time(days=1)
    await ask(out, [path[3:]])
    await ask(out, [path[3:]], "EVA.person+again@Example.net")
    await posting(vilnius, box).send()
    [again] = [one for one in box.taken() if one["Subject"] and "asked" in body(one)]
    assert again["To"] == EVA
    assert link_in(again) == link
    assert "List-Unsubscribe" not in again


async def test_an_address_gets_one_link_a_day_even_after_it_was_erased(
    vilnius: Town, box: Mailbox
) -> None:
    path, link, _ana = await followed(vilnius, box)
    out = vilnius.stranger()
    # As programs that show mails do it: no form, no cookie, no page read before.
    answer = await out.client.post(f"{link}/end", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert await rows(vilnius) == []
    await out.see(link, 404)
    for _ in range(3):
        await ask(out, [path[3:]])
        await posting(vilnius, box).send()
    assert box.taken() == []
    # A page of another site cannot do it for somebody.
    refused = await out.client.post(f"{link}/end", headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403


async def test_what_nobody_confirms_gets_nothing_and_is_forgotten(
    vilnius: Town, box: Mailbox
) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    await ask(vilnius.stranger(), [path[3:]])
    await proposed(ana, path, "A garden")
    for _ in range(KEPT):
        await posting(vilnius, box).send()
        assert len(await rows(vilnius)) == 1
        await vilnius.pass_time(days=1)
    [only] = box.taken()
    # Opening the link, as scanners of mail do, changes nothing.
    link = link_in(only)
    page = await vilnius.stranger().see(link)
    assert "Nothing is sent yet" in page
    assert not (await rows(vilnius))[0]["confirmed"]
    await posting(vilnius, box).send()
    assert await rows(vilnius) == []


async def test_it_comes_in_the_language_that_was_chosen(vilnius: Town, box: Mailbox) -> None:
    path, link, ana = await followed(vilnius, box)
    out = vilnius.stranger()
    await out.send(link, link, chapters=[path[3:]], language="de", zone="America/New_York")
    assert '<html lang="de"' in await out.see(link)
    await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=20)
    await vilnius.pass_time(days=1)
    await posting(vilnius, box).send()
    assert box.taken() == []  # it is before seven in New York
    await vilnius.pass_time(minutes=240)
    await posting(vilnius, box, Letterhead("n@example.org", "Notiz", "http://localhost")).send()
    [mail] = box.taken()
    assert mail["Subject"] == "Notiz"
    assert '<html lang="de">' in body(mail, "html")
    assert "UTC\N{MINUS SIGN}" in body(mail)


async def test_no_crash_and_no_lost_answer_sends_twice(
    vilnius: Town, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _link, ana = await followed(vilnius, box)
    await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=20)

    # The server takes the text, and is gone before it says so.
    await vilnius.pass_time(days=1)
    box.breaks = True
    await posting(vilnius, box).send()
    box.breaks = False
    for _ in range(3):
        await vilnius.pass_time(minutes=20)
        await posting(vilnius, box).send()
    assert len(box.taken()) == 1

    # The process dies right after the mail left.
    await proposed(ana, path, "A fountain")
    await vilnius.pass_time(minutes=20)
    await vilnius.pass_time(days=1)
    hand_over = Post.hand_over

    async def dies(self: Post, address: str, mail: bytes) -> Outcome:
        await hand_over(self, address, mail)
        raise asyncio.CancelledError

    monkeypatch.setattr(Post, "hand_over", dies)
    with pytest.raises(asyncio.CancelledError):
        await posting(vilnius, box).send()
    monkeypatch.undo()
    await posting(vilnius, box).send()
    assert len(box.taken()) == 1

    # Two processes at once.
    await proposed(ana, path, "A bench")
    await vilnius.pass_time(minutes=20)
    await vilnius.pass_time(days=1)
    await asyncio.gather(*(posting(vilnius, box).send() for _ in range(4)))
    assert len(box.taken()) == 1


async def test_a_server_that_is_away_or_busy_is_tried_again(vilnius: Town, box: Mailbox) -> None:
    path, _link, ana = await followed(vilnius, box)
    await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=20)
    await vilnius.pass_time(days=1)
    away = Posting(vilnius.node, Server.of("smtp://127.0.0.1:1"), HEAD)
    with pytest.raises(ServerFailed):
        await away.send()
    post = posting(vilnius, box)
    box.recipient = "451 4.7.1 come back later"
    await post.send()
    asked = len(box.greeted)
    await post.send()
    assert len(box.greeted) == asked  # not each minute
    box.recipient = "250 OK"
    await vilnius.pass_time(minutes=WAIT)
    await post.send()
    assert len(box.taken()) == 1
    await post.send()
    assert box.taken() == []


async def test_a_mailbox_that_refuses_for_days_is_forgotten(vilnius: Town, box: Mailbox) -> None:
    path, _link, ana = await followed(vilnius, box)
    post = posting(vilnius, box)
    for day in range(FAILURES):
        [row] = await rows(vilnius)
        assert row["failures"] == day
        await proposed(ana, path, f"Proposal {day}")
        await vilnius.pass_time(minutes=20)
        await vilnius.pass_time(days=1)
        box.recipient = "550 5.1.1 nobody here"
        asked = len(box.greeted)
        await post.send()
        await post.send()
        assert len(box.greeted) == asked + 1
    assert await rows(vilnius) == []


async def test_a_refusal_by_policy_erases_nothing(vilnius: Town, box: Mailbox) -> None:
    path, _link, ana = await followed(vilnius, box)
    box.recipient = "554 5.7.1 relaying denied"
    post = posting(vilnius, box)
    for day in range(FAILURES + 1):
        await proposed(ana, path, f"Proposal {day}")
        await vilnius.pass_time(minutes=20)
        await vilnius.pass_time(days=1)
        await post.send()
    [row] = await rows(vilnius)
    assert row["failures"] == 0


async def test_a_mailbox_that_is_busy_all_day_fails_once(vilnius: Town, box: Mailbox) -> None:
    path, _link, ana = await followed(vilnius, box)
    await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=20)
    await vilnius.pass_time(days=1)
    box.recipient = "452 4.2.2 full"
    post, asked = posting(vilnius, box), len(box.greeted)
    for _ in range(TRIES + 3):
        await post.send()
        await vilnius.pass_time(minutes=WAIT)
    assert len(box.greeted) == asked + TRIES
    assert (await rows(vilnius))[0]["failures"] == 1


async def test_only_so_many_may_ask_at_once(vilnius: Town, box: Mailbox) -> None:
    path, _people = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    fields = {"chapters": [path[3:]]}
    for number in range(lanes.MAIL.burst):
        sent = {"key": new_key(), "address": f"a{number}@example.net", **fields}
        assert (await out.client.post("/mail", data=sent)).status_code == 200
    assert "Many people ask" in await ask(out, [path[3:]], status=429)
    await vilnius.pass_time(minutes=1)
    await ask(out, [path[3:]])


@pytest.mark.parametrize(
    "typed", ["nobody", "a@b", "a b@example.org", "a@example.org, b@example.org", "a@-x.org",
              "<a@example.org>", "a@example.org\r\nBcc: b@example.org", "@example.org"],
)  # fmt: skip
async def test_what_is_no_address_is_said_so(vilnius: Town, typed: str) -> None:
    path, _people = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    page = await ask(vilnius.stranger(), [path[3:]], typed, 422)
    assert "Enter an address such as name@example.org" in unescape(page)
    assert await rows(vilnius) == []


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    assert subscriptions.read_address("ana@пример.бел") == "ana@xn--e1afmkfd.xn--90ais"


async def test_nothing_of_an_address_is_in_the_database_or_in_log_lines(
    vilnius: Town, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path, link, ana = await followed(vilnius, box)
    for number, code in enumerate(("250 OK", "550 5.1.1 nobody", "451 later", "554 5.7.1 no")):
        await proposed(ana, path, f"A garden {number}")
        await vilnius.pass_time(minutes=20)
        box.recipient = code
        await vilnius.pass_time(days=1)
        assert await guarded("mail", posting(vilnius, box).in_turn) is None
    await proposed(ana, path, "The last one")
    await vilnius.pass_time(minutes=20)
    await vilnius.pass_time(days=1)
    away = Posting(vilnius.node, Server.of("smtp://127.0.0.1:1"), HEAD)
    with capture_logs() as lines:
        assert await guarded("mail", away.in_turn) == "ServerFailed"
    assert lines == [
        {"event": "job_failed", "job": "mail", "error": "ServerFailed", "log_level": "error"}
    ]
    [row] = await rows(vilnius)
    held = b"\n".join(bytes(one) for one in row.values() if isinstance(one, bytes))
    for secret in (EVA, "eva.person", "example.net", link[6:], "Europe", path[3:]):
        assert secret.encode() not in held
        assert secret.encode().hex() not in str(row)
    # But for what the server and the browsers of the test say themselves.
    said = [one.getMessage() for one in caplog.records if one.name not in ("mail.log", "httpx")]
    for secret in (EVA, "eva.person", link[6:]):
        assert secret not in "\n".join(said)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"])
async def test_it_comes_at_seven_wherever_its_reader_is(
    vilnius: Town, box: Mailbox, zone: str
) -> None:
    path, link, ana = await followed(vilnius, box)
    await vilnius.stranger().send(link, link, chapters=[path[3:]], language="en", zone=zone)
    # By every clock this is after the day on which the subscription began.
    await vilnius.pass_time(days=1)
    await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=20)
    post, hours = posting(vilnius, box), []
    for _ in range(60):
        await vilnius.pass_time(minutes=60)
        await post.send()
        for mail in box.taken():
            at = parsedate_to_datetime(mail["Date"]).astimezone(zone_of(zone))
            hours.append((at.date(), at.hour))
    assert hours
    assert {hour for _day, hour in hours} == {HOUR}
    assert len(hours) == len(set(hours))
