"""Records that break the rules of assurance, or whose papers show it."""

from typing import Any

import msgspec

from chapters import entries as c
from chapters.assurance import entries as e
from chapters.assurance import papers as p
from chapters.bylaws import DAY, YEAR
from civic.kernel.record.entry import As, Body, when
from tests.acts import made, text
from tests.dishonest.case import PEOPLE, Lie, case
from tests.factories.levels import (
    appoint,
    challenged,
    council,
    decided,
    drawn,
    opened,
    paper,
    raise_one,
    raise_two,
    verified,
    vouched,
)
from tests.factories.records import Record


def lie(record: Record, body: Body) -> Lie:
    """What the rules refuse."""
    return Lie(record, record.lie(body, As.NODE, record.state.record.node))


def paper_lie(record: Record, body: Body) -> Lie:
    """What only papers show to be wrong."""
    record.node(body)
    return Lie(record, len(record.entries) - 1, papers=True)


def joined(record: Record, *names: str) -> None:
    """More members, at level 0."""
    for name in names:
        record.join(name, "ann")


@case("chapters.vouches_missing")
def vouches_missing() -> Lie:
    record = council("ben", "cem")
    joined(record, "hal")
    return lie(record, vouched(record, "hal", "ann", "dia"))


@case("chapters.level_time")
def level_time() -> Lie:
    record = council("ben", "cem")
    joined(record, "hal")
    until = when(record.tick + 3 * YEAR)
    return lie(record, vouched(record, "hal", "ann", "dia", "eva", until=until))


@case("chapters.too_many_vouches")
def too_many_vouches() -> Lie:
    record = council("ben", "cem", vouch_budget=1)
    joined(record, "hal", "ida")
    raise_one(record, "hal", "ben", "cem", "dia")
    return lie(record, vouched(record, "ida", "ann", "ben", "cem"))


@case("chapters.verifiers_missing")
def verifiers_missing() -> Lie:
    record = council("ben", "cem")
    # Their terms end before the levels do.
    record.pass_time(days=301)
    record.hand_over()
    return lie(record, e.CaseOpened(text("case")))


@case("chapters.case_unknown")
def case_unknown() -> Lie:
    record = council("ben", "cem")
    known = opened(record, "gil")
    record.pass_time(days=31)
    record.hand_over()
    return lie(record, verified(record, known, "ben", "cem"))


@case("chapters.no_level")
def no_level() -> Lie:
    record = council("ben", "cem")
    joined(record, "hal")
    return lie(record, e.Challenged(made("challenge"), made("hal"), text("reasons")))


@case("chapters.level_held")
def level_held() -> Lie:
    record = council("ben", "cem")
    raise_two(record, "gil")
    known = opened(record, "gil")
    until = when(record.tick + 300 * DAY)
    return lie(record, verified(record, known, "ben", "cem", way="video", until=until))


@case("chapters.too_many_verified")
def too_many_verified() -> Lie:
    record = council("ben", "cem", verify_quota=1)
    joined(record, "hal")
    raise_one(record, "hal", "ben", "cem", "dia")
    raise_two(record, "gil")
    known = opened(record, "hal")
    return lie(record, verified(record, known, "ben", "cem"))


@case("chapters.not_appointed")
def not_appointed() -> Lie:
    record = council("ben", "cem")
    known = opened(record, "gil")
    return lie(record, verified(record, known, "ben", "cem", appointed=True))


@case("chapters.disputed")
def disputed() -> Lie:
    record = council("ben", "cem")
    record.node(challenged(record, "gil", "dia"))
    return lie(record, challenged(record, "gil", "ann", "another"))


@case("chapters.challenge_unknown")
def challenge_unknown() -> Lie:
    record = council("ben", "cem", "dia")
    record.node(challenged(record, "gil", "ann"))
    record.node(decided(record, "challenge", "ben", "cem", upheld=False))
    return lie(record, decided(record, "challenge", "ben", "dia"))


def lost(**bylaws: Any) -> Record:
    """Gil lost level 1; hal, for whom eva had vouched too, and ida are at level 1."""
    record = council("ben", "cem", **bylaws)
    joined(record, "hal", "ida")
    raise_one(record, "hal", "ben", "dia", "eva")
    raise_one(record, "ida", "ben", "cem", "dia")
    record.node(challenged(record, "gil", "dia"))
    record.node(decided(record, "challenge", "ben", "cem"))
    record.pass_time(days=15)
    record.hand_over()
    return record


