"""Holds what the API answers against its document: nothing is answered that it does not name."""

import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

import identity.api
from civic.api import router
from civic.api.openapi.calls import ROOT
from civic.api.openapi.document import document


@cache
def whole() -> dict[str, Any]:
    """Return the document of the API."""
    return document([*router().routes, *identity.api.router().routes], "http://localhost:8000")


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    # What is written out goes before what any name fits.
    ordered = sorted(whole()["paths"], key=lambda path: re.sub(r"\{\w+\}", "~", path))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in ordered]


@cache
def _validator(path: str, method: str, status: str, media: str) -> Draft202012Validator | None:
    response = whole()["paths"][path][method]["responses"].get(status)
    assert response is not None, f"{method} {path} answers {status}"
    content = response.get("content")
    if content is None:
        return None
    assert media in content, f"{method} {path} answers {status} as {media}"
    return Draft202012Validator({**content[media]["schema"], "components": whole()["components"]})


def conforms(answer: httpx.Response) -> None:
    """Fail unless an answer is one that the document names for its call."""
    request = answer.request
    asked = request.url.path.removeprefix(ROOT)
    path = next((path for pattern, path in _paths() if pattern.fullmatch(asked)), None)
    if path is None or request.method.lower() not in whole()["paths"][path]:
        assert answer.status_code in (404, 405), asked
        return
    media = answer.headers.get("content-type", "").partition(";")[0]
    validator = _validator(path, request.method.lower(), str(answer.status_code), media)
    if validator is None:
        assert answer.content == b""
        return
    errors = [
        f"{one.json_path}: {one.message[:200]}" for one in validator.iter_errors(answer.json())
    ]
    assert errors == [], (request.method, path, answer.status_code, errors)
