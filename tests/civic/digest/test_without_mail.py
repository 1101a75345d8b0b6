"""A node without a mail server asks nobody for an address."""

from pathlib import Path

import pytest

from civic.settings import SettingError, Settings
from tests.town import town


async def test_there_are_no_pages_of_mails(database_url: str, data: Path) -> None:
    async with town(database_url, data) as opened:
        out, ana = opened.stranger(), await opened.person()
        await out.see("/mail", 404)
        assert (await out.client.post("/mail", data={"key": "a" * 32})).status_code == 404
        assert "/mail" not in await ana.see("/digest")


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example/box",
     "smtps://mail.example:port", "smtps://user:secret@mail.example:0"],
)  # fmt: skip
def test_a_url_that_names_no_mail_server_is_refused_without_being_said(url: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({"CIVIC_SMTP_URL": url, "CIVIC_MAIL_FROM": "a@example.org"})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("CIVIC_MAIL_FROM", "Notes <notes@example.org>"), ("CIVIC_MAIL_FROM", "notes"),
     ("CIVIC_MAIL_FROM", ""), ("CIVIC_MAIL_SUBJECT", "two\nlines"),
     ("CIVIC_MAIL_SUBJECT", "x" * 61)],
)  # fmt: skip
def test_what_stands_above_mails_is_checked(name: str, value: str) -> None:
    good = {"CIVIC_SMTP_URL": "smtps://u:secret@mail.example", "CIVIC_MAIL_FROM": "a@example.org"}
    settings = Settings.from_environment(good)
    assert Settings.from_environment(settings.to_environment()) == settings
    assert "secret" not in repr(settings)
    with pytest.raises(SettingError, match=name):
        Settings.from_environment({**good, name: value})
