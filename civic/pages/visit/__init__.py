"""A visit of one chapter's pages: who is there, what they may see and do, what surrounds it."""

from civic.pages.visit.doing import (
    CLOCK_PAUSE,
    Acting,
    acting,
    acting_as,
    answered,
    outcome_of,
    refused_line,
)
from civic.pages.visit.frame import chapter_page, frame_of, live_from
from civic.pages.visit.visits import (
    HEX,
    Asked,
    ChapterVisit,
    MatterVisit,
    Page,
    Visit,
    must_be_member,
    must_be_present,
    start_of,
    visiting,
    visiting_matter,
)

__all__ = [
    "CLOCK_PAUSE",
    "HEX",
    "Acting",
    "Asked",
    "ChapterVisit",
    "MatterVisit",
    "Page",
    "Visit",
    "acting",
    "acting_as",
    "answered",
    "chapter_page",
    "frame_of",
    "live_from",
    "must_be_member",
    "must_be_present",
    "outcome_of",
    "refused_line",
    "start_of",
    "visiting",
    "visiting_matter",
]
