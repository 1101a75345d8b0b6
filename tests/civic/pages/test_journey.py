"""The whole way from a founding to an outcome card, through pages alone and without scripts."""

import re

import pytest

from identity.authenticators import Ways
from tests.town import Town, Visitor, new_key, offered


async def named(visitor: Visitor, path: str, name: str) -> None:
    page = await visitor.send(f"{path}/you", "/people/name", name=name)
    assert name in page


async def test_from_founding_to_outcome(vilnius: Town) -> None:
    ana, ben, eva = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(ana, ben, eva)
    overview = await ana.see(path)
    assert "Nobody has proposed anything yet" in overview
    assert "not yet verified by others" in overview
    assert "one person could have joined twice" in overview
    await named(ana, path, "Ana")

    # Ana proposes to lower the quorum; the decision will change it by itself.
    await ana.see(f"{path}/propose")
    wrong = await ana.send(
        f"{path}/propose/bylaws?rule=quorum", "/propose/bylaws", 422,
        title="Lower the quorum", text="A third is enough.", lang="en", quorum="lots",
    )  # fmt: skip
    assert "There is a problem" in wrong
    assert "A third is enough." in wrong
    await ana.send(
        f"{path}/propose/bylaws?rule=quorum", "/propose/bylaws",
        title="Lower the quorum", text="A **third** is enough.", lang="en", quorum="33.3",
    )  # fmt: skip
    proposal = ana.path
    page = await ana.see(proposal)
    assert "<strong>third</strong>" in page
    assert "33.3%" in page
    assert "So far 0 do" in page
    assert "Ana" not in page.split("<main")[1]

    # Ben and Eva support it, which opens the discussion.
    assert "You support this" in await ben.send(proposal, "/support")
    assert "Discussion" in await eva.send(proposal, "/support")
    await ben.send(f"{proposal}/argue/for", "/argue/for", words="People work late.")
    await eva.send(f"{proposal}/argue/against", "/argue/against", words="A few would decide.")
    page = await ana.see(proposal)
    assert "People work late." in page
    argument = re.search(r'id="w-([a-z2-7]{26})"', page)
    assert argument is not None
    on = argument[1]
    page = await ana.send(proposal, "/react", to=f"{on}:agree")
    assert "Kept. It will be recorded together with others by" in page
    assert f'value="{on}:agree" aria-pressed="true"' in page
    await eva.send(f"{proposal}/comment?on={on}", "/comment", words="Which hours?")
    thread = await eva.see(f"{proposal}/w/{on}")
    assert "Which hours?" in thread
    page = await ben.send(f"{proposal}/comment", "/comment", words="Let us vote.")
    assert "Let us vote." in page

    # Ana gives it a new text, and stands by it with her name.
    await ana.send(
        f"{proposal}/revise", "/revise", title="Lower the quorum", text="A third. Really.",
    )  # fmt: skip
    assert "A third. Really." in await ben.see(proposal)
    assert "A <strong>third</strong> is enough." in await ben.see(f"{proposal}/versions/1")
    page = await ana.send(f"{proposal}/stand-by", "/stand-by", 422)
    assert "Tick the box" in page
    assert 'href="' + proposal + '/stand-by"' in await ana.see(proposal)
    page = await ana.send(f"{proposal}/stand-by", "/stand-by", sure="yes")
    assert "you stand by your words" in page
    assert "/stand-by" not in page
    assert "Members see your name already" in await ana.see(f"{proposal}/stand-by")
    assert "Ana" in page

    # The text is fixed after three days, and the vote follows.
    await vilnius.pass_time(days=3)
    page = await ben.see(proposal)
    assert "The text is fixed" in page
    await vilnius.pass_time(minutes=10)
    page = await ben.see(proposal)
    assert "This vote is by name" in page
    page = await ben.send(proposal, "/vote", 422)
    assert "Choose yes, no or abstain" in page
    assert "You have voted." in await ben.send(proposal, "/vote", vote="1")
    await ana.send(proposal, "/vote", vote="1")
    await eva.send(proposal, "/vote", vote="-1")
    await eva.send(proposal, "/vote", vote="1")
    await vilnius.pass_time(days=3)
    page = await ben.see(proposal)
    assert "Yes 3, no 0." in page
    assert "The bylaws changed by this decision" in page
    assert "Ana" in await ben.see(f"{proposal}/votes")
    assert "a third of the members on the roll" in await ben.see(path)

    # Ana leads, Ben facilitates: they see to it that it is done.
    for one in (ana, ben):
        await vilnius.stepped_up(one)
    page = await ana.send(f"{proposal}/task", "/task", 422, task="Tell people", day="soon")
    assert "Write the day as year-month-day" in page
    page = await ana.send(f"{proposal}/task", "/task", task="Tell people", day="2026-04-01")
    assert "Tell people" in page
    assert "Tell people" in await eva.see(path)
    assert "Well done" in await ben.send(proposal, "/task/done")
    page = await ben.send(
        f"{proposal}/outcome", "/outcome", result="success", again="with_changes",
        expected="More decisions.", happened="Three more.",
    )  # fmt: skip
    assert "We would do it again, with changes." in page
    record = await eva.see(f"{path}/record")
    assert "An outcome card was recorded: success." in record
    assert "A decision changed the bylaws" in await eva.see(f"{proposal}/entries")
    first = await eva.see(f"{path}/record/0")
    assert "&#34;kind&#34;: &#34;chapters.founded&#34;" in first
    assert "civic audit http://localhost/c/" in await eva.see(f"{path}/audit")


