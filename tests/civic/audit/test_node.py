"""Auditing a node over HTTP: tiles, content, retries, tokens."""

from collections import Counter
from collections.abc import Callable, Mapping

import httpx
import pytest

from chapters import entries as c
from civic.audit.node import TRIES, NodeSource
from civic.audit.report import Report
from civic.audit.run import audit_record
from civic.audit.tokens import Token
from civic.kernel.record.bundle import BundleError
from tests.dishonest.case import village
from tests.factories.life import life
from tests.factories.records import seal

CHAPTER = life().audit().chapter
LOG = life().log_id
HOST = "https://node.example"


class Node:
    """A node that serves files of one log, and may stumble."""

    def __init__(self, files: Mapping[str, bytes], chapter: str = CHAPTER) -> None:
        self.files = dict(files)
        self.chapter = chapter
        self.asked: Counter[str] = Counter()
        self.token: str | None = None
        self.stumble: Callable[[str, int], httpx.Response | None] = lambda path, count: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked[path] += 1
        stumbled = self.stumble(path, self.asked[path])
        if stumbled is not None:
            return stumbled
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return httpx.Response(401)
        if path == f"/c/{self.chapter}/log":
            return httpx.Response(200, json={"log_id": LOG, "size": 1})
        name = path.removeprefix(f"/log/{LOG}/")
        raw = self.files.get(name if name.startswith("content/") else f"log/{name}")
        return httpx.Response(404) if raw is None else httpx.Response(200, content=raw)

    def audit(self, address: str = f"{HOST}/c/{CHAPTER}", token: str | None = None) -> Report:
        pauses: list[float] = []
        transport = httpx.MockTransport(self)
        own = None if token is None else Token(token)
        with NodeSource(address, own, transport=transport, pause=pauses.append) as source:
            return audit_record(source, chapter=source.chapter)


@pytest.mark.parametrize("address", [f"{HOST}/c/{CHAPTER}", f"{HOST}/log/{LOG}/"])
def test_a_node_gives_what_a_bundle_gives(address: str) -> None:
    report = Node(life().files()).audit(address)
    assert report.findings == ()
    bundle = life().audit()
    assert (report.chapter, report.root) == (bundle.chapter, bundle.root)
    differ = ("chapter", "files")
    counts = {check.name: check.count for check in bundle.checks if check.name not in differ}
    assert {one.name: one.count for one in report.checks if one.name not in differ} == counts
    (files,) = (check for check in report.checks if check.name == "files")
    assert files.status == "not_checked"


def test_an_address_below_a_path() -> None:
    files = life().files()
    below = Node(files)

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.url.path.startswith("/civic/")
        return below(httpx.Request("GET", HOST + request.url.path.removeprefix("/civic")))

    with NodeSource(
        f"{HOST}/civic/log/{LOG}", transport=httpx.MockTransport(handle), pause=lambda _: None
    ) as source:
        assert audit_record(source).status == 0


def test_partial_tiles_may_have_given_way_to_full_ones() -> None:
    record = village(signed=False)
    while len(record.entries) < 300:
        number = len(record.entries)
        record.join(f"guest {number}", ("ann", "ben", "cem", "dia")[number % 4])
    raws = record.raws()
    files = seal(raws[:200])
    later = seal(raws[:256])
    assert any(name.endswith(".p/200") for name in files)
    both = {**later, **{name: raw for name, raw in files.items() if ".p/" not in name}}
    chapter = record.audit().chapter
    node = Node(both, chapter)
    report = node.audit(f"{HOST}/log/{LOG}")
    assert report.findings == ()
    assert report.size == 200


def test_stumbling_is_forgiven() -> None:
    node = Node(life().files())
    node.stumble = lambda path, count: httpx.Response(503) if count < TRIES else None
    assert node.audit().status == 0
    assert set(node.asked.values()) == {TRIES}


def test_a_node_out_of_reach() -> None:
    node = Node(life().files())
    node.stumble = lambda path, count: httpx.Response(500)
    report = node.audit()
    assert report.status == 2
    assert "cannot be reached" in str(report.findings[0].params["why"])

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with NodeSource(
        f"{HOST}/c/{CHAPTER}", transport=httpx.MockTransport(broken), pause=lambda _: None
    ) as source:
        report = audit_record(source)
    assert report.status == 2


def test_a_token_opens_a_record() -> None:
    node = Node(life().files())
    node.token = "secret"
    assert node.audit().status == 2
    assert node.audit(token="secret").status == 0


def test_a_node_that_keeps_erased_words() -> None:
    record = village()
    record.by("ann", c.DisplayNameSet(3), record.words("Ann"))
    digest = record.entries[-1].content[0]
    record.by("ann", c.DisplayNameErased(digest))
    chapter = record.audit().chapter
    report = Node(record.files(), chapter).audit(f"{HOST}/c/{chapter}")
    assert [one.code for one in report.findings] == ["audit.erased_present"]


def test_another_chapter_than_the_address_names() -> None:
    other = "0" * 64
    report = Node(life().files(), other).audit(f"{HOST}/c/{other}")
    assert [one.code for one in report.findings] == ["audit.other_chapter"]


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"log_id":"x"}', b"\xff"])
def test_a_node_that_talks_nonsense(answer: bytes) -> None:
    node = Node({})
    node.stumble = lambda path, count: httpx.Response(200, content=answer)
    assert node.audit().status == 2


def test_addresses() -> None:
    for address in ("node.example", f"{HOST}/x/{LOG}", f"{HOST}/log/{LOG[:-1]}", f"{HOST}/log/"):
        with pytest.raises(BundleError, match="address"):
            NodeSource(address)
