"""Letters as a scanner, a fax machine and a phone would give them, and how wrong they are read."""

from __future__ import annotations

import difflib
import io
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageFilter
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen import canvas

PARAGRAPHS = (
    "Dear Ms. Ortega and members of the team,",
    "I am writing to follow up on the meeting of March 4, 2026, and to confirm in writing what was"
    " agreed. The individualized education program provides speech-language therapy twice a week"
    " for 30 minutes (60 minutes in all) and occupational therapy once a week for 45 minutes.",
    "Between January 12 and February 27 my records show that seven of fourteen speech sessions did"
    " not take place. On January 14, January 21 and February 4 the therapist was absent; on January"
    " 28 and February 11 the room was used for testing; on February 18 and 25 no reason was given.",
    "Under 34 CFR 300.323(c)(2), special education and related services must be made available in"
    " accordance with the child's IEP as soon as possible after it is developed. I therefore ask"
    ' for a written plan to make up the 210 minutes that were missed, and for a reply by "Friday,'
    ' March 13".',
    "I also repeat my request of 2/20/2026 for an assistive-technology evaluation. If the district"
    " refuses, please send prior written notice under 34 CFR 300.503 that explains why, and lists"
    " each evaluation procedure, assessment, record or report used as a basis for the refusal.",
    "Please send copies of the service logs (speech, OT & counseling) for the 2025-26 school year,"
    " including the dates, start and end times and the initials of the provider: I need them before"
    " the annual review at 9:15 a.m. in Room 114.",
    "Sincerely,",
    "Marisol Quintero",
    "cc: J. Whitfield, Director of Exceptional Student Services; file #26-0417",
)
GRID = (
    ("Service", "Minutes", "Frequency", "Location", "Start date"),
    ("Speech-language therapy", "30", "2 x weekly", "Therapy room", "08/04/2025"),
    ("Occupational therapy", "45", "1 x weekly", "Therapy room", "08/04/2025"),
    ("Specially designed instruction, reading", "60", "5 x weekly", "Resource room", "08/11/2025"),
    ("Counseling", "20", "2 x monthly", "Counselor's office", "09/02/2025"),
    ("Adult assistance", "240", "daily", "General education", "08/04/2025"),
)


@dataclass(frozen=True, slots=True)
class Scan:
    """A picture of a page, and what stands on it."""

    kind: str
    dpi: int
    picture: Image.Image
    text: str


def letter(font: str = "Times-Roman", size: float = 11.5) -> tuple[bytes, str]:
    """A page as a PDF, and its text."""
    out, lines = io.BytesIO(), []
    sheet = canvas.Canvas(out, invariant=1)
    sheet.setFont(font, size)
    y = 760.0
    for paragraph in PARAGRAPHS:
        for line in simpleSplit(paragraph, font, size, 450):
            sheet.drawString(72, y, line)
            lines.append(line)
            y -= size * 1.3
        y -= size * 0.6
    sheet.save()
    return out.getvalue(), "\n".join(lines)


def grid(*, ruled: bool = True) -> bytes:
    """A page of an IEP with the service grid, as a PDF."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, invariant=1)
    sheet.setFont("Helvetica-Bold", 12)
    sheet.drawString(60, 740, "Statement of special education and related services")
    sheet.setFont("Helvetica", 10)
    edges = (60, 205, 260, 345, 460, 540)
    tops = [710.0]
    for row in GRID:
        wrapped = [simpleSplit(cell, "Helvetica", 10, b - a - 8)
                   for cell, a, b in zip(row, edges, edges[1:], strict=False)]  # fmt: skip
        for lines, left in zip(wrapped, edges, strict=False):
            for n, line in enumerate(lines):
                sheet.drawString(left + 4, tops[-1] - 13 - 12 * n, line)
        tops.append(tops[-1] - 12 * max(map(len, wrapped)) - 8)
    if ruled:
        sheet.grid(edges, tops)
    sheet.drawString(60, tops[-1] - 30, "The team will review these services at least once a year.")
    sheet.save()
    return out.getvalue()


def render(pdf: bytes, dpi: int) -> Image.Image:
    """The first page as a picture."""
    with pdfium.PdfDocument(pdf) as document:
        image: Image.Image = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
        return image.convert("L")


def speckled(picture: Image.Image, rng: random.Random, share: float) -> Image.Image:
    """Dark and light specks, as of a dirty glass."""
    out = picture.copy()
    pixels = out.load()
    assert pixels is not None
    for _ in range(int(share * picture.width * picture.height)):
        pixels[rng.randrange(picture.width), rng.randrange(picture.height)] = rng.choice(
            (0, 80, 255)
        )
    return out


def noise(picture: Image.Image, sigma: float) -> Image.Image:
    """A sensor's noise."""
    return ImageChops.add(picture, Image.effect_noise(picture.size, sigma), 1, -128)


