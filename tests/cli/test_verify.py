"""`papertrail verify` finds what was done to an archive; `rebuild` makes the rest anew."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.archive import Archive, write_archive
from archiver.catalogue import Catalogue, place_facts
from archiver.disk import Disk
from archiver.journal import EntryKind
from archiver.model import Place
from archiver.progress import Silent
from archiver.verify import Finding, FindingKind, verify
from tests.cli.conftest import letter


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of three messages, made without a server."""
    path = tmp_path / "Paper Trail"
    with write_archive(path) as opened:
        for uid in (1, 2, 3):
            keep(opened, uid, letter(uid))
    return path


def keep(archive: Archive, uid: int, raw: bytes) -> None:
    staged = archive.vault.stage([raw])
    archive.vault.keep([staged])
    facts = {
        **place_facts(Place("family", "INBOX", 7, uid)),
        "sha256": staged.digest,
        "size": staged.size,
        "standing": "school",
    }
    archive.record([(EntryKind.RECEIVED, facts)])


def found(archive: Path) -> list[tuple[str, str]]:
    return [(f.kind.value, f.where) for f in verify(archive, Silent()).findings]


def original(archive: Path, number: int) -> Path:
    digest = hashlib.sha256(letter(number)).hexdigest()
    return archive / "originals" / digest[:2] / f"{digest}.eml"


def edit(archive: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = archive / "journal.jsonl"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def where(archive: Path, number: int) -> str:
    return original(archive, number).relative_to(archive).as_posix()


def test_an_untouched_archive_is_in_order(archive: Path) -> None:
    assert verify(archive, Silent()).findings == ()


def test_one_changed_byte_in_an_original_is_found(archive: Path) -> None:
    path = original(archive, 2)
    path.chmod(0o644)
    raw = bytearray(path.read_bytes())
    raw[10] ^= 1
    path.write_bytes(raw)

    assert found(archive) == [("altered", where(archive, 2))]


def test_a_deleted_original_is_found(archive: Path) -> None:
    original(archive, 2).unlink()

    assert found(archive) == [("missing", where(archive, 2))]


@pytest.mark.parametrize("name", ["originals/zz/planted.eml", "originals/note.txt"])
def test_a_file_that_was_added_is_found(archive: Path, name: str) -> None:
    path = archive / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"From: school@school.example\r\n\r\nwe agree to everything\r\n")

    assert found(archive) == [("unexpected", name)]


def test_an_original_moved_to_another_folder_is_found(archive: Path) -> None:
    path = original(archive, 1)
    (archive / "originals" / "zz").mkdir()
    path.rename(archive / "originals" / "zz" / path.name)

    assert {kind for kind, _ in found(archive)} == {"missing", "unexpected"}


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_an_edited_journal_line_is_found_the_last_one_too(archive: Path, line: int) -> None:
    def change(lines: list[bytes]) -> list[bytes]:
        lines[line] = lines[line].replace(b'"at":"20', b'"at":"19', 1)
        return lines

    edit(archive, change)

    assert ("broken chain", f"journal.jsonl:{line + 1}") in found(archive)


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_removed_journal_line_is_found(archive: Path, line: int) -> None:
    edit(archive, lambda lines: lines[:line] + lines[line + 1 :])

    assert any(kind == "broken chain" for kind, _ in found(archive))


def test_swapped_journal_lines_are_found(archive: Path) -> None:
    edit(archive, lambda lines: [lines[0], lines[2], lines[1], lines[3]])

    assert any(kind == "broken chain" for kind, _ in found(archive))


def test_lines_cut_off_the_end_are_found_by_the_catalogue(archive: Path) -> None:
    edit(archive, lambda lines: lines[:-1])

    kinds = {kind for kind, _ in found(archive)}
    assert kinds == {"cut short", "unexpected"}


def test_nothing_is_written_on_top_of_a_journal_that_was_cut(archive: Path) -> None:
    edit(archive, lambda lines: lines[:-1])
    before = (archive / "journal.jsonl").read_bytes()

    from archiver.journal_file import JournalDamagedError

    with pytest.raises(JournalDamagedError, match="cut off"), write_archive(archive):
        pass
    assert (archive / "journal.jsonl").read_bytes() == before


