"""Bylaws: a chapter's own rules as data, their templates, and the minima of the charter."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Final, Literal

import msgspec

from civic.kernel.record.entry import Integer, encode_json

HOUR: Final = 60
DAY: Final = 24 * HOUR
YEAR: Final = 366 * DAY
"""Longest term of an office, in minutes."""

Minutes = Annotated[int, msgspec.Meta(ge=0, le=5 * YEAR)]
Permille = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Majority = Annotated[int, msgspec.Meta(ge=0, le=999)]
"""Per mille that must be exceeded: at 1000 nothing could ever be decided again."""
Level = Annotated[int, msgspec.Meta(ge=0, le=3)]
Zone = Annotated[
    str,
    msgspec.Meta(
        pattern=(
            r"^(UTC|(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)"
            r"(/[A-Z][A-Za-z_-]{1,29}){1,2})\Z"
        ),
        max_length=64,
    ),
]
"""The name of a time zone as the IANA database forms them.

The pattern alone counts: which zones there are, and what they mean, changes several times a year
and is not the same on all machines.
"""


class Bylaws(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chapter's rules for itself. Times are minutes, shares are per mille.

    `visibility` says who reads the whole record; `tick` is the grain of the chapter's time;
    `admission` how people come in; `founders` how many must have met to constitute the chapter;
    `level_*` the assurance asked for; `support_*` what a proposal needs to be discussed (the larger
    of a number and a share of the members); then the length of each phase, quorum and majority of
    votes, how votes are cast, whether acts without a member's own signature count in votes, and by
    how much an outage of the node extends a deadline that lay in it.

    `network` as visibility means members of the chapters of one network, which peers learn as
    capability tokens say. `level_office` is asked of who holds an office; `vote_wait` is how long
    somebody is a member before they vote; `vouches` lead to level 1, each voucher gives at most
    `vouch_budget` a year, each verifier confirms at most `verify_quota` people in 30 days;
    `level1_time` and `level2_time` are how long levels hold; `appeal_time` how long a challenge or
    suspension can be appealed; `suspension_most` and `office_most` the longest of their kind;
    `lead_absence` after how long without an act a lead's place can be taken by rule. `zone` is the
    time zone whose clock pages show beside the reader's; no deadline depends on it.
    """

    visibility: Literal["chapter", "network", "world"]
    tick: Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
    admission: Literal["invitation", "lead", "either"]
    founders: Annotated[int, msgspec.Meta(ge=1, le=50)]
    level_propose: Level
    level_vote: Level
    level_office: Level
    vote_wait: Minutes
    vouches: Annotated[int, msgspec.Meta(ge=1, le=20)]
    vouch_budget: Annotated[int, msgspec.Meta(ge=1, le=20)]
    verify_quota: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    level1_time: Minutes
    level2_time: Minutes
    appeal_time: Minutes
    suspension_most: Minutes
    office_most: Minutes
    lead_absence: Minutes
    support_least: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    support_share: Permille
    support_time: Minutes
    discussion_time: Minutes
    notice_time: Minutes
    vote_time: Minutes
    quorum: Permille
    majority: Majority
    secrecy: Literal["roll_call", "pseudonymous"]
    unsigned_votes: bool
    outage_grace: Minutes
    zone: Zone


Value = bool | Integer | str


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """One bylaw to be changed: the field, the value it must still have, the value it gets."""

    field: str
    from_: Value
    to: Value


class Charter(msgspec.Struct, frozen=True):
    """The few invariants that every chapter of the network keeps; its hash stands in entry 0."""

    name: str = "civic charter, draft"
    founders_least: int = 3
    verifiers_least: int = 2
    support_time_least: int = DAY
    discussion_time_least: int = DAY
    vote_time_least: int = DAY
    majority_least: int = 500
    outage_grace_least: int = HOUR
    vote_wait_most: int = YEAR
    vouches_least: int = 2
    vouches_most: int = 7
    vouch_budget_most: int = 3
    level_most: int = 2
    level_time_least: int = 30 * DAY
    level_time_most: int = 3 * YEAR
    video_time_most: int = YEAR
    appeal_time_least: int = 7 * DAY
    suspension_time_most: int = YEAR
    lead_absence_least: int = 14 * DAY
    term_least: int = 30 * DAY
    term_most: int = YEAR
    forming_most: int = 30 * DAY


CHARTER: Final = Charter()
CHARTER_HASH: Final = hashlib.sha256(encode_json(CHARTER)).hexdigest()


MINIMA: Final[Mapping[str, int]] = MappingProxyType(
    {
        "founders": CHARTER.founders_least,
        "support_time": CHARTER.support_time_least,
        "discussion_time": CHARTER.discussion_time_least,
        "vote_time": CHARTER.vote_time_least,
        "majority": CHARTER.majority_least,
        "outage_grace": CHARTER.outage_grace_least,
        "vouches": CHARTER.vouches_least,
        "appeal_time": CHARTER.appeal_time_least,
        "lead_absence": CHARTER.lead_absence_least,
        "level1_time": CHARTER.level_time_least,
        "level2_time": CHARTER.level_time_least,
        "office_most": CHARTER.term_least,
    }
)
"""The least that the charter lets a field of bylaws be."""
MAXIMA: Final[Mapping[str, int]] = MappingProxyType(
    {
        # Nobody reaches level 3 yet: bylaws that ask for it could never be changed again.
        "level_propose": CHARTER.level_most,
        "level_vote": CHARTER.level_most,
        "level_office": CHARTER.level_most,
        # Who joins has to be able to vote one day, and to meet as many as it takes.
        "vote_wait": CHARTER.vote_wait_most,
        "vouches": CHARTER.vouches_most,
        "vouch_budget": CHARTER.vouch_budget_most,
        "level1_time": CHARTER.level_time_most,
        "level2_time": CHARTER.level_time_most,
        "suspension_most": CHARTER.suspension_time_most,
        "office_most": CHARTER.term_most,
    }
)
"""The most that the charter lets a field of bylaws be."""


