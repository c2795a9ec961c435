"""A packet is changed in one way after another; the script that travels with it says so.

The forger is thorough: unless a test says otherwise, all manifests are made anew afterwards, and
what is found is found by what pages, originals and journal lines say of each other.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from reports.exhibits.bag import close_bag, hash_of
from reports.exhibits.check import page_digests
from tests.reports.exhibits.conftest import Family

RECORD = "data/record/exhibits.json"


def _swap_words(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def _rewrite_pdf(path: Path, change: Callable[[pikepdf.Pdf], None]) -> None:
    with pikepdf.Pdf.open(path, allow_overwriting_input=True) as document:
        change(document)
        document.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable)


def _lose_a_page(root: Path) -> None:
    def change(document: pikepdf.Pdf) -> None:
        del document.pages[3]

    _rewrite_pdf(root / "data/packet.pdf", change)


def _swap_two_pages(root: Path) -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.pages[1], document.pages[7] = document.pages[7], document.pages[1]

    _rewrite_pdf(root / "data/packet.pdf", change)


def _add_a_page(root: Path) -> None:
    _rewrite_pdf(root / "data/exhibits/001_P-1.pdf", lambda d: d.add_blank_page() and None)


def _draw_over_a_page(root: Path) -> None:
    def change(document: pikepdf.Pdf) -> None:
        page = document.pages[4]
        page.contents_add(b"1 g 0 0 300 300 re f")
        page.contents_coalesce()

    _rewrite_pdf(root / "data/packet.pdf", change)


def _change_the_picture_beneath(root: Path) -> None:
    """The stamps stay, the page that they stand beside is another's: its form is exchanged."""

    def change(document: pikepdf.Pdf) -> None:
        document.pages[3].Resources.XObject.Sheet = document.pages[7].Resources.XObject.Sheet

    _rewrite_pdf(root / "data/packet.pdf", change)


def _change_a_stamp(root: Path) -> None:
    """The page and its record are made to agree; the stamp is not the exhibit's."""

    def change(document: pikepdf.Pdf) -> None:
        page = document.pages[0]
        drawn = page.Contents.read_bytes().replace(b"(P-1 p. 1 of 1)", b"(P-9 p. 1 of 1)")
        page.Contents = document.make_stream(drawn)

    _rewrite_pdf(root / "data/exhibits/001_P-1.pdf", change)
    fresh = page_digests((root / "data/exhibits/001_P-1.pdf").read_bytes())[0]
    pages = root / "data/record/pages.jsonl"
    rows = [json.loads(line) for line in pages.read_text(encoding="utf-8").splitlines()]
    rows[0]["digest"] = fresh
    pages.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _change_a_message(root: Path) -> None:
    _swap_words(root / "data/native/001_P-1/message.eml", b"Ms. Reyes", b"Ms. Ortiz")


def _change_a_message_and_the_record(root: Path) -> None:
    """The record names the changed message; the journal's line does not know it."""
    path = root / "data/native/001_P-1/message.eml"
    before = hash_of(path)
    _change_a_message(root)
    record = root / RECORD
    record.write_text(record.read_text("utf-8").replace(before, hash_of(path)), "utf-8")


def _change_the_message_the_record_and_the_line(root: Path) -> None:
    """The line's own digest was not made anew: it does not match its link."""
    path = root / "data/native/001_P-1/message.eml"
    before = hash_of(path)
    _change_a_message_and_the_record(root)
    lines = root / "data/record/journal-lines.jsonl"
    lines.write_text(lines.read_text("utf-8").replace(before, hash_of(path)), "utf-8")


def _change_an_attachment_and_the_record(root: Path) -> None:
    """The record names the changed file; it does not stand in the message."""
    path = root / "data/native/002_P-2/02 minutes.csv"
    before = hash_of(path)
    _swap_words(path, b",30", b",60")
    record = root / RECORD
    record.write_text(record.read_text("utf-8").replace(before, hash_of(path)), "utf-8")


def _move_a_line_past_the_head(root: Path) -> None:
    record = json.loads((root / RECORD).read_bytes())
    record["head"]["entries"] = 3
    (root / RECORD).write_text(json.dumps(record), encoding="utf-8")


def _take_a_line_away(root: Path) -> None:
    lines = root / "data/record/journal-lines.jsonl"
    lines.write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[1:]))


def _leave_an_exhibit_out_of_the_record(root: Path) -> None:
    record = json.loads((root / RECORD).read_bytes())
    del record["exhibits"][1]
    (root / RECORD).write_text(json.dumps(record), encoding="utf-8")


