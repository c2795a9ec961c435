"""Redaction: a name is gone from words, pixels, layers, properties; the original is as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from reports.exhibits.convert import Pages, pdf_pages
from reports.exhibits.redact import LeftOut, read_names, redactor_of
from tests.reports.exhibits.conftest import Family, mail, make_archive, pdf
from tests.reports.exhibits.test_withhold import _everything

MAYA = redactor_of({"Maya Lopez": "[M.L.]", "Maya": "[M.]", "Renée": "[R.]"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Maya Lopez was there.", "[M.L.] was there."),
        ("MAYA LOPEZ and maya's aide", "[M.L.] and [M.]'s aide"),
        ("Maya\nLopez, Maya\u00a0Lopez", "[M.L.], [M.L.]"),
        ("maya.lopez@mail.example", "[M.L.]@mail.example"),
        ("Maya_Lopez_IEP.pdf, Maya2026.pdf", "[M.L.]_IEP.pdf, [M.]2026.pdf"),
        ("M\u00e1ya, Ma\u0301ya, Ma\u00adya, Ma\u200bya", "[M.], [M.], [M.], [M.]"),
        ("Renee, RENÉE, Rene\u0301e", "[R.], [R.], [R.]"),
        ("Ma-\nya Lopez", "[M.L.]"),
        ("Mayan ruins, Himaya", "Mayan ruins, Himaya"),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, shown: str) -> None:
    assert MAYA.text(text) == shown


@given(st.text(), st.text())
def test_nothing_that_is_masked_can_still_be_found(before: str, after: str) -> None:
    shown = MAYA.text(f"{before} Maya Lopez {after}")
    assert "Maya Lopez" not in shown


def _scan(text: str) -> bytes:
    """A PDF page that is only a picture of words."""
    image = Image.new("L", (1700, 2200), "white")
    ImageDraw.Draw(image).text((200, 200), text, fill="black")
    out = BytesIO()
    image.save(out, "PDF")
    return out.getvalue()


def _darkness(page: pypdfium2.PdfPage, box: tuple[float, float, float, float]) -> float:
    """Share of black points within a box of a page, in points from the lower left."""
    image = page.render(scale=2).to_pil().convert("L")
    left, bottom, right, top = (2 * side for side in box)
    cut = image.crop((int(left), image.height - int(top), int(right), image.height - int(bottom)))
    return sum(value < 60 for value in cut.tobytes()) / (cut.width * cut.height)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_name_on_a_page_is_painted_over_before_it_is_stored(turn: int) -> None:
    """On a page that is turned, too: the box must meet the name and not its mirror image."""
    with pikepdf.Pdf.open(BytesIO(pdf("Report on Maya Lopez", "Nobody here, only words."))) as made:
        made.pages[0].Rotate = turn
        out = BytesIO()
        made.save(out)
    clean = pdf_pages(out.getvalue())
    assert isinstance(clean, Pages)

    burned, marks = MAYA.pdf(clean.pdf)

    before, after = pypdfium2.PdfDocument(clean.pdf), pypdfium2.PdfDocument(burned)
    assert after[0].get_textpage().get_text_range() == ""
    assert "Nobody here" in after[1].get_textpage().get_text_range()
    assert b"Maya" not in burned
    assert {mark.page for mark in marks} == {1}
    assert before[0].get_size() == after[0].get_size()
    # What was dark is the name and nothing else: count black points of both pages.
    whole = (0.0, 0.0, *after[0].get_size())
    gained = _darkness(after[0], whole) - _darkness(before[0], whole)
    size = after[0].get_size()
    area = sum((m.right - m.left + 2.4) * (m.top - m.bottom + 2.4) for m in marks)
    assert gained > 0.3 * area / (size[0] * size[1])
    if turn == 0:
        box = (marks[0].left, marks[0].bottom, marks[8].right, marks[8].top)
        assert _darkness(after[0], box) > 0.95


def test_a_page_that_cannot_be_searched_is_left_out() -> None:
    burned, marks = MAYA.pdf(_scan("Maya Lopez"))

    assert marks == [LeftOut(1)]
    with pikepdf.Pdf.open(BytesIO(burned)) as document:
        assert "/XObject" not in document.pages[0].Resources


def test_a_fax_header_over_a_scan_does_not_make_it_searchable() -> None:
    with pikepdf.Pdf.open(BytesIO(_scan("Maya Lopez"))) as made:
        page = made.pages[0]
        face = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                                  BaseFont=pikepdf.Name.Helvetica)  # fmt: skip
        page.Resources.Font = pikepdf.Dictionary(F=made.make_indirect(face))
        page.contents_add(b"BT /F 9 Tf 20 20 Td (FAX 03/04/2026 09:00 FROM 555-0100 P.1/1) Tj ET")
        out = BytesIO()
        made.save(out)

    assert MAYA.pdf(out.getvalue())[1] == [LeftOut(1)]


def test_a_name_in_a_documents_properties_keeps_its_original_back(
    tmp_path: Path, archive_of: Callable[..., Family]
) -> None:
    attach = [("report.pdf", "application/pdf", pdf("Only words on this page", title="Maya Lopez"))]
    names = tmp_path / "names.txt"
    names.write_text("Maya Lopez", encoding="utf-8")
    out = tmp_path / "out"
    ran = archive_of(mail("Report", "Attached.", attach=attach)).bundle(
        "--after", "2026-01-01", "--redact", str(names), "-o", str(out)
    )
    assert ran.status == 0, ran.said
    assert not list((out / "data/native").rglob("*"))
    assert [where for where, text in _everything(out) if MAYA.finds(text)] == []


@pytest.fixture(scope="module")
def redacted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Family, Path, str]:
    folder = tmp_path_factory.mktemp("redacted")
    attach = [
        ("Maya Lopez IEP.pdf", "application/pdf", pdf("IEP of Maya Lopez", "Goals", title="Maya")),
        ("notes.txt", "text/plain", b"Maya Lopez was late."),
        ("clean.pdf", "application/pdf", pdf("No names in this one")),
        ("photo.png", "image/png", _png()),
    ]
    html = "<p>Dear <b>Ma</b>ya <i>Lopez</i>,</p><table><tr><td>Maya</td><td>30</td></tr></table>"
    family = make_archive(
        folder,
        [
            mail("About Maya Lopez", "Maya was out.", attach=attach, html=html),
            mail("Calendar", "School is closed on Friday.", date="Thu, 5 Mar 2026 09:00:00 -0700"),
        ],
    )
    names = folder / "names.txt"
    names.write_text("# the child\nMaya Lopez = M.L.\nMaya\nRenée\n", encoding="utf-8")
    ran = family.bundle("--after", "2026-01-01", "--redact", str(names), "-o", str(folder / "out"))
    assert ran.status == 0, ran.said
    return family, folder / "out", ran.said


def _png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 60), "white").save(out, "PNG")
    return out.getvalue()


def test_a_redacted_name_is_nowhere_in_the_packet(redacted: tuple[Family, Path, str]) -> None:
    _, out, _ = redacted
    found = [(where, text) for where, text in _everything(out) if MAYA.finds(text)]
    assert found == []


def test_the_pages_stay_readable_around_it(redacted: tuple[Family, Path, str]) -> None:
    _, out, _ = redacted
    (first,) = (out / "data" / "exhibits").glob("001_*")
    text = "\n".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(first))

    assert "About [M.L.]" in text
    assert "Dear [M.L.]," in text
    assert "No names in this one" in text


def test_originals_with_a_name_stay_and_the_others_go_along(
    redacted: tuple[Family, Path, str],
) -> None:
    family, out, _ = redacted
    native = sorted(p.relative_to(out).as_posix() for p in out.rglob("native/**/*") if p.is_file())
    assert native == ["data/native/002_P-2/message.eml"]
    kept = b"".join(p.read_bytes() for p in (family.path / "originals").rglob("*.eml"))
    assert b"About Maya Lopez" in kept


def test_the_log_says_where_and_never_what(redacted: tuple[Family, Path, str]) -> None:
    _, out, _ = redacted
    text = (out / "data/record/redactions.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]

    assert {(row["exhibit"], row["document"], row["why"].split(",")[0]) for row in rows} == {
        ("P-1", "E-mail", "a name"),
        ("P-1", "[M.L.] IEP.pdf", "a name"),
        ("P-1", "notes.txt", "a name"),
        ("P-1", "photo.png", "a picture that cannot be searched"),
    }
    assert all(row["page"] >= 1 for row in rows)


def test_a_redacted_packet_passes_its_own_check_and_is_made_again(
    redacted: tuple[Family, Path, str], tmp_path: Path
) -> None:
    family, out, _ = redacted
    names = out.parent / "names.txt"

    again = family.bundle("--again", "1", "--redact", str(names), "-o", str(tmp_path / "again"))
    without = family.bundle("--again", "1", "-o", str(tmp_path / "bare"))

    assert "Byte for byte the same" in again.said
    assert (without.status, "another list of names" in without.said) == (2, True), without.said


def test_a_list_without_names_is_refused(tmp_path: Path, archive_of: Callable[..., Family]) -> None:
    names = tmp_path / "names.txt"
    names.write_text("# nobody\n\n", encoding="utf-8")
    ran = archive_of(mail("a", "b")).bundle(
        "--after", "2026-01-01", "--redact", str(names), "--dry-run"
    )
    assert (ran.status, "has no name in it" in ran.said) == (2, True)
    names.write_text("Maya Lopez = M.L.\n", encoding="utf-8")
    assert read_names(names).text("Maya Lopez") == "[M.L.]"
