"""Word files (.docx): all that a reader of the document can see, and what was struck or added.

Walked over the XML itself: text stands in more places than paragraphs and tables - in fields to
fill in, boxes, notes, headers - and changes that are not accepted yet matter in a draft.

Source: ECMA-376, part 1, 17 (WordprocessingML).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from indexers.extract.contract import Means
from indexers.extract.kinds import DOCX
from indexers.extract.plain import row_line
from indexers.extract.xml_parts import XmlParts, bomb
from indexers.model import Extracted, Page, Part, Skipped, Table

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MAX_ROWS = 20_000
_MAX_COLUMNS = 100
_MAX_CHARACTERS = 20_000_000
# Wingdings and its kin, in which forms have their boxes.
_SYMBOLS = {"F0FE": "[x]", "F0FD": "[x]", "F052": "[x]", "F054": "[x]", "F078": "[x]",
            "F0A8": "[ ]", "F06F": "[ ]", "F0A3": "[ ]", "F071": "[ ]", "F0FC": "[x]"}  # fmt: skip
_BOXES = str.maketrans({"☒": "[x]", "☑": "[x]", "☐": "[ ]"})
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-", "ptab": "\t"}


class Word:
    """DOCX, by lxml."""

    media_types = frozenset({DOCX})
    version = "docx 2"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """Header, paragraphs and tables in the order of the document, footer, notes, comments."""
        if refused := bomb(part.content):
            return refused
        with XmlParts(part.content) as parts:
            main = _main(parts)
            root = parts.tree(main)
            if root is None:
                return Skipped("The file is damaged: it is not a Word file that can be opened.")
            writer = _Writer()
            kin = sorted(set(parts.targets(main).values()))
            _aside(writer, parts, kin, "header")
            body = root.find(f"{_W}body")
            writer.blocks(body if body is not None else root)
            _aside(writer, parts, kin, "footer")
            _notes(writer, parts, kin)
            changed = writer.changed
            pictures = any(name.startswith("word/media/") for name in parts.names)
        text = "".join(writer.lines).translate(_BOXES)
        if not text.strip():
            return Skipped(
                "There is no text in the document, only pictures, which are not read."
                if pictures
                else "There is no text in the document."
            )
        notes = (
            ("It has changes that were not accepted yet; they are marked in the text.",)
            if changed
            else ()
        )
        return Extracted((Page(None, text, tuple(writer.tables)),), self.version, notes)


def _main(parts: XmlParts) -> str:
    for target in parts.targets("").values():
        if target.startswith("word/") and target.endswith(".xml"):
            return target
    return "word/document.xml"


def _aside(writer: _Writer, parts: XmlParts, kin: list[str], kind: str) -> None:
    """Headers or footers, each different one once."""
    seen = set()
    for name in kin:
        if name.rpartition("/")[2].startswith(kind) and (root := parts.tree(name)) is not None:
            inner = _Writer()
            inner.blocks(root)
            text = "".join(inner.lines)
            if text.strip() and text not in seen:
                seen.add(text)
                writer.lines.append(text)
                writer.tables += inner.tables


def _notes(writer: _Writer, parts: XmlParts, kin: list[str]) -> None:
    """Footnotes, endnotes and comments, below the text that refers to them by number."""
    for ending, label in (("footnotes.xml", "Footnote"), ("endnotes.xml", "Endnote"),
                          ("comments.xml", "Comment")):  # fmt: skip
        for name in kin:
            if not name.endswith(f"/{ending}") or (root := parts.tree(name)) is None:
                continue
            for note in root:
                inner = _Writer()
                inner.blocks(note)
                text = " ".join("".join(inner.lines).split())
                if not text or note.get(f"{_W}type") in {"separator", "continuationSeparator"}:
                    continue
                who = note.get(f"{_W}author", "")
                when = note.get(f"{_W}date", "")[:10]
                by = f" by {who}" if who else ""
                on = f" on {when}" if when else ""
                number = _number(note, label)
                writer.lines.append(f"[{label} {number}{by}{on}: {text}]\n")


@dataclass(slots=True)
class _Writer:
    """Collects the lines of a document."""

    lines: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    changed: bool = False
    length: int = 0

    def blocks(self, parent: Any) -> None:
        """Paragraphs and tables within an element, and within what wraps them."""
        for element in parent:
            match _name(element):
                case "p":
                    self._add(self._paragraph(element) + "\n")
                case "tbl":
                    self._table(element)
                case "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml" | "smartTag":
                    self.blocks(element)
                case "footnote" | "endnote" | "comment" | "body":
                    self.blocks(element)

    def _add(self, line: str) -> None:
        self.length += len(line)
        if self.length < _MAX_CHARACTERS:
            self.lines.append(line)

    def _paragraph(self, element: Any) -> str:
        return "".join(self._runs(element))

    def _runs(self, parent: Any) -> Iterator[str]:
        for element in parent:
            name = _name(element)
            if name in {"ins", "moveTo"}:
                if text := self._paragraph(element):
                    self.changed = True
                    yield f"[inserted: {text}]"
            elif name in {"del", "moveFrom"}:
                if text := "".join(t.text or "" for t in element.iter(f"{_W}delText", f"{_W}t")):
                    self.changed = True
                    yield f"[deleted: {text}]"
            elif name == "t":
                yield element.text or ""
            elif name in _BREAKS:
                yield _BREAKS[name]
            elif name == "sym":
                yield _SYMBOLS.get(element.get(f"{_W}char", "").upper(), "")
            elif name in {"footnoteReference", "endnoteReference", "commentReference"}:
                label = name.removesuffix("Reference").capitalize()
                yield f" [{label} {_number(element, label)}]"
            elif name == "checkBox":
                yield "[x]" if _ticked(element) else "[ ]"
            elif name == "txbxContent":
                inner = _Writer()
                inner.blocks(element)
                self.tables += inner.tables
                self.changed |= inner.changed
                yield "\n" + "".join(inner.lines)
            elif (
                name not in {"pPr", "rPr", "instrText", "sdtPr", "delText"}
                and element.tag != _FALLBACK
            ):
                yield from self._runs(element)

    def _table(self, element: Any) -> None:
        rows: list[tuple[str, ...]] = []
        for row in element.iter(f"{_W}tr"):
            if _of(row, "tbl") is element and len(rows) < _MAX_ROWS:
                rows.append(self._row(row))
        width = max(map(len, rows), default=0)
        even = tuple(row + ("",) * (width - len(row)) for row in rows if any(row))
        for row in even:
            self._add(row_line(row))
        if even:
            self.tables.append(Table(even))

    def _row(self, row: Any) -> tuple[str, ...]:
        cells: list[str] = []
        for cell in row.iter(f"{_W}tc"):
            if _of(cell, "tr") is not row or len(cells) >= _MAX_COLUMNS:
                continue
            settings = cell.find(f"{_W}tcPr")
            span, below = 1, False
            if settings is not None:
                grid, merge = settings.find(f"{_W}gridSpan"), settings.find(f"{_W}vMerge")
                if grid is not None and grid.get(f"{_W}val", "").isdigit():
                    span = min(int(grid.get(f"{_W}val")), _MAX_COLUMNS)
                below = merge is not None and merge.get(f"{_W}val", "continue") != "restart"
            inner = _Writer()
            inner.blocks(cell)
            self.changed |= inner.changed
            cells.append("" if below else " ".join("".join(inner.lines).split()))
            cells += [""] * (span - 1)
        return tuple(cells)


def _name(element: Any) -> str:
    """A tag without its namespace; "" for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _number(element: Any, label: str) -> str:
    """The number of a note; Word counts comments from 0."""
    number = element.get(f"{_W}id", "")
    return str(int(number) + 1) if label == "Comment" and number.isdigit() else number


def _of(element: Any, name: str) -> Any:
    """The nearest element around this one with that name."""
    return next(element.iterancestors(f"{_W}{name}"), None)


def _ticked(box: Any) -> bool:
    for name in ("checked", "default"):
        state = box.find(f"{_W}{name}")
        if state is not None:
            return state.get(f"{_W}val", "1") not in {"0", "false", "off"}
    return False
