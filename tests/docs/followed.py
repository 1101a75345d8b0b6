"""Reads a page of instructions so that a test can do what it says.

A block of `sh` is run; one marked `sh stays` goes on running. The block of `text` after it is what
it prints, with `…` for what differs. In numbered lists each step is a sentence of a few fixed
shapes; whatever is bold or in quotation marks there must belong to one, so nothing is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pyotp
from playwright.sync_api import Locator, Page, expect

Role = Literal["button", "link"]


@dataclass(frozen=True)
class Command:
    """Lines for a shell, and what they print."""

    lines: str
    stays: bool
    prints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing that is done or read in a browser."""

    verb: str
    name: str = ""
    words: str = ""


SHAPES: Final = (
    ("open", re.compile(r"Open the link under \*\*(?P<name>[^*]+)\*\*")),
    ("write", re.compile(r"“(?P<words>[^”]+)” under \*\*(?P<name>[^*]+)\*\*")),
    ("code", re.compile(r"type the code that it shows under \*\*(?P<name>[^*]+)\*\*")),
    ("press", re.compile(r"[Pp]ress \*\*(?P<name>[^*]+)\*\*")),
    ("follow", re.compile(r"[Ff]ollow \*\*(?P<name>[^*]+)\*\*")),
    ("choose", re.compile(r"[Cc]hoose \*\*(?P<name>[^*]+)\*\*")),
    ("read", re.compile(r"[Yy]ou read “(?P<name>[^”]+)”")),
    ("save", re.compile(r"Save the page as “(?P<name>\w+)”")),
    ("back", re.compile(r"Go back to the page before")),
)
_MARKED: Final = re.compile(r"\*\*[^*]+\*\*|“[^”]+”")


class NotUnderstood(ValueError):
    """A step that nobody could follow by program."""


def instructions(text: str) -> Iterator[Command | Step]:
    """Return what a page says to do, in its order."""
    lines = iter(text.splitlines())
    command: Command | None = None
    for line in lines:
        if line.startswith("```"):
            info, body = line[3:].split(), []
            for inner in lines:
                if inner == "```":
                    break
                body.append(inner)
            if info[:1] == ["sh"]:
                if command is not None:
                    yield command
                command = Command("\n".join(body), info[1:] == ["stays"])
            elif info == ["text"] and command is not None:
                yield Command(command.lines, command.stays, tuple(body))
                command = None
            else:
                raise NotUnderstood(line)
        elif found := re.match(r"\d+\. (.*)", line):
            if command is not None:
                yield command
                command = None
            yield from steps(found[1])
    if command is not None:
        yield command


def steps(item: str) -> Iterator[Step]:
    """Return the steps of one item of a list, in its order."""
    found = [(shape.start(), verb, shape) for verb, one in SHAPES for shape in one.finditer(item)]
    marks = sum(len(_MARKED.findall(shape[0])) for _start, _verb, shape in found)
    if not found or marks != len(_MARKED.findall(item)):
        raise NotUnderstood(item)
    for _start, verb, shape in sorted(found, key=lambda one: one[0]):
        yield Step(verb, **shape.groupdict())


def missing(printed: str, expected: tuple[str, ...]) -> list[str]:
    """Return the expected lines that were not printed, in their order."""
    lines = iter(printed.splitlines())
    gone = []
    for line in filter(str.strip, expected):
        pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
        if not any(re.search(pattern, one) for one in lines):
            gone.append(line)
            lines = iter(printed.splitlines())
    return gone


def follow(step: Step, page: Page, links: dict[str, str], folder: Path) -> None:
    """Do one step in a browser.

    `links` are those that were printed, by what stands above them; what is saved goes to `folder`.
    """
    match step.verb:
        case "open":
            page.goto(links[step.name])
        case "read":
            expect(page.get_by_text(step.name).locator("visible=true").first).to_be_visible(
                timeout=30_000
            )
        case "choose":
            page.get_by_label(step.name, exact=True).check()
        case "write":
            page.get_by_label(step.name, exact=True).fill(step.words)
        case "code":
            secret = re.search(r"secret=([A-Z2-7]{32})", page.content())
            assert secret is not None
            page.get_by_label(step.name, exact=True).fill(pyotp.TOTP(secret[1]).now())
        case "save":
            saved = page.context.request.get(page.url)
            assert saved.ok
            (folder / step.name).write_bytes(saved.body())
        case "back":
            page.go_back()
        case _:
            role: Role = "button" if step.verb == "press" else "link"
            with page.expect_navigation():
                _named(page, role, step.name).click()


def _named(page: Page, role: Role, name: str) -> Locator:
    """Return what somebody would press: what is called just so, else what has it in its name."""
    exact = page.get_by_role(role, name=name, exact=True).locator("visible=true")
    loose = page.get_by_role(role, name=name).locator("visible=true")
    return (exact if exact.count() else loose).first
