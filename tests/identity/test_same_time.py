"""Nobody learns from the clock whether a name has an account."""

import gc
import re
import statistics
import time
from typing import Any

import httpx

from civic.kernel.database import writing
from identity import accounts, limits, names, signing_up
from identity.side import Private
from tests.identity.test_accounts import Person, person  # noqa: F401
from tests.identity.test_pages import KEY, Left, application

WORDS = "a kettle sings behind seven doors"
PAIRS = 150
MOST = 0.005
"""Seconds by which the medians may differ."""


async def _spent(side: Private, name: str) -> float:
    hashed = names.name_hash(side.keys.names, names.normalise(name))
    async with writing(side.engine) as unit:
        await limits.forget(unit, limits.SIGN_IN, hashed)
    begun = time.perf_counter()
    assert await accounts.sign_in(side, name, "not the passphrase", "000000") is None
    return time.perf_counter() - begun


async def test_known_and_unknown_names_take_the_same_time(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    """Measured in pairs, first one and then the other first, so that a busy machine slows both."""
    unknown = (await signing_up.offer(side)).name
    differences = []
    gc.collect()
    for turn in range(PAIRS):
        first, second = (person.name, unknown) if turn % 2 else (unknown, person.name)
        one, other = await _spent(side, first), await _spent(side, second)
        differences.append(one - other if turn % 2 else other - one)
    assert abs(statistics.median(differences)) < MOST


async def test_known_and_unknown_names_get_the_same_answer(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    """Page and JSON, byte for byte, but for the name that was typed and the form's own key."""
    unknown = (await signing_up.offer(side)).name
    transport = application(side, Left())
    answers: list[set[str]] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as browser:
        for path, form in (("/sign-in", "data"), ("/api/v1/sessions", "json")):
            bodies = set()
            for name in (person.name, unknown):
                fields = {"name": name, "passphrase": "wrong", "code": "000000"}
                sent: dict[str, Any] = {form: fields | ({"key": KEY} if form == "data" else {})}
                answer = await browser.post(path, **sent)
                own = {"date", "content-length"}
                headers = {k: v for k, v in answer.headers.items() if k not in own}
                body = re.sub("[0-9a-f]{32}", "", answer.text).replace(name, "NAME")
                bodies.add(f"{answer.status_code} {headers} {body}")
            answers.append(bodies)
    assert [len(bodies) for bodies in answers] == [1, 1]
