"""A packet from end to end, by the command that a parent runs, looked at with other programs."""

from __future__ import annotations

import ast
import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bagit
import pikepdf
import pypdfium2
import pytest
from click.testing import CliRunner
from filelock import FileLock

from archiver.cli.main import cli
from tests.reports.exhibits.conftest import Family, mail, make_archive, pdf


def _texts(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in document]


def _files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_every_page_bears_its_exhibit_and_its_number(packet: Path) -> None:
    texts = _texts(packet / "data" / "packet.pdf")[1:]  # the first page is the exhibit list

    pages = [1, 5, 1, 1]
    numbered = [(n, p, of) for n, of in enumerate(pages, 1) for p in range(1, of + 1)]
    for number, (text, (exhibit, page, of)) in enumerate(zip(texts, numbered, strict=True), 1):
        assert f"P-{exhibit} p. {page} of {of}" in text
        assert f"PAR{number:06d}" in text


def test_a_stamp_covers_nothing_of_the_page(packet: Path) -> None:
    """The line at the very foot of the attached page is still there, above the margin."""
    document = pypdfium2.PdfDocument(packet / "data" / "exhibits" / "002_P-2.pdf")
    words = document[1].get_textpage()
    found = words.search("foot of: Draft IEP one").get_next()
    stamp = words.search("P-2 p. 2 of 5").get_next()
    assert found is not None
    assert stamp is not None

    lowest_of_page = min(words.get_charbox(found[0] + i)[1] for i in range(found[1]))
    highest_of_stamp = max(words.get_charbox(stamp[0] + i)[3] for i in range(stamp[1]))
    assert lowest_of_page > highest_of_stamp + 10


def test_the_bookmarks_lead_to_each_exhibit_and_its_attachments(packet: Path) -> None:
    with pikepdf.Pdf.open(packet / "data" / "packet.pdf") as document:
        assert document.check_pdf_syntax() == []
        places = {page.objgen: i for i, page in enumerate(document.pages)}
        with document.open_outline() as outline:
            marks = [
                (item.title, places[item.destination[0].objgen], [c.title for c in item.children])
                for item in outline.root
            ]

    assert marks == [
        ("Exhibit list", 0, []),
        ("P-1  2026-03-04  E-mail, “Speech this week”", 1, []),
        (
            "P-2  2026-03-05  E-mail, “Draft IEP”, with 3 attachments",
            2,
            ["E-mail", "Draft IEP.pdf", "minutes.csv", "voice.mp3"],
        ),
        ("P-3  2026-03-06  E-mail, “Señora López — ünïcödé 漢字”", 7, []),
        ("P-4  2026-03-07  E-mail, “Re: Draft IEP”", 8, []),
    ]


def test_the_mail_is_shown_as_its_reader_saw_it_and_nothing_is_loaded(packet: Path) -> None:
    (text,) = _texts(packet / "data" / "exhibits" / "003_P-3.pdf")

    assert "El niño recibió 30 minutos." in text.replace("\r\n", "\n")
    assert all(word in text for word in ("één", "два", "Mon", "30", "ünïcödé"))
    assert "[picture from tracker.example not loaded: logo]" in text
    assert "alert" not in text


