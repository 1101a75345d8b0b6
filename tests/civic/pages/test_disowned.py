"""What becomes of "I did not do this": leads see it."""

import re

from tests.civic.pages.test_standing import suspended
from tests.town import Town


async def test_leads_see_what_was_disowned(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    await people[1].send(f"{path}/you", "/people/name", name="Ben")
    record = await people[1].see(f"{path}/record")
    index = max(int(one) for one in re.findall(rf'href="{path}/record/(\d+)"', record))
    assert "I did not do this" not in await people[0].see(f"{path}/desk")
    await people[1].send(f"{path}/record/{index}/disown", f"/record/{index}/disown")
    desk = await people[0].see(f"{path}/desk")
    assert "I did not do this" in desk
    assert f'href="{path}/record/{index}"' in desk


async def test_who_is_suspended_says_it_too(vilnius: Town) -> None:
    path, (lead, _facilitator, _verifier, dia, _eva) = await suspended(vilnius)
    assert "you can still say so there" in await dia.see(f"{path}/standing")
    record = await dia.see(f"{path}/record")
    indexes = sorted({int(one) for one in re.findall(rf'href="{path}/record/(\d+)"', record)})
    offered = [
        one
        for one in indexes
        if f"{path}/record/{one}/disown" in await dia.see(f"{path}/record/{one}")
    ]
    assert len(offered) == 1
    place = f"{path}/record/{offered[0]}/disown"
    await dia.send(place, place)
    assert "Who acts under this id says" in await lead.see(f"{path}/record/{offered[0]}")
    await lead.see(place, 404)
