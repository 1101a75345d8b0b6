"""The naming of stewards, with the approvals of those in office."""

from collections.abc import Sequence

from chapters import entries as c
from chapters.stewards import steward_message
from civic.kernel import keys
from tests.acts import Game, public, seed_key


def naming(
    game: Game,
    number: int,
    stewards: Sequence[str],
    threshold: int,
    approved_by: Sequence[str] = (),
) -> c.StewardsNamed:
    """New stewards, by the names of their keys."""
    body = c.StewardsNamed(number, tuple(public(name) for name in stewards), threshold)
    message = steward_message(game.log_id, body)
    approvals = tuple(
        c.Approval(public(name), keys.sign(seed_key(name), message).hex()) for name in approved_by
    )
    return c.StewardsNamed(number, body.keys, threshold, approvals)
