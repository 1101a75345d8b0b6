"""The words for refusals of the shell: what no rule says, but who runs and asks a node."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "request.already_member": ProblemText(
        N_("You have a place in this chapter already"),
        N_("One account has one membership in a chapter, or one application. Nothing changed."),
        N_("Open the chapter's page."),
    ),
    "request.case_open": ProblemText(
        N_("Your case is open already"),
        N_("One case at a time waits for two verifiers."),
        N_("Meet the verifiers named on the page, or wait until the case ends."),
    ),
    "request.claim_unknown": ProblemText(
        N_("No member of this chapter has this key"),
        N_("The sheet is that of somebody else, of another seed, or of a member without a key."),
        N_("Try the sheet with which you joined this chapter."),
    ),
    "request.claim_unproven": ProblemText(
        N_("The signature does not fit"),
        N_(
            "It is not by the key it names, not for this node, or older than the challenge, "
            "which is good for ten minutes."
        ),
        N_("Open the page again and sign anew."),
    ),
    "request.code_void": ProblemText(
        N_("Nobody shows this code now"),
        N_("Codes hold for fifteen minutes, and a digit is soon mistyped."),
        N_("Compare the digits, or ask for a new code on the other phone."),
    ),
    "request.draft_rules": ProblemText(
        N_("No chapters are founded here yet"),
        N_(
            "The rules of this version are a draft that may still change, so the node founds no "
            "chapters unless whoever runs it has allowed that."
        ),
        N_("Ask the people who run this node."),
    ),
    "request.invitation_void": ProblemText(
        N_("The invitation does not hold"),
        N_("It is unknown, was used before, or is older than two weeks."),
        N_("Ask the person who invited you for a new one."),
    ),
    "request.invitations_open": ProblemText(
        N_("You have given enough invitations for now"),
        N_("%(most)s invitations of yours to this chapter have not been used yet."),
        N_("Wait until some are used, or are two weeks old, or let another member invite."),
    ),
    "request.key_needed": ProblemText(
        N_("The request has no key"),
        N_(
            "Each act needs the header Idempotency-Key with 16 to 64 letters, digits, hyphens or "
            "underscores, so that an act sent twice counts once. Nothing was recorded."
        ),
        N_("Draw a random key for each act and send it again with the same one if need be."),
    ),
    "request.key_request_unfit": ProblemText(
        N_("No member can be given this key"),
        N_(
            "No present member's id begins so, or several do, or the key does not show that it is "
            "yours."
        ),
        N_("Compare it with the list of members that a verifier sees."),
    ),
    "request.key_requests_full": ProblemText(
        N_("Too many wait for verifiers"),
        N_("Requests are forgotten after a fortnight."),
        N_("Ask a verifier of the chapter, and try again in some days."),
    ),
    "request.member_held_elsewhere": ProblemText(
        N_("This member is held by another account now"),
        N_(
            "Two verifiers saw somebody who had lost their way in, and nobody stopped it for three "
            "days, or the key was replaced on which this account rested. What was done stands; "
            "this account can do nothing more as the member."
        ),
        N_(
            "If that was you, sign in to your new account or use your new sheet. If it was not, "
            "tell a lead at once."
        ),
    ),
    "request.not_signed": ProblemText(
        N_("The act is not signed"),
        N_("An act that is sent as it stands carries its author's signature. None was recorded."),
        N_("Sign the act with the member's key and send it again."),
    ),
    "request.rules_not_here": ProblemText(
        N_("This node does not have these rules"),
        N_(
            "A chapter can adopt a version of the rules only where the program that runs it has "
            "that version. You asked for version %(asked)s; later than yours, this node has: "
            "%(here)s."
        ),
        N_("Choose one of these, or ask the operator to install a newer release first."),
    ),
    "request.second_way_needed": ProblemText(
        N_("First a second way to sign in"),
        N_(
            "Before others vouch for you, your account needs %(needed)s ways to sign in, so that a "
            "lost phone does not cost you your level."
        ),
        N_("Add one to your account, then come back."),
    ),
    "request.signature_missing": ProblemText(
        N_("Your signature does not fit any more"),
        N_("What your browser signed is not what would be recorded now. Nothing was recorded."),
        N_("Go back and send the form again."),
    ),
    "request.tie_needed": ProblemText(
        N_("This matter has not ended"),
        N_(
            "While people speak and vote in a matter, what ties you to it keeps anybody from "
            "taking part twice. Nothing was erased."
        ),
        N_("Come back when the matter is decided, or has ended otherwise."),
    ),
    "request.token_refused": ProblemText(
        N_("This token opens nothing here"),
        N_(
            "It may be over or revoked, or for another chapter, or the request was not signed with "
            "its key, for another address, or by a clock that is wrong by more than a minute."
        ),
        N_("Look at the clock of your machine, or ask a lead of the chapter for another token."),
    ),
    "request.no_webhooks": ProblemText(
        N_("This node calls nobody"),
        N_("Calls show where a node's machine stands, so its operator decides about them."),
        N_("Ask the people who run this node, or follow the chapter by its feeds."),
    ),
    "request.too_many_feeds": ProblemText(
        N_("You have enough secret addresses"),
        N_("At most %(most)s of yours for this chapter work at the same time."),
        N_("End one that you use no more."),
    ),
    "request.too_many_webhooks": ProblemText(
        N_("The chapter has enough webhooks"),
        N_("At most %(most)s are served."),
        N_("Remove one that is needed no more."),
    ),
    "request.webhook_address": ProblemText(
        N_("This address cannot be called"),
        N_("It has to begin with https:// and the name of a public server, on its usual port."),
        N_("Use an address such as https://example.org/news."),
    ),
    "request.too_many_tokens": ProblemText(
        N_("Too many tokens work at the same time"),
        N_("A chapter gives at most %(most)s at once. Nothing was given."),
        N_("Revoke some that are no longer needed."),
    ),
    "request.vote_before_return": ProblemText(
        N_("This vote was announced before you came back"),
        N_(
            "You were given your member back, not a vote: where one was announced before, only the "
            "key counts that was yours then. What you voted before stands."
        ),
        N_("Vote in what is announced from now on."),
    ),
}
