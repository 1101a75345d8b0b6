"""Looking for proposals by their words: for members, who read the chapter as it is.

What is sought travels in the body of a request, where no log of a proxy keeps it.
"""

from typing import Final

from litestar import post
from litestar.params import FromPath

from civic.kernel.web.forms import Field, read_form
from civic.kernel.web.language import _, reader
from civic.kernel.web.pages import Link
from civic.pages.chapter import row_of
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    chapter_page,
    must_be_member,
    visiting,
)
from deliberation.queries import search

WORDS: Final = Field("words", "words to look for", most=200)


@post("/c/{chapter_id:str}/proposals/search", status_code=200)
async def find(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show the proposals in which all of some words stand."""
    async with visiting(request, chapter_id) as visit:
        must_see_all(visit)
        form = await read_form(request, WORDS)
        words = form.value("words")
        found = await search(visit.db, visit.line.log, words, reader().language) if form.ok else []
    return chapter_page(
        visit,
        "deliberation/found.html",
        "proposals",
        status=200 if form.ok else 422,
        form=form,
        words=words,
        crumbs=(
            Link(visit.line.name.text or "", visit.path),
            Link(_("Proposals"), f"{visit.path}/proposals"),
            Link(_("Search"), ""),
        ),
        rows=[row_of(line, visit.now) for line in found],
    )


def must_see_all(visit: ChapterVisit) -> None:
    """Let only those go on who see all of the chapter as it is; raises like `must_be_member`.

    What others see moves once a tick: a search over what stands there now would tell of a tick
    while it lasts.
    """
    if not (visit.live and visit.reads_all):
        must_be_member(visit)


HANDLERS: Final = [find]
