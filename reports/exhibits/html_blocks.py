"""Pure: the HTML of a mail to blocks that can be typeset; nothing in it is ever loaded or run.

Only what is listed here is taken over: words, emphasis, lists, tables, quotes, lines, and pictures
that came with the message. The result is data (JSON), never markup: no text of a mail can become
an instruction to the typesetter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

Block = dict[str, Any]
"""{"k": "p"|"h"|"ul"|"ol"|"quote"|"table"|"hr"|"img"|"pre"|"note", …}; see typst/parts.typ."""

Picture = Callable[[str], str | None]
"""From the ``src`` of a picture to a file that the typesetter has; None where it did not come."""

_MAX_TAG = 32 << 10  # characters; parsers are quadratic in the attributes of one tag
_LONG_TAG = re.compile(rf"<[a-zA-Z/][^<>]{{{_MAX_TAG},}}>?")
_DEEPEST = 200  # elements; below that only words are taken
_DEEPEST_BOX = 8  # quotes and lists within one another
_MAX_COLUMNS = 24
_DROPPED = frozenset(
    {"script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe",
     "embed", "applet", "meta", "link", "base", "audio", "video", "math", "select", "textarea"}
)  # fmt: skip
_STYLES = {
    "b": "b", "strong": "b", "th": "b", "i": "i", "em": "i", "cite": "i", "u": "u", "ins": "u",
    "s": "s", "strike": "s", "del": "s", "code": "m", "tt": "m", "kbd": "m", "samp": "m", "a": "a",
    "mark": "y",
}  # fmt: skip
_BLOCKS = frozenset(
    {"p", "div", "dl", "dt", "dd", "section", "article", "header", "footer", "address", "center",
     "form", "fieldset", "tr", "td", "th", "body", "main", "figure", "figcaption", "caption",
     "tbody", "thead", "tfoot", "li"}
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
_ITALIC = re.compile(r"font-style\s*:\s*italic", re.I)
_UNDER = re.compile(r"text-decoration[^;]*underline", re.I)
_STRUCK = re.compile(r"text-decoration[^;]*line-through", re.I)
_HIGHLIGHT = re.compile(r"background(?:-color)?\s*:\s*(?:yellow|#ff0\b|#ffff00)", re.I)
_SPACE = re.compile(r"[ \t\r\n\f]+")


def html_blocks(html: str, picture: Picture) -> list[Block]:
    """Blocks of a mail's HTML, in reading order. Raises nothing.

    Pictures that are not part of the message become a note with the server's name; pictures of a
    pixel or two, which only report that a mail was opened, are left out.
    """
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - only HTML needs it

    body = LexborHTMLParser(_LONG_TAG.sub("<span>", html)).body
    out = _Blocks()
    if body is not None:
        _walk(body, out, picture, "", 0, 0)
    return out.done()


def text_blocks(text: str) -> list[Block]:
    """A plain body: its lines as they are, quoted ones marked so that they show in grey."""
    blocks: list[Block] = []
    lines: list[str] = []
    quoted = False
    for line in text.split("\n"):
        if line.startswith(">") is not quoted and lines:
            blocks.append({"k": "lines", "lines": lines, "quoted": quoted})
            lines = []
        quoted = line.startswith(">")
        lines.append(line.rstrip())
    if lines:
        blocks.append({"k": "lines", "lines": lines, "quoted": quoted})
    return blocks


class _Blocks:
    """Collects blocks, the words of the current paragraph apart."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.runs: list[dict[str, str]] = []

    def add(self, text: str, style: str) -> None:
        words = _SPACE.sub(" ", text)
        if not self.runs or self.runs[-1]["t"].endswith((" ", "\n")):
            words = words.removeprefix(" ")
        if words and self.runs and self.runs[-1]["s"] == style:
            self.runs[-1]["t"] += words
        elif words:
            self.runs.append({"t": words, "s": style})

    def line_end(self) -> None:
        if self.runs:
            self.runs[-1]["t"] = self.runs[-1]["t"].rstrip(" ") + "\n"
        else:
            self.runs.append({"t": "\n", "s": ""})

    def flush(self, kind: str = "p", **more: Any) -> None:
        text = "".join(run["t"] for run in self.runs)
        if text.strip():
            self.runs[0]["t"] = self.runs[0]["t"].lstrip(" \n")
            self.runs[-1]["t"] = self.runs[-1]["t"].rstrip(" \n")
            self.blocks.append({"k": kind, "runs": self.runs, **more})
        elif "\n" in text and self.blocks:
            self.blocks.append({"k": "gap"})
        self.runs = []

    def put(self, block: Block) -> None:
        self.flush()
        self.blocks.append(block)

    def done(self) -> list[Block]:
        self.flush()
        while self.blocks and self.blocks[-1]["k"] == "gap":
            self.blocks.pop()
        return self.blocks


def _walk(node: Any, out: _Blocks, picture: Picture, style: str, depth: int, boxes: int) -> None:
    child = node.child
    while child is not None:
        _take(child, out, picture, style, depth, boxes)
        child = child.next


