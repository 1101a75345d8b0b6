"""Records of nodes that cheat about the version of the rules, and audits that lack a version."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec
import pytest

from chapters import entries as c
from civic.audit.report import Report
from civic.audit.run import DOMAIN
from civic.kernel.record.adoption import Adoption, RulesAdopted
from civic.kernel.record.entry import As, Body, Entry, minute, when
from civic.kernel.record.rules import Draft, Procedure
from civic.procedure import VERSIONS
from deliberation import entries as d
from tests.acts import made
from tests.dishonest.case import PEOPLE, village
from tests.factories.later_rules import NOTICE, SECOND, THREE, TWO
from tests.factories.records import Record
from voting import entries as v


def founded() -> Record:
    return village(versions=TWO, secrecy="roll_call", notice_time=60)


def audited(record: Record, versions: Mapping[int, Procedure] = TWO) -> Report:
    return record.audit(domain=replace(DOMAIN, versions=versions))


def decide(record: Record, rules: Adoption, name: str = "newer") -> None:
    """Let the chapter decide to adopt a version, before the vote is closed by time."""
    matter = record.propose("ann", name, rules=rules)
    record.discuss(matter, "ben", "cem")
    record.pass_time(record.chapter.bylaws.discussion_time)
    record.hand_over()
    record.pass_time(NOTICE * record.chapter.bylaws.notice_time)
    record.hand_over()
    election = record.deliberation.proposals[matter].election
    assert election is not None
    for one in PEOPLE:
        record.by(one, v.Cast(election, 1))
    record.pass_time(record.chapter.bylaws.vote_time)


def adopted() -> Record:
    """A record that went on under version 1."""
    record = founded()
    decide(record, Adoption(0, 1))
    record.wait()
    assert record.kinds()[-1] == RulesAdopted.kind
    assert record.procedure is SECOND
    return record


def found(report: Report) -> list[tuple[str, int | None]]:
    assert report.status == 1
    return [(one.code, one.entry) for one in report.findings]


def rewritten(record: Record, index: int, body: Body) -> None:
    record.entries[index] = msgspec.structs.replace(record.entries[index], body=body)


def moved(body: d.Frozen, minutes: int) -> d.Frozen:
    """The same announcement of a vote at another time."""
    return msgspec.structs.replace(body, vote_from=when(minute(body.vote_from) + minutes))


class TestHonest:
    def test_a_record_is_audited_through_both_versions(self) -> None:
        record = adopted()
        matter = record.propose("ann", "after")
        record.discuss(matter, "ben", "cem")
        record.wait(days=7)
        frozen: Entry[d.Frozen] = record.entries[-1]
        assert frozen.kind == d.Frozen.kind
        report = audited(record)
        assert report.findings == ()
        assert report.status == 0
        notes = [one.text for one in report.checks if one.name == "versions"]
        index = record.kinds().index(RulesAdopted.kind)
        assert notes == [f"With entry {index} the chapter adopted version 1 of the rules."]

    def test_papers_are_checked_through_both_versions(self) -> None:
        record = adopted()
        record.propose("ann", "after")
        record.pass_time(minutes=10)
        record.by("fox", c.Left())
        report = record.audit(domain=replace(DOMAIN, versions=TWO), papers=record.papers)
        assert report.findings == ()


class TestDishonest:
    def test_nobody_adopts_by_an_act(self) -> None:
        record = founded()
        index = record.lie(RulesAdopted(0, 1), As.NODE)
        assert found(audited(record)) == [("record.only_follows", index)]

    def test_nothing_is_adopted_without_a_decision(self) -> None:
        record = founded()
        act = record.act(c.Left(), As.MEMBER, made("fox"), signer="fox")
        first = record.force(act, Draft(RulesAdopted(0, 1)))
        assert record.procedure is SECOND
        record.by("eva", c.Left())
        assert found(audited(record)) == [("audit.not_what_follows", first + 1)]

    @pytest.mark.parametrize("to", [0, 2])
    def test_what_is_adopted_is_what_was_decided(self, to: int) -> None:
        record = adopted()
        index = len(record.entries) - 1
        rewritten(record, index, RulesAdopted(0, to))
        assert found(audited(record, THREE)) == [("audit.not_what_follows", index)]

    @pytest.mark.parametrize("rules", [Adoption(0, 0), Adoption(1, 0), Adoption(7, 8)])
    def test_no_vote_is_called_on_what_is_no_later_version(self, rules: Adoption) -> None:
        record = founded()
        body = d.Proposed(made("back"), "en", 5, 4, 0, "roll_call", rules=rules)
        texts = [record.words("Title"), record.words("Text")]
        own = record.own("ann", made("back"), "voice")
        index = record.lie(body, As.VOICE, own, texts, f"ann voice {made('back')}")
        code = "unfit_change" if rules.from_ == 0 else "stale_change"
        assert found(audited(record)) == [(f"deliberation.{code}", index)]

    def test_nobody_goes_back(self) -> None:
        record = adopted()
        body = d.Proposed(made("back"), "en", 5, 4, 0, "roll_call", rules=Adoption(1, 0))
        texts = [record.words("Title"), record.words("Text")]
        own = record.own("ann", made("back"), "voice")
        index = record.lie(body, As.VOICE, own, texts, f"ann voice {made('back')}")
        assert found(audited(record)) == [("deliberation.unfit_change", index)]

    def test_a_decided_adoption_is_not_left_out(self) -> None:
        record = adopted()
        index = len(record.entries) - 1
        del record.entries[index]
        record.by("fox", c.Left())
        assert found(audited(record)) == [("audit.follow_missing", index)]

    def test_a_record_does_not_end_before_it(self) -> None:
        record = adopted()
        del record.entries[-1]
        assert found(audited(record)) == [("audit.cut_off", len(record.entries))]

    def test_an_act_that_only_the_old_rules_take(self) -> None:
        record = adopted()
        matter = record.propose("ann", "after")
        body = d.Argued(made("argument"), matter, "con", 4)
        own = record.own("ben", matter, "voice")
        signer = f"ben voice {matter}"
        index = record.lie(body, As.VOICE, own, [record.words("Nay.")], signer)
        assert found(audited(record)) == [("deliberation.wrong_phase", index)]

    def test_what_is_due_by_the_old_rules(self) -> None:
        record = adopted()
        matter = record.propose("ann", "after")
        record.discuss(matter, "ben", "cem")
        record.wait(days=7)
        index = len(record.entries) - 1
        body: d.Frozen = record.entries[index].body
        rewritten(record, index, moved(body, -(NOTICE - 1) * 60))
        assert found(audited(record)) == [("audit.not_what_follows", index)]

    def test_what_only_the_new_rules_bring_before_they_are_adopted(self) -> None:
        record = founded()
        matter = record.propose("ann", "before")
        record.discuss(matter, "ben", "cem")
        record.wait(days=7)
        index = len(record.entries) - 1
        body: d.Frozen = record.entries[index].body
        rewritten(record, index, moved(body, (NOTICE - 1) * 60))
        assert found(audited(record)) == [("audit.not_what_follows", index)]

    def test_the_same_acts_again_under_other_rules(self) -> None:
        """Signatures of both versions are looked at, each by its own."""
        record = adopted()
        record.pass_time(minutes=10)
        act = record.act(c.Left(), As.MEMBER, made("fox"), signer="fox")
        assert act.proof is not None
        proof = msgspec.structs.replace(act.proof, signature="00" * 64)
        index = record.write_act(msgspec.structs.replace(act, proof=proof))
        assert found(audited(record)) == [("record.bad_signature", index)]


class TestWithoutTheVersion:
    def test_an_audit_ends_undecided(self) -> None:
        record = adopted()
        index = len(record.entries) - 1
        matter = record.propose("ann", "after")
        record.discuss(matter, "ben", "cem")
        report = audited(record, VERSIONS)
        assert report.status == 2
        (only,) = report.findings
        assert (only.code, only.entry) == ("audit.unknown_rules", index)
        assert only.params == {"version": 1}
        rules = next(one for one in report.checks if one.name == "rules")
        assert (rules.status, rules.count) == ("not_checked", index + 1)

    def test_also_where_the_record_ends_with_it(self) -> None:
        record = adopted()
        report = audited(record, VERSIONS)
        assert report.status == 2
        assert [one.code for one in report.findings] == ["audit.unknown_rules"]

    def test_what_is_wrong_before_it_is_found_all_the_same(self) -> None:
        record = founded()
        index = record.lie(v.Cast(made("nothing"), 1), As.MEMBER, made("ann"), signer="ann")
        report = audited(record, VERSIONS)
        assert found(report) == [("voting.unknown_election", index)]

    def test_a_version_between_is_enough_for_nothing_more(self) -> None:
        record = village(versions=THREE, secrecy="roll_call", notice_time=60)
        decide(record, Adoption(0, 1))
        record.wait()
        decide(record, Adoption(1, 2), "newest")
        record.wait()
        record.by("fox", c.Left())
        assert audited(record, THREE).status == 0
        report = audited(record, TWO)
        assert report.status == 2
        indexes = [n for n, kind in enumerate(record.kinds()) if kind == RulesAdopted.kind]
        assert [one.entry for one in report.findings] == indexes[1:]
