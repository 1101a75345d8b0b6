"""What an audit says: every check with its count, what could not be checked, and notices."""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from chapters.assurance.disputes import REVIEW_OVERDUE
from civic.kernel.record.audit import Audited
from civic.kernel.record.findings import AuditCode, Finding

Status = Literal["passed", "failed", "not_checked", "note"]


class Check(msgspec.Struct, frozen=True):
    """One check by its stable name: how it went, over how many things, and a sentence."""

    name: str
    status: Status
    count: int
    text: str


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding with its explanation for people."""

    code: str
    happened: str
    means: str
    todo: str
    entry: int | None = None
    kind: str | None = None
    file: str | None = None
    params: dict[str, str | int] = {}


class Report(msgspec.Struct, frozen=True):
    """The whole report. `status` is the exit status: 0 clean, 1 faulty, 2 could not be checked."""

    status: int
    chapter: str
    log: str
    size: int
    root: str
    rules: int | None
    checks: tuple[Check, ...]
    findings: tuple[Found, ...]
    notices: tuple[str, ...]


class Papers(msgspec.Struct, frozen=True):
    """What restricted papers showed; without any given, all zero."""

    given: bool = False
    checked: int = 0
    absent: int = 0
    unsigned: int = 0


class Domains(msgspec.Struct):
    """What the domains counted during the replay."""

    rows: int = 0
    signed_rows: int = 0
    disowned: int = 0
    lost: dict[str, tuple[int, int]] = {}
    """Levels that were lost and not reviewed: by challenge, the entry's index and minute."""
    late: int = 0
    """Reviews that came later than a week after the level was lost."""


_TREE: Final = {AuditCode.ROOT, AuditCode.BUNDLE, AuditCode.FILE_MISSING}
_CONTENT: Final = {
    AuditCode.CONTENT_HASH,
    AuditCode.WORDS,
    AuditCode.WORDS_LENGTH,
    AuditCode.WORDS_LANGUAGE,
    AuditCode.WORDS_ORIGINAL,
    AuditCode.ERASED_PRESENT,
    AuditCode.EVIDENCE_MISSING,
    AuditCode.PAPER_PUBLIC,
}
_SIGNATURES: Final = {
    "record.bad_signature",
    "record.wrong_id_key",
    "chapters.row_signature",
}


_LEFT_OUT: Final = (
    "The node left out what it owes to those who rely on the vouches of the same people.",
    "Ask the node's operator why, and show it to the chapter's members.",
)


def found_of(finding: Finding) -> Found:
    """Return a finding with its explanation."""
    happened, means, todo, _ = finding.explanation
    if finding.code == REVIEW_OVERDUE:
        # No act that was refused, but one that is missing.
        means, todo = _LEFT_OUT
    return Found(
        finding.code,
        happened,
        means,
        todo,
        finding.index,
        finding.kind,
        finding.file,
        finding.params,
    )


def checks_of(
    audited: Audited, domains: Domains, papers: Papers, asked: str | None
) -> tuple[Check, ...]:
    """Return every check of an audit, in the order in which they were made."""
    codes = {finding.code for finding in audited.findings}
    counts, content, kinds = audited.counts, audited.content, audited.counts.kinds
    begun = bool(audited.size)
    whole = begun and audited.read == audited.size

    def bad(*wrong: AuditCode) -> bool:
        return any(code.value in codes for code in wrong)

    def by(made: bool, failed: bool) -> Status:
        return "failed" if failed else "passed" if made else "not_checked"

    broken = not begun or audited.rules is None or audited.checked < audited.size
    rules_failed = any(_of_rules(finding) for finding in audited.findings)
    versions = [
        Check(
            "versions",
            "note",
            1,
            f"With entry {index} the chapter adopted version {version} of the rules.",
        )
        for index, version in audited.adopted
    ]
    checks = [
        Check(
            "checkpoint",
            by(begun, bad(AuditCode.CHECKPOINT)),
            int(begun),
            "The checkpoint is signed by the log's key.",
        ),
        Check(
            "key",
            by(bool(audited.read), bad(AuditCode.OTHER_KEY)),
            int(bool(audited.read)),
            "The log's key is the one that the chapter's founding names.",
        ),
        _chapter(audited, asked, failed=bad(AuditCode.OTHER_CHAPTER)),
        Check(
            "tree",
            by(whole, bad(*_TREE)),
            audited.read,
            f"{audited.read} entries make the root that the log signed.",
        ),
        Check(
            "tiles",
            by(whole, bad(AuditCode.TILE)),
            audited.tiles,
            f"{audited.tiles} files of hashes are those that the entries make.",
        ),
        Check(
            "files",
            by(audited.listed, bad(AuditCode.FILE_EXTRA, AuditCode.MANIFEST)),
            int(audited.listed),
            "Nothing else lies with the log, and the manifest says the same.",
        ),
        *(
            Check("seen", "passed", size, f"The checkpoint of {size} entries seen earlier fits.")
            for size in audited.seen
        ),
        Check(
            "rules",
            by(not broken, rules_failed),
            audited.checked,
            f"{audited.checked} of {audited.size} entries stand as the rules demand.",
        ),
        *versions,
        Check("acts", by(not broken, False), counts.acts, f"{counts.acts} acts were decided anew."),
        Check(
            "due",
            by(not broken, bad(AuditCode.DUE_MISSING)),
            counts.due,
            f"{counts.due} transitions stand where their time had come.",
        ),
        Check(
            "follows",
            by(not broken, bad(AuditCode.FOLLOW_MISSING, AuditCode.NOT_WHAT_FOLLOWS)),
            counts.follows,
            f"{counts.follows} entries follow from others, as the rules draw them.",
        ),
        Check(
            "signatures",
            by(not broken, bool(codes & _SIGNATURES)),
            counts.signed + domains.signed_rows,
            f"{counts.signed} acts and {domains.signed_rows} rows are signed by those who act.",
        ),
        Check(
            "vouched",
            "note",
            counts.vouched + domains.rows - domains.signed_rows,
            f"For {counts.vouched} acts and {domains.rows - domains.signed_rows} rows the node "
            f"alone vouches; {counts.node} acts are its own.",
        ),
        _kind("votes", kinds.get("voting.result", 0), "votes were counted again", broken=broken),
        _kind("decisions", kinds.get("deliberation.decided", 0), "decisions follow", broken=broken),
        Check(
            "content",
            by(not broken, bad(*_CONTENT)),
            content.present,
            f"{content.present} of {content.named} texts are there and fit; {content.erased} were "
            f"erased, {content.hidden} are hidden in office, {content.missing} are not included; "
            f"{content.unnamed} belong to no entry.",
        ),
        _papers(audited, papers),
    ]
    return tuple(checks)


