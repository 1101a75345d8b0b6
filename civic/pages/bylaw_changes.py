"""Proposing other bylaws: which ones first, then a value for each."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from chapters.bylaws import Bylaws, Change
from civic.kernel.web.forms import Field, Form, Kind
from civic.kernel.web.language import N_, _
from civic.pages import bylaw_words
from civic.pages.bylaw_bounds import beyond_charter, bound_in_words
from civic.pages.bylaw_plainly import plainly, subjects
from civic.pages.bylaw_words import RULE_OF, RULES, Rule, WrittenWrong

CHOSEN: Final = Field(
    "rule",
    N_("at least one of the bylaws"),
    Kind.CHOICES,
    least=1,
    most=len(RULES),
    choices=tuple(rule.field for rule in RULES),
)


class Asked(NamedTuple):
    """A bylaw as a form asks for it."""

    field: str
    label: str
    note: str
    options: list[tuple[str, str]]


def chosen(fields: Sequence[str]) -> list[Rule]:
    """Return the bylaws that somebody chose, in the order in which pages show them."""
    return [rule for rule in RULES if rule.field in fields]


def offered(bylaws: Bylaws) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return all bylaws to choose from, by subject, as (field, name, value in words)."""
    return [
        (heading, [_offer(bylaws, field) for field in fields])
        for heading, fields in subjects([rule.field for rule in RULES])
    ]


def _offer(bylaws: Bylaws, field: str) -> tuple[str, str, str]:
    now = {"value": plainly(field, getattr(bylaws, field))}
    return field, _(RULE_OF[field].name), _("Now: %(value)s.") % now


def fields_of(rules: Sequence[Rule]) -> tuple[Field, ...]:
    """Return the fields of a form that asks for the values of some bylaws."""
    own = (Field(rule.field, _(rule.name), required=False, most=40) for rule in rules)
    return (CHOSEN, *own)


def start_of(bylaws: Bylaws, rules: Sequence[Rule]) -> dict[str, str | tuple[str, ...]]:
    """Return what such a form begins with: what is in force."""
    values: dict[str, str | tuple[str, ...]] = {
        rule.field: bylaw_words.written(rule.field, getattr(bylaws, rule.field)) for rule in rules
    }
    return values | {CHOSEN.name: tuple(rule.field for rule in rules)}


def asked(bylaws: Bylaws, rules: Sequence[Rule]) -> list[Asked]:
    """Return what a form says of each bylaw that it asks for."""
    return [_asked(bylaws, rule) for rule in rules]


def _asked(bylaws: Bylaws, rule: Rule) -> Asked:
    value = getattr(bylaws, rule.field)
    now = bylaw_words.value_in_words(rule.field, value)
    notes = [_("Now: %(value)s.") % {"value": now}]
    if bound := bound_in_words(rule.field):
        notes.append(_("Charter: %(bound)s.") % {"bound": bound})
    if rule.hint:
        notes.append(_(rule.hint))
    unit = bylaw_words.unit_in_words(rule)
    label = f"{_(rule.name)} ({unit})" if unit else _(rule.name)
    return Asked(rule.field, label, " ".join(notes), bylaw_words.options_of(rule, value))


def changes_of(bylaws: Bylaws, rules: Sequence[Rule], form: Form) -> tuple[list[Change], Form]:
    """Return the bylaws whose value in a form differs from that in force, and the form's errors."""
    changes = []
    for rule in rules:
        text, before = form.value(rule.field), getattr(bylaws, rule.field)
        try:
            after = bylaw_words.read(rule.field, text)
        except WrittenWrong as wrong:
            form = form.with_error(rule.field, f"{_(rule.name)}: {wrong}")
            continue
        if beyond := beyond_charter(rule.field, after):
            form = form.with_error(rule.field, f"{_(rule.name)}: {beyond}")
        elif after != before:
            changes.append(Change(rule.field, before, after))
    refused = any(form.error(rule.field) for rule in rules)
    if not changes and not refused and not form.error(CHOSEN.name):
        form = form.with_error("", _("Change at least one of the bylaws"))
    return changes, form
