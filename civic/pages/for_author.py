"""What only the author of some words can do: everybody else reads who can, before any form."""

from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE
from civic.pages.matter import Matter
from civic.pages.visit import Page


def for_author(matter: Matter) -> Page | None:
    """Return the page that says whose words these are; None for their author.

    They are the words of the argument or comment that the matter was opened on, else the
    proposal's.
    """
    subject, line = matter.subject, matter.line
    author = line.author if subject is None else subject.author
    if matter.own_voice is not None and matter.own_voice == author:
        return None
    name = matter.view.name if subject is None else subject.name
    ways = [(_("Back to the proposal"), matter.path)]
    if line.phase in ("support", "discussion", "notice", "vote"):
        on = "" if subject is None else f"?on={subject.id}"
        ways.append(
            (_("Reply") if on else _("Comment on the proposal"), f"{matter.path}/comment{on}")
        )
    if matter.organiser is not None:
        of = "" if subject is None else f"?of={subject.id}"
        ways.append((_("Moderate, in office"), f"{matter.path}/moderate{of}"))
    return matter.render(
        "deliberation/for_author.html",
        status=403,
        cache=NO_STORE,
        author=author,
        name=(name.text or "") if name else "",
        ways=ways,
    )
