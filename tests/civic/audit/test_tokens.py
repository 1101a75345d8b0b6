"""An auditor's file: a key first, then the token for it, closed to everybody else."""

import io
import stat
from pathlib import Path

import pytest

from civic.audit.tokens import TokenError, add_token, new_key, read_token
from civic.cli import main
from civic.kernel.clock import SystemClock
from civic.kernel.proofs import check_proof

TOKEN = "t" * 43
ADDRESS = "https://node.example/log/00/vkey"


def test_a_key_and_the_token_for_it(tmp_path: Path) -> None:
    file = tmp_path / "auditor.key"
    public = new_key(file)
    with pytest.raises(TokenError, match="no token yet"):
        read_token(file)
    add_token(file, TOKEN)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["auditor.key"]
    token = read_token(file)
    assert TOKEN not in repr(token)
    headers = token.headers(ADDRESS)
    assert headers["authorization"] == f"DPoP {TOKEN}"
    check_proof(headers["dpop"], public, "GET", [ADDRESS], TOKEN, SystemClock().now())


def test_a_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "auditor.key"
    new_key(file)
    add_token(file, TOKEN)
    file.chmod(0o644)
    with pytest.raises(TokenError, match="chmod 600"):
        read_token(file)


def test_the_token_of_a_session_goes_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("secret\n")
    assert read_token(file).headers(ADDRESS) == {"authorization": "Bearer secret"}


@pytest.mark.parametrize("content", ["{", '{"seed": "ab"}', '{"token": "abc"}', '{"x": 1}'])
def test_what_is_no_file_of_an_auditor(tmp_path: Path, content: str) -> None:
    file = tmp_path / "auditor.key"
    file.write_text(content)
    with pytest.raises(TokenError, match="no key"):
        read_token(file)
    with pytest.raises(TokenError, match="no key"):
        add_token(file, TOKEN)


def test_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "auditor.key"
    assert main(["keys", "audit", str(file)]) == 0
    public = capsys.readouterr().out.splitlines()[0]
    assert len(bytes.fromhex(public)) == 32
    assert main(["keys", "audit", str(file)]) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("no token!\n"))
    assert main(["keys", "token", str(file)]) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))
    assert main(["keys", "token", str(file)]) == 0
    assert read_token(file).token == TOKEN
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))
    assert main(["keys", "token", str(tmp_path / "nothing")]) == 2
    assert "cannot be read" in capsys.readouterr().err
