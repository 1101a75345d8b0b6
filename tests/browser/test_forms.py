"""What a browser signs is what its person wrote, whatever the node asks for."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from civic.pages.bylaw_words import RULES, WrittenWrong, read
from tests.acts import made
from tests.browser.conftest import Served
from tests.browser.keyed import Keyed

pytestmark = pytest.mark.browser
CHAPTER = "/c/" + "ab" * 32
MATTER, VOICE, OTHER = made("matter"), made("voice"), made("other")

CHECKED = """async ([action, inputs, wanted, voice]) => {
  const source = document.querySelector("script[type=module]").src;
  const forms = await import(source.replace("civic.js", "forms.js"));
  const form = document.createElement("form");
  form.action = action;
  for (const [name, came, typed] of inputs) {
    const input = document.createElement("input");
    input.name = name;
    input.setAttribute("value", came);
    input.value = typed;
    form.append(input);
  }
  const said = forms.readForm(form, null);
  try {
    forms.checkCount(said, wanted);
    for (const act of wanted.acts) {
      forms.checkAct(said, act, { by: { id: "" }, voice: () => voice }, false);
    }
    for (const paper of wanted.papers) forms.checkPaper(said, paper, "log");
    return null;
  } catch (error) {
    if (error instanceof forms.Differs) return error.message;
    throw error;
  }
}"""

READ = """async (cases) => {
  const source = document.querySelector("script[type=module]").src;
  const { bylaw } = await import(source.replace("civic.js", "forms.js"));
  return cases.map(([field, text]) => bylaw(field, text));
}"""


@pytest.fixture
def page(served: Served, browser: Browser) -> Page:
    guest = Keyed(served, browser)
    guest.see("/")
    return guest.page


def act(kind: str, **body: Any) -> dict[str, Any]:
    return {"kind": kind, "body": json.dumps(body), "texts": [], "content": []}


def wanted(*acts: Any, papers: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"acts": list(acts), "rows": [], "papers": list(papers)}


def checked(page: Page, path: str, inputs: list[list[str]], asked: dict[str, Any]) -> str | None:
    """Return what the browser says differs, None where it would sign."""
    address = page.url.rstrip("/") + CHAPTER + path
    found = page.evaluate(CHECKED, [address, inputs, asked, VOICE])
    return None if found is None else str(found)


def vouch(member: str) -> str:
    return f"civic/vouch/1\nlog\n{made('vouch')}\n{member}\n{made('ann')}"


def test_one_vouch_a_form_and_only_by_whoever_says_that_they_met(page: Page) -> None:
    met = [["code", "", "12345678"], ["asked", "", "yes"], ["met", "", "yes"]]
    one = wanted(papers=(vouch(OTHER),))
    assert checked(page, "/levels/vouch", met, one) is None
    assert checked(page, "/levels/vouch", met[:1], one) == "paper"
    more = wanted(papers=(vouch(OTHER), vouch(made("ben"))))
    assert checked(page, "/levels/vouch", met, more) == "count"


def test_a_verifier_confirms_the_case_of_the_page(page: Page) -> None:
    def said(case: str, aside: str = "") -> dict[str, Any]:
        parts = ("civic/verification/1", "log", case, OTHER, OTHER, "document", aside)
        return wanted(papers=("\n".join(parts),))

    path, way = f"/verifying/{MATTER}", [["way", "", "document"]]
    assert checked(page, path, way, said(MATTER)) is None
    assert checked(page, path, way, said(MATTER, f"{OTHER},{VOICE}")) is None
    assert checked(page, path, way, said(MATTER, f"{OTHER},anything")) == "paper"
    assert checked(page, path, way, said(OTHER)) == "paper"


def test_a_verifier_confirms_the_key_of_the_member_of_the_page(page: Page) -> None:
    def said(change: str, member: str) -> dict[str, Any]:
        parts = (change, member, "ab" * 32, made("ben"))
        return wanted(papers=("\n".join(("civic/key-witness/1", "log", *parts)),))

    shown = [["change", "", MATTER], ["member", "", VOICE], ["new_key", "", "ab" * 32]]
    assert checked(page, "/keys/requests", shown, said(MATTER, VOICE)) is None
    assert checked(page, "/keys/requests", shown, said(MATTER, OTHER)) == "paper"
    assert checked(page, "/keys/requests", shown, said(OTHER, VOICE)) == "paper"


def test_nobody_stands_by_anothers_words(page: Page) -> None:
    given = wanted(act("chapters.name_given", matter=MATTER, voice=VOICE))
    assert checked(page, f"/p/{MATTER}/stand-by", [], given) is None
    given = wanted(act("chapters.name_given", matter=MATTER, voice=OTHER))
    assert checked(page, f"/p/{MATTER}/stand-by", [], given) == "voice"


def test_a_new_text_changes_no_bylaws(page: Page) -> None:
    body: dict[str, Any] = {"proposal": MATTER, "version": 2, "title_length": 0, "text_length": 0}
    asked = wanted(act("deliberation.revised", **body))
    # Its words are missing here; no field of the body differs.
    assert checked(page, f"/p/{MATTER}/revise", [], asked) == "texts"
    change = {"field": "quorum", "from": 200, "to": 0}
    asked = wanted(act("deliberation.revised", **body, changes=[change]))
    assert checked(page, f"/p/{MATTER}/revise", [], asked) == "changes"


def test_a_new_text_says_why_as_it_was_written(page: Page) -> None:
    path, why = f"/p/{MATTER}/revise", [["reason", "", "Because."]]
    body: dict[str, Any] = {"proposal": MATTER, "version": 2, "title_length": 0, "text_length": 0}
    told = wanted(act("deliberation.revised", **body, reason_length=8))
    assert checked(page, path, why, told) == "texts"
    assert checked(page, path, [], told) == "reason_length"
    silent = wanted(act("deliberation.revised", **body))
    assert checked(page, path, why, silent) == "reason_length"


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ([["quorum", 200, 305]], "texts"),
        ([["quorum", 200, 0]], "changes"),
        ([["quorum", 200, 305], ["majority", 500, 666]], "changes"),
        ([], "changes"),
        (None, "changes"),
    ],
)
def test_a_proposal_changes_the_bylaws_that_were_written(
    page: Page, changes: list[list[Any]] | None, differs: str
) -> None:
    inputs = [["quorum", "20", "30,5"], ["majority", "50", "50.0"], ["lang", "", "en"]]
    body: dict[str, Any] = {
        "id": MATTER, "lang": "en", "title_length": 0, "text_length": 0, "options": 0,
        "secrecy": "roll_call",
    }  # fmt: skip
    if changes is not None:
        body["changes"] = [dict(zip(("field", "from", "to"), one, strict=True)) for one in changes]
    asked = wanted(act("deliberation.proposed", **body))
    assert checked(page, "/propose/bylaws", inputs, asked) == differs


def test_a_proposal_says_the_same_in_the_languages_that_were_written(page: Page) -> None:
    inputs = [
        ["lang", "", "be"], ["title", "", "Зала"], ["text", "", "Наймем."],
        ["lang-2", "", "lt"], ["title-2", "", "Salė"], ["text-2", "", " Imkime. "],
        ["lang-3", "", "ru"], ["title-3", "", ""], ["text-3", "", ""],
    ]  # fmt: skip
    body: dict[str, Any] = {
        "id": MATTER, "lang": "be", "title_length": 4, "text_length": 7, "options": 0,
        "secrecy": "roll_call",
    }  # fmt: skip
    given = {"lang": "lt", "title_length": 4, "text_length": 7}

    def differs(*also: dict[str, Any], rows: list[list[str]] = inputs) -> str | None:
        said = {**body, "also": list(also)} if also else body
        return checked(
            page, "/propose/question", rows, wanted(act("deliberation.proposed", **said))
        )

    assert differs(given) == "texts"
    assert differs() == "also"
    assert differs({**given, "lang": "ru"}) == "also"
    assert differs({**given, "text_length": 8}) == "also"
    assert differs(given, given) == "also"
    assert differs(given, rows=inputs[:3]) == "also"


def test_the_browser_reads_bylaws_as_the_node_does(page: Page) -> None:
    texts = ("3", "0.5", "30,5", " 7.25", "66.6 %", "1e3", "", "-1", "1000000", "0.0007", "7.")
    cases = [(rule.field, text) for rule in RULES if rule.unit not in ("choice", "zone")
             for text in texts]  # fmt: skip
    for (field, text), found in zip(cases, page.evaluate(READ, cases), strict=True):
        try:
            known = read(field, text)
        except WrittenWrong:
            # The node refuses more: here it only has to be nothing that an act could say.
            assert found is None or found != int(found), (field, text)
        else:
            assert found == known or text != text.strip(), (field, text)
