"""Fetches @noble/curves and @noble/hashes for the browser: python -m docs.vendored.fetch_noble

The packages are ES modules that name each other by bare names. Import maps do not reach workers, so
the names are rewritten to relative paths, and nothing else is changed. `noble.json` records the
SHA-256 of each package as it was published, and of each file before and after; a test holds the
files against it. Needs `npm`, which is asked for the versions below and nothing else.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[2] / "civic/kernel/web/static/js/noble"
RECORD: Final = Path(__file__).parent / "noble.json"
VERSIONS: Final = {"curves": "2.4.0", "hashes": "2.4.0"}
WANTED: Final = (("curves", "ed25519.js"), ("hashes", "hkdf.js"), ("hashes", "scrypt.js"))
"""The modules that our own scripts import; what these import comes along."""

_IMPORT: Final = re.compile(
    r"^(?P<before>(?:import|export)\s[^;\"'(]*\bfrom\s*[\"'])(?P<name>[^\"']+)", re.MULTILINE
)


def rewritten(package: str, path: str, source: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a module with relative imports alone, and the (package, path) that it imports."""
    imported: list[tuple[str, str]] = []
    folder = PurePosixPath(path).parent

    def relative(found: re.Match[str]) -> str:
        name = found["name"]
        if name.startswith("@noble/"):
            _scope, other, inner = name.split("/", 2)
            imported.append((other, inner))
            up = "../" * (len(folder.parts) + 1)
            return f"{found['before']}{up}{other}/{inner}"
        if not name.startswith("."):
            raise ValueError(f"{package}/{path} imports {name}")
        steps: list[str] = []
        for part in (folder / name).parts:
            if part == "..":
                steps.pop()
            elif part != ".":
                steps.append(part)
        imported.append((package, "/".join(steps)))
        return found[0]

    return _IMPORT.sub(relative, source), imported


def fetch(folder: Path, package: str) -> Path:
    """Have npm put a package into a folder; return its archive."""
    name = f"@noble/{package}@{VERSIONS[package]}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), name]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / made.stdout.split()[-1]


def main() -> None:
    """Fetch, rewrite and record."""
    record: dict[str, Any] = {"packages": {}, "files": {}}
    sources: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for package in VERSIONS:
            archive = fetch(Path(scratch), package)
            record["packages"][package] = {
                "version": VERSIONS[package],
                "sha256": _sha256(archive.read_bytes()),
            }
            with tarfile.open(archive) as opened:
                sources[package] = {
                    one.name.removeprefix("package/"): _text(opened, one)
                    for one in opened
                    if re.fullmatch(r"package/(?!src/).*\.js|package/LICENSE", one.name)
                }
    queue, seen = list(WANTED), set(WANTED)
    while queue:
        package, path = queue.pop()
        source = sources[package][path]
        ours, imported = rewritten(package, path, source)
        _write(record, f"{package}/{path}", source, ours)
        for one in imported:
            if one not in seen:
                seen.add(one)
                queue.append(one)
    for package in VERSIONS:
        licence = sources[package]["LICENSE"]
        _write(record, f"{package}/LICENSE", licence, licence)
    record["files"] = dict(sorted(record["files"].items()))
    RECORD.write_text(json.dumps(record, indent=2) + "\n")


def _write(record: dict[str, Any], name: str, published: str, ours: str) -> None:
    target = FOLDER / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(ours)
    record["files"][name] = {
        "published": _sha256(published.encode()),
        "kept": _sha256(ours.encode()),
    }


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member)
    if file is None:
        raise ValueError(f"{member.name} is no file")
    return file.read().decode()


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


if __name__ == "__main__":
    main()
