"""Writes the tables of docs/protocol/record.md from the code: python -m docs.protocol.make_tables

A table stands between `<!-- fields NAME -->` or `<!-- refusals DOMAIN -->` and `<!-- end -->`; the
sentences around it are written by hand. A test holds the document against the code.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import inspect

import chapters.admission
import chapters.assurance.checks
import chapters.assurance.disputes
import chapters.assurance.entries
import chapters.assurance.levels
import chapters.assurance.papers
import chapters.founding
import chapters.gate
import chapters.keys.disowning
import chapters.keys.papers
import chapters.keys.rules
import chapters.names
import chapters.offices.terms
import chapters.standing.expulsion
import chapters.standing.papers
import chapters.standing.suspensions
import chapters.stewards
import deliberation.aftermath
import deliberation.authors
import deliberation.effects
import deliberation.imported
import deliberation.languages
import deliberation.moderation.rules
import deliberation.papers
import deliberation.phases
import deliberation.supporting
import deliberation.words
import voting.rules
from chapters import assurance, bylaws, offices, papers, participation, standing
from chapters import entries as c
from civic.kernel.record import adoption, content, entry, rules, time
from civic.kernel.record.bundle import Manifest
from civic.kernel.refusal import registered
from civic.procedure import DRAFT
from deliberation import entries as d
from voting import entries as v

DOCUMENT: Final = Path(__file__).parent / "record.md"
DOMAINS: Final = ("record", "chapters", "deliberation", "voting", "papers")
RULES: Final = (
    rules,
    time,
    chapters.gate,
    chapters.founding,
    chapters.admission,
    offices.terms,
    standing.suspensions,
    standing.expulsion,
    chapters.assurance.levels,
    chapters.assurance.disputes,
    chapters.assurance.checks,
    chapters.names,
    chapters.stewards,
    chapters.keys.rules,
    chapters.keys.disowning,
    chapters.keys.papers,
    participation,
    papers,
    deliberation.supporting,
    deliberation.languages,
    deliberation.authors,
    deliberation.effects,
    deliberation.phases,
    deliberation.words,
    deliberation.moderation.rules,
    deliberation.aftermath,
    deliberation.imported,
    deliberation.papers,
    voting.rules,
)
"""Where the codes of rules and papers are; codes elsewhere are the node's own affair."""

PATTERNS: Final[Mapping[str, str]] = {
    inspect.type_info(one).pattern: name  # type: ignore[attr-defined]
    for one, name in (
        (entry.Id, "new id"),
        (entry.Hash, "hash"),
        (entry.Hex64, "64 bytes"),
        (entry.When, "moment"),
        (entry.Day, "day"),
        (d.Language, "language"),
        (bylaws.Zone, "zone"),
    )
}
STRUCTS: Final[Mapping[str, type[msgspec.Struct]]] = {
    **{kind.name: kind.body for kind in DRAFT.kinds.values()},
    "by": entry.By,
    "proof": entry.Proof,
    "words": content.Words,
    "bylaws": bylaws.Bylaws,
    "change": bylaws.Change,
    "charter": bylaws.Charter,
    "office term": c.OfficeTerm,
    "approval": c.Approval,
    "appointment": d.Appointment,
    "measure": d.Measure,
    "wording": d.Wording,
    "adoption": adoption.Adoption,
    "roll": v.Roll,
    "tie": papers.Tie,
    "key witness": chapters.keys.papers.KeyWitness,
    "invitation": papers.Invitation,
    "reason": standing.papers.Reason,
    "founder term": assurance.entries.Term,
    "vouch": assurance.papers.Vouch,
    "case": assurance.papers.CasePaper,
    "verification": assurance.papers.Verification,
    "reasons": assurance.papers.Reasons,
    "answer": assurance.papers.Answer,
    "opinion": assurance.papers.Opinion,
    "manifest": Manifest,
}
_MARK: Final = re.compile(r"(<!-- (fields|refusals) ([^>]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _limits(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if low == high:
        return f" of {low}"
    if high == 2**53 - 1:
        return "" if low == 0 else f" from {low} on"
    return f" {low or 0} to {high}" if high is not None else f" of {low} at least"


def said(kind: Any) -> str:
    """A type in words."""
    match kind:
        case inspect.StrType(pattern=str(pattern)):
            return PATTERNS[pattern]
        case inspect.StrType(max_length=26, min_length=None):
            return "id"
        case inspect.StrType():
            return f"text{_limits(kind.min_length, kind.max_length)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=low) if low is not None and low < 0:
            return "integer"
        case inspect.IntType():
            return f"integer{_limits(kind.ge, kind.le) or ' from 0 on'}"
        case inspect.LiteralType():
            return ", ".join(f"`{one}`" for one in sorted(kind.values, key=_rank))
        case inspect.EnumType():
            return ", ".join(f"`{one.value}`" for one in kind.cls)
        case inspect.StructType():
            return next(name for name, cls in STRUCTS.items() if cls is kind.cls)
        case inspect.VarTupleType():
            return f"list{_limits(kind.min_length, kind.max_length)} of {said(kind.item_type)}"
        case inspect.TupleType():
            return f"[{', '.join(said(one) for one in kind.item_types)}]"
        case inspect.UnionType():
            kinds = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            return " or ".join(said(one) for one in kinds)
        case _:
            raise NotImplementedError(kind)


def _rank(value: str | int | None) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (0, str(value))


def fields(name: str) -> str:
    """The table of the fields of a struct or of a kind's body, in canonical order."""
    if name == "templates":
        return _templates()
    info = inspect.type_info(STRUCTS[name])
    if not isinstance(info, inspect.StructType) or not info.fields:
        return "No fields: `{}`.\n"
    lines = ["| field | type |", "|---|---|"]
    for one in info.fields:
        optional = "" if one.required else ", may be absent"
        if name == "charter":
            lines.append(f"| `{one.encode_name}` | {_value(one.default)} |")
        else:
            lines.append(f"| `{one.encode_name}` | {said(one.type)}{optional} |")
    return "\n".join(lines) + "\n"


def _templates() -> str:
    names = list(bylaws.TEMPLATES)
    lines = [
        f"| field | {' | '.join(f'`{one}`' for one in names)} |",
        "|---" * (len(names) + 1) + "|",
    ]
    for field in bylaws.Bylaws.__struct_fields__:
        values = [msgspec.json.encode(getattr(bylaws.TEMPLATES[one], field)) for one in names]
        lines.append(f"| `{field}` | {' | '.join(f'`{one.decode()}`' for one in values)} |")
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    return f"`{value}`"


def codes() -> dict[str, str]:
    """The refusal codes of rules and papers, with their meanings."""
    known = registered()
    named = {one for module in RULES for one in vars(module).values() if isinstance(one, str)}
    return {code: known[code] for code in sorted(named & known.keys())}


def refusals(domain: str) -> str:
    """The table of a domain's refusal codes."""
    lines = ["| code | meaning |", "|---|---|"]
    for code, meaning in codes().items():
        if code.startswith(f"{domain}."):
            lines.append(f"| `{code}` | {meaning} |")
    return "\n".join(lines) + "\n"


def filled(document: str) -> str:
    """The document with its tables made anew."""

    def table(match: re.Match[str]) -> str:
        what, name = match[2], match[3]
        made = fields(name) if what == "fields" else refusals(name)
        return f"{match[1]}{made}{match[4]}"

    return _MARK.sub(table, document)


def marked(document: str) -> set[tuple[str, str]]:
    """What tables a document has."""
    return {(match[2], match[3]) for match in _MARK.finditer(document)}


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text()))
