"""The words for refusals about accounts and ways to sign in."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "request.key_box_kept": ProblemText(
        N_("Keys are kept for this account already"),
        N_("Another browser of yours made and kept keys before this one. Nothing was changed."),
        N_("Sign out and in again here, so that this browser opens the keys that are kept."),
    ),
    "request.last_way": ProblemText(
        N_("This is your last way to sign in"),
        N_("Without it nobody could open your account any more, not even you."),
        N_("Add another way to sign in first."),
    ),
    "request.scope_needed": ProblemText(
        N_("This token was not made for that"),
        N_("It lacks what is needed here: %(scopes)s."),
        N_("Make a token that may do it, on the page of your account."),
    ),
    "request.step_up_needed": ProblemText(
        N_("Prove once more that it is you"),
        N_(
            "What you want to do needs your passkey, or your passphrase and a code, proved within "
            "the last %(minutes)s minutes. Nothing was done."
        ),
        N_("Prove it on the page Account, or with a call to /sessions/current/step-up."),
    ),
    "request.tokens_full": ProblemText(
        N_("You have all the tokens that you can have"),
        N_("An account can have %(most)s tokens that work at the same time."),
        N_("Revoke one that you do not need any more."),
    ),
    "request.turn_needed": ProblemText(
        N_("Too much was tried under this name"),
        N_("By you or by somebody else. Your turn comes in %(seconds)s seconds."),
        N_("Wait that long, or solve the puzzle, and send it again with your turn."),
    ),
}
