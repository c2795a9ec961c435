"""Scans, faxes and photographs: their writing is read, the right way up, with its tables."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest
from PIL import Image

from benchmarks.scans import GRID, errors, grid, letter, render, scans
from indexers.extract import ocr
from indexers.extract.contract import Means
from indexers.extract.worker import ExtractionWorker
from tests.contracts.files import part, read, reason
from tests.contracts.pdfs import pdf, scan


@pytest.fixture(scope="module")
def worker() -> Iterator[ExtractionWorker]:
    with ExtractionWorker() as running:
        yield running


def saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "dpi", "most"),
    [
        ("fax", 150, 0.01),
        ("noise, 1 degree", 200, 0.01),
        ("turned 90", 150, 0.01),
        ("shaded photo", 150, 0.03),
    ],
)
def test_a_scanned_letter_is_read_almost_without_mistakes(kind: str, dpi: int, most: float) -> None:
    page, text = letter()

    read = ocr.recognise(scans()[kind](render(page, dpi), random.Random(1)), dpi)

    assert errors(read.text, text) < most


def test_the_service_grid_of_a_scanned_iep_has_its_rows_and_cells(
    worker: ExtractionWorker,
) -> None:
    content = scan(render(grid(), 200).rotate(0.7, Image.Resampling.BICUBIC, fillcolor=255))

    page = read(worker, part(content)).pages[0]

    def close(rows: tuple[tuple[str, ...], ...]) -> list[list[str]]:
        """Without spaces: whether there is one in "2 x weekly" is beyond any reader."""
        return [[cell.replace(" ", "") for cell in row] for row in rows]

    assert close(page.tables[0].rows) == close(GRID)
    assert "\nCounseling | 20 | " in page.text


def test_of_a_picture_that_was_cut_off_what_is_left_is_read(worker: ExtractionWorker) -> None:
    content = saved(
        render(pdf("Please excuse the absence\nof the therapist on March 4."), 150), "JPEG"
    )

    found = read(worker, part(content[: len(content) * 9 // 10]))

    assert "excuse the absence" in found.pages[0].text
    assert found.notes[0] == "The picture is cut off; what is left of it was read."


def test_a_phones_picture_that_lies_on_its_side_by_exif(worker: ExtractionWorker) -> None:
    upright = render(
        pdf("Please excuse the absence of the therapist.\nShe was ill on March 4."), 150
    )
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise to be seen
    sideways = saved(upright.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)

    page = read(worker, part(sideways, "image/jpeg", "IMG_1.jpg")).pages[0]

    assert "absence of the therapist" in page.text
    assert page.lines[0].top < page.lines[1].top < 2000  # places are those of the picture as seen


def test_the_pages_of_a_fax_are_pages(worker: ExtractionWorker) -> None:
    pages = [render(pdf(f"This is page {name} of the fax."), 150).convert("1") for name in
             ("one", "two")]  # fmt: skip
    fax = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="group4")

    found = read(worker, part(fax, "image/tiff"))

    assert [(p.number, p.text) for p in found.pages] == [
        (1, "This is page one of the fax.\n"),
        (2, "This is page two of the fax.\n"),
    ]


def test_a_picture_without_writing_says_so(worker: ExtractionWorker) -> None:
    sky = Image.linear_gradient("L").resize((700, 500))

    assert "no writing" in reason(worker, part(saved(sky, "PNG"), "image/png"))
    assert "logo" in reason(worker, part(saved(sky.resize((90, 40)), "PNG"), "image/png"))


def test_without_ocr_it_is_said_what_would_help() -> None:
    with ExtractionWorker(Means(ocr=False)) as worker:
        scanned = scan(render(pdf("Notice of refusal"), 100))

        assert "[attachments] ocr = false" in reason(worker, part(scanned))


def test_the_systems_tesseract_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package has no wheel, a program on PATH takes its place."""
    page, text = letter()
    picture = render(page, 150).transpose(Image.Transpose.ROTATE_180)
    monkeypatch.setattr(ocr, "_means", lambda: "program" if ocr.shutil.which("tesseract") else "")
    if not ocr.shutil.which("tesseract"):
        with pytest.raises(ocr.NoOcrError, match="Tesseract"):
            ocr.recognise(picture, 150)
        return

    found = ocr.recognise(picture, 150)

    assert (found.turned, errors(found.text, text) < 0.02) == (180, True)
