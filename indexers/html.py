"""Pure: HTML of a mail to text as a person sees it, and what its markup says of each line."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from indexers.mail_lines import Hint

_MAX_TAG = 32 << 10  # characters; parsers are quadratic in the attributes of one tag
_MAX_DEPTH = 400
_MAX_HTML = 4_000_000  # characters
_MAX_ROW = 1500  # characters
_DEEP = 400  # tags open at once
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.S)  # with what Word writes for itself
# An opening tag ends those that it cannot stand in, where nobody closed them.
_ENDS = {
    "p": {"p"},
    "li": {"p", "li"},
    "dt": {"p", "dt", "dd"},
    "dd": {"p", "dt", "dd"},
    "td": {"p", "td", "th"},
    "th": {"p", "td", "th"},
    "tr": {"p", "td", "th", "tr"},
    "option": {"option"},
}
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,30})[^<>]*>?")
_VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "wbr"})
_LONG_TAG = re.compile(rf"<[a-zA-Z/][^<>]{{{_MAX_TAG},}}>?")
_DROPPED = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "object"})
_BLOCKS = frozenset(
    {
        "p", "div", "table", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6",
        "section", "article", "header", "footer", "address", "center", "form", "fieldset", "pre",
        "hr", "tr", "li", "blockquote", "body", "main", "figure",
    }
)  # fmt: skip
_RULE = "_" * 32
_SPACED = frozenset({"p", "blockquote", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_OUTLOOK_DIVIDER = re.compile(r"border-top\s*:\s*solid", re.I)
_INDENTED = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.I)  # by a button: no quote

# What mail programs call the boxes they make; Yahoo and Outlook put letters of theirs before it.
_BOXES = (
    (re.compile(r"gmail_attr|moz-cite-prefix|OutlookMessageHeader|divRplyFwdMsg"), Hint.INTRODUCES),
    (re.compile(r"moz-email-headers-table"), Hint.INTRODUCES),
    (re.compile(r"yahoo_quoted|mail-editor-reference-message-container"), Hint.QUOTED),
    (re.compile(r"gmail_quote|protonmail_quote|moz-forward-container"), Hint.INSIDE),
    (
        re.compile(
            r"gmail_signature|moz-signature|protonmail_signature_block|composer_signature"
            r"|ms-outlook-mobile-signature|AppleMailSignature|(?:\A|\s)Signature(?:\s|\Z)"
        ),
        Hint.SIGNATURE,
    ),
)
_COLOUR = re.compile(r"(?:\A|[;\s])color\s*:\s*([^;!]{1,40})", re.I)
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\Z", re.I)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})", re.I)
_NAMED_COLOURS = frozenset(
    re.findall(
        r"\w+",
        "red blue green purple orange magenta crimson maroon navy teal brown fuchsia"
        " darkred darkblue darkgreen royalblue firebrick tomato orangered violet indigo"
        " deeppink mediumblue",
    )
)


@dataclass(frozen=True, slots=True)
class HtmlText:
    """A page's text, and what its markup says of each of its lines."""

    text: str
    hints: tuple[Hint, ...]  # one a line


def html_to_text(html: str) -> str:
    """Text of a mail's HTML, line ends as LF, quoted blocks marked with "> " as in plain mail.

    Table rows are lines, their cells joined by " | "; hidden text, scripts and styles are left
    out; of links, the words are kept. Raises nothing.
    """
    return read_html(html).text


