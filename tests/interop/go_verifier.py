"""Runs a verifier of logs that shares no code with ours: Go's own sumdb packages."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

SOURCE = Path(__file__).parent / "log_verifier" / "main.go"
DEBIAN_SOURCES = "/usr/share/gocode"

MISSING = None if shutil.which("go") else "Go is not installed (Debian: golang-go)"
"""Why the verifier cannot run here, or None. Needs golang-golang-x-mod-dev beside Go."""


@cache
def _binary() -> Path:
    # A folder of this user alone: a program that anyone could have put there is not run.
    folder = Path(tempfile.gettempdir()) / f"log-verifier-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to someone else or is open to others")
    binary = folder / sha256(SOURCE.read_bytes()).hexdigest()[:16]
    if not binary.exists():
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            built = Path(fresh) / "verifier"
            subprocess.run(
                ["go", "build", "-o", built, SOURCE],
                env={**os.environ, "GO111MODULE": "off", "GOPATH": DEBIAN_SOURCES, "GOFLAGS": ""},
                check=True,
            )
            built.replace(binary)
    return binary


def verify_log(
    directory: Path, origin: str, *vkeys: str, peer: Path | None = None
) -> tuple[int, str]:
    """Checks a log's directory (checkpoint, tile/, requests/, proofs/) by its keys, log's first.

    Returns exit code and output: 0 accepted, 1 refused, 3 forked against the checkpoint `peer`.
    Every given key must have signed.
    """
    environment = {**os.environ, "PEER": str(peer) if peer else ""}
    done = subprocess.run(
        [_binary(), directory, origin, *vkeys],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
