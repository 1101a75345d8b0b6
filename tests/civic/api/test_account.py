"""One's own account over the API: devices, ways to sign in, tokens, notices, the copy."""

from tests.civic.api.conftest import Api, Caller


async def test_devices_are_named_and_ended(api: Api) -> None:
    one = await api.person()
    [here] = await one.get("/account/devices")
    assert here["here"] is True
    await one.post(f"/account/devices/{here['id']}/name", {"name": "Phone"}, status=204)
    assert (await one.get("/account/devices"))[0]["name"] == "Phone"
    await one.post(f"/account/devices/{'0' * 64}/name", {"name": "Phone"}, status=404)
    other = await api.person()
    await other.send("DELETE", f"/account/devices/{here['id']}", status=404)
    await one.send("DELETE", f"/account/devices/{here['id']}", status=204)
    await one.get("/account/devices", status=401)


async def test_tokens_are_made_listed_and_revoked(api: Api) -> None:
    one = await api.person()
    wanted = {"name": "Digest", "scopes": ["read", "account"], "days": 7}
    made = await one.post("/account/tokens", wanted)
    [listed] = await one.get("/account/tokens")
    assert (listed["name"], listed["scopes"]) == ("Digest", ["read", "account"])
    program = Caller(api.http, made["token"], one.account)
    assert await program.get("/account") == {"memberships": []}
    # A token makes no tokens, and looks after no account.
    await program.post("/account/tokens", wanted, status=403)
    await program.get("/account/devices", status=403)
    await one.send("DELETE", f"/account/tokens/{listed['id']}", status=204)
    await one.send("DELETE", f"/account/tokens/{listed['id']}", status=404)
    await program.get("/account", status=401)
    await one.post("/account/tokens", {**wanted, "days": 2}, status=422)
    await one.post("/account/tokens", {**wanted, "scopes": ["everything"]}, status=422)
    for _ in range(20):
        await one.post("/account/tokens", wanted)
    problem = await one.post("/account/tokens", wanted, status=409)
    assert problem["type"] == "/problems/request.tokens_full"


async def test_other_devices_are_told_and_a_copy_is_asked_for(api: Api) -> None:
    one = await api.person()
    assert await one.get("/account/export") == {"ready": None}
    ready = (await one.post("/account/export"))["ready"]
    assert await one.get("/account/export") == {"ready": ready}
    await one.send("DELETE", "/account/export", status=204)
    assert await one.get("/account/export") == {"ready": None}
    assert (await one.get("/account/notices")).keys() == {"notices"}
    await one.send("DELETE", "/account/notices", status=204)
    assert await one.get("/account/notices") == {"notices": []}


async def test_a_language_and_a_zone_are_kept_and_erased(api: Api) -> None:
    one = await api.person()
    assert await one.get("/account/reader") == {"language": None, "zone": None}
    chosen = {"language": "be-tarask", "zone": "Europe/Vilnius"}
    await one.post("/account/reader", chosen, status=204)
    assert await one.get("/account/reader") == chosen
    for wrong in ({"language": "xx"}, {"zone": "Mars/Phobos"}, {"more": 1}):
        await one.post("/account/reader", {**chosen, **wrong}, status=422)
    await one.send("DELETE", "/account/reader", status=204)
    assert await one.get("/account/reader") == {"language": None, "zone": None}


async def test_signing_out_everywhere_ends_tokens_too(api: Api) -> None:
    one = await api.person()
    made = await one.post("/account/tokens", {"name": "A", "scopes": ["account"], "days": 1})
    await one.send("DELETE", "/sessions", status=204)
    await one.get("/account", status=401)
    await Caller(api.http, made["token"], one.account).get("/account", status=401)


async def test_no_way_to_sign_in_of_others_is_touched(api: Api) -> None:
    one = await api.person()
    assert await one.get("/account/authenticators") == []
    await one.post("/account/authenticators/passphrase/name", {"name": "A"}, status=404)
    await one.send("DELETE", "/account/authenticators/passphrase", status=404)
