"""What keeps the streams of a process going, from its first request to its last."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from civic.kernel.ending import at_end
from civic.kernel.told import listen
from civic.live.streams import BEAT, HEARTBEAT, Streams
from civic.live.watching import Watching, sizes_for
from civic.node import Node


@asynccontextmanager
async def running_streams(node: Node, url: str) -> AsyncIterator[Streams]:
    """Keep streams that are told of the records of a node; `url` names its database."""

    async def sizes(asked: Sequence[Watching]) -> dict[Watching, int]:
        return await sizes_for(node.engine, asked, node.clock.now())

    streams = Streams(sizes, beat=BEAT, heartbeat=HEARTBEAT)
    tasks = [
        asyncio.create_task(streams.run()),
        asyncio.create_task(listen(url, streams.heard, streams.look)),
    ]
    with at_end(streams.close):
        try:
            yield streams
        finally:
            streams.close()
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
