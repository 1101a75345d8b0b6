"""Fetches axe-core, which looks at pages for what keeps people out: python -m tests.walk.fetch_axe

Used by tests alone, as published; it is no part of what a node serves. `axe/axe.json` records the
version and the SHA-256 of the package and of each file; a test holds the files against it. Needs
`npm`, which is asked for the version below and nothing else.
"""

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

VERSION: Final = "4.14.1"
FOLDER: Final = Path(__file__).parent / "axe"
RECORD: Final = FOLDER / "axe.json"
FILES: Final = ("LICENSE", "LICENSE-3RD-PARTY.txt", "axe.min.js")
"""The program and its licence (MPL 2.0), and the licences of what it holds of others."""


def main() -> None:
    """Fetch and record."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--silent", "--pack-destination", scratch, f"axe-core@{VERSION}"]
        made = subprocess.run(command, check=True, capture_output=True, text=True)
        archive = Path(scratch) / made.stdout.split()[-1]
        record = {"version": VERSION, "package": _sha256(archive.read_bytes()), "files": {}}
        with tarfile.open(archive) as opened:
            files = {}
            for name in FILES:
                file = opened.extractfile(f"package/{name}")
                if file is None:
                    raise ValueError(f"{name} is no file")
                files[name] = file.read()
    FOLDER.mkdir(exist_ok=True)
    for name, raw in files.items():
        (FOLDER / name).write_bytes(raw)
    record["files"] = {name: _sha256(raw) for name, raw in files.items()}
    RECORD.write_text(json.dumps(record, indent=2) + "\n")


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


if __name__ == "__main__":
    main()
