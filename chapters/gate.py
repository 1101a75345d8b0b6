"""What all acts of a chapter have in common: its stage, who acts, whose key signed, whose texts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from chapters.state import NAME, ChaptersState
from civic.kernel.record.entry import Act, As
from civic.kernel.record.rules import Kind, State
from civic.kernel.refusal import Refusal, code

NOT_FOUNDED: Final = code("chapters.not_founded", "A record begins with the founding.")
FOUNDED_TWICE: Final = code("chapters.founded_twice", "The chapter is founded already.")
STILL_FORMING: Final = code("chapters.still_forming", "The chapter is not constituted yet.")
DISSOLVED: Final = code("chapters.dissolved", "The chapter was not constituted in time.")
NOT_A_MEMBER: Final = code("chapters.not_a_member", "Only a member may do this.")
IS_SUSPENDED: Final = code(
    "chapters.is_suspended",
    "Who is suspended reads, appeals, disowns acts or leaves, and nothing else.",
)
ID_TAKEN: Final = code("chapters.id_taken", "This id stands in the record already.")
NOT_IN_OFFICE: Final = code("chapters.not_in_office", "The office that this needs is not held.")
WRONG_KEY: Final = code("chapters.wrong_key", "The act is signed with another key than recorded.")
KEY_UNPROVEN: Final = code(
    "chapters.key_unproven", "Nothing shows that who names a member key has it."
)
CONTENT_MISSING: Final = code(
    "chapters.content_missing", "The number of texts that belong to this act is another."
)
TEXT_TAKEN: Final = code(
    "chapters.text_taken", "This text stands in the record already, under another act."
)

_FORMING_KINDS: Final = frozenset(
    {
        "chapters.joined",
        "chapters.founder_confirmed",
        "chapters.constituted",
        "chapters.left",
        "chapters.display_name_set",
        "chapters.display_name_erased",
        "chapters.key_replaced",
        "record.outage",
    }
)
_LAST_KINDS: Final = frozenset({"chapters.left", "chapters.display_name_erased"})
_ABSENT_KINDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "suspended": frozenset(
            {
                "chapters.left",
                "chapters.appealed",
                "chapters.challenge_appealed",
                "chapters.level_renounced",
                "chapters.display_name_erased",
                "chapters.reason_erased",
                "chapters.key_replaced",
                "chapters.key_change_vetoed",
                "chapters.act_disowned",
            }
        ),
        "left": frozenset({"chapters.reapplied", "chapters.reason_erased"}),
        "expelled": frozenset(
            {"chapters.reapplied", "chapters.display_name_erased", "chapters.reason_erased"}
        ),
    }
)
"""What members may still do who are not active, by their state."""
_NEWCOMERS: Final = frozenset({"chapters.founded", "chapters.joined", "chapters.applied"})


# A member of an enum is looked up by a function; the gate is passed by every act.
_MEMBER: Final = As.MEMBER
_OFFICE: Final = As.OFFICE
_NODE: Final = As.NODE


def _stage_refusal(chapter: ChaptersState, name: str) -> Refusal | None:
    if chapter.stage == "unfounded":
        return None if name == "chapters.founded" else Refusal(NOT_FOUNDED)
    if name == "chapters.founded":
        return Refusal(FOUNDED_TWICE)
    if chapter.stage == "dissolved" and name not in _LAST_KINDS:
        return Refusal(DISSOLVED)
    if chapter.stage == "forming" and name not in _FORMING_KINDS:
        return Refusal(STILL_FORMING)
    return None


def gate(state: State, kind: Kind[Any], act: Act[Any], now: int) -> Refusal | None:
    """Check what every act of a chapter has in common: its stage, who acts, whose key signed."""
    chapter: ChaptersState = state.parts[NAME]
    name = kind.name
    if chapter.stage != "active" or name == "chapters.founded":
        refused = _stage_refusal(chapter, name)
        if refused is not None:
            return refused
    if act.content and not kind.texts:
        return Refusal(CONTENT_MISSING, {"needed": 0, "given": len(act.content)})
    role, key = act.by.as_, None
    if role is _MEMBER:
        if name in _NEWCOMERS:
            return None
        member = chapter.members.get(act.by.id)
        if member is None:
            return Refusal(NOT_A_MEMBER)
        if member.state != "active" and name not in _ABSENT_KINDS.get(member.state, ()):
            return Refusal(IS_SUSPENDED if member.state == "suspended" else NOT_A_MEMBER)
        key = member.key
    elif role is _OFFICE:
        office = chapter.offices.get(act.by.id)
        if office is None:
            return Refusal(NOT_IN_OFFICE)
        key = chapter.members[office.member].key
    elif role is _NODE and act.proof is not None:
        return Refusal(WRONG_KEY)
    else:
        return None
    if act.proof is not None and act.proof.public_key != key and not kind.dated:
        return Refusal(WRONG_KEY)
    return None


def newcomer(
    state: State, act: Act[Any], member: str, key: str | None, texts: int
) -> Refusal | None:
    """Check an act by which an id first appears: it is new, its own, signed by its own key."""
    if act.by.id != member:
        return Refusal(NOT_A_MEMBER)
    if state.knows(member):
        return Refusal(ID_TAKEN)
    if act.proof is not None and act.proof.public_key != key:
        return Refusal(WRONG_KEY)
    if act.proof is None and key is not None:
        return Refusal(KEY_UNPROVEN)
    return needs_texts(state, act, texts)


def needs_texts(
    state: State, act: Act[Any], count: int, own: tuple[str, ...] = ()
) -> Refusal | None:
    """Check how many texts an act brings, and that they are its own.

    A text belongs to one act: else who repeats the hash of another's words could have them erased,
    or bring erased ones back. `own` are texts that the act may name again.
    """
    content = act.content
    if len(content) != count or (count > 1 and len(set(content)) != count):
        return Refusal(CONTENT_MISSING, {"needed": count, "given": len(content)})
    known = state.record.texts
    if not known.isdisjoint(content) and not known.intersection(content).issubset(own):
        return Refusal(TEXT_TAKEN)
    return None
