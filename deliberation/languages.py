"""A proposal's text in several languages: one binds, the others say the same (pure)."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from chapters.gate import needs_texts
from civic.kernel.record.entry import Act
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code
from deliberation.entries import Wording

LANGUAGE_TWICE: Final = code(
    "deliberation.language_twice", "A text is given in one language more than once."
)


class Given(NamedTuple):
    """The texts that an act gives a proposal, and why they are others than before, if it says."""

    texts: tuple[str, ...]
    reason: str | None


def given(body: Any, content: Sequence[str]) -> Given:
    """Return what the content of a proposal, or of a new text of one, consists of."""
    if getattr(body, "reason_length", None) is None or not content:
        return Given(tuple(content), None)
    return Given(tuple(content[:-1]), content[-1])


def texts_refusal(
    state: State,
    act: Act[Any],
    binding: str,
    options: int,
    own: tuple[str, ...] = (),
) -> Refusal | None:
    """Check the texts of a proposal: each language once, and in each a title, a text, its labels.

    `binding` is the language that counts, `own` are texts that the act may name again; a reason is
    always new.
    """
    also: tuple[Wording, ...] = act.body.also
    # Tags are compared without regard to case (RFC 5646, section 2.1.1).
    tags = {binding.lower(), *(one.lang.lower() for one in also)}
    if len(tags) <= len(also):
        return Refusal(LANGUAGE_TWICE)
    reason = given(act.body, act.content).reason
    needed = (2 + options) * (1 + len(also)) + (reason is not None)
    return needs_texts(state, act, needed, tuple(one for one in own if one != reason))


def by_language(content: Sequence[str], languages: int) -> list[tuple[str, ...]]:
    """Return the texts of each of so many languages, the binding one first.

    Of acts that no rule has seen yet, what is left over belongs to none.
    """
    size = len(content) // languages
    return [tuple(content[size * n : size * (n + 1)]) for n in range(languages)]
