"""An audit of one record with the rules of all domains, from a source to a report."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import chapters.texts
import deliberation.texts
from chapters.alarms.growth import growth_of
from chapters.assurance.disputes import REVIEW_OVERDUE, REVIEW_WAIT
from chapters.assurance.entries import LevelLost, VouchesReviewed
from chapters.assurance.levels import unverified_founders
from chapters.keys.entries import ActDisowned
from chapters.state import of as chapter_of
from civic.audit.papers import Papers
from civic.audit.report import Domains, Report, checks_of, found_of
from civic.audit.report import Papers as PapersReport
from civic.kernel.record.audit import Audited, Domain, Progress, Signatures, audit
from civic.kernel.record.bundle import Source
from civic.kernel.record.entry import Entry, minute
from civic.kernel.record.findings import Finding
from civic.kernel.record.replay import Watch
from civic.kernel.record.rules import State
from civic.procedure import VERSIONS
from deliberation.entries import ReactionsRecorded
from voting.entries import VotesRecorded


def _visibility(state: State) -> str:
    return chapter_of(state).bylaws.visibility


DOMAIN: Final = Domain(VERSIONS, (chapters.texts.TEXTS, deliberation.texts.TEXTS), _visibility)
"""What entries mean to this program."""


def audit_record(
    source: Source,
    *,
    chapter: str | None = None,
    seen: Sequence[bytes] = (),
    papers: Mapping[str, bytes] | None = None,
    signatures: Signatures | None = None,
    progress: Progress | None = None,
    domain: Domain = DOMAIN,
) -> Report:
    """Audit the record of a source and report on it; see `civic.kernel.record.audit.audit`.

    `papers` are restricted papers by hash, where the auditor may see them. `domain` is what entries
    mean to whoever audits.
    """
    domains = Domains()
    fed = None if papers is None else Papers(papers)
    audited = audit(
        source,
        domain,
        chapter=chapter,
        seen=seen,
        signatures=signatures,
        watch=_watches(domains),
        before=None if fed is None else fed.before,
        progress=progress,
    )
    if audited.state is not None:
        audited.findings.extend(_overdue(audited.state, domains))
    shown = PapersReport()
    if fed is not None and audited.state is not None:
        shown = _papers(audited, fed)
    return Report(
        audited.status,
        audited.chapter,
        audited.log,
        audited.size,
        audited.root.hex(),
        audited.rules,
        checks_of(audited, domains, shown, chapter),
        tuple(found_of(finding) for finding in audited.findings),
        tuple(_notices(audited, domains)),
    )


def _watches(domains: Domains) -> dict[str, Watch]:
    def rows(entry: Entry[Any], index: int) -> None:
        domains.rows += len(entry.body.rows)
        domains.signed_rows += len(entry.body.proofs)

    def disowned(entry: Entry[Any], index: int) -> None:
        domains.disowned += 1

    def lost(entry: Entry[Any], index: int) -> None:
        domains.lost[entry.body.challenge] = (index, minute(entry.at))

    def reviewed(entry: Entry[Any], index: int) -> None:
        came = minute(entry.at)
        _, since = domains.lost.pop(entry.body.challenge, (index, came))
        domains.late += came > since + REVIEW_WAIT

    return {
        ReactionsRecorded.kind: rows,
        VotesRecorded.kind: rows,
        ActDisowned.kind: disowned,
        LevelLost.kind: lost,
        VouchesReviewed.kind: reviewed,
    }


def _overdue(state: State, domains: Domains) -> list[Finding]:
    """Find levels that were lost and after which the node named nobody to be vouched for anew.

    It has to, even if it is nobody: what it names only papers can judge, that it does not is seen
    without them.
    """
    return [
        Finding(REVIEW_OVERDUE, index, LevelLost.kind)
        for index, at in sorted(domains.lost.values())
        if state.record.at > at + REVIEW_WAIT
    ]


def _papers(audited: Audited, fed: Papers) -> PapersReport:
    assert audited.state is not None
    fed.audit.finish(audited.state.record.at)
    audited.findings.extend(
        Finding(refusal.code, index, params=refusal.params) for index, refusal in fed.audit.findings
    )
    both = (fed.audit, fed.levels)
    checked, absent = sum(one.checked for one in both), sum(one.absent for one in both)
    return PapersReport(True, checked, absent, sum(one.unsigned for one in both))


def _notices(audited: Audited, domains: Domains) -> list[str]:
    if audited.state is None:
        return []
    chapter = chapter_of(audited.state)
    notices: list[str] = []
    if audited.rules == 0:
        notices.append(
            "The record follows the draft of the rules (version 0), which may change at any "
            "release: a later one may not be able to check it."
        )
    waiting = unverified_founders(audited.state)
    if waiting == len(chapter.founders) > 0:
        notices.append(f"Founded by {waiting}, not yet verified by others.")
    elif waiting:
        notices.append(
            f"Founded by {len(chapter.founders)}, {waiting} of them not yet verified by others."
        )
    if chapter.stage == "forming":
        notices.append("The chapter is forming: nothing can be decided yet.")
    if chapter.stage == "dissolved":
        notices.append("The chapter was not constituted in time and is dissolved.")
    if domains.late:
        what = "a level was" if domains.late == 1 else f"{domains.late} levels were"
        notices.append(
            f"After {what} lost, it took the node over a week to name whose vouches are to be "
            "given anew."
        )
    bylaws = chapter.bylaws
    if bylaws.level_vote == 0:
        ways = {
            "invitation": "by invitation",
            "lead": "by the lead",
            "either": "by invitation or by the lead",
        }
        notices.append(
            "The bylaws ask for no proof of identity to vote (assurance level 0); people come in "
            f"{ways[bylaws.admission]}."
        )
    notices.append(
        "Uniqueness is not checked across verifiers yet: one person could have joined twice."
    )
    grown = growth_of(chapter, audited.state.record.at)
    if grown.alarming:
        notices.append(
            f"{grown.joined} people joined within the last 30 days; up to {grown.usual} would be "
            "usual in a chapter of this size."
        )
    led = [one for one in chapter.offices.values() if one.role == "lead"]
    if chapter.stage == "active" and all(one.acting for one in led):
        notices.append(
            "Somebody leads by rule, until a vote appoints a lead."
            if led
            else "The office of a lead is vacant."
        )
    if domains.disowned:
        notices.append(
            f"{domains.disowned} reports say of an act: I did not do this. The acts stand, marked."
        )
    if chapter.imported:
        notices.append(
            f"{chapter.imported} people come from conversations held elsewhere; they have no vote."
        )
    return notices
