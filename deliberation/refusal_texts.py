"""The words for refusals of the rules of proposals and what is said about them."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "deliberation.frozen_words": ProblemText(
        N_("These words were put to a vote"),
        N_(
            "What was voted on must stay readable, so it can be erased no more. Authors are "
            "told so before the text is frozen."
        ),
        N_("You can still explain yourself in a comment."),
    ),
    "deliberation.in_the_past": ProblemText(
        N_("The date has passed"),
        N_("This needs a date that is still to come."),
        N_("Choose a later date."),
    ),
    "deliberation.language_twice": ProblemText(
        N_("One language stands there twice"),
        N_("A text is given once in each language, and one of them is the binding one."),
        N_("Choose another language for one of the two, or leave it out."),
    ),
    "deliberation.not_imported": ProblemText(
        N_("This is for imported conversations"),
        N_("It needs a conversation or a participant that was imported from elsewhere."),
        N_("If you run this node, look at how the import was begun."),
    ),
    "deliberation.not_over": ProblemText(
        N_("The proposal has no outcome yet"),
        N_("Tasks and outcome cards follow once a proposal is decided, lapsed or withdrawn."),
        N_("Come back after the vote."),
    ),
    "deliberation.not_supported": ProblemText(
        N_("You do not support this proposal"),
        N_("There is no support of yours to take back."),
        N_("Reload the page and see how things stand now."),
    ),
    "deliberation.not_the_author": ProblemText(
        N_("Only the author can do this"),
        N_("These words were written under another voice than yours."),
        N_("Write a comment instead."),
    ),
    "deliberation.options": ProblemText(
        N_("These options do not make a vote"),
        N_(
            "A vote is on yes and no, or on two options or more. What takes effect by itself "
            "is voted on with yes and no, one effect at a time."
        ),
        N_("Change the options or leave out the effect."),
    ),
    "deliberation.other_words": ProblemText(
        N_("These words belong elsewhere"),
        N_("They are not part of what you named."),
        N_("Reload the page and try again."),
    ),
    "deliberation.pointless": ProblemText(
        N_("This decision would do nothing"),
        N_("The office is not held any more, or the member does not stand as the proposal says."),
        N_("Reload the page and see how things stand."),
    ),
    "deliberation.reaction_value": ProblemText(
        N_("This is no reaction"),
        N_("You can agree, disagree or pass."),
        N_("Choose one of the three."),
    ),
    "deliberation.reason_needed": ProblemText(
        N_("A public reason is missing"),
        N_("Who erases the words of others in office tells everybody why."),
        N_("Give the reason and try again."),
    ),
    "deliberation.secrecy": ProblemText(
        N_("Votes are cast in another way here"),
        N_("The chapter's bylaws say whether votes are by roll call or pseudonymous."),
        N_("Propose it with the chapter's own way of voting, or propose to change the bylaws."),
    ),
    "deliberation.stale_change": ProblemText(
        N_("What this would change has changed meanwhile"),
        N_(
            "“%(field)s” among the bylaws and rules does not have the value any more that your "
            "proposal wants to replace."
        ),
        N_("Reload the page and begin from what is in force now."),
    ),
    "deliberation.supported_twice": ProblemText(
        N_("You support this already"),
        N_("Each member supports a proposal once. Your support stands."),
        N_("You need do nothing."),
    ),
    "deliberation.task_done_twice": ProblemText(
        N_("The task is done already"),
        N_("Somebody has marked it before."),
        N_("You need do nothing."),
    ),
    "deliberation.unfit_change": ProblemText(
        N_("This change cannot be"),
        N_(
            "The bylaws as changed would be malformed, go beyond the charter or ask for more "
            "vouches than there are members to give them, or the version of the rules is not a "
            "later one."
        ),
        N_("Choose another value and try again."),
    ),
    "deliberation.unknown_subject": ProblemText(
        N_("What this is about is not here"),
        N_("The chapter's record knows no such argument, comment or task."),
        N_("Reload the page and try again."),
    ),
    "deliberation.version": ProblemText(
        N_("There is a newer version"),
        N_(
            "The text was changed meanwhile, perhaps by you in another window. Yours was not "
            "recorded."
        ),
        N_("Reload the page, and bring your changes into the newer text."),
    ),
    "deliberation.wrong_phase": ProblemText(
        N_("The proposal is in another phase now"),
        N_(
            "It has moved on (or back), and what you wanted cannot be done in the phase it is in. "
            "Nothing of yours was recorded."
        ),
        N_("Reload the page and see what can be done now."),
    ),
    "papers.level": ProblemText(
        N_("This needs a higher level of assurance"),
        N_("The bylaws ask for level %(needed)s before somebody can propose."),
        N_("See on the chapter's page how to reach it."),
    ),
}
