"""What people read when the web itself cannot answer: what happened, what it means, what to do."""

from collections.abc import Mapping
from typing import Final

import msgspec

from civic.kernel.web.language import N_


class ProblemText(msgspec.Struct, frozen=True):
    """The words for one kind of problem; each may use the problem's params as `%(name)s`."""

    title: str
    """What happened."""
    meaning: str
    """What it means for the reader and for what they wanted."""
    next: str
    """What they can do now."""


WEB_TEXTS: Final[dict[str, ProblemText]] = {
    "web.bad_request": ProblemText(
        N_("This request could not be understood"),
        N_("What arrived here was incomplete or not in the form that this page expects. "
           "Nothing was changed."),
        N_("Go back, reload the page and try again."),
    ),
    "web.sign_in_needed": ProblemText(
        N_("You need to sign in first"),
        N_("This page is for people who are signed in, or your session has ended. "
           "Nothing was changed."),
        N_("Sign in and open the page again."),
    ),
    "identity.sign_in_failed": ProblemText(
        N_("Name, passphrase and code do not fit together"),
        N_("One of the three is not right, or the code was used or is too old. Nobody is told "
           "which."),
        N_("Check all three and try again with a fresh code."),
    ),
    "identity.passkey_failed": ProblemText(
        N_("This passkey does not count here"),
        N_("It is unknown on this node, was removed, or its answer does not verify."),
        N_("Try another passkey, or your passphrase and a code."),
    ),
    "identity.passkey_over": ProblemText(
        N_("That took too long"),
        N_("What was asked of your passkey is too old, or was answered before. Nothing was "
           "changed."),
        N_("Reload the page and try again."),
    ),
    "identity.passkey_secret": ProblemText(
        N_("This browser does not open your account with that passkey"),
        N_("Your passkey keeps a secret that opens what this node keeps for you. This browser did "
           "not get that secret from it."),
        N_("Use the browser in which you made the passkey, or another way to sign in."),
    ),
    "web.forbidden": ProblemText(
        N_("This is not open to you"),
        N_("You are known here, but this page or action needs a role or membership that you do "
           "not hold."),
        N_("If you think that you should have it, ask an officer of the chapter."),
    ),
    "web.cross_site": ProblemText(
        N_("This form was sent from another site"),
        N_("To protect you, this node accepts forms only from its own pages. Nothing was changed."),
        N_("Open the page on this node and send the form from there. If you did, an extension or "
           "a proxy may be changing what your browser sends."),
    ),
    "web.not_found": ProblemText(
        N_("There is no such page"),
        N_("The address may be mistyped, or what was here has moved or was never public."),
        N_("Check the address, or begin at the start page."),
    ),
    "web.method_not_allowed": ProblemText(
        N_("This page cannot do that"),
        N_("The address exists, but it does not accept this kind of request. Nothing was changed."),
        N_("Go back and use the links and buttons of the page."),
    ),
    "web.conflict": ProblemText(
        N_("Something else happened first"),
        N_("What you wanted to change has changed in the meantime. Nothing of yours was recorded."),
        N_("Go back, reload the page and see how things stand now."),
    ),
    "web.gone": ProblemText(
        N_("These words were erased"),
        N_("They were here once and were erased on purpose. The record keeps that this happened, "
           "not what they said."),
        N_("The record of the chapter shows when it was done."),
    ),
    "web.hidden": ProblemText(
        N_("These words are hidden"),
        N_("Somebody in office hid them, with a public reason. They are kept, and come back if "
           "their author's appeal succeeds."),
        N_("The record of the chapter shows why and by whom."),
    ),
    "web.too_large": ProblemText(
        N_("This is too much at once"),
        N_("What was sent is larger than this node accepts. Nothing was changed."),
        N_("Send something shorter."),
    ),
    "web.not_acceptable": ProblemText(
        N_("This is not there in the format that was asked for"),
        N_("The request says which formats it takes, and this address has none of them."),
        N_("Ask for one of the documented formats."),
    ),
    "web.unsupported_media": ProblemText(
        N_("This kind of content is not accepted here"),
        N_("The request carries a format that this address does not read. Nothing was changed."),
        N_("Send it in one of the documented formats."),
    ),
    "web.invalid": ProblemText(
        N_("Some of what was sent needs another look"),
        N_("Values are missing or not in the expected form. Nothing was changed."),
        N_("Go back, correct what is named below and send it again."),
    ),
    "web.too_often": ProblemText(
        N_("That was too often"),
        N_("To protect everybody, this can be done only so often. Nothing was changed."),
        N_("Wait a little and try again."),
    ),
    "web.failed": ProblemText(
        N_("Something broke on our side"),
        N_("This is our fault, not yours. If you sent a form, it may or may not have been "
           "accepted; sending the same form again will not count twice."),
        N_("Try again in a moment. If it stays broken, tell the people who run this node the "
           "number %(incident)s."),
    ),
    "web.busy": ProblemText(
        N_("The node is busy"),
        N_("It cannot take this on right now. Nothing was changed."),
        N_("Wait a little and try again; sending the same form again will not count twice."),
    ),
}  # fmt: skip

REFUSAL_TEXTS: Final[dict[str, ProblemText]] = {}
"""What people read when the rules refuse an act, by code: what domains told."""


def tell(texts: Mapping[str, ProblemText]) -> None:
    """Let refusals be told in these words; the application does so with those of all domains."""
    REFUSAL_TEXTS.update(texts)


CODE_OF_STATUS: Final[dict[int, str]] = {
    400: "web.bad_request",
    401: "web.sign_in_needed",
    403: "web.forbidden",
    404: "web.not_found",
    405: "web.method_not_allowed",
    406: "web.not_acceptable",
    409: "web.conflict",
    410: "web.gone",
    413: "web.too_large",
    415: "web.unsupported_media",
    422: "web.invalid",
    429: "web.too_often",
    500: "web.failed",
    503: "web.busy",
}
