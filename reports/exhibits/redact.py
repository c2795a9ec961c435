"""Names that must not leave: taken out of words, and burned out of pages.

A page on which a name is found becomes a picture with the name painted over before it is stored:
no text layer, no lower layer and no property of the document keeps it. A page whose words cannot
be searched is left out, because nobody could say what is on it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from archiver.errors import ConfigError

MASK = "[redacted]"
_DPI = 200
_PAD = 1.2  # points around a name
_BROKEN = r"(?:[-\u2010\x02\ufffe]?[\r\n]+)?"  # a name that a line end cuts in two
_BETWEEN = r"[\s._,+\-]*"  # maya.lopez@…, Maya_Lopez.pdf
_SEARCHABLE = 20  # characters: a page with fewer, and a picture, cannot be searched
_SCAN = 0.3  # share of a page; a picture larger than that may be the page itself
_SCAN_WORDS = 200  # characters that a page of words has at least, if it is not such a picture


@dataclass(frozen=True, slots=True)
class Box:
    """A place that was painted over, in points from the lower left of the page as shown."""

    page: int  # of the document, from 1
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Pictured:
    """A page whose words were searched and which holds a picture that was not."""

    page: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A page that was replaced by nothing, because it could not be searched."""

    page: int


Mark = Box | Pictured | LeftOut
MARKS = {kind.__name__: kind for kind in (Box, Pictured, LeftOut)}


@dataclass(frozen=True, slots=True)
class Redactor:
    """The names, ready to be looked for; with none, everything stays as it is."""

    pattern: re.Pattern[str] | None = None
    masks: tuple[str, ...] = ()
    digest: str = ""  # SHA-256 of the list of names: which list a packet was made with
    names: tuple[tuple[str, str], ...] = ()  # with their masks, to make the same redactor elsewhere

    @property
    def active(self) -> bool:
        """Whether there are names at all."""
        return self.pattern is not None

    def text(self, text: str) -> str:
        """The text with every name masked; accents, case and hidden characters do not matter."""
        if self.pattern is None:
            return text
        pieces, last = [], 0
        for start, end, mask in self._spans(text):
            pieces += [text[last:start], mask]
            last = end
        return "".join((*pieces, text[last:]))

    def finds(self, text: str) -> bool:
        """Whether a name stands in a text."""
        return self.pattern is not None and next(self._spans(text), None) is not None

    def pdf(self, content: bytes) -> tuple[bytes, list[Mark]]:
        """The pages with every name burned out, and where.

        Args:
            content: as ``convert.pdf_pages`` gives it: form fields and marks drawn in.
        """
        import pikepdf  # noqa: PLC0415
        import pypdfium2  # noqa: PLC0415

        done: list[Mark] = []
        document = pypdfium2.PdfDocument(content)
        with pikepdf.Pdf.open(BytesIO(content)) as source, pikepdf.Pdf.new() as made:
            for number in range(len(document)):
                page = document[number]
                covered = _covered(page)
                boxes = self._boxes(page, number + 1, covered)
                if boxes is not None and covered:
                    done.append(Pictured(number + 1))
                if boxes is None:
                    done.append(LeftOut(number + 1))
                    _add_left_out(made, page.get_size())
                elif boxes:
                    picture = _painted(page, boxes)
                    _add_picture(made, picture, page.get_size())
                    done.extend(boxes)
                else:
                    made.pages.append(source.pages[number])
                page.close()
            out = BytesIO()
            made.save(out, deterministic_id=True)
        document.close()
        return out.getvalue(), done

    def _spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        assert self.pattern is not None
        folded, places = _fold(text)
        for match in self.pattern.finditer(folded):
            if match.end() > match.start():
                index = next(i for i, group in enumerate(match.groups()) if group is not None)
                end = places[match.end() - 1] + 1
                while end < len(text) and unicodedata.combining(text[end]):
                    end += 1
                yield places[match.start()], end, self.masks[index]

    def _boxes(self, page: Any, number: int, covered: float) -> list[Box] | None:
        """Where names are on a page; None where its words cannot be searched."""
        words = page.get_textpage()
        try:
            from pypdfium2 import raw  # noqa: PLC0415

            count = words.count_chars()
            text = "".join(chr(raw.FPDFText_GetUnicode(words.raw, i) or 32) for i in range(count))
            shown = [c for c in text if not c.isspace()]
            sound = sum(c.isprintable() and c != "\ufffd" for c in shown)
            # A scan has no words, or the few that a fax machine printed over it.
            scanned = covered > _SCAN and len(shown) < _SCAN_WORDS
            if (len(shown) < _SEARCHABLE and covered) or scanned or sound < 0.9 * len(shown):
                return None
            return [
                Box(number, *words.get_charbox(i, loose=True))
                for start, end, _ in self._spans(text)
                for i in range(start, end)
                if not text[i].isspace()
            ]
        finally:
            words.close()


