"""The two mails of a node: the link that an address asked for, and the digest.

Plain text and simple HTML without pictures, both in the reader's language. Above them stands a
neutral subject, since it shows on locked screens and to whoever looks over a shoulder; nothing in
a mail is fetched from anywhere, and its links tell nothing but the subscription.

The look stands on the elements, since many programs drop style sheets. It names no colour of text
or ground: by night programs choose their own, and words stay legible whichever they are. The bar
beside a matter has the accent of its chapter.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

import msgspec
from markupsafe import Markup

from civic.digest.subscriptions import Subscription
from civic.digest.telling import Digest, Item
from civic.kernel.web.accents import ACCENTS, accent_index
from civic.kernel.web.language import _, reader

_BODY: Final = SMTP.clone(cte_type="7bit")
# Links in headers are longer than the lines into which they would be cut.
_WRITTEN: Final = _BODY.clone(max_line_length=998)


_PAGE: Final = (
    "margin:0 auto;padding:16px;max-width:36em;overflow-wrap:break-word;"
    "font:17px/1.5 Seravek,'Segoe UI','Noto Sans',Ubuntu,Roboto,'Helvetica Neue',sans-serif"
)
_HEADING: Final = "margin:0 0 8px;font-size:24px;line-height:1.25"
_PART: Final = "margin:32px 0 8px;font-size:19px;line-height:1.3"
_ITEM: Final = "margin:16px 0;padding:0 0 0 12px;border-left:4px solid {}"
_TITLE: Final = "font-weight:bold"
_ASIDE: Final = "font-size:15px"
_FOOT: Final = "margin:40px 0 0;padding:16px 0 0;border-top:1px solid #857d71;font-size:15px"


class Letterhead(msgspec.Struct, frozen=True):
    """What is the same on all mails of a node."""

    sender: str
    """The plain address from which they come."""
    subject: str
    """What the operator wants above them, empty for a neutral text."""
    origin: str
    """The address of the node, without a path."""


def link_mail(head: Letterhead, to: Subscription, now: datetime) -> bytes:
    """Return the mail with the link that was asked for, in the reader's language."""
    href = f"{head.origin}/mail/{to.secret}"
    asked = _(
        "Somebody, we hope you, asked to have a daily summary sent to this address. On this page "
        "you can start it, change it or end it:"
    )
    nothing = _("If it was not you, there is nothing to do: without a click nothing is sent.")
    html = Markup('<p>{}</p>\n<p style="{}">{}</p>\n<p>{}</p>\n').format(
        asked, _TITLE, _link(href, href), nothing
    )
    return _mail(head, to, now, f"{asked}\n\n{href}\n\n{nothing}\n", html)


def digest_mail(head: Letterhead, to: Subscription, told: Digest, now: datetime) -> bytes:
    """Return the mail with a digest, in the reader's language."""
    heading, lately = _("What is decided, by when"), _("Decided lately")
    href = f"{head.origin}/mail/{to.secret}"
    change = _("Change or end these mails")
    text, html = [heading], [Markup('<h1 style="{}">{}</h1>').format(_HEADING, heading)]
    parts = [(day.heading, day.items) for day in told.days]
    for title, items in [*parts, *([(lately, told.decided)] if told.decided else [])]:
        text += ["", title, "-" * len(title)]
        html.append(Markup('<h2 style="{}">{}</h2>').format(_PART, title))
        text += [_as_text(head.origin, item) for item in items]
        html.append(_as_list(head.origin, items))
    text += ["", "-- ", f"{change}: {href}", ""]
    html.append(Markup('<p style="{}">{}</p>\n').format(_FOOT, _link(href, change)))
    return _mail(head, to, now, "\n".join(text), Markup("\n").join(html), unsubscribe=f"{href}/end")


def _as_text(origin: str, item: Item) -> str:
    return f"\n* {item.title} ({item.chapter})\n  {item.told}\n  {origin}{item.href}"


def _as_list(origin: str, items: Sequence[Item]) -> Markup:
    rows = (
        Markup(
            '<li style="{}"><span style="{}">{}</span> (<bdi>{}</bdi>)<br>'
            '<span style="{}">{}</span></li>'
        ).format(
            _ITEM.format(_colour(item)),
            _TITLE,
            _link(origin + item.href, item.title, item.lang),
            item.chapter,
            _ASIDE,
            item.told,
        )
        for item in items
    )
    listed = "margin:0;padding:0;list-style:none"
    return Markup('<ul style="{}">\n{}\n</ul>').format(listed, Markup("\n").join(rows))


def _colour(item: Item) -> str:
    """Return the accent of the chapter on whose page an item is read."""
    chapter_id = item.href.removeprefix("/c/").partition("/")[0]
    return ACCENTS[accent_index(bytes.fromhex(chapter_id))].light


def _link(href: str, text: str, lang: str = "") -> Markup:
    of = Markup(' lang="{}"').format(lang) if lang else Markup("")
    return Markup('<a href="{}"{} dir="auto">{}</a>').format(href, of, text)


def _mail(
    head: Letterhead,
    to: Subscription,
    now: datetime,
    text: str,
    html: Markup,
    unsubscribe: str = "",
) -> bytes:
    mail = EmailMessage(policy=_BODY)
    subject = head.subject or _("Your summary")
    mail["From"] = Address(addr_spec=head.sender)
    mail["To"] = Address(addr_spec=to.address)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{secrets.token_hex(16)}@{head.sender.rpartition('@')[2]}>"
    # So that nobody's note of absence is sent back (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    if unsubscribe:
        # One click without a page (RFC 8058).
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    page = Markup(
        '<!doctype html>\n<html lang="{}">\n<head><meta charset="utf-8"><title>{}</title>\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="supported-color-schemes" content="light dark"></head>\n'
        '<body style="margin:0">\n<div style="{}">\n{}</div>\n</body>\n</html>\n'
    ).format(reader().language, subject, _PAGE, html)
    mail.add_alternative(str(page), subtype="html")
    return mail.as_bytes(policy=_WRITTEN)
