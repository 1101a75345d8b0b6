"""Requests of the command line client to a node."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import msgspec

from civic.client.checking import NotProven, chapter_log
from civic.kernel.record import note, tiles

TIMEOUT = 30.0
"""Seconds to wait for an answer."""


class NodeError(Exception):
    """A node did not do what was asked; the text says why, in the node's own words if it has.

    `problem` is what the node answered, where it is a problem (docs/api.md).
    """

    def __init__(self, words: str, problem: Mapping[str, Any] = MappingProxyType({})) -> None:
        super().__init__(words)
        self.problem = problem


class Chapter(NamedTuple):
    """A chapter as its own first entry describes it; `rules` is the version in force."""

    id: str
    key: note.VerifierKey
    log_id: str
    rules: int


class NodeClient:
    """A node, and the session of who asks."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
        )

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def get(self, path: str) -> bytes:
        """Return what lies at a path."""
        return self._send("GET", path).content

    def get_json(self, path: str) -> Any:
        """Return the JSON at a path below the API's root."""
        return msgspec.json.decode(self.get(f"/api/v1{path}"))

    def post(self, path: str, body: Any, key: str) -> Any:
        """Post to a path below the API's root and return the answer's JSON."""
        headers = {"idempotency-key": key, "content-type": "application/json"}
        content = msgspec.json.encode(body)
        return self._send("POST", f"/api/v1{path}", content=content, headers=headers).json()

    def chapter(self, chapter_id: str, log_id: str) -> Chapter:
        """Return a chapter whose record lies in a log here, as its member."""
        bundle = self.get(f"/log/{log_id}/{tiles.tile_path(tiles.ENTRIES, 0, 1)}")
        try:
            return chapter_of(chapter_id, tiles.decode_bundle(bundle, 1)[0])
        except tiles.TileError as error:
            raise NotProven(f"The node's first entry is malformed: {error}") from error

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise NodeError(f"The node does not answer: {error}") from error
        if answer.status_code >= 300:
            raise NodeError(_words(answer), _problem(answer))
        return answer


def chapter_of(chapter_id: str, entry_0: bytes) -> Chapter:
    """Return a chapter as its first entry proves it."""
    key, rules = chapter_log(chapter_id, entry_0)
    return Chapter(chapter_id, key, note.log_id(key.public_key), rules)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _words(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        wrong = "".join(f" {e['field']}: {e['message']}." for e in problem.get("errors", ()))
        return f"{problem['title']}. {problem['detail']}{wrong} ({problem['type']})"
    except (ValueError, KeyError, TypeError):
        return f"The node answered {answer.status_code}."


def read_token(path: Path) -> str:
    """Return the session token that a file holds."""
    try:
        return path.read_text().strip()
    except OSError as error:
        raise NodeError(f"{path} cannot be read: {error.strerror}.") from error