def scans() -> dict[str, Callable[[Image.Image, random.Random], Image.Image]]:
    """What happens to a page on its way, by name."""

    def fax(page: Image.Image, rng: random.Random) -> Image.Image:
        return speckled(page.point(lambda v: 255 if v > 140 else 0), rng, 0.002).convert("1")

    def skewed(page: Image.Image, rng: random.Random) -> Image.Image:
        turned = page.rotate(1, Image.Resampling.BICUBIC, fillcolor=250)
        return speckled(noise(turned.filter(ImageFilter.GaussianBlur(0.6)), 22), rng, 0.003)

    def shaded(page: Image.Image, _: random.Random) -> Image.Image:
        light = Image.radial_gradient("L").resize(page.size).point(lambda v: int(235 - 0.62 * v))
        photo = ImageChops.multiply(page.filter(ImageFilter.GaussianBlur(0.7)), light)
        return noise(photo.rotate(0.6, Image.Resampling.BICUBIC, fillcolor=60), 8).convert("RGB")

    return {
        "clean": lambda page, _: page,
        "fax": fax,
        "noise, 1 degree": skewed,
        "turned 90": lambda page, _: page.transpose(Image.Transpose.ROTATE_90),
        "turned 180": lambda page, _: page.transpose(Image.Transpose.ROTATE_180),
        "turned 270": lambda page, _: page.transpose(Image.Transpose.ROTATE_270),
        "shaded photo": shaded,
    }


def all_scans(resolutions: tuple[int, ...] = (150, 200, 300)) -> Iterator[Scan]:
    """Every kind at every resolution, the same pixels each time but for the sensor's noise."""
    for font in ("Times-Roman", "Helvetica"):
        pdf, text = letter(font)
        for dpi in resolutions:
            page = render(pdf, dpi)
            for kind, degrade in scans().items():
                rng = random.Random(f"{kind}{dpi}")
                yield Scan(kind, dpi, degrade(page, rng), text)


def errors(found: str, expected: str) -> float:
    """Characters to insert, delete or replace, as a share of those expected; white counts as one.

    Myers' bit-parallel edit distance (J. ACM 46, 1999), on integers as long as the text.
    """
    found, expected = " ".join(found.split()), " ".join(expected.split())
    if not expected:
        return float(bool(found))
    places: dict[str, int] = {}
    for n, character in enumerate(expected):
        places[character] = places.get(character, 0) | 1 << n
    full, last = (1 << len(expected)) - 1, 1 << (len(expected) - 1)
    up, down, score = full, 0, len(expected)
    for character in found:
        equal = places.get(character, 0)
        flat = (((equal & up) + up) ^ up) | equal | down
        more, less = down | (full & ~(flat | up)), up & flat
        score += bool(more & last) - bool(less & last)
        more = (more << 1 | 1) & full
        less = (less << 1) & full
        up, down = less | (full & ~((equal | down) | more)), more & (equal | down)
    return score / max(1, len(expected))


def word_errors(found: str, expected: str) -> float:
    """The share of words that are not read as they are, by longest common order."""
    a, b = found.split(), expected.split()
    same = sum(
        m.size for m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    )
    return 1 - same / max(1, len(b)) if b else math.nan
