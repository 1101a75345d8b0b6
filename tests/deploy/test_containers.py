"""The image and the composition: as closed as they say, and what they run runs when installed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from civic.ready import ready
from tests.deploy.proxies import DEPLOY
from tests.served import ROOT, Served, free_port

DOCKERFILE = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.*)$", DOCKERFILE, re.MULTILINE)


class TestImage:
    def test_it_installs_locked_versions_and_the_package_by_itself(self) -> None:
        installs = [run for run in instructions("RUN") if "pip install" in run]
        assert len(installs) == 2
        assert "--require-hashes -r requirements.lock" in installs[0]
        assert "--no-deps --no-build-isolation ." in installs[1]

    def test_it_holds_all_that_a_wheel_is_made_of(self) -> None:
        copied = " ".join(instructions("COPY")).split()
        ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        for name in (
            "pyproject.toml", "README.md", "LICENSE", "alembic.ini", "requirements.lock",
            "civic", "identity", "chapters", "deliberation", "voting", "templates",
        ):  # fmt: skip
            assert name in copied
            assert f"!{name}" in ignored
            assert (ROOT / name).exists()
        assert ignored[0] == "*"

    def test_it_runs_as_nobody_special_and_tells_how_it_is(self) -> None:
        assert instructions("USER") == ["civic"]
        assert json.loads(instructions("CMD")[-1]) == ["civic", "serve"]
        (health,) = instructions("HEALTHCHECK")
        assert json.loads(health.partition("CMD ")[2]) == ["python", "-m", "civic.ready"]
        for image in instructions("FROM"):
            assert "/" not in image


class TestComposition:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]

    def test_images_are_named_without_a_host(self) -> None:
        images = [one["image"] for one in self.services.values() if "image" in one]
        assert images == ["postgres:18", "caddy:2"]

    @pytest.mark.parametrize("name", ["civic", "database", "caddy"])
    def test_each_writes_only_where_it_must(self, name: str) -> None:
        service = self.services[name]
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not service.get("privileged")

    def test_only_the_web_server_is_reachable(self) -> None:
        assert [name for name, one in self.services.items() if "ports" in one] == ["caddy"]
        assert self.services["database"]["networks"] == ["inside"]
        assert self.services["civic"]["cap_drop"] == ["ALL"]

    def test_the_database_logs_no_data(self) -> None:
        said = self.services["database"]["command"]
        assert {"log_min_messages=fatal", "log_min_error_statement=panic"} <= set(said)

    def test_no_password_stands_in_it(self) -> None:
        for line in (DEPLOY / "compose.yaml").read_text().splitlines():
            if re.search(r"PASSWORD|://civic:", line) and not line.startswith("#"):
                assert "${CIVIC_DATABASE_PASSWORD:?" in line


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """civic as the image installs it: from a wheel, without the source tree."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--target", folder, ROOT],
        check=True, capture_output=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )  # fmt: skip
    return folder


class Installed(Served):
    """`civic serve` as the image runs it."""

    def begin(self) -> None:
        self.environment.pop("CIVIC_DRAFT")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "civic.cli", "serve"],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd="/",
            )


@pytest.fixture
def served(installed: Path, node_data: Path, run_as: str | None) -> Iterator[Served]:
    monitor = f"127.0.0.1:{free_port()}"
    served = Installed(node_data, run_as, PYTHONPATH=str(installed), CIVIC_MONITOR=monitor)
    yield served
    served.stop()


def test_what_the_image_runs_is_ready(served: Served, installed: Path) -> None:
    told = served.environment
    assert ready(told).startswith("nobody tells")
    served.start()

    def health() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "civic.ready"],
            env=told, cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip

    for _ in range(60):
        done = health()
        if done.returncode == 0:
            break
        assert "missing" in done.stderr or "nobody tells" in done.stderr
    assert done.returncode == 0, done.stderr
    status, page = served.ask("/")
    assert status == 200
    assert b"<html" in page
    assert str(installed) in _modules_of(served.children()["web-1"])


def _modules_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def test_without_a_monitor_nothing_is_claimed() -> None:
    assert ready({}) == "CIVIC_MONITOR is not set"
