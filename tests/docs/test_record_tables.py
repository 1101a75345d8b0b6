"""The protocol's document says what the code says, kind by kind."""

import hashlib
import re

import pytest

from chapters.bylaws import CHARTER, CHARTER_HASH
from civic.kernel.record.entry import As, encode_json
from civic.procedure import DRAFT
from docs.protocol import make_tables
from docs.protocol.make_tables import DOCUMENT, DOMAINS, STRUCTS

TEXT = DOCUMENT.read_text()
SECTIONS = dict(
    re.findall(r"^### ([a-z_]+\.[a-z_]+)\n(.*?)(?=^##)", TEXT, flags=re.MULTILINE | re.DOTALL)
)
CODES = make_tables.codes()


def test_tables_are_up_to_date() -> None:
    assert make_tables.filled(TEXT) == TEXT, "run python -m docs.protocol.make_tables"


def test_every_struct_and_domain_has_its_table() -> None:
    marked = make_tables.marked(TEXT)
    # Entry, by and proof are described in words.
    assert {name for what, name in marked if what == "fields"} == {*STRUCTS, "templates"} - {
        "by",
        "proof",
    }
    assert {name for what, name in marked if what == "refusals"} == set(DOMAINS)


def test_every_kind_has_a_section_and_no_other() -> None:
    assert SECTIONS.keys() == DRAFT.kinds.keys()


@pytest.mark.parametrize("name", DRAFT.kinds)
def test_a_section_says_who_when_and_for_whom(name: str) -> None:
    kind, section = DRAFT.kinds[name], SECTIONS[name]
    assert ("For the world." in section) == kind.world
    assert (", early" in section) == kind.early
    assert ("Content: " in section or "Content as" in section) == kind.texts
    assert ("Applied" in section) or name in ("voting.cast", "voting.votes_recorded")
    words = section.lower()
    roles = {
        As.VOICE: r"by (a|the author's) voice",
        As.MEMBER: r"by (a|the new|one of the|the applicant|the founder)( member|  founders|\b)",
        As.OFFICE: r"(by|or) an office",
        As.NODE: r"by the node",
    }
    for role in kind.by:
        assert re.search(roles[role], words), role
    if kind.decide is None:
        assert re.search(r"follows|comes of due", words)


def test_every_code_stands_in_its_table_and_no_other_is_named() -> None:
    cited = set(re.findall(r"`([a-z]+\.[a-z_]+)`", TEXT))
    named = {one for one in cited if one.split(".")[0] in DOMAINS}
    # One name is a kind and a code.
    assert named - DRAFT.kinds.keys() == CODES.keys() - DRAFT.kinds.keys()


def test_codes_begin_with_a_domain() -> None:
    assert {code.split(".")[0] for code in CODES} == set(DOMAINS)


def test_the_charter() -> None:
    assert hashlib.sha256(encode_json(CHARTER)).hexdigest() == CHARTER_HASH
    assert CHARTER_HASH in TEXT


def test_the_document_names_every_transition() -> None:
    for part in DRAFT.parts:
        for transition in part.due:
            name = transition.split(".")[1]
            assert f"transition *{name}*" in TEXT
