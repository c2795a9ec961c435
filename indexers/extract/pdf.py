"""PDF: the text of every page, its tables as rows, what was filled in, and pages that are pictures.

PDFium reads all pages: it is quick and knows columns and turned pages. pdfplumber is sixty times
slower but reads what PDFium gives as garbage, from fonts without a map to characters. A page that
is a picture is read by OCR, page by page. What does not open is mended by pikepdf first.
"""

from __future__ import annotations

import io
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from indexers.extract import ocr
from indexers.extract.contract import Means
from indexers.extract.grid_words import Word
from indexers.extract.grids import find_tables
from indexers.extract.pdf_forms import Filled, beside_labels, read_fields
from indexers.extract.pdf_page import (
    Drawn,
    Lines,
    line_boxes,
    look_at_drawing,
    may_hold_table,
    read_lines,
    upright_textpage,
    words_and_rules,
)
from indexers.extract.plain import row_line
from indexers.model import Extracted, Page, Part, Skipped, Table

_MAX_PAGES = 2000
_MAX_LOST = 20  # pages in a row that cannot be opened: the rest is not there
_FEW = 20  # characters; a page with fewer and a picture is a picture of text
_STAMP = 200  # characters; a page that is all picture may have a fax's head line besides
_ALL_PICTURE = 0.5  # of the page
_LETTERS = 60  # drawings; a page with as many and no text may have its letters drawn
_SAMPLE = 1200  # characters, by which writing is told from garbage
_LATIN = string.ascii_letters.encode()
_LINES = str.maketrans({"\ufffe": "-", "\x02": "-", "\x00": None, "\r": "\n"})
"""PDFium gives a hyphen at a line's end as U+FFFE or U+0002."""


class Pdf:
    """application/pdf, by pypdfium2, pdfplumber, Tesseract and pikepdf."""

    media_types = frozenset({"application/pdf", "application/x-pdf"})
    isolated = True  # PDFium aborts the process on some files

    @property
    def version(self) -> str:
        """Also changes with what pictures are read by."""
        return f"pdf 3 {ocr.version()}"

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """Text page by page; notes for what could not be read."""
        start = part.content.find(b"%PDF-", 0, 1 << 20)
        if start < 0:
            return Skipped("The file calls itself a PDF but is none.")
        content = part.content[start:]
        opened = _open(content, means.passwords)
        if isinstance(opened, Skipped):
            return opened
        with opened:
            work = _Work(opened, means)
            pages = tuple(work.pages())
        if not any(page.text.strip() for page in pages):
            return _nothing(work, len(pages))
        notes = (*opened.notes, *work.notes)
        return Extracted(pages, self.version, notes)


@dataclass(slots=True)
class _Opened:
    """A document, and how it came to be open."""

    document: Any  # of PDFium
    content: bytes  # as PDFium reads it
    password: str
    notes: tuple[str, ...] = ()
    forms: Any = None

    def __enter__(self) -> _Opened:
        from pypdfium2 import raw  # noqa: PLC0415

        if self.document.get_formtype() != raw.FORMTYPE_NONE:
            self.document.init_forms()
            self.forms = self.document.formenv
        return self

    def __exit__(self, *_: object) -> None:
        self.document.close()


def _open(content: bytes, passwords: tuple[str, ...]) -> _Opened | Skipped:
    import pypdfium2 as pdfium  # noqa: PLC0415

    locked = False
    for password in ("", *passwords):
        try:
            document = pdfium.PdfDocument(content, password or None)
            if len(document):
                return _Opened(document, content, password)
            document.close()
            break
        except pdfium.PdfiumError as error:
            locked = "password" in str(error).lower()
            if not locked:
                break
    if locked:
        return Skipped(
            "The PDF is locked with a password."
            if not passwords
            else "The PDF is locked with a password that is not among those configured."
        )
    return _mended(content, passwords)


def _mended(content: bytes, passwords: tuple[str, ...]) -> _Opened | Skipped:
    """A damaged document, its list of contents made anew from what is there."""
    import pikepdf  # noqa: PLC0415
    import pypdfium2 as pdfium  # noqa: PLC0415

    for password in ("", *passwords):
        out = io.BytesIO()
        try:
            with pikepdf.Pdf.open(io.BytesIO(content), password=password) as damaged:
                damaged.save(out)
            document = pdfium.PdfDocument(out.getvalue())
            if len(document):
                note = "The PDF is damaged; what could be read of it was read."
                return _Opened(document, out.getvalue(), "", (note,))
        except pikepdf.PasswordError:
            continue
        except (pikepdf.PdfError, pdfium.PdfiumError, RuntimeError, ValueError, KeyError):
            break
    return Skipped("The PDF is damaged and could not be read.")


