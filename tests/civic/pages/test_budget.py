"""What a page may cost: five queries, fifteen kilobytes; nobody keeps words that may be erased."""

import gzip
import re

from tests.civic.pages.test_outsiders import proposed
from tests.statements import queries
from tests.town import Town, Visitor

QUERIES = 5
BYTES = 15_000


async def costs(visitor: Visitor, path: str) -> None:
    with queries() as seen:
        page = await visitor.see(path)
    assert len(seen) <= QUERIES, (path, seen)
    assert len(gzip.compress(page.encode())) < BYTES, path
    assert visitor.last is not None
    assert visitor.last.headers["cache-control"] == "no-store", path


async def test_every_page_keeps_to_its_budget(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, template="town")
    ana, ben, eva = people
    for number in range(30):
        await ana.send(f"{path}/propose/question", "/propose/question",
                       title=f"Proposal {number}", text="Long words. " * 80, lang="en")  # fmt: skip
    proposal = ana.path
    for one in (ben, eva, ana):
        await one.send(proposal, "/support")
    for number in range(20):
        await ben.send(f"{proposal}/argue/for", "/argue/for",
                       words=f"Because of reason {number}, which is long enough")  # fmt: skip
        await eva.send(f"{proposal}/argue/against", "/argue/against", words=f"But {number}")
        await eva.send(f"{proposal}/comment", "/comment", words=f"Comment {number} " * 5)
    said = re.search(r'id="w-([a-z2-7]{26})"', await ana.see(proposal))
    assert said is not None
    await vilnius.pass_time(minutes=60)
    await vilnius.pass_time(minutes=60)
    paths = [
        "/", path, f"{path}/proposals", f"{path}/people", f"{path}/record", f"{path}/record/0",
        f"{path}/audit", proposal, f"{proposal}/said/for?from=15", f"{proposal}/said/comments",
        f"{proposal}/w/{said[1]}", f"{proposal}/entries", f"{proposal}/versions/1",
    ]  # fmt: skip
    members = [
        f"{path}/propose", f"{path}/propose/bylaws", f"{path}/propose/office",
        f"{path}/propose/bylaws?rule=quorum&rule=majority", f"{path}/propose/people?q=a",
        f"{path}/bylaws", f"{path}/guardians", "/account", "/account/recovery",
        f"{proposal}/argue/for", f"{proposal}/comment?on={said[1]}", f"{proposal}/revise",
        f"{proposal}/withdraw", f"{proposal}/erase", f"{proposal}/stand-by",
        f"{proposal}/moderate?of={said[1]}", f"{path}/people/leave",
        f"{path}/people/ties", "/account/ties",
    ]  # fmt: skip
    await vilnius.stepped_up(ana)
    for page in [*paths, *members]:
        await costs(ana, page)
    for page in paths:
        await costs(vilnius.stranger(), page)
    await vilnius.pass_time(days=7)
    await vilnius.pass_time(days=1)
    for one in (vilnius.stranger(), *people):
        await costs(one, "/")
        await costs(one, proposal)
    await vilnius.pass_time(days=5)
    await vilnius.pass_time(days=1)
    await costs(ana, f"{path}/people/ties")
    await costs(ana, f"{path}/people/ties/erase?of=all")
    for one in (vilnius.stranger(), ana):
        await costs(one, path)
        await costs(one, proposal)
        await costs(one, f"{proposal}/votes")


async def test_each_entry_costs_no_more_for_a_neighbour_or_its_author(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(6)]
    path = await vilnius.founded(*people[:3], visibility="network")
    await vilnius.founded(*people[3:], visibility="chapter")
    ana, neighbour = people[0], people[3]
    proposal = await proposed(ana, path, "Gardenia")
    await ana.send(f"{proposal}/argue/for", "/argue/for", words="People work until six.")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    said = [int(one) for one in re.findall(r"/record/([0-9]+)", await ana.see(f"{path}/record"))]
    assert len(said) > 5
    for index in said:
        for one in (neighbour, ana):
            await costs(one, f"{path}/record/{index}")
    for page in (path, f"{path}/record", f"{path}/people", f"{path}/audit", proposal):
        await costs(neighbour, page)
