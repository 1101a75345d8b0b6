"""One's own account for programs: devices, ways to sign in, tokens, what one is told, the copy.

For sessions alone. What makes or shows secrets (signing up, passkeys, passphrases, recovery,
guardians, the key box, the sign-in name, the end of an account) is on pages alone: nobody should
get used to typing their secrets into programs.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from civic.kernel.database import reading, writing
from civic.kernel.refusal import Refusal, code
from civic.kernel.web.json_answer import answer
from civic.kernel.web.language import LANGUAGES, PLACE
from civic.kernel.web.problem import Refused
from identity import (
    access_tokens,
    authenticators,
    devices,
    everywhere,
    exports,
    key_box,
    notices,
    own_names,
    own_reader,
    sessions,
)
from identity.access_tokens import TooMany
from identity.authenticators import LastOne
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up
from identity.web import must_be_signed_in, private_of

Asked = Request[Any, Any, Any]
LAST_WAY: Final = code("request.last_way", "An account keeps at least one way to sign in.")
TOKENS_FULL: Final = code("request.tokens_full", "The account has all the tokens it can have.")
OwnName = Annotated[str, msgspec.Meta(max_length=own_names.LONGEST)]


class Naming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name that its person alone can read; empty for none."""

    name: OwnName


class DeviceShown(msgspec.Struct, frozen=True):
    """A browser or program that is signed in; `here` is the one that asks."""

    id: str
    name: str
    month: str
    last_used: str
    here: bool


class AuthenticatorShown(msgspec.Struct, frozen=True):
    """A way to sign in: a passkey, or the passphrase with a phone's codes."""

    id: str
    name: str
    month: str
    last_used: str | None
    passkey: bool


class TokenWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token for a program: what it may do, for 1, 7, 30 or 90 days."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=own_names.LONGEST)]
    scopes: Annotated[tuple[Scope, ...], msgspec.Meta(min_length=1, max_length=len(Scope))]
    days: Literal[1, 7, 30, 90]


class TokenMade(msgspec.Struct, frozen=True):
    """A token, shown this one time, and the last day on which it works."""

    token: str
    last_day: str

    def __repr__(self) -> str:
        return "TokenMade(...)"


class TokenShown(msgspec.Struct, frozen=True):
    """A token that works; `id` is the hash of it."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    month: str
    last_used: str | None
    last_day: str


class Told(msgspec.Struct, frozen=True):
    """What this session has to tell its person of their account, in their language."""

    notices: tuple[str, ...]


class ReaderChosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A language of the pages by its tag, and a time zone by its name (IANA)."""

    language: Annotated[str, msgspec.Meta(pattern=rf"^({'|'.join(LANGUAGES)})\Z")]
    zone: Annotated[str, msgspec.Meta(pattern=rf"^(UTC|{PLACE})\Z", max_length=64)]


class ReaderKept(msgspec.Struct, frozen=True):
    """What an account keeps of the reader; null where it keeps nothing."""

    language: str | None = None
    zone: str | None = None


class Copy(msgspec.Struct, frozen=True):
    """From which day on all one's data can be fetched; null where nobody asked."""

    ready: str | None


@get("/account/devices", opt=needs())
async def list_devices(request: Asked) -> ASGIResponse:
    """List where one is signed in."""
    me = await must_be_signed_in(request)
    async with reading(private_of(request).engine) as unit:
        found = await devices.listed(unit, me)
    return answer(
        [
            DeviceShown(
                one.id_hash.hex(),
                one.name,
                one.created.strftime("%Y-%m"),
                one.last_used.isoformat(),
                one.id_hash == me.id_hash,
            )
            for one in found
        ]
    )


@post("/account/devices/{device:str}/name", status_code=204, opt=needs())
async def name_device(request: Asked, device: FromPath[str], data: JSONBody[Naming]) -> None:
    """Give one's browser or program a name that only oneself can read."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        found = {one.id_hash.hex(): one for one in await devices.listed(unit, me)}
        if device not in found:
            raise NotFoundException
        await devices.rename(unit, me, found[device].id_hash, data.name)


@delete("/account/devices/{device:str}", opt=needs())
async def end_device(request: Asked, device: FromPath[str]) -> None:
    """Sign out one browser or program of one's own."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        found = {one.id_hash.hex(): one for one in await devices.listed(unit, me)}
        if device not in found:
            raise NotFoundException
        if found[device].id_hash != me.id_hash:
            await must_have_stepped_up(request)
        await sessions.end_one(unit, me.account_id, found[device].id_hash)


@delete("/sessions", opt=needs())
async def end_everywhere(request: Asked) -> None:
    """Sign out everywhere: all that is open is worthless, secret addresses too."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    async with writing(side.engine) as unit:
        await everywhere.end_all(unit, side, me.account_id, me.data_key)


@get("/account/authenticators", opt=needs())
async def list_authenticators(request: Asked) -> ASGIResponse:
    """List one's ways to sign in."""
    me = await must_be_signed_in(request)
    async with reading(private_of(request).engine) as unit:
        found = await authenticators.listed(unit, me)
    return answer(
        [
            AuthenticatorShown(
                one.id,
                one.name,
                one.added_month,
                one.last_used.isoformat() if one.last_used else None,
                one.is_passkey,
            )
            for one in found
        ]
    )


