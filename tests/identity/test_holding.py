"""Which members an account holds follows from its vault and from what the record says of keys."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from identity.holding import Turn, Turned, Turns, held, holds, lost
from identity.vault import AWAITED_MOST, Membership, Vault

changes = st.sampled_from(["", "c1", "c2", "c3"])
members = st.sampled_from(["ana", "ben", "cem"])
keys = st.sampled_from(["k1", "k2"])
memberships = st.builds(
    Membership,
    st.sampled_from(["here", "there"]),
    st.just("log"),
    members,
    changes,
    st.sampled_from(["", "k1", "k2"]),
)
turns = st.dictionaries(members, st.builds(Turn, changes, keys, changes))


def one_each(found: list[Membership]) -> tuple[Membership, ...]:
    return tuple({one.chapter_id: one for one in found}.values())


vaults = st.builds(
    lambda own, awaited: Vault("name", one_each(own), awaited=tuple(awaited)),
    st.lists(memberships, max_size=3),
    st.lists(memberships, max_size=3),
)


def membership(change: str = "", key: str = "", member: str = "ana") -> Membership:
    return Membership("here", "log", member, change, key)


def test_of_two_accounts_the_last_change_says_which_holds_the_member() -> None:
    before, after = {"ana": Turn("", "k1", "c1")}, {"ana": Turn("c1", "k2")}
    old = Vault("old", (membership(),))
    new = Vault("new").awaiting(membership("c1"))
    assert (held(old, before).memberships, held(new, before).memberships) == ((membership(),), ())
    assert lost(old, before) == lost(new, before) == ()
    assert held(new, after).memberships == (membership("c1"),)
    assert held(old, after).memberships == ()
    assert lost(old, after) == (membership(),)
    later: Turns = {"ana": Turn("c2", "k3", former=frozenset({"c1"}))}
    assert lost(new, later) == (membership("c1"),)
    # What was announced and stopped was never held, so it is not lost either.
    assert lost(new, {"ana": Turn("", "k1")}) == ()


def test_a_claim_ends_with_its_key_and_a_joining_does_not() -> None:
    claimed, joined = membership(key="k1"), membership()
    assert holds(claimed, {})
    for turn in (Turn("", "k1"), Turn("", "k1", "c1")):
        assert holds(claimed, {"ana": turn})
    assert not holds(claimed, {"ana": Turn("", "k2")})
    assert holds(joined, {"ana": Turn("", "k2")})
    rekeyed = Vault("name", (claimed, Membership("there", "log", "ben"))).rekeyed("here", "k2")
    assert held(rekeyed, {"ana": Turn("", "k2")}).memberships == rekeyed.memberships
    assert rekeyed.rekeyed("there", "k2").memberships[1].key == ""


@given(vaults, turns)
def test_nobody_holds_what_the_record_gave_to_others(vault: Vault, turned: Turns) -> None:
    seen = held(vault, turned)
    for one in seen.memberships:
        turn = turned.get(one.member_id, Turn("", one.key))
        assert one.change == turn.change
        assert one.key in ("", turn.key)
    chapters = [one.chapter_id for one in seen.memberships]
    assert len(chapters) == len(set(chapters))
    assert held(seen, turned).memberships == seen.memberships
    assert not {one.chapter_id for one in lost(vault, turned)} & set(chapters)


def test_of_two_members_that_came_the_last_asked_for_is_held_for_good() -> None:
    ana, cem = membership("c1"), membership("c1", member="cem")
    vault = Vault("name", awaited=(ana, cem))
    turned = {"ana": Turn("c1", "k1"), "cem": Turn("c1", "k2")}
    seen = held(vault, turned)
    assert seen.memberships == held(seen, turned).memberships == (cem,)


@given(vaults)
def test_where_nothing_happened_with_keys_all_is_as_it_was(vault: Vault) -> None:
    plain = tuple(one for one in vault.memberships if not one.change)
    assert held(vault, {}).memberships == plain


@given(st.lists(memberships), memberships)
def test_who_joins_waits_for_no_other_member_there(
    awaited: list[Membership], own: Membership
) -> None:
    vault = Vault("name")
    for one in awaited:
        vault = vault.awaiting(one)
        assert vault.awaited[-1] == one
    for chapter in ("here", "there"):
        assert sum(one.chapter_id == chapter for one in vault.awaited) <= AWAITED_MOST
    after = vault.joined(own)
    assert own in after.memberships
    for one in after.awaited:
        assert one.chapter_id != own.chapter_id or one.member_id == own.member_id
    assert all(one.chapter_id != "here" for one in vault.left("here").awaited)


async def test_keys_are_read_anew_only_when_something_happened() -> None:
    asked = 0

    async def ask() -> Turns:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return {"ana": Turn(f"c{asked}", "k")}

    turned = Turned(ask)
    assert await turned.at(0) == {}
    assert asked == 0
    several = await asyncio.gather(*(turned.at(1) for _ in range(5)))
    assert [one["ana"].change for one in several] == ["c1"] * 5
    assert (await turned.at(2))["ana"].change == "c2"
    assert asked == 2
