"""What a token for programs may do, and what each call of the API needs.

A call says what it needs by `opt`: `@get(path, opt=needs(Scope.READ))`. A token reaches nothing
that does not say so, pages included.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from civic.kernel.refusal import code
from civic.kernel.web.language import N_

SCOPE_NEEDED: Final = code("request.scope_needed", "This token was not made for that.")
_OPTION: Final = "scopes"


class Scope(StrEnum):
    """One thing that a token may be made for."""

    READ = "read"
    """Read what its person may read."""
    DELIBERATE = "deliberate"
    """Propose, support, argue, comment, react, erase one's own words."""
    VOTE = "vote"
    """Vote."""
    OFFICE = "office"
    """Act as a founder or in office: invite, admit, vouch, verify, moderate, tasks, outcomes."""
    ACCOUNT = "account"
    """Join and leave chapters, names, ties, and what the account holds."""


ALL: Final = frozenset(Scope)

WORDS: Final[dict[Scope, tuple[str, str]]] = {
    Scope.READ: (N_("Read"), N_("Everything that you can read in your chapters.")),
    Scope.DELIBERATE: (
        N_("Deliberate"),
        N_("Propose, support, argue, comment and react; erase your words."),
    ),
    Scope.VOTE: (N_("Vote"), N_("Vote for you. Votes can be changed until they close.")),
    Scope.OFFICE: (
        N_("Hold office"),
        N_(
            "Act as founder and in your offices, without asking again whether it is you: invite, "
            "admit, vouch, verify, moderate."
        ),
    ),
    Scope.ACCOUNT: (
        N_("Look after memberships"),
        N_("Join and leave chapters, choose your names there, erase ties."),
    ),
}
"""How each is called, and what it means, for the person who chooses."""


def needs(*scopes: Scope) -> dict[str, Any]:
    """Return the `opt` of a call that tokens reach which have any of these; none: no token does."""
    return {_OPTION: frozenset(scopes)}


def needed(opt: Mapping[str, Any]) -> frozenset[Scope]:
    """Return what a handler needs; empty for one that does not say, which no token reaches."""
    found: frozenset[Scope] = opt.get(_OPTION, frozenset())
    return found


def declared(opt: Mapping[str, Any]) -> bool:
    """Tell whether a handler says what it needs, be it that no token reaches it."""
    return _OPTION in opt


def written(scopes: frozenset[Scope]) -> str:
    """Write scopes in one order, as OAuth does (RFC 6749, section 3.3)."""
    return " ".join(scope for scope in Scope if scope in scopes)


def read(text: str) -> frozenset[Scope]:
    """Read scopes; ValueError for a word that is none."""
    return frozenset(Scope(word) for word in text.split())