def reviewed(record: Record, *names: str, days: int = 30) -> e.VouchesReviewed:
    """The review after gil's level was lost."""
    members = tuple(sorted(made(name) for name in names))
    return e.VouchesReviewed(made("challenge"), when(record.tick + days * DAY), members)


@case("chapters.review")
def review() -> Lie:
    record = lost()
    return lie(record, reviewed(record, "hal", days=3))


@case("chapters.review_overdue")
def review_overdue() -> Lie:
    """The node never names those for whom the same people vouched."""
    record = lost()
    index = next(place for place, one in enumerate(record.entries) if one.kind == e.LevelLost.kind)
    record.pass_time(days=9)
    record.hand_over()
    joined(record, "jan")
    return Lie(record, index)


@case("papers.review")
def review_differs() -> Lie:
    record = lost()
    return paper_lie(record, reviewed(record, "hal", "ida"))


def review_without_the_false() -> Lie:
    """Cem, one of the founders, was not real and vouched for hal, whom the review leaves out."""
    record = council("ben", "eva")
    joined(record, "hal")
    raise_one(record, "hal", "ben", "dia", "cem")
    record.node(challenged(record, "cem", "dia"))
    record.node(decided(record, "challenge", "ben", "eva"))
    record.pass_time(days=15)
    record.hand_over()
    return paper_lie(record, reviewed(record))


def after_leaving() -> Lie:
    """Gil leaves while the level is in dispute, and the review leaves out whom eva vouched for."""
    record = council("ben", "cem")
    joined(record, "hal")
    raise_one(record, "hal", "ben", "dia", "eva")
    record.node(challenged(record, "gil", "dia"))
    record.node(decided(record, "challenge", "ben", "cem"))
    record.by("gil", c.Left())
    record.pass_time(days=15)
    record.hand_over()
    return paper_lie(record, reviewed(record))


def decided_by_a_verifier_after_leaving() -> Lie:
    """Ben verified gil, who leaves; ben decides about the level that gil had."""
    record = council("ben", "cem", "dia")
    raise_two(record, "gil")
    record.node(challenged(record, "gil", "eva"))
    record.by("gil", c.Left())
    return paper_lie(record, decided(record, "challenge", "ben", "dia"))


def aside_made_up() -> Lie:
    """The node adds to what a verifier signed that another stood aside."""
    record = council("ben", "cem")
    known = opened(record, "gil")
    body = verified(record, known, "ben", "cem")
    said = p.read(record.papers[body.papers[0]])
    assert isinstance(said, p.Verification)
    changed = record.paper(
        p.make(msgspec.structs.replace(said, passed=(made("dia"),)), record.salt())
    )
    papers: Any = tuple(sorted((changed, body.papers[1])))
    return paper_lie(record, msgspec.structs.replace(body, papers=papers))


def after_renouncing() -> Lie:
    """Gil gives up the level in dispute, and the review leaves out for whom eva vouched, too."""
    record = council("ben", "cem")
    joined(record, "hal")
    raise_one(record, "hal", "ben", "dia", "eva")
    record.node(challenged(record, "gil", "dia"))
    record.by("gil", e.LevelRenounced())
    record.node(decided(record, "challenge", "ben", "cem"))
    record.pass_time(days=15)
    record.hand_over()
    return paper_lie(record, reviewed(record))


@case("papers.twice")
def twice() -> Lie:
    record = council("ben", "cem")
    joined(record, "hal")
    return paper_lie(record, vouched(record, "hal", "ann", "dia", "dia"))


@case("papers.voucher")
def voucher() -> Lie:
    record = council("ben", "cem")
    joined(record, "hal")
    return paper_lie(record, vouched(record, "hal", "ann", "dia", "gil"))


def after_a_failure() -> Lie:
    """Eva vouched for gil, who lost the level, and goes on vouching."""
    record = lost()
    record.node(reviewed(record, "hal"))
    joined(record, "jan")
    return paper_lie(record, vouched(record, "jan", "ben", "cem", "eva"))


