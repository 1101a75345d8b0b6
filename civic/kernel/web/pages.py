"""Pages: templates filled with view models whose strings are ready, inside one frame."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from markupsafe import Markup

import civic
from civic.kernel.web import language
from civic.kernel.web.accents import accent_class
from civic.kernel.web.assets import asset_url
from civic.kernel.web.dates import day_in_words, moment, moment_of_minute, month_in_words
from civic.kernel.web.figures import count, percent
from civic.kernel.web.flash import LIFETIME_SECONDS, Flash, Tone, seal, unseal
from civic.kernel.web.markdown import markdown
from civic.kernel.web.ornament import digest_of, ornament_band_svg, ornament_svg
from civic.kernel.web.spoken import SpokenEnvironment
from civic.kernel.web.two_words import two_word_name
from civic.kernel.web.written import OFFERED, foreign, name_of

HTML: Final = "text/html"
PRIVATE: Final = "private, no-cache"
"""For pages that depend on the reader: kept by their browser, asked about each time."""
PUBLIC: Final = "public, no-cache"
"""For pages that look the same to everybody: any cache may keep them and must ask each time."""
NO_STORE: Final = "no-store"
"""For pages that show a secret or words that may be erased: kept by nobody."""

_DEFAULT_ACCENT: Final = "accent-5"


class Link(msgspec.Struct, frozen=True):
    """A link in a navigation."""

    text: str
    href: str
    current: bool = False
    deed: bool = False
    """Whether it does something instead of leading somewhere: then it is a button."""


class Site(msgspec.Struct, frozen=True):
    """What every page of a node says about it."""

    name: str = "civic"
    demo: bool = False
    secure: bool = False
    """Whether people reach the node by https; cookies are then marked so."""
    origin: str = "http://localhost"
    """The address people use, without a path: passkeys hold for its host alone."""
    also: tuple[str, ...] = ()
    """Further addresses of the node."""
    nav: tuple[Link, ...] = ()
    footer: tuple[Link, ...] = ()

    @property
    def mark(self) -> Markup:
        """A small ornament drawn from the name of the network."""
        return _badge(digest_of(self.name).hex(), 9, 36, "")


class ChapterFrame(msgspec.Struct, frozen=True):
    """The chapter on whose ground a page stands: its name, colour, ornament and navigation."""

    id: str
    """The SHA-256 of its first entry, in hex."""
    name: str
    href: str
    nav: tuple[Link, ...] = ()
    lang: str = ""
    """The tag of the language of its name, where it is known."""
    replica_of: str = ""
    """The node from which this read-only replica comes; empty on the chapter's own node."""
    as_of: str = ""
    """When the last entry of a replica was made, as people read it."""
    rules_missing: int | None = None
    """The version of the rules that the chapter goes on under, if this program lacks it."""
    alert: Link | None = None
    """What a visitor has to see at once, on whatever page of the chapter."""
    you: Link | None = None
    """Where a member finds their own place in the chapter."""

    @property
    def accent(self) -> str:
        """The CSS class of the chapter's accent."""
        return accent_class(self.id)

    @property
    def band(self) -> Markup:
        """The chapter's ornament as a band."""
        return _band(self.id)

    @property
    def ornament(self) -> Markup:
        """The chapter's ornament as a badge, named for screen readers."""
        return _badge(self.id, 15, 60, language.gettext("Ornament of this chapter"))


class Frame(msgspec.Struct, frozen=True):
    """What surrounds the content of a page."""

    site: Site
    path: str = "/"
    account: tuple[Link, ...] = ()
    notices: tuple[str, ...] = ()
    """What the person behind the page still has to be told of their account."""
    alerts: tuple[Link, ...] = ()
    """What they have to see at once, on whatever page."""
    chapter: ChapterFrame | None = None
    flash: Flash | None = None
    accent: str = _DEFAULT_ACCENT

    @property
    def lang(self) -> str:
        """The tag of the language in which the page is written."""
        return language.reader().language

    @property
    def languages(self) -> Sequence[language.Language]:
        """The languages in which the page can be had."""
        return tuple(language.LANGUAGES.values())

    @property
    def zone(self) -> str:
        """The name of the time zone whose clock the page shows."""
        return language.reader().zone


@lru_cache(512)
def _band(chapter_id: str) -> Markup:
    return ornament_band_svg(bytes.fromhex(chapter_id))


@lru_cache(2048)
def _badge(hex_digest: str, cells: int, pixels: int, label: str) -> Markup:
    return ornament_svg(bytes.fromhex(hex_digest), cells=cells, pixels=pixels, label=label)


def _ornament(hex_digest: str, *, cells: int = 15, pixels: int = 60, label: str = "") -> Markup:
    return _badge(hex_digest, cells, pixels, label)


@lru_cache(4096)
def _voice_ornament(voice_id: str, pixels: int = 27) -> Markup:
    return ornament_svg(digest_of(voice_id), cells=9, pixels=pixels)


def template_folder() -> Path:
    """Return where the templates are: in the installed package, else beside it in a source tree.

    Raises FileNotFoundError when they are in neither place.
    """
    package = Path(civic.__file__).parent
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "layout.html").is_file():
            return folder
    raise FileNotFoundError("the templates are missing from this installation")


