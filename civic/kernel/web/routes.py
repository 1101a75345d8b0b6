"""The routes that the web itself answers: static files, problem types, design page, languages."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.kernel.web.assets import serve_asset
from civic.kernel.web.design import design, design_in
from civic.kernel.web.languages import choose, chosen
from civic.kernel.web.pages import PUBLIC, render
from civic.kernel.web.problem import known_codes, text_of


@get("/problems", include_in_schema=False, sync_to_thread=False)
def problems(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List every problem type with its words."""
    return _page(request, known_codes())


@get("/problems/{code:str}", include_in_schema=False, sync_to_thread=False)
def problem_type(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[bytes]:
    """Explain one problem type: the page to which `type` in problem+json points."""
    if code not in known_codes():
        raise NotFoundException
    return _page(request, (code,))


def _page(request: Request[Any, Any, Any], codes: Sequence[str]) -> Response[bytes]:
    """Answer with problems in groups, by what stands before the dot of their codes."""
    groups = [
        (name, [(code, text_of(code, {})) for code in of_one])
        for name, of_one in groupby(codes, key=lambda code: code.partition(".")[0])
    ]
    return render(request, "problems.html", cache=PUBLIC, groups=groups, all=len(codes) > 1)


web_router = Router(
    "/",
    route_handlers=[serve_asset, problems, problem_type, design, design_in, choose, chosen],
)
