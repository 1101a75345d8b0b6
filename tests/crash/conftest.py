"""A stage on an embedded PostgreSQL that waits for its disk, and the node that serves it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import civic.tables  # noqa: F401
from bench.stage import Stage, set_stage
from civic.kernel import migrate
from civic.kernel.postgres import EmbeddedPostgres
from tests.crash.node import LoadGenerator, Node

CLIENTS = 8


@dataclass
class Served:
    """A node under load."""

    url: str
    stage: Stage
    node: Node
    load: LoadGenerator


@pytest.fixture
def served(node_data: Path, run_as: str | None) -> Iterator[Served]:
    """A node with a chapter in which people talk and vote, and clients that wait to act."""
    server = EmbeddedPostgres(node_data, run_as)
    with server.running() as url:
        stage = asyncio.run(_set(url, node_data))
    node = Node(node_data, run_as)
    load = LoadGenerator(node.port, stage, CLIENTS, node_data / "journal")
    yield Served(server.url, stage, node, load)
    load.stop()
    node.stop()


async def _set(url: str, data: Path) -> Stage:
    await migrate.upgrade(url)
    # One more than act: who never supports keeps the proposals gathering.
    return await set_stage(url, data, CLIENTS + 1, gathering=3)
