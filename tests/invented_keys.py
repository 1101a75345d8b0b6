"""What people of invented lives do about their keys, and about acts that were not theirs."""

from typing import TYPE_CHECKING, Any

from chapters.keys import entries as e
from chapters.state import of as chapter_of
from civic.kernel.record.entry import As, Proof

if TYPE_CHECKING:
    from tests.invented import Invention


def keys(life: "Invention") -> None:
    """Replace, announce, stop, disown."""
    life.dice.choice((_replace, _announce, _announce, _veto, _disown))(life)


def _signed(life: "Invention", member: str) -> Proof | None:
    known = chapter_of(life.state).members.get(member)
    return None if known is None or known.key is None else Proof(known.key, "00" * 64)


def _replace(life: "Invention") -> None:
    member = life._pick(life._members())
    body = e.KeyReplaced(life._hash(), "00" * 64)
    life.act(As.MEMBER, member, body, proof=_signed(life, member))


def _announce(life: "Invention") -> None:
    member = life._pick(life._members())
    papers: Any = tuple(sorted(life._hash() for _ in range(2)))
    body = e.KeyChangeAnnounced(life._id(), member, life._hash(), "00" * 64, papers)
    life.act(As.NODE, life.state.record.node, body)


def _veto(life: "Invention") -> None:
    for change, one in chapter_of(life.state).key_changes.items():
        body = e.KeyChangeVetoed(change)
        life.act(As.MEMBER, one.member, body, proof=_signed(life, one.member))
        return


def _disown(life: "Invention") -> None:
    entry = life.dice.choice(life.entries)
    if entry.by.as_ is not As.NODE:
        matter = getattr(entry.body, "proposal", None) if entry.by.as_ is As.VOICE else None
        index = life.entries.index(entry)
        life.act(entry.by.as_, entry.by.id, e.ActDisowned(index, matter))
