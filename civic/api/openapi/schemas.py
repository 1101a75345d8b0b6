"""The schemas of what calls take and give, from the types that are decoded and encoded."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from civic.api.openapi.calls import Call, asked

SCHEMAS: Final = "#/components/schemas/"
"""Where the document keeps the schemas that others refer to."""


class Schemas:
    """The schemas of all types that calls take and give, by type."""

    def __init__(self, calls: Sequence[Call]) -> None:
        types: list[Any] = [Problemlike]
        for call in calls:
            for kind in (asked(call), call.told.answers, *call.told.also.values()):
                if kind is not None and kind not in types:
                    types.append(kind)
        found, components = msgspec.json.schema_components(types, ref_template=SCHEMAS + "{name}")
        self._types = list(zip(types, map(_tidied, found), strict=True))
        self.components = {
            name.replace("Problemlike", "Problem"): _tidied(one) for name, one in components.items()
        }

    def of(self, kind: Any) -> Any:
        """Return the schema of a type."""
        return next(schema for one, schema in self._types if one == kind)


class Problemlike(msgspec.Struct, frozen=True):
    """Why something is not answered as asked (RFC 9457).

    `type` never changes its meaning and leads to a page about it; `params` are the values in it,
    `errors` name fields.
    """

    type: str
    title: str
    status: int
    detail: str
    params: dict[str, str | int] = {}
    errors: list[dict[str, str]] = []


def _tidied(schema: Any) -> Any:
    """Return a schema in the words of JSON Schema's regular expressions, as it is answered."""
    if isinstance(schema, list):
        return [_tidied(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {name: _tidied(value) for name, value in schema.items()}
    if isinstance(tidy.get("pattern"), str):
        tidy["pattern"] = re.sub(r"\\A", "^", re.sub(r"\\Z", "$", tidy["pattern"]))
    if isinstance(tidy.get("description"), str):
        tidy["description"] = re.sub(r"\n +", "\n", tidy["description"])
    properties = tidy.get("properties")
    if isinstance(properties, dict) and properties.get("log") == {"type": "integer"}:
        del properties["log"]
        tidy["required"] = [one for one in tidy["required"] if one != "log"]
    return tidy
