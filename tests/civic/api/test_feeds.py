"""Programs make secret addresses of feeds and register webhooks, once a key."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from civic.kernel.clock import SetClock
from tests.civic.api.conftest import Api, serve
from tests.lives import START

URL = {"url": "https://news.vilnius.example/civic"}


@pytest.fixture
async def calling(database_url: str, data: Path) -> AsyncIterator[Api]:
    """A node whose operator allows webhooks."""
    async with serve(database_url, data, SetClock(START), webhooks="on") as api:
        yield api


async def test_a_member_makes_an_address_once_a_key_and_ends_it(api: Api) -> None:
    await api.found()
    one, other = api.people[3], api.people[4]
    made = await one.post(f"{api.path}/feeds", {}, key="k" * 20)
    assert made == await one.post(f"{api.path}/feeds", {}, key="k" * 20)
    assert made["feed"].rpartition("/")[0] == made["calendar"].rpartition("/")[0]
    [listed] = await one.get(f"{api.path}/feeds")
    assert set(listed) == {"id", "until"}
    assert await other.get(f"{api.path}/feeds") == []
    await other.send("DELETE", f"{api.path}/feeds/{listed['id']}", status=404)
    await one.send("DELETE", f"{api.path}/feeds/{listed['id']}", status=204)
    assert await one.get(f"{api.path}/feeds") == []
    for number in range(5):
        await one.post(f"{api.path}/feeds", {}, key=f"{number}" * 20)
    refused = await one.post(f"{api.path}/feeds", {}, key="z" * 20, status=409)
    assert refused["type"].endswith("request.too_many_feeds")


async def test_a_lead_registers_a_webhook_once_a_key(calling: Api) -> None:
    api = calling
    await api.found()
    lead = api.people[0]
    made = await lead.post(f"{api.path}/webhooks", URL, key="k" * 20)
    assert made == await lead.post(f"{api.path}/webhooks", URL, key="k" * 20)
    assert made["secret"].startswith("whsec_")
    [listed] = await lead.get(f"{api.path}/webhooks")
    assert listed == {"id": made["id"], **URL, "every": False, "failures": 0, "ended": None,
                      "ended_on": None}  # fmt: skip
    bad = {"url": "https://10.0.0.1/"}
    refused = await lead.post(f"{api.path}/webhooks", bad, status=422)
    assert refused["type"].endswith("request.webhook_address")
    await api.people[3].post(f"{api.path}/webhooks", URL, status=404)
    at = f"{api.path}/webhooks/{made['id']}"
    # It did not end, so there is nothing to try again.
    await lead.send("POST", f"{at}/resume", status=404)
    await lead.send("DELETE", at, status=204)
    await lead.send("DELETE", at, status=404)


async def test_a_node_that_allows_none_says_so(api: Api) -> None:
    await api.found()
    refused = await api.people[0].post(f"{api.path}/webhooks", URL, status=409)
    assert refused["type"].endswith("request.no_webhooks")
