"""Whatever is changed in a record is found; each of the audit's own codes has its record."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters import entries as c
from chapters.offices.entries import OfficeEnded
from civic.audit.report import Report
from civic.kernel import keys
from civic.kernel.record.entry import As, By, encode, when
from civic.kernel.record.findings import AuditCode
from deliberation import entries as d
from tests.acts import made
from tests.dishonest.case import village
from tests.factories.life import life
from tests.factories.records import Record, audit_files, seal, sign_head
from voting import entries as v


def audit_again(raws: Sequence[bytes], **options: Any) -> Report:
    """Audit other entries with the life's content, all of it signed again."""
    content = life().content if raws[0] == life().raws()[0] else {}
    visibility = "world" if b'"visibility":"world"' in raws[0] else "chapter"
    return audit_files(seal(raws, content, visibility), **options)


def codes(report: Report) -> set[str]:
    return {found.code for found in report.findings}


class TestCodes:
    def test_something_due_is_left_out(self) -> None:
        raws = life().raws()
        index = next(n for n, one in enumerate(life().entries) if one.kind == d.Frozen.kind)
        report = audit_again(raws[:index] + raws[index + 1 :])
        (found,) = (one for one in report.findings if one.code == AuditCode.DUE_MISSING.value)
        assert found.entry == index
        assert found.params["missing"] == d.Frozen.kind
        assert found.params["id"] == made("p")

    def test_something_due_says_something_else(self) -> None:
        raws = life().raws()
        index = next(n for n, one in enumerate(life().entries) if one.kind == v.Result.kind)
        raws[index] = raws[index].replace(b'"counts":[3,0,0]', b'"counts":[2,1,0]')
        report = audit_again(raws)
        assert codes(report) == {AuditCode.NOT_WHAT_FOLLOWS.value}
        assert report.findings[0].entry == index

    def test_a_consequence_is_left_out(self) -> None:
        raws = life().raws()
        index = next(n for n, one in enumerate(life().entries) if one.kind == d.Decided.kind)
        report = audit_again(raws[:index] + raws[index + 1 :])
        (found,) = report.findings
        assert found.code == AuditCode.FOLLOW_MISSING.value
        assert (found.entry, found.params["missing"]) == (index, d.Decided.kind)

    def test_a_consequence_is_made_up(self) -> None:
        record = village()
        entry = record.entries[-1]
        raws = record.raws()
        forged = OfficeEnded(made("lead"), when(0))
        node = By(As.NODE, record.state.record.node)
        made_up = type(entry)(forged.kind, entry.at, node, entry.key, 1, forged)
        report = audit_again([*raws, encode(made_up)])
        assert codes(report) == {AuditCode.NOT_WHAT_FOLLOWS.value}
        assert report.findings[0].entry == len(raws)

    def test_a_consequence_is_changed(self) -> None:
        raws = life().raws()
        index = next(n for n, one in enumerate(life().entries) if one.kind == d.Decided.kind)
        raws[index] = raws[index].replace(b'"accepted"', b'"rejected"')
        report = audit_again(raws)
        assert codes(report) == {AuditCode.NOT_WHAT_FOLLOWS.value}

    def test_a_record_ends_amid_an_act(self) -> None:
        record = village()
        record.by("ben", c.Left())
        report = audit_again(record.raws()[:-1])
        assert codes(report) == {AuditCode.CUT_OFF.value}

    def test_an_act_stands_twice(self) -> None:
        record = village()
        matter = record.propose("ann", "p")
        record.discuss(matter, "ben")
        record.voice_of("ben", matter, d.SupportWithdrawn(matter))
        again = next(one for one in record.entries if one.kind == d.Supported.kind)
        report = audit_again([*record.raws(), encode(again)])
        assert codes(report) == {AuditCode.KEY_TWICE.value}

    def test_an_entry_is_not_canonical(self) -> None:
        raws = life().raws()
        raws[3] = raws[3].replace(b'"part":0', b'"part": 0')
        report = audit_again(raws)
        assert codes(report) == {AuditCode.NOT_CANONICAL.value}
        assert report.findings[0].entry == 3

    def test_the_log_is_signed_by_another_key(self) -> None:
        other = keys.signing_key(bytes(32))
        report = audit_files(seal(life().raws(), visibility="world", key=other))
        assert AuditCode.OTHER_KEY.value in codes(report)
        assert report.status == 1

    def test_another_chapter(self) -> None:
        report = life().audit(chapter="00" * 32)
        assert codes(report) == {AuditCode.OTHER_CHAPTER.value}
        assert life().audit(chapter=report.chapter).status == 0

    def test_the_checkpoint_is_not_signed(self) -> None:
        files = life().files()
        files["log/checkpoint"] = sign_head(life().raws(), keys.signing_key(bytes(32)))
        assert codes(audit_files(files)) == {AuditCode.CHECKPOINT.value}

    def test_the_root_is_another(self) -> None:
        raws = life().raws()
        files = life().files()
        files["log/checkpoint"] = sign_head([*raws[:-1], raws[0]])
        assert AuditCode.ROOT.value in codes(audit_files(files))

    def test_a_tile_is_another(self) -> None:
        files = life().files()
        name = next(name for name in files if name.startswith("log/tile/0/"))
        files[name] = bytes(len(files[name]))
        assert codes(audit_files(files)) == {AuditCode.TILE.value}

    def test_a_file_is_missing(self) -> None:
        for start in ("log/tile/0/", "log/tile/entries/"):
            files = life().files()
            del files[next(name for name in files if name.startswith(start))]
            report = audit_files(files)
            assert AuditCode.FILE_MISSING.value in codes(report)
            assert report.status == 1

    def test_a_bundle_is_cut_off(self) -> None:
        files = life().files()
        name = next(name for name in files if name.startswith("log/tile/entries/"))
        files[name] = files[name][:-1]
        assert AuditCode.BUNDLE.value in codes(audit_files(files))

    @pytest.mark.parametrize(
        "name", ["log/notes", "log/tile/0/000", "log/tile/entries/000", "log/tile/9/000.p/1"]
    )
    def test_another_file_lies_with_the_log(self, name: str) -> None:
        files = life().files()
        files[name] = b"x"
        report = audit_files(files)
        assert codes(report) == {AuditCode.FILE_EXTRA.value}
        assert report.findings[0].file == name

    @pytest.mark.parametrize("field", ["chapter", "size", "root", "visibility"])
    def test_the_manifest_says_something_else(self, field: str) -> None:
        files = life().files()
        other = {"chapter": b"0" * 64, "root": b"0" * 64}
        raw = files["manifest.json"]
        if field == "size":
            raw = raw.replace(b'"size":', b'"size":9')
        elif field == "visibility":
            raw = raw.replace(b"world", b"chapter")
        else:
            start = raw.index(field.encode()) + len(field) + 3
            raw = raw[:start] + other[field] + raw[start + 64 :]
        files["manifest.json"] = raw
        assert codes(audit_files(files)) == {AuditCode.MANIFEST.value}

    def test_the_manifest_is_missing(self) -> None:
        files = life().files()
        del files["manifest.json"]
        assert codes(audit_files(files)) == {AuditCode.MANIFEST.value}

    def test_an_unknown_version_or_kind_cannot_be_checked(self) -> None:
        raws = life().raws()
        later = raws[0].replace(b'"rules":0', b'"rules":999')
        report = audit_again([later, *raws[1:]])
        assert AuditCode.UNKNOWN_RULES.value in codes(report)
        assert report.status == 2
        raws = [*raws, raws[-1].replace(b"chapters.left", b"chapters.gone")]
        report = audit_again(raws)
        assert codes(report) == {AuditCode.UNKNOWN_KIND.value}
        assert report.status == 2
        assert {check.status for check in report.checks if check.name == "rules"} == {"not_checked"}


