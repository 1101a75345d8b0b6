"""What is recorded when words are hidden in office (docs/protocol/record.md, section 7).

The reason is public, like what the author says against it; who reported the words is in no entry.
"""

from typing import Annotated, Literal

import msgspec

from civic.kernel.record.entry import Body, Hash, Id, Ref, When
from deliberation.entries import WordsLength

End = Literal["unappealed", "upheld", "overturned", "unanswered", "lifted", "erased"]


class WordsHidden(Body, frozen=True):
    """Words are not shown from here on. By an office, with a public reason; they can be appealed.

    `of` is the proposal, argument, comment or imported statement to which the words belong.
    """

    kind = "deliberation.words_hidden"
    id: Id
    of: Ref
    words: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=500)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class HidingAppealed(Body, frozen=True):
    """The author appeals. By the voice that wrote them. Content: why (words)."""

    kind = "deliberation.hiding_appealed"
    hiding: Ref
    length: WordsLength


class HidingJudged(Body, frozen=True):
    """Another office holder judged the appeal: the words are to be shown again, or not."""

    kind = "deliberation.hiding_judged"
    hiding: Ref
    show: bool


class HidingLifted(Body, frozen=True):
    """Who hid the words shows them again."""

    kind = "deliberation.hiding_lifted"
    hiding: Ref


class HidingEnded(Body, frozen=True):
    """Whether hidden words stay so is settled; `on` is when, `shown` are words shown again."""

    kind = "deliberation.hiding_ended"
    hiding: Ref
    on: When
    why: End
    shown: tuple[Hash, ...] = ()


class PutOff(Body, frozen=True):
    """The end of a proposal's phase waits until it is settled whether its words stay hidden."""

    kind = "deliberation.put_off"
    proposal: Ref
    hiding: Ref
    until: When
