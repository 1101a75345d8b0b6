"""`civic account open` writes what a copy holds into a folder of its owner's."""

import stat
from pathlib import Path

import pytest

from civic.cli import main
from identity.own_data import JSON, PAGE, seal_copy

TYPED = "nine lanterns over a cold harbour"


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "copy"
    file.write_bytes(seal_copy(TYPED, {JSON: b"{}", PAGE: b"<p>"}, passes=1, memory=8192))
    secret = tmp_path / "passphrase"
    secret.write_text(TYPED + "\n")
    monkeypatch.setenv("CIVIC_PASSPHRASE_FILE", str(secret))
    return file


def test_the_copy_is_opened(
    sealed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "mine"
    assert main(["account", "open", str(sealed), "--to", str(to)]) == 0
    assert {one.name: one.read_bytes() for one in to.iterdir()} == {JSON: b"{}", PAGE: b"<p>"}
    assert stat.S_IMODE(to.stat().st_mode) == 0o700
    assert PAGE in capsys.readouterr().out
    assert main(["account", "open", str(sealed), "--to", str(to)]) == 1
    assert "exists already" in capsys.readouterr().err


def test_what_cannot_be_opened_leaves_nothing(
    sealed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed.write_bytes(sealed.read_bytes()[:-1])
    to = tmp_path / "mine"
    assert main(["account", "open", str(sealed), "--to", str(to)]) == 1
    assert not to.exists()
    assert main(["account", "open", str(tmp_path / "none"), "--to", str(to)]) == 1
    assert "cannot be read" in capsys.readouterr().err