def test_a_journal_rewritten_with_all_its_links_is_found_by_the_catalogue(archive: Path) -> None:
    """A careful forger makes the chain anew; the catalogue remembers the old head."""
    from archiver.journal import Head, read_chain, write_entry

    path = archive / "journal.jsonl"
    lines, head = [], Head()
    for entry, _ in read_chain(path.read_bytes().splitlines(keepends=True)):
        facts = {**entry.facts, **({"standing": "family"} if entry.number == 2 else {})}
        line, _, head = write_entry(head, entry.at, entry.kind, facts)
        lines.append(line)
    path.write_bytes(b"".join(lines))

    assert [kind for kind, _ in found(archive)] == ["cut short"]


def test_a_catalogue_that_lies_is_found(archive: Path) -> None:
    import sqlite3

    with sqlite3.connect(archive / "derived" / "catalogue.sqlite") as db:
        db.execute("DELETE FROM receipts WHERE uid = 2")

    assert verify(archive, Silent()).findings == (
        Finding(
            FindingKind.CATALOGUE,
            "derived/catalogue.sqlite",
            "It does not say what the journal says; `papertrail rebuild` makes it anew.",
        ),
    )


def test_a_torn_last_line_is_set_aside_and_reported_and_the_chain_goes_on(archive: Path) -> None:
    path = archive / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"account":"family","at":"2026-0')

    with write_archive(archive) as opened:
        keep(opened, 4, letter(4))
        assert [file for _, file in opened.catalogue.repairs()]

    assert path.read_bytes().startswith(whole)
    torn = list(archive.glob("journal.torn-*"))
    assert [t.read_bytes() for t in torn] == [b'{"account":"family","at":"2026-0']
    assert verify(archive, Silent()).findings == ()


def test_a_crash_before_the_journal_leaves_a_file_that_is_reported_and_then_listed(
    archive: Path,
) -> None:
    opened = Archive(archive)
    opened.vault.keep([opened.vault.stage([letter(9)])])
    assert found(archive) == [("unexpected", where(archive, 9))]

    with write_archive(archive) as again:
        keep(again, 9, letter(9))

    assert found(archive) == []


def test_a_deleted_catalogue_comes_back_with_the_same_content(archive: Path) -> None:
    def dump() -> list[str]:
        catalogue = Catalogue(archive / "derived" / "catalogue.sqlite", Disk())
        try:
            return catalogue.dump()
        finally:
            catalogue.close()

    before = dump()
    shutil.rmtree(archive / "derived")
    with write_archive(archive):
        pass

    assert dump() == before


def test_originals_without_a_journal_are_never_given_a_new_one(archive: Path) -> None:
    from archiver.journal_file import JournalDamagedError

    (archive / "journal.jsonl").unlink()
    shutil.rmtree(archive / "derived")

    with pytest.raises(JournalDamagedError, match="the journal is gone"), write_archive(archive):
        pass
    assert not (archive / "journal.jsonl").exists()


def test_a_stranger_can_check_the_archive_with_what_its_readme_says(archive: Path) -> None:
    """README.txt, followed to the letter, in a folder without this program."""
    readme = (archive / "README.txt").read_text("utf-8")
    script = readme.split("Python 3.\n\n")[1].split("\n\n\nHOW TO")[0]
    (archive / "check.py").write_text("\n".join(line[2:] for line in script.splitlines()))

    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "check.py"],
            cwd=archive,
            capture_output=True,
            text=True,
            check=False,
        )

    good = check()
    assert good.returncode == 0, good.stderr
    assert "4 journal lines and 3 originals are in order" in good.stdout
    head = json.loads((archive / "journal.jsonl").read_text().splitlines()[-1])["link"]
    assert head in good.stdout

    original(archive, 1).chmod(0o644)
    original(archive, 1).write_bytes(b"altered")
    assert "changed: " in check().stderr


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not on this machine")
def test_the_shell_lines_of_the_readme_find_a_changed_original(archive: Path) -> None:
    readme = (archive / "README.txt").read_text("utf-8")
    shell = readme.split("In this folder, run:\n\n")[1].split("\n\nNo output")[0]

    def check() -> str:
        return subprocess.run(
            ["sh", "-c", shell], cwd=archive, capture_output=True, text=True, check=True
        ).stdout

    assert check() == ""
    original(archive, 1).chmod(0o644)
    original(archive, 1).write_bytes(b"altered")
    assert check() == f"CHANGED: {where(archive, 1)}\n"
