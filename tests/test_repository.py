"""What holds for the repository as a whole."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[1]

# Taken apart, so that this file does not name them either.
HOSTS = [
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("crates", "io"),
        ("rubygems", "org"),
    )
]


def _hosts_of_this_machine() -> set[str]:
    """The hosts that pip is set up to install from here, mirrors included."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    said += " ".join(value for name, value in os.environ.items() if name.startswith("PIP_"))
    hosts = {urlsplit(address).hostname for address in re.findall(r"https?://[^\s'\"]+", said)}
    return {host for host in hosts if host}


def test_no_file_names_a_package_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git repository, so its own files cannot be told from others")
    hosts = [host.encode() for host in (*HOSTS, *_hosts_of_this_machine())]
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if path.is_file():
            content = path.read_bytes()
            assert not [host for host in hosts if host in content], name


def test_all_dependencies_are_locked_with_hashes() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "bench/peers/requirements.lock"):
        text = (ROOT / name).read_text().replace("\\\n", " ")
        pinned = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert pinned
        for line in pinned:
            assert re.match(r"^[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


def test_the_test_environment_holds_the_versions_that_run() -> None:
    def versions(name: str) -> dict[str, str]:
        return dict(re.findall(r"^(\S+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))

    runs, tests = versions("requirements.lock"), versions("requirements-dev.lock")
    assert runs == {name: version for name, version in tests.items() if name in runs}


def test_a_wheel_holds_all_that_civic_needs(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert {"civic/alembic.ini", "civic/migrations/script.py.mako", "civic/cli.py"} <= held
    for folder, inside in {
        "civic": "civic",
        "identity": "identity",
        "chapters": "chapters",
        "deliberation": "deliberation",
        "voting": "voting",
        "templates": "civic/templates",
    }.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                assert f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" in held
