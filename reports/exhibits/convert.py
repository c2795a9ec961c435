"""Edge: an attachment to pages, or the reason why its file alone goes into the packet."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from indexers.html import html_to_text
from indexers.model import Part
from reports.exhibits.apart import Apart
from reports.exhibits.html_blocks import html_blocks
from reports.exhibits.mail_pages import Redact, redact_blocks, size_words
from reports.exhibits.office import OFFICE, Office
from reports.exhibits.typeset import Typesetter

log = logging.getLogger(__name__)

MAX_PAGES = 2000  # of one attachment
_MOST_DRAWN = 300_000_000  # bytes of drawing, unpacked
_MAX_PIXELS = 120_000_000
_LONG_SIDE = 2400  # pixels: 300 dots an inch over 8 inches; more only makes the file larger
_TEXTS = {"text/plain", "text/csv", "text/calendar", "text/markdown", "text/xml"}


_NO_PAGES = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "it is a spreadsheet, "
    "which has no pages of its own",
    "application/vnd.ms-excel": "it is a spreadsheet, which has no pages of its own",
    "audio": "it is a recording",
    "video": "it is a film",
    "": "this kind of file has no pages",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """An attachment as a PDF."""

    pdf: bytes
    how: str  # "as it is", "picture", "typeset", "LibreOffice 7.4"
    searchable: bool = True  # whether its words, where it has any, are in a text layer


@dataclass(frozen=True, slots=True)
class Native:
    """An attachment that goes in as a file, and why."""

    reason: str


def convert(
    part: Part,
    frame: tuple[float, float],
    setter: Typesetter,
    office: Office | None,
    apart: Apart,
    redact: Redact,
) -> Pages | Native:
    """Make pages of an attachment, without loading anything that it only refers to."""
    kind = part.media_type
    if kind == "application/pdf":
        return _apart_pdf(part.content, "as it is", apart)
    if kind.startswith("image/"):
        return _picture(part, frame, setter, apart, redact)
    if kind in _TEXTS or kind == "text/html":
        return _text(part, frame, setter, redact)
    if kind in OFFICE:
        if office is None:
            return Native("LibreOffice is not on this computer, so it was not made into pages")
        made = office.to_pdf(part)
        if isinstance(made, str):
            return Native(made)
        return _apart_pdf(made, office.name, apart)
    return Native(_NO_PAGES.get(kind.partition("/")[0], _NO_PAGES.get(kind, _NO_PAGES[""])))


def _apart_pdf(content: bytes, how: str, apart: Apart) -> Pages | Native:
    said, files = apart.ask("pdf", content)
    return Pages(files[0], how) if files else Native(said["reason"])


def pdf_pages(content: bytes) -> Pages | Native:
    """The pages of a PDF as they are, its form fields and marks drawn in as a reader shows them."""
    import pikepdf  # noqa: PLC0415

    try:
        with pikepdf.Pdf.open(BytesIO(content)) as document:
            if not 0 < len(document.pages) <= MAX_PAGES:
                return Native(f"it has {len(document.pages)} pages")
            size = 0
            if "/AcroForm" in document.Root:
                document.generate_appearance_streams()
            document.flatten_annotations("screen")
            for page in document.pages:
                # Readers show the crop box; a page made into a form is cut at the trim box.
                for key in ("/TrimBox", "/ArtBox", "/BleedBox"):
                    if key in page:
                        del page[key]
                # Unpacked here, under limits: the parent joins and stamps it without a look.
                drawn: Any = page.get("/Contents", [])
                streams = drawn if isinstance(drawn, pikepdf.Array) else [drawn]
                size += sum(len(stream.read_bytes()) for stream in streams)
                if size > _MOST_DRAWN:
                    return Native("its pages hold more than can be drawn")
            out = BytesIO()
            with pikepdf.Pdf.new() as clean:
                # Pages alone: no scripts, no embedded files, no properties of the document.
                clean.pages.extend(document.pages)
                for page in clean.pages:
                    for key in ("/Annots", "/AA", "/Metadata", "/PieceInfo", "/Thumb", "/B"):
                        if key in page:
                            del page[key]
                clean.save(out, deterministic_id=True)
    except pikepdf.PasswordError:
        return Native("the PDF is encrypted and needs a password")
    except (pikepdf.PdfError, RuntimeError, ValueError, KeyError, TypeError) as error:
        log.info("a PDF cannot be opened: %s", type(error).__name__)
        return Native("the PDF is damaged")
    return Pages(out.getvalue(), "as it is")


def _picture(
    part: Part, frame: tuple[float, float], setter: Typesetter, apart: Apart, redact: Redact
) -> Pages | Native:
    said, files = apart.ask("picture", part.content)
    if not files:
        return Native(said.get("reason", "the picture is empty"))
    names = {f"picture-{i}.{ending(content)}": content for i, content in enumerate(files)}
    data = {
        "width": frame[0],
        "height": frame[1],
        "caption": redact(f"Picture: {part.name} ({size_words(len(part.content))})"),
        "files": list(names),
    }
    return Pages(setter.typeset("picture", data, names), "picture", searchable=False)


def pictures_of(content: bytes) -> list[bytes] | str:
    """The frames of a picture as JPEG or PNG, upright, without its properties; else why not."""
    from PIL import Image, ImageOps, ImageSequence  # noqa: PLC0415

    try:
        with Image.open(BytesIO(content)) as opened:
            if opened.width * opened.height > _MAX_PIXELS:
                return f"the picture is too large ({opened.width} by {opened.height} points)"
            moving = opened.format in {"GIF", "WEBP", "PNG"}
            files = []
            for number, frame in enumerate(ImageSequence.Iterator(opened)):
                if (moving and number) or number >= 200:
                    break
                upright = ImageOps.exif_transpose(frame)
                upright.thumbnail((_LONG_SIDE, _LONG_SIDE * 4 // 3))
                files.append(_encoded(upright, photo=opened.format in {"JPEG", "MPO", "WEBP"}))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        return f"the picture cannot be opened ({type(error).__name__})"
    return files


def _encoded(image: object, *, photo: bool) -> bytes:
    from PIL import Image  # noqa: PLC0415

    assert isinstance(image, Image.Image)
    out = BytesIO()
    if image.mode in {"RGBA", "LA", "P", "PA"}:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image).convert("RGB")
    if photo:
        image.convert("RGB").save(out, "JPEG", quality=85)
    else:
        mode = image.mode if image.mode in {"1", "L", "RGB"} else "RGB"
        image.convert(mode).save(out, "PNG")
    return out.getvalue()


def ending(content: bytes) -> str:
    """The file ending of a picture that ``pictures_of`` made."""
    return "jpg" if content[:2] == b"\xff\xd8" else "png"


def _text(
    part: Part, frame: tuple[float, float], setter: Typesetter, redact: Redact
) -> Pages | Native:
    from archiver.headers import decode_bytes  # noqa: PLC0415

    text = decode_bytes(part.content[:2_000_000]).lstrip("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.media_type == "text/html":
        blocks = html_blocks(text, lambda _: None) or [
            {"k": "lines", "lines": html_to_text(text).splitlines(), "quoted": False}
        ]
    else:
        blocks = [{"k": "lines", "lines": text.rstrip("\n").split("\n"), "quoted": False}]
    data = sheet_data(
        part.name, f"Attached file, {size_words(len(part.content))}, shown as text", frame, redact
    )
    return Pages(setter.typeset("text", {**data, "body": redact_blocks(blocks, redact)}), "typeset")


def slip(part: Part, reason: str, frame: tuple[float, float], redact: Redact) -> dict[str, object]:
    """A page in place of an attachment: what it is, why it is not shown, where its file is."""
    lines = [
        f"This attachment is not shown as pages: {reason}.",
        "Its file is in the folder “native” of this packet, unchanged, unless the list says not.",
        "",
        f"Name: {redact(part.name)}",
        f"Type: {part.media_type}",
        f"Size: {size_words(len(part.content))} ({len(part.content)} bytes)",
        f"SHA-256: {part.digest}",
    ]
    data = sheet_data(part.name, "Attached file", frame, redact)
    return {**data, "body": [{"k": "lines", "lines": lines, "quoted": False}]}


def sheet_data(
    title: str, subtitle: str, frame: tuple[float, float], redact: Redact
) -> Mapping[str, object]:
    """What every page of typst/text.typ needs beside its body."""
    return {
        "width": frame[0],
        "height": frame[1],
        "title": redact(title),
        "subtitle": redact(subtitle),
    }
