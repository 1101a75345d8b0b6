import msgspec
import pytest

from chapters.assurance.entries import LevelRenounced
from chapters.bylaws import (
    CHARTER,
    TEMPLATES,
    YEAR,
    Bylaws,
    Change,
    below_charter,
    changed,
    stale_field,
    unfit_field,
    unfit_to_found,
)
from chapters.entries import BylawsKept
from chapters.rules import bylaws_effect, unfit_here
from civic.kernel.record.entry import As, when
from civic.kernel.web.language import zones
from deliberation import entries as d
from deliberation.effects import UNFIT_CHANGE
from tests.acts import begin, made, text

BYLAWS = TEMPLATES["town"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_keep_the_charter(name: str) -> None:
    assert below_charter(TEMPLATES[name]) is None
    assert msgspec.convert(msgspec.to_builtins(TEMPLATES[name]), Bylaws) == TEMPLATES[name]


@pytest.mark.parametrize(
    ("field", "least"),
    [
        ("founders", CHARTER.founders_least),
        ("support_time", CHARTER.support_time_least),
        ("discussion_time", CHARTER.discussion_time_least),
        ("vote_time", CHARTER.vote_time_least),
        ("majority", CHARTER.majority_least),
        ("outage_grace", CHARTER.outage_grace_least),
    ],
)
def test_minima_of_the_charter(field: str, least: int) -> None:
    assert below_charter(msgspec.structs.replace(BYLAWS, **{field: least})) is None
    assert below_charter(msgspec.structs.replace(BYLAWS, **{field: least - 1})) == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("level_propose", 3),
        ("level_vote", 3),
        ("level_office", 3),
        ("level1_time", 0),
        ("level2_time", 0),
        ("office_most", 0),
        ("vote_wait", CHARTER.vote_wait_most + 1),
        ("vouches", CHARTER.vouches_most + 1),
    ],
)
def test_no_bylaws_under_which_nobody_could_ever_decide_again(field: str, value: int) -> None:
    # Nobody reaches level 3; a level or an office of no length is never held.
    assert below_charter(msgspec.structs.replace(BYLAWS, **{field: value})) == field
    before = getattr(BYLAWS, field)
    assert unfit_field(BYLAWS, [Change(field, before, value)]) == field


@pytest.mark.parametrize(
    ("zone", "fits"),
    [
        ("UTC", True),
        ("Europe/Vilnius", True),
        ("America/Argentina/Buenos_Aires", True),
        ("America/Port-au-Prince", True),
        # Which zones there are, no two machines need agree on.
        ("Europe/Nowhere", True),
        ("Mars/Phobos", False),
        ("Europe/", False),
        ("Europe", False),
        ("Europe/vilnius", False),
        ("Europe/Vilnius/", False),
        ("Europe/Vilnius/A\n", False),
        ("../Europe/Vilnius", False),
        ("Etc/GMT+3", False),
        ("", False),
    ],
)
def test_a_zone_has_the_form_of_a_name(zone: str, fits: bool) -> None:
    change = Change("zone", "UTC", zone)
    assert unfit_field(BYLAWS, [change]) == (None if fits else "zone")


def test_every_zone_that_forms_offer_fits() -> None:
    assert all(unfit_field(BYLAWS, [Change("zone", "UTC", one)]) is None for one in zones())


def test_founders_can_vouch_for_somebody() -> None:
    bylaws = msgspec.structs.replace(BYLAWS, founders=4, vouches=4)
    assert unfit_to_found(bylaws) is None
    assert unfit_to_found(msgspec.structs.replace(bylaws, vouches=5)) == "vouches"
    assert unfit_to_found(msgspec.structs.replace(bylaws, vote_wait=2 * YEAR)) == "vote_wait"


def test_no_more_vouches_than_members_could_give() -> None:
    game = begin(vouches=2)
    more = (Change("vouches", 2, 4),)
    assert unfit_here(game.state, (Change("vouches", 2, 3),)) is None
    assert unfit_here(game.state, more) == "vouches"
    words = [text("title"), text("text")]
    body = d.Proposed(made("p"), "en", 5, 5, 0, "pseudonymous", changes=more)
    assert game.refused(body, As.VOICE, made("v"), words) == UNFIT_CHANGE
    effect = bylaws_effect(game.state, made("p"), when(game.tick), more)
    assert effect.body == BylawsKept(made("p"), when(game.tick), "vouches")
    # Fewer are no harm, however few could give them.
    game.member(LevelRenounced(), "ann")
    assert unfit_here(game.state, (Change("quorum", 200, 300),)) is None


class TestStale:
    def test_the_value_named_must_hold(self) -> None:
        assert stale_field(BYLAWS, [Change("quorum", 200, 1)]) is None
        assert stale_field(BYLAWS, [Change("quorum", 201, 1)]) == "quorum"

    @pytest.mark.parametrize("value", [0, "False", ""])
    def test_of_the_same_type(self, value: int | str) -> None:
        bylaws = msgspec.structs.replace(BYLAWS, unsigned_votes=False)
        assert stale_field(bylaws, [Change("unsigned_votes", value, True)]) == "unsigned_votes"

    @pytest.mark.parametrize("field", ["", "nothing", "__class__", "__struct_fields__"])
    def test_only_bylaws(self, field: str) -> None:
        assert stale_field(BYLAWS, [Change(field, 1, 2)]) == field


class TestUnfit:
    @pytest.mark.parametrize(
        "change",
        [
            Change("tick", 10, 7),
            Change("quorum", 200, 1001),
            Change("majority", 500, 1000),
            Change("majority", 500, 499),
            Change("unsigned_votes", True, 1),
            Change("secrecy", "pseudonymous", "whispered"),
            Change("vote_time", 7200, "long"),
        ],
    )
    def test_values_that_cannot_be(self, change: Change) -> None:
        assert unfit_field(BYLAWS, [change]) == change.field

    def test_a_field_changes_once(self) -> None:
        changes = [Change("quorum", 200, 1), Change("quorum", 200, 2)]
        assert unfit_field(BYLAWS, changes) == "quorum"

    def test_good_changes(self) -> None:
        changes = [Change("quorum", 200, 1), Change("majority", 500, 999)]
        assert unfit_field(BYLAWS, changes) is None
        assert changed(BYLAWS, changes).quorum == 1
