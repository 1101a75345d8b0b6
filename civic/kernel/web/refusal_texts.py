"""The words for refusals of the record itself."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "record.bad_signature": ProblemText(
        N_("A signature does not fit"),
        N_(
            "What arrived was signed with something that is not the key it names, or was "
            "changed on the way."
        ),
        N_("Try again with your own recovery sheet."),
    ),
    "record.malformed": ProblemText(
        N_("This has not the form of an entry"),
        N_("A value is out of its bounds or in another form than the protocol says."),
        N_("Correct it and send it again."),
    ),
    "record.not_early": ProblemText(
        N_("This comes too late in its tick"),
        N_("What the node records at the beginning of a tick comes before everything else in it."),
        N_("If you run this node, look at its log; members need do nothing."),
    ),
    "record.off_tick": ProblemText(
        N_("This is not the start of a tick"),
        N_("The record's times are the starts of the chapter's ticks."),
        N_("If you run this node, look at its clock."),
    ),
    "record.only_follows": ProblemText(
        N_("Nobody can do this by hand"),
        N_("Entries of this kind follow by themselves from what was decided."),
        N_("Propose what you want, and let the chapter decide."),
    ),
    "record.outage_implausible": ProblemText(
        N_("This outage cannot have been"),
        N_("It is shorter than an hour, lies in the future, or something was recorded during it."),
        N_("If you run this node, look at its clock."),
    ),
    "record.time_back": ProblemText(
        N_("The time lies before the last entry"),
        N_("A record's times never go back."),
        N_("If you run this node, look at its clock."),
    ),
    "record.wrong_id_key": ProblemText(
        N_("The key does not belong to this id"),
        N_("An id that has a key is made from it."),
        N_("Sign with the recovery sheet that you joined with."),
    ),
    "record.wrong_role": ProblemText(
        N_("This cannot be done in this role"),
        N_("An act of the kind %(kind)s is not made as %(role)s."),
        N_("Use the buttons of the page, which choose the right role."),
    ),
    "request.key_reused": ProblemText(
        N_("This form was used for something else"),
        N_("Each form is sent once. Another act was recorded under the same key, and it stands."),
        N_("Reload the page and fill in the form again."),
    ),
    "request.read_only": ProblemText(
        N_("This is a copy"),
        N_("This node holds a copy of the chapter's record and cannot add to it."),
        N_("Go to the chapter's own node."),
    ),
    "request.rules_unknown": ProblemText(
        N_("This node does not have the chapter's rules"),
        N_(
            "The chapter goes on under version %(version)s of the rules, and the program that "
            "runs here does not have it. The chapter can be read; nothing can be recorded."
        ),
        N_("Ask the operator to install a newer release, and try again."),
    ),
    "request.words_differ": ProblemText(
        N_("A text is not what the act says of it"),
        N_(
            "One of the texts is missing, is malformed, or has another length or language than "
            "the act states (%(what)s). Nothing was recorded."
        ),
        N_("Make the act anew from the text as it is."),
    ),
    "request.words_invisible": ProblemText(
        N_("A title or name has characters that nobody sees"),
        N_(
            "It holds characters that are invisible or turn the direction of the text around them: "
            "it would not look like what it is. Nothing was recorded."
        ),
        N_("Type it anew by hand instead of pasting it."),
    ),
}
