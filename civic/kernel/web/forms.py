"""Forms: their fields declared once, read back as typed, shown again with what was typed.

Every form carries a random idempotency key drawn when the page was made: sent twice, it counts
once. There is no cross-site token; the check in `asgi` makes one needless.
"""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import ClientException

from civic.kernel.record.texts import INVISIBLE
from civic.kernel.refusal import Refusal
from civic.kernel.web.language import _, ngettext
from civic.kernel.web.problem import text_of

KEY_FIELD: Final = "key"
_KEY: Final = re.compile(r"[0-9a-zA-Z_-]{16,64}")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Kind(StrEnum):
    """How the value of a field is read."""

    LINE = "line"
    """One line: spaces at its ends are dropped and those inside joined."""
    TEXT = "text"
    """Several lines."""
    SECRET = "secret"  # noqa: S105
    """Taken exactly as typed and never shown again."""
    NUMBER = "number"
    """A whole number."""
    CHOICE = "choice"
    """One of several values."""
    CHOICES = "choices"
    """Any of several values."""
    TICK = "tick"
    """A box that is ticked or not."""


class Field(msgspec.Struct, frozen=True):
    """One question of a form. `least` and `most` bound a length, a number or how many choices."""

    name: str
    label: str
    """The question as error messages call it: "Enter {label}", so it begins in lower case."""
    kind: Kind = Kind.LINE
    required: bool = True
    least: int = 0
    most: int = 200
    choices: tuple[str, ...] = ()


class Form(msgspec.Struct, frozen=True):
    """A form as it stands: what was typed, and what is wrong with it."""

    fields: tuple[Field, ...]
    key: str
    typed: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    errors: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Field name to message; the name "" stands for the form as a whole."""
    kept: bool = False
    """Whether what is typed comes from a draft that its person kept."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors

    def value(self, name: str) -> str:
        """Return what was typed into a field, empty when nothing was."""
        return next(iter(self.typed.get(name, ())), "")

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values chosen for a field."""
        return self.typed.get(name, ())

    def number(self, name: str) -> int | None:
        """Return the number in a field of a form that is ok, None when it was left empty."""
        text = self.value(name)
        return int(text) if text else None

    def ticked(self, name: str) -> bool:
        """Return whether a box is ticked."""
        return bool(self.typed.get(name))

    def error(self, name: str) -> str:
        """Return what is wrong with a field, empty when nothing is."""
        return self.errors.get(name, "")

    def most(self, name: str) -> int | None:
        """Return the greatest length of a field of words, None for other fields."""
        for field in self.fields:
            if field.name == name and field.kind in (Kind.LINE, Kind.TEXT):
                return field.most
        return None

    def with_error(self, name: str, message: str) -> "Form":
        """Return the form with one more thing wrong; the name "" means the form as a whole."""
        return msgspec.structs.replace(self, errors={**self.errors, name: message})

    def refused(self, refusal: Refusal) -> "Form":
        """Return the form with the words for what the rules refused, as one of its errors."""
        text = text_of(refusal.code, refusal.params)
        return self.with_error("", f"{text.title}. {text.meaning} {text.next}")


def blank(*fields: Field, **initial: str | tuple[str, ...]) -> Form:
    """Return a form nobody has filled in, with values to begin from and a new key."""
    typed = {name: (value,) if isinstance(value, str) else value for name, value in initial.items()}
    return Form(fields, secrets.token_hex(16), typed)


async def read_form(request: Request[Any, Any, Any], *fields: Field) -> Form:
    """Read a form that was sent: values normalised, each field checked.

    Raises ClientException (400) when the request carries no usable idempotency key, which no page
    of ours leaves out, or a zero byte. A form with errors keeps its key: nothing was done under it.
    """
    sent = await request.form()
    if any(isinstance(value, str) and "\0" in value for _name, value in sent.multi_items()):
        # Browsers send none, and no database text can hold one.
        raise ClientException
    key = sent.get(KEY_FIELD, "")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ClientException
    typed: dict[str, tuple[str, ...]] = {}
    errors: dict[str, str] = {}
    for field in fields:
        raw = [value for value in sent.getall(field.name, []) if isinstance(value, str)]
        typed[field.name] = values = tuple(
            value for value in (_normalised(text, field.kind) for text in raw) if value
        )
        if message := _wrong(field, values):
            errors[field.name] = message
    return Form(fields, key, typed, errors)


def _normalised(text: str, kind: Kind) -> str:
    if kind is Kind.SECRET:
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip() if kind is Kind.TEXT else " ".join(text.split())


def _wrong(field: Field, values: tuple[str, ...]) -> str:
    if not values:
        return _missing(field) if field.required else ""
    match field.kind:
        case Kind.LINE | Kind.TEXT | Kind.SECRET:
            return _wrong_words(field, values[0])
        case Kind.NUMBER:
            return _wrong_number(field, values[0])
        case Kind.CHOICE | Kind.CHOICES:
            return _wrong_choices(field, values)
        case Kind.TICK:
            return ""


def _missing(field: Field) -> str:
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        return _("Choose %(label)s") % {"label": _(field.label)}
    if field.kind is Kind.TICK:
        return _("Tick the box: %(label)s") % {"label": _(field.label)}
    return _("Enter %(label)s") % {"label": _(field.label)}


def _wrong_words(field: Field, value: str) -> str:
    named = _(field.label)
    label = named[:1].upper() + named[1:]
    if len(value) > field.most:
        text = ngettext(
            "%(label)s is %(over)d character too long; it may have %(most)d",
            "%(label)s is %(over)d characters too long; it may have %(most)d",
            len(value) - field.most,
        )
        return text % {"label": label, "over": len(value) - field.most, "most": field.most}
    if len(value) < field.least:
        return _("%(label)s needs at least %(least)d characters") % {
            "label": label,
            "least": field.least,
        }
    hidden = field.kind is not Kind.SECRET and _CONTROLS.search(value)
    if hidden or (field.kind is Kind.LINE and INVISIBLE.search(value)):
        return _("%(label)s contains invisible characters that cannot be kept") % {"label": label}
    return ""


def _wrong_number(field: Field, value: str) -> str:
    if re.fullmatch(r"-?[0-9]{1,15}", value) and field.least <= int(value) <= field.most:
        return ""
    return _("Enter %(label)s as a whole number from %(least)d to %(most)d") % {
        "label": _(field.label),
        "least": field.least,
        "most": field.most,
    }


def _wrong_choices(field: Field, values: tuple[str, ...]) -> str:
    if any(value not in field.choices for value in values):
        return _missing(field)
    if field.kind is Kind.CHOICE and len(values) != 1:
        return _missing(field)
    if field.kind is Kind.CHOICES and not field.least <= len(values) <= field.most:
        return _("Choose %(label)s: %(least)d to %(most)d of them") % {
            "label": _(field.label),
            "least": max(field.least, 1),
            "most": min(field.most, len(field.choices)),
        }
    return ""
