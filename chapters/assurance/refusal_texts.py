"""The words for refusals about levels, vouches, cases and challenges."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "chapters.case_unknown": ProblemText(
        N_("This case is not open"),
        N_("It was answered already, or nobody answered it within thirty days."),
        N_("Whoever wants to be verified can open a new case."),
    ),
    "chapters.challenge_unknown": ProblemText(
        N_("This is not open to a decision now"),
        N_("The challenge is decided, has lapsed, or waits for somebody else."),
        N_("Open the page again to see how it stands."),
    ),
    "chapters.disputed": ProblemText(
        N_("This level is in dispute already"),
        N_("One challenge is decided before another one begins."),
        N_("If you know more, tell it to a verifier."),
    ),
    "chapters.level_held": ProblemText(
        N_("The member holds this level already"),
        N_("It needs no renewal now, or rests on something that says more than a video call."),
        N_("Levels can be renewed within the last three months before they end."),
    ),
    "chapters.level_time": ProblemText(
        N_("The level would hold too long"),
        N_("Bylaws and charter say for how long a level holds."),
        N_("Send the form again."),
    ),
    "chapters.no_level": ProblemText(
        N_("This needs a level first"),
        N_("It is open to members from level %(needed)s on, and this one is not there."),
        N_("People reach level 1 when members who have met them vouch for them."),
    ),
    "chapters.not_appointed": ProblemText(
        N_("No vote gave these offices"),
        N_("Only verifiers whom a vote appointed can count as independent of the founders."),
        N_("Propose two verifiers, so that members can vote on them."),
    ),
    "chapters.review": ProblemText(
        N_("This review does not fit"),
        N_("A review is about present members whose level rests on vouches alone."),
        N_("Nothing is left to do for you."),
    ),
    "chapters.review_overdue": ProblemText(
        N_("The review of vouches is overdue"),
        N_(
            "A level was lost over a week ago, and the node has not said whose vouches are to be "
            "given anew."
        ),
        N_("Ask the node's operator why."),
    ),
    "chapters.too_many_verified": ProblemText(
        N_("The verifiers have reached their limit"),
        N_(
            "Each confirms a limited number of people in thirty days, so that one pair "
            "cannot let in a crowd."
        ),
        N_("Try again in some days, or propose more verifiers."),
    ),
    "chapters.too_many_vouches": ProblemText(
        N_("More vouches than members can give"),
        N_("Each member of level 2 vouches for a few people a year, and all of these are used."),
        N_("More members of level 2 make more vouches possible."),
    ),
    "chapters.verifiers_missing": ProblemText(
        N_("There are not enough verifiers"),
        N_("It takes two of them, and the chapter has fewer in office."),
        N_("Propose verifiers, so that members can vote on them."),
    ),
    "chapters.vouches_missing": ProblemText(
        N_("More people have to vouch"),
        N_("The bylaws ask for %(needed)s vouches by members who have met the person."),
        N_("Ask further members of level 2 whom you have met."),
    ),
    "papers.appointed": ProblemText(
        N_("The verifiers' offices have just changed"),
        N_("Whether a vote gave them their office is written down with what they say."),
        N_("Send the form again."),
    ),
    "papers.case_open": ProblemText(
        N_("There is an open case already"),
        N_("A person is verified in one case at a time."),
        N_("Wait for the verifiers, or for 30 days."),
    ),
    "papers.challenger": ProblemText(
        N_("You cannot challenge this level"),
        N_("Members of level 2 and verifiers may, but not their own level."),
        N_("Tell a verifier what you know."),
    ),
    "papers.lot": ProblemText(
        N_("The other place is for the verifier drawn by lot"),
        N_(
            "Where there are four verifiers or more, chance picks one of the two, so "
            "that nobody can choose both."
        ),
        N_("The verifier drawn confirms this case, or stands aside."),
    ),
    "papers.not_independent": ProblemText(
        N_("Somebody else has to do this"),
        N_(
            "You vouched for this person, stand near to them, or took part in what is "
            "disputed. The decision shall be another's."
        ),
        N_("Two other verifiers decide."),
    ),
    "papers.relatives": ProblemText(
        N_("Too many verifiers are set aside"),
        N_("You can name %(most)s of them, so that enough are left to choose from."),
        N_("Name those alone who are family or live with you."),
    ),
    "papers.review": ProblemText(
        N_("The review names other people"),
        N_("It is about those for whom the same people had vouched."),
        N_("Nothing is left to do for you."),
    ),
    "papers.too_many_challenges": ProblemText(
        N_("You have challenged enough this year"),
        N_("One member may challenge %(most)s levels in a year."),
        N_("Ask another member who knows the matter."),
    ),
    "papers.twice": ProblemText(
        N_("You have done this already"),
        N_("Where several people are asked for, each counts once."),
        N_("Nothing is left to do for you: others follow."),
    ),
    "papers.verifier": ProblemText(
        N_("This is for verifiers in office"),
        N_("And nobody verifies themselves or decides about their own level."),
        N_("Ask one of the chapter's verifiers."),
    ),
    "papers.verify_quota": ProblemText(
        N_("You have confirmed enough people this month"),
        N_("The bylaws allow %(most)s in %(days)s days for each verifier."),
        N_("Stand aside in this case, or go on later."),
    ),
    "papers.vouch_budget": ProblemText(
        N_("You have no vouch left this year"),
        N_(
            "Each member can vouch for %(most)s people in a year, so that a chapter "
            "grows by people who know each other."
        ),
        N_("Ask another member of level 2 who has met this person."),
    ),
    "papers.voucher": ProblemText(
        N_("You cannot vouch for this person"),
        N_(
            "Vouching is for members of level 2 who were seen in person, for others "
            "than themselves. Who vouched for somebody who turned out not to be real "
            "waits a year."
        ),
        N_("Ask another member of level 2 who has met this person."),
    ),
}
