"""What developers read: the document, and pages about it that need no script."""

import gzip
import re

from civic.api.openapi.rooms import ROOMS
from tests.town import Town


async def test_the_document_and_its_pages_are_the_same_for_everybody(vilnius: Town) -> None:
    http = vilnius.stranger().client
    answer = await http.get("/api/v1/openapi.json")
    whole = answer.json()
    assert (whole["openapi"], answer.headers["cache-control"]) == ("3.1.0", "public, no-cache")
    known = {"if-none-match": answer.headers["etag"]}
    assert (await http.get("/api/v1/openapi.json", headers=known)).status_code == 304
    overview = (await http.get("/developers")).text
    for room in ROOMS:
        assert f'href="/developers/{room.name}"' in overview
        page = await http.get(f"/developers/{room.name}")
        assert page.status_code == 200
        assert page.headers["cache-control"] == "public, no-cache"
        told = 0
        for path, operations in whole["paths"].items():
            for method, operation in operations.items():
                if operation["tags"] == [room.name]:
                    told += 1
                    assert f'id="{operation["operationId"]}"' in page.text
                    assert f"{method.upper()} {path}</code>" in page.text
        assert told == len(room.calls)
        assert "style=" not in page.text
        assert len(gzip.compress(page.content)) < 15_000
        # Nothing is fetched from elsewhere.
        fetched = re.findall(r'(?:src|<link[^>]* href)="([^"]*)"', page.text)
        assert fetched
        assert all(one.startswith("/static/") for one in fetched)
    assert (await http.get("/developers/nothing")).status_code == 404


async def test_every_problem_type_leads_to_a_page(vilnius: Town) -> None:
    http = vilnius.stranger().client
    whole = (await http.get("/api/v1/openapi.json")).json()
    for code, example in whole["components"]["examples"].items():
        page = await http.get(example["value"]["type"])
        assert page.status_code == 200
        assert f'id="{code}"' in page.text
