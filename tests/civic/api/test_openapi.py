"""The OpenAPI document: every call is in it, with examples that are what they say."""

from typing import Any

from jsonschema import Draft202012Validator

import identity.api
from civic.api import router
from civic.api.answers import Promised, Recorded
from civic.api.openapi.calls import calls_of
from civic.api.openapi.problems import status_of_code
from civic.api.openapi.rooms import ROOMS
from civic.deeds.attesting import Given
from civic.kernel.web.problem import known_codes
from tests.civic.api.conforming import whole

ROUTES = [*router().routes, *identity.api.router().routes]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, listed in whole()["paths"].items()
        for method, operation in listed.items()
    ]


def test_every_call_is_in_one_room_and_in_the_document() -> None:
    calls = list(calls_of(ROUTES))
    told = [handler for room in ROOMS for handler in room.calls]
    assert len(told) == len(set(told)) == len(calls)
    assert {(one.method, one.path) for one in calls} == {one[:2] for one in operations()}
    names = [one[2]["operationId"] for one in operations()]
    assert len(set(names)) == len(names)


def test_every_example_is_what_it_is_an_example_of() -> None:
    examples = 0
    for method, path, operation in operations():
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [one.get("content", {}) for one in operation["responses"].values()]
        for content in contents:
            for body in content.values():
                listed = body.get("examples", {}).keys()
                values = [whole()["components"]["examples"][one]["value"] for one in listed]
                values += [body["example"]] if "example" in body else []
                assert values, (method, path)
                for value in values:
                    examples += 1
                    _validate(value, body["schema"])
        for parameter in operation["parameters"]:
            _validate(parameter["example"], parameter["schema"])
        if operation.get("requestBody") is None:
            assert method != "POST" or "data" not in operation, path
    assert examples > 1000


def _validate(value: Any, schema: dict[str, Any]) -> None:
    schema = {**schema, "components": whole()["components"]}
    Draft202012Validator.check_schema(schema)
    errors = [one.message for one in Draft202012Validator(schema).iter_errors(value)]
    assert errors == [], (value, errors)


def test_every_call_tells_what_it_does_and_what_can_go_wrong() -> None:
    for method, path, operation in operations():
        assert operation["summary"]
        assert operation["description"]
        responses = operation["responses"]
        assert any(status < "300" for status in responses), path
        assert "500" not in responses
        assert "default" not in responses
        if method == "GET":
            assert "304" in responses
        for status, response in responses.items():
            for content in response.get("content", {}).values():
                for code in content.get("examples", {}):
                    assert code in known_codes(), code
                    assert status_of_code(code) == int(status)


def test_acts_say_what_the_rules_may_answer() -> None:
    """Read from the code, so a sample says whether the reading still works."""
    by_name = {one["operationId"]: one["responses"] for _method, _path, one in operations()}

    def codes(name: str, status: str) -> set[str]:
        return set(by_name[name][status]["content"]["application/problem+json"]["examples"])

    assert {"deliberation.supported_twice", "chapters.dissolved", "papers.tied_twice"} <= codes(
        "proposals.support", "409"
    )
    assert {"papers.voucher", "chapters.not_a_member", "request.scope_needed"} <= codes(
        "levels.vouch", "403"
    )
    assert codes("levels.vouch", "429") == {"web.too_often"}
    assert {"request.step_up_needed", "web.sign_in_needed"} == codes("chapters.admit", "401")
    assert codes("reading.myself", "401") == {"web.sign_in_needed"}
    assert "401" not in by_name["reading.about_node"]
    assert {"voting.closed", "deliberation.wrong_phase"} <= codes("ballots.vote", "409")
    assert {"deliberation.supported_twice", "chapters.four_eyes"} <= codes("keyed.hand_in", "409")


def test_every_key_that_is_needed_is_told() -> None:
    keyed = {
        one["operationId"]
        for _method, _path, one in operations()
        if any(p["name"] == "Idempotency-Key" and p["required"] for p in one["parameters"])
    }
    assert {"founding.join", "proposals.support", "proposals.withdraw_support"} <= keyed
    assert not keyed & {"founding.invite", "reading.about_node", "keyed.hand_in", "claims.claim"}


def test_whatever_is_recorded_happens_once_under_a_key() -> None:
    """Acts signed by their authors carry their key in their body, claims are about one member."""
    calls = {one.name: one for one in calls_of(ROUTES)}
    by_name = {one["operationId"]: one for _method, _path, one in operations()}
    for name, call in calls.items():
        if call.told.answers in (Recorded, Promised, Given) and call.room.name != "signed":
            parameters = by_name[name]["parameters"]
            assert any(one["name"] == "Idempotency-Key" for one in parameters), name
    assert sum(call.told.answers in (Recorded, Promised, Given) for call in calls.values()) > 40
