"""Requests of the command line client to a node."""

from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec

from civic.client.checking import NotProven, chapter_log
from civic.kernel.record import note, proof, tiles

TIMEOUT = 30.0
"""Seconds to wait for an answer."""


class NodeError(Exception):
    """A node did not do what was asked; the text says why, in the node's own words if it has."""


class Chapter(NamedTuple):
    """A chapter as its own first entry describes it."""

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
        """Return a chapter whose record lies in a log here, proven by its first entry."""
        key, rules = chapter_log(chapter_id, self._first_entry(log_id))
        known = note.log_id(key.public_key)
        if known != log_id:
            raise NotProven("The node names another log than the chapter's first entry.")
        return Chapter(chapter_id, key, known, rules)

    def _first_entry(self, log_id: str) -> bytes:
        """Return entry 0: from the public proof, or as a member before it is published."""
        try:
            extra = proof.parse_proof(self.get(f"/log/{log_id}/open/0{proof.FILE_SUFFIX}")).extra
        except NodeError:
            bundle = self.get(f"/log/{log_id}/{tiles.tile_path(tiles.ENTRIES, 0, 1)}")
            return tiles.decode_bundle(bundle, 1)[0]
        except proof.ProofError as error:
            raise NotProven(f"The node's proof of the first entry is malformed: {error}") from error
        if extra is None:
            raise NotProven("The node's proof lacks the first entry.")
        return extra

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise NodeError(f"The node does not answer: {error}") from error
        if answer.status_code >= 300:
            raise NodeError(_words(answer))
        return answer


def _words(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return f"{problem['title']}. {problem['detail']} ({problem['type']})"
    except (ValueError, KeyError, TypeError):
        return f"The node answered {answer.status_code}."


def read_token(path: Path) -> str:
    """Return the session token that a file holds."""
    try:
        return path.read_text().strip()
    except OSError as error:
        raise NodeError(f"{path} cannot be read: {error.strerror}.") from error
