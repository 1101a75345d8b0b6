"""What people read when the rules refuse an act: one text for each registered refusal code.

A text may use the refusal's params as `%(name)s`. `problem.missing_texts()` names the codes that
have none yet; until then a page shows the plain meaning under which the code was registered.
"""

from typing import Final

from civic.kernel.web.language import N_
from civic.kernel.web.problem_texts import ProblemText

REFUSAL_TEXTS: Final[dict[str, ProblemText]] = {
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
    "chapters.key_unproven": ProblemText(
        N_("Nothing shows whose key this is"),
        N_(
            "A key is recorded only with a signature by it, and replaced only with one by the key "
            "before it."
        ),
        N_("Open your keys in this browser and try again."),
    ),
    "papers.key_witness": ProblemText(
        N_("Two verifiers have to see the member"),
        N_("Two different verifiers in office, neither of them the member, confirm a lost key."),
        N_("Ask another verifier of the chapter."),
    ),
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
    "chapters.content_missing": ProblemText(
        N_("A text is missing or too many"),
        N_("This act carries %(given)s texts, and %(needed)s belong to it. Nothing was recorded."),
        N_("Fill in every text and send the form again."),
    ),
    "chapters.disputed": ProblemText(
        N_("This level is in dispute already"),
        N_("One challenge is decided before another one begins."),
        N_("If you know more, tell it to a verifier."),
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
    "chapters.four_eyes": ProblemText(
        N_("A second person of another office decides this with you"),
        N_("A suspension takes two different people: a lead, and a facilitator or verifier."),
        N_("Ask somebody who holds one of the other offices."),
    ),
    "chapters.hashes_unsorted": ProblemText(
        N_("The entry is out of order"),
        N_(
            "Rows and hashes stand in a fixed order, each of them once, so that their order "
            "tells nothing."
        ),
        N_("If you run this node, look at its log; members need do nothing."),
    ),
    "chapters.holds_office": ProblemText(
        N_("This member holds an office"),
        N_(
            "Who holds an office is not suspended by others in office: members remove them by a "
            "vote first."
        ),
        N_("Propose to end the office early, or speak with them."),
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
    "chapters.no_appeal": ProblemText(
        N_("It is too late to appeal, or there was an appeal already"),
        N_("A suspension can be appealed once, within the time that the bylaws give."),
        N_("Ask another member to propose that the suspension be lifted."),
    ),
    "chapters.no_level": ProblemText(
        N_("This needs a level first"),
        N_("It is open to members from level %(needed)s on, and this one is not there."),
        N_("People reach level 1 when members who have met them vouch for them."),
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
    "chapters.not_appointed": ProblemText(
        N_("No vote gave these offices"),
        N_("Only verifiers whom a vote appointed can count as independent of the founders."),
        N_("Propose two verifiers, so that members can vote on them."),
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
    "chapters.office_level": ProblemText(
        N_("An office asks for more assurance"),
        N_(
            "The bylaws let only members hold an office whose identity is assured to level "
            "%(needed)s, in person."
        ),
        N_("Choose another member, or have them verified first."),
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
    "chapters.row_count": ProblemText(
        N_("You answered from elsewhere meanwhile"),
        N_(
            "Each signed answer counts on from the one before it, so that nobody can put an older "
            "one in its place. This one counts %(given)s, and the last counts %(last)s."
        ),
        N_("Look at what you answered last, and answer again if you want to change it."),
    ),
    "chapters.row_unsigned": ProblemText(
        N_("Your answer here was signed with your keys"),
        N_("Only a signed answer can take its place, so that nobody else can change it for you."),
        N_("Open your keys in this browser, then answer again."),
    ),
    "chapters.row_signature": ProblemText(
        N_("A signature does not fit"),
        N_("A reaction or vote was signed with something that is not the key it names."),
        N_("Try again with your own recovery sheet."),
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
    "chapters.term_too_long": ProblemText(
        N_("The term does not fit the bylaws"),
        N_("It is over already, or longer than the bylaws allow."),
        N_("Choose a shorter term."),
    ),
    "chapters.text_taken": ProblemText(
        N_("This text belongs to another act"),
        N_("Each text in the record belongs to one act."),
        N_("Write the text again and send it."),
    ),
    "chapters.too_many_suspended": ProblemText(
        N_("Too many members are suspended already"),
        N_(
            "At most one in ten of the members may be suspended at once, and one in small chapters."
        ),
        N_("Members can decide about people by a vote."),
    ),
    "chapters.too_many_ties": ProblemText(
        N_("More take part than there are members"),
        N_("The record allows one voice and one row for each member and proposal."),
        N_("If you run this node, look at its log; members need do nothing."),
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
    "chapters.voice_unknown": ProblemText(
        N_("This voice has not spoken here"),
        N_(
            "You can stand with your name by what was said in this proposal, and this voice "
            "has said nothing in it."
        ),
        N_("Open the proposal and choose your own words."),
    ),
    "chapters.vouches_missing": ProblemText(
        N_("More people have to vouch"),
        N_("The bylaws ask for %(needed)s vouches by members who have met the person."),
        N_("Ask further members of level 2 whom you have met."),
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
            "The bylaws as changed would be malformed, go beyond the charter or ask for more vouches "
            "than there are members to give them, or the version of the rules is not a later one."
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
    "papers.appointed": ProblemText(
        N_("The verifiers' offices have just changed"),
        N_("Whether a vote gave them their office is written down with what they say."),
        N_("Send the form again."),
    ),
    "papers.broken": ProblemText(
        N_("A private paper does not fit"),
        N_("The paper that should show who is behind this is damaged or is about something else."),
        N_("Tell the people who run this node."),
    ),
    "papers.challenger": ProblemText(
        N_("You cannot challenge this level"),
        N_("Members of level 2 and verifiers may, but not their own level."),
        N_("Tell a verifier what you know."),
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
    "papers.level": ProblemText(
        N_("This needs a higher level of assurance"),
        N_("The bylaws ask for level %(needed)s before somebody can propose."),
        N_("See on the chapter's page how to reach it."),
    ),
    "papers.lot": ProblemText(
        N_("The other place is for the verifier drawn by lot"),
        N_(
            "Where there are four verifiers or more, chance picks one of the two, so "
            "that nobody can choose both."
        ),
        N_("The verifier drawn confirms this case, or stands aside."),
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
    "papers.not_independent": ProblemText(
        N_("Somebody else has to do this"),
        N_(
            "You vouched for this person, stand near to them, or took part in what is "
            "disputed. The decision shall be another's."
        ),
        N_("Two other verifiers decide."),
    ),
    "papers.other_voice": ProblemText(
        N_("This voice is not yours"),
        N_("You can stand with your name by your own words only."),
        N_("Choose your own words."),
    ),
    "papers.case_open": ProblemText(
        N_("There is an open case already"),
        N_("A person is verified in one case at a time."),
        N_("Wait for the verifiers, or for 30 days."),
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
    "papers.too_many_challenges": ProblemText(
        N_("You have challenged enough this year"),
        N_("One member may challenge %(most)s levels in a year."),
        N_("Ask another member who knows the matter."),
    ),
    "papers.too_many_invited": ProblemText(
        N_("Too many invitations this year"),
        N_("One member can bring in a limited number of people in a year."),
        N_("Ask another member to invite."),
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
    "request.code_void": ProblemText(
        N_("Nobody shows this code now"),
        N_("Codes hold for fifteen minutes, and a digit is soon mistyped."),
        N_("Compare the digits, or ask for a new code on the other phone."),
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
    "request.draft_rules": ProblemText(
        N_("No chapters are founded here yet"),
        N_(
            "The rules of this version are a draft that may still change, so the node founds no "
            "chapters unless whoever runs it has allowed that."
        ),
        N_("Ask the people who run this node."),
    ),
    "request.invitations_open": ProblemText(
        N_("You have given enough invitations for now"),
        N_("%(most)s invitations of yours to this chapter have not been used yet."),
        N_("Wait until some are used, or are two weeks old, or let another member invite."),
    ),
    "request.invitation_void": ProblemText(
        N_("The invitation does not hold"),
        N_("It is unknown, was used before, or is older than two weeks."),
        N_("Ask the person who invited you for a new one."),
    ),
    "request.key_box_kept": ProblemText(
        N_("Keys are kept for this account already"),
        N_("Another browser of yours made and kept keys before this one. Nothing was changed."),
        N_("Sign out and in again here, so that this browser opens the keys that are kept."),
    ),
    "request.key_request_unfit": ProblemText(
        N_("No member can be given this key"),
        N_(
            "No present member's id begins so, or several do, or the key does not show that it is "
            "yours."
        ),
        N_("Compare it with the list of members that a verifier sees."),
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
    "request.key_requests_full": ProblemText(
        N_("Too many wait for verifiers"),
        N_("Requests are forgotten after a fortnight."),
        N_("Ask a verifier of the chapter, and try again in some days."),
    ),
    "request.key_needed": ProblemText(
        N_("The request has no key"),
        N_(
            "Each act needs the header Idempotency-Key with 16 to 64 letters, digits, hyphens or "
            "underscores, so that an act sent twice counts once. Nothing was recorded."
        ),
        N_("Draw a random key for each act and send it again with the same one if need be."),
    ),
    "request.key_reused": ProblemText(
        N_("This form was used for something else"),
        N_("Each form is sent once. Another act was recorded under the same key, and it stands."),
        N_("Reload the page and fill in the form again."),
    ),
    "request.not_signed": ProblemText(
        N_("The act is not signed"),
        N_("An act that is sent as it stands carries its author's signature. None was recorded."),
        N_("Sign the act with the member's key and send it again."),
    ),
    "request.read_only": ProblemText(
        N_("This is a copy"),
        N_("This node holds a copy of the chapter's record and cannot add to it."),
        N_("Go to the chapter's own node."),
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
    "request.rules_unknown": ProblemText(
        N_("This node does not have the chapter's rules"),
        N_(
            "The chapter goes on under version %(version)s of the rules, and the program that "
            "runs here does not have it. The chapter can be read; nothing can be recorded."
        ),
        N_("Ask the operator to install a newer release, and try again."),
    ),
    "request.scope_needed": ProblemText(
        N_("This token was not made for that"),
        N_("It lacks what is needed here: %(scopes)s."),
        N_("Make a token that may do it, on the page of your account."),
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
    "request.turn_needed": ProblemText(
        N_("Too much was tried under this name"),
        N_("By you or by somebody else. Your turn comes in %(seconds)s seconds."),
        N_("Wait that long, or solve the puzzle, and send it again with your turn."),
    ),
    "request.step_up_needed": ProblemText(
        N_("Prove once more that it is you"),
        N_(
            "What you want to do needs your passkey, or your passphrase and a code, proved within "
            "the last %(minutes)s minutes. Nothing was done."
        ),
        N_("Prove it on the page Account, or with a call to /sessions/current/step-up."),
    ),
    "request.tie_needed": ProblemText(
        N_("This matter has not ended"),
        N_(
            "While people speak and vote in a matter, what ties you to it keeps anybody from "
            "taking part twice. Nothing was erased."
        ),
        N_("Come back when the matter is decided, or has ended otherwise."),
    ),
    "request.words_differ": ProblemText(
        N_("A text is not what the act says of it"),
        N_(
            "One of the texts is missing, is malformed, or has another length or language than "
            "the act states (%(what)s). Nothing was recorded."
        ),
        N_("Make the act anew from the text as it is."),
    ),
    "request.too_many_tokens": ProblemText(
        N_("Too many tokens work at the same time"),
        N_("A chapter gives at most %(most)s at once. Nothing was given."),
        N_("Revoke some that are no longer needed."),
    ),
    "request.token_refused": ProblemText(
        N_("This token opens nothing here"),
        N_(
            "It may be over or revoked, or for another chapter, or the request was not signed with "
            "its key, for another address, or by a clock that is wrong by more than a minute."
        ),
        N_("Look at the clock of your machine, or ask a lead of the chapter for another token."),
    ),
    "request.words_invisible": ProblemText(
        N_("A title or name has characters that nobody sees"),
        N_(
            "It holds characters that are invisible or turn the direction of the text around them: "
            "it would not look like what it is. Nothing was recorded."
        ),
        N_("Type it anew by hand instead of pasting it."),
    ),
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
