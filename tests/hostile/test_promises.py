"""A promise is signed: what it says must come true however the proposal goes on."""

from civic.deeds import proposal as deeds
from civic.kernel.database import reading
from civic.kernel.record import boxes
from civic.kernel.record.submission import Promise
from tests.lives import Life, done, good


async def test_a_reaction_is_recorded_by_the_tick_promised(life: Life) -> None:
    proposal = done(
        await deeds.propose(
            life.desk,
            life.people[0],
            title="A hall",
            text="Rent one.",
            lang="en",
            idempotency="p",
            secrecy="pseudonymous",
        )
    ).id
    argued = await deeds.argue(life.desk, life.people[1], proposal, "pro", "Yes", "en", "a")
    argument = done(argued).id
    # An hour before the time for support is over.
    await life.pass_time(days=14, minutes=-60)
    promise = good(await deeds.fill_box(life.desk, life.people[2], proposal, argument, 1))
    assert isinstance(promise, Promise)
    for one in life.people[3:5]:
        done(await deeds.support(life.desk, one, proposal, "s"))
    while life.desk.book.timekeeper.clock.now().timestamp() // 60 < promise.tick:
        await life.pass_time(minutes=10)
    async with reading(life.desk.book.engine) as db:
        assert not await boxes.contents(db, life.log, [argument])
