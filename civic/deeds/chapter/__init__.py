"""Deeds of a chapter: found, invite, join, admit, constitute, take a name, leave."""

from civic.deeds.chapter.founding import (
    Founding,
    confirm,
    constitute,
    found,
    founding_bylaws,
    founding_id,
)
from civic.deeds.chapter.joining import (
    INVITATION_VOID,
    INVITATIONS_OPEN,
    admit,
    apply_for,
    apply_with_key,
    applying_id,
    invite,
    join,
    join_with_key,
    joining_id,
)
from civic.deeds.chapter.names import (
    erase_name,
    give_name,
    leave,
    set_name,
)
from civic.deeds.chapter.place import (
    Place,
)

__all__ = [
    "INVITATIONS_OPEN",
    "INVITATION_VOID",
    "Founding",
    "Place",
    "admit",
    "apply_for",
    "apply_with_key",
    "applying_id",
    "confirm",
    "constitute",
    "erase_name",
    "found",
    "founding_bylaws",
    "founding_id",
    "give_name",
    "invite",
    "join",
    "join_with_key",
    "joining_id",
    "leave",
    "set_name",
]
