"""Bylaws as a neighbour would tell them: by subject, "about two years", "others have met you"."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from chapters.bylaws import DAY, Bylaws, Value
from civic.kernel.web.language import N_, _, ngettext
from civic.pages.bylaw_bounds import Line, lines_of
from civic.pages.bylaw_words import RULES, spell_permille, value_in_words

GROUPS: Final = (
    (
        N_("Who belongs to it, and who reads along"),
        ("visibility", "admission", "founders", "vote_wait"),
    ),
    (
        N_("How sure the chapter is of its members"),
        (
            "level_propose", "level_vote", "level_office", "vouches", "vouch_budget",
            "verify_quota", "level1_time", "level2_time", "appeal_time",
        ),
    ),
    (
        N_("From a proposal to a vote"),
        (
            "support_least", "support_share", "support_time", "discussion_time", "notice_time",
            "vote_time",
        ),
    ),
    (N_("How votes are decided"), ("quorum", "majority", "secrecy", "unsigned_votes")),
    (N_("Offices and suspensions"), ("office_most", "lead_absence", "suspension_most")),
    (N_("The record's time"), ("tick", "outage_grace", "zone")),
)  # fmt: skip
"""The bylaws by subject, as (heading, fields); what no subject names stands with the last."""

TERMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "level_propose": "level", "vouches": "voucher", "verify_quota": "verifier",
        "quorum": "quorum", "unsigned_votes": "unsigned", "secrecy": "row", "tick": "tick",
        "office_most": "office", "visibility": "record", "notice_time": "fixed-text",
    }
)  # fmt: skip
"""Which word of the glossary the name of a bylaw leads to, where it first stands."""

_LEVELS: Final = (
    N_("level 0: signed up"),
    N_("level 1: others have met you"),
    N_("level 2: two verifiers have seen your document"),
)
_SHARES: Final[Mapping[int, str]] = MappingProxyType(
    {
        100: N_("one in ten"), 200: N_("one in five"), 250: N_("a quarter"),
        333: N_("a third"), 500: N_("half"), 666: N_("two thirds"), 667: N_("two thirds"),
        750: N_("three quarters"), 800: N_("four in five"), 900: N_("nine in ten"),
    }
)  # fmt: skip
_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "support_share": N_("%(share)s of the members"),
        "quorum": N_("%(share)s of the members on the roll"),
        "majority": N_("more than %(share)s of yes and no together"),
    }
)


class Told(NamedTuple):
    """A bylaw as people read it, with its exact value beside it where that is another text.

    `term` is the word of the glossary that its name leads to, empty for none.
    """

    line: Line
    plain: str
    exact: str
    term: str


def plainly(field: str, value: Value) -> str:
    """Say the value of a bylaw as a neighbour would."""
    if field.startswith("level_") and isinstance(value, int) and value < len(_LEVELS):
        return _(_LEVELS[value])
    if field in _OF:
        share = _(_SHARES[int(value)]) if int(value) in _SHARES else spell_permille(int(value))
        return _(_OF[field]) % {"share": share}
    if field.endswith(("_time", "_wait", "_most", "_absence")) and isinstance(value, int):
        return _length(value) or value_in_words(field, value)
    return value_in_words(field, value)


def _length(minutes: int) -> str:
    """Say a length of two weeks and more in weeks, months or years; empty for other lengths."""
    days, rest = divmod(minutes, DAY)
    if rest or days < 14:
        return ""
    if days < 60 and days % 7 == 0:
        return ngettext("%(n)d week", "%(n)d weeks", days // 7) % {"n": days // 7}
    years = round(days / 365.25)
    if years and abs(days - years * 365.25) <= 20:
        return ngettext("about %(n)d year", "about %(n)d years", years) % {"n": years}
    months = round(days * 12 / 365.25)
    if days < 28:
        return ""
    return ngettext("about %(n)d month", "about %(n)d months", months) % {"n": months}


def in_plain_words(bylaws: Bylaws) -> list[tuple[str, str]]:
    """Return all bylaws as (name, value as a neighbour would say it), by subject."""
    names = {rule.field: rule.name for rule in RULES}
    return [
        (_(names[field]), plainly(field, getattr(bylaws, field)))
        for _heading, fields in _groups(tuple(names))
        for field in fields
    ]


def by_subject(bylaws: Bylaws, other: Bylaws | None = None) -> list[tuple[str, list[Told]]]:
    """Return all bylaws by subject, beside what the charter asks and beside other bylaws."""
    lines = {line.field: line for line in lines_of(bylaws, other)}
    return [
        (_(heading), [_told(bylaws, lines[field]) for field in fields])
        for heading, fields in _groups(tuple(lines))
    ]


def subjects(fields: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return fields by subject, those of one subject as bylaws are listed."""
    return [(_(heading), list(of_one)) for heading, of_one in _groups(tuple(fields))]


def _groups(fields: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    named = {field for _heading, of_one in GROUPS for field in of_one}
    rest = tuple(field for field in fields if field not in named)
    last = len(GROUPS) - 1
    return [
        (heading, (*(one for one in of_one if one in fields), *(rest if place == last else ())))
        for place, (heading, of_one) in enumerate(GROUPS)
    ]


def _told(bylaws: Bylaws, line: Line) -> Told:
    plain = plainly(line.field, getattr(bylaws, line.field))
    exact = line.value if line.value != plain else ""
    return Told(line, plain, exact, TERMS.get(line.field, ""))
