"""How entries of assurance become rows of the read model."""

from types import MappingProxyType
from typing import Any, Final

from chapters.assurance import entries as e
from chapters.assurance.disputes import FALL, OPEN
from chapters.assurance.state import SEEN, VOUCHED
from chapters.assurance.tables import dispute, founder, level, named, standing, term
from chapters.assurance.terms import EXPIRY
from chapters.bylaws import Bylaws
from chapters.entries import Left
from chapters.standing.entries import Expelled
from chapters.tables import chapter, member, on_tick, read_bylaws
from civic.kernel.projection import Found, Project, Recorded, Rows
from civic.kernel.record.entry import minute

_PLACES: Final = ("vouched", "vouched_until", "seen")


def _this(recorded: Recorded, own_id: str) -> dict[str, Any]:
    return {"log": recorded.log, "id": own_id}


def _level(rows: Rows, recorded: Recorded, own_id: str, now: int) -> None:
    rows.update(member, _this(recorded, own_id), level=now)
    rows.upsert(level, log=recorded.log, member=own_id, entry=recorded.index, level=now)


def _begin(
    rows: Rows,
    recorded: Recorded,
    own_id: str,
    own: str,
    way: str,
    until: int,
    papers: tuple[str, ...],
    *,
    appointed: bool = False,
) -> None:
    """Add a term, in place of the one of its sort that was there, and give its level."""
    place = "vouched" if way == "vouches" else "seen"

    def change(found: Found) -> None:
        before = dict(found or dict.fromkeys(_PLACES))
        if before[place] is not None:
            rows.update(term, _this(recorded, before[place]), ended=recorded.at)
        now = {**before, place: own}
        if place == "vouched":
            now["vouched_until"] = until
        rows.upsert(standing, log=recorded.log, member=own_id, **now)
        seen = place == "seen" or before["seen"] is not None
        _level(rows, recorded, own_id, SEEN if seen else VOUCHED)

    rows.insert(
        term,
        log=recorded.log,
        id=own,
        member=own_id,
        way=way,
        count=len(papers),
        appointed=appointed,
        review=False,
        since=recorded.at,
        until=until,
        ended=None,
    )
    rows.find(standing, {"log": recorded.log, "member": own_id}, _PLACES, change)
    _name(rows, recorded, own, *papers)


def _name(rows: Rows, recorded: Recorded, of: str, *papers: str) -> None:
    for digest in papers:
        rows.upsert(named, log=recorded.log, hash=bytes.fromhex(digest), of=of, since=recorded.at)


def _founders(rows: Rows, recorded: Recorded) -> None:
    body: e.FoundersSeen = recorded.entry.body
    for one in body.terms:
        _begin(rows, recorded, one.member, one.id, "founding", minute(body.until), ())
        rows.insert(founder, log=recorded.log, member=one.member, verified=False, gone=False)


def _vouched(rows: Rows, recorded: Recorded) -> None:
    body: e.Vouched = recorded.entry.body
    _begin(rows, recorded, body.member, body.id, "vouches", minute(body.until), body.papers)


def _opened(rows: Rows, recorded: Recorded) -> None:
    paper = recorded.entry.body.paper
    _name(rows, recorded, paper, paper)


def _verified(rows: Rows, recorded: Recorded) -> None:
    body: e.Verified = recorded.entry.body
    until = minute(body.until)
    _begin(
        rows, recorded, body.member, body.id, body.way, until, body.papers,
        appointed=body.appointed,
    )  # fmt: skip
    _name(rows, recorded, body.id, body.case)
    if body.appointed:
        rows.update(founder, {"log": recorded.log, "member": body.member}, verified=True)


def _expired(rows: Rows, recorded: Recorded) -> None:
    body: e.LevelExpired = recorded.entry.body
    own = {"log": recorded.log, "member": body.member}

    def change(found: Found) -> None:
        for place in ("vouched", "seen"):
            if found is not None and found[place] == body.term:
                rows.update(standing, own, **{place: None})

    rows.update(term, _this(recorded, body.term), ended=recorded.at)
    rows.find(standing, own, ("vouched", "seen"), change)
    _level(rows, recorded, body.member, body.level)


def _lose(rows: Rows, recorded: Recorded, own_id: str) -> None:
    """End all that a member's level rests on."""
    own = {"log": recorded.log, "member": own_id}

    def change(found: Found) -> None:
        held = [found[place] for place in ("vouched", "seen")] if found else []
        if not any(held):
            return
        for one in held:
            if one is not None:
                rows.update(term, _this(recorded, one), ended=recorded.at)
        rows.update(standing, own, vouched=None, seen=None)
        _level(rows, recorded, own_id, 0)

    rows.find(standing, own, ("vouched", "seen"), change)


def _renounced(rows: Rows, recorded: Recorded) -> None:
    _lose(rows, recorded, recorded.entry.by.id)


def _left(rows: Rows, recorded: Recorded) -> None:
    _gone(rows, recorded, recorded.entry.by.id)


def _gone(rows: Rows, recorded: Recorded, own_id: str) -> None:
    _lose(rows, recorded, own_id)
    rows.update(founder, {"log": recorded.log, "member": own_id}, gone=True)


