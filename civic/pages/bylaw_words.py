"""Bylaws in plain words: what each field is called, what its value says, how a form reads it."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import msgspec

from chapters.bylaws import DAY, HOUR, Change, Value
from civic.kernel.web.figures import per_mille
from civic.kernel.web.language import N_, _, ngettext, zones


class Choice(msgspec.Struct, frozen=True):
    """One value that a bylaw may have, in words."""

    value: Value
    words: str


class Rule(msgspec.Struct, frozen=True):
    """How one bylaw is told and asked for."""

    field: str
    name: str
    """What the bylaw is called."""
    unit: str
    """`choice`, `number`, `percent`, `days`, `hours` or `zone`: how people write its value."""
    hint: str = ""
    choices: tuple[Choice, ...] = ()


_YES_NO: Final = (Choice(True, N_("yes")), Choice(False, N_("no")))
_TICKS: Final = tuple(Choice(size, "") for size in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60))

RULES: Final = (
    Rule(
        "visibility",
        N_("Who reads the record"),
        "choice",
        N_("Founding, bylaws, offices, results and counts are for everybody in any case."),
        (
            Choice("chapter", N_("members only")),
            Choice("network", N_("members of the chapters of this network")),
            Choice("world", N_("everybody")),
        ),
    ),
    Rule(
        "admission",
        N_("How people join"),
        "choice",
        "",
        (
            Choice("invitation", N_("by an invitation from a member")),
            Choice("lead", N_("by asking, and a lead admits them")),
            Choice("either", N_("by an invitation from a member, or by asking a lead")),
        ),
    ),
    Rule("founders", N_("Founders who must have met each other"), "number"),
    Rule(
        "level_propose",
        N_("Assurance needed to propose"),
        "number",
        N_("From 0 (signed up) to 2."),
    ),
    Rule("level_vote", N_("Assurance needed to vote"), "number", N_("From 0 (signed up) to 2.")),
    Rule(
        "level_office",
        N_("Assurance needed to hold an office"),
        "number",
        N_("From 0 (signed up) to 2. Level 2 by video alone does not count here."),
    ),
    Rule("vote_wait", N_("Time between joining and the first vote"), "days"),
    Rule("vouches", N_("Members who must vouch for level 1"), "number"),
    Rule("vouch_budget", N_("People a member may vouch for in a year"), "number"),
    Rule("verify_quota", N_("People a verifier may confirm in 30 days"), "number"),
    Rule("level1_time", N_("How long level 1 holds"), "days"),
    Rule(
        "level2_time",
        N_("How long level 2 holds"),
        "days",
        N_("By video at most twelve months."),
    ),
    Rule("appeal_time", N_("Time to appeal a challenge or a suspension"), "days"),
    Rule("suspension_most", N_("Longest suspension"), "days"),
    Rule("office_most", N_("Longest term of an office"), "days"),
    Rule(
        "lead_absence",
        N_("How long a lead may be silent"),
        "days",
        N_("After this time without an act of office somebody else may take their place."),
    ),
    Rule(
        "support_least",
        N_("Supporters a proposal needs, at least"),
        "number",
        N_("The larger of this number and the share counts."),
    ),
    Rule("support_share", N_("Supporters a proposal needs, as a share of the members"), "percent"),
    Rule("support_time", N_("Time to find supporters"), "days"),
    Rule("discussion_time", N_("Time to discuss"), "days"),
    Rule("notice_time", N_("Time between the fixed text and the vote"), "days"),
    Rule("vote_time", N_("Time to vote"), "days"),
    Rule(
        "quorum",
        N_("Quorum"),
        "percent",
        N_("The share of the members on the roll who must take part in a vote."),
    ),
    Rule(
        "majority",
        N_("Majority"),
        "percent",
        N_("Yes must be more than this share of yes and no together."),
    ),
    Rule(
        "secrecy",
        N_("How votes are cast"),
        "choice",
        "",
        (
            Choice("roll_call", N_("by name: everybody who reads the record sees who voted how")),
            Choice(
                "pseudonymous",
                N_("under a row id: people see the votes, not whose they are"),
            ),
        ),
    ),
    Rule("unsigned_votes", N_("Votes without the member's own signature count"), "choice", "",
         _YES_NO),
    Rule(
        "outage_grace",
        N_("Extra time after an outage of the node"),
        "hours",
        N_("Added once to a deadline that fell into the outage."),
    ),
    Rule(
        "tick",
        N_("Grain of the record's time"),
        "choice",
        N_("The record names no finer time than this, so that nobody can be matched by it."),
        _TICKS,
    ),
    Rule(
        "zone",
        N_("Time zone"),
        "zone",
        N_("Its clock stands beside the reader's at deadlines. No deadline moves with it."),
    ),
)  # fmt: skip
"""All bylaws, in the order in which pages show them."""

RULE_OF: Final[Mapping[str, Rule]] = MappingProxyType({rule.field: rule for rule in RULES})


class WrittenWrong(Exception):
    """What somebody wrote is no value of a bylaw; the text says what it should look like."""


def spell_minutes(minutes: int) -> str:
    """Say a length of time in whole days, hours or minutes, the largest that fits."""
    if minutes == 0:
        return _("none")
    if minutes and minutes % DAY == 0:
        return ngettext("%(n)d day", "%(n)d days", minutes // DAY) % {"n": minutes // DAY}
    if minutes and minutes % HOUR == 0:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // HOUR) % {"n": minutes // HOUR}
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def spell_permille(permille: int) -> str:
    """Say a share given per mille as per cent: `66.6%`, `50%`."""
    return per_mille(permille)


def value_in_words(field: str, value: Value) -> str:
    """Say the value of a bylaw; unknown fields are shown as they are."""
    rule = RULE_OF.get(field)
    if rule is None:
        return str(value)
    if field == "tick":
        return spell_minutes(int(value))
    match rule.unit:
        case "choice":
            known = (choice.words for choice in rule.choices if choice.value == value)
            return _(next(known, str(value)))
        case "percent":
            return _more_than(field, spell_permille(int(value)))
        case "days" | "hours":
            return spell_minutes(int(value))
        case _:
            return str(value)


def _more_than(field: str, share: str) -> str:
    return _("more than %(share)s") % {"share": share} if field == "majority" else share


def name_of(field: str) -> str:
    """Return what a bylaw is called."""
    return _(RULE_OF[field].name) if field in RULE_OF else field


def changes_in_words(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    """Return changes as (name, value so far in words, new value in words)."""
    return [
        (
            name_of(change.field),
            value_in_words(change.field, change.from_),
            value_in_words(change.field, change.to),
        )
        for change in changes
    ]


def written(field: str, value: Value) -> str:
    """Return the value of a bylaw as people write it into a form."""
    rule = RULE_OF[field]
    match rule.unit:
        case "days":
            return _plain(Decimal(int(value)) / DAY)
        case "hours":
            return _plain(Decimal(int(value)) / HOUR)
        case "percent":
            return _plain(Decimal(int(value)) / 10)
        case "choice":
            return str(value).lower()
        case _:
            return str(value)


def _plain(number: Decimal) -> str:
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return text or "0"


def options_of(rule: Rule, now: Value = "") -> list[tuple[str, str]]:
    """Return the choices of a bylaw for a form: what is sent, and what people read.

    Of a time zone they are those that this machine knows, and the one in force `now`.
    """
    if rule.unit == "zone":
        return [(one, one) for one in dict.fromkeys((*([str(now)] if now else []), *zones()))]
    return [
        (written(rule.field, choice.value), value_in_words(rule.field, choice.value))
        for choice in rule.choices
    ]


def unit_in_words(rule: Rule) -> str:
    """Return the unit in which a form asks for a value, empty for choices and numbers."""
    words = {"days": _("in days"), "hours": _("in hours"), "percent": _("in per cent")}
    return words.get(rule.unit, "")


def read(field: str, text: str) -> Value:
    """Return the value that somebody wrote for a bylaw.

    Raises `WrittenWrong` when it is none; whether the charter allows it, the rules say.
    """
    rule = RULE_OF[field]
    if rule.unit == "choice":
        for choice in rule.choices:
            if written(field, choice.value) == text:
                return choice.value
        raise WrittenWrong(_("Choose one of the values"))
    if rule.unit == "zone":
        if text not in zones():
            raise WrittenWrong(_("Choose one of the values"))
        return text
    return _READERS[rule.unit](text)


_NUMBER: Final = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,4}))?\s*%?")


def _scaled(text: str, by: int, example: str) -> int:
    match = _NUMBER.fullmatch(text.strip())
    number = Decimal(f"{match[1]}.{match[2] or 0}") * by if match else Decimal("0.5")
    if number != number.to_integral_value():
        raise WrittenWrong(_("Write a number, such as %(one)s") % {"one": example})
    return int(number)


_READERS: Final[Mapping[str, Callable[[str], int]]] = MappingProxyType(
    {
        "number": lambda text: _scaled(text, 1, "3"),
        "percent": lambda text: _scaled(text, 10, "66.6"),
        "days": lambda text: _scaled(text, DAY, "7"),
        "hours": lambda text: _scaled(text, HOUR, "24"),
    }
)
