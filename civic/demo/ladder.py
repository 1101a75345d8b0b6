"""How the people of a demonstration's chapter reach levels: vouched for, then seen by verifiers."""

from collections.abc import Sequence
from random import Random
from typing import Final

from chapters.assurance.papers import Way
from civic.deeds import verifying, vouching
from civic.deeds.person import Desk
from civic.demo.agenda import Agenda
from civic.demo.cast import Player, accepted
from civic.demo.story import papers

VOUCHES: Final = 3
"""How many vouches lead to level 1, and how many each gives a year, as templates have it."""
BY_VIDEO: Final = 0.05
"""Share of those who are seen by video alone."""
VERIFIERS: Final = (1, 2)
"""The numbers of the two verifiers, who vouch for nobody so that they can see everybody."""


class Ladder:
    """Who has vouches left, who is on the way up, and who is there: `up` are their numbers."""

    def __init__(
        self, desk: Desk, agenda: Agenda, players: Sequence[Player], founders: int
    ) -> None:
        self._desk = desk
        self._agenda = agenda
        self._players = players
        self._random = Random("civic demo ladder")  # noqa: S311
        self._left = {n: VOUCHES for n in range(founders) if n not in VERIFIERS}
        self.up = set(range(founders))

    async def climb(self, player: Player) -> None:
        """Let somebody be vouched for, as soon as enough people have vouches left."""
        if player.since is None:
            return
        # Those with the most left first, so that enough different people have some.
        left = sorted(self._left, key=lambda number: (-self._left[number], number))
        givers = [number for number in left if self._left[number]][:VOUCHES]
        if len(givers) < VOUCHES:
            # At the next moment: others may have vouches then.
            self._agenda.at(0, self.climb, player)
            return
        for number in givers:
            self._left[number] -= 1
        way: Way = "video" if self._random.random() < BY_VIDEO else "document"
        for number in givers:
            giver, key = self._players[number].who, f"vouch-{player.number}"
            accepted(await vouching.vouch_for(self._desk, giver, player.who.member, key))
        self.up.add(player.number)
        self._agenda.at(0, self._be_seen, player, way)

    async def _be_seen(self, player: Player, way: Way) -> None:
        if player.since is None:
            return
        key = f"case-{player.number}"
        number = accepted(await verifying.open_case(self._desk, player.who, (), key)).id
        shown = papers()[player.number % len(papers())]
        for verifier in VERIFIERS:
            # They look at it in their hand; what they say has no room for any of it.
            if not shown.document:
                return
            who = self._players[verifier].who
            accepted(await verifying.confirm(self._desk, who, number, way, key))
        if way == "document":
            self._left[player.number] = VOUCHES