def test_the_list_gives_number_date_people_pages(packet: Path) -> None:
    with (packet / "data" / "papers" / "exhibit-list.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))

    assert rows[2] == [
        "P-2", "2026-03-05", "E-mail, “Draft IEP”, with 3 attachments", "Dana Ortiz → Mum", "5",
        "PAR000002–PAR000006",
    ]  # fmt: skip
    assert len(rows) == 5


def test_the_packet_is_a_valid_bag_with_the_originals_in_it(packet: Path, year: Family) -> None:
    assert bagit.Bag(str(packet)).validate()
    message = packet / "data" / "native" / "002_P-2" / "message.eml"
    originals = {path.read_bytes() for path in (year.path / "originals").rglob("*.eml")}
    assert message.read_bytes() in originals
    assert (message.parent / "01 Draft IEP.pdf").read_bytes() == pdf(
        "Draft IEP one", "Draft IEP two"
    )


def test_a_stranger_can_check_it_without_the_program(packet: Path, tmp_path: Path) -> None:
    """-I and -S: no installed package, no current folder, no environment."""
    copy = tmp_path / "handed over"
    shutil.copytree(packet, copy)
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(copy / "check.py")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Nothing is wrong." in ran.stdout


def test_the_script_needs_python_3_9_and_nothing_else(packet: Path) -> None:
    """The stranger's computer is old: no newer grammar, and nothing to install."""
    tree = ast.parse((packet / "check.py").read_text(encoding="utf-8"), feature_version=(3, 9))
    found = list(ast.walk(tree))
    names = [a.name for node in found if isinstance(node, ast.Import) for a in node.names]
    names += [node.module or "" for node in found if isinstance(node, ast.ImportFrom)]
    imported = {name.split(".")[0] for name in names}
    assert imported <= sys.stdlib_module_names


def test_the_witness_list_names_everyone_and_where_they_stand(packet: Path) -> None:
    from docx import Document

    (table,) = Document(str(packet / "data" / "papers" / "witness-list.docx")).tables
    assert [[cell.text for cell in row.cells][:4] for row in table.rows[1:]] == [
        ["Dana Ortiz", "dana@school.example", "school", "P-1 to P-4"],
        ["Mum", "mum@mail.example", "parent", "P-1 to P-4"],
    ]


def test_the_chronology_cites_exhibit_and_page_and_only_what_is_in_the_packet(
    packet: Path,
) -> None:
    with (packet / "data" / "papers" / "chronology.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert {(row["Exhibit"], row["Page number"]) for row in rows} <= {
        ("P-1", "PAR000001"), ("P-2", "PAR000002"), ("P-2", "PAR000003"), ("P-2", "PAR000004"),
        ("P-2", "PAR000005"), ("P-3", "PAR000007"), ("P-4", "PAR000008"),
    }  # fmt: skip
    missed = next(row for row in rows if "cancelled" in row["In the words of the record"])
    assert (missed["Exhibit"], missed["Status"]) == ("P-1", "suggested")


def _told(out: Path) -> dict[str, str]:
    """What a packet's chronology says happened, by exhibit."""
    with (out / "data" / "papers" / "chronology.csv").open(encoding="utf-8") as file:
        return {row["Exhibit"]: row["What"] for row in csv.DictReader(file)}


def test_what_speaks_to_a_line_names_its_exhibit_and_nothing_outside_the_packet(
    archive_of: Callable[..., Family], tmp_path: Path
) -> None:
    parent = {"sender": "Rosa Lopez <mum@mail.example>", "to": "dana@school.example"}
    family = archive_of(
        mail("Services", "We propose to reduce speech to 30 minutes a week."),
        mail("Re: Services", "I do not agree with the reduction of speech.",
             date="Thu, 5 Mar 2026 09:00:00 -0700", **parent),
        mail("Speech", "Maya had speech on March 10, 30 minutes.",
             date="Tue, 10 Mar 2026 09:00:00 -0700"),
        mail("Speech again", "There was no speech on March 10.",
             date="Wed, 11 Mar 2026 09:00:00 -0700", **parent),
    )  # fmt: skip
    names = tmp_path / "names.txt"
    names.write_text("Rosa Lopez\n")

    def packed(case: str, *more: str) -> dict[str, str]:
        out = tmp_path / case
        ran = family.bundle("-o", str(out), "--case", case, "--after", "2026-03-01", *more)
        assert ran.status == 0, ran.said
        return _told(out)

    told = packed("all")
    against = "Also reported as not given, by Rosa Lopez (Tue, March 10, 2026). See P-4."
    assert against in told["P-3"]
    assert "Also reported as given, by Dana Ortiz (Tue, March 10, 2026). See P-3." in told["P-4"]
    hidden = packed("hidden", "--redact", str(names))
    assert "Also reported as not given, by " in hidden["P-3"]
    assert "Rosa" not in str(hidden)
    assert "Also reported" not in str(packed("some", "--before", "2026-03-11"))


def test_the_drafts_are_not_signed(packet: Path) -> None:
    from docx import Document

    for name in ("certificate-of-service", "declaration"):
        document = Document(str(packet / "data" / "papers" / f"{name}.docx"))
        text = "\n".join(p.text for p in document.paragraphs)
        assert "not signed" in text
        assert "Signature: ____" in text


def test_made_again_it_has_the_same_bytes(year: Family, packet: Path, tmp_path: Path) -> None:
    """Even after the archive went on and the clock did too."""
    out = tmp_path / "again"
    ran = year.bundle("--again", "1", "-o", str(out))

    assert ran.status == 0, ran.said
    assert "Byte for byte the same" in ran.said
    assert _files(out) == _files(packet)


def test_a_supplement_goes_on_where_the_packet_ended(
    tmp_path: Path,
) -> None:
    family = make_archive(
        tmp_path,
        [
            mail("One", "First.", date="Wed, 4 Mar 2026 09:00:00 -0700"),
            mail("Two", "Second.", date="Thu, 5 Mar 2026 09:00:00 -0700"),
            mail("Older", "Found late.", date="Mon, 2 Feb 2026 09:00:00 -0700"),
        ],
    )
    first = family.bundle("--after", "2026-03-01", "-o", str(tmp_path / "one"))
    second = family.bundle("--after", "2026-01-01", "-o", str(tmp_path / "two"))
    again = family.bundle("--after", "2026-01-01")

    assert (first.status, second.status) == (0, 0), second.said
    record = json.loads((tmp_path / "two/data/record/exhibits.json").read_bytes())
    assert [(e["label"], e["first"], e["from"]) for e in record["exhibits"]] == [
        ("P-3", 3, "Dana Ortiz")
    ]
    assert again.status == 2
    assert "exhibits already, in volume 1, 2" in again.said


def test_two_packets_at_a_time_are_not_given_the_same_numbers(tmp_path: Path) -> None:
    family = make_archive(tmp_path, [mail("One", "First."), mail("Two", "Second.")])
    cases = family.path / "exports" / "exhibits" / "hearing"
    cases.mkdir(parents=True)
    with FileLock(cases / ".lock"):
        ran = family.bundle("--search", "First", "-o", str(tmp_path / "one"))

    assert (ran.status, "is working on" in ran.said) == (3, True), ran.said
    assert not (tmp_path / "one").exists()


def test_numbers_are_on_record_before_the_packet_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut between the two must not let the same numbers go out twice."""
    seen: list[bool] = []
    family = make_archive(tmp_path, [mail("One", "First.")])
    register = family.path / "exports" / "exhibits" / "hearing" / "register.json"
    place = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if Path(target) == tmp_path / "out":
            seen.append(register.exists())
        return place(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setenv("PAPERTRAIL_NO_OFFICE", "1")
    arguments = ["--config", str(family.config), "bundle", "--after", "2026-01-01"]
    done = CliRunner().invoke(cli, [*arguments, "-o", str(tmp_path / "out")])

    assert done.exit_code == 0, done.output
    assert seen == [True]


def test_a_dry_run_lists_every_document_and_gives_out_no_number(
    tmp_path: Path,
) -> None:
    family = make_archive(
        tmp_path, [mail("One", "First.", attach=[("a.pdf", "application/pdf", pdf("A"))])]
    )
    before = _files(family.path / "exports") if (family.path / "exports").exists() else {}
    ran = family.bundle("--search", "First", "--dry-run")

    assert ran.status == 0, ran.said
    assert "P-1" in ran.said
    assert "a.pdf" in ran.said
    after = _files(family.path / "exports") if (family.path / "exports").exists() else {}
    assert after == before