async def test_a_pseudonymous_choice_between_options(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3], template="town")
    await vilnius.join(people[0], people[3], path)
    ana, *others = people
    wrong = await ana.send(
        f"{path}/propose/options", "/propose/options", 422,
        title="Where do we meet?", text="Choose.", lang="en", options="Only here",
    )  # fmt: skip
    assert "Write 2 to 20 options" in wrong
    await ana.send(
        f"{path}/propose/options", "/propose/options",
        title="Where do we meet?", text="Choose.", lang="en", options="Café\nLibrary\nPark",
    )  # fmt: skip
    proposal = ana.path
    for one in others:
        await one.send(proposal, "/support")
    await vilnius.pass_time(days=7)
    await vilnius.pass_time(days=1)
    page = await ana.see(proposal)
    assert "It is not a secret ballot" in page
    page = await ana.send(proposal, "/vote", vote=["0", "2"])
    assert "Your vote is kept. It will be recorded together with others by" in page
    assert "You have voted." in page
    for one in others:
        await one.send(proposal, "/vote", vote=["2"])
    await vilnius.pass_time(days=5)
    page = await ana.see(proposal)
    assert "Chosen: Park" in page
    assert "<td>1, 3</td>" in await ana.see(f"{proposal}/votes")


async def test_erasing_and_moderating(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    ana, ben, eva = people
    await ana.send(f"{path}/propose/question", "/propose/question",
                   title="A garden", text="Let us dig.", lang="en")  # fmt: skip
    proposal = ana.path
    await eva.send(f"{proposal}/argue/for", "/argue/for", words="Tomatoes of our own")
    await eva.send(f"{proposal}/comment", "/comment", words="Something unkind")
    page = await eva.see(proposal)
    ids = re.findall(r'id="w-([a-z2-7]{26})"', page)
    argument, comment = ids
    page = await eva.send(f"{proposal}/erase?of={argument}", "/erase")
    assert "Tomatoes" not in page
    assert "Their author had these words erased on" in page
    refused = await ben.send(f"{proposal}/moderate?of={comment}", "/moderate", 422)
    assert "Enter the reason" in refused
    page = await ben.send(f"{proposal}/moderate?of={comment}", "/moderate", how="hide",
                           reason="Be kind.")  # fmt: skip
    assert "unkind" not in page
    assert "Be kind." in await eva.see(f"{path}/record")
    await eva.see(f"{proposal}/moderate?of={comment}", 404)
    page = await ana.send(f"{proposal}/withdraw", "/withdraw")
    assert "Your proposal is withdrawn." in page
    assert "Withdrawn" in page


async def test_an_applicant_waits_for_a_lead(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3], template="diaspora", visibility="chapter")
    await vilnius.pass_time(minutes=60)
    await vilnius.pass_time(minutes=60)
    new = people[3]
    page = await new.send(path, "/apply")
    assert "You have asked to join" in page
    # Who only asks is no member: nothing of the inside shows, and nothing can be done.
    assert "Who they are, only members see." in await new.see(f"{path}/people")
    await new.see(f"{path}/propose", 403)
    lead = people[0]
    assert "Applicant" in await lead.see(f"{path}/people")
    await vilnius.stepped_up(lead)
    page = await lead.send(f"{path}/people", "/people/admit",
                           member=_applicant(await lead.see(f"{path}/people")))  # fmt: skip
    assert "One more member" in page
    assert "What do you want to propose?" in await new.see(f"{path}/propose")
    await vilnius.stepped_up(new)
    page = await new.send(f"{path}/people/leave", "/people/leave")
    assert "You have left" in page
    await new.see(f"{path}/propose", 403)


