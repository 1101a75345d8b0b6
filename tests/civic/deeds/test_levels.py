"""The ladder through the book: vouches, cases, the lot, disputes, reviews, and what is erased."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.assurance import checks
from chapters.assurance.disputes import CHALLENGE_UNKNOWN
from chapters.assurance.levels import CASE_UNKNOWN, LEVEL_HELD
from chapters.assurance.state import full_level, of
from chapters.state import of as chapter_of
from civic.deeds import chapter as deeds
from civic.deeds import disputing, verifying, vouching
from civic.deeds.attesting import Given
from civic.deeds.settling import settle_levels
from civic.deeds.verifying import CASE_OPEN, seat
from civic.deeds.vouching import CODE_VOID
from civic.kernel.database import reading
from civic.kernel.refusal import Refusal
from tests.ladder import (
    audited,
    give,
    ladder,
    level,
    open_cases,
    papers_of,
    see,
    state_of,
)
from tests.lives import Life, done, good

ALL = Given(2, 2, recorded=True)
HALF = Given(1, 2, recorded=False)


async def settle(life: Life) -> None:
    await settle_levels(life.desk, life.log, life.log_id)


async def test_three_vouches_lead_to_level_one(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys")
    ann, ben, cem, dia, _eva, fox, gil, *_ = life.people
    assert [await level(life, one) for one in (ann, dia, fox)] == [2, 2, 0]
    size = len(await life.entries())
    assert await give(life, fox, ann) == Given(1, 3, recorded=False)
    assert await give(life, fox, ann) == Refusal(checks.TWICE)
    assert await give(life, fox, fox) == Refusal(checks.VOUCHER)
    assert await give(life, fox, ben) == Given(2, 3, recorded=False)
    # Two vouches leave nothing in the record; with the third comes one entry, which names nobody.
    assert len(await life.entries()) == size
    assert await give(life, fox, cem) == Given(3, 3, recorded=True)
    assert await level(life, fox) == 1
    raw = (await life.entries())[-1].decode()
    assert '"kind":"chapters.vouched"' in raw
    assert '"by":{"as":"node"' in raw
    assert not any(one.member in raw for one in (ann, ben, cem))
    assert await give(life, fox, dia) == Refusal(LEVEL_HELD)
    assert await give(life, gil, fox) == Refusal(checks.VOUCHER)
    report = await audited(life)
    assert report.status == 0, report.findings


async def test_codes_end_and_budgets_too(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys", others=5)
    ann, *_rest = life.people
    others = life.people[5:]
    code = good(await vouching.show_code(life.desk, others[0]))
    assert len(code) == 8
    await life.pass_time(minutes=16)
    assert await vouching.vouch(life.desk, ann, code, "late") == Refusal(CODE_VOID)
    for one in others[:3]:
        assert await give(life, one, ann) == Given(1, 3, recorded=False)
    # What waits counts: nobody promises more than they have.
    refused = await give(life, others[3], ann)
    assert refused == Refusal(checks.VOUCH_BUDGET, {"most": 3})
    # What nobody completed is given back.
    await life.pass_time(days=92)
    await settle(life)
    assert await give(life, others[3], ann) == Given(1, 3, recorded=False)


async def test_two_verifiers_lead_to_level_two(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys")
    ann, ben, cem, dia, eva, fox, gil, hal, _ida = life.people
    assert await verifying.open_case(life.desk, fox, (), "early") == Refusal(
        "chapters.no_level", {"needed": 1}
    )
    for one in (fox, gil):
        await give(life, one, ann, ben, cem)
    assert await see(life, fox, dia) == HALF
    (case,) = await open_cases(life)
    number = case.paper.case
    again = await verifying.confirm(life.desk, dia, number, "document", "again")
    assert again == Refusal(checks.TWICE)
    assert await verifying.open_case(life.desk, fox, (), "again") == Refusal(CASE_OPEN)
    refused = await verifying.confirm(life.desk, ann, number, "document", "no verifier")
    assert refused == Refusal(checks.VERIFIER)
    assert await verifying.confirm(life.desk, eva, number, "document", "second") == ALL
    member = chapter_of(await state_of(life)).members[fox.member]
    assert (member.level, full_level(member)) == (2, 2)
    assert await open_cases(life) == []
    raw = (await life.entries())[-1].decode()
    assert not any(one.member in raw for one in (dia, eva))

    assert await see(life, gil, dia, eva, way="video") == ALL
    member = chapter_of(await state_of(life)).members[gil.member]
    assert (member.level, full_level(member)) == (2, 1)
    assert await give(life, hal, gil) == Refusal(checks.VOUCHER)
    assert (await audited(life)).status == 0
    blind = await audited(life, restricted=False)
    papers = next(check for check in blind.checks if check.name == "papers")
    assert (blind.status, papers.status) == (0, "not_checked")

    # Video holds for a year, a document for two.
    await life.pass_time(days=367)
    assert [await level(life, one) for one in (gil, fox)] == [1, 2]
    await life.pass_time(days=366)
    assert [await level(life, one) for one in life.people] == [0] * len(life.people)


async def test_one_verifier_is_drawn_by_lot(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys", verifiers=5, others=1)
    verifiers, fox = life.people[3:8], life.people[8]
    await give(life, fox, *life.people[:3])
    relatives = [one.member for one in verifiers[:3]]
    refused = await verifying.open_case(life.desk, fox, relatives, "three")
    assert refused == Refusal(checks.RELATIVES, {"most": 2})
    number = done(await verifying.open_case(life.desk, fox, relatives[:1], "one")).id
    assert await verifying.confirm(life.desk, verifiers[0], number, "document", "r") == Refusal(
        checks.NOT_INDEPENDENT
    )

    async def lot() -> str | None:
        (case,) = await open_cases(life)
        async with reading(life.desk.book.engine) as db:
            place = await seat(
                db, life.desk, await state_of(life), life.log, case, verifiers[1].member
            )
        assert place is not None
        return place.drawn

    first = await lot()
    others = [one for one in verifiers[1:] if one.member != first]
    assert await verifying.confirm(life.desk, others[0], number, "document", "a") == HALF
    assert await verifying.confirm(life.desk, others[1], number, "document", "b") == Refusal(
        checks.LOT
    )
    chosen = next(one for one in verifiers if one.member == first)
    assert await verifying.stand_aside(life.desk, chosen, number) is None
    assert await verifying.confirm(life.desk, chosen, number, "document", "c") == Refusal(
        checks.NOT_INDEPENDENT
    )
    second = await lot()
    assert second != first
    # The one who confirmed already may be the one drawn next; then any other completes the pair.
    last = next(one for one in others[1:] if second in (one.member, others[0].member))
    assert await verifying.confirm(life.desk, last, number, "document", "d") == ALL
    assert await level(life, fox) == 2
    report = await audited(life)
    assert report.status == 0, report.findings


async def test_a_case_waits_for_thirty_days(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys")
    dia, eva, fox = life.people[3:6]
    await give(life, fox, *life.people[:3])
    assert await see(life, fox, dia) == HALF
    number = (await open_cases(life))[0].paper.case
    await life.pass_time(days=32)
    assert await verifying.confirm(life.desk, eva, number, "document", "late") == Refusal(
        CASE_UNKNOWN
    )
    await settle(life)
    assert await open_cases(life) == []
    assert await see(life, fox, dia, eva) == ALL


async def disputed(database: AsyncEngine, tmp_path: Path) -> tuple[Life, str]:
    """Fox and gil are at level 1, vouched for by the same; fox is challenged by hal's voucher."""
    life = await ladder(database, tmp_path / "keys", verifiers=4, others=3)
    ann, ben, cem = life.people[:3]
    dia, eva, fyn, ghi, fox, gil, hal = life.people[3:]
    await give(life, fox, ann, ben, dia)
    await give(life, gil, ann, cem, ghi)
    await give(life, hal, cem, eva, fyn)
    made = await disputing.challenge(
        life.desk, cem, fox.member, "She came twice, under two names.", "en", "challenge"
    )
    return life, done(made).id


