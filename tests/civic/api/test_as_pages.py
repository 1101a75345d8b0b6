"""Whatever a form of the pages does, a call of the API does, too, or docs/api.md says why not.

The routes are those of `permissions.txt`, which holds every one of the application.
"""

import re
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).parents[1] / "permissions.txt"
DOC: Final = Path(__file__).parents[3] / "docs" / "api.md"
CHAPTER: Final = "/chapters/{chapter_id:str}"
MATTER: Final = CHAPTER + "/proposals/{proposal:str}"
SUSPENSION: Final = CHAPTER + "/suspensions/{suspension:str}"

OF_NODE: Final = {
    "/account/authenticators/{authenticator:str}/name": (
        "POST /account/authenticators/{authenticator:str}/name"
    ),
    "/account/authenticators/{authenticator:str}/remove": (
        "DELETE /account/authenticators/{authenticator:str}"
    ),
    "/account/devices/end": "DELETE /account/devices/{device:str}",
    "/account/devices/{device:str}/name": "POST /account/devices/{device:str}/name",
    "/account/export": "POST /account/export",
    "/account/export/cancel": "DELETE /account/export",
    "/account/notices/seen": "DELETE /account/notices",
    "/account/sign-out-everywhere": "DELETE /sessions",
    "/account/step-up": "POST /sessions/current/step-up",
    "/account/tokens/new": "POST /account/tokens",
    "/account/tokens/revoke": "DELETE /account/tokens/{token:str}",
    "/chapters/new": "POST /chapters",
    "/language": "POST /account/reader",
    "/panic": "DELETE /sessions",
    "/sign-in": "POST /sessions",
    "/sign-out": "DELETE /sessions/current",
}
"""Forms outside chapters and the calls that do the same, below /api/v1."""

OF_CHAPTERS: Final = {
    "/apply": f"POST {CHAPTER}/applications",
    "/auditors": f"POST {CHAPTER}/auditors",
    "/auditors/revoke": f"DELETE {CHAPTER}/auditors/{{token:str}}",
    "/confirm": f"POST {CHAPTER}/confirmations",
    "/constitute": f"POST {CHAPTER}/constitution",
    "/disputes/{own_id:str}": f"POST {CHAPTER}/disputes/{{dispute:str}}/opinions",
    "/feeds": f"POST {CHAPTER}/feeds",
    "/feeds/end": f"DELETE {CHAPTER}/feeds/{{address:str}}",
    "/join/{secret:str}": f"POST {CHAPTER}/members",
    "/keys": f"POST {CHAPTER}/keys",
    "/keys/stop": f"DELETE {CHAPTER}/keys/changes/{{change:str}}",
    "/levels/appeal": f"POST {CHAPTER}/disputes/{{dispute:str}}/appeal",
    "/levels/code": f"POST {CHAPTER}/levels/code",
    "/levels/renounce": f"DELETE {CHAPTER}/levels/me",
    "/levels/verify": f"POST {CHAPTER}/cases",
    "/levels/vouch": f"POST {CHAPTER}/vouches",
    "/moderation/leave": f"DELETE {CHAPTER}/reports/{{of:str}}",
    "/moderation/{hiding_id:str}/appeal": f"POST {CHAPTER}/hidings/{{hiding:str}}/appeals",
    "/moderation/{hiding_id:str}/judge": f"POST {CHAPTER}/hidings/{{hiding:str}}/judgements",
    "/moderation/{hiding_id:str}/lift": f"POST {CHAPTER}/hidings/{{hiding:str}}/lifts",
    "/offices/{office_id:str}/resign": f"DELETE {CHAPTER}/offices/{{office:str}}",
    "/people/admit": f"POST {CHAPTER}/admissions",
    "/people/invite": f"POST {CHAPTER}/invitations",
    "/people/leave": f"DELETE {CHAPTER}/members/me",
    "/people/name": f"POST {CHAPTER}/name",
    "/people/name/erase": f"DELETE {CHAPTER}/name",
    "/people/ties/erase": f"DELETE {CHAPTER}/ties; DELETE {CHAPTER}/ties/{{matter:str}}",
    "/people/{member_id:str}/challenge": f"POST {CHAPTER}/challenges",
    "/people/{member_id:str}/refuse": f"POST {CHAPTER}/refusals",
    "/people/{member_id:str}/suspend": f"POST {CHAPTER}/suspensions",
    "/proposals/search": f"POST {CHAPTER}/proposals/search",
    "/propose/{kind:str}": f"POST {CHAPTER}/proposals",
    "/propose/{kind:str}/similar": f"POST {CHAPTER}/proposals/similar",
    "/record/{index:int}/disown": f"POST {CHAPTER}/record/{{index:int}}/disownings",
    "/standing/appeal": f"POST {SUSPENSION}/appeals",
    "/standing/erase": f"DELETE {CHAPTER}/reasons/{{paper:str}}",
    "/standing/return": f"POST {CHAPTER}/returns",
    "/suspensions/agree": f"POST {SUSPENSION}/agreements",
    "/suspensions/erase": f"DELETE {CHAPTER}/reasons/{{paper:str}}",
    "/suspensions/judge": f"POST {SUSPENSION}/judgements",
    "/suspensions/lift": f"POST {SUSPENSION}/lifts",
    "/verifying/{number:str}": f"POST {CHAPTER}/cases/{{number:str}}/verifications",
    "/verifying/{number:str}/aside": f"DELETE {CHAPTER}/cases/{{number:str}}",
    "/webhooks": f"POST {CHAPTER}/webhooks",
    "/webhooks/remove": f"DELETE {CHAPTER}/webhooks/{{webhook:str}}",
    "/webhooks/resume": f"POST {CHAPTER}/webhooks/{{webhook:str}}/resume",
}
"""The same for forms below a chapter's page."""