def environment(folders: Sequence[Path], tag: str | None = None) -> Environment:
    """Return the template environment: escaping everything, failing on a name that is missing.

    With the `tag` of a language its templates are in that language alone.
    """
    env = (Environment if tag is None else SpokenEnvironment)(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        # Templates do not change while a node runs: to look at each file anew costs every page.
        auto_reload=False,
    )
    if isinstance(env, SpokenEnvironment):
        env.speak(tag or "en")
    env.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True, pgettext=language.pgettext
    )
    env.filters.update(
        count=count,
        percent=percent,
        markdown=markdown,
        moment=moment,
        minute=moment_of_minute,
        day=day_in_words,
        month=month_in_words,
        foreign=foreign,
        language=name_of,
    )
    env.globals.update(
        asset=asset_url,
        new_key=lambda: secrets.token_hex(16),
        ornament=_ornament,
        voice_ornament=_voice_ornament,
        two_word_name=two_word_name,
        written_languages=OFFERED,
    )
    return env


@lru_cache(maxsize=32)
def _spoken(folders: tuple[Path, ...], tag: str) -> Environment:
    """Return the templates of one language, compiled once for all applications of a process."""
    return environment(folders, tag)


def _no_account(_connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[Link, ...]:
    return ()


def _no_notices(_connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[str, ...]:
    return ()


class Pages:
    """The templates of a node with what surrounds them; one for each application."""

    def __init__(
        self,
        site: Site,
        flash_key: bytes,
        account: Callable[[ASGIConnection[Any, Any, Any, Any]], tuple[Link, ...]] = _no_account,
        more_folders: Sequence[Path] = (),
        notices: Callable[[ASGIConnection[Any, Any, Any, Any]], tuple[str, ...]] = _no_notices,
        alerts: Callable[[ASGIConnection[Any, Any, Any, Any]], tuple[Link, ...]] = _no_account,
    ) -> None:
        """Prepare pages.

        `account` names the links of the person behind a connection, `notices` what they still have
        to be told of their account, `alerts` what they have to see at once; templates are looked
        for in `more_folders` where the installation's own folder lacks them.
        """
        self.site = site
        self._flash_key = flash_key
        self._account = account
        self._notices = notices
        self._alerts = alerts
        self._folders = (template_folder(), *more_folders)
        self._cookie = "__Host-flash" if site.secure else "flash"

    def bare_frame(self) -> Frame:
        """Return a frame that depends on no connection: for pages that must never fail."""
        return Frame(self.site)

    def frame(self, request: Request[Any, Any, Any], chapter: ChapterFrame | None = None) -> Frame:
        """Return the frame of a page for the person behind a request."""
        return Frame(
            site=self.site,
            path=request.url.path,
            account=self._account(request),
            notices=self._notices(request),
            alerts=self._alerts(request),
            chapter=chapter,
            flash=unseal(request.cookies.get(self._cookie, ""), self._flash_key),
            accent=chapter.accent if chapter else _DEFAULT_ACCENT,
        )

    def page_bytes(self, template: str, frame: Frame, view: Mapping[str, object]) -> bytes:
        """Fill a template; a name it needs and the view lacks raises UndefinedError."""
        templates = _spoken(self._folders, language.reader().language)
        return templates.get_template(template).render({"frame": frame, **view}).encode()

    def flash_cookie(self, flash: Flash) -> Cookie:
        """Return the cookie that carries a line to the next page."""
        return self._cookie_with(seal(flash, self._flash_key), LIFETIME_SECONDS)

    def spent_flash_cookie(self) -> Cookie:
        """Return the cookie that removes a line which has been shown."""
        return self._cookie_with("", 0)

    def _cookie_with(self, value: str, max_age: int) -> Cookie:
        return Cookie(
            self._cookie,
            value=value,
            max_age=max_age,
            secure=self.site.secure,
            httponly=True,
            samesite="lax",
        )


def pages_of(request: Request[Any, Any, Any]) -> Pages:
    """Return the pages of the application that a request came to (its state names them)."""
    pages: Pages = request.app.state["pages"]
    return pages


def render(
    request: Request[Any, Any, Any],
    template: str,
    *,
    chapter: ChapterFrame | None = None,
    status: int = 200,
    cache: str = PRIVATE,
    **view: object,
) -> Response[bytes]:
    """Answer with a page: `view` holds the names that the template uses.

    A page that was answered well carries an ETag of its content and answers 304 when the reader
    has it already. A line left by `see_other` is shown and removed.
    """
    pages = pages_of(request)
    frame = pages.frame(request, chapter)
    body = pages.page_bytes(template, frame, view)
    if frame.flash is not None or status != 200:
        cookies = [pages.spent_flash_cookie()] if frame.flash else []
        headers = {"cache-control": NO_STORE}
        return Response(body, status_code=status, media_type=HTML, headers=headers, cookies=cookies)
    headers = {"cache-control": cache}
    if cache != NO_STORE:
        headers |= {"etag": _etag(body), "vary": "cookie, accept-language"}
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
    return Response(body, status_code=status, media_type=HTML, headers=headers)


def _etag(body: bytes) -> str:
    """Weak, since the same page may travel compressed or not."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'


_IN_LOCATIONS: Final = "/?#[]@!$&'()*+,;=:%"


def see_other(
    request: Request[Any, Any, Any], location: str, flash: str = "", tone: Tone = "good"
) -> Response[bytes]:
    """Send people on to a page of this node after a form (303), with a line to show there.

    Raises ValueError for a location that is not a path of this node.
    """
    if not location.startswith("/") or location.startswith(("//", "/\\")):
        raise ValueError("people are sent on to paths of this node only")
    cookies = [pages_of(request).flash_cookie(Flash(flash, tone))] if flash else []
    # Parts of it may have come in an address: no line ends or letters that a header cannot hold.
    headers = {"location": quote(location, safe=_IN_LOCATIONS), "cache-control": NO_STORE}
    return Response(b"", status_code=303, media_type=HTML, headers=headers, cookies=cookies)
