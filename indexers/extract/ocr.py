"""Optical character recognition: a picture of a page to its text, by Tesseract.

The engine and its English data come as Python packages, so nothing needs to be installed beside
them; where those are missing, a ``tesseract`` of the system is used. Only in the worker's child.
"""

from __future__ import annotations

import importlib.util
import io
import math
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from indexers.extract.grid_words import Word
from indexers.extract.grids import find_tables
from indexers.extract.scans import at_reading_size, grey_and_even, rules_of
from indexers.model import LineBox, Table

if TYPE_CHECKING:
    from PIL.Image import Image

DOUBTFUL = 70  # of 100: a page that Tesseract is less sure of has mistakes
_SCAN_DPI = 300  # most that a page is rendered at
_USUAL_DPI = 200  # where there is no scan to go by
_LEAST_DPI = 140
_MAX_PIXELS = 100_000_000
_NO_WRITING = 40  # of 100: a line read with less is a shadow, a picture or a scrawl
_SURE = 60  # of 100: words that Tesseract is this sure of count as writing
_SURE_OF_TURN = 1.5  # of an open scale: below this, a page is taken to be upright
_ENOUGH = 3  # sure words, for a picture to count as one with writing in it
_SMALL = 1400  # pixels: of a picture reduced to see which way up it is
_TIMEOUT_S = 120  # of the system's Tesseract for one page
_HELP = "Installing paper-trail-archiver[ocr], or the program Tesseract, would help."


class NoOcrError(Exception):
    """Tesseract or its data is not installed; the sentence says what would help."""


class TooLargeError(Exception):
    """A picture with more pixels than is reasonable."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of a picture."""

    text: str  # line ends as LF; "" where there is no writing
    confidence: int  # 0 to 100, mean over words
    turned: int  # degrees counter-clockwise that made it upright: 0, 90, 180, 270
    lines: tuple[LineBox, ...] = ()  # on the picture as it was given
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """A word as Tesseract reports it."""

    line: tuple[int, int, int]  # block, paragraph, line
    word: Word
    confidence: float


def version() -> str:
    """What pictures would be read by; changes when that does. Cheap: nothing is loaded."""
    return {"package": "ocr 2", "program": "ocr 2 (program)", "": "no ocr"}[_means()]


@cache
def _means() -> str:
    if importlib.util.find_spec("tesserocr") is not None and _data_folder() is not None:
        return "package"
    return "program" if shutil.which("tesseract") else ""


@cache
def _data_folder() -> Path | None:
    """Where the language data is: of the package, else of a Tesseract of the system."""
    places = [Path(sys.prefix) / "share" / "tessdata"]
    if "TESSDATA_PREFIX" in os.environ:
        places.append(Path(os.environ["TESSDATA_PREFIX"]))
    places += sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"))
    places.append(Path("/opt/homebrew/share/tessdata"))
    return next((place for place in places if (place / "eng.traineddata").exists()), None)


def rendered(page: Any, scanned: int) -> tuple[Image, int]:
    """A page of PDFium as a picture, and its dots per inch.

    Args:
        page: of PDFium.
        scanned: dots per inch of its largest picture, 0 where it has none. Drawn at just that, a
            scan's specks stay single pixels, which can be told from writing.

    Raises:
        TooLargeError: the page is too large to be drawn.
    """
    width, height = page.get_size()
    dpi = min(scanned, _SCAN_DPI) if scanned >= _LEAST_DPI else _USUAL_DPI
    dpi = min(dpi, max(72, int(72 * 4200 / max(width, height, 1))))
    if width * height * (dpi / 72) ** 2 > _MAX_PIXELS or min(width, height) < 1:
        raise TooLargeError
    bitmap = page.render(scale=dpi / 72, grayscale=True, may_draw_forms=False)
    return bitmap.to_pil(), dpi