def _expelled(rows: Rows, recorded: Recorded) -> None:
    _gone(rows, recorded, recorded.entry.body.member)


def _challenged(rows: Rows, recorded: Recorded) -> None:
    body: e.Challenged = recorded.entry.body
    rows.insert(
        dispute,
        log=recorded.log,
        id=body.id,
        member=body.member,
        stage="open",
        since=recorded.at,
        until=None,
        reasons=bytes.fromhex(body.paper),
        answer=None,
        first=None,
        other=None,
        ended=None,
    )
    _name(rows, recorded, body.id, body.paper)
    _wait(rows, recorded, body.id)


def _wait(rows: Rows, recorded: Recorded, challenge: str, **values: Any) -> None:
    """Let a dispute wait for as long as the bylaws say."""

    def change(found: Found) -> None:
        if found is None:
            raise LookupError("a level was challenged before the founding")
        bylaws: Bylaws = read_bylaws(found["bylaws"])
        until = on_tick(recorded.at + bylaws.appeal_time, bylaws)
        rows.update(dispute, _this(recorded, challenge), until=until, **values)

    rows.find(chapter, {"log": recorded.log}, ("bylaws",), change)


def _decided(rows: Rows, recorded: Recorded) -> None:
    body: e.ChallengeDecided = recorded.entry.body
    own = _this(recorded, body.challenge)
    papers = [bytes.fromhex(one) for one in body.papers]
    known: dict[str, Any] = {}

    def change(found: Found) -> None:
        if not body.upheld:
            rows.update(dispute, own, stage="dismissed", until=None, ended=recorded.at)
        elif found is not None and found["stage"] == "open":
            bylaws: Bylaws = read_bylaws(known["bylaws"])
            until = on_tick(recorded.at + bylaws.appeal_time, bylaws)
            rows.update(dispute, own, stage="upheld", until=until, first=papers[0], other=papers[1])

    rows.find(chapter, {"log": recorded.log}, ("bylaws",), lambda found: known.update(found or {}))
    rows.find(dispute, own, ("stage",), change)
    _name(rows, recorded, body.challenge, *body.papers)


def _appealed(rows: Rows, recorded: Recorded) -> None:
    body: e.ChallengeAppealed = recorded.entry.body
    _wait(rows, recorded, body.challenge, stage="appealed", answer=bytes.fromhex(body.paper))
    _name(rows, recorded, body.challenge, body.paper)


def _prolonged(rows: Rows, recorded: Recorded) -> None:
    body: e.ChallengeProlonged = recorded.entry.body
    rows.update(dispute, _this(recorded, body.challenge), until=minute(body.until))


def _lapsed(rows: Rows, recorded: Recorded) -> None:
    own = _this(recorded, recorded.entry.body.challenge)
    rows.update(dispute, own, stage="lapsed", until=None, ended=recorded.at)


def _lost(rows: Rows, recorded: Recorded) -> None:
    body: e.LevelLost = recorded.entry.body
    rows.update(dispute, _this(recorded, body.challenge), stage="lost", until=None)
    _lose(rows, recorded, body.member)


def _reviewed(rows: Rows, recorded: Recorded) -> None:
    body: e.VouchesReviewed = recorded.entry.body
    rows.update(dispute, _this(recorded, body.challenge), stage="reviewed", ended=recorded.at)
    for own_id in body.members:
        _shorten(rows, recorded, own_id, minute(body.until))


def _shorten(rows: Rows, recorded: Recorded, own_id: str, until: int) -> None:
    own = {"log": recorded.log, "member": own_id}

    def change(found: Found) -> None:
        if found is not None and found["vouched"] is not None:
            least = min(found["vouched_until"], until)
            rows.update(term, _this(recorded, found["vouched"]), until=least, review=True)
            rows.update(standing, own, vouched_until=least)

    rows.find(standing, own, ("vouched", "vouched_until"), change)


def _extended(rows: Rows, recorded: Recorded) -> None:
    body = recorded.entry.body
    if body.what == EXPIRY:
        rows.update(term, _this(recorded, body.id), until=minute(body.until))
    elif body.what in (OPEN, FALL):
        rows.update(dispute, _this(recorded, body.id), until=minute(body.until))


PROJECTIONS: Final = MappingProxyType[str, tuple[Project, ...]](
    {
        e.FoundersSeen.kind: (_founders,),
        e.Vouched.kind: (_vouched,),
        e.CaseOpened.kind: (_opened,),
        e.Verified.kind: (_verified,),
        e.LevelExpired.kind: (_expired,),
        e.LevelRenounced.kind: (_renounced,),
        Left.kind: (_left,),
        Expelled.kind: (_expelled,),
        e.Challenged.kind: (_challenged,),
        e.ChallengeDecided.kind: (_decided,),
        e.ChallengeAppealed.kind: (_appealed,),
        e.ChallengeProlonged.kind: (_prolonged,),
        e.ChallengeLapsed.kind: (_lapsed,),
        e.LevelLost.kind: (_lost,),
        e.VouchesReviewed.kind: (_reviewed,),
        "record.deadline_extended": (_extended,),
    }
)
