"""The problems that calls can be answered with, by status, as the document tells them."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from litestar.exceptions import HTTPException, ValidationException

from civic.api.answers import STATUS
from civic.api.openapi.reached import every_act, reached
from civic.api.openapi.schemas import SCHEMAS
from civic.kernel.record.course import RulesUnknown
from civic.kernel.web.problem import Problem, form_of
from civic.kernel.web.problem_texts import CODE_OF_STATUS

_WEB_STATUS: Final = {
    **{code: status for status, code in CODE_OF_STATUS.items()},
    "identity.sign_in_failed": 401,
    "request.key_needed": 400,
    "request.scope_needed": 403,
    "request.step_up_needed": 401,
    "request.turn_needed": 429,
}
_SENT: Final = ("web.bad_request", "web.too_large", "web.unsupported_media", "web.invalid")
"""What can be wrong with any body."""
_REFUSED: Final = {
    400: "The key of the act is missing, or this is no JSON.",
    401: "Nobody is signed in, or a factor has to be proved again.",
    403: "The caller, or their token, may not do this.",
    404: "There is no such thing, or nothing of it is published yet.",
    406: "The caller takes no JSON.",
    409: "The rules do not accept it as things stand.",
    413: "More was sent than the node takes.",
    415: "What was sent says that it is no JSON.",
    422: "Values are missing or malformed, or a signature does not verify.",
    429: "Tried too often.",
    503: "The node is busy, or its clock is wrong.",
}


@cache
def problems_of(handler: Any, acts: bool, has_body: bool, method: str) -> dict[int, list[str]]:
    """Return the codes of the problems that a handler can be answered with, by status."""
    found = every_act() if acts else reached(handler.fn)
    codes = set(found)
    if acts:
        codes |= reached(handler.fn)
    for raised in found.raises | reached(handler.fn).raises:
        if raised is RulesUnknown:
            codes.add("request.rules_unknown")
        elif issubclass(raised, ValidationException):
            codes.add("web.invalid")
        elif issubclass(raised, HTTPException) and raised.status_code in CODE_OF_STATUS:
            codes.add(CODE_OF_STATUS[raised.status_code])
    codes -= {"web.failed", "web.bad_request", "web.method_not_allowed", "web.too_large"}
    codes.add("web.not_acceptable")
    if has_body:
        codes |= set(_SENT)
    if method != "GET":
        codes.add("web.cross_site")
    by_status: dict[int, list[str]] = {}
    for code in sorted(codes):
        by_status.setdefault(status_of_code(code), []).append(code)
    return by_status


def status_of_code(code: str) -> int:
    """Return the status with which a problem is answered."""
    if code == "web.cross_site":
        return 403
    return _WEB_STATUS.get(code) or STATUS.get(code, 409)


def refused(status: int, codes: Sequence[str], header: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of a status that is one of some problems, with a header for it."""
    response: dict[str, Any] = {
        "description": _REFUSED[status],
        "content": {
            "application/problem+json": {
                "schema": {
                    "allOf": [
                        {"$ref": SCHEMAS + "Problem"},
                        {"properties": {"type": {"enum": [f"/problems/{one}" for one in codes]}}},
                    ]
                },
                "examples": {one: {"$ref": f"#/components/examples/{one}"} for one in codes},
            }
        },
    }
    if header:
        response["headers"] = header
    return response


def problem_example(code: str) -> dict[str, Any]:
    """Return a problem as it is answered."""
    form = form_of(Problem(code, status_of_code(code)))
    return {"summary": form["title"], "value": form}