def _nothing(work: _Work, count: int) -> Skipped:
    if work.no_ocr:
        return Skipped(f"It is a scan, a picture of text, and was not read. {work.no_ocr}")
    if work.pictures:
        return Skipped("It is a scan, a picture of text, but no writing was found in it.")
    pages = "page is" if count == 1 else "pages are"
    return Skipped(f"Its {pages} empty: there is no text to read.")


@dataclass(slots=True)
class _Work:
    """Reading one document, page after page."""

    opened: _Opened
    means: Means
    notes: list[str] = field(default_factory=list)
    pictures: int = 0  # pages that are pictures
    no_ocr: str = ""  # why those were not read
    _plumber: Any = None

    def pages(self) -> Iterator[Page]:
        document = self.opened.document
        count = len(document)
        lost = 0
        for number in range(1, min(count, _MAX_PAGES) + 1):
            page = self._page(number)
            if page is None:
                lost += 1
                if lost == _MAX_LOST:
                    self.notes.append(
                        f"Nothing was found of its pages from {number - lost + 1} on."
                    )
                    break
                continue
            self._lost(number - lost, number - 1)
            lost = 0
            self.means.budget.characters -= len(page.text)
            self.means.done(page)
            yield page
            if self.means.budget.characters <= 0:
                self.notes.append(f"Only the first {number} of {count} pages were read: too long.")
                return
        else:
            self._lost(min(count, _MAX_PAGES) - lost + 1, min(count, _MAX_PAGES))
        if count > _MAX_PAGES:
            self.notes.append(f"Only the first {_MAX_PAGES} of {count} pages were looked at.")

    def _lost(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.notes.append(f"Page {number} is damaged and could not be read.")

    def _page(self, number: int) -> Page | None:
        import pypdfium2 as pdfium  # noqa: PLC0415

        try:
            page = self.opened.document[number - 1]
        except pdfium.PdfiumError:
            return None
        try:
            textpage = upright_textpage(page)
            try:
                return self._read(number, page, textpage)
            finally:
                textpage.close()
        except pdfium.PdfiumError:
            return None
        finally:
            page.close()

    def _read(self, number: int, page: Any, textpage: Any) -> Page:
        lines = read_lines(textpage)
        filled = read_fields(page, self.opened.forms)
        drawn = look_at_drawing(page)
        shown = sum(1 for character in lines.text[:_STAMP] if not character.isspace())
        unreadable = _is_garbage(lines.text)
        if unreadable:
            text = self._second_opinion(number)
            if text and not _is_garbage(text):
                more = "".join(f"{value.text}\n" for value in filled)
                return Page(number, text + more)
        few = shown < _FEW and (drawn.pictures > 0 or drawn.paths > _LETTERS)
        if few or unreadable or (shown < _STAMP and drawn.pictures > _ALL_PICTURE):
            read = self._by_ocr(number, page, drawn)
            if read is not None and read.text:
                return _of_picture(number, read, "" if few or unreadable else lines.text, filled)
            if unreadable:
                self.notes.append(f"The letters of page {number} could not be made out.")
        return _of_text(number, page, textpage, lines, filled, drawn)

    def _second_opinion(self, number: int) -> str:
        """What pdfplumber reads where PDFium gives garbage; "" where it gives none either."""
        import pdfplumber  # noqa: PLC0415

        try:
            if self._plumber is None:
                content = io.BytesIO(self.opened.content)
                self._plumber = pdfplumber.open(content, password=self.opened.password)
            page = self._plumber.pages[number - 1]
            text = _ended((page.extract_text() or "").translate(_LINES))
            page.close()
        except Exception:  # noqa: BLE001 - pdfminer raises what it likes on damaged files
            return ""
        return text

    def _by_ocr(self, number: int, page: Any, drawn: Drawn) -> ocr.Recognised | None:
        self.pictures += 1
        if not self.means.ocr:
            self.no_ocr = "Pictures are not read ([attachments] ocr = false)."
            self.notes.append(f"Page {number} is a picture; its text has not been read.")
            return None
        try:
            read = ocr.recognise(*ocr.rendered(page, drawn.dpi))
        except ocr.NoOcrError as error:
            self.no_ocr = str(error)
            self.notes.append(f"Page {number} is a picture; its text has not been read. {error}")
            return None
        except ocr.TooLargeError:
            self.notes.append(f"Page {number} is a picture too large to be read.")
            return None
        if not read.text:
            self.notes.append(f"Page {number} is a picture; no writing was found in it.")
        elif read.confidence < ocr.DOUBTFUL:
            self.notes.append(
                f"Page {number} is a picture that is hard to read: its text has mistakes."
            )
        return read


def _of_picture(number: int, read: ocr.Recognised, stamp: str, filled: list[Filled]) -> Page:
    """A page read from its picture, after what is printed over it."""
    head = _ended(stamp.replace("\r\n", "\n").translate(_LINES)) if stamp.strip() else ""
    text = head + read.text + "".join(f"{value.text}\n" for value in filled)
    lines = tuple(line._replace(start=line.start + len(head)) for line in read.lines)
    return Page(number, text + rows_below(read.tables), read.tables, lines)


def _of_text(
    number: int, page: Any, textpage: Any, lines: Lines, filled: list[Filled], drawn: Drawn
) -> Page:
    """A page read from its text layer."""
    at, rest = beside_labels(textpage, lines, filled) if filled else ({}, [])
    text, starts = _assembled(lines, at)
    text += "".join(f"{value}\n" for value in rest)
    boxes = line_boxes(page, lines, starts)
    tables: list[Table] = []
    if may_hold_table(lines, drawn):
        words, rules, upright = words_and_rules(textpage, lines, drawn)
        for value in filled:
            words.append(Word(value.text, *upright(value.box)))
        tables = find_tables(words, rules)
    return Page(number, text + rows_below(tables), tuple(tables), boxes)


def _assembled(lines: Lines, at: dict[int, str]) -> tuple[str, list[int]]:
    """The text as it is kept, and the offset in it of each line of ``lines``."""
    out: list[str] = []
    starts: list[int] = []
    length = begun = 0
    known = set(lines.starts)
    marks = sorted(at)
    for line in lines.text.split("\r\n"):
        end = begun + len(line)
        pieces, last = [], begun
        for mark in (m for m in marks if begun <= m <= end):
            pieces += [line[last - begun : mark - begun], at[mark]]
            last = mark
        pieces.append(line[last - begun :])
        kept = "".join(pieces).translate(_LINES) + "\n"
        if begun in known:
            starts.append(length)
        out.append(kept)
        length += len(kept)
        begun = end + 2
    text = "".join(out)
    return (text if text.strip() else ""), starts


def rows_below(tables: tuple[Table, ...] | list[Table]) -> str:
    """The rows of tables as lines below a page's text, so that a quote can stand on a row."""
    return "".join("\n" + "".join(row_line(row) for row in table.rows) for table in tables)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _is_garbage(text: str) -> bool:
    """Whether what came out is no writing: fonts without a map to characters, or a wrong one."""
    sample = "".join(text[:_SAMPLE].split())
    for passed_over in "_.-\ufffe\x02\u00ad":
        sample = sample.replace(passed_over, "")
    if len(sample) < _FEW:
        return False
    # As bytes: a loop over the letters of every page would be a tenth of what PDFs cost.
    ascii_ = sample.encode("ascii", "ignore")
    beyond = sample if not sample.isascii() else ""
    if beyond or not sample.isprintable():
        if sum(map(_is_odd, sample)) > 0.2 * len(sample):
            return True
        beyond = "".join(c for c in beyond if not c.isascii())
    latin = len(ascii_) - len(ascii_.translate(None, _LATIN))
    vowels = len(ascii_) - len(ascii_.translate(None, b"aeiouyAEIOUY"))
    letters = latin + len(ascii_) - len(ascii_.translate(None, b"0123456789"))
    letters += sum(map(str.isalnum, beyond))
    return len(sample) > 100 and (
        letters < 0.35 * len(sample) or (latin > 100 and vowels < 0.2 * latin)
    )


def _is_odd(character: str) -> bool:
    private = "\ue000" <= character <= "\uf8ff"
    return private or character == "\ufffd" or not character.isprintable()