def _take(node: Any, out: _Blocks, picture: Picture, style: str, depth: int, boxes: int) -> None:
    tag = node.tag or ""
    if tag == "-text":
        out.add(node.text_content or "", style)
        return
    if tag in _DROPPED or tag.startswith(("-", "!", "_")):
        return
    css = (node.attributes.get("style") or "") if node.attributes else ""
    if _HIDDEN.search(css):
        return
    if depth > _DEEPEST:
        out.add(node.text() or "", style)
        return
    style = _restyled(style, tag, css)
    if tag == "br":
        out.line_end()
    elif tag == "img":
        _picture(node, out, picture)
    elif tag == "hr":
        out.put({"k": "hr"})
    elif tag == "pre":
        out.put({"k": "lines", "lines": (node.text() or "").splitlines(), "quoted": False})
    elif tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
        out.flush()
        _walk(node, out, picture, style, depth + 1, boxes)
        out.flush("h", level=int(tag[1]))
    elif tag == "blockquote" and boxes < _DEEPEST_BOX:
        out.put({"k": "quote", "body": _inside(node, picture, style, depth, boxes + 1)})
    elif tag in {"ul", "ol"} and boxes < _DEEPEST_BOX:
        out.put(_list(node, picture, style, depth, boxes + 1))
    elif tag == "table" and boxes < _DEEPEST_BOX:
        _table(node, out, picture, style, depth, boxes)
    elif tag in _BLOCKS or tag in {"blockquote", "ul", "ol", "table"}:
        out.flush()
        _walk(node, out, picture, style, depth + 1, boxes)
        out.flush()
        if tag == "p" and out.blocks and out.blocks[-1]["k"] == "p":
            out.blocks[-1]["space"] = True
    else:
        _walk(node, out, picture, style, depth + 1, boxes)


def _inside(node: Any, picture: Picture, style: str, depth: int, boxes: int) -> list[Block]:
    inner = _Blocks()
    _walk(node, inner, picture, style, depth + 1, boxes)
    return inner.done()


def _restyled(style: str, tag: str, css: str) -> str:
    added = _STYLES.get(tag, "")
    if css:
        added += "".join(
            letter
            for letter, pattern in (
                ("b", _BOLD), ("i", _ITALIC), ("u", _UNDER), ("s", _STRUCK), ("y", _HIGHLIGHT)
            )
            if pattern.search(css)
        )  # fmt: skip
    return "".join(sorted({*style, *added})) if added else style


def _picture(node: Any, out: _Blocks, picture: Picture) -> None:
    source = (node.attributes.get("src") or "").strip()
    if _size(node, "width") in range(3) or _size(node, "height") in range(3):
        return
    file = picture(source)
    if file:
        out.put({"k": "img", "file": file, "width": _size(node, "width") or 0})
        return
    alt = _SPACE.sub(" ", node.attributes.get("alt") or "").strip()
    try:
        host = urlsplit(source).hostname or ""
    except ValueError:
        host = ""
    where = f" from {host}" if host else ""
    described = f": {alt}" if alt else ""
    out.add(f"[picture{where} not loaded{described}]", "n")


def _size(node: Any, name: str) -> int | None:
    value = re.match(r"\d{1,5}", node.attributes.get(name) or "")
    return int(value[0]) if value else None


def _list(node: Any, picture: Picture, style: str, depth: int, boxes: int) -> Block:
    items = []
    child = node.child
    while child is not None:
        if child.tag == "li":
            items.append(_inside(child, picture, style, depth, boxes))
        elif child.tag in {"ul", "ol"}:
            items.append([_list(child, picture, style, depth + 1, boxes + 1)])
        child = child.next
    return {"k": node.tag, "items": items}


def _table(node: Any, out: _Blocks, picture: Picture, style: str, depth: int, boxes: int) -> None:
    """A table of data as a table; one that only arranges the page as the blocks in it."""
    rows = [[cell for cell in _children(row) if cell.tag in {"td", "th"}] for row in _rows_of(node)]
    rows = [row for row in rows if row]
    wide = max(map(len, rows), default=0)
    if wide < 2 or wide > _MAX_COLUMNS or len(node.css("table")) > 1 or len(node.css("img")) > 2:
        out.flush()
        _walk(node, out, picture, style, depth + 1, boxes)
        out.flush()
        return
    cells: list[list[dict[str, Any]]] = [
        [
            {
                "body": _inside(cell, picture, _restyled(style, cell.tag, ""), depth, boxes + 1),
                "span": min(max(_size(cell, "colspan") or 1, 1), wide),
            }
            for cell in row
        ]
        for row in rows
    ]
    columns = max(sum(cell["span"] for cell in row) for row in cells)
    for row in cells:
        short = columns - sum(cell["span"] for cell in row)
        row.extend({"body": [], "span": 1} for _ in range(short))
    out.put({"k": "table", "columns": columns, "cells": [cell for row in cells for cell in row]})


def _rows_of(table: Any) -> list[Any]:
    rows = []
    for child in _children(table):
        if child.tag == "tr":
            rows.append(child)
        elif child.tag in {"thead", "tbody", "tfoot"}:
            rows.extend(row for row in _children(child) if row.tag == "tr")
    return rows


def _children(node: Any) -> list[Any]:
    found = []
    child = node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found
