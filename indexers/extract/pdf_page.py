"""One page of a PDF by PDFium: its text, where it stands, and what is drawn around it."""

from __future__ import annotations

import contextlib
import ctypes
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from indexers.extract.grid_words import Edge, Rules, Word
from indexers.model import LineBox

_MAX_CHARACTERS = 400_000  # of one page
_MAX_OBJECTS = 20_000
_MAX_SEGMENTS = 4_000  # of one drawing
_MAX_DEPTH = 4  # of drawings within drawings
_THIN = 3.0  # points; what is drawn thinner is a line
_SHORT = 8.0  # points; shorter lines are no table's
_WORD = re.compile(r"[^\s\x00]+")
_MONOSPACED = re.compile(r"\S {3,}\S.*\S {3,}\S")

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points; y grows upwards


@dataclass(frozen=True, slots=True)
class Lines:
    """A page's text line by line, and the boxes of the runs on each."""

    text: str  # as PDFium has it: character n of it is PDFium's character n
    starts: tuple[int, ...]
    runs: tuple[tuple[Box, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is on a page besides text."""

    rules: tuple[tuple[float, float, float, float], ...]  # x, y, x, y of straight lines, in points
    pictures: float  # share of the page that its largest picture covers, 0 to 1
    dpi: int  # dots per inch of that picture; 0 where there is none
    paths: int  # drawings; a page of many and no text has its letters drawn


def upright_textpage(page: Any) -> Any:
    """The text of a page, read as if the page were turned so that most of it stands upright.

    PDFium parts lines in the page's own directions: text that is drawn turned, or on a page that
    is shown turned but was written upright, would come out in pieces.
    """
    textpage = page.get_textpage()
    shown = page.get_rotation()
    wanted = turn_of(textpage)
    if wanted == shown:
        return textpage
    textpage.close()
    page.set_rotation(wanted)
    try:
        return page.get_textpage()
    finally:
        page.set_rotation(shown)


def read_lines(textpage: Any) -> Lines:
    """The text of a page and its runs; cheap, done for every page."""
    from pypdfium2 import raw  # noqa: PLC0415

    count = min(textpage.count_chars(), _MAX_CHARACTERS)
    text = textpage.get_text_range(0, count) if count > 0 else ""
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    refs = tuple(map(ctypes.byref, (left, top, right, bottom)))
    starts, runs = [], []
    if len(text) == count:  # else characters beyond the first plane: places would be off
        at = 0
        for line in text.split("\r\n"):
            if line.strip():
                found = raw.FPDFText_CountRects(textpage.raw, at, len(line))
                boxes = []
                for n in range(min(found, 500)):
                    if raw.FPDFText_GetRect(textpage.raw, n, *refs):
                        boxes.append((left.value, bottom.value, right.value, top.value))
                starts.append(at)
                runs.append(tuple(boxes))
            at += len(line) + 2
    return Lines(text, tuple(starts), tuple(runs))


def line_boxes(page: Any, lines: Lines, offsets: list[int]) -> tuple[LineBox, ...]:
    """The boxes of lines as the page is shown, turned and cropped.

    Args:
        page: of PDFium.
        lines: its text.
        offsets: of each line in the text that is kept.
    """
    from pypdfium2 import raw  # noqa: PLC0415

    x, y = ctypes.c_int(), ctypes.c_int()
    to_x, to_y = ctypes.byref(x), ctypes.byref(y)
    to_device, of_page = raw.FPDF_PageToDevice, page.raw
    out = []
    for start, runs in zip(offsets, lines.runs, strict=True):
        if not runs:
            continue
        left, bottom, right, top = runs[0]
        for other in runs[1:]:
            left, bottom = min(left, other[0]), min(bottom, other[1])
            right, top = max(right, other[2]), max(top, other[3])
        to_device(of_page, 0, 0, 10_000, 10_000, 0, left, bottom, to_x, to_y)
        ax, ay = _on_page(x.value), _on_page(y.value)
        to_device(of_page, 0, 0, 10_000, 10_000, 0, right, top, to_x, to_y)
        bx, by = _on_page(x.value), _on_page(y.value)
        out.append(LineBox(start, min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
    return tuple(out)


def _on_page(value: int) -> int:
    return min(max(value, 0), 10_000)


def look_at_drawing(page: Any) -> Drawn:
    """Straight lines and pictures of a page, those within its forms included."""
    rules: list[tuple[float, float, float, float]] = []
    largest, dpi, paths = 0.0, 0, 0
    width, height = page.get_size()
    area = max(1.0, abs(width * height))
    for count, (kind, item, matrix) in enumerate(_objects(page, None, (1, 0, 0, 1, 0, 0), 0)):
        if count >= _MAX_OBJECTS or len(rules) >= _MAX_SEGMENTS:
            break
        if kind == "path":
            paths += 1
            rules.extend(_straight(item, matrix))
        else:
            box = _moved(item.get_bounds(), matrix)
            share = abs((box[2] - box[0]) * (box[3] - box[1])) / area
            if share > largest:
                largest, dpi = share, _dots_per_inch(item, box)
    return Drawn(tuple(rules), min(1.0, largest), dpi, paths)


def _dots_per_inch(item: Any, box: Box) -> int:
    across, down = sorted(item.get_px_size()), sorted((box[2] - box[0], box[3] - box[1]))
    pixels, points = int(across[1]), float(down[1])
    return round(72 * pixels / max(points, 1))


_Matrix = tuple[float, float, float, float, float, float]


def _objects(
    page: Any, form: Any, matrix: _Matrix, depth: int
) -> Iterator[tuple[str, Any, _Matrix]]:
    from pypdfium2 import raw  # noqa: PLC0415

    for item in page.get_objects(max_depth=1, form=form, level=0):
        if item.type == raw.FPDF_PAGEOBJ_PATH:
            yield "path", item, matrix
        elif item.type == raw.FPDF_PAGEOBJ_IMAGE:
            yield "picture", item, matrix
        elif item.type == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inner = _times(item.get_matrix().get(), matrix)
            yield from _objects(page, item, inner, depth + 1)


def _times(a: Any, b: _Matrix) -> _Matrix:
    """First a, then b (ISO 32000-1, 8.3.4)."""
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def _point(x: float, y: float, m: _Matrix) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def _moved(box: Box, matrix: _Matrix) -> Box:
    (ax, ay), (bx, by) = _point(box[0], box[1], matrix), _point(box[2], box[3], matrix)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _straight(item: Any, outer: _Matrix) -> list[tuple[float, float, float, float]]:
    """The straight lines of a drawing: thin boxes as one line, others by their sides."""
    from pypdfium2 import raw  # noqa: PLC0415

    with contextlib.suppress(Exception):  # PDFium has no bounds for an empty path
        left, bottom, right, top = _moved(item.get_bounds(), outer)
        if min(right - left, top - bottom) <= _THIN:
            if max(right - left, top - bottom) < _SHORT:
                return []
            if right - left > top - bottom:
                middle = (bottom + top) / 2
                return [(left, middle, right, middle)]
            middle = (left + right) / 2
            return [(middle, bottom, middle, top)]
    matrix = _times(item.get_matrix().get(), outer)
    count = raw.FPDFPath_CountSegments(item.raw)
    if not 1 < count <= _MAX_SEGMENTS:
        return []
    x, y = ctypes.c_float(), ctypes.c_float()
    lines = []
    at = begun = (0.0, 0.0)
    for n in range(count):
        segment = raw.FPDFPath_GetPathSegment(item.raw, n)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        to = _point(x.value, y.value, matrix)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begun = to
        elif kind == raw.FPDF_SEGMENT_LINETO:
            lines.append((*at, *to))
            if raw.FPDFPathSegment_GetClose(segment):
                lines.append((*to, *begun))
        at = to
    return [
        line
        for line in lines
        if (abs(line[0] - line[2]) < 1) != (abs(line[1] - line[3]) < 1)
        and math.dist(line[:2], line[2:]) >= _SHORT
    ]


def may_hold_table(lines: Lines, drawn: Drawn) -> bool:
    """Whether a page is worth cutting into words: ruled both ways, or runs side by side."""
    upright = sum(1 for line in drawn.rules if abs(line[0] - line[2]) < 1)
    level = len(drawn.rules) - upright
    if upright >= 2 and level >= 2:
        return True
    if sum(1 for line in lines.text.split("\r\n") if _MONOSPACED.search(line)) >= 3:
        return True
    rows: Counter[int] = Counter()
    for box in (box for runs in lines.runs for box in runs):
        rows[round((box[1] + box[3]) / 8)] += 1  # within four points of one another
    return sum(1 for count in rows.values() if count >= 2) >= 3 and any(
        count >= 3 or (count == 2 and level) for count in rows.values()
    )


def words_and_rules(
    textpage: Any, lines: Lines, drawn: Drawn
) -> tuple[list[Word], Rules, Callable[[Box], Box]]:
    """Words with their places, and rules, turned so that most of the text stands upright.

    The last is what turned them: a box of the page's to left, top, right and bottom.
    """
    from pypdfium2 import raw  # noqa: PLC0415

    turn = turn_of(textpage)
    loose = raw.FS_RECTF()
    ref = ctypes.byref(loose)

    box_of, of_text = raw.FPDFText_GetLooseCharBox, textpage.raw
    words: list[Word] = []
    for match in _WORD.finditer(lines.text):
        box_of(of_text, match.start(), ref)
        left, bottom, right, top = loose.left, loose.bottom, loose.right, loose.top
        if match.end() - match.start() > 1:
            box_of(of_text, match.end() - 1, ref)
            left, bottom = min(left, loose.left), min(bottom, loose.bottom)
            right, top = max(right, loose.right), max(top, loose.top)
        words.append(Word(_plain(match[0]), *_upright((left, bottom, right, top), turn)))
    across, down = [], []
    for ax, ay, bx, by in drawn.rules:
        box = _upright((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), turn)
        left, top, right, bottom = box
        if right - left > bottom - top:
            across.append(Edge((top + bottom) / 2, left, right))
        else:
            down.append(Edge((left + right) / 2, top, bottom))
    return words, Rules(tuple(across), tuple(down)), lambda box: _upright(box, turn)


def _plain(word: str) -> str:
    return word.strip().replace("\ufffe", "-").replace("\x02", "-")


def turn_of(textpage: Any) -> int:
    """The turn of a page, clockwise, at which most of its text is upright: 0, 90, 180 or 270."""
    from pypdfium2 import raw  # noqa: PLC0415

    count = textpage.count_chars()
    turns: Counter[int] = Counter()
    for n in range(0, count, max(1, count // 40)):
        angle = raw.FPDFText_GetCharAngle(textpage.raw, n)
        if angle >= 0 and not raw.FPDFText_IsGenerated(textpage.raw, n):
            turns[-round(math.degrees(angle) / 90) * 90 % 360] += 1
    return turns.most_common(1)[0][0] if turns else 0


def _upright(box: Box, turn: int) -> tuple[float, float, float, float]:
    """A box of the page's own coordinates as left, top, right, bottom with y growing downwards."""
    left, bottom, right, top = box
    if turn == 90:
        return bottom, left, top, right
    if turn == 180:
        return -right, bottom, -left, top
    if turn == 270:
        return -top, -right, -bottom, -left
    return left, -top, right, -bottom