class TestSeen:
    def test_an_earlier_checkpoint_fits(self) -> None:
        raws = life().raws()
        for size in (0, 1, len(raws) // 2, len(raws)):
            report = life().audit(seen=[sign_head(raws[:size])])
            assert report.status == 0
            assert any(check.name == "seen" and check.count == size for check in report.checks)

    def test_a_fork_is_named(self) -> None:
        raws = life().raws()
        other = [*raws[:3], raws[4], *raws[4:]]
        for size in (4, 7, len(raws)):
            report = life().audit(seen=[sign_head(other[:size])])
            assert codes(report) == {AuditCode.FORK.value}
            assert report.status == 1

    def test_the_record_is_older(self) -> None:
        report = life().audit(seen=[sign_head([*life().raws(), b"more"])])
        assert codes(report) == {AuditCode.OLDER.value}
        assert report.status == 1

    def test_a_checkpoint_of_somebody_else(self) -> None:
        foreign = sign_head(life().raws(), keys.signing_key(bytes(32)))
        for seen in (foreign, b"", b"\xff"):
            assert codes(life().audit(seen=[seen])) == {AuditCode.SEEN.value}


class TestContent:
    def words_of(self, record: Record, kind: str) -> str:
        return next(one.content[0] for one in record.entries if one.kind == kind)

    def test_a_text_is_changed(self) -> None:
        record = life()
        files = record.files()
        name = f"content/{self.words_of(record, d.Argued.kind)}"
        files[name] += b" "
        assert codes(audit_files(files)) == {AuditCode.CONTENT_HASH.value}

    def test_a_text_is_longer_than_stated(self) -> None:
        record = village()
        matter = record.propose("ann", "p")
        words = record.words("Three words here")
        record.voice_of("ben", matter, d.Argued(made("a"), matter, "pro", 3), words)
        report = record.audit()
        assert codes(report) == {AuditCode.WORDS_LENGTH.value}
        assert report.findings[0].entry == len(record.entries) - 1

    def test_a_text_is_in_another_language(self) -> None:
        record = village()
        title, text = record.words("Laba", "lt"), record.words("Diena", "lt")
        body = d.Proposed(made("p"), "en", 4, 5, 0, "pseudonymous")
        record.voice_of("ann", made("p"), body, title, text)
        assert codes(record.audit()) == {AuditCode.WORDS_LANGUAGE.value}

    def test_a_translation_is_of_another_text(self) -> None:
        record = village()
        title, text = record.words("House"), record.words("A house.")
        other = (record.words("Дом", "ru", title), record.words("Дом.", "ru", title))
        body = d.Proposed(made("p"), "en", 5, 8, 0, "pseudonymous", also=(d.Wording("ru", 3, 4),))
        record.voice_of("ann", made("p"), body, title, text, *other)
        assert codes(record.audit()) == {AuditCode.WORDS_ORIGINAL.value}

    def test_a_text_is_no_words(self) -> None:
        record = village()
        digest = record.paper(b"0123456789abcdefnothing")
        record.content[digest] = record.papers[digest]
        record.by("ann", c.DisplayNameSet(3), digest)
        assert codes(record.audit()) == {AuditCode.WORDS.value}

    def test_erased_words_are_still_there(self) -> None:
        record = village()
        record.by("ann", c.DisplayNameSet(3), record.words("Ann"))
        record.by("ann", c.DisplayNameErased(record.entries[-1].content[0]))
        report = record.audit()
        assert codes(report) == {AuditCode.ERASED_PRESENT.value}
        assert report.findings[0].entry == len(record.entries) - 1

    def test_evidence_is_missing_from_a_public_record(self) -> None:
        record = life()
        frozen = self.words_of(record, d.Frozen.kind)
        files = record.files()
        del files[f"content/{frozen}"]
        report = audit_files(files)
        assert codes(report) == {AuditCode.EVIDENCE_MISSING.value}
        argued = self.words_of(record, d.Argued.kind)
        files = record.files()
        del files[f"content/{argued}"]
        report = audit_files(files)
        assert report.status == 0
        assert any("1 are not included" in check.text for check in report.checks)

    def test_a_paper_lies_among_the_content(self) -> None:
        record = life()
        joined = next(one.body.paper for one in record.entries if one.kind == c.Joined.kind)
        files = record.files()
        files[f"content/{joined}"] = record.papers[joined]
        assert codes(audit_files(files)) == {AuditCode.PAPER_PUBLIC.value}


class TestPapers:
    def test_an_erased_tie_excuses_one_voice_of_its_matter(self) -> None:
        record = life()
        report = record.audit(papers=record.papers)
        assert report.findings == ()
        ties = [
            digest
            for one in record.entries
            if one.kind == c.TookPart.kind and one.body.of == "voice"
            for digest in one.body.hashes
        ]
        kept = {digest: raw for digest, raw in record.papers.items() if digest != ties[0]}
        report = record.audit(papers=kept)
        assert report.status == 0
        (papers,) = (check for check in report.checks if check.name == "papers")
        assert "1 were erased or not given" in papers.text

    def test_ties_of_the_last_tick_may_wait(self) -> None:
        record = village()
        record.propose("ann", "p")
        assert record.audit(papers=record.papers).status == 0
        record.pass_time(minutes=10)
        record.do(c.Left(), As.MEMBER, made("fox"), (), "fox")
        assert codes(record.audit(papers=record.papers)) == {"papers.missing"}

    def test_a_vote_from_outside_the_roll(self) -> None:
        record = village()
        matter = record.propose("ann", "p")
        record.discuss(matter, "ben", "cem")
        election = record.vote(matter)
        record.join("gil", "ann")
        record.pass_time(minutes=10)
        record.rows(matter, election, {"gil": 1}, vote=True)
        report = record.audit(papers=record.papers)
        assert [(one.code, one.entry) for one in report.findings] == [
            ("voting.not_on_roll", len(record.entries) - 1)
        ]
        assert record.audit().status == 0


CHANGES = st.sampled_from(["flip", "drop", "swap", "double", "insert", "resign", "time"])


class TestAnyChange:
    @settings(max_examples=200, deadline=None)
    @given(data=st.data())
    def test_a_changed_entry_is_found_though_all_is_signed_again(self, data: st.DataObject) -> None:
        raws = life().raws()
        last = len(raws) - 1
        change = data.draw(CHANGES)
        at = data.draw(st.integers(0, last))
        if change == "flip":
            position = data.draw(st.integers(0, len(raws[at]) - 1))
            bit = 1 << data.draw(st.integers(0, 7))
            raw = bytearray(raws[at])
            raw[position] ^= bit
            raws[at] = bytes(raw)
        elif change == "drop":
            # Without its end a record is an older one: only an earlier checkpoint shows that.
            at = min(at, last - 1)
            del raws[at]
        elif change == "swap":
            at = min(at, last - 1)
            raws[at], raws[at + 1] = raws[at + 1], raws[at]
        elif change == "double":
            raws.insert(data.draw(st.integers(at + 1, last + 1)), raws[at])
        elif change == "insert":
            other = village(signed=False).raws()
            raws.insert(at, data.draw(st.sampled_from(other)))
        elif change == "resign":
            signed = [n for n, one in enumerate(life().entries) if one.proof is not None]
            at = data.draw(st.sampled_from(signed))
            start = raws[at].index(b'"signature":"') + 13
            raws[at] = raws[at][:start] + b"ab" * 64 + raws[at][start + 128 :]
        else:
            at = data.draw(st.integers(1, last))
            moment = when(life().now + data.draw(st.integers(1, 9)) * 10 + 10_000)
            raws[at] = (
                raws[at][: raws[at].index(b'"at":"') + 6]
                + moment.encode()
                + raws[at][raws[at].index(b'"at":"') + 23 :]
            )
        seen = sign_head(life().raws())
        assert audit_again(raws, seen=[seen]).status == 1
        files = seal(raws, life().content, "world")
        files["log/checkpoint"] = seen
        assert audit_files(files).status == 1
        # Signed again, the node's own acts, the order and the times can be another history; what
        # people signed, and what follows from it, cannot.
        if change == "flip":
            start = raws[at].find(b'"at":"') + 6
            own = life().entries[at].kind in (c.TookPart.kind, d.ReactionsRecorded.kind)
            if own or start <= position < start + 17:
                return
        if change in ("flip", "double", "resign"):
            assert audit_again(raws).status != 0

    @settings(max_examples=200, deadline=None)
    @given(data=st.data())
    def test_a_changed_file_is_found(self, data: st.DataObject) -> None:
        files = life().files()
        name = data.draw(st.sampled_from(sorted(files)))
        raw = bytearray(files[name])
        position = data.draw(st.integers(0, len(raw) - 1))
        raw[position] ^= 1 << data.draw(st.integers(0, 7))
        files[name] = bytes(raw)
        assert audit_files(files).status != 0

    @settings(max_examples=100, deadline=None)
    @given(
        name=st.sampled_from(
            ["log/checkpoint", "log/vkey", "manifest.json", "log/tile/0/000.p/36"]
        ),
        junk=st.binary(max_size=300),
    )
    def test_junk_never_crashes(self, name: str, junk: bytes) -> None:
        files = life().files()
        if name == "tile":
            name = next(one for one in files if one.startswith("log/tile/entries"))
        files[name] = junk
        assert audit_files(files).status != 0
