"""What authors do with their own: revise, withdraw, have erased, stand by it with their name."""

from collections.abc import Sequence
from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.deeds import chapter as chapter_deeds
from civic.deeds import proposal as deeds
from civic.kernel.record.shown import Text
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, see_other
from civic.pages import wordings
from civic.pages.for_author import for_author
from civic.pages.matter import Matter, open_matter
from civic.pages.visit import (
    Asked,
    MatterVisit,
    Page,
    acting,
    answered,
    must_be_member,
    outcome_of,
    visiting_matter,
)
from deliberation.moderation.queries import hiding
from deliberation.queries import Wording, version
from identity import drafts

TITLE: Final = Field("title", "a title", least=3, most=200)
TEXT: Final = Field("text", "what you propose", Kind.TEXT, most=20_000)
OF: Final = Field("of", "what is to be erased", most=26)
APPEAL: Final = Field("appeal", "an appeal", required=False, most=3)
"""Whether it is what was said in an appeal against hiding, and `of` names the hiding."""
SURE: Final = Field("sure", "I understand", Kind.TICK)
REASON: Final = Field("reason", "why you change it", Kind.TEXT, required=False, most=500)
LABELS: Final = Field("labels", "the options", Kind.TEXT, required=False, most=2000)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/revise")
async def ask_revision(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Show the author the present text, to be changed."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        must_be_member(visit)
        matter = await open_matter(visit)
    if (others := for_author(matter)) is not None:
        return others
    view = matter.view
    if view.line.phase != "discussion":
        said = _("The text of a proposal can be changed while it is discussed.")
        return see_other(request, matter.path, said, "note")
    form = blank(
        TITLE,
        TEXT,
        REASON,
        LABELS,
        *wordings.FIELDS,
        title=view.line.title.text or "",
        text=view.text.text or "",
        labels="\n".join(label.text or "" for label in view.labels),
        **wordings.filled(view.also),
    )
    return _revision_page(matter, await drafts.restored(request, form))


@post("/c/{chapter_id:str}/p/{proposal_id:str}/revise", status_code=200)
async def revise(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Give the proposal a new text."""
    at = await acting(request, chapter_id)
    form = await read_form(request, TITLE, TEXT, REASON, LABELS, *wordings.FIELDS)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit)
    labels = [line.strip() for line in form.value("labels").split("\n") if line.strip()]
    options = matter.line.options
    if len(labels) != options:
        form = form.with_error(
            "labels", _("The number of options stays: write %(n)d lines") % {"n": options}
        )
    also, form = wordings.written(form, matter.line.lang, options)
    if form.ok:
        outcome = await outcome_of(
            deeds.revise(
                at.node.desk,
                at.person,
                proposal_id,
                matter.line.version + 1,
                [form.value("title"), form.value("text"), *labels],
                matter.line.lang,
                form.key,
                also,
                form.value("reason"),
            )
        )
        if not isinstance(outcome, Refusal):
            await drafts.sent(request)
            return see_other(request, matter.path, _("The new text stands. Older ones stay "
                                                     "readable."))  # fmt: skip
        form = form.refused(outcome)
    return _revision_page(matter, form)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/withdraw")
async def ask_to_withdraw(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Say what withdrawing means."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        must_be_member(visit)
        matter = await open_matter(visit)
    if (others := for_author(matter)) is not None:
        return others
    if matter.line.phase not in ("support", "discussion"):
        said = _("A proposal can be withdrawn until its text is fixed.")
        return see_other(request, matter.path, said, "note")
    return matter.render("deliberation/withdraw.html", cache=NO_STORE, form=blank())


@post("/c/{chapter_id:str}/p/{proposal_id:str}/withdraw")
async def withdraw(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Withdraw one's proposal."""
    at = await acting(request, chapter_id)
    form = await read_form(request)
    outcome = await outcome_of(deeds.withdraw(at.node.desk, at.person, proposal_id, form.key))
    back = f"{at.path}/p/{proposal_id}"
    return answered(request, outcome, back, _("Your proposal is withdrawn."))


@get("/c/{chapter_id:str}/p/{proposal_id:str}/erase")
async def ask_to_erase(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Say what erasing means, and show what would go."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        must_be_member(visit)
        matter = await open_matter(visit, on=request.query_params.get("of", ""))
    if (others := for_author(matter)) is not None:
        return others
    form = blank(OF, of=matter.subject.id if matter.subject else proposal_id)
    return matter.render(
        "deliberation/erase.html", cache=NO_STORE, form=form, subject=matter.subject
    )


@post("/c/{chapter_id:str}/p/{proposal_id:str}/erase")
async def erase(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Have one's own words erased."""
    at = await acting(request, chapter_id)
    form = await read_form(request, OF, APPEAL)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        if form.value("appeal"):
            words = await _said_in_appeal(visit, form.value("of"))
        else:
            words = await words_of(await open_matter(visit, on=form.value("of")))
    outcome = await outcome_of(
        deeds.erase(
            at.node.desk,
            at.person,
            proposal_id,
            form.value("of"),
            words,
            form.key,
        )
    )
    said = _("The words are erased. The record keeps that this happened, not what they said.")
    return answered(request, outcome, f"{at.path}/p/{proposal_id}", said)


async def _said_in_appeal(visit: MatterVisit, hiding_id: str) -> list[str]:
    line = await hiding(visit.db, visit.line.log, hiding_id)
    if line is None or line.plea is None or line.matter != visit.matter.line.id:
        raise NotFoundException
    return [line.plea.hash]


@get("/c/{chapter_id:str}/p/{proposal_id:str}/stand-by")
async def ask_for_name(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Say what standing by one's words with one's name ties together."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        must_be_member(visit)
        matter = await open_matter(visit)
        if matter.own_voice is None:
            raise NotFoundException
    if visit.own is not None and visit.own.named:
        said = _("Members see your name already beside what you said here.")
        return see_other(request, matter.path, said, "note")
    return _name_page(matter, blank(SURE))


@post("/c/{chapter_id:str}/p/{proposal_id:str}/stand-by", status_code=200)
async def stand_by(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Stand by one's words in a matter with one's name."""
    at = await acting(request, chapter_id)
    form = await read_form(request, SURE)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit)
    voice = matter.own_voice
    if voice is None:
        raise NotFoundException
    if not form.ok:
        return _name_page(matter, form)
    outcome = await outcome_of(
        chapter_deeds.give_name(at.node.desk, at.person, proposal_id, voice, form.key)
    )
    said = _("Members now see your name beside what you said here.")
    return answered(request, outcome, matter.path, said)


async def words_of(matter: Matter, *, hidden: bool = True) -> list[str]:
    """Return the hashes of all words of a matter's subject, or of the proposal itself.

    Erased ones are left out, and `hidden` ones unless they are asked for.
    """
    if matter.subject is not None:
        return [matter.subject.words.hash]
    view, visit = matter.view, matter.visit
    texts = [view.line.title, view.text, *view.labels, *_further(view.also)]
    for older in view.versions[:-1]:
        found = await version(visit.db, visit.line.log, view.line.id, older.number)
        if found is not None:
            texts += [found.title, found.text, *found.labels, *_further(found.also)]
    texts += [one.reason for one in view.versions if one.reason is not None]
    there = (one for one in texts if one.text is not None or (hidden and one.hidden_by is not None))
    return sorted({one.hash for one in there})


def _further(also: Sequence[Wording]) -> list[Text]:
    return [text for one in also for text in (one.title, one.text, *one.labels)]


def _revision_page(matter: Matter, form: Form) -> Page:
    status = 200 if form.ok else 422
    return matter.render(
        "deliberation/revise.html",
        status=status,
        cache=NO_STORE,
        form=form,
        further=wordings.shown_numbers(form),
    )


def _name_page(matter: Matter, form: Form) -> Page:
    status = 200 if form.ok else 422
    return matter.render("deliberation/stand_by.html", status=status, cache=NO_STORE, form=form)


HANDLERS: Final = [
    ask_revision, revise, ask_to_withdraw, withdraw, ask_to_erase, erase, ask_for_name, stand_by,
]  # fmt: skip