def _renumber_a_page(root: Path) -> None:
    pages = root / "data/record/pages.jsonl"
    text = pages.read_text("utf-8").replace('"number": 4', '"number": 40', 1)
    pages.write_text(text, "utf-8")


WAYS = {
    _lose_a_page: "packet.pdf: has 8 pages, not 9",
    _swap_two_pages: "page 2 is not the page that was stamped PAR000001",
    _add_a_page: "001_P-1.pdf: has 2 pages, not 1",
    _draw_over_a_page: "page 5 is not the page that was stamped PAR000004",
    _change_the_picture_beneath: "page 4 is not the page that was stamped PAR000003",
    _change_a_stamp: "page 1 does not bear the stamp P-1 p. 1 of 1",
    _change_a_message: "is not the original of P-1",
    _change_a_message_and_the_record: "no line says that",
    _change_the_message_the_record_and_the_line: "a line was changed",
    _change_an_attachment_and_the_record: "does not stand in the message of P-2",
    _move_a_line_past_the_head: "is later than the head of the chain",
    _take_a_line_away: "no line says that",
    _leave_an_exhibit_out_of_the_record: "out of place",
    _renumber_a_page: "page 3 of P-2 is out of place",
}


def _check(root: Path, *more: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(root / "check.py"), *more],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.returncode, ran.stdout


@pytest.fixture
def copy(packet: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(packet, tmp_path / "packet"))


@pytest.mark.parametrize("tamper", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_tampering_is_found_even_with_new_manifests(
    copy: Path, tamper: Callable[[Path], None]
) -> None:
    tamper(copy)
    close_bag(copy, "2026-04-01", "Exhibits of the parent")

    status, said = _check(copy)

    assert status == 1
    assert WAYS[tamper] in said


def test_a_byte_changed_a_file_added_or_taken_away_is_found(copy: Path) -> None:
    """The everyday cases, manifests untouched."""
    packet = copy / "data/packet.pdf"
    content = bytearray(packet.read_bytes())
    content[len(content) // 2] ^= 1
    packet.write_bytes(content)
    (copy / "data/exhibits/005_P-5.pdf").write_bytes(b"%PDF-1.7")
    (copy / "data/papers/exhibit-list.csv").unlink()

    status, said = _check(copy)

    assert status == 1
    assert "data/packet.pdf: was changed" in said
    assert "data/exhibits/005_P-5.pdf: is there and is not listed" in said
    assert "data/papers/exhibit-list.csv: is listed and is not there" in said


def test_another_checking_script_is_found_by_hand(copy: Path) -> None:
    """A forged script says whatever it likes; sha256sum does not."""
    (copy / "check.py").write_text("print('Nothing is wrong.')\n")
    ran = subprocess.run(
        ["sha256sum", "-c", "--quiet", "tagmanifest-sha256.txt"],
        cwd=copy, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "check.py" in ran.stdout


def test_a_packet_made_anew_as_a_whole_is_told_by_its_seal(copy: Path, year: Family) -> None:
    """All manifests agree: only what was noted elsewhere tells the two apart."""
    seal = hash_of(copy / "tagmanifest-sha256.txt")
    journal = str(year.path / "journal.jsonl")
    assert _check(copy, "--seal", seal, "--journal", journal)[0] == 0

    note = copy / "data/papers/exhibit-list.csv"
    note.write_bytes(note.read_bytes() + b"P-5,a forged line\r\n")
    close_bag(copy, "2026-04-01", "Exhibits of the parent")

    assert _check(copy)[0] == 0  # what it cannot show, as its own text says
    status, said = _check(copy, "--seal", seal)
    assert status == 1
    assert "its seal is" in said


def test_a_journal_that_was_rewritten_does_not_reach_the_head(
    copy: Path, year: Family, tmp_path: Path
) -> None:
    forged = tmp_path / "journal.jsonl"
    lines = (year.path / "journal.jsonl").read_bytes().splitlines(keepends=True)
    forged.write_bytes(b"".join(lines[:-1]))
    assert "does not end at the head" in _check(copy, "--journal", str(forged))[1]

    forged.write_bytes(re.sub(rb'"uid":2\b', b'"uid":9', b"".join(lines)))
    assert "the chain is broken at line" in _check(copy, "--journal", str(forged))[1]


def test_a_packet_that_is_garbage_is_said_to_be_and_does_not_stop_the_script(copy: Path) -> None:
    (copy / "data/packet.pdf").write_bytes(b"%PDF-1.7\nxref nothing trailer startxref 99999\n")
    (copy / RECORD).write_bytes((copy / RECORD).read_bytes()[:200])

    status, said = _check(copy)

    assert status == 1
    assert f"{RECORD}: is missing or cannot be read" in said
