import gzip
import hashlib
from importlib.resources import files

import httpx
import pytest

from civic.kernel.web.assets import asset_url


async def test_served_under_the_hash_of_its_content(client: httpx.AsyncClient) -> None:
    url = asset_url("civic.css")
    answer = await client.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashlib.sha256(answer.content).hexdigest()[:16] in url


async def test_packed_for_those_who_accept_it(client: httpx.AsyncClient) -> None:
    url = asset_url("civic.css")
    async with client.stream("GET", url, headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
    plain = await client.get(url, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert plain.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("name", ["civic.css", "civic.0000.css", "..%2fpages.py", "__init__.py"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/{name}")).status_code == 404


def test_the_style_sheet_is_small() -> None:
    css = files("civic.kernel.web").joinpath("static/civic.css").read_bytes()
    assert len(gzip.compress(css)) < 10_000


async def test_scripts_lie_beside_what_they_import(client: httpx.AsyncClient) -> None:
    url = asset_url("js/noble/curves/ed25519.js")
    answer = await client.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    beside = await client.get(url.replace("ed25519.js", "abstract/edwards.js"))
    assert beside.status_code == 200
    assert (await client.get(url.replace("ed25519.js", "LICENSE"))).status_code == 404
