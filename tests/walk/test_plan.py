"""What a short walk looks at."""

from hypothesis import given
from hypothesis import strategies as st

from tests.walk.plan import LANGUAGES, Visit, chosen, distinct

VISITS = st.builds(
    Visit,
    page=st.sampled_from(["/", "/account", "/words"]),
    role=st.sampled_from(["out", "new", "lead"]),
    path=st.just("/"),
    language=st.sampled_from(LANGUAGES),
    status=st.sampled_from([200, 401, 404]),
    skeleton=st.sampled_from(["a", "b", "c"]),
    let_in=st.booleans(),
)


@given(st.lists(VISITS, min_size=1))
def test_everybody_is_seen(known: list[Visit]) -> None:
    assert {one.role for one in chosen(known)} == {one.role for one in known}


@given(st.lists(VISITS, min_size=1))
def test_every_page_is_seen_as_somebody_who_is_let_in(known: list[Visit]) -> None:
    plan = {one.page for one in chosen(known) if one.let_in}
    assert plan == {one.page for one in known if one.let_in}


@given(st.lists(VISITS, min_size=1))
def test_each_way_of_saying_no_is_seen(known: list[Visit]) -> None:
    plan = {one.skeleton for one in chosen(known)}
    assert {one.skeleton for one in known if not one.let_in} <= plan


def test_languages_take_turns() -> None:
    known = [Visit(str(number), "out", "/", "en") for number in range(6)]
    assert [one.language for one in chosen(known)] == [*LANGUAGES, *LANGUAGES]


@given(st.lists(VISITS, min_size=1))
def test_all_that_differs_is_looked_at(known: list[Visit]) -> None:
    def kinds(visits: list[Visit]) -> set[tuple[str, str, str]]:
        return {(one.page, one.language, one.skeleton) for one in visits}

    plan = distinct(known)
    assert kinds(plan) == kinds(known)
    assert {one.role for one in plan} == {one.role for one in known}