def read_html(html: str) -> HtmlText:
    """The text of ``html_to_text``, with what the markup says of each line. Raises nothing."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - only HTML needs it

    body = LexborHTMLParser(_shallow(_LONG_TAG.sub("<span>", html[:_MAX_HTML]))).body
    if body is None:
        return HtmlText("", ())
    writer = _Writer()
    _walk(body, writer)
    return writer.finished()


def _shallow(html: str) -> str:
    """A page without the tags that open below a depth no person reaches.

    For each tag the parser walks through all that are open: time grows with the square of depth.
    """
    if _flat(html):
        return html
    html = _COMMENT.sub("", html)
    if _flat(html):
        return html
    out: list[str] = []
    opened: list[str] = []
    counts: Counter[str] = Counter()

    def close(name: str) -> None:
        while (last := opened.pop()) != name:
            counts[last] -= 1
        counts[name] -= 1

    end = 0
    for tag in _TAG.finditer(html):
        out.append(html[end : tag.start()])
        end = tag.end()
        name = tag[2].lower()
        if tag[1] and counts[name]:
            close(name)
        elif not tag[1] and name not in _VOID:
            while opened and opened[-1] in _ENDS.get(name, ()):
                close(opened[-1])
            opened.append(name)
            counts[name] += 1
        if len(opened) <= _DEEP:
            out.append(tag[0])
        elif name in {"p", "div", "td", "tr", "li", "blockquote"}:
            out.append("\n")
    return "".join([*out, html[end:]])


def _flat(html: str) -> bool:
    """Whether no page with so many tags can be too deep."""
    return html.count("<") - 2 * html.count("</") < _DEEP and html.count("<") < 20 * _DEEP


class _Context(NamedTuple):
    """What holds for everything within an element."""

    hint: Hint = Hint.NONE
    coloured: bool = False
    flat: bool = False  # a cell of a row: its paragraphs stand side by side


class _Writer:
    """Collects text, with white space as a browser would collapse it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.hints: list[Hint] = []
        self.current: list[str] = []
        self.depth = 0  # of blockquotes
        self._hint = Hint.NONE
        self._coloured = self._plain = False  # of the words of the current line
        self._begun = False

    def add(self, text: str, context: _Context = _Context(), *, linked: bool = False) -> None:  # noqa: B008 - a tuple
        words = re.sub(r"[ \t\r\n\f]+", " ", text)
        if words == " " and (not self.current or self.current[-1].endswith(" ")):
            return
        self.current.append(words)
        self._begun = self._begun or not words.isspace()
        if words.strip(" \xa0") and not linked:
            self._hint |= context.hint
            self._coloured |= context.coloured
            self._plain |= not context.coloured

    def begun(self) -> bool:
        """Whether the current line has words already."""
        return self._begun

    def end_line(self) -> None:
        line = re.sub(r" {2,}", " ", "".join(self.current)).strip(" ")
        if line:
            spotted = Hint.SPOTTED if self._plain else Hint.COLOURED
            self._put(line, self._hint | (spotted if self._coloured else Hint.NONE))
        self.current.clear()
        self._hint, self._coloured, self._plain = Hint.NONE, False, False
        self._begun = False

    def add_break(self) -> None:
        if self._begun:
            self.end_line()
        else:
            self.current.clear()
            self.blank()

    def blank(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self._put("", Hint.NONE)

    def add_rule(self, context: _Context) -> None:
        self.end_line()
        if self.lines and self.lines[-1].strip("> ") != _RULE:
            self._put(_RULE, context.hint)

    def add_preformatted(self, text: str, context: _Context) -> None:
        self.end_line()
        for line in text.splitlines():
            self._put(line.rstrip(), context.hint)

    def _put(self, line: str, hint: Hint) -> None:
        self.lines.append("> " * self.depth + line if self.depth else line)
        self.hints.append(hint)

    def finished(self) -> HtmlText:
        self.end_line()
        lines = [line.replace("\xa0", " ").rstrip() for line in self.lines]
        first = next((n for n, line in enumerate(lines) if line), len(lines))
        while len(lines) > first and not lines[-1]:
            lines.pop()
        if first == len(lines):
            return HtmlText("", ())
        text = "\n".join(lines[first:]) + "\n"
        return HtmlText(text, tuple(self.hints[first : len(lines)]))


def _walk(root: Any, out: _Writer) -> None:
    """Depth first without recursion: hostile mail nests a thousand deep."""
    stack: list[tuple[Any, _Context, bool]] = [(root, _Context(), False)]
    while stack:
        node, context, leaving = stack.pop()
        tag = node.tag or ""
        if leaving:
            _leave(node, tag, context, out)
            continue
        if tag == "-text":
            out.add(node.text_content or "", context)
            continue
        if tag in _DROPPED or tag.startswith(("-", "!", "_")):
            continue
        attributes = node.attributes or {}
        style = attributes.get("style") or ""
        if style and _HIDDEN.search(style):
            continue
        context = _within(tag, attributes, style, context)
        if _written_whole(node, tag, context, out):
            continue
        if tag in {"td", "th"} and (_follows_a_cell(node) if context.flat else out.begun()):
            out.add(" | ", context, linked=True)
        if context.flat and tag in _BLOCKS:
            out.add(" ", context)
        elif tag in _BLOCKS:
            out.end_line()
            if tag in _SPACED:
                out.blank()
        if tag == "tr" and _is_a_row(node):
            context = context._replace(flat=True)
        if _quotes(node, tag):
            out.depth = min(out.depth + 1, _MAX_DEPTH)
        if tag == "div" and _OUTLOOK_DIVIDER.search(style):
            out.add_rule(context)
        if tag == "li":
            out.add("- ", context, linked=True)
        stack.append((node, context, True))
        children = []
        child = node.child
        while child is not None:
            children.append((child, context, False))
            child = child.next
        stack.extend(reversed(children))


def _written_whole(node: Any, tag: str, context: _Context, out: _Writer) -> bool:
    """Write an element that nothing within is looked at of; False for any other."""
    if tag == "br" and context.flat:
        out.add(" ", context)
    elif tag == "br":
        out.add_break()
    elif tag == "hr":
        out.add_rule(context)
    elif tag == "pre" and not context.flat:
        out.add_preformatted(node.text() or "", context)
    else:
        return False
    return True


def _within(tag: str, attributes: Any, style: str, outer: _Context) -> _Context:
    """What holds within an element, from its name, class, id and colour."""
    hint, coloured, flat = outer
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}" if attributes else ""
    if len(named) > 1 and tag != "blockquote":
        for pattern, told in _BOXES:
            if pattern.search(named[:300]):
                hint |= told
                break
    if tag == "a":
        return _Context(hint, False, flat)
    colour = _COLOUR.search(style) if style else None
    name = colour[1] if colour else attributes.get("color") if tag == "font" else None
    return _Context(hint, _is_coloured(name.strip()) if name else coloured, flat)


