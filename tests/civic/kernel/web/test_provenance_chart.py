import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.provenance_chart import SHOWN, Step, provenance


def test_steps_are_drawn_on_their_lanes_and_tied_to_what_led_to_them() -> None:
    drawing = provenance(
        [Step("people"), Step("rules", 0), Step("effect", 1), Step("effect", 1, current=True)]
    )
    assert [(one.number, one.x) for one in drawing.nodes] == [
        ("1", "12.5%"), ("2", "37.5%"), ("3", "62.5%"), ("4", "87.5%"),
    ]  # fmt: skip
    assert len({one.y for one in drawing.nodes}) == 3
    assert [(one.x1, one.x2) for one in drawing.links] == [
        ("12.5%", "37.5%"), ("37.5%", "62.5%"), ("37.5%", "87.5%"),
    ]  # fmt: skip
    assert [one.current for one in drawing.nodes] == [False, False, False, True]


def test_nothing_and_what_comes_before_its_cause_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="without a step"):
        provenance([])
    with pytest.raises(ValueError, match="from one before"):
        provenance([Step("people", 0)])


@given(st.lists(st.sampled_from(["people", "rules", "effect"]), min_size=1, max_size=40))
def test_the_last_steps_fit_in_the_drawing(lanes: list[str]) -> None:
    steps = [Step(lane, n - 1 if n else None) for n, lane in enumerate(lanes)]  # type: ignore[arg-type]
    drawing = provenance(steps)
    assert drawing.left_out + len(drawing.nodes) == len(steps)
    assert len(drawing.nodes) <= SHOWN
    assert drawing.nodes[-1].number == str(len(steps))
    assert all(0 < float(one.x.rstrip("%")) < 100 for one in drawing.nodes)
    assert all(0 < one.y < drawing.height for one in drawing.nodes)
    assert len(drawing.links) == len(drawing.nodes) - 1
