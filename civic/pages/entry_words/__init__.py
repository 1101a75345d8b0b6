"""Entries of a record in plain words: one sentence for every kind, and who acted in which role."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from civic.kernel.record.entry import As, Entry
from civic.kernel.web.language import N_, _
from civic.pages.entry_words import assurance, chapters, deliberation, node, standing, voting

ACTORS: Final[Mapping[As, str]] = MappingProxyType(
    {
        As.MEMBER: N_("a member"),
        As.VOICE: N_("a voice in the matter"),
        As.ROW: N_("a row id"),
        As.OFFICE: N_("an office of the chapter"),
        As.NODE: N_("the node, following the rules"),
    }
)
"""In which roles people and the node act."""

STATED: Final = (
    chapters.STATED | assurance.STATED | deliberation.STATED | voting.STATED | node.STATED
)
"""What the node says of its own accord: the rules allow it, and it alone vouches that it is so."""

_SENTENCES: Final = MappingProxyType(
    {
        **chapters.SENTENCES,
        **standing.SENTENCES,
        **assurance.SENTENCES,
        **deliberation.SENTENCES,
        **voting.SENTENCES,
        **node.SENTENCES,
    }
)


def sentence(entry: Entry[Any]) -> str:
    """Say what an entry records; a kind that has no words yet is named as it is."""
    told = _SENTENCES.get(entry.kind)
    return entry.kind if told is None else told(entry.body)


def actor(role: As, kind: str) -> str:
    """Say in which role somebody left an entry of a kind."""
    return _("the node") if kind in STATED and role is As.NODE else _(ACTORS[role])


def told_kinds() -> frozenset[str]:
    """Return the kinds that have words."""
    return frozenset(_SENTENCES)
