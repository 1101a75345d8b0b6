"""How feeds say what happened, in the reader's language."""

from civic.feeds.news import Deadline, News
from civic.kernel.clock import moment_of
from civic.kernel.record.shown import Text
from civic.kernel.web.dates import full_beside
from civic.kernel.web.figures import count
from civic.kernel.web.language import _
from civic.kernel.web.written import best
from civic.pages.phases import OUTCOMES, PHASES
from civic.pages.wordings import erased_words, title_words


def title_of(one: News | Deadline) -> str:
    """Return the title of a proposal, or that it is hidden or was erased."""
    return title_words(title_for_reader(one))


def title_for_reader(one: News | Deadline) -> Text:
    """Return the title of a proposal in the language that the reader reads best."""
    there = [title for title in (one.title, *one.titles) if title.text is not None]
    return there[best([title.lang or "" for title in there])] if there else one.title


def state_of(one: News) -> str:
    """Return what became of a proposal, in a word or two."""
    if one.outcome == "accepted" and one.options:
        return _("Decided")
    return _(OUTCOMES[one.outcome]) if one.outcome else _(PHASES[one.phase])


def told(one: News) -> str:
    """Say what a proposal's new phase means, and until when it lasts."""
    parts = [state_of(one) + "."]
    if one.cast is not None and one.roll is not None:
        parts.append(
            _("%(cast)s of %(roll)s took part.")
            % {"cast": count(one.cast), "roll": count(one.roll)}
        )
    if one.until is not None:
        until = Deadline("", "", one.title, one.phase, one.until, 0, 0, None)
        parts.append(f"{ending(until)}: {full_beside(moment_of(one.until))}.")
    erased = erased_words(title_for_reader(one))
    if erased:
        parts.append(erased)
    return " ".join(parts)


def ending(one: Deadline) -> str:
    """Say what happens at a deadline."""
    match one.what:
        case "support":
            return _("The time for it ends")
        case "discussion":
            return _("The discussion ends")
        case "notice":
            return _("The vote opens")
        case "vote":
            return _("The vote closes")
        case _:
            return _("Task due")
