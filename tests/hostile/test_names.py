"""Names that people had: whoever changes a name or leaves is called so no longer, anywhere."""

from civic.deeds import chapter as deeds
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.content import read_words
from tests.lives import Life, done


async def names_kept(life: Life) -> set[str]:
    """Return all names that the node still keeps."""
    kept = set()
    async with reading(life.desk.book.engine) as db:
        hashes = await life.desk.book.ask(life.log, lambda state: set(state.record.texts))
        for digest in hashes:
            found = await store.content(db, life.log, digest)
            if found is not None and found[0] is not None:
                kept.add(read_words(found[0]).text)
    return kept


async def test_a_name_that_was_changed_is_kept_no_longer(life: Life) -> None:
    person = life.people[4]
    done(await deeds.set_name(life.desk, person, "Old Name", "en", "one"))
    done(await deeds.set_name(life.desk, person, "New Name", "en", "two"))
    again = done(await deeds.set_name(life.desk, person, "New Name", "en", "two"))
    assert again.receipt.repeated
    assert await names_kept(life) == {"Vilnius", "New Name"}


async def test_who_left_is_called_nothing(life: Life) -> None:
    person = life.people[4]
    done(await deeds.set_name(life.desk, person, "Old Name", "en", "one"))
    done(await deeds.leave(life.desk, person, "leave"))
    assert done(await deeds.leave(life.desk, person, "leave")).receipt.repeated
    assert await names_kept(life) == {"Vilnius"}