async def test_a_challenge_is_decided_by_two_others(database: AsyncEngine, tmp_path: Path) -> None:
    life, own = await disputed(database, tmp_path)
    cem, (dia, eva, fyn, ghi, fox, gil, hal) = life.people[2], life.people[3:]
    again = await disputing.challenge(life.desk, gil, fox.member, "Me too.", "en", "again")
    assert again == Refusal(checks.CHALLENGER)
    # Dia vouched for fox; cem, who challenges, is no verifier.
    for one, code in ((dia, checks.NOT_INDEPENDENT), (cem, checks.VERIFIER)):
        key = f"no {one.member}"
        assert await disputing.decide(life.desk, one, own, key, upheld=True) == Refusal(code)
    assert await disputing.decide(life.desk, eva, own, "1", upheld=True) == HALF
    assert await disputing.decide(life.desk, fyn, own, "2", upheld=False) == HALF
    assert await disputing.decide(life.desk, ghi, own, "3", upheld=True) == ALL
    assert await level(life, fox) == 1
    assert of(await state_of(life)).challenges[own].stage == "upheld"

    done(await disputing.appeal(life.desk, fox, own, "I am one person.", "en", "appeal"))
    # Only fyn is left of the verifiers, so nobody can overturn it.
    refused = await disputing.decide(life.desk, eva, own, "4", upheld=False)
    assert refused == Refusal(checks.NOT_INDEPENDENT)
    assert await disputing.decide(life.desk, fyn, own, "5", upheld=False) == HALF
    await life.pass_time(days=15)
    assert [await level(life, one) for one in (fox, gil, hal)] == [0, 1, 1]
    await settle(life)
    # Ann vouched for fox and gil: gil needs new vouches, hal does not.
    standing = of(await state_of(life)).standing
    gils, hals = (standing[one.member].vouched for one in (gil, hal))
    assert gils is not None
    assert hals is not None
    assert (gils.review, hals.review) == (True, False)
    assert own not in of(await state_of(life)).challenges
    # Who vouched for fox waits a year; others can vouch for gil at once.
    assert await give(life, gil, life.people[0]) == Refusal(checks.VOUCHER)
    assert (await audited(life)).status == 0
    await life.pass_time(days=31)
    assert [await level(life, one) for one in (gil, hal)] == [0, 1]


