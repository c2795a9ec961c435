"""Files of LibreOffice and its kin: texts, spreadsheets, presentations (ISO/IEC 26300)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexers.extract.contract import Means
from indexers.extract.kinds import ODP, ODS, ODT
from indexers.extract.plain import table_page
from indexers.extract.xml_parts import XmlParts, bomb
from indexers.model import Extracted, Page, Part, Skipped, Table

_URN = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE, _DRAW, _STYLE = (
    f"{_URN}{name}:1.0}}" for name in ("text", "table", "office", "drawing", "style")
)
_DC = "{http://purl.org/dc/elements/1.1/}"
_MAX_ROWS = 20_000
_MAX_COLUMNS = 100
_MAX_REPEAT = 200  # of a row with something in it


class OpenDocument:
    """ODT, ODS, ODP, by lxml."""

    media_types = frozenset({ODT, ODS, ODP})
    version = "odf 1"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """Text in the order of the document; one page a sheet or slide."""
        if refused := bomb(part.content):
            return refused
        with XmlParts(part.content) as parts:
            if "META-INF/manifest.xml" in parts.names:
                manifest = parts.tree("META-INF/manifest.xml")
                nodes = manifest.iter() if manifest is not None else ()
                if any("encryption-data" in str(element.tag) for element in nodes):
                    return Skipped("The file is locked with a password.")
            root = parts.tree("content.xml")
            asides = _asides(parts.tree("styles.xml"))
        body = root.find(f"{_OFFICE}body") if root is not None else None
        if body is None or not len(body):
            return Skipped("The file is damaged: it cannot be opened.")
        content = body[0]
        if content.tag == f"{_OFFICE}spreadsheet":
            pages = list(_sheets(content))
        elif content.tag == f"{_OFFICE}presentation":
            slides = content.iter(f"{_DRAW}page")
            pages = [_page(number, slide) for number, slide in enumerate(slides, 1)]
        else:
            page = _page(None, content)
            head, foot = ("".join(asides[name]) for name in ("header", "footer"))
            pages = [Page(None, head + page.text + foot, page.tables)]
        if not any(page.text.strip() for page in pages):
            return Skipped("There is no text in the document.")
        return Extracted(tuple(pages), self.version)


def _asides(styles: Any) -> dict[str, list[str]]:
    """What stands above and below every page, each different text once."""
    found: dict[str, list[str]] = {"header": [], "footer": []}
    for name, lines in found.items():
        for element in styles.iter(f"{_STYLE}{name}") if styles is not None else ():
            text = _page(None, element).text
            if text.strip() and text not in lines:
                lines.append(text)
    return found


def _page(number: int | None, parent: Any) -> Page:
    lines: list[str] = []
    tables: list[Table] = []
    _blocks(parent, lines, tables)
    return Page(number, "".join(lines), tuple(tables))


def _blocks(parent: Any, lines: list[str], tables: list[Table]) -> None:
    for element in parent:
        if element.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
            lines.append("".join(_runs(element)) + "\n")
        elif element.tag == f"{_TABLE}table":
            page = table_page(None, list(_rows(element)))
            lines.append(page.text)
            tables += page.tables
        elif element.tag == f"{_TEXT}tracked-changes":
            for gone in element.iter(f"{_TEXT}deletion"):
                struck = " ".join("".join(_runs(p)) for p in gone.iter(f"{_TEXT}p", f"{_TEXT}h"))
                if struck.strip():
                    lines.append(f"[deleted: {struck.strip()}]\n")
        elif isinstance(element.tag, str) and element.tag != f"{_OFFICE}forms":
            _blocks(element, lines, tables)


def _runs(element: Any) -> Iterator[str]:
    yield element.text or ""
    for inner in element:
        if inner.tag == f"{_TEXT}s":
            yield " " * min(int(inner.get(f"{_TEXT}c", "1") or 1), 100)
        elif inner.tag == f"{_TEXT}tab":
            yield "\t"
        elif inner.tag == f"{_TEXT}line-break":
            yield "\n"
        elif inner.tag == f"{_OFFICE}annotation":
            yield _comment(inner)
        elif isinstance(inner.tag, str):
            yield from _runs(inner)
        yield inner.tail or ""


def _comment(note: Any) -> str:
    who = note.findtext(f"{_DC}creator") or ""
    said = " ".join("".join(_runs(p)) for p in note.iter(f"{_TEXT}p"))
    return f" [Comment{f' by {who}' if who else ''}: {' '.join(said.split())}]"


def _sheets(content: Any) -> Iterator[Page]:
    sheets = content.findall(f"{_TABLE}table")
    for number, sheet in enumerate(sheets, 1):
        page = table_page(number, list(_rows(sheet)))
        if len(sheets) > 1 and page.text:
            title = sheet.get(f"{_TABLE}name", "")
            page = Page(number, f"[{title}]\n{page.text}", page.tables)
        yield page


def _rows(table: Any) -> Iterator[list[str]]:
    count = 0
    for row in table.iter(f"{_TABLE}table-row"):
        if next(row.iterancestors(f"{_TABLE}table"), None) is not table:
            continue
        cells: list[str] = []
        for cell in row:
            if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
                continue
            times = _times(cell, "columns-repeated", _MAX_COLUMNS)
            said = [*cell.findall(f"{_TEXT}p"), *cell.findall(f"{_TEXT}list//{_TEXT}p")]
            text = " ".join("".join(_runs(p)) for p in said)
            noted = "".join(map(_comment, cell.findall(f"{_OFFICE}annotation")))
            cells += [text + noted] * times
        cells = cells[:_MAX_COLUMNS]
        while cells and not cells[-1]:
            cells.pop()
        for _ in range(_times(row, "rows-repeated", _MAX_REPEAT) if cells else 1):
            count += 1
            if count > _MAX_ROWS:
                return
            yield cells


def _times(element: Any, name: str, most: int) -> int:
    value = element.get(f"{_TABLE}number-{name}", "1")
    return min(int(value), most) if value.isdigit() and value != "0" else 1
