"""Edge: pages into a frame, with their stamps in the margin beside it.

A page is never drawn over: it is set, a little smaller where need be, into the part of the sheet
that the margin for stamps leaves free. Pages that this program typeset have that size already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Rectangle

from reports.exhibits.model import BAND, Place, Profile

_SIZE = 9.5  # points of the stamps' face
_WIDE = 0.6 * _SIZE  # of each character: Courier's are all the same
_SIDE = 30.0  # points from the edge of the paper
STRAY = ("/Metadata", "/PieceInfo", "/Thumb", "/LastModified")
"""Properties that programs hide in pages and pictures; they may hold names and earlier versions."""


def stamped(
    sources: Sequence[bytes], profile: Profile, stamps: Callable[[int], tuple[str, str]], out: Path
) -> None:
    """Write the pages of some PDFs as one, each with its stamps.

    Args:
        sources: sound PDFs, as ``convert`` makes them.
        profile: says size, margin and where the stamps go.
        stamps: from a page's number, from 1, to its label and Bates stamps.
        out: is replaced.
    """
    with Pdf.new() as made:
        face = made.make_indirect(
            Dictionary(
                Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/Courier-Bold"),
                Encoding=Name.WinAnsiEncoding,
            )
        )  # fmt: skip
        opened = []
        number = 0
        for source in sources:
            document = Pdf.open(BytesIO(source))
            opened.append(document)
            for page in document.pages:
                number += 1
                _add(made, page, profile, stamps(number), face)
        save(made, out)
        for document in opened:
            document.close()


def save(document: Pdf, out: Path) -> None:
    """Write a PDF so that the same pages give the same bytes, and a small program can read it."""
    document.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        compress_streams=True,
        linearize=False,
    )


def _add(
    made: Pdf, page: pikepdf.Page, profile: Profile, texts: tuple[str, str], face: pikepdf.Object
) -> None:
    wide, high = profile.page_size
    fresh = made.add_blank_page(page_size=profile.page_size)
    form = made.copy_foreign(page.as_form_xobject())
    for key in STRAY:
        if key in form:
            del form[key]
    floor = BAND if profile.edge == "bottom" else 0.0
    frame = Rectangle(0, floor, wide, floor + high - BAND)
    # A name of our own: the library's would be a random one, and no two packets the same.
    name = fresh.add_resource(form, Name.XObject, Name("/Sheet"))
    placed = fresh.calc_form_xobject_placement(form, name, frame, allow_expand=False)
    fonts = Dictionary({"/Stamp": face})
    fresh.Resources["/Font"] = fonts
    fresh.Contents = made.make_stream(b"q\n" + placed + b"\nQ\n" + _stamps(profile, texts))
    fresh.mediabox = Array([0, 0, wide, high])


def _stamps(profile: Profile, texts: tuple[str, str]) -> bytes:
    high = profile.page_size[1]
    base = BAND / 2 - 3 if profile.edge == "bottom" else high - BAND / 2 - 3
    rule = BAND - 3 if profile.edge == "bottom" else high - BAND + 3
    end = profile.page_size[0] - _SIDE
    drawn = [f"q 0.6 G 0.4 w {_SIDE:.2f} {rule:.2f} m {end:.2f} {rule:.2f} l S Q"]
    for text, place in zip(texts, (profile.label_at, profile.bates_at), strict=True):
        if text:
            left = _left(profile, text, place)
            shown = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            drawn.append(f"BT 0 g /Stamp {_SIZE} Tf {left:.2f} {base:.2f} Td ({shown}) Tj ET")
    return "\n".join(drawn).encode("ascii", "replace") + b"\n"


def _left(profile: Profile, text: str, place: Place) -> float:
    wide = profile.page_size[0]
    length = len(text) * _WIDE
    if place == "left":
        return _SIDE
    return wide - _SIDE - length if place == "right" else (wide - length) / 2


def stamp_room(profile: Profile, texts: tuple[str, str]) -> float:
    """Points that are left between the two stamps; negative where they run into each other."""
    spans = sorted(
        (_left(profile, text, place), _left(profile, text, place) + len(text) * _WIDE)
        for text, place in zip(texts, (profile.label_at, profile.bates_at), strict=True)
        if text
    )
    edges = [(0.0, 0.0), *spans, (profile.page_size[0], profile.page_size[0])]
    return min(after[0] - before[1] for before, after in pairwise(edges))


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has."""
    with Pdf.open(BytesIO(pdf)) as document:
        return len(document.pages)


def page_sizes(path: Path) -> list[tuple[float, float]]:
    """Width and height of each page, in points."""
    with Pdf.open(path) as document:
        boxes = (page.mediabox for page in document.pages)
        return [(float(box[2] - box[0]), float(box[3] - box[1])) for box in boxes]


def bookmarked(
    parts: Sequence[tuple[Path, Sequence[tuple[str, int, Sequence[tuple[str, int]]]]]],
    title: str,
    out: Path,
) -> None:
    """Join PDFs; each brings bookmarks: title, page from 0 within it, and the same below that."""
    with Pdf.new() as made:
        opened, start = [], 0
        outline: list[pikepdf.OutlineItem] = []
        for path, marks in parts:
            document = Pdf.open(path)
            opened.append(document)
            made.pages.extend(document.pages)
            outline.extend(_items(marks, start))
            start += len(document.pages)
        with made.open_outline() as root:
            root.root.extend(outline)
        made.docinfo["/Title"] = title
        made.Root.PageMode = Name.UseOutlines
        save(made, out)
        for document in opened:
            document.close()


def _items(
    marks: Sequence[tuple[str, int, Sequence[tuple[str, int]]]], start: int
) -> Iterator[pikepdf.OutlineItem]:
    for title, page, below in marks:
        item = pikepdf.OutlineItem(title, start + page)
        item.children.extend(pikepdf.OutlineItem(name, start + at) for name, at in below)
        yield item