async def test_who_leaves_in_a_dispute_hides_nobody_who_vouched(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life, own = await disputed(database, tmp_path)
    dia, eva, _fyn, ghi, fox, gil, hal = life.people[3:]
    done(await deeds.leave(life.desk, fox, "leave"))
    await settle(life)
    # Dia vouched for fox, and takes no part in it still.
    refused = await disputing.decide(life.desk, dia, own, "no", upheld=True)
    assert refused == Refusal(checks.NOT_INDEPENDENT)
    for one in (eva, ghi):
        await disputing.decide(life.desk, one, own, one.member, upheld=True)
    await life.pass_time(days=15)
    await settle(life)
    standing = of(await state_of(life)).standing
    gils, hals = (standing[one.member].vouched for one in (gil, hal))
    assert gils is not None
    assert hals is not None
    assert (gils.review, hals.review) == (True, False)
    assert (await audited(life)).status == 0
    # The papers go with the dispute, thirty days after it is over.
    before = set(await papers_of(life))
    await life.pass_time(days=31)
    await settle(life)
    assert len(before - set(await papers_of(life))) >= 6
    assert (await audited(life)).status == 0


async def test_an_appeal_can_succeed(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys", verifiers=4, others=1)
    ann, ben, cem, dia, eva, fyn, ghi, fox = life.people
    await give(life, fox, ann, ben, cem)
    made = await disputing.challenge(life.desk, dia, fox.member, "Unknown to me.", "en", "c")
    own = done(made).id
    refused = await disputing.decide(life.desk, dia, own, "0", upheld=True)
    assert refused == Refusal(checks.NOT_INDEPENDENT)
    for one in (eva, fyn):
        await disputing.decide(life.desk, one, own, one.member, upheld=True)
    done(await disputing.appeal(life.desk, fox, own, "Ask ann.", "en", "appeal"))
    # Dia challenged, eva and fyn decided: ghi alone cannot overturn it.
    assert await disputing.decide(life.desk, ghi, own, "a", upheld=False) == HALF
    assert await disputing.decide(life.desk, dia, own, "b", upheld=False) == Refusal(
        checks.NOT_INDEPENDENT
    )
    assert await level(life, fox) == 1
    done(await vouching.renounce(life.desk, fox, "renounce"))
    assert await level(life, fox) == 0


async def test_an_undecided_challenge_lapses(database: AsyncEngine, tmp_path: Path) -> None:
    life, own = await disputed(database, tmp_path)
    fox = life.people[7]
    assert await disputing.decide(life.desk, life.people[4], own, "1", upheld=True) == HALF
    await life.pass_time(days=15)
    assert await level(life, fox) == 1
    late = await disputing.decide(life.desk, life.people[5], own, "2", upheld=True)
    assert late == Refusal(CHALLENGE_UNKNOWN)


async def test_papers_are_erased_when_nothing_rests_on_them(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await ladder(database, tmp_path / "keys")
    fox = life.people[5]
    before = set(await papers_of(life))
    await give(life, fox, *life.people[:3])
    await see(life, fox, *life.people[3:5])
    await settle(life)
    # Three vouches, the case and two verifications.
    assert len(set(await papers_of(life)) - before) == 6
    done(await vouching.renounce(life.desk, fox, "renounce"))
    await settle(life)
    assert set(await papers_of(life)) == before
    async with reading(database) as db:
        assert await db.scalar(text("SELECT count(*) FROM private.backing")) == 0
        assert await db.scalar(text("SELECT count(*) FROM private.attestation")) == 0
    report = await audited(life)
    assert report.status == 0
    papers = next(check for check in report.checks if check.name == "papers")
    assert "6 were erased" in papers.text


async def test_the_database_alone_tells_nothing(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys")
    fox, gil = life.people[5:7]
    await give(life, fox, *life.people[:3])
    await give(life, gil, life.people[0])
    await see(life, fox, life.people[3])
    await vouching.show_code(life.desk, gil)
    ids = {one.member.encode() for one in life.people}
    async with reading(database) as db:
        for table in ("vouch_code", "attestation", "attested", "backing", "verify_case", "paper"):
            rows = list(await db.execute(text(f"SELECT * FROM private.{table}")))
            assert rows, table
            cells = [str(one).encode() if not isinstance(one, bytes) else one
                     for row in rows for one in row]  # fmt: skip
            assert not any(own in cell for own in ids for cell in cells), table
