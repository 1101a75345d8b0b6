"""What an audit can find: stable codes, each with what happened, what it means and what to do.

Where an entry breaks a rule the finding carries the refusal code with which an honest node would
have refused the act (civic/kernel/refusal.py); the codes here are for everything else.
"""

from enum import Enum
from typing import NamedTuple

import msgspec

from civic.kernel.refusal import registered


class Explanation(NamedTuple):
    """Three sentences for people. `cannot_check`: the audit ends undecided, not with a fault."""

    happened: str
    means: str
    todo: str
    cannot_check: bool = False


_KEEP = "Keep this copy as evidence, fetch the record from another source and audit that."
_ASK = "Ask the node for a new copy; if that fails too, ask another member for theirs."
_SHOW = "Show the entry to the chapter's members: an honest node cannot write it."


class AuditCode(Enum):
    """What an audit finds besides acts that the rules refuse; the value is the stable code."""

    UNREADABLE = "audit.unreadable"
    UNKNOWN_RULES = "audit.unknown_rules"
    UNKNOWN_KIND = "audit.unknown_kind"
    RULES_FAILED = "audit.rules_failed"
    CHECKPOINT = "audit.checkpoint"
    OTHER_KEY = "audit.other_key"
    OTHER_CHAPTER = "audit.other_chapter"
    MANIFEST = "audit.manifest"
    FILE_MISSING = "audit.file_missing"
    FILE_EXTRA = "audit.file_extra"
    BUNDLE = "audit.bundle"
    ROOT = "audit.root"
    TILE = "audit.tile"
    FORK = "audit.fork"
    OLDER = "audit.older_than_seen"
    SEEN = "audit.seen_signature"
    NOT_CANONICAL = "audit.not_canonical"
    KEY_TWICE = "audit.key_twice"
    DUE_MISSING = "audit.due_missing"
    FOLLOW_MISSING = "audit.follow_missing"
    NOT_WHAT_FOLLOWS = "audit.not_what_follows"
    CUT_OFF = "audit.cut_off"
    CONTENT_HASH = "audit.content_hash"
    WORDS = "audit.words"
    WORDS_LENGTH = "audit.words_length"
    WORDS_LANGUAGE = "audit.words_language"
    WORDS_ORIGINAL = "audit.words_original"
    ERASED_PRESENT = "audit.erased_present"
    EVIDENCE_MISSING = "audit.evidence_missing"
    PAPER_PUBLIC = "audit.paper_public"

    @property
    def explanation(self) -> Explanation:
        """What happened, what it means, what to do."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    AuditCode.UNREADABLE: Explanation(
        "The source cannot be read as a record.", "Nothing is known about it.", _ASK, True
    ),
    AuditCode.UNKNOWN_RULES: Explanation(
        "The record follows a version of the rules that this program does not have.",
        "It may be in order; this program cannot tell.",
        "Audit it with a newer release.",
        True,
    ),
    AuditCode.UNKNOWN_KIND: Explanation(
        "An entry is of a kind that this version of the rules does not know.",
        "From there on nothing can be checked by this program.",
        "Audit it with a newer release.",
        True,
    ),
    AuditCode.RULES_FAILED: Explanation(
        "This program failed while it ran the rules on an entry.",
        "The fault is in the program; from there on nothing is checked.",
        "Report it to the program's authors, with the record if you may.",
        True,
    ),
    AuditCode.CHECKPOINT: Explanation(
        "The checkpoint is missing, malformed or not signed by the log's key.",
        "Nobody vouches for this copy of the record.",
        _ASK,
    ),
    AuditCode.OTHER_KEY: Explanation(
        "The key that comes with the record is not the one that the chapter's founding names.",
        "Somebody else than the chapter's log signed this.",
        _KEEP,
    ),
    AuditCode.OTHER_CHAPTER: Explanation(
        "This is the record of another chapter than the one asked for.",
        "Whatever it says, it is not about your chapter.",
        "Compare the chapter's id (or its ornament) with one that you know from its members.",
    ),
    AuditCode.MANIFEST: Explanation(
        "The manifest is missing or says something else than the record.",
        "The bundle was put together wrongly or changed.",
        _ASK,
    ),
    AuditCode.FILE_MISSING: Explanation(
        "A file that the checkpoint implies is not there.", "The copy is incomplete.", _ASK
    ),
    AuditCode.FILE_EXTRA: Explanation(
        "A file stands under log/ that a log of this size does not have.",
        "Something is smuggled along that no signature covers.",
        "Do not use the file; ask who made the bundle what it is.",
    ),
    AuditCode.BUNDLE: Explanation(
        "A file of entries is cut off or holds another number of entries.",
        "The copy was damaged or changed.",
        _ASK,
    ),
    AuditCode.ROOT: Explanation(
        "The entries do not make the root that the log signed.",
        "At least one entry was changed, added, left out or moved after signing.",
        _KEEP,
    ),
    AuditCode.TILE: Explanation(
        "A file of hashes differs from the one that the entries make.",
        "Programs that trust this file would be misled.",
        _ASK,
    ),
    AuditCode.FORK: Explanation(
        "The checkpoint seen earlier was signed by the same key over other entries.",
        "The log has told two stories: history was rewritten.",
        "Keep both checkpoints, they prove it, and show them to the members and the stewards.",
    ),
    AuditCode.OLDER: Explanation(
        "The record is shorter than a checkpoint of it that was seen earlier.",
        "It is an old copy, or entries were withheld.",
        "Ask for the record up to the checkpoint that you hold.",
    ),
    AuditCode.SEEN: Explanation(
        "The checkpoint to compare with is malformed or not signed by this log's key.",
        "Nothing follows from it.",
        "Compare with a checkpoint that was fetched from this chapter's log.",
    ),
    AuditCode.NOT_CANONICAL: Explanation(
        "An entry is not in canonical form.", "An honest node cannot have accepted it.", _SHOW
    ),
    AuditCode.KEY_TWICE: Explanation(
        "Two acts carry the same key.", "One act was recorded twice, or one is made up.", _SHOW
    ),
    AuditCode.DUE_MISSING: Explanation(
        "Something whose time had come does not stand where it must.",
        "The node left out, or put off, what the rules do by themselves.",
        _SHOW,
    ),
    AuditCode.FOLLOW_MISSING: Explanation(
        "What follows from an act does not stand behind it.",
        "The node left out a consequence.",
        _SHOW,
    ),
    AuditCode.NOT_WHAT_FOLLOWS: Explanation(
        "An entry stands as a consequence that the rules do not draw, or draw otherwise.",
        "The node made up or changed a consequence.",
        _SHOW,
    ),
    AuditCode.CUT_OFF: Explanation(
        "The record ends amid the entries of one act.",
        "The log signed an act without its consequences.",
        _SHOW,
    ),
    AuditCode.CONTENT_HASH: Explanation(
        "A file under content/ does not have the hash it is named after.",
        "The text was changed.",
        _ASK,
    ),
    AuditCode.WORDS: Explanation(
        "A text is not in the form of words.", "Pages cannot show what the entry names.", _SHOW
    ),
    AuditCode.WORDS_LENGTH: Explanation(
        "A text is not as long as its entry says.", "The rules judged another length.", _SHOW
    ),
    AuditCode.WORDS_LANGUAGE: Explanation(
        "A text is in another language than its entry says.",
        "The rules judged another language.",
        _SHOW,
    ),
    AuditCode.WORDS_ORIGINAL: Explanation(
        "A translation does not name the text that its entry says it translates.",
        "Whoever finds it alone takes it for the translation of another text.",
        _SHOW,
    ),
    AuditCode.ERASED_PRESENT: Explanation(
        "Words that the record calls erased are still there.",
        "Whoever made this copy did not obey the erasure.",
        "Delete the file and tell whoever passes on this copy.",
    ),
    AuditCode.EVIDENCE_MISSING: Explanation(
        "A text that was put to a vote is not there, though the record is public.",
        "Nobody can read what was voted on.",
        _ASK,
    ),
    AuditCode.PAPER_PUBLIC: Explanation(
        "A restricted paper lies among the content.",
        "It can tell who stands behind an id.",
        "Delete the file and tell whoever passes on this copy.",
    ),
}

_BY_VALUE = {code.value: code for code in AuditCode}


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing found: a code, the entry (counted from 0) and its kind, or the file, and more.

    `code` is an `AuditCode`'s value or the code of a refusal.
    """

    code: str
    index: int | None = None
    kind: str | None = None
    file: str | None = None
    params: dict[str, str | int] = {}

    @property
    def explanation(self) -> Explanation:
        """What happened, what it means, what to do."""
        known = _BY_VALUE.get(self.code)
        if known is not None:
            return known.explanation
        meaning = registered().get(self.code, "The act is against the rules.")
        return Explanation(meaning, "An honest node would have refused this act.", _SHOW)


def found(
    code: AuditCode,
    index: int | None = None,
    *,
    kind: str | None = None,
    file: str | None = None,
    **params: str | int,
) -> Finding:
    """Return a finding of one of the audit's own codes."""
    return Finding(code.value, index, kind, file, params)
