"""The words of the pages, explained: what a row id is, a roll, a tick."""

from typing import Final

import msgspec
from litestar import get

from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import PUBLIC, render
from civic.pages.visit import Asked, Page


class Term(msgspec.Struct, frozen=True):
    """A word as pages use it: the anchor by which they link it, the word, and what it means."""

    name: str
    word: str
    meaning: str


class Group(msgspec.Struct, frozen=True):
    """Words of one subject."""

    heading: str
    terms: tuple[Term, ...]


GROUPS: Final = (
    Group(
        N_("You and the others"),
        (
            Term(
                "member",
                N_("member"),
                N_(
                    "A person as a chapter knows them: by an id drawn by lot, another one in every "
                    "chapter. The record never names a person."
                ),
            ),
            Term(
                "level",
                N_("level"),
                N_(
                    "How sure the chapter is that a member is one real person. 0: signed up. "
                    "1: members who met them say so. 2: two verifiers have seen a document. "
                    "The bylaws say which level may do what."
                ),
            ),
            Term(
                "voucher",
                N_("voucher"),
                N_(
                    "A member of level 2 who has met somebody and says so. The record tells how "
                    "many vouched for a member, never who."
                ),
            ),
            Term(
                "verifier",
                N_("verifier"),
                N_(
                    "A member in office who looks at a person and at their document, and writes "
                    "down nothing of it but that they did."
                ),
            ),
            Term(
                "guardian",
                N_("guardian"),
                N_(
                    "One of three members whom you chose. Two of them together can help you back "
                    "into your account, 72 hours after the second agreed."
                ),
            ),
            Term(
                "office",
                N_("office"),
                N_(
                    "A task that a member does for the chapter for a time: lead, facilitator, "
                    "verifier, trustee, auditor of record, steward."
                ),
            ),
            Term(
                "member-key",
                N_("member key"),
                N_(
                    "A secret number that only your own devices have. With it you sign what you "
                    "do, so that not even this node can do it in your place."
                ),
            ),
            Term(
                "unsigned",
                N_("unsigned"),
                N_(
                    "Not signed with the member's own key: this node alone says that it was they. "
                    "It counts like all else unless the bylaws say otherwise; an audit counts how "
                    "much of a record is so."
                ),
            ),
        ),
    ),
    Group(
        N_("What you say and how you vote"),
        (
            Term(
                "voice",
                N_("voice"),
                N_(
                    "The two-word name and the small ornament under which you speak about one "
                    "proposal. It is another one for every proposal, and the record does not tie "
                    "it to you."
                ),
            ),
            Term(
                "row",
                N_("row id"),
                N_(
                    "The id under which you react and vote in one matter where votes are without "
                    "names: one row in a list that everybody can count. It is not your voice, and "
                    "the record does not tie the two together."
                ),
            ),
            Term(
                "roll",
                N_("roll"),
                N_(
                    "The members who may vote in one vote, fixed at the moment it opens. The "
                    "quorum is a share of it. The record keeps how many they are, not the list."
                ),
            ),
            Term(
                "quorum",
                N_("quorum"),
                N_(
                    "The share of the roll that has to take part for a vote to count. Whoever "
                    "abstains takes part."
                ),
            ),
            Term(
                "fixed-text",
                N_("fixed text"),
                N_(
                    "The words on which is voted. From the moment the text is fixed nobody can "
                    "change or erase it, not even whoever wrote it."
                ),
            ),
            Term(
                "outcome-card",
                N_("outcome card"),
                N_(
                    "What came of a decision: what was expected, what happened, and whether the "
                    "chapter would do it again. Other chapters can learn from it."
                ),
            ),
        ),
    ),
    Group(
        N_("The record and its proofs"),
        (
            Term(
                "record",
                N_("record"),
                N_(
                    "Everything the chapter did, in order, entry by entry. Nothing in it is "
                    "changed later; what follows is added at its end."
                ),
            ),
            Term(
                "entry",
                N_("entry"),
                N_("One thing that was done, as the record keeps it, with its number."),
            ),
            Term(
                "tick",
                N_("tick"),
                N_(
                    "The grain of the chapter's time, ten minutes unless its bylaws say otherwise. "
                    "The record names no finer time, so that nobody can tell by the clock who did "
                    "what. Deadlines fall on ticks."
                ),
            ),
            Term(
                "checkpoint",
                N_("checkpoint"),
                N_(
                    "One number that stands for the whole record up to some entry, signed by this "
                    "node. If a single letter of the record were another, the number would be. "
                    "Compare it with others by its ornament."
                ),
            ),
            Term(
                "receipt",
                N_("receipt"),
                N_(
                    "A proof, for you alone, that what you did stands in the record. You can keep "
                    "it and check it without this node."
                ),
            ),
            Term(
                "paper",
                N_("sealed paper"),
                N_(
                    "What few may read and the record must not tell, such as which voice is whose. "
                    "It lies under a key of the node and can be erased; the record has only its "
                    "number, so that it cannot be swapped."
                ),
            ),
            Term(
                "audit",
                N_("audit"),
                N_(
                    "Reckoning the whole record again with a program of one's own: who might act, "
                    "every deadline, every count. Whoever has the record can do it."
                ),
            ),
        ),
    ),
    Group(
        N_("Chapters and nodes"),
        (
            Term(
                "chapter",
                N_("chapter"),
                N_(
                    "A community that decides for itself, with its own bylaws, members, offices "
                    "and record."
                ),
            ),
            Term(
                "charter",
                N_("charter"),
                N_(
                    "The few things that all chapters of the network promise each other. Bylaws "
                    "can ask for more than it does, never for less."
                ),
            ),
            Term(
                "node",
                N_("node"),
                N_(
                    "A computer on which civic runs, and whoever looks after it. It serves one or "
                    "more chapters; a chapter can move to another."
                ),
            ),
            Term(
                "ornament",
                N_("ornament"),
                N_(
                    "A pattern like cross-stitch, drawn from a number. Two people who see the same "
                    "ornament see the same chapter, checkpoint or voice."
                ),
            ),
        ),
    ),
)
"""All words, by subject."""


@get("/words", sync_to_thread=False)
def words(request: Asked) -> Page:
    """Explain the words that pages use."""
    groups = [
        (_(group.heading), [(one.name, _(one.word), _(one.meaning)) for one in group.terms])
        for group in GROUPS
    ]
    return render(request, "words.html", cache=PUBLIC, groups=groups)


HANDLERS: Final = [words]
