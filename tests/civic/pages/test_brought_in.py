"""A conversation that was brought in: the pages say who vouches for it, and count nobody twice."""

import re

from civic.imports.conversation import Importer
from civic.imports.polis import Conversation, Statement
from civic.kernel.database import reading
from civic.kernel.record import store
from tests.town import Town

BENCHES = Conversation(
    "benches",
    "Benches",
    "Where do we need benches?",
    "https://pol.is/benches",
    [Statement(0, "1", "2020-05-01", "By the river.", accepted=True)],
    [str(number) for number in range(1200)],
    {("2020-05-01", 0): {"1": 1, "2": -1}},
    votes=2,
)


async def test_the_node_vouches_for_what_it_brought_in(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    async with reading(vilnius.node.engine) as db:
        head = await store.head(db, 1)
    await Importer(vilnius.node.desk, head, BENCHES, source="a test", lang="en").run()
    ana = people[0]
    overview = await ana.see(path)
    assert "1,200 more people took part" in overview
    matter = re.search(r'href="(/c/[^"]*/p/[a-z2-7]{26})"[^>]*>Benches', overview)
    assert matter is not None
    page = await ana.see(matter[1])
    for words in ("Where it was held", "What it was about", "This node brought it in"):
        assert words in page
    assert "spoke here" not in page
    assert "The rules for it" not in page
    record = await ana.see(f"{path}/record")
    latest = re.search(r"/record/(\d+)", record)
    assert latest is not None
    entry = await ana.see(f"{path}/record/{latest[1]}")
    assert "reactions of a conversation held elsewhere" in entry
    assert "vouched for by the node" in entry
    assert "follows from the rules" not in entry
    founding = await ana.see(f"{path}/record/0")
    assert "vouched for by the node" in founding
    # What members see of names is not what everybody finds in an open record.
    assert "whoever looks through it finds the names too" in await ana.see(f"{path}/people")


async def test_a_lead_reads_first_who_waits(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(5)]
    path = await vilnius.founded(*people, template="town")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    await (await vilnius.person()).send(path, f"{path}/apply")
    pages = [(await one.see(path)).split("<aside")[0] for one in people]
    assert sum("asks to join" in page for page in pages) == 1