@case("papers.vouch_budget")
def vouch_budget() -> Lie:
    record = council("ben", "cem", vouch_budget=1)
    joined(record, "hal")
    return paper_lie(record, vouched(record, "hal", "ann", "ben", "cem"))


@case("papers.verifier")
def verifier() -> Lie:
    record = council("ben", "cem")
    known = opened(record, "gil")
    return paper_lie(record, verified(record, known, "ben", "dia"))


@case("papers.not_independent")
def not_independent() -> Lie:
    record = council("ben", "eva")
    known = opened(record, "gil")
    return paper_lie(record, verified(record, known, "ben", "eva"))


@case("papers.verify_quota")
def verify_quota() -> Lie:
    # Ann vouched for both; two pairs of the other three have somebody in common.
    record = council("ann", "ben", "cem", "dia", verify_quota=1)
    joined(record, "hal")
    raise_one(record, "hal", "ann", "eva", "fox")
    for name in ("gil", "hal"):
        known = opened(record, name)
        lot = name_of(drawn(record, known, "ann"))
        other = next(one for one in ("ben", "cem", "dia") if one != lot)
        record.node(verified(record, known, lot, other))
        record.pass_time(days=9)
        record.hand_over()
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.lot")
def lot() -> Lie:
    record = council("ann", "ben", "cem", "dia")
    # Ann vouched for gil; of the other three one is drawn.
    known = opened(record, "gil")
    lot = drawn(record, known, "ann")
    others = [name for name in ("ben", "cem", "dia") if made(name) != lot]
    return paper_lie(record, verified(record, known, *others))


@case("papers.case_open")
def case_open() -> Lie:
    """Who opens cases until the lot suits them chooses their verifier."""
    record = council("ann", "ben", "cem", "dia")
    opened(record, "gil")
    opened(record, "gil", number="another")
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.relatives")
def relatives() -> Lie:
    record = council("ben", "cem", "dia")
    opened(record, "gil", "ben", "cem")
    return Lie(record, len(record.entries) - 1, papers=True)


@case("papers.appointed")
def not_as_said() -> Lie:
    record = council("ben", "cem", secrecy="roll_call")
    appoint(record, "dia", "ann")
    known = opened(record, "gil")
    lot = name_of(drawn(record, known, "ann"))
    other = next(name for name in ("ben", "cem") if name != lot)
    return paper_lie(record, verified(record, known, lot, other, appointed=True))


def name_of(member: str) -> str:
    """The name of a member."""
    return next(name for name in PEOPLE if made(name) == member)


@case("papers.challenger")
def challenger() -> Lie:
    record = council("ben", "cem")
    return paper_lie(record, challenged(record, "ann", "gil"))


@case("papers.too_many_challenges")
def too_many_challenges() -> Lie:
    record = council("ben", "cem")
    for name in ("cem", "eva", "fox"):
        record.node(challenged(record, name, "dia", f"challenge of {name}"))
    return paper_lie(record, challenged(record, "gil", "dia"))


def signed_by_another() -> Lie:
    """A vouch that somebody else signed."""
    record = council("ben", "cem")
    joined(record, "hal")
    forged = paper(record, "gil", p.Vouch(made("forged"), made("hal"), made("ann")))
    body = vouched(record, "hal", "dia", "eva", "fox")
    papers = tuple(sorted((forged, *body.papers[:2])))
    return paper_lie(record, msgspec.structs.replace(body, papers=papers))


def decided_by_the_challenger() -> Lie:
    """Who challenges is one of the two who decide."""
    record = council("ben", "cem")
    record.node(challenged(record, "gil", "ben"))
    return paper_lie(record, decided(record, "challenge", "ben", "cem"))


def appeal_to_the_same() -> Lie:
    """Who decided first decides about the appeal."""
    record = council("ben", "cem", "dia")
    record.node(challenged(record, "gil", "ann"))
    record.node(decided(record, "challenge", "ben", "cem"))
    answer = paper(record, "gil", p.Answer(made("challenge"), made("gil"), "en", "I am one."))
    record.by("gil", e.ChallengeAppealed(made("challenge"), answer))
    return paper_lie(
        record, decided(record, "challenge", "cem", "dia", upheld=False, stage="appeal")
    )
