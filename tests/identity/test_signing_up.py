from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from civic.kernel.clock import SetClock
from civic.kernel.database import reading
from identity import accounts, limits, names, sessions, signing_up, tables, waiting
from identity.side import IdentityKeys, Private
from identity.signing_up import TooWeak, WrongCode
from identity.tickets import TicketOver

WORDS = "a kettle sings behind seven doors"


async def _accounts(side: Private) -> int:
    async with reading(side.engine) as unit:
        return await unit.scalar(select(func.count()).select_from(tables.account)) or 0


async def test_two_pages_make_an_account(side: Private, clock: SetClock) -> None:
    offer = await signing_up.offer(side)
    assert offer.name == names.normalise(offer.name)
    enrolment = await signing_up.enrol(side, offer.ticket, WORDS)
    assert enrolment.name == offer.name
    assert signing_up.enrolment(side, enrolment.ticket) == enrolment
    assert await _accounts(side) == 0

    phone = pyotp.TOTP(enrolment.secret)
    with pytest.raises(WrongCode):
        await signing_up.confirm(side, enrolment.ticket, "12")
    token = await signing_up.confirm(side, enrolment.ticket, phone.at(clock.now()))
    async with reading(side.engine) as unit:
        found = await sessions.load(unit, token, clock.now())
        month = await unit.scalar(select(tables.account.c.added_month))
    assert found is not None
    assert found.vault.name == offer.name
    assert month == "2026-11"

    clock.advance(timedelta(seconds=30))
    code = phone.at(clock.now())
    assert await accounts.sign_in(side, offer.name, WORDS, code) is not None


async def test_a_second_page_sent_twice_makes_one_account(side: Private, clock: SetClock) -> None:
    enrolment = await signing_up.enrol(side, (await signing_up.offer(side)).ticket, WORDS)
    code = pyotp.TOTP(enrolment.secret).at(clock.now())
    await signing_up.confirm(side, enrolment.ticket, code)
    with pytest.raises(TicketOver):
        await signing_up.confirm(side, enrolment.ticket, code)
    assert await _accounts(side) == 1


async def test_two_sign_ups_with_one_name_make_one_account(side: Private, clock: SetClock) -> None:
    offer = await signing_up.offer(side)
    first = await signing_up.enrol(side, offer.ticket, WORDS)
    second = await signing_up.enrol(side, offer.ticket, WORDS)
    await signing_up.confirm(side, first.ticket, pyotp.TOTP(first.secret).at(clock.now()))
    with pytest.raises(TicketOver):
        await signing_up.confirm(side, second.ticket, pyotp.TOTP(second.secret).at(clock.now()))
    assert await _accounts(side) == 1


async def test_a_weak_passphrase_is_refused_with_reasons(side: Private) -> None:
    offer = await signing_up.offer(side)
    for weak in ("", "password1", offer.name, offer.name.replace("-", " ")):
        with pytest.raises(TooWeak) as refused:
            await signing_up.enrol(side, offer.ticket, weak)
        assert refused.value.strength.score < 3
    await signing_up.enrol(side, offer.ticket, WORDS)


async def test_tickets_end_and_cannot_be_made_or_mixed_up(side: Private, clock: SetClock) -> None:
    offer = await signing_up.offer(side)
    enrolment = await signing_up.enrol(side, offer.ticket, WORDS)
    with pytest.raises(TicketOver):
        signing_up.enrolment(side, offer.ticket)
    stranger = Private(side.engine, IdentityKeys.of(bytes(32)), side.hasher, clock)
    changed = ("B" if offer.ticket[0] == "A" else "A") + offer.ticket[1:]
    for ticket in (enrolment.ticket, "", "ü", "====", offer.ticket[:-8], changed):
        with pytest.raises(TicketOver):
            signing_up.offered(side, ticket)
    with pytest.raises(TicketOver):
        signing_up.offered(stranger, offer.ticket)
    clock.advance(timedelta(minutes=61))
    with pytest.raises(TicketOver):
        signing_up.enrolment(side, enrolment.ticket)


async def test_one_place_hashes_few_passphrases(side: Private, clock: SetClock) -> None:
    ticket = (await signing_up.offer(side)).ticket
    for _ in range(limits.ENROL.count):
        await signing_up.enrol(side, ticket, WORDS)
    with pytest.raises(limits.Limited):
        await signing_up.enrol(side, ticket, WORDS)
    other = (await signing_up.offer(side)).ticket
    await signing_up.enrol(side, other, WORDS)


async def test_one_place_makes_one_account(side: Private, clock: SetClock) -> None:
    place = await waiting.come(side)
    for expected in (True, False):
        offer = await signing_up.offer(side, waiting.come_again(side, place.ticket))
        enrolment = await signing_up.enrol(side, offer.ticket, WORDS)
        code = pyotp.TOTP(enrolment.secret).at(clock.now())
        if expected:
            await signing_up.confirm(side, enrolment.ticket, code)
        else:
            with pytest.raises(TicketOver):
                await signing_up.confirm(side, enrolment.ticket, code)
    assert await _accounts(side) == 1


async def test_what_a_ticket_shows_is_sealed(side: Private) -> None:
    enrolment = await signing_up.enrol(side, (await signing_up.offer(side)).ticket, WORDS)
    assert enrolment.secret not in enrolment.ticket
    assert "data_key" not in enrolment.ticket
