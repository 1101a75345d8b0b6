"""`civic audit`: audit a bundle or a node from the command line."""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec

from civic.audit.node import NodeSource
from civic.audit.papers import PaperFolder
from civic.audit.report import Report, found_of, write
from civic.audit.run import audit_record
from civic.audit.signatures import AllCores
from civic.audit.tokens import TokenError, read_token
from civic.kernel.record.audit import Progress
from civic.kernel.record.bundle import Bundle, BundleError, Source
from civic.kernel.record.findings import AuditCode, found
from civic.kernel.record.note import MAX_NOTE_BYTES

_WIDTH: Final = 40


def add_audit_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `audit` to a command line; its `run` takes the parsed arguments, returns the status."""
    parser = subparsers.add_parser(
        "audit",
        help="recompute a chapter's record and report on it",
        description=(
            "Recompute a record from its entries: tree, signatures, rules, counts, texts. Exits "
            "with 0 if nothing is wrong, 1 if something is, 2 if it cannot be checked."
        ),
    )
    parser.add_argument(
        "source", help="a bundle (directory or zip), or a node's address ending in /c/ID or /log/ID"
    )
    parser.add_argument("--chapter", metavar="ID", help="the chapter's id, known from elsewhere")
    parser.add_argument(
        "--seen",
        metavar="CHECKPOINT",
        action="append",
        type=Path,
        default=[],
        help="a signed checkpoint obtained earlier, to find forks (may be repeated)",
    )
    parser.add_argument(
        "--restricted", metavar="DIR", type=Path, help="restricted papers, each named by its hash"
    )
    parser.add_argument(
        "--token",
        metavar="FILE",
        type=Path,
        help="a file with a session's token, or with a key and the token for it (civic keys audit)",
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")
    parser.set_defaults(run=run_audit)


def run_audit(arguments: argparse.Namespace) -> int:
    """Audit as the arguments say, print the report, return the exit status."""
    try:
        report = _report(arguments)
    except BundleError as error:
        report = _unreadable(str(error))
    if arguments.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")
    else:
        write(report, lambda line: print(line))  # noqa: T201
    return report.status


def _unreadable(why: str) -> Report:
    finding = found_of(found(AuditCode.UNREADABLE, why=why))
    return Report(2, "", "", 0, "", None, (), (finding,), ())


def _report(arguments: argparse.Namespace) -> Report:
    with ExitStack() as stack:
        source, named = _source(arguments, stack)
        papers = None if arguments.restricted is None else PaperFolder(arguments.restricted)
        return audit_record(
            source,
            chapter=arguments.chapter or named,
            seen=[_read(path, MAX_NOTE_BYTES) for path in arguments.seen],
            papers=papers,
            signatures=stack.enter_context(AllCores()),
            progress=_bar(stack),
        )


def _source(arguments: argparse.Namespace, stack: ExitStack) -> tuple[Source, str | None]:
    address: str = arguments.source
    if not address.startswith(("http://", "https://")):
        return stack.enter_context(Bundle.open(Path(address))), None
    try:
        token = None if arguments.token is None else read_token(arguments.token)
    except TokenError as error:
        raise BundleError(str(error)) from error
    node = stack.enter_context(NodeSource(address, token))
    return node, node.chapter


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from error


def _bar(stack: ExitStack) -> Progress | None:
    if not sys.stderr.isatty():
        return None
    shown = -1

    def progress(done: int, total: int) -> None:
        nonlocal shown
        percent = 100 * done // total
        if percent != shown:
            shown = percent
            bar = "█" * (percent * _WIDTH // 100)
            sys.stderr.write(f"\r{bar:<{_WIDTH}} {percent:3} %  {done} of {total} entries")
            sys.stderr.flush()

    stack.callback(sys.stderr.write, "\r\x1b[K")
    return progress
