"""What a record says of member keys (docs/protocol/record.md, section 6)."""

from typing import Annotated

import msgspec

from civic.kernel.record.entry import Body, Count, Hash, Hex64, Id, Ref

Pair = Annotated[tuple[Hash, ...], msgspec.Meta(min_length=2, max_length=2)]
"""Hashes of the papers of two verifiers."""


class KeyReplaced(Body, frozen=True):
    """A member puts another key in place of theirs, or takes a first one.

    `possession` is the new key's signature over `possession_message`.
    """

    kind = "chapters.key_replaced"
    key: Hash
    possession: Hex64


class KeyChangeAnnounced(Body, frozen=True):
    """Two verifiers saw a member who lost their key; the new one takes its place in three days."""

    kind = "chapters.key_change_announced"
    id: Id
    member: Ref
    key: Hash
    possession: Hex64
    papers: Pair


class KeyChangeVetoed(Body, frozen=True):
    """The member, with the key that was said to be lost, stops the change."""

    kind = "chapters.key_change_vetoed"
    change: Ref


class KeyChanged(Body, frozen=True):
    """Nobody stopped the change: the new key is the member's."""

    kind = "chapters.key_changed"
    change: Ref
    member: Ref
    key: Hash


class ActDisowned(Body, frozen=True):
    """Who acts under an id says that they did not do what stands under it at `index`.

    It counts only if that entry opened an act under the same id. `matter` is that of a voice.
    """

    kind = "chapters.act_disowned"
    index: Count
    matter: Ref | None = None
