"""Which pages a browser looks at, as whom and in which language: all that differ, or one look each.

The short choice is the same each time. Every page that lets anybody in is in it once, roles and
languages take turns, nobody is left out, nor is any other way of answering them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

LANGUAGES: Final = ("en", "be", "de")
"""The source, another script, and the longest words."""


@dataclass(frozen=True, order=True)
class Visit:
    """Somebody opens a page, and what it was made of when it was read without a browser."""

    page: str
    role: str
    path: str
    language: str
    status: int = 200
    skeleton: str = ""
    let_in: bool = True
    """Whether it was the page itself that was answered: neither a refusal nor the sign-in."""


def chosen(known: Sequence[Visit]) -> list[Visit]:
    """Choose one look at each page, and what else nobody would have seen."""
    often: Counter[str] = Counter()
    seen: set[str] = set()
    plan: list[Visit] = []

    def take(visits: Iterable[Visit]) -> None:
        one = min(visits, key=lambda visit: (often[visit.role], visit))
        often[one.role] += 1
        seen.add(one.skeleton)
        plan.append(replace(one, language=LANGUAGES[len(plan) % len(LANGUAGES)]))

    for page in dict.fromkeys(visit.page for visit in known):
        here = [visit for visit in known if visit.page == page and visit.let_in]
        if here:
            take(here)
    for role in dict.fromkeys(visit.role for visit in known):
        if not often[role]:
            take(visit for visit in known if visit.role == role)
    told = [visit for visit in known if not visit.let_in]
    for skeleton in dict.fromkeys(visit.skeleton for visit in told):
        if skeleton not in seen:
            take(visit for visit in told if visit.skeleton == skeleton)
    return plan


def distinct(known: Sequence[Visit]) -> list[Visit]:
    """Choose one look at each page as everybody who gets it made of other parts, and everybody."""
    plan: dict[tuple[str, ...], Visit] = {}
    often: Counter[str] = Counter()
    for one in known:
        plan.setdefault((one.page, one.language, one.skeleton), one)
    often.update(one.role for one in plan.values())
    rest = [one for one in known if not often[one.role]]
    return [*plan.values(), *{(one.role, one.language): one for one in rest}.values()]
