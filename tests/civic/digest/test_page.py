"""The digest as a page: one's own chapters, in few queries; mail is offered where there is some."""

import gzip

from tests.civic.digest.mailbox import Mailbox
from tests.civic.digest.test_mail import ask, followed
from tests.civic.pages.test_budget import BYTES, QUERIES, costs
from tests.civic.pages.test_outsiders import open_chapter, proposed
from tests.statements import queries
from tests.town import Town


async def test_members_see_deadlines_and_results_of_their_own_chapters(vilnius: Town) -> None:
    path, (ana, ben, eva) = await open_chapter(vilnius, "chapter")
    assert "Nothing is being decided in your chapters." in await ana.see("/digest")
    proposal = await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    page = await ana.see("/digest")
    assert "A garden" in page
    assert "The time for it ends: " in page
    for one in (ben, eva):
        await one.send(proposal, "/support")
    for _ in range(4):
        await vilnius.pass_time(days=5)
        await vilnius.pass_time(minutes=20)
        if "Decided lately" in (page := await ana.see("/digest")):
            break
    assert "took part." in page
    # After a week it is told no more.
    await vilnius.pass_time(days=8)
    assert "A garden" not in await ana.see("/digest")
    assert "Sign in" in await vilnius.stranger().see("/digest")


async def test_the_pages_keep_to_their_budget(vilnius: Town, box: Mailbox) -> None:
    path, link, ana = await followed(vilnius, box)
    for number in range(30):
        await proposed(ana, path, f"Proposal {number}")
    await vilnius.pass_time(minutes=20)
    await costs(ana, "/digest")
    await costs(ana, "/mail")
    await costs(vilnius.stranger(), link)
    with queries() as seen:
        page = await ask(vilnius.stranger(), [path[3:]], "another@example.net")
    # The page with the form, then: its choices, the lane, the limit, the row.
    assert len(seen) <= 2 * QUERIES, seen
    assert len(gzip.compress(page.encode())) < BYTES
