"""A chapter that is not constituted yet: who is here, who has met whom, what is missing."""

from collections.abc import Sequence
from typing import Any

from chapters.queries import Confirmation, MemberLine
from civic.kernel.web.language import ngettext


def meetings(
    founders: Sequence[MemberLine], met: Sequence[Confirmation], needed: int, me: str
) -> dict[str, Any]:
    """Return who of those who are here has confirmed having met whom, and what is missing.

    `me` is the member who reads it.
    """
    said = {(one.member, one.met) for one in met}
    confirmed = {one.member for one in met}
    ids = [one.id for one in founders]
    missing = [(a, b) for a in ids for b in ids if a != b and (a, b) not in said]
    ready = [one for one in ids if one in confirmed]
    people = max(0, needed - len(ids))
    return {
        "confirmed": confirmed,
        "said": said,
        "people_missing": ngettext(
            "%(n)d more person has to join", "%(n)d more people have to join", people
        )
        % {"n": people}
        if people
        else "",
        "confirmations_missing": len(missing),
        "mine_missing": any(a == me for a, _b in missing),
        "complete": not people and _all_met(ready, said, needed),
    }


def _all_met(ready: list[str], said: set[tuple[str, str]], needed: int) -> bool:
    """Tell whether enough founders have all confirmed having met each other."""
    mutual = [
        one
        for one in ready
        if sum((one, other) in said and (other, one) in said for other in ready) >= needed - 1
    ]
    return len(mutual) >= needed
