"""Users of the operating system, asked of the real one."""

import pwd
from pathlib import Path

import pytest

from civic.kernel import system_user

only_root = pytest.mark.skipif(not system_user.is_root(), reason="needs root, to act as others")


@only_root
def test_a_user_is_made_once_and_owns_nothing() -> None:
    name = system_user.unprivileged_user()
    entry = pwd.getpwnam(name)
    assert entry.pw_uid != 0
    assert entry.pw_shell.endswith("nologin")
    assert system_user.unprivileged_user() == name


def test_without_a_user_and_without_root_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_user, "NAME", "nobody-of-this-name")
    monkeypatch.setattr(system_user, "is_root", lambda: False)
    with pytest.raises(system_user.SystemUserError, match="Only root"):
        system_user.unprivileged_user()


@only_root
def test_the_first_closed_folder_is_found(data: Path, run_as: str) -> None:
    inner = data / "open" / "closed" / "inner"
    inner.mkdir(parents=True)
    for folder, mode in ((data / "open", 0o755), (inner.parent, 0o700), (inner, 0o755)):
        folder.chmod(mode)
    assert system_user.first_closed(inner, run_as) == inner.parent
    assert system_user.first_closed(data / "open", run_as) is None


def test_a_folder_that_exists_stays_as_it_is(data: Path) -> None:
    existing = data / "existing"
    existing.mkdir()
    existing.chmod(0o750)
    system_user.make_private(existing, passing="civic")
    assert existing.stat().st_mode & 0o777 == 0o750
    system_user.make_private(data / "new" / "folder", passing=None)
    assert (data / "new" / "folder").stat().st_mode & 0o777 == 0o700