def recognise(picture: Image, dpi: int = _SCAN_DPI) -> Recognised:
    """Read the writing in a picture.

    Args:
        picture: of a page, in any mode, upright or turned by a right angle.
        dpi: dots per inch; tells Tesseract how large letters are.

    Raises:
        NoOcrError: the engine is not there.
        TooLargeError: it has more than 100 million pixels.
    """
    if picture.width * picture.height > _MAX_PIXELS:
        raise TooLargeError
    if not _means():
        raise NoOcrError(_HELP)
    grey, dpi = at_reading_size(grey_and_even(picture), dpi)
    turned = _orientation(grey)
    upright = _turned(grey, turned)
    seen = _read(upright, dpi)
    if _sure(seen) < _ENOUGH:
        better = _other_way_up(grey, turned, dpi)
        if better is None:
            return Recognised("", _confidence(seen), turned)
        turned = better
        upright = _turned(grey, turned)
        seen = _read(upright, dpi)
    text, lines = _text(seen, upright.size, turned)
    return Recognised(text, _confidence(seen), turned, lines, _tables(upright, seen))


def _turned(grey: Image, turn: int) -> Image:
    from PIL import Image as Pillow  # noqa: PLC0415

    if not turn:
        return grey
    return grey.transpose(getattr(Pillow.Transpose, f"ROTATE_{turn}"))


def _sure(seen: list[_Seen]) -> int:
    return sum(
        1 for s in seen
        if s.confidence >= _SURE and sum(map(str.isalnum, s.word.text)) >= 2
    )  # fmt: skip


def _confidence(seen: list[_Seen]) -> int:
    return round(sum(s.confidence for s in seen) / len(seen)) if seen else 0


def _other_way_up(grey: Image, tried: int, dpi: int) -> int | None:
    """The turn at which a small copy shows writing, where one does."""
    small = grey.copy()
    small.thumbnail((_SMALL, _SMALL))
    dpi = max(70, round(dpi * small.width / max(grey.width, 1)))
    found = {turn: _sure(_read(_turned(small, turn), dpi)) for turn in (90, 270, 180, 0)
             if turn != tried}  # fmt: skip
    best = max(found, key=lambda turn: found[turn])
    return best if found[best] >= _ENOUGH else None


def _text(seen: list[_Seen], size: tuple[int, int], turned: int) -> tuple[str, tuple[LineBox, ...]]:
    """Lines with an empty one between blocks, and where each stands on the picture as given."""
    out: list[str] = []
    boxes: list[LineBox] = []
    length = 0
    block = None
    for name, group in groupby(seen, key=lambda s: s.line):
        words = [s.word for s in group]
        if block is not None and name[:2] != block:
            out.append("\n")
            length += 1
        block = name[:2]
        box = (min(w.left for w in words), min(w.top for w in words),
               max(w.right for w in words), max(w.bottom for w in words))  # fmt: skip
        boxes.append(LineBox(length, *_as_given(box, size, turned)))
        line = " ".join(w.text for w in words) + "\n"
        out.append(line)
        length += len(line)
    return "".join(out), tuple(boxes)


def _as_given(
    box: tuple[float, float, float, float], size: tuple[int, int], turned: int
) -> tuple[int, int, int, int]:
    """A box of the upright picture on the one that was turned to get it, in ten-thousandths."""
    width, height = size
    left, t, r, b = (round(10_000 * v) for v in
                  (box[0] / width, box[1] / height, box[2] / width, box[3] / height))  # fmt: skip
    if turned == 90:
        return 10_000 - b, left, 10_000 - t, r
    if turned == 180:
        return 10_000 - r, 10_000 - b, 10_000 - left, 10_000 - t
    if turned == 270:
        return t, 10_000 - r, b, 10_000 - left
    return left, t, r, b


def _tables(grey: Image, seen: list[_Seen]) -> tuple[Table, ...]:
    """Tables of the page, which is laid level first: a line of text says how it leans."""
    words = [s.word for s in seen if s.confidence > 20 and any(map(str.isalnum, s.word.text))]
    lean = _lean(seen)
    if abs(lean) > 0.002:
        words = [_level(word, lean) for word in words]
        grey = grey.rotate(math.degrees(lean), fillcolor=255, center=(0, 0))
    return tuple(find_tables(words, rules_of(grey)))


def _lean(seen: list[_Seen]) -> float:
    """How much lines of text fall to the right, in radians."""
    slopes = []
    for _, group in groupby(seen, key=lambda s: s.line):
        words = [s.word for s in group]
        if len(words) >= 4 and words[-1].centre - words[0].centre > 200:
            slopes.append(
                (words[-1].middle - words[0].middle) / (words[-1].centre - words[0].centre)
            )
    return math.atan(median(slopes)) if len(slopes) >= 3 else 0.0


