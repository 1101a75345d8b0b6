"""Finding proposals by their words: like one that is being written, or by a search.

Both take words in the body of a request: addresses end up in logs.
"""

from typing import Annotated, Final

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from civic.api.answers import answer
from civic.api.caller import AnyRequest
from civic.api.reading import shown
from civic.api.words import Language, Title, plain
from civic.pages.finding import must_see_all
from civic.pages.visit import must_be_member, visiting
from deliberation.queries import search, similar
from identity.scopes import Scope, needs

_AT: Final = "/chapters/{chapter_id:str}/proposals"


class Planned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The title of a proposal that is being written, and its language."""

    title: Title
    lang: Language = "en"


class Sought(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that all have to stand in a proposal, and the language they are in."""

    words: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    lang: Language = "en"


@post(_AT + "/similar", opt=needs(Scope.READ), status_code=200)
async def similar_proposals(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Planned]
) -> ASGIResponse:
    """List up to five open proposals that are like one with this title, the most alike first."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        found = await similar(visit.db, visit.line.log, plain(data.title), data.lang)
    return answer(shown(found))


@post(_AT + "/search", opt=needs(Scope.READ), status_code=200)
async def found_proposals(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Sought]
) -> ASGIResponse:
    """List up to thirty proposals in which all of these words stand, open ones first.

    For who sees the chapter as it is. Words are found in other forms too; erased ones are not.
    """
    async with visiting(request, chapter_id) as visit:
        must_see_all(visit)
        found = await search(visit.db, visit.line.log, plain(data.words), data.lang)
    return answer(shown(found))


HANDLERS: Final = (similar_proposals, found_proposals)
