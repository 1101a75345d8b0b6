"""What people do who lost everything: ask for their member, and be seen by verifiers."""

from typing import Any

from nacl.signing import SigningKey

from chapters.keys.rules import possession_message
from civic import returning
from civic.kernel.database import reading
from civic.kernel.record import store
from identity import sessions
from identity.member_keys import asking_message
from identity.sessions import SignedIn
from tests.town import Town, Visitor


async def head_of(opened: Town, path: str) -> store.Head:
    async with reading(opened.node.engine) as db:
        found = await store.find_chapter(db, path[3:])
    assert found is not None
    return found


async def known_as(opened: Town, who: Visitor) -> SignedIn:
    """Return somebody as the node knows them, with the members that they hold."""
    async with reading(opened.node.engine) as db:
        found = await sessions.load(db, who.client.cookies["civic"], opened.clock.now())
    assert found is not None
    found.turns = await opened.node.private.turned.at(found.turned)
    return found


async def member_of(opened: Town, who: Visitor, path: str) -> str:
    own = (await known_as(opened, who)).vault.membership(path[3:])
    assert own is not None
    return own.member_id


async def signed_for(
    opened: Town, who: Visitor, path: str, member: str, key: SigningKey
) -> dict[str, str]:
    """Return what the browser of an account sends with a new key."""
    head, known = await head_of(opened, path), await known_as(opened, who)
    public = bytes(key.verify_key).hex()
    nonce = returning.nonce_of(known, head.log_id)
    asking = asking_message(head.log_id, nonce, "http://localhost", member, public)
    return {
        "new_key": public,
        "possession": key.sign(possession_message(head.log_id, member, public)).signature.hex(),
        "asking": key.sign(asking).signature.hex(),
    }


async def ask(opened: Town, who: Visitor, path: str, member: str, key: SigningKey) -> None:
    """Ask for a member as a browser does, which makes the key and signs with it."""
    page = await who.send(f"{path}/keys/lost", "/keys/lost", member=f" {member[:8].upper()} ")
    assert member in page
    assert "This step needs scripts" in page
    sent: dict[str, Any] = await signed_for(opened, who, path, member, key)
    page = await who.send(f"{path}/keys/lost", "/keys/lost", member=member, **sent)
    assert "Two verifiers have to see you now." in page
    # Long enough that nobody finds another key that begins so.
    assert f'"code">{sent["new_key"][:20]}<' in page


async def confirm(opened: Town, path: str, *verifiers: Visitor) -> None:
    for one in verifiers:
        await opened.stepped_up(one)
        await one.send(f"{path}/keys/requests", "/keys/requests")
