"""The words for refusals about member keys."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "chapters.act_unknown": ProblemText(
        N_("There is no such act"),
        N_("What you say is not yours has to stand in the record before you say so."),
        N_("Open the entry that you mean, and report it from there."),
    ),
    "chapters.key_change_unknown": ProblemText(
        N_("No such change of a key waits"),
        N_("It is in force already, was stopped, or is about somebody else."),
        N_("See your keys on this chapter's page about them."),
    ),
    "chapters.key_change_waits": ProblemText(
        N_("A change of this key was announced already"),
        N_("It takes effect three days after its announcement, unless the member stops it."),
        N_("Wait until it is over."),
    ),
    "papers.key_witness": ProblemText(
        N_("Two verifiers have to see the member"),
        N_("Two different verifiers in office, neither of them the member, confirm a lost key."),
        N_("Ask another verifier of the chapter."),
    ),
}
