"""Keys of acts as a weapon: what the node will write under a foreseeable key must stay free."""

import pytest

from chapters.entries import DisplayNameSet
from civic.kernel.record.entry import due_key
from deliberation.state import of
from tests.civic.api.conftest import Api, Caller, new_key
from tests.hostile.conftest import KeyHolder, words

SEED = bytes(range(32))


async def key_holder(api: Api) -> tuple[Caller, KeyHolder]:
    """Let somebody join whose seed this test knows."""
    holder = await api.person(SEED)
    await api.join(holder)
    me = await holder.get(f"{api.path}/members/me")
    return holder, KeyHolder(me["log_id"], me["member"], SEED)


@pytest.fixture
async def attacked(api: Api) -> tuple[Api, Caller, KeyHolder]:
    await api.found()
    return (api, *await key_holder(api))


async def test_nobody_takes_the_key_of_a_transition_to_come(
    attacked: tuple[Api, Caller, KeyHolder],
) -> None:
    api, caller, holder = attacked
    proposal = (await api.propose()).rpartition("/")[2]
    deadline = await api.node.book.ask(1, lambda state: state.record.deadlines[proposal].minute)
    name, key = words("Eve"), new_key()
    body = DisplayNameSet(3)
    squat = holder.act(body, key, (name,), key=due_key(holder.log_id, deadline, proposal))
    await caller.post(f"{api.path}/acts", squat, key=None, status=422)
    # The transition comes at its time.
    await api.pass_time(days=15)
    phase = await api.node.book.ask(1, lambda state: of(state).proposals[proposal].phase)
    assert phase == "lapsed"