def _applicant(page: str) -> str:
    found = re.search(r'name="member" value="([a-z2-7]{26})"', page)
    assert found is not None
    return found[1]


async def test_a_form_sent_twice_counts_once(vilnius: Town) -> None:
    ana = await vilnius.person()
    key = {"key": "k" * 32}
    given = {"name": "Twice", "template": "circle", "visibility": "world", "understood": "yes"}
    places = [
        (await ana.client.post("/chapters/new", data=given | key)).headers["location"]
        for _ in range(2)
    ]
    assert places[0] == places[1]
    again = await ana.client.post("/chapters/new", data=given | {"key": "j" * 32})
    assert again.headers["location"] != places[0]


async def test_an_invitation_works_once(vilnius: Town) -> None:
    ana, ben, eva = [await vilnius.person() for _ in range(3)]
    await ana.send("/chapters/new", "/chapters/new", name="Once", template="circle",
                   visibility="world", understood="yes")  # fmt: skip
    path = ana.path
    page = await ana.send(f"{path}/people", "/people/invite")
    link = re.search(r"http://localhost(/c/[0-9a-f]{64}/join/[\w-]+)", page)
    assert link is not None
    stranger = vilnius.stranger()
    assert "You need an account on this node first" in await stranger.see(link[1])
    assert "Welcome" in await ben.send(link[1], link[1])
    assert "does not work any more" in await eva.see(link[1], 404)


async def test_who_has_asked_to_join_sees_no_matter_before_they_are_in(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3], template="diaspora", visibility="chapter")
    await people[0].send(f"{path}/propose/question", "/propose/question",
                         title="A garden", text="Dig.", lang="en")  # fmt: skip
    await vilnius.pass_time(minutes=60)
    await vilnius.pass_time(minutes=60)
    new, lead = people[3], people[0]
    assert "You are in no chapter yet" in await new.see("/")
    await new.send(path, "/apply")
    home = await new.see("/")
    assert "You have asked to join." in home
    assert "A garden" not in home
    page = await lead.see(f"{path}/people")
    await vilnius.stepped_up(lead)
    await lead.send(f"{path}/people", "/people/admit", member=_applicant(page))
    home = await new.see("/")
    assert "You have asked to join." not in home
    assert "A garden" in home


