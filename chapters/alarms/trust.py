"""How much trust reaches each member from well-known ones over who met whom (pure).

SybilRank (Cao, Sirivianos, Yang, Pregueiro: "Aiding the Detection of Fake Accounts in Large Scale
Social Online Services", NSDI 2012): trust starts evenly on seeds, flows along the edges of the
undirected graph for about log2(n) steps, and is divided by each one's number of edges at the end.
Invented people can vouch for each other as often as they like; what counts is over how few real
people trust must pass to reach them. Stopping early is the point: after many steps trust would be
spread evenly everywhere.

What comes out is a reason to look, never a reason to exclude: people far away, or new ones whom
only one group knows, score low without any fault.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Final

LOW: Final = 0.25
"""A share of the even level under which somebody is shown; chosen so that, in the tests' growing
villages, a region behind one voucher is shown and well-connected newcomers are not."""

Edge = tuple[str, str]


def neighbours(edges: Iterable[Edge]) -> dict[str, list[str]]:
    """Return the sorted neighbours of each end; edges have no direction, doubles count once."""
    met: dict[str, set[str]] = {}
    for one, other in edges:
        if one != other:
            met.setdefault(one, set()).add(other)
            met.setdefault(other, set()).add(one)
    return {member: sorted(others) for member, others in sorted(met.items())}


def trust(edges: Iterable[Edge], seeds: Collection[str]) -> dict[str, float]:
    """Return the trust of each member that has an edge, as a share of the even level (1.0).

    `seeds` are well-known members, weighted evenly; those without an edge give nothing. Without a
    seed in the graph nobody has any trust and the result is all zeros. Time is linear in edges
    times log2(members).
    """
    graph = neighbours(edges)
    starting = sorted(set(seeds) & graph.keys())
    if not starting:
        return dict.fromkeys(graph, 0.0)
    now = dict.fromkeys(graph, 0.0)
    for seed in starting:
        now[seed] = 1.0 / len(starting)
    for _ in range(max(1, math.ceil(math.log2(len(graph))))):
        now = {
            member: math.fsum(now[other] / len(graph[other]) for other in others)
            for member, others in graph.items()
        }
    ends = sum(len(others) for others in graph.values())
    return {member: now[member] / len(others) * ends for member, others in graph.items()}


def low(shares: Mapping[str, float], present: Collection[str]) -> tuple[str, ...]:
    """Return the present members who are to be looked at, the least trusted first."""
    found = [(share, member) for member, share in shares.items() if member in present]
    return tuple(member for share, member in sorted(found) if share < LOW)
