"""All calls by subject, with what they answer: the order in which the documentation tells them."""

from typing import Final

import identity.api
from chapters.assurance.queries import OwnLevels
from chapters.queries import BylawsVersion, MemberLine
from civic.api import (
    ballots,
    chapters,
    claims,
    founding,
    keyed,
    levels,
    proposals,
    reading,
    standing,
    ties,
)
from civic.api.answers import Promised
from civic.api.openapi.told import Query, Room, Told
from civic.deeds.attesting import Given
from civic.page_views import ChapterPage, ProposalPage
from deliberation.queries import Deciding, MatterLine

_NOTHING: Final = Told(None, 204)
_ERASE_TIES: Final = Query(
    "ties", "Whether ties to matters that have ended go at once.",
    {"type": "string", "enum": ["keep", "erase"], "default": "keep"}, "erase",
)  # fmt: skip
_OFFICE: Final = Query(
    "office", "The lead's office, where a lead acts.", {"type": "string", "maxLength": 26},
    "mhz3kq5ru7xw2ybd4tn6vcfgai",
)  # fmt: skip
_STATE: Final = Query(
    "state", "Which proposals: open ones by deadline, the others latest first.",
    {"type": "string", "enum": ["open", "ended", "imported"], "default": "open"}, "ended",
)  # fmt: skip

ROOMS: Final = (
    Room(
        "sessions",
        "Signing in",
        "Sessions for people's own programs, and what a token is good for.",
        {
            identity.api.begin_session: Told(identity.api.SessionToken),
            identity.api.step_up: Told(identity.api.SessionToken),
            identity.api.end_session: _NOTHING,
            identity.api.account: Told(identity.api.Account),
            identity.api.about_token: Told(identity.api.CurrentToken),
            identity.api.revoke_token: _NOTHING,
        },
    ),
    Room(
        "reading",
        "Reading",
        "Members see a chapter as it is, everybody else as of its last tick.",
        {
            reading.about_node: Told(reading.NodeAnswer),
            reading.chapters: Told(list[Deciding]),
            reading.chapter: Told(ChapterPage),
            reading.members: Told(list[MemberLine], pages=True),
            reading.myself: Told(reading.Myself),
            reading.proposals: Told(list[MatterLine], pages=True, queries=(_STATE,)),
            reading.proposal: Told(ProposalPage),
        },
    ),
    Room(
        "chapters",
        "Chapters and membership",
        "Founding, joining, admitting, names, leaving.",
        {
            founding.found_chapter: Told(
                founding.FoundedChapter,
                example={"name": "Vilnius", "template": "town", "lang": "en", "bylaws": {}},
            ),
            founding.invite: Told(founding.Secret),
            founding.join: Told(
                example={"invitation": "7Yh0cW3sV1qkq1fGtZbF2A"}, also={200: founding.Unsigned}
            ),
            founding.apply: Told(example={}, also={200: founding.Unsigned}),
            founding.leave: Told(queries=(_ERASE_TIES,)),
            chapters.confirm: Told(),
            chapters.constitute: Told(),
            chapters.admit: Told(),
            chapters.set_name: Told(example={"name": "Ina", "lang": "en"}),
            chapters.erase_name: Told(),
            standing.refuse: Told(),
            standing.come_back: Told(),
            claims.challenge: Told(claims.Challenge),
            claims.claim: Told(claims.Claimed),
            ties.list_ties: Told(ties.Ties),
            ties.erase_all: Told(ties.Gone),
            ties.erase_one: Told(ties.Gone),
        },
    ),
    Room(
        "standing",
        "Standing and offices",
        "Suspensions, appeals, offices, bylaws.",
        {
            standing.standing: Told(standing.StandingShown),
            standing.suspend: Told(),
            standing.agree: Told(),
            standing.appeal: Told(),
            standing.judge: Told(),
            standing.lift: Told(),
            standing.erase_reason: Told(queries=(_OFFICE,)),
            standing.offices: Told(list[standing.OfficeShown]),
            standing.resign: Told(),
            standing.bylaws: Told(list[BylawsVersion]),
        },
    ),
    Room(
        "levels",
        "Levels",
        "How sure the chapter is that its members are real people.",
        {
            levels.mine: Told(OwnLevels),
            levels.renounce: Told(),
            levels.show_code: Told(levels.Shown),
            levels.vouch: Told(Given),
            levels.open_case: Told(),
            levels.cases: Told(list[levels.CaseShown]),
            levels.case: Told(levels.CaseShown),
            levels.confirm: Told(Given),
            levels.stand_aside: _NOTHING,
            levels.challenge: Told(),
            levels.disputes: Told(list[levels.DisputeShown]),
            levels.dispute: Told(levels.DisputeShown),
            levels.decide: Told(Given),
            levels.appeal: Told(),
        },
    ),
    Room(
        "proposals",
        "Proposals",
        "From proposing to the outcome card.",
        {
            proposals.propose: Told(
                example={
                    "title": "A hall for the meetings",
                    "text": "Let us rent the hall by the river.",
                    "secrecy": "pseudonymous",
                    "lang": "en",
                }
            ),
            proposals.support: Told(),
            proposals.withdraw_support: Told(),
            proposals.argue: Told(),
            proposals.comment: Told(example={"text": "Who has the keys?", "lang": "en"}),
            ballots.react: Told(Promised, 202),
            ballots.vote: Told(also={202: Promised}),
            proposals.revise: Told(
                example={
                    "version": 2,
                    "title": "A hall for the meetings",
                    "text": "Let us rent the hall by the river from May on.",
                    "lang": "en",
                }
            ),
            proposals.withdraw: Told(),
            proposals.set_task: Told(),
            proposals.finish_task: Told(),
            proposals.record_outcome: Told(),
            proposals.erase: Told(
                example={"of": "mhz3kq5ru7xw2ybd4tn6vcfgai", "words": ["9f" * 32]}
            ),
            proposals.give_name: Told(),
        },
    ),
    Room(
        "signed",
        "Acts that their authors sign",
        "For members who keep their keys to themselves.",
        {
            keyed.hand_in: Told(asks=keyed.SignedAct, acts=True),
            keyed.put_row: Told(Promised, 202),
        },
    ),
)
"""Rooms in order; a test holds that every call is in exactly one."""
