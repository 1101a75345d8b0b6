"""What the rules know of suspensions, appeals and reasons."""

import msgspec


class Suspension(msgspec.Struct):
    """A suspension that is asked for or in force. Times are minutes.

    `asked_by` and `agreed_by` are the members who asked and agreed in office; `begun` is 0 while
    it is only asked for. `judged` maps members who judged an appeal to whether it is to be lifted.
    """

    member: str
    until: int
    asked_by: str
    asked_as: str
    paper: str
    agreed_by: str = ""
    begun: int = 0
    appealed: bool = False
    upheld: bool = False
    judged: dict[str, bool] = {}


class Standing(msgspec.Struct):
    """How members stand with their chapter.

    `suspensions` are those asked for or in force, by id. `rest` says until when offices may not
    suspend a member again, `barred` until when somebody who left during a suspension cannot come
    back (minutes). `reasons` maps papers to the member concerned.
    """

    suspensions: dict[str, Suspension] = {}
    rest: dict[str, int] = {}
    barred: dict[str, int] = {}
    reasons: dict[str, str] = {}
