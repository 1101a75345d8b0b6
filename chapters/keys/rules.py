"""How a member's key is replaced: by the key before it, or by two verifiers and a notice (pure).

A replaced key keeps its effect on votes that were announced before: with a vote announced, nobody
can win by whom they make members anew.
"""

from typing import Any, Final

from chapters.bylaws import DAY
from chapters.gate import KEY_UNPROVEN, NOT_A_MEMBER
from chapters.keys import entries as e
from chapters.state import NAME, ChaptersState, KeyChange, Member, of
from civic.kernel import keys
from civic.kernel.record.entry import Act, As, Entry, minute
from civic.kernel.record.rules import Decision, Draft, Kind, State
from civic.kernel.refusal import Refusal, code

KEY_CHANGE_UNKNOWN: Final = code(
    "chapters.key_change_unknown", "No change of this member's key waits under this id."
)
KEY_CHANGE_WAITS: Final = code(
    "chapters.key_change_waits", "A change of this member's key was announced already."
)
NOTICE: Final = 3 * DAY
"""Minutes between the announcement of a change by verifiers and its effect."""


def possession_message(log_id: str, member: str, key: str) -> bytes:
    """Return the bytes that a new key signs, so that nobody records a key that is not theirs."""
    return f"civic/new-key/1\n{log_id}\n{member}\n{key}".encode()


def _possessed(log_id: str, member: str, key: str, signature: str) -> Refusal | None:
    message = possession_message(log_id, member, key)
    good = keys.verify(bytes.fromhex(key), message, bytes.fromhex(signature))
    return None if good else Refusal(KEY_UNPROVEN)


def prepare_replaced(log_id: str, act: Act[e.KeyReplaced]) -> Refusal | None:
    """Verify that the new key is at hand."""
    return _possessed(log_id, act.by.id, act.body.key, act.body.possession)


def decide_replaced(state: State, act: Act[e.KeyReplaced], now: int) -> Decision:
    """Let a member replace their key by its signature; who has none takes a first one."""
    if of(state).members[act.by.id].key is not None and act.proof is None:
        return Refusal(KEY_UNPROVEN)
    return ()


def apply_replaced(state: State, entry: Entry[e.KeyReplaced]) -> None:
    """The new key is the member's; a change that waited is over."""
    _give(state, of(state).members[entry.by.id], entry.body.key)
    drop_changes(state, entry.by.id)


def prepare_announced(log_id: str, act: Act[e.KeyChangeAnnounced]) -> Refusal | None:
    """Verify that the new key is at hand."""
    body = act.body
    return _possessed(log_id, body.member, body.key, body.possession)


def decide_announced(state: State, act: Act[e.KeyChangeAnnounced], now: int) -> Decision:
    """Let the node announce what two verifiers have seen (their papers show who)."""
    chapter, body = of(state), act.body
    member = chapter.members.get(body.member)
    if member is None or member.state not in ("active", "suspended"):
        return Refusal(NOT_A_MEMBER)
    if state.knows(body.id) or body.papers[0] >= body.papers[1]:
        return Refusal(KEY_CHANGE_UNKNOWN)
    if any(one.member == body.member for one in chapter.key_changes.values()):
        return Refusal(KEY_CHANGE_WAITS)
    return ()


def apply_announced(state: State, entry: Entry[e.KeyChangeAnnounced]) -> None:
    """The change waits for three days, in which the member can stop it."""
    body = entry.body
    chapter = of(state)
    chapter.key_changes[body.id] = KeyChange(body.member, body.key)
    chapter.turned += 1
    state.set_deadline(body.id, minute(entry.at) + NOTICE, "chapters.key_change", people=True)


def decide_vetoed(state: State, act: Act[e.KeyChangeVetoed], now: int) -> Decision:
    """Let the member stop the change by the key that was said to be lost, if they ever had one."""
    change = of(state).key_changes.get(act.body.change)
    if change is None or change.member != act.by.id:
        return Refusal(KEY_CHANGE_UNKNOWN)
    keyless = of(state).members[act.by.id].key is None
    return () if keyless or act.proof is not None else Refusal(KEY_UNPROVEN)


def apply_vetoed(state: State, entry: Entry[e.KeyChangeVetoed]) -> None:
    """The key stays."""
    of(state).turned += 1
    _drop(state, entry.body.change)


def due_change(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """Put the new key in the place of the old."""
    change = of(state).key_changes[what_id]
    return (Draft(e.KeyChanged(what_id, change.member, change.key)),)


def apply_changed(state: State, entry: Entry[e.KeyChanged]) -> None:
    """The new key is the member's."""
    body, chapter = entry.body, of(state)
    _give(state, chapter.members[body.member], body.key)
    chapter.handed[body.member] = body.change
    _drop(state, body.change)


def _give(state: State, member: Member, key: str) -> None:
    if member.former_keys is None:
        member.former_keys = []
    member.former_keys.append((state.record.size, member.key))
    member.key = key
    of(state).turned += 1


def drop_changes(state: State, member: str) -> None:
    """Let no change of a member's key wait any more: they replaced it, or are none any more."""
    changes = of(state).key_changes
    for change in [own for own, one in changes.items() if one.member == member]:
        _drop(state, change)
        of(state).turned += 1


def _drop(state: State, change: str) -> None:
    of(state).key_changes.pop(change, None)
    state.retire(change)
    state.drop_deadline(change)


def signed_otherwise(state: State, act: Act[Any], matter: str) -> bool:
    """Tell whether a member's act in a vote on a matter is signed with another key than counts."""
    if act.proof is None:
        return False
    chapter: ChaptersState = state.parts[NAME]
    key = chapter.members[act.by.id].key_at(chapter.matters[matter].announced)
    return act.proof.public_key != key


_MEMBER: Final = frozenset({As.MEMBER})

KINDS: Final = (
    Kind(e.KeyReplaced, apply_replaced, decide_replaced, _MEMBER, prepare=prepare_replaced),
    Kind(
        e.KeyChangeAnnounced,
        apply_announced,
        decide_announced,
        frozenset({As.NODE}),
        prepare=prepare_announced,
    ),
    Kind(e.KeyChangeVetoed, apply_vetoed, decide_vetoed, _MEMBER),
    Kind(e.KeyChanged, apply_changed),
)
DUE: Final = {"chapters.key_change": due_change}
