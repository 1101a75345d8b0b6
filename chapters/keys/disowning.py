"""'I did not do this': a report under the same id as the act that it is about (pure).

Nothing is undone by it: the act stands, marked, for people to judge. A voice reports under the
voice and a member under the member id, so that nothing is tied that was not tied before. A reaction
or pseudonymous vote is not reported but changed: a report under a row id would show when its person
was there, which boxes are for hiding.
"""

from typing import Final

from chapters.keys import entries as e
from chapters.names import VOICE_UNKNOWN
from chapters.state import of
from civic.kernel.record.entry import Act, As, Entry
from civic.kernel.record.rules import Decision, Kind, State
from civic.kernel.refusal import Refusal, code

ACT_UNKNOWN: Final = code("chapters.act_unknown", "There is no such entry before this one.")


def decide_disowned(state: State, act: Act[e.ActDisowned], now: int) -> Decision:
    """Take a report about an earlier entry, by a voice that spoke, a member or an office."""
    body = act.body
    if body.index >= state.record.size or (body.matter is None) is (act.by.as_ is As.VOICE):
        return Refusal(ACT_UNKNOWN)
    if body.matter is not None:
        matter = of(state).matters.get(body.matter)
        if matter is None or act.by.id not in matter.voices:
            return Refusal(VOICE_UNKNOWN)
    return ()


def _nothing(state: State, entry: Entry[e.ActDisowned]) -> None:
    """It says something to people and changes nothing in the rules."""


KIND: Final = Kind(
    e.ActDisowned,
    _nothing,
    decide_disowned,
    frozenset({As.MEMBER, As.VOICE, As.OFFICE}),
)
