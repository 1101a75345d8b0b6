"""Whether what people did is signed with their own keys: one sentence, marks where it differs."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from civic.kernel.web.language import _
from deliberation.discussion import Discussion, Statement


class Signing(NamedTuple):
    """What a page says of signatures: one sentence, and which acts are marked beside it."""

    sentence: str
    marks: Literal["", "signed", "unsigned"]


def signing(signed: Iterable[bool]) -> Signing:
    """Return what to say of some acts: the rarer sort is marked, none where all are alike."""
    every = list(signed)
    if not every:
        return Signing("", "")
    if all(every):
        return Signing(_("All of it is signed with the own keys of those who said it."), "")
    if not any(every):
        return Signing(
            _("None of it is signed with the own keys of those who said it: for all of it the "
              "node alone vouches."),
            "",
        )  # fmt: skip
    if sum(every) * 2 < len(every):
        return Signing(
            _("What is marked as signed was signed with the own key of who said it. For the rest "
              "the node alone vouches."),
            "signed",
        )  # fmt: skip
    return Signing(
        _("What is marked as unsigned nobody signed with a key of their own: for it the node alone "
          "vouches. All the rest is signed."),
        "unsigned",
    )  # fmt: skip


def signing_of(said: Discussion, shown: int) -> Signing:
    """Return what to say of the first arguments and comments of a discussion."""
    return signing_of_all([*said.pro[:shown], *said.con[:shown], *said.comments[:shown]])


def signing_of_all(listed: Iterable[Statement]) -> Signing:
    """Return what to say of statements; imported ones nobody could sign."""
    return signing(one.signed for one in listed if one.kind != "statement")
