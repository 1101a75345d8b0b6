"""Members who lost everything come back to a new account; the one before can do nothing more."""

import json
from datetime import timedelta
from typing import Any

from nacl.signing import SigningKey

from chapters.bylaws import DAY
from chapters.keys.entries import KeyReplaced
from chapters.keys.rules import NOTICE, possession_message
from civic import claims
from civic.deeds.chapter import set_name
from civic.deeds.holding import HELD_ELSEWHERE, VOTE_BEFORE
from civic.deeds.person import Done, Person
from civic.deeds.proposal import cast, fill_box
from civic.kernel.clock import minute_of
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.entry import Act, As, By, Proof, act_key, act_message, id_of
from civic.kernel.record.submission import Receipt, Submission
from civic.kernel.refusal import Refusal
from civic.membership import rekeyed
from identity.member_keys import claim_message
from identity.vault import AWAITED_MOST
from tests.civic.pages.test_standing import village
from tests.returning import ask, confirm, head_of, known_as, member_of, signed_for
from tests.town import Town, Visitor, form_of, hidden_of, new_key
from voting.state import of as voting_of

ADDRESS = "http://localhost"


async def handed_over(opened: Town) -> tuple[str, list[Visitor], Visitor, str]:
    """Let the fourth member lose everything and come back; return who they are now.

    The second and third founder are verifiers.
    """
    path, people = await village(opened)
    member = await member_of(opened, people[3], path)
    new = await opened.person()
    await ask(opened, new, path, member, SigningKey.generate())
    await confirm(opened, path, people[1], people[2])
    await opened.pass_time(minutes=NOTICE + 10)
    await opened.pass_time(minutes=10)
    return path, people, new, member


