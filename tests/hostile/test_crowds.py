"""A tick in which very many take part: more than a statement has places for values."""

from sqlalchemy import text

from civic.kernel.database import reading, writing
from civic.kernel.record import boxes, ties
from civic.kernel.record.entry import id_of
from tests.lives import Life

MANY = 40_000
"""PostgreSQL takes 32,767 values in one statement."""

_FILL = text(
    "INSERT INTO private.box (log, subject, row, value) "
    "SELECT :log, 'subject', 'row ' || n, 1 FROM generate_series(1, :many) AS n"
)


async def test_ties_and_boxes_have_no_largest_number(life: Life) -> None:
    book = life.desk.book
    rows = [id_of(number.to_bytes(16, "big")) for number in range(MANY)]
    hashes = [f"{number:064x}" for number in range(MANY)]
    async with reading(book.engine) as db:
        assert await ties.waiting_rows(db, book.vault, life.log, rows) == {}
        assert await boxes.contents(db, life.log, rows) == []
    async with writing(book.engine) as db:
        await ties.mark_recorded(db, life.log, hashes)
        await db.execute(_FILL, {"log": life.log, "many": MANY})
        assert len(await boxes.contents(db, life.log, ["subject"])) == MANY
