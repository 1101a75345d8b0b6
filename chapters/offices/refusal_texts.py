"""The words for refusals about terms of office."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "chapters.office_level": ProblemText(
        N_("An office asks for more assurance"),
        N_(
            "The bylaws let only members hold an office whose identity is assured to level "
            "%(needed)s, in person."
        ),
        N_("Choose another member, or have them verified first."),
    ),
    "chapters.term_too_long": ProblemText(
        N_("The term does not fit the bylaws"),
        N_("It is over already, or longer than the bylaws allow."),
        N_("Choose a shorter term."),
    ),
}
