"""Edge: what documents say of themselves: properties, remarks, hidden parts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from io import BytesIO

from indexers.model import Part

_TAG = re.compile(r"<[^<>]*>")
_MOST = 20_000_000  # characters of one part of an office file


def properties_of(part: Part) -> Iterator[str]:
    """Title, author, keywords, comments and the like of a PDF, office file or picture."""
    if part.media_type == "application/pdf":
        yield from _of_pdf(part.content)
    elif part.content[:4] == b"PK\x03\x04":
        yield from _of_office(part.content)
    elif part.media_type.startswith("image/"):
        yield from _of_picture(part.content)


def pdf_words(content: bytes) -> Iterator[str]:
    """Everything in a PDF that words can be found in: pages, properties, bookmarks."""
    import pikepdf  # noqa: PLC0415
    import pypdfium2  # noqa: PLC0415

    document = pypdfium2.PdfDocument(content)
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        yield words.get_text_range()
        words.close()
        page.close()
    document.close()
    with pikepdf.Pdf.open(BytesIO(content)) as opened:
        yield from (str(value) for value in opened.docinfo.values())
        with opened.open_outline() as outline:
            stack = list(outline.root)
            while stack:
                item = stack.pop()
                yield item.title
                stack.extend(item.children)


def _of_pdf(content: bytes) -> Iterator[str]:
    import pikepdf  # noqa: PLC0415

    try:
        with pikepdf.Pdf.open(BytesIO(content)) as document:
            yield from (str(value) for value in document.docinfo.values())
            if "/Metadata" in document.Root:
                yield _TAG.sub(" ", document.Root.Metadata.read_bytes().decode("utf-8", "replace"))
            yield from document.attachments
            for page in document.pages:
                for mark in page.get("/Annots", []):
                    yield from (str(mark[key]) for key in ("/Contents", "/T") if key in mark)
    except (pikepdf.PdfError, RuntimeError, ValueError, KeyError, TypeError, AttributeError):
        return  # damaged or locked: the text that was read of it is all there is


def _of_office(content: bytes) -> Iterator[str]:
    """Every XML part with its markup taken off: comments, headers, tracked changes, properties."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels")) and entry.file_size < _MOST:
                    text = archive.read(entry).decode("utf-8", "replace")
                    yield unescape(_TAG.sub("", text.replace("</w:p>", "\n")))
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError):
        return


def _of_picture(content: bytes) -> Iterator[str]:
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(BytesIO(content)) as picture:
            yield from (value for value in picture.info.values() if isinstance(value, str))
            yield from (value for value in picture.getexif().values() if isinstance(value, str))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return
