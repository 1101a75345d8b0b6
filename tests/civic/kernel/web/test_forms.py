import re

import httpx
import pytest

from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, blank

KEY = "k" * 32


async def test_each_form_carries_its_own_key(client: httpx.AsyncClient) -> None:
    keys = set()
    for _number in range(3):
        text = (await client.get("/form")).text
        keys.update(re.findall(r'<input type="hidden" name="key" value="([0-9a-f]{32})">', text))
    assert len(keys) == 3


@pytest.mark.parametrize("key", ["", "short", "<script>alert(1)</script>", "k" * 65])
async def test_a_form_without_its_key_is_a_bad_request(client: httpx.AsyncClient, key: str) -> None:
    assert (await client.post("/form", data={"title": "x", "key": key})).status_code == 400


async def test_errors_show_the_form_again_as_it_was(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/form",
        data={
            "key": KEY, "title": "", "body": "a<b", "pass": "secret words", "way": "b",
            "days": ["mo", "tu"], "agree": "yes",
        },
    )  # fmt: skip
    text = answer.text
    assert answer.status_code == 422
    assert "<title>Error: Form" in text
    assert f'name="key" value="{KEY}"' in text
    assert 'tabindex="-1" autofocus' in text
    assert '<a href="#f-title">Enter a title</a>' in text
    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="f-title-hint f-title-error"' in text
    assert '<p class="error" id="f-title-error">' in text
    assert "a&lt;b</textarea>" in text
    assert "What you propose needs at least 5 characters" in text
    assert "secret words" not in text
    assert 'value="b" checked' in text
    assert text.count("checked") == 4


async def test_values_are_normalised(client: httpx.AsyncClient) -> None:
    answer = await client.post("/form", data={"key": KEY, "title": "  Cafe\u0301   and  tea "})
    assert answer.status_code == 303
    assert "Kept &lt;Caf\u00e9 and tea&gt;" in (await client.get("/page")).text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "x" * 21, "A title is 1 character too long; it may have 20"),
        ("title", "x" * 25, "A title is 5 characters too long; it may have 20"),
        ("title", "a\x07b", "A title contains invisible characters"),
        ("seats", "many", "Enter the number of seats as a whole number from 1 to 9"),
        ("seats", "10", "Enter the number of seats as a whole number from 1 to 9"),
        ("seats", "１", "Enter the number of seats as a whole number from 1 to 9"),
        ("way", "c", "Choose how to vote"),
        ("days", "su", "Choose days"),
        ("days", ["mo", "tu", "we"], "Choose days: 1 to 2 of them"),
    ],
)
async def test_what_is_wrong_is_said(
    client: httpx.AsyncClient, field: str, value: str | list[str], message: str
) -> None:
    answer = await client.post("/form", data={"key": KEY, "title": "fine", field: value})
    assert answer.status_code == 422
    assert message in answer.text


async def test_a_refusal_is_shown_on_the_form(client: httpx.AsyncClient) -> None:
    answer = await client.post("/form", data={"key": KEY, "title": "refuse me"})
    assert answer.status_code == 422
    assert "This was not accepted" in answer.text
    assert 'value="refuse me"' in answer.text


def test_a_form_knows_what_was_typed() -> None:
    form = blank(Field("title", "a title", most=10), title="T", days=("mo", "tu"))
    assert form.ok
    assert form.value("title") == "T"
    assert form.values("days") == ("mo", "tu")
    assert form.number("nothing") is None
    assert not form.ticked("nothing")
    assert form.most("title") == 10
    refused = form.refused(Refusal("web.not_found", {}))
    assert not refused.ok
    assert refused.error("").startswith("There is no such page.")