def read_names(path: Path) -> Redactor:
    """A file of names: one a line, ``Maya Lopez`` or ``Maya Lopez = M.L.``; # begins a remark.

    Raises:
        ConfigError: it cannot be read, or names nobody.
    """
    try:
        content = path.read_bytes()
        lines = content.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise ConfigError(path, [f"it cannot be read: {error}"]) from error
    names: dict[str, str] = {}
    for line in lines:
        name, _, mask = line.partition("#")[0].partition("=")
        if name.strip():
            names[name.strip()] = f"[{mask.strip()}]" if mask.strip() else MASK
    if not names:
        raise ConfigError(path, ["it has no name in it; write one a line"])
    for name in names:
        if len(_fold(name)[0].strip()) < 2:
            raise ConfigError(path, [f"{name!r} is too short to look for"])
    return redactor_of(names, hashlib.sha256(content).hexdigest())


def redactor_of(names: dict[str, str], digest: str = "") -> Redactor:
    """A redactor for names and their masks; the longest name is tried first."""
    ordered = sorted(names, key=lambda name: (-len(name), name))
    groups = []
    for name in ordered:
        words = _fold(name)[0].split()
        parts = (_BROKEN.join(map(re.escape, word)) for word in words)
        groups.append(f"({_BETWEEN.join(parts)})")
    # Letters end a word here, digits and underscores do not: Maya_IEP.pdf, maya2026@….
    pattern = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(groups)})(?![^\W\d_])")
    masks = tuple(names[name] for name in ordered)
    return Redactor(pattern, masks, digest, tuple(names.items()))


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """Lower case without accents and invisible characters, and where each character came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded, places = [], []
    for place, character in enumerate(text):
        for base in _base(character):
            folded.append(base)
            places.append(place)
    return "".join(folded), places


@lru_cache(maxsize=4096)
def _base(character: str) -> str:
    if unicodedata.category(character) == "Cf":
        return ""
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(base for base in plain if not unicodedata.combining(base))


def _covered(page: Any) -> float:
    """Share of a page that pictures cover, counted one by one; 0 where there is none."""
    from pypdfium2 import raw  # noqa: PLC0415

    wide, high = page.get_size()
    share = 0.0
    for shown in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=15):
        left, bottom, right, top = shown.get_bounds()
        share += max(0.0, right - left) * max(0.0, top - bottom) / (wide * high) + 1e-6
    return share


def _painted(page: Any, boxes: list[Box]) -> bytes:
    from PIL import ImageDraw  # noqa: PLC0415

    bitmap = page.render(scale=_DPI / 72)
    place = bitmap.get_posconv(page)
    image = bitmap.to_pil().convert("RGB")
    draw = ImageDraw.Draw(image)
    for box in boxes:
        first = place.to_bitmap(box.left - _PAD, box.bottom - _PAD)
        second = place.to_bitmap(box.right + _PAD, box.top + _PAD)
        across, down = sorted((first[0], second[0])), sorted((first[1], second[1]))
        draw.rectangle((across[0], down[0], across[1], down[1]), fill="black")
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def _add_picture(made: Any, jpeg: bytes, size: tuple[float, float]) -> None:
    from pikepdf import Dictionary, Name, Stream  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    with Image.open(BytesIO(jpeg)) as image:
        wide, high = image.size
    picture = Stream(
        made, jpeg, Type=Name.XObject, Subtype=Name.Image, Width=wide, Height=high,
        ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode,
    )  # fmt: skip
    page = made.add_blank_page(page_size=size)
    page.Resources = Dictionary(XObject=Dictionary(P=made.make_indirect(picture)))
    page.Contents = made.make_stream(f"q {size[0]} 0 0 {size[1]} 0 0 cm /P Do Q".encode())


def _add_left_out(made: Any, size: tuple[float, float]) -> None:
    from pikepdf import Dictionary, Name  # noqa: PLC0415

    page = made.add_blank_page(page_size=size)
    face = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(F=made.make_indirect(face)))
    said = "(This page is a picture. Its words cannot be searched for names, so it is left out.) Tj"
    page.Contents = made.make_stream(f"BT /F 11 Tf 60 {size[1] / 2:.0f} Td {said} ET".encode())