def _level(word: Word, lean: float) -> Word:
    """A word moved as if the page were turned about its corner; it keeps its size."""
    x, y = word.centre, word.middle
    cos, sin = math.cos(lean), math.sin(lean)
    dx, dy = x * cos + y * sin - x, y * cos - x * sin - y
    return Word(word.text, word.left + dx, word.top + dy, word.right + dx, word.bottom + dy)


# --- the engine ------------------------------------------------------------------------------


def _orientation(grey: Image) -> int:
    """Degrees counter-clockwise that make the page upright, where that can be told."""
    small = grey.copy()
    small.thumbnail((2400, 2400))
    if _means() == "package":
        engine = _engine("osd")
        if engine is None:
            return 0
        _show(engine, small)
        found = engine.DetectOrientationScript()
        engine.Clear()
        if not found or found["orient_conf"] < _SURE_OF_TURN:
            return 0
        return int(found["orient_deg"]) % 360
    said = dict(line.split(": ", 1) for line in _ask(small, 300, "0").splitlines() if ": " in line)
    try:
        if float(said["Orientation confidence"]) < _SURE_OF_TURN:
            return 0
        return int(said["Orientation in degrees"]) % 360
    except (KeyError, ValueError):
        return 0


def _read(grey: Image, dpi: int) -> list[_Seen]:
    if _means() == "package":
        engine = _engine("eng")
        if engine is None:
            raise NoOcrError(_HELP)
        _show(engine, grey)
        engine.SetSourceResolution(dpi)
        engine.Recognize()
        table = engine.GetTSVText(0)
        engine.Clear()
    else:
        table = _ask(grey, dpi, "3", "tsv")
    found = [seen for line in table.splitlines() if (seen := _seen(line)) is not None]
    kept: list[_Seen] = []
    for _, group in groupby(found, key=lambda s: s.line):
        line = list(group)
        if _confidence(line) >= _NO_WRITING:
            kept += [_mended(one, line[n + 1 : n + 2]) for n, one in enumerate(line)]
    return kept


def _mended(seen: _Seen, after: list[_Seen]) -> _Seen:
    """A lone stroke before a word in small letters is the word "I"."""
    if seen.word.text == "|" and after and after[0].word.text[:1].islower():
        return replace(seen, word=replace(seen.word, text="I"))
    return seen


def _seen(line: str) -> _Seen | None:
    """A row of Tesseract's table: level, page, block, paragraph, line, word, box, conf, text."""
    cells = line.split("\t")
    if len(cells) != 12 or cells[0] != "5" or not cells[11].strip():
        return None
    block, paragraph, row = (int(cell) for cell in cells[2:5])
    left, top, width, height = (int(cell) for cell in cells[6:10])
    word = Word(cells[11].strip(), left, top, left + width, top + height)
    return _Seen((block, paragraph, row), word, float(cells[10]))


@cache
def _engine(data: str) -> Any:
    """The engine for reading ("eng") or for telling how a page lies ("osd"); loaded once."""
    import tesserocr  # noqa: PLC0415

    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    folder = _data_folder()
    if folder is None or not (folder / f"{data}.traineddata").exists():
        return None
    mode = tesserocr.PSM.OSD_ONLY if data == "osd" else tesserocr.PSM.AUTO
    engine = tesserocr.PyTessBaseAPI(path=str(folder), lang=data, psm=mode)
    engine.SetVariable("debug_file", os.devnull)
    return engine


def _show(engine: Any, grey: Image) -> None:
    engine.SetImageBytes(grey.tobytes(), grey.width, grey.height, 1, grey.width)


def _ask(grey: Image, dpi: int, mode: str, *more: str) -> str:
    """What the system's Tesseract says of a picture; "" where it fails."""
    out = io.BytesIO()
    grey.save(out, "PNG", compress_level=1)
    try:
        done = subprocess.run(
            ["tesseract", "-", "-", "--dpi", str(dpi), "--psm", mode, *more],
            input=out.getvalue(), capture_output=True, timeout=_TIMEOUT_S, check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
