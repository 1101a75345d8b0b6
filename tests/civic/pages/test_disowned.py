"""What becomes of "I did not do this": leads see it."""

import re

from tests.town import Town


async def test_leads_see_what_was_disowned(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    await people[1].send(f"{path}/people", "/people/name", name="Ben")
    record = await people[1].see(f"{path}/record")
    index = max(int(one) for one in re.findall(rf'href="{path}/record/(\d+)"', record))
    assert "I did not do this" not in await people[0].see(f"{path}/desk")
    await people[1].send(f"{path}/record/{index}/disown", f"/record/{index}/disown")
    desk = await people[0].see(f"{path}/desk")
    assert "I did not do this" in desk
    assert f'href="{path}/record/{index}"' in desk