async def test_while_forming_only_who_began_invites(vilnius: Town) -> None:
    ana, ben = [await vilnius.person() for _ in range(2)]
    await ana.send("/chapters/new", "/chapters/new", name="Vilnius", template="circle",
                   visibility="world", understood="yes")  # fmt: skip
    path = ana.path
    await vilnius.join(ana, ben, path)
    for page in (path, f"{path}/people"):
        assert "/people/invite" not in await ben.see(page)
    assert "/people/invite" in await ana.see(path)
    answer = await ben.client.post(f"{path}/people/invite", data={"key": new_key()})
    assert answer.status_code == 303
    assert "by an invitation of yours" in await ben.see(f"{path}/people")


async def test_founders_prove_a_factor_before_they_confirm_and_constitute(vilnius: Town) -> None:
    ana, ben, eva = people = [await vilnius.person() for _ in range(3)]
    await ana.send("/chapters/new", "/chapters/new", name="Vilnius", template="circle",
                   visibility="world", understood="yes")  # fmt: skip
    path = ana.path
    for other in (ben, eva):
        await vilnius.join(ana, other, path)
    await vilnius.pass_time(minutes=20)
    for form in ("confirm", "constitute"):
        await ana.see(f"{path}/{form}", 401)
        for headers, url in (({}, f"{path}/{form}"), (PROGRAM, _call(path, form))):
            sent = {"data": {"key": new_key()}} if not headers else {"json": BODIES[form]}
            refused = await ana.client.post(url, headers=headers, **sent)
            assert refused.status_code == 401, url
    for one in people:
        await vilnius.stepped_up(one)
        page = await one.see(f"{path}/confirm")
        ids = re.findall(r'name="met" value="([a-z2-7]{26})"', page)
        await one.send(f"{path}/confirm", "/confirm", met=ids)
    page = await ana.see(f"{path}/constitute")
    await ana.send(f"{path}/constitute", "/constitute", **offered(page))
    assert "Propose" in await ana.see(path)


PROGRAM = {"accept": "application/json", "idempotency-key": "0123456789abcdef"}
BODIES = {
    "confirm": {"met": ["a" * 26]},
    "constitute": {
        "founders": ["a" * 26],
        "offices": [{"role": "lead", "member": "a" * 26, "until": "2027-01-01T00:00Z"}],
    },
}


def _call(path: str, form: str) -> str:
    call = {"confirm": "confirmations", "constitute": "constitution"}[form]
    return f"/api/v1{path.replace('/c/', '/chapters/')}/{call}"


async def test_members_who_are_signed_out_are_led_to_the_sign_in(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    for page in ("propose", "people/leave", "confirm"):
        answer = await vilnius.stranger().client.get(f"{path}/{page}")
        assert answer.status_code == 303, page
        assert answer.headers["location"] == f"/sign-in?next={path}/{page}"


async def test_in_office_a_fresh_factor_is_asked_and_what_was_typed_goes_along(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    lead, facilitator, _eva = people
    await lead.send(f"{path}/propose/question", "/propose/question",
                    title="A garden", text="Let us dig.", lang="en")  # fmt: skip
    proposal = lead.path
    await vilnius.pass_time(minutes=20)

    async def passphrase(*_asked: object) -> Ways:
        return Ways(passphrase=True, passkeys=0)

    monkeypatch.setattr("identity.step_up.ways_of", passphrase)
    for one in (lead, facilitator):
        for form in ("moderate", "task", "outcome"):
            await one.see(f"{proposal}/{form}", 401)
    typed = {
        f"{proposal}/task": {"task": "Ask the neighbours", "day": "2026-04-01"},
        f"{proposal}/moderate": {"reason": "Be kind to them"},
        f"{proposal}/outcome": {"expected": "A garden", "happened": "A very small garden"},
        f"{path}/people/admit": {"member": "somebody"},
        f"{path}/suspensions/lift": {"suspension": "one of them"},
    }
    for target, fields in typed.items():
        answer = await lead.client.post(target, data={"key": new_key(), **fields})
        assert answer.status_code == 401, target
        assert f'value="{target}"' in answer.text
        for name, words in fields.items():
            assert f'name="kept.{name}"' in answer.text
            assert words in answer.text
