"""A sheet is printed, everything is lost, and its person is back; and the same with guardians."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.authenticator import Authenticator
from tests.browser.conftest import Served
from tests.browser.test_passkeys import WORDS, Person

pytestmark = pytest.mark.browser
SHEET = "/account/recovery"


def sheet_of(page: Page) -> list[str]:
    """Read the codes from the sheet that is shown."""
    return page.locator(".sheet-codes code").all_inner_texts()


def make_sheet(one: Person) -> tuple[list[str], str]:
    """Make a sheet and put it in force; return its codes and the seed on it."""
    one.see(SHEET)
    one.press("Make my recovery sheet")
    seed = one.page.locator("[data-seed-open] code")
    seed.wait_for()
    codes = sheet_of(one.page)
    written = seed.inner_text()
    one.press("I have it on paper")
    asked = [int(n) for n in re.findall(r"Code number (\d)", one.page.locator("main").inner_text())]
    for number, label in zip(asked, (f"Code number {n}" for n in asked), strict=True):
        one.page.get_by_label(label).fill(codes[number - 1].lower())
    one.press("Put the sheet in force", f"**{SHEET}")
    one.page.get_by_text("8 of its codes are unused").wait_for()
    return codes, written


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_the_sheet_fits_one_page_in_every_language(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    one = Person(served, browser)
    Authenticator(one.page)
    one.signed_up()
    one.see(SHEET)
    one.press("Make my recovery sheet")
    codes = sheet_of(one.page)
    tags = one.page.locator("#f-language option").evaluate_all("all => all.map(o => o.value)")
    assert len(tags) == 8
    for tag in tags:
        one.page.locator("#f-language").select_option(tag)
        one.press("Show it in this language")
        one.page.locator("[data-seed-open] code").wait_for()
        assert sheet_of(one.page) == codes
        pdf = one.page.pdf(format="A4", path=tmp_path / f"{tag}.pdf")
        assert pages_of(pdf) == 1, tag
        one.page.emulate_media(media="print")
        expect(one.page.locator(".sheet")).to_be_visible()
        expect(one.page.locator(".screen-only").first).to_be_hidden()
        expect(one.page.locator("[data-seed-needs-script]")).to_be_hidden()
        one.page.emulate_media(media="screen")
    assert one.complaints == []


def test_everything_is_lost_but_the_sheet(served: Served, browser: Browser) -> None:
    one = Person(served, browser)
    phone = Authenticator(one.page)
    one.signed_up()
    codes, seed = make_sheet(one)
    one.add_passphrase()
    name = one.name()
    other = Person(served, browser)
    other.phone = one.phone
    other.sign_in_typed(name)
    phone.take_away()

    back = Person(served, browser)
    back.see("/sign-in")
    back.press("Get back into your account")
    back.page.get_by_label("A code that is not crossed out").fill("0000-0000-0000-0000-0000")
    back.press("Go on")
    back.page.get_by_text("This code lets nobody in").first.wait_for()
    back.page.get_by_label("A code that is not crossed out").fill(codes[2])
    back.press("Go on")
    assert other.is_signed_in()
    Authenticator(back.page)
    back.page.get_by_role("button", name="Make a passkey").wait_for()
    back.press("Make a passkey", "**/account/recovered?new=*")
    assert not one.is_signed_in()
    assert not other.is_signed_in()
    back.page.get_by_label("Passkey").check()
    back.page.get_by_label("Passphrase and phone").check()
    back.press("Go on", "**/account")
    assert back.name() == name
    expect(back.page.get_by_text("With one alone")).to_have_count(1)

    # The seed of the sheet opens the same member keys: a new sheet shows the same seed.
    back.see(f"{SHEET}/seed")
    back.page.get_by_label("Seed of your member keys").fill("abcd " * 14)
    back.page.get_by_role("button", name="Open my keys").click()
    back.page.get_by_text("This is no seed").wait_for()
    back.page.get_by_label("Seed of your member keys").fill(seed.upper())
    back.page.get_by_role("button", name="Open my keys").click()
    back.page.get_by_text("Your member keys are open in this browser.").wait_for()
    back.see(SHEET)
    back.page.get_by_text("7 of its codes are unused").wait_for()
    back.press("Make a new sheet")
    expect(back.page.locator("[data-seed-open] code")).to_have_text(seed)

    again = Person(served, browser)
    again.see("/recover")
    again.page.get_by_label("A code that is not crossed out").fill(codes[2])
    again.press("Go on")
    again.page.get_by_text("This code lets nobody in").first.wait_for()
    assert one.complaints == other.complaints == back.complaints == []


def test_without_scripts_the_sheet_says_what_is_missing(served: Served, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([served.cookie()])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(served.address + SHEET)
    page.get_by_role("button", name="Make my recovery sheet").click()
    expect(page.get_by_text("Member keys need JavaScript")).to_be_visible()
    expect(page.locator("[data-seed-open]")).to_be_hidden()
    expect(page.get_by_role("button", name="Print it")).to_be_hidden()
    assert len(sheet_of(page)) == 8


def test_guardians_help_after_72_hours(served: Served, browser: Browser) -> None:
    people = [served.do(served.town.person()) for _ in range(4)]
    path = served.do(served.town.founded(*people[:3]))
    served.do(served.town.join(people[0], people[3], path))
    circle = []
    for visitor in people:
        one = Person(served, browser)
        token = visitor.client.cookies["civic"]
        one.context.add_cookies([{"name": "civic", "value": token, "url": served.address}])
        circle.append(one)
    ana = circle[0]
    ana.add_passphrase()
    name = ana.name()
    ana.see(SHEET)
    with ana.page.expect_navigation():
        ana.page.get_by_role("link", name=re.compile("^Choose three members of ")).click()
    for box in ana.page.get_by_role("checkbox").all():
        box.check()
    ana.page.get_by_label("Who are you to them?").fill("Ana from the choir")
    ana.press("Ask them", f"**{SHEET}")
    for guardian in circle[1:]:
        guardian.see(SHEET)
        guardian.press("I agree", f"**{SHEET}")
    ana.see(SHEET)
    ana.press("Finish: give them their shares", f"**{SHEET}")
    ana.page.get_by_text("Any two of these three").wait_for()

    lost = Person(served, browser)
    lost.see("/recover/guardians")
    lost.page.get_by_label("Sign-in name").fill(name)
    lost.press("Give me my codes")
    short, long = lost.page.locator(".secret-link code").all_inner_texts()
    for guardian in circle[1:3]:
        # Each proves a factor first: theirs is the passphrase that they set now.
        guardian.add_passphrase()
        guardian.see(SHEET)
        guardian.press("Help them back in")
        guardian.page.get_by_label("The code that they told you").fill(short)
        guardian.page.get_by_label("I have spoken with them").check()
        guardian.press("Help them", f"**{SHEET}")
    ana.see("/account")
    ana.page.get_by_role("button", name="It is not me: stop it").wait_for()
    served.pass_time(days=2)
    lost.see("/recover/guardians")
    lost.page.get_by_label("Your own code").fill(long)
    lost.press("Go on")
    lost.page.get_by_text("This code lets nobody in now").first.wait_for()
    served.pass_time(days=1, minutes=1)
    lost.page.get_by_label("Your own code").fill(long)
    lost.press("Go on")
    lost.page.get_by_label("Passphrase", exact=True).fill(WORDS)
    lost.page.get_by_label("The same passphrase again").fill(WORDS)
    lost.press("Go on")
    secret = re.search(r"secret=([A-Z2-7]{32})", lost.page.content())
    assert secret
    lost.phone = lost.phone.__class__(secret[1])
    lost.page.get_by_label("Code from your phone").fill(lost.code())
    lost.press("Set passphrase and phone", "**/account/recovered?new=passphrase")
    assert not ana.is_signed_in()
    assert lost.name() == name
    assert all(one.complaints == [] for one in [*circle, lost])
