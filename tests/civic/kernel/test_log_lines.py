"""Log lines are JSON and name no network address."""

import json
import subprocess
import sys

import pytest

from civic.kernel.log_lines import without_addresses

_SAY = """
import logging, structlog, warnings
from civic.kernel import log_lines
log_lines.configure("web-1")
structlog.get_logger("civic.test").info("started", child="jobs", pid=7)
logging.getLogger("library").error("no answer from %s", ("192.0.2.7", 443))
logging.getLogger("uvicorn.access").info("GET /")
warnings.warn("unclosed socket raddr=('2001:db8::7', 80)")
try:
    raise OSError("connect to 192.0.2.7 failed")
except OSError:
    logging.getLogger("library").exception("failed")
raise ValueError("at the end")
"""


def test_all_that_is_said_is_json_about_nobody() -> None:
    said = subprocess.run([sys.executable, "-c", _SAY], capture_output=True, text=True, check=False)
    assert said.stdout == ""
    lines = [json.loads(line) for line in said.stderr.splitlines()]
    assert [line["level"] for line in lines] == [
        "info",
        "error",
        "warning",
        "error",
        "critical",
    ]
    assert {line["process"] for line in lines} == {"web-1"}
    assert lines[0]["child"] == "jobs"
    assert "OSError: connect to [address] failed" in lines[3]["exception"]
    assert "ValueError: at the end" in lines[4]["exception"]
    assert "192.0.2.7" not in said.stderr
    assert "2001:db8" not in said.stderr


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "from 192.0.2.7:443",
        "::1",
        "[2001:db8::7]:80",
        "fe80::1%eth0",
        "::ffff:1.2.3.4",
    ],
)
def test_addresses_are_taken_out(text: str) -> None:
    said = without_addresses(None, "info", {"event": text})["event"]
    assert "[address]" in said
    assert not any(part in said for part in ("192", "127", "2001", "fe80", "1.2"))


@pytest.mark.parametrize(
    "text",
    [
        "12:30:59",
        "entry 3: refused",
        "1.2.3",
        "sqlalchemy 2.1.9",
        "key=value",
        "x:y",
    ],
)
def test_other_words_stay(text: str) -> None:
    line = {"event": text, "timestamp": "2026-01-01T10:20:30Z"}
    assert without_addresses(None, "info", dict(line)) == line
