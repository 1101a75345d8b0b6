"""A record of a dishonest node: rightly signed, but one entry should never have been accepted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from civic.kernel.record.rules import Procedure
from civic.procedure import VERSIONS
from tests.factories.records import Record

PEOPLE: Final = ("ann", "ben", "cem", "dia", "eva", "fox")


@dataclass(frozen=True)
class Lie:
    """The record, and the index of the entry that is wrong. `papers`: only they show it."""

    record: Record
    index: int
    papers: bool = False


CASES: Final[dict[str, Callable[[], Lie]]] = {}


def case(code: str) -> Callable[[Callable[[], Lie]], Callable[[], Lie]]:
    """Register the record whose audit names a code."""

    def register(build: Callable[[], Lie]) -> Callable[[], Lie]:
        assert code not in CASES, code
        CASES[code] = build
        return build

    return register


def village(
    *, signed: bool = True, versions: Mapping[int, Procedure] = VERSIONS, **bylaws: object
) -> Record:
    """A constituted chapter of six; ann is lead, ben facilitator."""
    record = Record(signed=signed, versions=versions, **bylaws)
    record.found(*PEOPLE)
    record.constitute("ann", "ben", "cem")
    return record


def forming() -> Record:
    """A chapter of six that is not constituted yet."""
    record = Record()
    record.found(*PEOPLE)
    return record
