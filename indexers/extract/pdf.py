"""PDF: the text of every page that has any.

PDFium is quick and reads columns and rotated pages in order; pdfplumber is sixty times slower,
but reads what PDFium gives as garbage and finds the cells of ruled tables. So PDFium reads all
pages, and pdfplumber those that need it.
"""

from __future__ import annotations

import io
from typing import Any

from indexers.extract.plain import row_line
from indexers.model import Extracted, Page, Part, Skipped, Table

_MAX_PAGES = 2000
_MAX_CHARACTERS = 20_000_000
_FEW = 20  # characters; a page with fewer and a picture is a picture of text
_RULES = 12  # lines or boxes drawn on a page that make it worth looking for a table
_MAX_TABLE_PAGES = 60


class Pdf:
    """application/pdf, by pypdfium2 and pdfplumber."""

    media_types = frozenset({"application/pdf", "application/x-pdf"})
    version = "pdf 1"
    isolated = True  # PDFium aborts the process on some files

    def read(self, part: Part) -> Extracted | Skipped:
        """Text page by page; tables where lines are drawn; notes for pages that are pictures."""
        import pypdfium2 as pdfium  # noqa: PLC0415

        start = part.content.find(b"%PDF-", 0, 1 << 20)
        if start < 0:
            return Skipped("The file calls itself a PDF but is none.")
        content = part.content[start:]
        try:
            document = pdfium.PdfDocument(content)
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                return Skipped("The PDF is locked with a password.")
            return _read_by_pdfplumber_alone(content, self.version)
        pages, notes, total = [], [], 0
        tabled = 0
        try:
            count = len(document)
            for number in range(1, min(count, _MAX_PAGES) + 1):
                page = document[number - 1]
                text, ruled, pictured = _page(page)
                page.close()
                tables: tuple[Table, ...] = ()
                if text and (_garbage(text) or (ruled and tabled < _MAX_TABLE_PAGES)):
                    tabled += 1
                    text, tables = _second_reading(content, number, text)
                if len(text.strip()) < _FEW and pictured:
                    notes.append(f"Page {number} is a picture; its text has not been read.")
                pages.append(Page(number, text, tables))
                total += len(text)
                if total > _MAX_CHARACTERS:
                    notes.append(f"Only the first {number} of {count} pages were read: too long.")
                    break
            if count > _MAX_PAGES:
                notes.append(f"Only the first {_MAX_PAGES} of {count} pages were read.")
        finally:
            document.close()
        if len(notes) == len(pages) and not any(page.text.strip() for page in pages):
            return Skipped("It is a scan, a picture of text, and its text has not been read.")
        return Extracted(tuple(pages), self.version, tuple(notes))


def _page(page: Any) -> tuple[str, bool, bool]:
    """A page's text, whether lines are drawn on it as for a table, whether it has a picture."""
    from pypdfium2 import raw  # noqa: PLC0415

    textpage = page.get_textpage()
    text = _clean(textpage.get_text_bounded())
    textpage.close()
    paths = pictures = 0
    for item in page.get_objects(max_depth=2):
        paths += item.type == raw.FPDF_PAGEOBJ_PATH
        pictures += item.type == raw.FPDF_PAGEOBJ_IMAGE
        if paths >= _RULES and pictures:
            break
    return text, paths >= _RULES, pictures > 0


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # PDFium gives a hyphen at a line's end as U+FFFE or U+0002.
    text = text.replace("\ufffe", "-").replace("\x02", "-").replace("\x00", "")
    return text if not text or text.endswith("\n") else text + "\n"


def _garbage(text: str) -> bool:
    """Whether what came out is no writing: fonts without a map to characters."""
    sample = [c for c in text[:4000] if not c.isspace()]
    odd = sum(
        1 for c in sample if not c.isprintable() or "\ue000" <= c <= "\uf8ff" or c == "\ufffd"
    )
    return bool(sample) and odd > 0.2 * len(sample)


def _second_reading(content: bytes, number: int, text: str) -> tuple[str, tuple[Table, ...]]:
    """What pdfplumber reads where the first is garbage, and the cells of ruled tables.

    A table's rows are added as lines below the page's text, so that a quote can stand on a row.
    """
    import pdfplumber  # noqa: PLC0415

    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            page = document.pages[number - 1]
            if _garbage(text):
                text = _clean(page.extract_text() or "") or text
            found = page.extract_tables() if not page.rotation else []
            page.close()
    except Exception:  # noqa: BLE001 - the page's text is there; pdfminer raises what it likes
        return text, ()
    tables = []
    for rows in found:
        cells = [tuple(" ".join((cell or "").split()) for cell in row) for row in rows]
        cells = [row for row in cells if any(row)]
        if len(cells) > 1 and len(cells[0]) > 1:
            tables.append(Table(tuple(cells)))
            text += "\n" + "".join(row_line(row) for row in cells)
    return text, tuple(tables)


def _read_by_pdfplumber_alone(content: bytes, version: str) -> Extracted | Skipped:
    """What PDFium does not open may still be read."""
    import pdfplumber  # noqa: PLC0415

    pages = []
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            for number, page in enumerate(document.pages[:200], 1):
                pages.append(Page(number, _clean(page.extract_text() or "")))
                page.close()
    except Exception:  # noqa: BLE001 - pdfminer raises what it likes on damaged files
        pages = []
    if not any(page.text.strip() for page in pages):
        return Skipped("The PDF is damaged and could not be read.")
    note = "The PDF is damaged; what could be read of it was read."
    return Extracted(tuple(pages), f"{version} (pdfplumber)", (note,))