@post("/account/authenticators/{authenticator:str}/name", status_code=204, opt=needs())
async def name_authenticator(
    request: Asked, authenticator: FromPath[str], data: JSONBody[Naming]
) -> None:
    """Give one's way to sign in another name."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        if authenticator not in {one.id for one in await authenticators.listed(unit, me)}:
            raise NotFoundException
        await authenticators.rename(unit, me, authenticator, data.name)


@delete("/account/authenticators/{authenticator:str}", opt=needs())
async def remove_authenticator(request: Asked, authenticator: FromPath[str]) -> None:
    """Remove one's way to sign in, unless it is the last, and tell all other devices."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    try:
        async with writing(side.engine) as unit:
            listed = await authenticators.listed(unit, me)
            found = next((one for one in listed if one.id == authenticator), None)
            if found is None:
                raise NotFoundException
            await authenticators.remove(unit, me, found.id)
            method = f"passkey:{found.id}" if found.is_passkey else authenticators.PASSPHRASE
            await key_box.drop(unit, me.account_id, method)
            now, kind = side.clock.now(), notices.AUTHENTICATOR_REMOVED
            await notices.tell(unit, me.account_id, kind, now, but=me.id_hash)
    except LastOne as last:
        raise Refused(Refusal(LAST_WAY)) from last


@get("/account/tokens", opt=needs())
async def list_tokens(request: Asked) -> ASGIResponse:
    """List one's tokens for programs that work."""
    me = await must_be_signed_in(request)
    side = private_of(request)
    async with reading(side.engine) as unit:
        found = await access_tokens.held(unit, me, side.clock.now())
    return answer(
        [
            TokenShown(
                one.id_hash.hex(),
                one.name,
                tuple(scope for scope in Scope if scope in one.scopes),
                one.added_month,
                one.last_used.isoformat() if one.last_used else None,
                one.last_day.isoformat(),
            )
            for one in found
        ]
    )


@post("/account/tokens", opt=needs())
async def make_token(request: Asked, data: JSONBody[TokenWanted]) -> ASGIResponse:
    """Make a token for a program, and tell all other devices."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    now = side.clock.now()
    try:
        async with writing(side.engine) as unit:
            made = await access_tokens.make(
                unit, me, data.name, frozenset(data.scopes), data.days, now
            )
            await notices.tell(unit, me.account_id, notices.TOKEN_MADE, now, but=me.id_hash)
    except TooMany as many:
        raise Refused(Refusal(TOKENS_FULL, {"most": access_tokens.MOST})) from many
    return answer(TokenMade(made.token, made.last_day.isoformat()), 201)


@delete("/account/tokens/{token:str}", opt=needs())
async def revoke_token(request: Asked, token: FromPath[str]) -> None:
    """Make one of one's tokens worthless."""
    me = await must_be_signed_in(request)
    try:
        digest = bytes.fromhex(token)
    except ValueError as error:
        raise NotFoundException from error
    async with writing(private_of(request).engine) as unit:
        if not await access_tokens.revoke(unit, me.account_id, digest):
            raise NotFoundException


@get("/account/notices", opt=needs())
async def list_notices(request: Asked) -> ASGIResponse:
    """Tell what happened to one's account that this session has not put away."""
    me = await must_be_signed_in(request)
    return answer(Told(tuple(notices.told(me.notices))))


@delete("/account/notices", opt=needs())
async def put_notices_away(request: Asked) -> None:
    """Put away what this session had to tell."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await notices.seen(unit, me.id_hash)


@get("/account/reader", opt=needs())
async def reader_kept(request: Asked) -> ASGIResponse:
    """Tell which language and time zone one's account keeps, for all one's devices."""
    kept = own_reader.kept_by(await must_be_signed_in(request))
    return answer(ReaderKept() if kept is None else ReaderKept(kept.language, kept.zone))


@post("/account/reader", opt=needs(), status_code=204)
async def keep_reader(request: Asked, data: JSONBody[ReaderChosen]) -> None:
    """Keep a language and a time zone with one's account; pages then show them everywhere."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await own_reader.keep(unit, me, own_reader.Kept(data.language, data.zone))


@delete("/account/reader", opt=needs())
async def forget_reader(request: Asked) -> None:
    """Have one's account keep neither: browsers choose again."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await own_reader.keep(unit, me, None)


@get("/account/export", opt=needs())
async def copy_of_all(request: Asked) -> ASGIResponse:
    """Tell from which day on the copy of all one's data can be fetched, on its page."""
    me = await must_have_stepped_up(request)
    async with reading(private_of(request).engine) as unit:
        day = await exports.ready_day(unit, me.account_id)
    return answer(Copy(None if day is None else day.isoformat()))


@post("/account/export", opt=needs())
async def ask_for_copy(request: Asked) -> ASGIResponse:
    """Ask for a copy of all one's data."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    async with writing(side.engine) as unit:
        day = await exports.ask(unit, me, side.clock.now())
    return answer(Copy(day.isoformat()), 201)


@delete("/account/export", opt=needs())
async def forget_copy(request: Asked) -> None:
    """Forget that somebody asked for the copy; needs no fresh factor, so it is done at once."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await exports.cancel(unit, me.account_id)


HANDLERS: Final = (
    list_devices,
    name_device,
    end_device,
    end_everywhere,
    list_authenticators,
    name_authenticator,
    remove_authenticator,
    list_tokens,
    make_token,
    revoke_token,
    list_notices,
    put_notices_away,
    reader_kept,
    keep_reader,
    forget_reader,
    copy_of_all,
    ask_for_copy,
    forget_copy,
)