async def test_a_new_account_gets_the_member_and_the_old_one_is_refused(vilnius: Town) -> None:
    path, people, new, member = await handed_over(vilnius)
    old = people[3]
    assert await member_of(vilnius, new, path) == member
    await new.send(f"{path}/you", "/people/name", name="Dia, who came back")
    # The old account is still signed in, and is told plainly.
    page = await old.see(path)
    assert "Your member here is held by another account now." in page
    page = await old.see(f"{path}/keys/lost")
    assert "it can do nothing more in their name" in page
    refused = await old.client.post(f"{path}/people/name", data={"key": new_key(), "name": "Me"})
    assert refused.status_code == 403
    assert "This member is held by another account now" in refused.text
    assert "Dia, who came back" in await people[0].see(f"{path}/people")
    api = f"/api/v1/chapters/{path[3:]}"
    answer = await old.client.get(f"{api}/members/me", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (
        403,
        "/problems/request.member_held_elsewhere",
    )
    answer = await new.client.get(f"{api}/members/me")
    assert answer.json()["member"] == member


async def test_nothing_changes_before_the_three_days_are_over(vilnius: Town) -> None:
    path, people = await village(vilnius)
    old, member = people[3], await member_of(vilnius, people[3], path)
    new = await vilnius.person()
    await ask(vilnius, new, path, member, SigningKey.generate())
    assert "Member" in await old.see(f"{path}/people")
    await confirm(vilnius, path, people[1])
    assert "lost your key" not in await old.see("/")
    await confirm(vilnius, path, people[2])
    # Whoever holds the member is told on every page, also outside the chapter.
    for page in ("/", path, "/account"):
        assert "Two verifiers say that you lost your key." in await old.see(page)
    assert "lost your key. Stop it" not in await new.see(path)
    assert "Two verifiers have seen you" in await new.see(f"{path}/keys/lost")
    await old.send(f"{path}/you", "/people/name", name="Dia")
    refused = await new.client.post(f"{path}/people/name", data={"key": new_key(), "name": "Me"})
    assert refused.status_code == 403
    assert "held by another account" not in refused.text


async def test_who_has_no_key_stops_it_too(vilnius: Town) -> None:
    path, people = await village(vilnius)
    old, thief = people[3], await vilnius.person()
    await ask(vilnius, thief, path, await member_of(vilnius, old, path), SigningKey.generate())
    await confirm(vilnius, path, people[1], people[2])
    page = await old.send(f"{path}/keys", "/keys/stop")
    assert "The change is stopped." in page
    await vilnius.pass_time(minutes=2 * NOTICE)
    await old.send(f"{path}/you", "/people/name", name="Dia")
    assert "It was stopped" in await thief.see(f"{path}/keys/lost")
    assert "lost your key" not in await old.see("/")


async def test_an_act_that_comes_as_the_time_is_over_comes_too_late(vilnius: Town) -> None:
    """The request began before, and no job has ticked yet: the act itself finds out."""
    path, people = await village(vilnius)
    old, new = people[3], await vilnius.person()
    member = await member_of(vilnius, old, path)
    await ask(vilnius, new, path, member, SigningKey.generate())
    await confirm(vilnius, path, people[1], people[2])
    head = await head_of(vilnius, path)
    holds = (await known_as(vilnius, old)).vault.membership(path[3:])
    person = Person(head.no, head.log_id, member, holds=holds)
    vilnius.clock.advance(timedelta(minutes=NOTICE + 10))
    desk, matter = vilnius.node.desk, id_of(bytes(16))
    # A box is no commit: nothing that is due is recorded with it.
    row = await fill_box(desk, person, matter, matter, 1)
    assert row == Refusal(HELD_ELSEWHERE)
    assert (await head_of(vilnius, path)).size == head.size
    assert await set_name(desk, person, "Me", "en", new_key()) == Refusal(HELD_ELSEWHERE)
    assert "chapters.key_changed" in await kinds(vilnius, path)
    now = (await known_as(vilnius, new)).vault.membership(path[3:])
    back = Person(head.no, head.log_id, member, holds=now)
    assert isinstance(await set_name(desk, back, "Dia", "en", new_key()), Done)
    assert await fill_box(desk, back, matter, matter, 1) != Refusal(HELD_ELSEWHERE)


async def test_no_vote_comes_back_that_was_announced_before(vilnius: Town) -> None:
    path, people = await village(vilnius)
    lead, old = people[0], people[3]
    earlier, later = await supported(people, path), await supported(people, path)
    await vilnius.pass_time(minutes=DAY)
    new, member = await vilnius.person(), await member_of(vilnius, old, path)
    await vilnius.pass_time(minutes=DAY + 12 * 60)
    await ask(vilnius, new, path, member, SigningKey.generate())
    await confirm(vilnius, path, people[1], people[2])
    await vilnius.pass_time(minutes=DAY)
    await old.send(earlier, "/vote", vote="1")
    await vilnius.pass_time(minutes=2 * DAY + 10)
    assert await member_of(vilnius, new, path) == member
    # The vote still runs; what the old account voted in it stands.
    page = await new.see(earlier)
    data = hidden_of(form_of(page, "/vote")) | {"vote": "-1"}
    answer = await new.client.post(f"{earlier}/vote", data=data)
    page = await new.see(answer.headers["location"])
    assert "This vote was announced before you came back" in page
    await lead.send(later, "/vote", vote="1")
    head = await head_of(vilnius, path)
    holds = (await known_as(vilnius, new)).vault.membership(path[3:])
    back = Person(head.no, head.log_id, member, holds=holds)
    election = await vilnius.node.book.ask(
        head.no, lambda state: next(iter(voting_of(state).elections))
    )
    desk = vilnius.node.desk
    assert await cast(desk, back, election, 1, new_key()) == Refusal(VOTE_BEFORE)
    await vilnius.pass_time(days=1)
    # In what is announced from now on they vote like everybody.
    following = await supported(people, path)
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    page = await new.send(following, "/vote", vote="1")
    assert "announced before" not in page


async def supported(people: list[Visitor], path: str) -> str:
    """Propose something that has support enough to be discussed."""
    lead, *others = people[:3]
    await lead.send(f"{path}/propose/question", "/propose/question", 200,
                    title="A thing", text="Let us do it.", lang="en")  # fmt: skip
    for one in others:
        await one.send(proposal := lead.path, "/support")
    return proposal


async def test_what_the_old_account_leaves_behind_touches_nobody(vilnius: Town) -> None:
    """Whoever deletes it takes no member along, and gets no questions meant for them."""
    path, people, new, member = await handed_over(vilnius)
    await vilnius.stepped_up(people[3])
    await people[3].send("/account/delete", "/account/delete", words="keep", sure="yes")
    await vilnius.pass_time(minutes=20)
    assert await member_of(vilnius, new, path) == member
    await new.send(f"{path}/you", "/people/name", name="Dia, still there")
    assert "chapters.left" not in await kinds(vilnius, path)
    # The new account is the one that takes the member along.
    await vilnius.stepped_up(new)
    await new.send("/account/delete", "/account/delete", words="keep", sure="yes")
    await vilnius.pass_time(minutes=20)
    assert (await kinds(vilnius, path)).count("chapters.left") == 1


async def test_the_old_account_can_come_back_or_join_anew(vilnius: Town) -> None:
    path, people, new, member = await handed_over(vilnius)
    old = people[3]
    await ask(vilnius, old, path, member, SigningKey.generate())
    await confirm(vilnius, path, people[1], people[2])
    assert "lost your key. Stop it" in await new.see("/")
    await vilnius.pass_time(minutes=NOTICE + 10)
    assert await member_of(vilnius, old, path) == member
    assert path[3:] in (await known_as(vilnius, new)).lost
    await vilnius.join(people[0], new, path)
    assert await member_of(vilnius, new, path) != member


async def test_an_account_with_another_member_there_is_refused(vilnius: Town) -> None:
    path, people = await village(vilnius)
    member, key = await member_of(vilnius, people[3], path), SigningKey.generate()
    given = {"key": new_key(), "member": member}
    given |= await signed_for(vilnius, people[4], path, member, key)
    answer = await people[4].client.post(f"{path}/keys/lost", data=given)
    assert answer.status_code == 422
    assert "You have a place in this chapter already" in answer.text
    given |= await signed_for(vilnius, people[3], path, member, key)
    other = SigningKey.generate().sign(b"something else").signature.hex()
    answer = await people[3].client.post(f"{path}/keys/lost", data=given | {"possession": other})
    assert "No member can be given this key" in answer.text
    answer = await people[3].client.post(
        f"{path}/keys/lost", data={"key": new_key(), "member": "a" * 8}
    )
    assert answer.status_code == 422
    # Only verifiers see how ids begin.
    assert member[:8] in await people[1].see(f"{path}/people")
    assert f'"code">{member[:8]}' not in await people[0].see(f"{path}/people")


async def test_what_the_record_shows_of_a_key_gives_the_member_to_nobody_else(
    vilnius: Town,
) -> None:
    """Whoever reads a stopped change knows the key and that it was at hand, and asks with that."""
    path, people = await village(vilnius)
    member, key = await member_of(vilnius, people[3], path), SigningKey.generate()
    lost, thief = await vilnius.person(), await vilnius.person()
    await ask(vilnius, lost, path, member, key)
    await confirm(vilnius, path, people[1], people[2])
    await people[3].send(f"{path}/keys", "/keys/stop")
    # The same browser has the same key, which verifiers see a second time.
    await ask(vilnius, lost, path, member, key)
    seen = await signed_for(vilnius, lost, path, member, key)
    for asking in (seen["asking"], "", "no signature"):
        sent = {"key": new_key(), "member": member} | seen | {"asking": asking}
        answer = await thief.client.post(f"{path}/keys/lost", data=sent)
        assert answer.status_code == 422
        assert "No member can be given this key" in answer.text
    await confirm(vilnius, path, people[1], people[2])
    await vilnius.pass_time(minutes=NOTICE + 10)
    assert (await known_as(vilnius, thief)).vault.membership(path[3:]) is None
    assert await member_of(vilnius, lost, path) == member


async def test_who_asks_again_and_again_loses_nothing_that_was_announced(vilnius: Town) -> None:
    path, people = await village(vilnius)
    member, new = await member_of(vilnius, people[3], path), await vilnius.person()
    await ask(vilnius, new, path, member, SigningKey.generate())
    await confirm(vilnius, path, people[1], people[2])
    for _ in range(AWAITED_MOST):
        await ask(vilnius, new, path, member, SigningKey.generate())
    await vilnius.pass_time(minutes=NOTICE + 10)
    assert await member_of(vilnius, new, path) == member
    # Nor what they hold, when they lose a sheet later.
    for _ in range(AWAITED_MOST):
        sent = await signed_for(vilnius, new, path, member, SigningKey.generate())
        await new.client.post(f"{path}/keys/lost", data={"key": new_key(), "member": member} | sent)
    assert await member_of(vilnius, new, path) == member


async def test_a_word_that_holds_no_more_bars_no_others(vilnius: Town) -> None:
    """A verifier who spoke first and is none any more: the words of two others are needed."""
    path, people = await village(vilnius)
    member, new = await member_of(vilnius, people[3], path), await vilnius.person()
    await ask(vilnius, new, path, member, SigningKey.generate())
    await confirm(vilnius, path, people[1])
    await vilnius.stepped_up(people[1])
    await people[1].send(f"{path}/people/leave", "/people/leave", again="yes", sure="yes")
    await vilnius.stepped_up(people[2])
    page = await people[2].send(f"{path}/keys/requests", "/keys/requests")
    assert "Your word is kept. A second verifier has to see them, too." in page


async def keyed(opened: Town, who: Visitor, path: str) -> SigningKey:
    """Let a member have a key, as their browser would."""
    own, key = await member_of(opened, who, path), SigningKey.generate()
    head, public = await head_of(opened, path), bytes(key.verify_key).hex()
    signature = key.sign(possession_message(head.log_id, own, public)).signature.hex()
    await opened.stepped_up(who)
    await who.send(f"{path}/keys", "/keys", new_key=public, possession=signature)
    return key


async def claimed(opened: Town, who: Visitor, path: str, key: SigningKey) -> Person | Refusal:
    """Attach an account to the member whose key it has."""
    head, known = await head_of(opened, path), await known_as(opened, who)
    now = minute_of(opened.clock.now())
    nonce = claims.challenge(known, head.log_id, now)
    signature = key.sign(claim_message(head.log_id, nonce, ADDRESS)).signature.hex()
    return await claims.claim(
        opened.node,
        known,
        path[3:],
        head.no,
        head.log_id,
        bytes(key.verify_key).hex(),
        signature,
        addresses=[ADDRESS],
        now=now,
    )


async def test_a_claim_ends_with_its_key(vilnius: Town) -> None:
    """Who saw the sheet and claimed by it loses the member when the sheet is replaced."""
    path, people = await village(vilnius)
    owner, thief = people[3], await vilnius.person()
    first = await keyed(vilnius, owner, path)
    assert isinstance(await claimed(vilnius, thief, path, first), Person)
    await thief.send(f"{path}/you", "/people/name", name="Not Dia")
    person = Person(
        (head := await head_of(vilnius, path)).no,
        head.log_id,
        await member_of(vilnius, owner, path),
    )
    second = SigningKey.generate()
    public = bytes(second.verify_key).hex()
    proof = possession_message(head.log_id, person.member, public)
    signed = second.sign(proof).signature.hex()
    outcome = await by_former_key(vilnius, person, first, public, signed)
    assert isinstance(outcome, Receipt)
    assert path[3:] in (await known_as(vilnius, thief)).lost
    refused = await thief.client.post(f"{path}/people/name", data={"key": new_key(), "name": "Me"})
    assert refused.status_code == 403
    # The account that joined rests on no key and goes on; who has the new sheet claims again.
    await owner.send(f"{path}/you", "/people/name", name="Dia")
    assert isinstance(await claimed(vilnius, thief, path, first), Refusal)
    third = await vilnius.person()
    assert isinstance(await claimed(vilnius, third, path, second), Person)
    assert await member_of(vilnius, third, path) == person.member


async def by_former_key(
    opened: Town, person: Person, former: SigningKey, public: str, signed: str, also: Any = None
) -> Any:
    by, key = By(As.MEMBER, person.member), new_key()
    body = KeyReplaced(public, signed)
    own_key = act_key(person.log_id, by, key)
    message = act_message(person.log_id, body.kind, by, own_key, body, ())
    proof = Proof(bytes(former.verify_key).hex(), former.sign(message).signature.hex())
    act: Act[Any] = Act(body.kind, by, own_key, body, (), proof)
    return await opened.node.book.submit(person.log, Submission(act, also=also))


async def test_a_claim_goes_on_with_the_key_that_it_puts_in_place(vilnius: Town) -> None:
    path, people = await village(vilnius)
    first, second = await keyed(vilnius, people[3], path), SigningKey.generate()
    elsewhere = await vilnius.person()
    person = await claimed(vilnius, elsewhere, path, first)
    assert isinstance(person, Person)
    known = await known_as(vilnius, elsewhere)
    person = Person(
        person.log, person.log_id, person.member, holds=known.vault.membership(path[3:])
    )
    public = bytes(second.verify_key).hex()
    signed = second.sign(possession_message(person.log_id, person.member, public)).signature.hex()
    also = rekeyed(known, person, public)
    assert also is not None
    outcome = await by_former_key(vilnius, person, first, public, signed, also)
    assert isinstance(outcome, Receipt)
    assert await member_of(vilnius, elsewhere, path) == person.member


async def test_a_claim_ends_with_a_change_by_verifiers(vilnius: Town) -> None:
    path, people = await village(vilnius)
    first = await keyed(vilnius, people[3], path)
    other, new = await vilnius.person(), await vilnius.person()
    assert isinstance(await claimed(vilnius, other, path, first), Person)
    member = await member_of(vilnius, people[3], path)
    second = SigningKey.generate()
    await ask(vilnius, new, path, member, second)
    await confirm(vilnius, path, people[1], people[2])
    # A member with a key stops it with that key alone.
    answer = await people[3].send(f"{path}/keys", "/keys/stop")
    assert "Nothing shows whose key this is" in answer
    await vilnius.pass_time(minutes=NOTICE + 10)
    for one in (other, people[3]):
        assert path[3:] in (await known_as(vilnius, one)).lost
    # Who has the new key claims anew, and from then on holds the member like the other.
    assert isinstance(await claimed(vilnius, other, path, second), Person)
    assert await member_of(vilnius, other, path) == await member_of(vilnius, new, path) == member


async def test_a_member_who_is_gone_bars_no_claim(vilnius: Town) -> None:
    path, people = await village(vilnius)
    key = await keyed(vilnius, people[3], path)
    gone = people[4]
    assert await claimed(vilnius, gone, path, key) == Refusal("request.already_member")
    await vilnius.stepped_up(gone)
    await gone.send(f"{path}/people/leave", "/people/leave", again="yes", sure="yes")
    assert (await known_as(vilnius, gone)).vault.membership(path[3:]) is not None
    assert "Be known again" in await gone.see(f"{path}/claim")
    assert isinstance(await claimed(vilnius, gone, path, key), Person)
    assert await member_of(vilnius, gone, path) == await member_of(vilnius, people[3], path)


async def kinds(opened: Town, path: str) -> list[str]:
    """Return the kinds of a record's entries."""
    head = await head_of(opened, path)
    async with reading(opened.node.engine) as db:
        raws = [raw async for _, raw, _ in store.entries(db, head.no, 0, head.size)]
    return [str(json.loads(raw)["kind"]) for raw in raws]
