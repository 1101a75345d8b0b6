"""What a feed costs a node: few queries, and no session that is looked at."""

from tests.civic.feeds.test_pages import secret
from tests.civic.pages.test_budget import costs
from tests.civic.pages.test_outsiders import open_chapter, proposed
from tests.statements import queries
from tests.town import Town

QUERIES = 3


async def test_feeds_and_their_page_keep_to_the_budget(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "chapter")
    for number in range(5):
        await proposed(ana, path, f"Proposal {number}")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    feed, calendar = await secret(vilnius, ana, path)
    for address in (feed, calendar, f"{path}/feed.atom", f"{path}/calendar.ics"):
        with queries() as seen:
            answer = await ana.client.get(address)
        assert answer.status_code == 200
        assert len(seen) <= QUERIES, (address, seen)
        assert not [one for one in seen if "account" in one]
    await costs(ana, f"{path}/feeds")
    await costs(ana, f"{path}/webhooks")
    await costs(ana, f"{path}/desk")
