"""How a process of the node serves: without a trace of who asks, telling nothing of itself."""

import uvicorn

from civic.kernel.measures import Application


def served(app: Application, grace_seconds: int) -> uvicorn.Config:
    """Return how an application is served.

    `grace_seconds` is how long requests in progress may take after the process was asked to end.
    """
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # A client's address is neither looked up nor believed, and answers tell nothing of us.
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=grace_seconds,
    )
