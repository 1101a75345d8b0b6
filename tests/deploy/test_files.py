"""What deploy/ holds is taken by the programs it is for, and keeps nothing about anybody."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.proxies import DEPLOY, Place, caddy_command, environment, nginx_command
from tests.served import ROOT

DROPPED = (
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via",
    "User-Agent", "Referer",
)  # fmt: skip


def lines(name: str) -> list[str]:
    """Return the lines of a file that mean something, without comments."""
    found = [line.strip() for line in (DEPLOY / name).read_text().splitlines()]
    return [line for line in found if line and not line.startswith("#")]


def needs(program: str) -> None:
    assert shutil.which(program), f"apt-get install nginx-light caddy tor systemd: no {program}"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.at(tmp_path / "proxy", tmp_path / "web.sock")


class TestNginx:
    def test_it_keeps_and_passes_on_nothing(self) -> None:
        told = lines("nginx.conf")
        assert "access_log off;" in told
        assert [line for line in told if "error_log" in line] == ["error_log /dev/null crit;"]
        assert [line for line in told if line.startswith("access_log")] == ["access_log off;"]
        for name in DROPPED:
            assert f'proxy_set_header {name} "";' in told
        assert "proxy_set_header Host $http_host;" in told
        assert not [line for line in told if re.search(r"remote_addr|user_agent|referer", line)]

    @pytest.mark.programs
    def test_nginx_takes_it(self, place: Place) -> None:
        needs("nginx")
        done = subprocess.run(
            nginx_command(place, "-t"), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "warn" not in done.stderr


class TestCaddy:
    def test_it_keeps_and_passes_on_nothing(self) -> None:
        told = lines("Caddyfile")
        for name in DROPPED:
            assert f"header_up -{name}" in told
        assert "exclude http" in told
        assert [line for line in told if line.startswith("log")] == ["log default {"]
        assert not [line for line in told if "remote" in line]

    @pytest.mark.programs
    def test_caddy_takes_it(self, place: Place) -> None:
        needs("caddy")
        done = subprocess.run(
            caddy_command(place, "validate"),
            capture_output=True,
            text=True,
            check=False,
            env=environment(place),
        )
        assert done.returncode == 0, done.stderr


class TestTor:
    def test_it_passes_on_to_the_socket_alone(self) -> None:
        told = lines("torrc")
        assert "HiddenServicePort 80 unix:/run/civic/web.sock" in told
        assert {"SocksPort 0", "SafeLogging 1"} <= set(told)
        assert not [line for line in told if "ExportCircuitID" in line]

    @pytest.mark.programs
    def test_tor_takes_it(self, tmp_path: Path) -> None:
        needs("tor")
        hidden = tmp_path / "hidden"
        text = (DEPLOY / "torrc").read_text().replace("/var/lib/tor/civic", str(hidden))
        file = tmp_path / "torrc"
        file.write_text(f"{text}\nDataDirectory {tmp_path / 'data'}\n")
        done = subprocess.run(
            ["tor", "--verify-config", "-f", file, "--defaults-torrc", "/dev/null"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        warned = [line for line in done.stdout.splitlines() if "[warn]" in line]
        assert not [line for line in warned if "running Tor as root" not in line]


class TestSystemd:
    UNITS = sorted((DEPLOY / "systemd").glob("civic*"))

    @pytest.mark.programs
    @pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
    def test_systemd_takes_it(self, unit: Path, tmp_path: Path) -> None:
        needs("systemd-analyze")
        for one in self.UNITS:
            text = one.read_text().replace("/opt/civic/bin/civic", "/bin/true")
            (tmp_path / one.name).write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert unit.name not in done.stderr

    @pytest.mark.programs
    def test_the_service_is_closed_in(self) -> None:
        needs("systemd-analyze")
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=25",
             DEPLOY / "systemd/civic.service"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-500:]

    def test_it_runs_as_its_own_user_and_may_write_its_own_folders_alone(self) -> None:
        told = lines("systemd/civic.service")
        for line in (
            "User=civic", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=",
            "LimitCORE=0", "ProtectHome=yes", "PrivateTmp=yes",
        ):  # fmt: skip
            assert line in told
        assert not [line for line in told if line.startswith("ReadWritePaths")]


def test_docs_name_every_file() -> None:
    docs = (ROOT / "docs/operate.md").read_text()
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            assert f"deploy/{path.relative_to(DEPLOY).as_posix()}" in docs, path
