"""Joining that breaks off between the record and the account: nobody may lose their place."""

from typing import Any

import pytest

from civic import beginnings
from tests.civic.api.conftest import Api


async def test_who_comes_again_finds_the_place_that_was_recorded(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.found()
    person = await api.person()
    invited = await api.people[0].post(f"{api.path}/invitations", key=None)
    body = {"invitation": invited["secret"]}

    async def failing(*args: Any) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(beginnings, "_keep", failing)
        await person.post(f"{api.path}/members", body, status=500)
    # Whatever is asked for next finds the membership; so does the same wish under another key.
    found = (await person.get(f"{api.path}/members/me"))["member"]
    joined = await person.post(f"{api.path}/members", body)
    assert joined["repeated"]
    assert joined["id"] == found
    # The invitation is still used up for others, and for who left.
    await (await api.person()).post(f"{api.path}/members", body, status=409)
    await person.send("DELETE", f"{api.path}/members/me", status=200)
    await person.post(f"{api.path}/members", body, status=409)
    again = await api.people[0].post(f"{api.path}/invitations", key=None)
    await person.post(f"{api.path}/members", {"invitation": again["secret"]})
