"""The words for refusals about suspensions and reasons."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "chapters.four_eyes": ProblemText(
        N_("A second person of another office decides this with you"),
        N_("A suspension takes two different people: a lead, and a facilitator or verifier."),
        N_("Ask somebody who holds one of the other offices."),
    ),
    "chapters.holds_office": ProblemText(
        N_("This member holds an office"),
        N_(
            "Who holds an office is not suspended by others in office: members remove them by a "
            "vote first."
        ),
        N_("Propose to end the office early, or speak with them."),
    ),
    "chapters.no_appeal": ProblemText(
        N_("It is too late to appeal, or there was an appeal already"),
        N_("A suspension can be appealed once, within the time that the bylaws give."),
        N_("Ask another member to propose that the suspension be lifted."),
    ),
    "chapters.partial": ProblemText(
        N_("Somebody else has to judge this"),
        N_(
            "Who asked for a suspension, agreed to it, or has judged the appeal once does not "
            "judge it (again)."
        ),
        N_("Leave it to the others in office."),
    ),
    "chapters.reason_unknown": ProblemText(
        N_("There is no such reason any more"),
        N_("It was erased already, or concerns somebody else."),
        N_("Reload the page and see how things stand."),
    ),
    "chapters.suspended_lately": ProblemText(
        N_("This member was suspended not long ago"),
        N_(
            "After a suspension, or while one is asked for, those in office do not ask for "
            "another; members can decide by a vote."
        ),
        N_("Wait, or make a proposal."),
    ),
    "chapters.suspension_unknown": ProblemText(
        N_("This suspension does not wait for this"),
        N_("It ended, lapsed, or is past this step."),
        N_("Reload the page and see how things stand."),
    ),
    "chapters.too_many_suspended": ProblemText(
        N_("Too many members are suspended already"),
        N_(
            "At most one in ten of the members may be suspended at once, and one in small chapters."
        ),
        N_("Members can decide about people by a vote."),
    ),
}
