"""In which language somebody writes: the field of forms that asks, and what it begins with."""

from typing import Any, Final

from litestar import Request, Response

from civic.kernel.web.forms import Field, Form, Kind
from civic.kernel.web.language import reader
from civic.kernel.web.languages import WRITES, keep
from civic.kernel.web.pages import pages_of
from civic.kernel.web.written import TAGS

LANG: Final = Field("lang", "the language you write in", Kind.CHOICE, required=False, choices=TAGS)
"""The field of a form that asks in which language its words are; `lang_of` reads it."""

Asked = Request[Any, Any, Any]


def usual(request: Asked) -> str:
    """Return the language in which a form begins: that written last here, else the reader's."""
    last = request.cookies.get(WRITES, "")
    return last if last in TAGS else reader().language


def lang_of(request: Asked, form: Form) -> str:
    """Return the language of the words in a form."""
    return form.value(LANG.name) or usual(request)


def remembering(request: Asked, answer: Response[bytes], lang: str) -> Response[bytes]:
    """Keep in the browser in which language somebody has written."""
    if lang != usual(request):
        answer.cookies.append(keep(WRITES, lang, secure=pages_of(request).site.secure))
    return answer
