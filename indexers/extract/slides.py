"""PowerPoint files (.pptx): one page a slide, with its notes.

Source: ECMA-376, part 1, 19 (PresentationML) and 21.1 (DrawingML text).
"""

from __future__ import annotations

from typing import Any

from indexers.extract.contract import Means
from indexers.extract.kinds import PPTX
from indexers.extract.plain import row_line
from indexers.extract.xml_parts import XmlParts, bomb
from indexers.model import Extracted, Page, Part, Skipped, Table

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MAX_SLIDES = 1000
_FURNITURE = {"sldImg", "sldNum", "dt", "hdr", "ftr"}  # of a page of notes: no one's words


class Slides:
    """PPTX, by lxml."""

    media_types = frozenset({PPTX})
    version = "pptx 2"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """The text of each slide in order, tables as rows, then the speaker's notes."""
        if refused := bomb(part.content):
            return refused
        main = "ppt/presentation.xml"
        pages = []
        with XmlParts(part.content) as parts:
            root = parts.tree(main)
            if root is None:
                return Skipped(
                    "The file is damaged: it is not a PowerPoint file that can be opened."
                )
            targets = parts.targets(main)
            names = [targets.get(slide.get(f"{_R}id", ""), "") for slide in root.iter(f"{_P}sldId")]
            for number, name in enumerate(names[:_MAX_SLIDES], 1):
                pages.append(_slide(parts, number, name))
        if not any(page.text.strip() for page in pages):
            return Skipped("There is no text on the slides.")
        return Extracted(tuple(pages), self.version)


def _slide(parts: XmlParts, number: int, name: str) -> Page:
    root = parts.tree(name)
    if root is None:
        return Page(number, "")
    lines: list[str] = []
    tables: list[Table] = []
    _shapes(root, lines, tables)
    for target in sorted(parts.targets(name).values()):
        if "/notesSlides/" in target and (notes := parts.tree(target)) is not None:
            said: list[str] = []
            for shape in notes.iter(f"{_P}sp"):
                holder = shape.find(f".//{_P}ph")
                if holder is None or holder.get("type") not in _FURNITURE:
                    _shapes(shape, said, tables)
            if said:
                lines += ["Notes:\n", *said]
    return Page(number, "".join(lines), tuple(tables))


def _shapes(root: Any, lines: list[str], tables: list[Table]) -> None:
    for element in root.iter(f"{_A}p", f"{_A}tbl"):
        if element.tag == f"{_A}tbl":
            rows = tuple(
                tuple(" ".join(_text(cell).split()) for cell in row.iter(f"{_A}tc"))
                for row in element.iter(f"{_A}tr")
            )
            width = max(map(len, rows), default=0)
            even = tuple(row + ("",) * (width - len(row)) for row in rows if any(row))
            lines += map(row_line, even)
            if even:
                tables.append(Table(even))
        elif next(element.iterancestors(f"{_A}tbl"), None) is None and (text := _text(element)):
            lines.append(f"{text}\n")


def _text(element: Any) -> str:
    bits = []
    for bit in element.iter(f"{_A}t", f"{_A}br"):
        bits.append("\n" if bit.tag == f"{_A}br" else bit.text or "")
    return "".join(bits)
