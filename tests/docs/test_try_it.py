"""docs/try-it.md is true: what it says is done, word by word, with a demonstration of its own."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, sync_playwright

from docs.pictures.take import GUESTS, links_of
from tests.docs.followed import (
    Command,
    NotUnderstood,
    Step,
    follow,
    instructions,
    missing,
    steps,
)
from tests.served import free_port

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs/try-it.md"
ADDRESS: Final = "localhost:8000"
"""Where the page says that everything is; the test takes a port that is free."""


class Newcomer:
    """Somebody with a terminal, another one, and a browser."""

    def __init__(self, folder: Path, page: Page, run_as: str | None) -> None:
        self.folder, self.page = folder, page
        self.address = f"localhost:{free_port()}"
        self.environment = {
            **os.environ,
            "CIVIC_PORT": self.address.partition(":")[2],
            "CIVIC_RUN_AS": run_as or "",
        }
        self.environment.pop("CIVIC_DATA", None)
        self.running: subprocess.Popen[str] | None = None
        self.links: dict[str, str] = {}
        self.kept = ""

    def does(self, told: Command | Step) -> None:
        """Do what the page says."""
        if isinstance(told, Step):
            try:
                follow(told, self.page, self.links, self.folder)
            except Exception as error:
                error.add_note(f"{told} on {self.page.url}, where one reads:")
                error.add_note(self.page.locator("body").inner_text()[:3000])
                raise
            return
        lines = told.lines.replace(ADDRESS, self.address)
        printed = self._begins(lines) if told.stays else self._runs(lines)
        expected = tuple(one.replace(ADDRESS, self.address) for one in told.prints)
        assert missing(printed, expected) == [], printed

    def _runs(self, lines: str) -> str:
        if lines.startswith("rm "):
            self.ends()
        # What is to be copied from the address is the chapter's id.
        copied = re.search(r"/c/([0-9a-f]{64})", self.page.url)
        lines = lines.replace("=ID", f"={copied[1]}") if copied else lines
        done = subprocess.run(
            ["bash", "-c", f"{self.kept}\n{lines}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        self.kept += "".join(f"{one}\n" for one in re.findall(r"^\w+=\w+$", lines, re.MULTILINE))
        return done.stdout

    def _begins(self, lines: str) -> str:
        # The environment that runs this test is installed already, and others use it.
        lines = lines.replace("make ", "make --old-file=.venv/.runs ")
        self.running = subprocess.Popen(
            ["bash", "-c", f"exec {lines}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.running.stdout is not None
        printed: list[str] = []
        for line in self.running.stdout:
            printed.append(line)
            if line.strip() == "" and sum("/enter/" in one for one in printed) == GUESTS:
                break
        self.links = links_of(printed)
        return "".join(printed)

    def ends(self) -> None:
        """Press Ctrl-C in the first terminal."""
        if self.running is not None and self.running.poll() is None:
            os.killpg(self.running.pid, signal.SIGINT)
            self.running.communicate(timeout=60)


@contextmanager
def newcomer(
    folder: Path, chromium: tuple[str, list[str]], run_as: str | None
) -> Iterator[Newcomer]:
    """Give somebody a copy of what the page needs, and a browser."""
    for name in (".venv", "Makefile", "requirements.lock", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    path, arguments = chromium
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        page = browser.new_page(locale="en-GB")
        # The first request to a node that has just begun may wait for others on the same machine.
        page.set_default_timeout(60_000)
        one = Newcomer(folder, page, run_as)
        try:
            yield one
        finally:
            browser.close()
            one.ends()


@pytest.mark.browser
@pytest.mark.slow
def test_a_newcomer_can_follow_it(
    data: Path, chromium: tuple[str, list[str]], run_as: str | None
) -> None:
    told = list(instructions(PAGE.read_text(encoding="utf-8")))
    assert sum(isinstance(one, Command) for one in told) >= 5
    assert sum(isinstance(one, Step) for one in told) >= 30
    with newcomer(data, chromium, run_as) as one:
        for each in told:
            one.does(each)
        assert {path.name for path in data.iterdir() if not path.is_symlink()} == set()


def test_its_way_is_told_where_newcomers_look() -> None:
    assert "docs/try-it.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_steps_are_read_in_their_order_and_none_is_left_out() -> None:
    item = "Choose **Yes** and press **Vote**: you read “You have voted.”"
    assert [(one.verb, one.name) for one in steps(item)] == [
        ("choose", "Yes"),
        ("press", "Vote"),
        ("read", "You have voted."),
    ]
    for unclear in ("Look around.", "Press **Vote** near **Yes**", "Press **A**, “B” appears"):
        with pytest.raises(NotUnderstood):
            list(steps(unclear))


def test_blocks_are_commands_with_what_they_print() -> None:
    text = (
        "```sh stays\nmake demo\n```\n```text\nready on …\n```\n\n1. Follow **A**\n\n```sh\nls\n```"
    )
    assert list(instructions(text)) == [
        Command("make demo", True, ("ready on …",)),
        Step("follow", "A"),
        Command("ls", False),
    ]
    assert missing("ready on 1\nend", ("ready … 1", "end")) == []
    assert missing("end\nready on 1", ("ready … 1", "end")) == ["end"]
