"""What the node's processes say on standard error: one line of JSON each, about nobody."""

import logging
import re
import sys
from types import TracebackType

import structlog
from structlog.typing import EventDict, WrappedLogger

_NUMBERS = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_ADDRESS = re.compile(
    rf"\b{_NUMBERS}(?:\.{_NUMBERS}){{3}}\b"  # IPv4
    r"|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])"  # IPv6
)
_TIME = re.compile(r"^\d{1,2}:\d{2}:\d{2}$")


def configure(process: str, level: int = logging.INFO) -> None:
    """Send all log lines of this process, libraries' too, to standard error as JSON.

    Lines name the process, never a person: no requests are logged, and what looks like a network
    address in a library's message is taken out.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]

    def name_process(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        return {"process": process, **line}

    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            name_process,
            structlog.processors.format_exc_info,
            without_addresses,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Libraries report each connection and each query at this level.
    for library in ("httpx", "httpcore", "asyncio", "uvicorn", "alembic", "sqlalchemy"):
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _log_end
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("civic").critical("ended by an error", exc_info=(kind, error, trace))


def without_addresses(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Replace what looks like a network address in the texts of a log line."""
    return {
        name: value if name == "timestamp" else _blank(value) if isinstance(value, str) else value
        for name, value in line.items()
    }


def _blank(value: str) -> str:
    return _ADDRESS.sub(lambda found: _blank_one(found.group()), value)


def _blank_one(found: str) -> str:
    # A time of day has the form of a short IPv6 address.
    return found if _TIME.match(found) else "[address]"
