import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.alarms.trust import LOW, Edge, low, neighbours, trust

names = st.sampled_from([f"m{number}" for number in range(12)])
graphs = st.lists(st.tuples(names, names), max_size=40)


def village(people: int, friends: int, dice: random.Random, name: str = "v") -> list[Edge]:
    """People who each met some others, as a chapter that grows by vouching."""
    edges: list[Edge] = []
    for number in range(1, people):
        known = dice.sample(range(number), min(number, friends))
        edges += [(f"{name}{number}", f"{name}{other}") for other in known]
    return edges


class TestTrust:
    def test_flows_one_step_in_a_graph_of_two(self) -> None:
        assert trust([("a", "b")], {"a"}) == {"a": 0.0, "b": 2.0}

    def test_by_hand_on_a_star(self) -> None:
        # Four members, two steps: from a leaf to the middle and back to all leaves.
        star = [("m", leaf) for leaf in "abc"]
        shares = trust(star, {"a"})
        assert shares == pytest.approx({"m": 0.0, "a": 2.0, "b": 2.0, "c": 2.0})

    def test_nobody_without_a_seed(self) -> None:
        assert set(trust([("a", "b")], {"z"}).values()) == {0.0}
        assert trust([], {"a"}) == {}

    @given(graphs, st.sets(names))
    def test_none_is_lost_and_none_is_made(self, edges: list[Edge], seeds: set[str]) -> None:
        graph = neighbours(edges)
        shares = trust(edges, seeds)
        ends = sum(len(others) for others in graph.values())
        whole = sum(share * len(graph[member]) for member, share in shares.items())
        expected = ends if seeds & graph.keys() else 0
        assert whole == pytest.approx(expected)

    @given(graphs, st.sets(names), st.randoms(use_true_random=False))
    def test_order_and_direction_do_not_matter(
        self, edges: list[Edge], seeds: set[str], dice: random.Random
    ) -> None:
        other = [edge if dice.random() < 0.5 else (edge[1], edge[0]) for edge in edges]
        dice.shuffle(other)
        assert trust(other, seeds) == trust(edges, seeds)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("people", [60, 400])
def test_a_region_behind_one_voucher_is_shown(seed: int, people: int) -> None:
    dice = random.Random(seed)
    edges = village(people, 3, dice)
    invented = [f"x{number}" for number in range(people // 3)]
    edges += combinations(invented[:10], 2)
    edges += [(one, dice.choice(invented[:10])) for one in invented[10:]]
    edges.append((invented[0], f"v{people // 2}"))
    shares = trust(edges, {"v0", "v1", "v2", "v5", "v9"})
    shown = set(low(shares, shares.keys()))
    assert len(shown & set(invented)) >= 0.9 * len(invented)
    assert len(shown - set(invented)) <= 0.05 * people


def test_only_those_present_are_shown_the_least_trusted_first() -> None:
    shares = {"a": LOW, "b": 0.1, "c": 0.0, "d": 0.05}
    assert low(shares, {"a", "b", "d"}) == ("d", "b")
