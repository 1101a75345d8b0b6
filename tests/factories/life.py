"""One short life of a chapter that has a bit of everything."""

import functools

from chapters import entries as c
from tests.dishonest.case import village
from tests.factories.records import Record
from voting import entries as v


@functools.cache
def life() -> Record:
    """A short life with acts, early acts, things due and things that follow."""
    record = village(secrecy="roll_call", visibility="world")
    matter = record.propose("ann", "p")
    record.discuss(matter, "ben", "cem")
    argument = record.argue("dia", matter, "Because.")
    record.pass_time(minutes=10)
    record.rows(matter, argument, {"ann": 1, "ben": -1}, vote=False)
    election = record.vote(matter)
    for name in ("ann", "ben", "cem"):
        record.by(name, v.Cast(election, 1))
    record.wait(days=6)
    record.by("fox", c.Left())
    return record
