"""Who asks in the matrix of permissions, and what each request comes to."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from litestar import Litestar

from tests.statements import queries
from tests.town import Town, Visitor

ROLES: Final = {
    "out": "nobody is signed in",
    "new": "signed in, in no chapter",
    "nbr": "member of another chapter of the node",
    "app": "has applied",
    "sus": "suspended member",
    "m0": "member, level 0",
    "m1": "member, level 1",
    "m2": "member, level 2",
    "fac": "facilitator",
    "ver": "verifier",
    "led": "lead",
    "old": "lead, whose last proof of a factor is older than five minutes",
    "t:r": "token of the lead, for reading",
    "t:d": "token of the lead, for deliberating",
    "t:v": "token of the lead, for voting",
    "t:o": "token of the lead, for offices",
    "t:a": "token of the lead, for looking after memberships",
    "op": "the operator, in a session of their page",
}
"""The columns of tests/civic/permissions.txt."""


@dataclass(frozen=True)
class Cost:
    """What an answer to a GET request cost."""

    status: int
    kind: str
    """Its media type."""
    size: int
    """Its bytes, as they were sent."""
    statements: tuple[str, ...]


@dataclass
class Stage:
    """The chapter, who is who in it, and what paths name."""

    town: Town
    litestar: Litestar
    path: str
    people: dict[str, Visitor]
    ids: dict[str, str]
    """Member ids by role, and of `kim`, who was vouched for and seen by two verifiers."""
    headers: dict[str, dict[str, str]]
    values: dict[str, str] = field(default_factory=dict)
    papers: list[str] = field(default_factory=list)
    """Hashes of the restricted papers."""
    entries: list[Any] = field(default_factory=list)
    written: bool = False
    shown: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    costs: dict[tuple[str, str], Cost] = field(default_factory=dict)

    async def ask(
        self, role: str, method: str, path: str, **more: Any
    ) -> tuple[str, httpx.Response]:
        """Ask for something as somebody; return the cell of the table, and the answer."""
        self.written = False
        client = self.people["out"].client
        headers = {**self.headers[role], "accept": "text/html"}
        if path.startswith("/api/"):
            headers |= {"idempotency-key": "a" * 32, "accept": "application/json"}
        answer = await client.request(method, path, headers=headers, **more)
        client.cookies.clear()
        return self._cell(answer), answer

    async def look(self, role: str, route: str) -> tuple[str, str]:
        """Return what a GET route shows to somebody: it is asked for once, nothing changes."""
        if (role, route) not in self.shown:
            with queries() as seen:
                cell, answer = await self.ask(role, "GET", fill(self, route))
            kind = answer.headers.get("content-type", "").partition(";")[0]
            size = int(answer.headers.get("content-length", len(answer.content)))
            self.shown[role, route] = (cell, answer.text)
            self.costs[role, route] = Cost(answer.status_code, kind, size, tuple(seen))
        return self.shown[role, route]

    async def cost(self, role: str, route: str) -> Cost:
        """Return what it costs to show a GET route to somebody, on the stage as it is."""
        await self.look(role, route)
        return self.costs[role, route]

    def _cell(self, answer: httpx.Response) -> str:
        if self.written:
            return "w"
        match answer.status_code:
            case 401:
                if answer.headers["content-type"].startswith("text/html"):
                    return "s" if "www-authenticate" in answer.headers else "u"
                return "u" if "request.step_up_needed" in answer.text else "s"
            case 303 if answer.headers["location"].startswith("/sign-in"):
                return "s"
            case 403:
                return "x"
            case 404 | 405 | 410:
                return "-"
            case status:
                return "+" if status < 500 else "!"


def fill(stage: Stage, path: str) -> str:
    """Put what exists in the chapter into a route's path."""
    path = re.sub(r"\{(?:rest|file):path\}", lambda m: stage.values[m[0].strip("{}")], path)
    # Which value fits depends on what stands before it.
    for name, value in stage.values.items():
        if "{" in name:
            path = path.replace(name, value)
    return re.sub(r"\{(\w+):\w+\}", lambda match: stage.values[match[1]], path)
