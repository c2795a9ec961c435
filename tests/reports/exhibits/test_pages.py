"""Mail and attachments as pages: complete, upright, harmless, nothing lost in silence."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from indexers.mime import read_message
from reports.exhibits.apart import Apart
from reports.exhibits.html_blocks import html_blocks
from reports.exhibits.office import find_office
from reports.exhibits.pages import Made, PageMaker
from reports.exhibits.profiles import load_profile
from reports.exhibits.stamp import stamped
from reports.exhibits.typeset import Typesetter
from tests.reports.exhibits.conftest import mail, pdf

PROFILE = load_profile("default")
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture(scope="module")
def maker() -> Iterator[PageMaker]:
    with Typesetter() as setter, Apart(timeout_s=60) as apart:
        yield PageMaker(PROFILE.frame, ZoneInfo("America/Phoenix"), setter, None, apart)


@pytest.fixture
def made(maker: PageMaker) -> Callable[[bytes], list[Made]]:
    return lambda raw: list(maker.sections(raw, read_message(raw)))


def _text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def _form() -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=True)
    canvas.drawString(72, 700, "Minutes:")
    canvas.acroForm.textfield(name="minutes", value="30 per week", x=200, y=690)
    canvas.save()
    return out.getvalue()


def _changed(content: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = BytesIO()
    with pikepdf.Pdf.open(BytesIO(content)) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def _turned(by: int) -> bytes:
    def turn(document: pikepdf.Pdf) -> None:
        document.pages[0].Rotate = by

    return _changed(pdf("Turned page"), turn)


def _cut() -> bytes:
    """The crop box is what a reader sees; a trim box inside it must not cut anything off."""

    def crop(document: pikepdf.Pdf) -> None:
        document.pages[0].CropBox = [40, 300, 560, 780]
        document.pages[0].TrimBox = [300, 500, 560, 600]

    return _changed(pdf("Cropped page"), crop)


ODD = {
    "upright": pdf("Upright page"),
    "turned by 90": _turned(90),
    "turned by 180": _turned(180),
    "turned by 270": _turned(270),
    "landscape": pdf("Landscape page", landscape=True),
    "cropped": _cut(),
    "form": _form(),
}


@pytest.mark.parametrize("how", ODD)
def test_an_attached_page_looks_as_in_a_reader(
    how: str, made: Callable[[bytes], list[Made]], tmp_path: Path
) -> None:
    """The page within the frame is, point for point, what a reader shows of the attachment."""
    section = made(mail("a", "b", attach=[("a.pdf", PDF, ODD[how])]))[1]
    out = tmp_path / "exhibit.pdf"
    stamped([section.pdf], PROFILE, lambda _: ("P-1 p. 1 of 1", "PAR000001"), out)

    source = pypdfium2.PdfDocument(ODD[how])
    source.init_forms()
    wide, high = source[0].get_size()
    frame_wide, frame_high = PROFILE.frame
    shrunk = min(frame_wide / wide, frame_high / high, 1)
    wanted = source[0].render(scale=2 * shrunk, may_draw_forms=True).to_pil().convert("L")
    shown = pypdfium2.PdfDocument(out)[0].render(scale=2).to_pil().convert("L")
    left = int(frame_wide - wide * shrunk)
    top = int(frame_high - high * shrunk)
    cut = shown.crop((left, top, left + wanted.width, top + wanted.height))

    assert min(wanted.getextrema()) < 60, "there is something to see"
    difference = ImageChops.difference(_blurred(wanted), _blurred(cut))
    assert max(difference.getextrema()) < 90, how


def _blurred(image: Image.Image) -> Image.Image:
    """Small shifts of half a point do not count."""
    from PIL import ImageFilter

    return image.filter(ImageFilter.GaussianBlur(3))


def test_what_was_filled_into_a_form_is_in_the_words_of_the_page(
    made: Callable[[bytes], list[Made]],
) -> None:
    assert "30 per week" in _text(made(mail("a", "b", attach=[("f.pdf", PDF, _form())]))[1].pdf)


def _bomb() -> bytes:
    """A page of three kilobytes that unpacks to three gigabytes."""
    packer = zlib.compressobj(9)
    block = b"0 0 m 1 1 l S " * 75_000
    packed = b"".join(packer.compress(block) for _ in range(400)) + packer.flush()
    outer = zlib.compress(packed, 9)

    def load(document: pikepdf.Pdf) -> None:
        filters = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
        document.pages[0].Contents = pikepdf.Stream(document, outer, Filter=filters)

    return _changed(pdf("bomb"), load)


def _locked() -> bytes:
    out = BytesIO()
    with pikepdf.Pdf.open(BytesIO(pdf("locked"))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "kind", "content", "why"),
    [
        ("bomb.pdf", PDF, _bomb(), "its pages hold more than can be drawn"),
        ("locked.pdf", PDF, _locked(), "the PDF is encrypted and needs a password"),
        ("broken.pdf", PDF, b"%PDF-1.7 no more", "the PDF is damaged"),
        ("broken.png", "image/png", b"\x89PNG\r\n\x1a\n no", "the picture cannot be opened"),
        ("minutes.xlsx", "application/vnd.ms-excel", b"PK..", "it is a spreadsheet"),
        ("voice.mp3", "audio/mpeg", b"ID3", "it is a recording"),
        ("letter.docx", DOCX, b"PK..", "LibreOffice is not on this computer"),
    ],
)
def test_what_cannot_be_shown_is_said_and_costs_nothing_else(
    name: str, kind: str, content: bytes, why: str, made: Callable[[bytes], list[Made]]
) -> None:
    raw = mail("a", "b", attach=[(name, kind, content), ("n.txt", "text/plain", b"after it")])

    _, bad, good = made(raw)

    assert bad.section.how.startswith(f"file only: {why}")
    assert (bad.section.pages, bad.section.content is not None) == (1, True)
    assert name in _text(bad.pdf)
    assert "after it" in _text(good.pdf)


def test_a_child_that_does_not_answer_is_given_up() -> None:
    with Apart(timeout_s=0.5, command=["sleep", "30"]) as apart:
        said, files = apart.ask("pdf", b"%PDF-1.7")

    assert (said, files) == ({"reason": "reading it took longer than 0 seconds"}, [])


def test_mail_cannot_speak_to_the_typesetter(made: Callable[[bytes], list[Made]]) -> None:
    """Text that would be an instruction in typst stays the text that it is."""
    body = '#panic("x") #read("/etc/passwd") *bold* _em_ $x$ `raw` <label> @ref \\ // note'
    text = _text(made(mail("#set text(fill: white)", body))[0].pdf)

    assert body in text.replace("\r\n", " ")
    assert "#set text(fill: white)" in text


@pytest.mark.parametrize("form", ["plain", "html"])
def test_a_line_without_spaces_does_not_run_off_the_paper(
    form: str, made: Callable[[bytes], list[Made]]
) -> None:
    """Links of tracking services have hundreds of characters; what runs off is lost."""
    long = "x" * 90 + "Q" * 300
    raw = mail("a", long) if form == "plain" else mail("a", "b", html=f"<p>See <b>{long}</b></p>")
    # A message's own encoding may not cut the line: quoted-printable keeps it whole.
    page = pypdfium2.PdfDocument(made(raw)[0].pdf)[0]
    words = page.get_textpage()
    boxes = [words.get_charbox(i) for i in range(words.count_chars())]

    assert words.get_text_range().count("Q") == 300
    assert max(box[2] for box in boxes) < PROFILE.frame[0] - 50


@settings(max_examples=60)
@given(st.text(alphabet="<>/=\"' abdeiprtuvhlimgqsn#&;\n", max_size=200))
def test_any_html_gives_blocks(html: str) -> None:
    for block in html_blocks(html, lambda _: None):
        assert block["k"]


def test_html_of_every_kind_can_be_typeset(made: Callable[[bytes], list[Made]]) -> None:
    deep = "<blockquote>" * 300 + "deep" + "</blockquote>" * 300
    rows = "<tr><td>a</td><td colspan=9>b</td></tr><tr><td></td></tr>"
    html = (
        f"{deep}<table>{rows}</table><table><tr></tr></table><ul><ol><li>x</li></ol>y</ul>"
        "<img src='data:image/png;base64,AAAA'><img src=cid:none><img width=1 src='http://x/'>"
        "<h1></h1><h3>Head</h3><p style='display:none'>hidden</p><pre>a\n  b</pre><hr>"
        f"<div>{'<div>' * 500}inmost"
    )
    text = _text(made(mail("a", "b", html=html))[0].pdf)

    assert all(word in text for word in ("deep", "Head", "inmost"))
    assert "hidden" not in text


def test_a_message_with_nothing_in_it_has_a_page(made: Callable[[bytes], list[Made]]) -> None:
    (only,) = made(b"From: a@school.example\r\n\r\n")

    text = _text(only.pdf)
    assert "(no subject)" in text
    assert "not stated" in text
    assert "This message has no text of its own." in text


def test_a_mail_within_a_mail_is_shown_with_what_it_brought(
    made: Callable[[bytes], list[Made]],
) -> None:
    inner = mail("Inner", "From within.", attach=[("in.pdf", PDF, pdf("inside"))])
    section = made(mail("Outer", "See.", attach=[("in.eml", "message/rfc822", inner)]))[1]

    assert section.section.pages == 2
    assert "From within." in _text(section.pdf)
    assert "inside" in _text(section.pdf)


def test_a_photograph_stands_upright_and_brings_no_properties(
    made: Callable[[bytes], list[Made]],
) -> None:
    """A telephone stores pictures on their side and says so in EXIF, next to where it was."""
    photo = Image.new("RGB", (400, 200), "white")
    photo.paste("black", (0, 0, 400, 20))
    exif = photo.getexif()
    exif[0x0112], exif[0x010E] = 6, "Taken at 12 Home Street"
    out = BytesIO()
    photo.save(out, "JPEG", exif=exif)
    section = made(mail("a", "b", attach=[("IMG.jpg", "image/jpeg", out.getvalue())]))[1]

    assert b"Home Street" not in section.pdf
    page = pypdfium2.PdfDocument(section.pdf)[0].render().to_pil().convert("L")
    black = page.point(lambda value: 255 * (value < 60)).getbbox()
    assert black is not None
    assert black[3] - black[1] > 4 * (black[2] - black[0]), "the bar is on its side"


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_a_word_file_is_made_into_pages_by_libreoffice(tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph("Prior written notice, with señal.")
    out = BytesIO()
    document.save(out)
    raw = mail("a", "b", attach=[("PWN.docx", DOCX, out.getvalue())])
    with Typesetter() as setter, Apart() as apart:
        office = find_office(tmp_path)
        maker = PageMaker(PROFILE.frame, ZoneInfo("UTC"), setter, office, apart)
        first = list(maker.sections(raw, read_message(raw)))[1]
        again = list(maker.sections(raw, read_message(raw)))[1]

    assert "Prior written notice, with señal." in _text(first.pdf)
    assert first.section.how.startswith("LibreOffice ")
    assert first.pdf == again.pdf
