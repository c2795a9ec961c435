"""PDFs of schools: tables as rows, forms with their answers, turned pages, and damage."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
import pypdfium2 as pdfium
import pytest

from indexers.extract.contract import Means
from indexers.extract.worker import ExtractionWorker
from tests.contracts import pdfs
from tests.contracts.files import part, read, reason

WRAPPED = (
    pdfs.SERVICES[0],
    ("Speech-language\ntherapy", "30", "2 x weekly", "Therapy\nroom"),
    *pdfs.SERVICES[2:],
)


@pytest.fixture(scope="module")
def worker() -> Iterator[ExtractionWorker]:
    with ExtractionWorker(Means(passwords=("wrong", "tiger"))) as running:
        yield running


@pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "without lines"])
@pytest.mark.parametrize("rows", [pdfs.SERVICES, WRAPPED], ids=["plain", "wrapped"])
def test_a_service_grid_comes_out_as_rows_and_cells(
    worker: ExtractionWorker, rows: tuple[tuple[str, ...], ...], ruled: bool
) -> None:
    page = read(worker, part(pdfs.table(rows, ruled=ruled))).pages[0]

    assert [table.rows for table in page.tables] == [pdfs.SERVICES]
    assert "\nSpeech-language therapy | 30 | 2 x weekly | Therapy room\n" in page.text


def test_columns_of_prose_are_no_table(worker: ExtractionWorker) -> None:
    left = ["The team met in May and", "talked about the year.", "Nobody objected to it."]
    right = ["A second meeting will be", "held when school begins.", "Parents are invited."]

    page = read(worker, part(pdfs.columns(left, right))).pages[0]

    assert (page.text, page.tables) == ("\n".join([*left, *right]) + "\n", ())


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("how", ["drawn", "shown"])
def test_a_turned_page_reads_as_one_that_is_not(
    worker: ExtractionWorker, how: str, turn: int
) -> None:
    turned = pdfs.table(turn=turn) if how == "drawn" else pdfs.rotated(pdfs.table(), turn)

    page = read(worker, part(turned)).pages[0]

    assert page.text == read(worker, part(pdfs.table())).pages[0].text
    assert page.tables[0].rows == pdfs.SERVICES


@pytest.mark.parametrize("appearance", [True, False], ids=["drawn", "values alone"])
def test_answers_stand_beside_their_questions(worker: ExtractionWorker, appearance: bool) -> None:
    """A consent form whose ticks are lost says nothing, or worse, the opposite."""
    assert read(worker, part(pdfs.form(appearance=appearance))).pages[0].text == (
        "CONSENT FOR EVALUATION\n"
        "Name of student: Ana Ruiz Grade: 4\n"
        "[x] I give my consent.\n"
        "[ ] I do not give my consent.\n"
        "Reason:\n"
        "He has had no speech since January.\n"
        "Please return this form to the office.\n"
    )


def test_what_was_typed_onto_a_page_is_read(worker: ExtractionWorker) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdfs.pdf("Parent comments:"))) as document:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[180, 752, 400, 776],
            Contents=pikepdf.String("I do not agree."), DA=pikepdf.String("/Helv 12 Tf"),
        )  # fmt: skip
        document.pages[0].Annots = document.make_indirect(pikepdf.Array([note]))
        document.save(out)

    assert read(worker, part(out.getvalue())).pages[0].text == "Parent comments: I do not agree.\n"


def test_a_line_can_be_found_again_on_the_picture_of_its_page(worker: ExtractionWorker) -> None:
    """On a page that is shown turned, too: what is at the box is ink, what is beside it is not."""
    content = pdfs.rotated(pdfs.pdf("first line\n\n\n\n\n\nand a second one"), 90)
    page = read(worker, part(content)).pages[0]
    with pdfium.PdfDocument(content) as document:
        picture = document[0].render(scale=2, grayscale=True).to_pil()
    where = {page.text[line.start :].split("\n")[0]: line for line in page.lines}

    x, y = picture.width / 10_000, picture.height / 10_000
    boxes = {}
    for words, (_, left, top, right, bottom) in where.items():
        corner = (int(left * x) - 2, int(top * y) - 2)
        boxes[words] = (*corner, int(right * x) + 3, int(bottom * y) + 3)
    assert set(boxes) == {"first line", "and a second one"}
    assert all(picture.crop(box).getextrema()[0] < 100 for box in boxes.values())
    for box in boxes.values():
        picture.paste(255, box)
    assert picture.getextrema()[0] > 200


def test_a_locked_pdf_is_opened_with_a_configured_password(worker: ExtractionWorker) -> None:
    assert read(worker, part(pdfs.pdf("inside", password="tiger"))).pages[0].text == "inside\n"
    assert "not among those" in reason(worker, part(pdfs.pdf("inside", password="other")))


def test_of_a_damaged_pdf_what_can_be_read_is_read_and_it_is_said(
    worker: ExtractionWorker,
) -> None:
    whole = pdfs.pdf(*(f"page {n} of twenty" for n in range(1, 21)))

    found = read(worker, part(whole[: len(whole) * 6 // 10]))

    assert found.pages[4].text == "page 5 of twenty\n"
    assert found.notes[0] == "The PDF is damaged; what could be read of it was read."


def test_letters_without_a_map_to_characters_are_read_all_the_same(
    worker: ExtractionWorker,
) -> None:
    """Embedded fonts whose codes mean nothing: the text layer is garbage, the picture is not."""
    out = io.BytesIO()
    lines = "\n".join(["The district refuses the request for an aide."] * 12)
    with pikepdf.open(io.BytesIO(pdfs.pdf(lines))) as document:
        for font in document.pages[0].Resources.Font.values():
            wrong = (b"1 beginbfchar <%02X> <E0%02X> endbfchar\n" % (n, n) for n in range(32, 127))
            font.ToUnicode = document.make_stream(
                b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
                b"1 begincodespacerange <00> <FF> endcodespacerange\n"
                + b"".join(wrong)
                + b"endcmap end end"
            )
        document.save(out)

    assert "The district refuses the request for an aide." in (
        read(worker, part(out.getvalue())).pages[0].text
    )
