"""`civic account open`: read the copy of one's data that a node handed out. Needs no node."""

import argparse
from pathlib import Path
from typing import Any

from civic.operate.passphrase import ask_once
from civic.operate.place import OperationError, new_folder, plainly, say
from identity.own_data import JSON, PAGE, open_copy
from identity.passphrase import normalise


def add_account_command(commands: Any) -> None:
    """`civic account`: what people do with what a node gave them."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "account", help="open the copy of your data that a node handed out"
    )
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    opening = kinds.add_parser(
        "open",
        help="decrypt the copy into a folder",
        description=(
            "Decrypt the file that the page “All my data” handed out. The passphrase is asked for, "
            "or read from the file that CIVIC_PASSPHRASE_FILE names."
        ),
    )
    opening.add_argument("file", metavar="FILE", type=Path, help="the file from the node")
    opening.add_argument("--to", metavar="DIR", type=Path, required=True, help="a new folder")
    opening.set_defaults(run=run_open)


@plainly
def run_open(given: argparse.Namespace) -> int:
    """Write the page and the JSON of a copy into a folder that only its owner can read."""
    file: Path = given.file
    try:
        sealed = file.read_bytes()
    except OSError as error:
        raise OperationError(f"{file} cannot be read: {error.strerror}.") from error
    files = open_copy(sealed, normalise(ask_once(what="file")))
    with new_folder(given.to, 0o700) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
    say(f"{given.to / PAGE} is for reading, {given.to / JSON} for programs. Keep them well.")
    return 0
