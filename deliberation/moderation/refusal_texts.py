"""The words for refusals about hidden words, appeals and reports."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "deliberation.cleared": ProblemText(
        N_("These words came back on appeal"),
        N_("Others in office decided that they are shown, or nobody upheld that they are hidden."),
        N_("Answer them in a comment, or propose another rule for what may be said here."),
    ),
    "deliberation.hidden_already": ProblemText(
        N_("These words are hidden already"),
        N_("Somebody in office was faster, or there are newer words that are not hidden yet."),
        N_("Reload the page and see how things stand."),
    ),
    "deliberation.hide_first": ProblemText(
        N_("Words are hidden before they are erased"),
        N_(
            "Their author can appeal first. At once goes only what tells of others what is theirs "
            "to tell, endangers somebody or breaks a law."
        ),
        N_("Hide them; when it is settled that they stay hidden, they can be erased."),
    ),
    "deliberation.hiding_unknown": ProblemText(
        N_("This is settled already"),
        N_("These words are not hidden any more, or the appeal is past this step."),
        N_("Reload the page and see how things stand."),
    ),
    "deliberation.no_appeal": ProblemText(
        N_("It is too late to appeal, or there was an appeal already"),
        N_("That words are hidden can be appealed once, within the time that the bylaws give."),
        N_("You can say it anew, in other words."),
    ),
    "deliberation.own_case": ProblemText(
        N_("Somebody else has to judge this"),
        N_("Who hid words, or has judged them once, does not judge them (again)."),
        N_("Leave it to the others in office."),
    ),
    "papers.own_words": ProblemText(
        N_("These are your own words"),
        N_("Nobody judges whether their own words are shown again."),
        N_("Leave it to the others in office."),
    ),
    "request.reported_often": ProblemText(
        N_("You reported much today"),
        N_("Somebody can report ten times a day, so that those in office keep up."),
        N_("Come back tomorrow, or speak with somebody in office."),
    ),
}
