"""What people of invented lives do about levels."""

from typing import TYPE_CHECKING, Any

from chapters.assurance import entries as e
from chapters.assurance.disputes import on_vouches_alone, review_until
from chapters.assurance.state import of
from chapters.bylaws import DAY
from chapters.state import of as chapter_of
from civic.kernel.record.entry import As, Body, when
from civic.kernel.record.rules import tick_of

if TYPE_CHECKING:
    from tests.invented import Invention


def levels(life: "Invention") -> None:
    """Vouch, verify, challenge, decide, appeal, review, renounce."""
    dice = life.dice
    dice.choice((_vouch, _vouch, _verify, _verify, _dispute, _dispute, _renounce))(life)


def _node(life: "Invention", body: Body) -> bool:
    return life.act(As.NODE, life.state.record.node, body)


def _papers(life: "Invention", count: int) -> Any:
    return tuple(sorted(life._hash() for _ in range(count)))


def _until(life: "Invention") -> str:
    return when(life.now + life.dice.randrange(1, 40) * DAY)


def _vouch(life: "Invention") -> None:
    member = life._pick(life._members())
    _node(life, e.Vouched(life._id(), member, _until(life), _papers(life, 3)))


def _verify(life: "Invention") -> None:
    case = life._hash()
    _node(life, e.CaseOpened(case))
    member, appointed = life._pick(life._members()), life.dice.random() < 0.5
    way: Any = life.dice.choice(("document", "video"))
    body = e.Verified(life._id(), member, case, way, _until(life), appointed, _papers(life, 2))
    _node(life, body)


def _renounce(life: "Invention") -> None:
    if life.dice.random() < 0.3:
        life.act(As.MEMBER, life._pick(life._members()), e.LevelRenounced())


def _dispute(life: "Invention") -> None:
    dice, own = life.dice, life._id()
    _vouch(life)
    _node(life, e.Challenged(own, life._pick(life._members()), life._hash()))
    for _ in range(dice.randrange(3)):
        life.pass_time(dice.randrange(1, 12 * DAY))
        known = of(life.state).challenges
        one = life._pick(known)
        _node(life, e.ChallengeDecided(one, dice.random() < 0.8, _papers(life, 2)))
        if one in known and dice.random() < 0.5:
            life.act(As.MEMBER, known[one].member, e.ChallengeAppealed(one, life._hash()))
            if dice.random() < 0.3:
                # Nobody hears it in time: it waits where there may be nobody who could.
                life.pass_time(dice.randrange(15 * DAY, 30 * DAY))
            _node(life, e.ChallengeDecided(one, dice.random() < 0.6, _papers(life, 2)))
    _review(life)


def _review(life: "Invention") -> None:
    known, members = of(life.state), chapter_of(life.state).members
    lost = [one for one, challenge in known.challenges.items() if challenge.stage == "lost"]
    alone = sorted(
        one
        for one, standing in known.standing.items()
        if on_vouches_alone(standing) and members[one].state == "active"
    )
    until = review_until(life.state, tick_of(life.state.record, life.now))
    _node(life, e.VouchesReviewed(life._pick(lost), until, tuple(alone[:2])))
