"""Settings come from the environment and go to child processes unchanged."""

from pathlib import Path

import pytest

from civic.settings import SettingError, Settings


def test_the_defaults_serve_this_machine_alone() -> None:
    settings = Settings.from_environment({})
    assert settings.data == Path.cwd() / "civic-data"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.base_url == "http://localhost:8000"
    assert settings.database_url is None
    assert settings.run_as is None
    assert settings.workers >= 2
    assert not settings.demo
    assert not settings.draft
    assert settings.with_draft().draft


def test_a_child_process_reads_the_same_settings() -> None:
    settings = Settings.from_environment(
        {
            "CIVIC_DATA": "/srv/civic",
            "CIVIC_DATABASE_URL": "postgresql://civic@db/civic",
            "CIVIC_RUN_AS": "civic",
            "CIVIC_URL": "https://civic.example/",
            "CIVIC_HOST": "::1",
            "CIVIC_PORT": "0",
            "CIVIC_WORKERS": "3",
            "CIVIC_DEMO": "1",
            "CIVIC_DRAFT": "1",
            "CIVIC_SOCKET": "/run/civic/web.sock",
            "CIVIC_MONITOR": "[::1]:9464",
            "CIVIC_ALSO_URLS": "http://civic.onion, https://www.civic.example/",
        }
    )
    assert Settings.from_environment(settings.to_environment()) == settings
    assert settings.database_url == "postgresql+asyncpg://civic@db/civic"
    assert settings.base_url == "https://civic.example"
    assert settings.also_urls == ("http://civic.onion", "https://www.civic.example")
    assert settings.addresses[0] == settings.base_url


def test_an_empty_variable_is_an_absent_one() -> None:
    assert Settings.from_environment({"CIVIC_PORT": "", "CIVIC_RUN_AS": ""}).run_as is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CIVIC_PORT", "http"),
        ("CIVIC_PORT", "70000"),
        ("CIVIC_PORT", "\u0661"),
        ("CIVIC_WORKERS", "0"),
        ("CIVIC_DEMO", "yes"),
        ("CIVIC_URL", "civic.example"),
        ("CIVIC_URL", "https://civic.example/path"),
        ("CIVIC_ALSO_URLS", "http://civic.onion civic.example"),
        ("CIVIC_DATABASE_URL", "sqlite:///civic.db"),
        ("CIVIC_SOCKET", "web.sock"),
        ("CIVIC_SOCKET", "/" + "a" * 100),
        ("CIVIC_MONITOR", "9464"),
        ("CIVIC_MONITOR", "127.0.0.1"),
        ("CIVIC_MONITOR", "127.0.0.1:0"),
        ("CIVIC_MONITOR", "0.0.0.0:9464"),
        ("CIVIC_MONITOR", "[::]:9464"),
        ("CIVIC_MONITOR", "1.1.1.1:9464"),
        ("CIVIC_MONITOR", "example.org:9464"),
    ],
)
def test_nonsense_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        Settings.from_environment({name: value})


def test_a_demonstration_is_not_served_to_others() -> None:
    with pytest.raises(SettingError, match="demonstration"):
        Settings.from_environment({"CIVIC_DEMO": "1", "CIVIC_HOST": "0.0.0.0"})
