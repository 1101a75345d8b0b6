"""All calls by subject, with what they answer: the order in which the documentation tells them."""

from typing import Final

import identity.api
from chapters.assurance.queries import OwnLevels
from chapters.queries import BylawsVersion, Confirmation, MemberLine
from civic.api import (
    ballots,
    chapters,
    claims,
    desk,
    disputes,
    feeds,
    finding,
    founding,
    keyed,
    keys,
    levels,
    matters,
    moderation,
    offices,
    proposals,
    reading,
    record,
    standing,
    ties,
    voice,
)
from civic.api.answers import Promised
from civic.api.openapi.told import Query, Room, Told
from civic.deeds.attesting import Given
from civic.page_views import ChapterPage, ProposalPage
from civic.pages.changes import Changed
from civic.pages.desk_queries import Desk
from civic.pages.way import Step
from deliberation.discussion import Statement
from deliberation.moderation.queries import ErasedInOffice, HidingLine
from deliberation.queries import Deciding, MatterLine, OldText
from identity import account_api
from voting.queries import VoteLine

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
_CHAPTER: Final = Query(
    "chapter", "One chapter alone; else all of the caller's.",
    {"type": "string", "maxLength": 64}, "9f86d081",
)  # fmt: skip
_CALLED: Final = Query(
    "q", "A part of the name, or how the id begins, of the members who are looked for.",
    {"type": "string", "maxLength": 60}, "ana",
)  # fmt: skip
_KIND: Final = Query(
    "kind", "Which statements: arguments for or against, comments, or imported statements.",
    {"type": "string", "enum": ["pro", "con", "comment", "statement"], "default": "pro"}, "con",
)  # fmt: skip

ROOMS: Final = (
    Room(
        "sessions",
        "Signing in",
        "Sessions for people's own programs, and what a token is good for.",
        {
            identity.api.begin_session: Told(
                identity.api.SessionToken,
                example={
                    "name": "amber-otter-41",
                    "passphrase": "nine lanterns over a cold harbour",
                    "code": "481526",
                },
            ),
            identity.api.step_up: Told(
                identity.api.SessionToken,
                example={"passphrase": "nine lanterns over a cold harbour", "code": "481526"},
            ),
            identity.api.end_session: _NOTHING,
            identity.api.account: Told(identity.api.Account),
            identity.api.about_token: Told(identity.api.CurrentToken),
            identity.api.revoke_token: _NOTHING,
            account_api.end_everywhere: _NOTHING,
        },
    ),
    Room(
        "account",
        "One's own account",
        "Where one is signed in, ways to sign in, tokens, what one is told, and one's own data.",
        {
            account_api.list_devices: Told(list[account_api.DeviceShown]),
            account_api.name_device: Told(None, 204, example={"name": "Phone"}),
            account_api.end_device: _NOTHING,
            account_api.list_authenticators: Told(list[account_api.AuthenticatorShown]),
            account_api.name_authenticator: Told(None, 204, example={"name": "Phone"}),
            account_api.remove_authenticator: _NOTHING,
            account_api.list_tokens: Told(list[account_api.TokenShown]),
            account_api.make_token: Told(
                account_api.TokenMade, example={"name": "Digest", "scopes": ["read"], "days": 30}
            ),
            account_api.revoke_token: _NOTHING,
            account_api.list_notices: Told(account_api.Told),
            account_api.put_notices_away: _NOTHING,
            account_api.reader_kept: Told(account_api.ReaderKept),
            account_api.keep_reader: Told(
                None, 204, example={"language": "be", "zone": "Europe/Vilnius"}
            ),
            account_api.forget_reader: _NOTHING,
            account_api.copy_of_all: Told(account_api.Copy),
            account_api.ask_for_copy: Told(account_api.Copy),
            account_api.forget_copy: _NOTHING,
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
            reading.members: Told(list[MemberLine], pages=True, queries=(_CALLED,)),
            reading.myself: Told(reading.Myself),
            reading.proposals: Told(list[MatterLine], pages=True, queries=(_STATE,)),
            reading.proposal: Told(ProposalPage),
            matters.statements: Told(list[Statement], pages=True, queries=(_KIND,)),
            matters.statement: Told(Statement),
            matters.comments: Told(list[Statement], pages=True),
            matters.version: Told(OldText),
            matters.changes: Told(list[Changed]),
            matters.way: Told(list[Step]),
            matters.votes: Told(list[VoteLine], pages=True),
            finding.similar_proposals: Told(
                list[MatterLine], 200, example={"title": "A hall for the meetings", "lang": "en"}
            ),
            finding.found_proposals: Told(
                list[MatterLine], 200, example={"words": "hall river", "lang": "en"}
            ),
        },
    ),
    Room(
        "record",
        "The record",
        "Entries one by one, in words and as they stand; auditors read the log itself.",
        {
            record.entries: Told(list[record.EntryTold], pages=True),
            record.entries_of_matter: Told(list[record.EntryTold], pages=True),
            record.own_acts: Told(list[record.EntryTold], pages=True),
            voice.acts: Told(list[voice.OwnAct], pages=True, queries=(_CHAPTER,)),
            record.entry: Told(record.EntryWhole),
            record.disown: Told(),
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
            keys.own_key: Told(keys.OwnKeyShown),
            keys.replace_key: Told(),
            keys.stop_change: Told(),
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
            offices.offices: Told(list[offices.OfficeShown]),
            offices.resign: Told(),
            offices.bylaws: Told(list[BylawsVersion]),
        },
    ),
    Room(
        "desk",
        "The desk",
        "What those in office look after.",
        {
            desk.waiting: Told(Desk),
            desk.applicants: Told(list[MemberLine], pages=True),
            desk.confirmations: Told(list[Confirmation]),
            desk.alarms: Told(desk.Alarms),
            desk.suspensions: Told(list[desk.SuspensionAtDesk]),
            desk.tokens: Told(list[desk.TokenShown]),
            desk.give_token: Told(desk.TokenGiven),
            desk.revoke_token: _NOTHING,
        },
    ),
    Room(
        "feeds",
        "Feeds and webhooks",
        "What other programs are told of a chapter.",
        {
            feeds.feeds: Told(list[feeds.FeedShown]),
            feeds.make_feed: Told(feeds.FeedMade),
            feeds.end_feed: _NOTHING,
            feeds.webhooks: Told(list[feeds.WebhookShown]),
            feeds.register_webhook: Told(
                feeds.WebhookMade,
                example={"url": "https://vilnius.example/civic", "every": False},
            ),
            feeds.resume_webhook: _NOTHING,
            feeds.remove_webhook: _NOTHING,
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
            disputes.challenge: Told(),
            disputes.disputes: Told(list[disputes.DisputeShown]),
            disputes.dispute: Told(disputes.DisputeShown),
            disputes.decide: Told(Given),
            disputes.appeal: Told(),
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
        "moderation",
        "Moderation",
        "Words that are reported, hidden with a public reason, appealed and judged.",
        {
            moderation.hidings: Told(list[HidingLine], pages=True),
            moderation.erased: Told(list[ErasedInOffice]),
            moderation.hide: Told(),
            moderation.appeal: Told(example={"text": "It quotes our own rules.", "lang": "en"}),
            moderation.judge: Told(),
            moderation.lift: Told(),
            moderation.report: _NOTHING,
            moderation.list_reports: Told(list[moderation.ReportedWords]),
            moderation.leave: _NOTHING,
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
