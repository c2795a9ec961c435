"""Pure: HTML of a mail to text as a person sees it."""

from __future__ import annotations

import re
from typing import Any

_MAX_TAG = 32 << 10  # characters; parsers are quadratic in the attributes of one tag
_MAX_DEPTH = 400
_LONG_TAG = re.compile(rf"<[a-zA-Z/][^<>]{{{_MAX_TAG},}}>?")
_DROPPED = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "object"})
_BLOCKS = frozenset(
    {
        "p", "div", "table", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6",
        "section", "article", "header", "footer", "address", "center", "form", "fieldset", "pre",
        "hr", "tr", "li", "blockquote", "body", "main", "figure",
    }
)  # fmt: skip
_SPACED = frozenset({"p", "blockquote", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_OUTLOOK_DIVIDER = re.compile(r"border-top\s*:\s*solid", re.I)


def html_to_text(html: str) -> str:
    """Text of a mail's HTML, line ends as LF, quoted blocks marked with "> " as in plain mail.

    Table rows are lines, their cells joined by " | "; hidden text, scripts and styles are left
    out; of links, the words are kept. Raises nothing.
    """
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - only HTML needs it

    body = LexborHTMLParser(_LONG_TAG.sub("<span>", html)).body
    if body is None:
        return ""
    writer = _Writer()
    _walk(body, writer)
    return writer.text()


class _Writer:
    """Collects text, with white space as a browser would collapse it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.current: list[str] = []
        self.depth = 0  # of blockquotes

    def add(self, text: str) -> None:
        words = re.sub(r"[ \t\r\n\f]+", " ", text)
        if words == " " and (not self.current or self.current[-1].endswith(" ")):
            return
        self.current.append(words)

    def end_line(self) -> None:
        line = re.sub(r" {2,}", " ", "".join(self.current)).strip(" ")
        if line:
            self._put(line)
        self.current.clear()

    def add_break(self) -> None:
        if "".join(self.current).strip():
            self.end_line()
        else:
            self.current.clear()
            self.blank()

    def blank(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self._put("")

    def add_preformatted(self, text: str) -> None:
        self.end_line()
        for line in text.splitlines():
            self._put(line.rstrip())

    def _put(self, line: str) -> None:
        self.lines.append("> " * self.depth + line if self.depth else line)

    def text(self) -> str:
        self.end_line()
        text = "\n".join(line.rstrip() for line in self.lines).replace("\xa0", " ")
        return text.strip("\n") + "\n" if text.strip() else ""


def _walk(root: Any, out: _Writer) -> None:
    """Depth first without recursion: hostile mail nests a thousand deep."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag or ""
        if leaving:
            _leave(tag, out)
            continue
        if tag == "-text":
            out.add(node.text_content or "")
            continue
        if tag in _DROPPED or tag.startswith(("-", "!", "_")):
            continue
        style = (node.attributes.get("style") or "") if node.attributes else ""
        if style and _HIDDEN.search(style):
            continue
        if tag == "br":
            out.add_break()
            continue
        if tag == "pre":
            out.add_preformatted(node.text() or "")
            continue
        if tag in {"td", "th"} and _has_cell_before(node):
            out.add(" | ")
        if tag in _BLOCKS:
            out.end_line()
            if tag in _SPACED:
                out.blank()
        if tag == "blockquote":
            out.depth = min(out.depth + 1, _MAX_DEPTH)
        if tag == "div" and _OUTLOOK_DIVIDER.search(style):
            out.lines.append("________________________________")
        if tag == "li":
            out.add("- ")
        stack.append((node, True))
        children = []
        child = node.child
        while child is not None:
            children.append((child, False))
            child = child.next
        stack.extend(reversed(children))


def _leave(tag: str, out: _Writer) -> None:
    if tag in _BLOCKS:
        out.end_line()
    if tag == "blockquote":
        out.depth -= 1
    if tag in _SPACED:
        out.blank()


def _has_cell_before(node: Any) -> bool:
    before = node.prev
    while before is not None:
        if before.tag in {"td", "th"}:
            return bool((before.text() or "").strip())
        before = before.prev
    return False