def _is_coloured(name: str) -> bool:
    """Whether a colour stands out: neither black, nor white, nor grey, nor nearly so."""
    if name.lower() in _NAMED_COLOURS:
        return True
    found, rgb = _HEX.match(name), _RGB.match(name)
    if found:
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        parts = [int(digits[n : n + 2], 16) for n in (0, 2, 4)]
    elif rgb:
        parts = [int(part) for part in rgb.groups()]
    else:
        return False
    return max(parts) - min(parts) > 60


def _quotes(node: Any, tag: str) -> bool:
    """Whether an element holds a quote; what a button has indented is the author's own."""
    if tag != "blockquote":
        return False
    attributes = node.attributes or {}
    if attributes.get("type") == "cite" or attributes.get("cite") or attributes.get("class"):
        return True
    return not _INDENTED.search(attributes.get("style") or "")


def _leave(node: Any, tag: str, context: _Context, out: _Writer) -> None:
    if context.flat and tag != "tr":
        if tag in _BLOCKS:
            out.add(" ", context)
        return
    if tag in _BLOCKS:
        out.end_line()
    if _quotes(node, tag):
        out.depth -= 1
    if tag in _SPACED:
        out.blank()


def _is_a_row(node: Any) -> bool:
    """Whether a table's row holds cells and not, as newsletters have it, the page's layout."""
    cells = 0
    child = node.child
    while child is not None and cells < 2:
        cells += child.tag in {"td", "th"}
        child = child.next
    if cells < 2 or node.css_first("table, blockquote") is not None:
        return False
    return len(node.text() or "") < _MAX_ROW


def _follows_a_cell(node: Any) -> bool:
    before = node.prev
    while before is not None and before.tag == "-text":
        before = before.prev
    return before is not None and before.tag in {"td", "th"}