OF_MATTERS: Final = {
    "/argue/{side:str}": f"POST {MATTER}/arguments",
    "/comment": f"POST {MATTER}/comments",
    "/erase": f"POST {MATTER}/erasures",
    "/moderate": f"POST {CHAPTER}/hidings; POST {MATTER}/erasures",
    "/outcome": f"POST {MATTER}/outcomes",
    "/react": f"POST {MATTER}/reactions",
    "/report": f"POST {CHAPTER}/reports",
    "/revise": f"POST {MATTER}/revisions",
    "/stand-by": f"POST {MATTER}/names",
    "/support": f"POST {MATTER}/supports",
    "/support/withdraw": f"DELETE {MATTER}/supports",
    "/task": f"POST {MATTER}/tasks",
    "/task/done": f"POST {MATTER}/tasks/{{task:str}}/done",
    "/vote": f"POST {MATTER}/votes",
    "/withdraw": f"POST {MATTER}/withdrawals",
}
"""The same for forms below a proposal's page."""

CALLS: Final = {
    **OF_NODE,
    **{"/c/{chapter_id:str}" + route: call for route, call in OF_CHAPTERS.items()},
    **{
        "/c/{chapter_id:str}/p/{proposal_id:str}" + route: call
        for route, call in OF_MATTERS.items()
    },
}
"""Each form that a call stands for, or several calls where the form offers a choice."""

PAGES_ALONE: Final = {
    "/account/browsers/forget": "what a browser remembers",
    "/account/delete": "deleting the account",
    "/account/drafts": "drafts",
    "/account/drafts/drop": "drafts",
    "/account/export/fetch": "fetching the copy of one's data",
    "/account/key-box": "the key box",
    "/account/name": "the sign-in name",
    "/account/passphrase": "passphrases",
    "/account/passphrase/confirm": "passphrases",
    "/account/recovered": "recovery",
    "/account/recovery/guardians/drop": "guardians",
    "/account/recovery/guardians/settle": "guardians",
    "/account/recovery/guarding/answer": "guardians",
    "/account/recovery/guarding/{own:str}": "guardians",
    "/account/recovery/guarding/{own:str}/end": "guardians",
    "/account/recovery/sheet": "recovery",
    "/account/recovery/sheet/confirm": "recovery",
    "/account/recovery/sheet/written": "recovery",
    "/account/recovery/stop": "recovery",
    "/c/{chapter_id:str}/guardians": "guardians",
    "/c/{chapter_id:str}/keys/lost": "asking for another key when one is lost",
    "/c/{chapter_id:str}/keys/requests": "asking for another key when one is lost",
    "/mail": "mails about chapters",
    "/mail/{secret:str}": "mails about chapters",
    "/mail/{secret:str}/end": "mails about chapters",
    "/operator/enter/{secret:str}": "the operator's page",
    "/operator/leave": "the operator's page",
    "/passkeys/add": "passkeys",
    "/passkeys/add/begin": "passkeys",
    "/passkeys/recover": "passkeys",
    "/passkeys/recover/begin": "passkeys",
    "/passkeys/sign-in": "passkeys",
    "/passkeys/sign-in/begin": "passkeys",
    "/passkeys/sign-up": "passkeys",
    "/passkeys/sign-up/begin": "passkeys",
    "/passkeys/step-up": "passkeys",
    "/passkeys/step-up/begin": "passkeys",
    "/recover": "recovery",
    "/recover/confirm": "recovery",
    "/recover/guardians": "guardians",
    "/recover/guardians/back": "guardians",
    "/recover/passphrase": "recovery",
    "/sign-in/forget": "what a browser remembers",
    "/sign-in/kept": "a form that waits while its person signs in",
    "/sign-up": "signing up",
    "/sign-up/confirm": "signing up",
}
"""Each form that has no call, and under what docs/api.md gives the reason."""


def routes() -> set[tuple[str, str]]:
    """Return method and route of all that the application answers."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return {(one[0], one[1]) for one in map(str.split, lines)}


def is_call(route: str) -> bool:
    return route.startswith("/api/")


def test_every_form_has_its_call_or_its_reason() -> None:
    forms = {route for method, route in routes() if method != "GET" and not is_call(route)}
    assert len(forms) > 100
    assert not CALLS.keys() & PAGES_ALONE.keys()
    assert CALLS.keys() | PAGES_ALONE.keys() == forms


def test_pages_read_and_post_alone() -> None:
    """A route is one form, so that no second one hides behind another method."""
    assert {method for method, route in routes() if not is_call(route)} == {"GET", "POST"}


def test_every_call_that_stands_for_a_form_is_there() -> None:
    there = {
        f"{method} {route.removeprefix('/api/v1')}"
        for method, route in routes()
        if method != "GET" and is_call(route)
    }
    assert {call for calls in CALLS.values() for call in calls.split("; ")} <= there


def test_what_pages_alone_do_is_told() -> None:
    section = DOC.read_text(encoding="utf-8").partition("### What pages alone do\n")[2]
    told = re.sub(r"\s+", " ", section.partition("\n### ")[0]).lower()
    assert [one for one in sorted(set(PAGES_ALONE.values())) if one not in told] == []
