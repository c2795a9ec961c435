"""PDFs as schools make them, and as bad luck and malice do."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import pikepdf
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

SERVICES = (
    ("Service", "Minutes", "Frequency", "Location"),
    ("Speech-language therapy", "30", "2 x weekly", "Therapy room"),
    ("Occupational therapy", "45", "1 x weekly", "Sensory gym"),
    ("Reading instruction", "60", "daily", "Resource room"),
)


def pdf(*pages: str, password: str = "", picture: bool = False) -> bytes:
    """Pages of text, each line of it as a line."""
    out = io.BytesIO()
    lock = StandardEncryption(password, ownerPassword="owner") if password else None
    sheet = canvas.Canvas(out, encrypt=lock, invariant=1)
    for text in pages:
        for number, line in enumerate(text.split("\n")):
            sheet.drawString(72, 760 - 14 * number, line)
        if picture:
            sheet.drawImage(ImageReader(Image.new("L", (400, 500), 200)), 72, 100)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def table(
    rows: Sequence[Sequence[str]] = SERVICES,
    *,
    ruled: bool = True,
    turn: int = 0,
    xs: Sequence[float] = (72, 220, 290, 390, 500),
) -> bytes:
    """A table; a cell's lines are parted by line ends. ``turn`` draws it turned."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, invariant=1)
    if turn:
        sheet.setPageSize((800, 800))
        sheet.translate(400, 400)
        sheet.rotate(turn)
        sheet.translate(-400, -400)
    sheet.drawString(72, 760, "Services that the team has agreed on for the coming school year.")
    top = 720.0
    tops = [top]
    for row in rows:
        for cell, x in zip(row, xs, strict=False):
            for n, line in enumerate(cell.split("\n")):
                sheet.drawString(x + 4, top - 14 - 12 * n, line)
        top -= 8 + 12 * max(cell.count("\n") + 1 for cell in row)
        tops.append(top)
    if ruled:
        sheet.grid(list(xs), tops)
    sheet.drawString(72, top - 40, "The team will look at these services at least once a year.")
    sheet.save()
    return out.getvalue()


def form(*, appearance: bool = True) -> bytes:
    """A consent form that was filled in."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, invariant=1)
    sheet.drawString(72, 740, "CONSENT FOR EVALUATION")
    sheet.drawString(72, 702, "Name of student:")
    sheet.drawString(330, 702, "Grade:")
    sheet.acroForm.textfield(name="name", x=170, y=696, width=140, height=20, value="Ana Ruiz")
    sheet.acroForm.textfield(name="grade", x=370, y=696, width=40, height=20, value="4")
    sheet.acroForm.checkbox(name="yes", x=72, y=660, size=14, checked=True)
    sheet.drawString(92, 662, "I give my consent.")
    sheet.acroForm.checkbox(name="no", x=72, y=636, size=14, checked=False)
    sheet.drawString(92, 638, "I do not give my consent.")
    sheet.drawString(72, 610, "Reason:")
    sheet.acroForm.textfield(name="reason", x=72, y=560, width=300, height=40,
                             value="He has had no speech since January.")  # fmt: skip
    sheet.drawString(72, 530, "Please return this form to the office.")
    sheet.save()
    if appearance:
        return out.getvalue()
    with pikepdf.open(io.BytesIO(out.getvalue())) as document:
        for note in document.pages[0].Annots:
            if note.get("/FT") == "/Tx" and "/AP" in note:
                del note["/AP"]
        bare = io.BytesIO()
        document.save(bare)
    return bare.getvalue()


def rotated(content: bytes, degrees: int) -> bytes:
    """Shown turned: /Rotate of every page."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        for page in document.pages:
            page.Rotate = degrees
        document.save(out)
    return out.getvalue()


def columns(left: Sequence[str], right: Sequence[str]) -> bytes:
    """Two columns, the left one first."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, invariant=1)
    for x, lines in ((72, left), (320, right)):
        for n, line in enumerate(lines):
            sheet.drawString(x, 740 - 14 * n, line)
    sheet.save()
    return out.getvalue()


def scan(picture: Image.Image) -> bytes:
    """A picture that fills a page."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=(612, 612 * picture.height / picture.width), invariant=1)
    sheet.drawImage(ImageReader(picture), 0, 0, 612, 612 * picture.height / picture.width)
    sheet.save()
    return out.getvalue()


def raw_pdf(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, the first of which is the catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def stream(data: bytes, more: bytes = b"") -> bytes:
    """A packed stream."""
    packed = zlib.compress(data, 9)
    return b"<</Length %d/Filter/FlateDecode%s>>stream\n%s\nendstream" % (len(packed), more, packed)


def hostile_pdfs() -> dict[str, bytes]:
    """What must cost one row in a list, by name."""
    head = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<%s>>>>"
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</A %d 0 R>>>>"
    many = [stream(b"/A Do " * 10, form % (number + 1)) for number in range(5, 15)]
    return {
        "a billion pages": raw_pdf(
            [head[0], b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>", page % b"", stream(b"")]
        ),
        "a flate bomb": raw_pdf([*head, page % b"", stream(b" " * (400 << 20))]),
        "a form within itself": raw_pdf(
            [*head, page % b"/XObject<</A 5 0 R>>", stream(b"/A Do"), stream(b"/A Do", form % 5)]
        ),
        "ten forms of ten forms, ten deep": raw_pdf(
            [*head, page % b"/XObject<</A 5 0 R>>", stream(b"/A Do"), *many, stream(b"", form % 1)]
        ),
        "a page of a million points": raw_pdf(
            [
                *head,
                (page % b"/XObject<</A 5 0 R>>").replace(b"612 792", b"14400 14400"),
                stream(b"14400 0 0 14400 0 0 cm /A Do"),
                stream(b"\x80", b"/Type/XObject/Subtype/Image/Width 60000/Height 60000"
                       b"/ColorSpace/DeviceGray/BitsPerComponent 8"),
            ]
        ),
        "pages nested without end": raw_pdf(
            [head[0], b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>", page % b"", stream(b"")]
        ),
    }  # fmt: skip
