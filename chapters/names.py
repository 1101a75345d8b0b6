"""The names of members: chosen, erased, or given to a voice (pure)."""

from typing import Any, Final

from chapters import entries as e
from chapters.gate import needs_texts
from chapters.state import of
from civic.kernel.record.entry import Act, As, Entry
from civic.kernel.record.rules import Decision, Kind, State
from civic.kernel.refusal import Refusal, code

NAME_UNKNOWN: Final = code("chapters.name_unknown", "These words are not the name in force.")
VOICE_UNKNOWN: Final = code("chapters.voice_unknown", "This voice has not spoken in this matter.")


def decide_name(state: State, act: Act[e.DisplayNameSet], now: int) -> Decision:
    """Let a member choose a display name."""
    return needs_texts(state, act, 1) or ()


def apply_name(state: State, entry: Entry[e.DisplayNameSet]) -> None:
    """The name in force is these words."""
    of(state).members[entry.by.id].name = entry.content[0]


def decide_name_erased(state: State, act: Act[e.DisplayNameErased], now: int) -> Decision:
    """Let a member have their own name erased."""
    if of(state).members[act.by.id].name != act.body.words:
        return Refusal(NAME_UNKNOWN)
    return ()


def apply_name_erased(state: State, entry: Entry[e.DisplayNameErased]) -> None:
    """The member has no name."""
    of(state).members[entry.by.id].name = None


def decide_name_given(state: State, act: Act[e.NameGiven], now: int) -> Decision:
    """Let a member stand by a voice with their name (that it is theirs, a paper shows)."""
    matter = of(state).matters.get(act.body.matter)
    if matter is None or act.body.voice not in matter.voices:
        return Refusal(VOICE_UNKNOWN)
    return ()


def nothing(state: State, entry: Entry[Any]) -> None:
    """The entry says something to people and changes nothing in the rules."""


_MEMBER: Final = frozenset({As.MEMBER})

KINDS: Final = (
    Kind(e.DisplayNameSet, apply_name, decide_name, _MEMBER, texts=True),
    Kind(e.DisplayNameErased, apply_name_erased, decide_name_erased, _MEMBER),
    Kind(e.NameGiven, nothing, decide_name_given, _MEMBER),
)
