"""How a proposal stands, told for the ends that are no yes."""

from tests.town import Town, Visitor


async def chapter(vilnius: Town) -> tuple[str, list[Visitor]]:
    people = [await vilnius.person() for _ in range(3)]
    return await vilnius.founded(*people), people


async def proposed(by: Visitor, path: str, **fields: str) -> str:
    kind = "bylaws" if fields else "question"
    chosen = "&".join(f"rule={name}" for name in fields)
    await by.send(f"{path}/propose/{kind}?{chosen}", f"/propose/{kind}", 200,
                  title="A thing", text="Let us do it.", lang="en", **fields)  # fmt: skip
    return by.path


async def test_too_little_support(vilnius: Town) -> None:
    path, (ana, ben, _eva) = await chapter(vilnius)
    proposal = await proposed(ana, path)
    page = await ben.send(proposal, "/support")
    assert "1 of 2 supports, 1 more is needed" in page
    assert "if it finds enough support; sooner if it finds it sooner" in page
    page = await ben.send(proposal, "/support/withdraw")
    assert "You no longer support this proposal" in page
    await vilnius.pass_time(days=7)
    page = await ben.see(proposal)
    assert "It did not find enough support in time, so it stands still." in page
    assert "/support" not in page
    assert "Not enough support" in await ana.see(path)


async def test_too_few_votes(vilnius: Town) -> None:
    path, (ana, ben, eva) = await chapter(vilnius)
    proposal = await proposed(ana, path)
    for one in (ben, eva):
        await one.send(proposal, "/support")
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    await ana.send(proposal, "/vote", vote="1")
    await vilnius.pass_time(days=3)
    page = await ana.see(proposal)
    assert "Too few members took part in the vote. Nothing was decided." in page
    assert "1 of 3 members took part (33.3%)" in page
    assert "All phases have ended" in page


async def test_a_decision_that_cannot_take_effect(vilnius: Town) -> None:
    path, people = await chapter(vilnius)
    ana, ben, eva = people
    first = await proposed(ana, path, quorum="40")
    second = await proposed(ben, path, quorum="60")
    for proposal in (first, second):
        await eva.send(proposal, "/support")
        await (ben if proposal == first else ana).send(proposal, "/support")
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    for proposal in (first, second):
        for one in people:
            await one.send(proposal, "/vote", vote="1")
    await vilnius.pass_time(days=3)
    pages = [await ana.see(proposal) for proposal in (first, second)]
    returned = [page for page in pages if "could not take effect, so it is discussed again" in page]
    assert len(returned) == 1
    assert "An earlier vote on it" in returned[0] or "Result" in returned[0]
    assert "What it was to change had changed meanwhile" in returned[0]
