"""The words for refusals of the rules and papers of chapters."""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final = {
    "chapters.admission_closed": ProblemText(
        N_("The chapter does not let people in this way"),
        N_("Its bylaws say how people join: by invitation, through a lead, or either."),
        N_("See the chapter's page for how to join."),
    ),
    "chapters.below_charter": ProblemText(
        N_("This goes below the charter"),
        N_(
            "All chapters of the network keep to a few bounds, so that people can always join, "
            "vote and decide again. The bylaw %(field)s would go beyond one of them; nobody could "
            "vouch for others if more vouches were asked for than there are founders."
        ),
        N_("Choose a value that keeps to the charter."),
    ),
    "chapters.content_missing": ProblemText(
        N_("A text is missing or too many"),
        N_("This act carries %(given)s texts, and %(needed)s belong to it. Nothing was recorded."),
        N_("Fill in every text and send the form again."),
    ),
    "chapters.dissolved": ProblemText(
        N_("This chapter has ended"),
        N_("It was not constituted within thirty days, so it accepts nothing any more."),
        N_("Its founders can found it anew."),
    ),
    "chapters.first_offices": ProblemText(
        N_("The first offices are not complete"),
        N_(
            "A new chapter needs a lead and two verifiers, all of them founders, for twelve "
            "months at most."
        ),
        N_("Give these offices and try again."),
    ),
    "chapters.founded_twice": ProblemText(
        N_("The chapter is founded already"),
        N_("A record begins with one founding, and this one has it."),
        N_("Open the chapter's page."),
    ),
    "chapters.founders_differ": ProblemText(
        N_("The founders have not all met yet"),
        N_(
            "A chapter is constituted when as many founders as its bylaws ask have each "
            "confirmed that they met every other."
        ),
        N_("See on the chapter's page whose confirmation is missing."),
    ),
    "chapters.hashes_unsorted": ProblemText(
        N_("The entry is out of order"),
        N_(
            "Rows and hashes stand in a fixed order, each of them once, so that their order "
            "tells nothing."
        ),
        N_("If you run this node, look at its log; members need do nothing."),
    ),
    "chapters.id_taken": ProblemText(
        N_("This was recorded before"),
        N_("The id stands in the record already. What was recorded first stays."),
        N_("Go back, reload the page and see how things stand now."),
    ),
    "chapters.is_suspended": ProblemText(
        N_("You are suspended for now"),
        N_(
            "Until the suspension ends you can read, appeal, say of an act that you did not do it, "
            "leave and take your data, and nothing else."
        ),
        N_("See on the chapter's page until when, and how to appeal."),
    ),
    "chapters.key_unproven": ProblemText(
        N_("Nothing shows whose key this is"),
        N_(
            "A key is recorded only with a signature by it, and replaced only with one by the key "
            "before it."
        ),
        N_("Open your keys in this browser and try again."),
    ),
    "chapters.matter_unknown": ProblemText(
        N_("There is no such proposal"),
        N_("The chapter's record knows no proposal with this id."),
        N_("Look for it on the chapter's page."),
    ),
    "chapters.name_unknown": ProblemText(
        N_("This name is not in force any more"),
        N_("It was changed or erased meanwhile."),
        N_("Reload the page and see which name stands now."),
    ),
    "chapters.not_a_member": ProblemText(
        N_("This is for members of the chapter"),
        N_(
            "Only present members of the chapter can do this; who left or waits to be "
            "admitted cannot."
        ),
        N_("Join the chapter first, or sign in as the member you are."),
    ),
    "chapters.not_applied": ProblemText(
        N_("There is no such application"),
        N_("The person was admitted already, or the application lapsed."),
        N_("Reload the page and see who is waiting now."),
    ),
    "chapters.not_forming": ProblemText(
        N_("The chapter is constituted already"),
        N_("Founders confirm and constitute once, while the chapter is forming."),
        N_("Open the chapter's page."),
    ),
    "chapters.not_founded": ProblemText(
        N_("The chapter is not founded yet"),
        N_("A record begins with its founding; nothing comes before it."),
        N_("Found the chapter first."),
    ),
    "chapters.not_in_office": ProblemText(
        N_("This needs an office that you do not hold"),
        N_("The bylaws leave this to an office of the chapter. Terms end, and offices pass on."),
        N_("See on the chapter's page who holds the office now, and ask them."),
    ),
    "chapters.not_yet_back": ProblemText(
        N_("You cannot ask to come back now"),
        N_(
            "Somebody who was expelled comes back by a vote of the members; somebody who left "
            "while suspended waits until the suspension would have ended."
        ),
        N_("Ask a member to speak for you, or wait."),
    ),
    "chapters.row_count": ProblemText(
        N_("You answered from elsewhere meanwhile"),
        N_(
            "Each signed answer counts on from the one before it, so that nobody can put an older "
            "one in its place. This one counts %(given)s, and the last counts %(last)s."
        ),
        N_("Look at what you answered last, and answer again if you want to change it."),
    ),
    "chapters.row_signature": ProblemText(
        N_("A signature does not fit"),
        N_("A reaction or vote was signed with something that is not the key it names."),
        N_("Try again with your own recovery sheet."),
    ),
    "chapters.row_unsigned": ProblemText(
        N_("Your answer here was signed with your keys"),
        N_("Only a signed answer can take its place, so that nobody else can change it for you."),
        N_("Open your keys in this browser, then answer again."),
    ),
    "chapters.row_without_tie": ProblemText(
        N_("More took part than can be accounted for"),
        N_("There are more reactions or votes than papers that tie them to members."),
        N_("If you run this node, look at its log; members need do nothing."),
    ),
    "chapters.stewards_unmet": ProblemText(
        N_("Not enough stewards agree"),
        N_("New stewards need the approval of as many of the present ones as their own rule asks."),
        N_("Collect the missing approvals."),
    ),
    "chapters.still_forming": ProblemText(
        N_("The chapter is still forming"),
        N_("It begins to decide when its founders have met and constituted it."),
        N_("See on the chapter's page what is missing."),
    ),
    "chapters.text_taken": ProblemText(
        N_("This text belongs to another act"),
        N_("Each text in the record belongs to one act."),
        N_("Write the text again and send it."),
    ),
    "chapters.too_many_ties": ProblemText(
        N_("More take part than there are members"),
        N_("The record allows one voice and one row for each member and proposal."),
        N_("If you run this node, look at its log; members need do nothing."),
    ),
    "chapters.voice_unknown": ProblemText(
        N_("This voice has not spoken here"),
        N_(
            "You can stand with your name by what was said in this proposal, and this voice "
            "has said nothing in it."
        ),
        N_("Open the proposal and choose your own words."),
    ),
    "chapters.wrong_founding": ProblemText(
        N_("The founding does not fit this node"),
        N_("It names another log, another charter or a template that is unknown here."),
        N_("Begin the founding again from this node's page."),
    ),
    "chapters.wrong_key": ProblemText(
        N_("This was signed with another key"),
        N_("The record knows another key for you in this chapter."),
        N_("Sign with the recovery sheet that you joined with."),
    ),
    "chapters.wrong_tick": ProblemText(
        N_("The entry names another time"),
        N_("What is recorded together names the moment at which it is recorded."),
        N_("If you run this node, look at its log; members need do nothing."),
    ),
    "papers.broken": ProblemText(
        N_("A private paper does not fit"),
        N_("The paper that should show who is behind this is damaged or is about something else."),
        N_("Tell the people who run this node."),
    ),
    "papers.invited_twice": ProblemText(
        N_("The invitation was used before"),
        N_("An invitation lets one person in."),
        N_("Ask for a new invitation."),
    ),
    "papers.inviter": ProblemText(
        N_("This invitation does not hold"),
        N_("Who invited you is no member any more, or may not invite yet."),
        N_("Ask another member for an invitation."),
    ),
    "papers.missing": ProblemText(
        N_("Nobody is known behind this voice"),
        N_("Each voice belongs to one member, and no paper shows whose this one is."),
        N_(
            "If you had erased what ties you to this matter, it cannot be done any more. Otherwise "
            "sign in again and repeat it from the page."
        ),
    ),
    "papers.no_member": ProblemText(
        N_("This is for present members"),
        N_("Who is behind this voice or row is no member of the chapter now."),
        N_("Join the chapter first."),
    ),
    "papers.other_voice": ProblemText(
        N_("This voice is not yours"),
        N_("You can stand with your name by your own words only."),
        N_("Choose your own words."),
    ),
    "papers.signature": ProblemText(
        N_("A signature is missing or does not fit"),
        N_("The paper that ties this to you is not signed with your member key."),
        N_("Sign with the recovery sheet that you joined with."),
    ),
    "papers.tied_twice": ProblemText(
        N_("You take part under another id already"),
        N_("Each member has one voice and one row in a proposal."),
        N_("Reload the page and go on under the id that you have."),
    ),
    "papers.too_many_invited": ProblemText(
        N_("Too many invitations this year"),
        N_("One member can bring in a limited number of people in a year."),
        N_("Ask another member to invite."),
    ),
}
