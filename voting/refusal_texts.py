"""The words for refusals of the rules of votes."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "voting.closed": ProblemText(
        N_("The vote is closed"),
        N_("Its time is over, and votes that come later do not count."),
        N_("See the result on the proposal's page."),
    ),
    "voting.more_than_roll": ProblemText(
        N_("More votes than voters"),
        N_("There are more votes than members on the roll of this vote."),
        N_("If you run this node, look at its log; members need do nothing."),
    ),
    "voting.not_on_roll": ProblemText(
        N_("You are not on the roll of this vote"),
        N_(
            "The roll was fixed when the vote opened: members of that moment with the level "
            "that the bylaws ask for."
        ),
        N_("You can take part in the next vote."),
    ),
    "voting.other_secrecy": ProblemText(
        N_("This vote is cast in another way"),
        N_(
            "It is either a roll call under your member id or pseudonymous under a row id, as "
            "the page says."
        ),
        N_("Vote with the form on the proposal's page."),
    ),
    "voting.unknown_election": ProblemText(
        N_("There is no such vote"),
        N_("The chapter's record knows no vote with this id."),
        N_("Look for it on the proposal's page."),
    ),
    "voting.unsigned": ProblemText(
        N_("This vote needs your signature"),
        N_("The bylaws take only votes that are signed with the member's own key."),
        N_("Vote with a program that holds your key."),
    ),
    "voting.value": ProblemText(
        N_("This is none of the answers"),
        N_("The vote has fixed answers, and what arrived is not one of them."),
        N_("Choose one of the answers on the page."),
    ),
}