def below_charter(bylaws: Bylaws) -> str | None:
    """Return the first field of bylaws that undercuts the charter, or None."""
    low = (field for field, least in MINIMA.items() if getattr(bylaws, field) < least)
    high = (field for field, most in MAXIMA.items() if getattr(bylaws, field) > most)
    return next(low, None) or next(high, None)


def unfit_to_found(bylaws: Bylaws) -> str | None:
    """Return the first field with which no chapter can begin, or None.

    At first its founders alone vouch for others: more vouches than founders would never come.
    """
    return below_charter(bylaws) or ("vouches" if bylaws.vouches > bylaws.founders else None)


def stale_field(bylaws: Bylaws, changes: Sequence[Change]) -> str | None:
    """Return the first field whose `from` value no longer holds (or that is none), or None."""
    for change in changes:
        value = getattr(bylaws, change.field, None) if change.field in FIELDS else None
        if value is None or type(value) is not type(change.from_) or value != change.from_:
            return change.field
    return None


def changed(bylaws: Bylaws, changes: Sequence[Change]) -> Bylaws:
    """Return bylaws with changes made; `msgspec.ValidationError` if a value is not allowed."""
    fields = msgspec.to_builtins(bylaws)
    fields.update({change.field: change.to for change in changes})
    return msgspec.convert(fields, Bylaws)


def unfit_field(bylaws: Bylaws, changes: Sequence[Change]) -> str | None:
    """Return a field that the bylaws as changed could not have so, or None.

    Because its value is not allowed, undercuts the charter, or is named twice.
    """
    for number, change in enumerate(changes):
        if any(change.field == other.field for other in changes[:number]):
            return change.field
        try:
            changed(bylaws, (change,))
        except msgspec.ValidationError:
            return change.field
    return below_charter(changed(bylaws, changes))


FIELDS: Final = frozenset(Bylaws.__struct_fields__)

TEMPLATES: Final[Mapping[str, Bylaws]] = MappingProxyType(
    {
        "town": Bylaws(
            visibility="chapter",
            tick=10,
            admission="either",
            founders=5,
            level_propose=1,
            level_vote=1,
            level_office=2,
            vote_wait=30 * DAY,
            vouches=3,
            vouch_budget=3,
            verify_quota=30,
            level1_time=2 * YEAR,
            level2_time=2 * YEAR,
            appeal_time=14 * DAY,
            suspension_most=90 * DAY,
            office_most=YEAR,
            lead_absence=30 * DAY,
            support_least=3,
            support_share=50,
            support_time=14 * DAY,
            discussion_time=7 * DAY,
            notice_time=DAY,
            vote_time=5 * DAY,
            quorum=200,
            majority=500,
            secrecy="pseudonymous",
            unsigned_votes=True,
            outage_grace=DAY,
            zone="UTC",
        ),
        "diaspora": Bylaws(
            visibility="chapter",
            tick=10,
            admission="either",
            founders=7,
            level_propose=1,
            level_vote=2,
            level_office=2,
            vote_wait=30 * DAY,
            vouches=3,
            vouch_budget=3,
            verify_quota=60,
            level1_time=2 * YEAR,
            level2_time=2 * YEAR,
            appeal_time=14 * DAY,
            suspension_most=90 * DAY,
            office_most=YEAR,
            lead_absence=30 * DAY,
            support_least=7,
            support_share=20,
            support_time=21 * DAY,
            discussion_time=10 * DAY,
            notice_time=2 * DAY,
            vote_time=7 * DAY,
            quorum=300,
            majority=500,
            secrecy="pseudonymous",
            unsigned_votes=True,
            outage_grace=DAY,
            zone="UTC",
        ),
        "circle": Bylaws(
            visibility="chapter",
            tick=10,
            admission="invitation",
            founders=3,
            level_propose=0,
            level_vote=0,
            level_office=0,
            vote_wait=0,
            vouches=3,
            vouch_budget=3,
            verify_quota=20,
            level1_time=2 * YEAR,
            level2_time=2 * YEAR,
            appeal_time=14 * DAY,
            suspension_most=60 * DAY,
            office_most=YEAR,
            lead_absence=30 * DAY,
            support_least=2,
            support_share=0,
            support_time=7 * DAY,
            discussion_time=3 * DAY,
            notice_time=0,
            vote_time=3 * DAY,
            quorum=500,
            majority=666,
            secrecy="roll_call",
            unsigned_votes=True,
            outage_grace=DAY,
            zone="UTC",
        ),
    }
)
"""Bylaws to start from; a chapter may change any field when it is founded."""
