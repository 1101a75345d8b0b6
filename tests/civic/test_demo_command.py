"""`civic demo` as a command: its folder, its port, its bundles, and what it says."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from civic.demo import folder
from civic.demo.command import check_port, demo_settings, welcome
from civic.demo.folder import Chapter, Guest, Mark
from civic.operate.place import OperationError

MARK = Mark(
    "ready",
    "code",
    (Chapter("vilnius", "Vilnius", "0" * 64),),
    (Guest("Lead", "admit people", "account", bytes(32)),),
)


class TestSettings:
    def test_a_demonstration_has_a_folder_and_a_database_of_its_own(self, tmp_path: Path) -> None:
        given = {"CIVIC_DATA": str(tmp_path), "CIVIC_DATABASE_URL": "postgresql://elsewhere/x"}
        settings = demo_settings(given)
        assert settings.demo
        assert settings.data == tmp_path
        assert settings.database_url is None
        assert settings.base_url == "http://localhost:8000"

    def test_its_address_follows_its_port(self, tmp_path: Path) -> None:
        settings = demo_settings({"CIVIC_DATA": str(tmp_path), "CIVIC_PORT": "8123"})
        assert settings.base_url == "http://localhost:8123"

    def test_a_port_that_is_taken_is_told_with_what_to_do(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            settings = demo_settings({"CIVIC_DATA": str(tmp_path), "CIVIC_PORT": str(port)})
            with pytest.raises(OperationError, match=f"CIVIC_PORT={port + 1} civic demo"):
                check_port(settings)


class TestFolder:
    def test_its_mark_is_for_its_owner_alone(self, data: Path) -> None:
        folder.write_mark(data, MARK)
        assert stat.S_IMODE((data / folder.MARK).stat().st_mode) == 0o600
        assert folder.read_mark(data) == MARK
        assert folder.read_mark(data / "nothing") is None

    def test_a_mark_of_another_version_is_told(self, data: Path) -> None:
        (data / folder.MARK).write_text('{"state": "dreaming"}')
        with pytest.raises(OperationError, match="Remove the folder"):
            folder.read_mark(data)

    def test_other_folders_are_not_touched(self, data: Path) -> None:
        (data / "letter").write_text("mine")
        with (
            pytest.raises(OperationError, match="nothing in it is touched"),
            folder.held(data, None),
        ):
            pass
        assert [path.name for path in data.iterdir()] == ["letter"]

    def test_one_demonstration_at_a_time_uses_it(self, data: Path) -> None:
        with (
            folder.held(data, None),
            pytest.raises(OperationError, match="already"),
            folder.held(data, None),
        ):
            pass
        with folder.held(data, None):
            pass

    def test_what_was_left_half_made_is_removed_but_its_mark(self, data: Path) -> None:
        folder.write_mark(data, MARK)
        (data / "keys").mkdir()
        (data / "keys" / "node").write_bytes(bytes(32))
        (data / "postgres.log").touch()
        folder.clear(data)
        assert [path.name for path in data.iterdir()] == [folder.MARK]


def test_the_welcome_says_what_it_is_and_where(data: Path) -> None:
    links = [(MARK.guests[0], "http://localhost:8000/enter/secret")]
    said = welcome("http://localhost:8000", data, links)
    assert "demonstration" in said
    assert str(data) in said
    assert "http://localhost:8000/enter/secret" in said
    assert "account" not in said


@pytest.mark.slow
def test_it_is_made_once_and_exported_as_often_as_one_likes(data: Path, run_as: str | None) -> None:
    home, bundles = data / "demo", data / "bundles"
    environment = {**os.environ, "CIVIC_DATA": str(home)}
    if run_as is not None:
        environment["CIVIC_RUN_AS"] = run_as
    # As a start that was interrupted leaves it.
    home.mkdir(mode=0o711)
    folder.write_mark(home, Mark("seeding", "code"))
    command = [sys.executable, "-m", "civic.cli", "demo", "--no-serve", "--export", str(bundles)]
    roots = []
    for begun_anew in (True, False):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert ("begins anew" in done.stdout) is begun_anew
        assert ("Played in" in done.stdout) is begun_anew
        manifests = [bundles / slug / "manifest.json" for slug in ("vilnius", "warsaw", "berlin")]
        roots.append([msgspec.json.decode(path.read_bytes())["root"] for path in manifests])
    assert roots[0] == roots[1]
    mark = folder.read_mark(home)
    assert mark is not None
    assert mark.state == "ready"
    assert len(mark.guests) == 5