def _of_rules(finding: Finding) -> bool:
    own = {code.value for code in AuditCode}
    replayed = {
        AuditCode.NOT_CANONICAL.value,
        AuditCode.KEY_TWICE.value,
        AuditCode.DUE_MISSING.value,
        AuditCode.FOLLOW_MISSING.value,
        AuditCode.NOT_WHAT_FOLLOWS.value,
        AuditCode.CUT_OFF.value,
    }
    if finding.code in own:
        return finding.code in replayed
    return not finding.code.startswith("papers.")


def _chapter(audited: Audited, asked: str | None, *, failed: bool) -> Check:
    if asked is None:
        text = "No chapter id from elsewhere was given: this shows inner consistency only."
        return Check("chapter", "not_checked", 0, text)
    status: Status = "failed" if failed else "passed" if audited.chapter else "not_checked"
    return Check("chapter", status, 1, "The record is that of the chapter asked for.")


def _kind(name: str, count: int, what: str, *, broken: bool) -> Check:
    return Check(name, "not_checked" if broken else "passed", count, f"{count} {what}.")


def _papers(audited: Audited, papers: Papers) -> Check:
    if not papers.given:
        text = (
            f"{audited.papers} restricted papers (who stands behind an id, invited or vouched) "
            "were not given: the node vouches for them."
        )
        return Check("papers", "not_checked", audited.papers, text)
    failed = any(finding.code.startswith("papers.") for finding in audited.findings)
    text = (
        f"{papers.checked} restricted papers were checked; {papers.absent} were erased or not "
        f"given: the node vouches for them; {papers.unsigned} bear no signature."
    )
    return Check("papers", "failed" if failed else "passed", papers.checked, text)


_MARKS: Final = {"passed": "✓", "failed": "✗", "not_checked": "–", "note": "·"}


def write(report: Report, line: Callable[[str], None]) -> None:
    """Say a report line by line, for people."""
    if report.chapter:
        line(f"Chapter  {report.chapter}")
        line(f"Log      {report.log}")
        line(f"Head     {report.size} entries, root {report.root}")
        line("")
    for check in report.checks:
        line(f"{_MARKS[check.status]} {check.name:<11}{check.text}")
    for finding in report.findings:
        line("")
        where = _where(finding)
        line(f"{finding.code}{where}")
        line(f"  {finding.happened} {finding.means}")
        if finding.params:
            params = finding.params.items()
            line("  " + ", ".join(f"{name.rstrip('_')}: {value}" for name, value in params))
        line(f"  {finding.todo}")
    if report.notices:
        line("")
    for notice in report.notices:
        line(f"· {notice}")
    line("")
    line(_VERDICTS[report.status])


_VERDICTS: Final = {
    0: "Nothing wrong was found.",
    1: "The record is faulty.",
    2: "The record could not be checked.",
}


def _where(finding: Found) -> str:
    where = ""
    if finding.entry is not None:
        where += f" at entry {finding.entry}"
    if finding.kind is not None:
        where += f" ({finding.kind})"
    if finding.file is not None:
        where += f" in {finding.file}"
    return where
