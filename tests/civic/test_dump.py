"""A dump of the demonstration's database names nobody: no true name, document, contact, sign-in.

Names that people chose to be called by are public words of the record and are not searched for.
"""

import asyncio
import base64
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from civic.demo.command import play
from civic.demo.story import papers, stories
from civic.kernel.clock import SystemClock
from civic.kernel.database import create_engine, reading, writing
from civic.operate.programs import environment_of, program
from civic.operate.tables import job_failure
from identity import links, sessions


async def dump(url: str) -> bytes:
    """Return all schemas of a database, as PostgreSQL writes them out."""
    address = make_url(url)
    process = await asyncio.create_subprocess_exec(
        program("pg_dump", address),
        "--no-owner",
        env=environment_of(address),
        stdout=asyncio.subprocess.PIPE,
    )
    written, _ = await process.communicate()
    assert process.returncode == 0
    return written


def forms(words: str) -> Iterator[bytes]:
    """Yield how words could be written."""
    for text in {words, words.casefold(), words.upper(), re.sub(r"[\s-]", "", words)}:
        raw = text.encode()
        yield raw
        for encoding in ("utf-16-le", "utf-16-be"):
            yield text.encode(encoding)
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        for shift in range(3):
            # The middle of it looks the same whatever stands before and behind.
            inside = base64.b64encode(bytes(shift) + raw)[4:-4]
            yield inside
            yield inside.translate(bytes.maketrans(b"+/", b"-_"))


def found_in(dumped: bytes, wanted: list[str]) -> set[str]:
    """Return which words a dump holds, in any form, in the open or in bytes written as hex."""
    opened = b"\n".join(
        bytes.fromhex(run.decode()) for run in re.findall(rb"\\\\x((?:[0-9a-f]{2})+)", dumped)
    )
    places = [dumped, dumped.lower(), opened, opened.lower()]
    return {
        words
        for words in wanted
        if any(form in place for form in set(forms(words)) for place in places)
    }


def known() -> list[str]:
    """Return everything that invented people could have shown or told."""
    return [
        words
        for one in papers()
        for words in (one.name, one.document, one.personal_number, one.email, one.phone)
    ]


@pytest.mark.slow
async def test_a_dump_of_the_demonstration_names_nobody(database_url: str, data: Path) -> None:
    now = SystemClock().now()
    mark = await play(database_url, data, stories(), now, "code")
    engine = create_engine(database_url)
    signed_in_as = []
    for guest in mark.guests:
        async with writing(engine) as db:
            secret = await links.issue(db, guest.account_id, guest.data_key, now)
            token = await links.redeem(db, secret, now)
        async with reading(engine) as db:
            me = await sessions.load(db, token, now)
        assert me is not None
        signed_in_as.append(me.vault.name)
    dumped = await dump(database_url)
    assert all(f"COPY {schema}.".encode() in dumped for schema in ("record", "view", "private"))
    # Words of the record are found, so the search would find what it should not.
    assert found_in(dumped, [stories()[0].proposals[0].title])
    assert len(known()) >= 80
    assert found_in(dumped, known() + signed_in_as) == set()
    await engine.dispose()


async def test_what_is_planted_is_found(database_url: str) -> None:
    """In whichever form somebody might have written it."""
    engine = create_engine(database_url)
    planted = papers()[3]
    said = planted.name.encode()
    written = [
        f"a {planted.name} b",
        planted.email.upper(),
        base64.b64encode(b"xy" + planted.phone.encode() + b"z").decode(),
        planted.document.encode().hex(),
    ]
    async with writing(engine) as db:
        for number, text in enumerate(written):
            row = insert(job_failure).values(job=str(number), day=date(2026, 1, 1), times=1)
            await db.execute(row.values(error=text))
        await db.exec_driver_sql(
            "INSERT INTO private.spent (hash, until) VALUES ($1, 1)",
            (b"\0" + said.decode().encode("utf-16-le"),),
        )
    dumped = await dump(database_url)
    wanted = [planted.name, planted.email, planted.phone, planted.document]
    assert found_in(dumped, known()) == set(wanted)
    await engine.dispose()
    without = dumped.replace(f"a {planted.name} b".encode(), b"")
    assert found_in(without, known()) == set(wanted)
