"""`civic audit` on directories, zips and junk, for people and for programs."""

import argparse
import zipfile
from pathlib import Path

import msgspec
import pytest

from civic.audit.command import add_audit_command
from civic.audit.report import Report
from tests.dishonest.chapters_cases import wrong_key
from tests.dishonest.papers_cases import other_voice
from tests.factories.life import life
from tests.factories.records import sign_head, write


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    add_audit_command(parser.add_subparsers())
    options = parser.parse_args(["audit", *map(str, arguments)])
    status: int = options.run(options)
    return status


def report(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Report:
    status = run(*arguments, "--json")
    shown = msgspec.json.decode(capsys.readouterr().out, type=Report)
    assert shown.status == status
    return shown


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write(life().files(), tmp_path / "bundle")


def test_a_directory_and_its_zip_say_the_same(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "bundle.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(bundle.rglob("*")):
            archive.write(path, path.relative_to(bundle))
    written = tmp_path / "written.zip"
    life().export(written)
    shown = report(capsys, bundle)
    assert shown.status == 0
    assert shown.size == len(life().entries)
    assert report(capsys, packed) == shown
    assert report(capsys, written) == shown


def test_the_report_for_people(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(bundle) == 0
    shown = capsys.readouterr()
    assert "inner consistency only" in shown.out
    assert "the node alone vouches" in shown.out
    assert "version 0" in shown.out
    assert "could have joined twice" in shown.out
    assert "Founded by 3, not yet verified by others." in shown.out
    assert "assurance level 0" in shown.out
    assert "Nothing wrong was found." in shown.out
    # No bar where nobody watches.
    assert shown.err == ""


def test_a_finding_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lie = wrong_key()
    folder = write(lie.record.files(), tmp_path / "bundle")
    assert run(folder) == 1
    shown = capsys.readouterr().out
    assert f"chapters.wrong_key at entry {lie.index} (chapters.left)" in shown
    assert "The act is signed with another key than recorded." in shown
    assert "The record is faulty." in shown


def test_the_chapter_asked_for(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chapter = report(capsys, bundle).chapter
    shown = report(capsys, bundle, "--chapter", chapter)
    assert shown.status == 0
    assert {check.name: check.status for check in shown.checks}["chapter"] == "passed"
    assert run(bundle, "--chapter", "0" * 64) == 1
    assert "audit.other_chapter" in capsys.readouterr().out


def test_checkpoints_seen_earlier(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raws = life().raws()
    good, fork = tmp_path / "good", tmp_path / "fork"
    good.write_bytes(sign_head(raws[:5]))
    fork.write_bytes(sign_head([*raws[:4], raws[0]]))
    assert run(bundle, "--seen", good) == 0
    assert run(bundle, "--seen", good, "--seen", fork) == 1
    assert "audit.fork" in capsys.readouterr().out
    assert run(bundle, "--seen", tmp_path / "nothing") == 2


def test_papers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lie = other_voice()
    folder = write(lie.record.files(), tmp_path / "bundle")
    papers = write(lie.record.papers, tmp_path / "papers")
    assert run(folder) == 0
    capsys.readouterr()
    shown = report(capsys, folder, "--restricted", papers)
    assert [(one.code, one.entry) for one in shown.findings] == [("papers.other_voice", lie.index)]
    assert run(folder, "--restricted", tmp_path / "nothing") == 2


def test_a_tampered_directory(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bundle / "log" / "notes.txt").write_text("psst")
    assert run(bundle) == 1
    assert "audit.file_extra in log/notes.txt" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["empty", "text", "zip", "folder", "cut", "nothing", "directory as file"]
)
def test_junk_is_refused_with_a_sentence(
    name: str, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "junk"
    match name:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("no bundle")
        case "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("hello", "world")
        case "folder":
            path.mkdir()
        case "cut":
            life().export(tmp_path / "whole.zip")
            path.write_bytes((tmp_path / "whole.zip").read_bytes()[:-100])
        case "directory as file":
            path = bundle
            (bundle / "log" / "vkey").unlink()
            (bundle / "log" / "vkey").mkdir()
    assert run(path) == 2
    shown = capsys.readouterr().out
    assert "The record could not be checked." in shown
    assert "why: " in shown


def test_a_zip_with_damaged_contents(tmp_path: Path) -> None:
    packed = tmp_path / "bundle.zip"
    life().export(packed)
    raw = bytearray(packed.read_bytes())
    for position in range(40, len(raw) - 2_000, 97):
        damaged = raw.copy()
        damaged[position] ^= 0xFF
        packed.write_bytes(damaged)
        # Not every byte of a zip says something about what is in it.
        assert run(packed) in (0, 1, 2)


@pytest.mark.parametrize("address", ["https://", "https://example.org/x", "http://c/" + "0" * 64])
def test_an_address_that_is_none(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(address) == 2
    assert "could not be checked" in capsys.readouterr().out


def test_a_token_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff")
    address = f"http://localhost:1/c/{'0' * 64}"
    assert run(address, "--token", tmp_path / "token") == 2
    assert run(address, "--token", tmp_path / "nothing") == 2
