"""What needs a reader beside votes and discussions: in office, as founder, about themselves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from chapters.assurance.attestations import tag_of
from chapters.keys import requests
from chapters.keys.papers import read_witness
from civic.deeds.vouching import RENEWAL_TIME
from civic.kernel.record.ties import Vault
from civic.kernel.web.dates import Moment, moment_of_minute
from civic.kernel.web.figures import count
from civic.kernel.web.language import _, ngettext
from civic.pages.home_queries import Hidden, OwnChapter, Pending
from civic.pages.wordings import title_words
from identity.lacking import Lacking


class Need(NamedTuple):
    """Something that waits for the reader: one sentence, where it leads, until when."""

    text: str
    href: str
    chapter: str
    moment: Moment | None = None
    words: str = ""
    """What somebody wrote that it is about, such as a task."""


def needs_of(
    own: Sequence[OwnChapter],
    voices: Mapping[str, str],
    vault: Vault,
    lacks: Lacking | None,
    now: int,
) -> list[Need]:
    """Return what waits for the reader: about themselves, as founder, in office, their account.

    `voices` are those under which they spoke, by matter.
    """
    found: list[Need] = []
    for one in own:
        found += _about_themselves(one, now)
    for one in own:
        found += _hidden(one, voices, now)
    for one in own:
        found += _beginnings(one, now)
    for one in own:
        found += _in_office(one, voices, vault, now)
    for one in own:
        found += _to_be_done(one, now)
    return [*found, *_account(lacks)] if lacks is not None else found


def _need(
    one: OwnChapter, text: str, path: str, now: int, until: int | None = None, words: str = ""
) -> Need:
    chapter = one.chapter
    moment = None if until is None else moment_of_minute(until, now, chapter.zone)
    return Need(text, f"/c/{chapter.chapter_id}{path}", chapter.name.text or "", moment, words)


def _about_themselves(one: OwnChapter, now: int) -> Iterator[Need]:
    if one.suspended is not None:
        until, appealed = one.suspended
        text = (
            _("You are suspended; two others in office judge your appeal.")
            if appealed
            else _("You are suspended: read why, and how to appeal.")
        )
        yield _need(one, text, "/standing", now, until)
    if one.state not in ("active", "suspended"):
        return
    if one.challenge is not None:
        stage, until_ = one.challenge
        if stage == "open":
            yield _need(one, _("Your level is in dispute: say what you know."), "/levels", now)
        elif stage == "upheld":
            text = _("Your level ends by a dispute, unless you appeal.")
            yield _need(one, text, "/levels", now, until_)
    ends = _level_ends(one)
    if ends is not None and now < ends <= now + RENEWAL_TIME and one.challenge is None:
        yield _need(one, _("Your level ends: renew it in time."), "/levels", now, ends)


def _hidden(one: OwnChapter, voices: Mapping[str, str], now: int) -> Iterator[Need]:
    if one.state not in ("active", "suspended"):
        return
    for hidden in one.hidden:
        if not _wrote(hidden, voices):
            continue
        if hidden.appealed:
            text = _("You appealed for words of yours that are hidden; two others in office judge.")
            yield _need(one, text, f"/moderation#h-{hidden.id}", now, hidden.until)
        else:
            text = _("Words of yours are hidden: read why, and appeal if that is wrong.")
            yield _need(one, text, f"/moderation/{hidden.id}/appeal", now, hidden.until)


def _wrote(hidden: Hidden, voices: Mapping[str, str]) -> bool:
    return bool(hidden.author) and voices.get(hidden.matter) == hidden.author


def _level_ends(one: OwnChapter) -> int | None:
    """Return when the level ends: what verifiers saw counts before vouches."""
    seen = [until for way, until in one.levels if way != "vouches"]
    vouched = [until for way, until in one.levels if way == "vouches"]
    return max(seen or vouched, default=None)


def _beginnings(one: OwnChapter, now: int) -> Iterator[Need]:
    if one.state == "applied":
        text = _("You have asked to join. A lead of the chapter answers; look in again.")
        yield _need(one, text, "", now)
    if one.chapter.stage != "forming" or one.state != "active":
        return
    missing = max(0, one.founders_needed - one.chapter.active)
    until = one.forming_until
    if missing:
        text = ngettext(
            "%(n)s more founder is needed, else the chapter ends before it began.",
            "%(n)s more founders are needed, else the chapter ends before it began.",
            missing,
        ) % {"n": count(missing)}
        yield _need(one, text, "", now, until)
    elif not one.confirmed:
        text = _("Say whom of the founders you have met, so that the chapter can begin.")
        yield _need(one, text, "/confirm", now, until)
    else:
        text = _("The chapter begins once all founders have said whom they met.")
        yield _need(one, text, "", now, until)


def _in_office(
    one: OwnChapter, voices: Mapping[str, str], vault: Vault, now: int
) -> Iterator[Need]:
    if one.state != "active":
        return
    if one.holds("lead") and one.applied:
        text = ngettext(
            "%(n)s person asks to join and waits for a lead.",
            "%(n)s people ask to join and wait for a lead.",
            one.applied,
        ) % {"n": count(one.applied)}
        yield _need(one, text, "/people#applicants", now)
    agree = sum(_can_agree(one, pending) for pending in one.pending)
    if agree:
        text = ngettext(
            "%(n)s suspension is asked for and needs a second person in office.",
            "%(n)s suspensions are asked for and need a second person in office.",
            agree,
        ) % {"n": count(agree)}
        yield _need(one, text, "/suspensions", now)
    judge = sum(_can_judge(one, pending) for pending in one.pending)
    if judge:
        text = ngettext(
            "%(n)s appeal against a suspension waits for your judgement.",
            "%(n)s appeals against suspensions wait for your judgement.",
            judge,
        ) % {"n": count(judge)}
        yield _need(one, text, "/suspensions", now)
    hidden = [hiding.until for hiding in one.hidden if hiding.judges and not _wrote(hiding, voices)]
    if hidden:
        text = ngettext(
            "%(n)s appeal for hidden words waits for your judgement.",
            "%(n)s appeals for hidden words wait for your judgement.",
            len(hidden),
        ) % {"n": count(len(hidden))}
        yield _need(one, text, "/moderation", now, min(hidden))
    lost = sum(_can_witness(one, vault, *row) for row in one.lost_keys)
    if lost:
        text = ngettext(
            "%(n)s member has lost a key and waits for verifiers.",
            "%(n)s members have lost a key and wait for verifiers.",
            lost,
        ) % {"n": count(lost)}
        yield _need(one, text, "/keys/requests", now)
    mine = tag_of(vault, "case of", one.chapter.log, one.me)
    if any(tag != mine for tag in one.cases):
        text = _("Somebody asks to be verified: see whether the case is yours.")
        yield _need(one, text, "/verifying", now)
    if one.disputes:
        text = ngettext(
            "%(n)s level in dispute waits for verifiers.",
            "%(n)s levels in dispute wait for verifiers.",
            one.disputes,
        ) % {"n": count(one.disputes)}
        yield _need(one, text, "/verifying", now)


def _can_agree(one: OwnChapter, pending: Pending) -> bool:
    # As on the page of suspensions: a lead's request needs another office, any other needs a lead.
    second = ("facilitator", "verifier") if pending.asked_as == "lead" else ("lead",)
    return pending.begun is None and pending.asked_by != one.me and one.holds(*second)


def _can_judge(one: OwnChapter, pending: Pending) -> bool:
    part = one.me in (pending.asked_by, pending.agreed_by)
    asked = pending.begun is not None and pending.appealed is not None
    return asked and not part and not pending.judged


def _can_witness(one: OwnChapter, vault: Vault, tag: bytes, sealed: bytes) -> bool:
    request = requests.opened(vault, tag, sealed)
    seen = request.witness and read_witness(request.witness).verifier == one.me
    return request.member != one.me and not seen


def _to_be_done(one: OwnChapter, now: int) -> Iterator[Need]:
    for task in one.tasks:
        words = task.words.text or _("An erased task")
        yield _need(one, _("Task due"), f"/p/{task.matter}#tasks", now, task.until, words)
    for card in one.cards:
        words = title_words(card.words)
        text = _("Decided, and nobody has said yet what came of it.")
        yield _need(one, text, f"/p/{card.matter}/outcome", now, None, words)


def _account(lacks: Lacking) -> Iterator[Need]:
    if lacks.way:
        text = _("Add a way to sign in: so far links alone lead to your account.")
        yield Need(text, "/account/authenticators/new", "")
    elif lacks.second_way:
        text = _("Add a second way to sign in, so that a lost phone does not lock you out.")
        yield Need(text, "/account/authenticators/new", "")
    if lacks.sheet:
        text = _(
            "Write down and confirm your recovery sheet: it lets you in when all else is lost."
        )
        yield Need(text, "/account/recovery", "")
