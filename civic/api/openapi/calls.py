"""The calls of the API as the document knows them: where, by what, and what is told of them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from civic.api.openapi.rooms import ROOMS
from civic.api.openapi.told import Room, Told

ROOT: Final = "/api/v1"
_METHODS: Final = ("GET", "POST", "DELETE")


class Call(NamedTuple):
    """One call: a method of a path, its handler, and what is told of it."""

    method: str
    path: str
    handler: HTTPRouteHandler
    room: Room
    told: Told
    numbers: frozenset[str]
    """Names in the path that stand for whole numbers."""

    @property
    def name(self) -> str:
        """The name of the call, the same in every version of the document."""
        function = self.handler.fn.__name__
        return f"{self.handler.fn.__module__.rpartition('.')[2]}.{function}".replace("api.", "")


def calls_of(routes: Sequence[Any]) -> Iterator[Call]:
    """Yield the calls among the routes of an application.

    Raises LookupError for a call that is in no room.
    """
    told = {handler.fn: (room, one) for room in ROOMS for handler, one in room.calls.items()}
    for route in routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith(ROOT + "/"):
            continue
        for handler in route.route_handlers:
            for method in _METHODS:
                if method in handler.http_methods and not handler.opt.get("undocumented"):
                    if handler.fn not in told:
                        raise LookupError(f"{method} {route.path} is in no room")
                    path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path.removeprefix(ROOT))
                    numbers = frozenset(re.findall(r"\{(\w+):int\}", route.path))
                    yield Call(method, path, handler, *told[handler.fn], numbers)


def asked(call: Call) -> Any:
    """Return the type of the body that a call takes, None for none."""
    if call.told.asks is not None:
        return call.told.asks
    return call.handler.fn.__annotations__.get("data")


def status_of(call: Call) -> int:
    """Return with which status a call is answered when all is well."""
    if call.told.status:
        return call.told.status
    return 201 if call.method == "POST" else 200
