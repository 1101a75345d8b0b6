"""What a person with some sense would send to each call, for the matrix of permissions."""

from typing import Any

from tests.roles import Stage

A: Any = "a" * 26
"""An id that nothing has."""


def form(stage: Stage, role: str) -> dict[str, Any]:
    """Return what may stand in any form; each page reads only its own fields."""
    return {
        "key": "b" * 32, "name": "Somebody Else", "title": "A fountain", "text": "For all of us.",
        "words": "I think so too.", "lang": "en", "reason": "It is against the rules.",
        "appeal": "It was somebody else.", "days": "14", "member": stage.ids["m0"],
        "way": "document", "upheld": "no", "lift": "no", "vote": "1", "sure": "yes", "met": "yes",
        "understood": "yes", "template": "circle", "visibility": "chapter", "code": "12345678",
        "suspension": stage.values["{suspension:str}"], "of": stage.values["{statement_id:str}"],
        "to": stage.values["{statement_id:str}"] + ":agree", "expected": "Much.", "again": "yes",
        "happened": "Little.", "result": "success", "task": "Dig.", "day": "2026-05-01", "id": A,
        "passphrase": "nine lanterns over a cold harbour", "device": "0" * 64, "label": "Test",
        "repeated": "nine lanterns over a cold harbour", "scopes": "read", "token": "0" * 64,
        "first": "no code", "second": "no code", "ticket": "none", "short_code": "none",
        "long_code": "none", "sheet_code": "none", "own_name": "Phone", "agree": "no",
        "public_key": "0" * 64, "label_of": "Auditor", "who": "A friend", "new": "", "place": "/",
        "chapters": stage.path[3:], "language": "en", "zone": "UTC", "how": "hide", "show": "yes",
    }  # fmt: skip


def body(stage: Stage, method: str, route: str) -> Any:
    """Return the JSON of a call below /api/v1, None where there is none."""
    lead, until = stage.values["{office:str}"], "2026-04-01T00:00Z"
    hiding = "/chapters/{chapter_id:str}/hidings/{hiding:str}"
    other, said = stage.ids["m0"], {"text": "I think so too.", "lang": "en"}
    signed = {"public_key": "0" * 64, "signature": "0" * 128}
    term = {"role": "lead", "member": other, "until": until}
    card = {"office": lead, "result": "success", "again": "yes", "expected": "x", "happened": "y"}
    who = {"as": "member", "id": other}
    act: dict[str, Any] = {"kind": "chapters.left", "by": who, "key": "0" * 32}
    act |= {"body": {}, "content": [], "proof": None}
    known: dict[str, Any] = {
        "/sessions": {"name": "nobody", "passphrase": "nothing", "code": "000000"},
        "/sessions/current/step-up": {"passphrase": "nothing", "code": "000000"},
        "/chapters": {"name": "Another", "template": "circle"},
        "/acts": {"act": act, "idempotency": "a" * 16},
        "/rows": {"subject": stage.values["{statement_id:str}"], "row": A, "count": 1, "value": 1,
                  "proof": signed},
        "/similar": {"title": "A fountain", "lang": "en"},
        "/search": {"words": "fountain", "lang": "en"},
        "/admissions": {"member": other, "office": lead},
        "/refusals": {"member": other, "office": lead, "reason": "Nobody has met you."},
        "/suspensions": {"member": other, "office": lead, "until": until, "reason": "Shouted."},
        "/agreements": {"office": lead},
        "/appeals": {"reason": "It was somebody else."},
        "/judgements": {"office": lead, "lift": False},
        "/lifts": {"office": lead},
        "/cases": {"relatives": []},
        "/verifications": {"way": "document"},
        "/challenges": {"member": other, **said},
        "/opinions": {"upheld": False},
        "/appeal": said,
        "/claims": signed,
        "/confirmations": {"met": [other]},
        "/constitution": {"founders": [other], "offices": [term]},
        "/members": {"invitation": stage.values["/join/{secret:str}"].rpartition("/")[2]},
        "/applications": {},
        "/name": {"name": "Somebody Else", "lang": "en"},
        "/vouches": {"code": "12345678"},
        "/proposals": {"title": "A fountain", "text": "Let us.", "secrecy": "pseudonymous"},
        "/arguments": {"side": "pro", **said},
        "/comments": said,
        "/reactions": {"subject": stage.values["{statement_id:str}"], "value": 1},
        "/revisions": {"version": 2, "title": "A bigger garden", "text": "For all."},
        "/votes": {"value": 1},
        "/tasks": {"office": lead, "text": "Dig.", "until": until},
        "/done": {"office": lead},
        "/outcomes": card,
        "/erasures": {"of": stage.values["{statement_id:str}"], "words": ["0" * 64],
                      "office": lead, "reason": "It is against the rules."},
        "/hidings": {"of": stage.values["{statement_id:str}"], "words": ["0" * 64],
                     "office": lead, "reason": "It is against the rules."},
        f"{hiding}/appeals": said,
        f"{hiding}/judgements": {"office": lead, "show": True},
        "/reports": {"of": stage.values["{statement_id:str}"], "reason": "An insult."},
        "/replacements": {"member": other},
        "/keys": {"public_key": "0" * 64, "possession": "0" * 128},
        "/auditors": {"label": "Auditor", "public_key": "0" * 64},
        "/webhooks": {"url": "https://vilnius.example/news"},
        "/account/reader": {"language": "lt", "zone": "Europe/Vilnius"},
        "/account/tokens": {"name": "Test", "scopes": ["read"], "days": 7},
        "/account/devices/{device:str}/name": {"name": "Phone"},
        "/account/authenticators/{authenticator:str}/name": {"name": "Phone"},
    }  # fmt: skip
    if method != "POST":
        return None
    whole = route.removeprefix("/api/v1")
    return known.get(whole, known.get("/" + whole.rpartition("/")[2]))
