"""Bylaws under which everybody can act from the first day, for tests about other things."""

from typing import Any, Final

FIRST_DAY: Final[dict[str, Any]] = {
    "founders": 3,
    "level_propose": 0,
    "level_vote": 0,
    "level_office": 0,
    "vote_wait": 0,
}
"""Three founders, no assurance asked for, no waiting; the rest is the template's."""
