"""Pictures of pages made ready to be read: grey, evenly lit, of a size that suits; lines found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexers.extract.grid_words import Edge, Rules

if TYPE_CHECKING:
    from PIL.Image import Image

_LONGEST = 3800  # pixels; letters of a phone's picture are big enough at that
_SHORTEST = 2400  # pixels; smaller pictures are enlarged
_UNEVEN = 40  # of 255: paper whose brightness differs by more is lit unevenly
_PIECE = 24  # pixels of a drawn line that must be dark together; no letter's stroke is so long
_SPECK = 60  # of 255: a pixel that is darker than all around it by more is no writing
_SPECKLED = 0.0004  # share of such pixels in a page that is worth cleaning
_SAMPLE = 600  # pixels
_NEARLY_ALL = bytes(1 if ink > 200 else 0 for ink in range(256))


def grey_and_even(picture: Image) -> Image:
    """Grey, without specks, evenly lit: a photograph's dark corners would count as ink."""
    from PIL import Image as Pillow  # noqa: PLC0415
    from PIL import ImageFilter, ImageStat  # noqa: PLC0415

    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        ground = Pillow.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    grey = _cleaned(picture.convert("L"))
    # The paper's own brightness: the brightest of each neighbourhood, smoothed.
    small = grey.resize(
        (max(1, grey.width // 16), max(1, grey.height // 16)), Pillow.Resampling.BOX
    )
    paper = small.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(4))
    low, high = ImageStat.Stat(paper).extrema[0]
    if high - low < _UNEVEN:
        return grey
    return _divided(grey, paper.resize(grey.size, Pillow.Resampling.BILINEAR))


def _cleaned(grey: Image) -> Image:
    """Without specks of a single pixel, where the page is strewn with them."""
    from PIL import ImageChops, ImageFilter  # noqa: PLC0415

    def cleaned(part: Image) -> Image:
        # The second darkest of nine is as dark as a stroke's pixel, but not as a speck's.
        part = ImageChops.lighter(part, part.filter(ImageFilter.RankFilter(3, 1)))
        return ImageChops.darker(part, part.filter(ImageFilter.RankFilter(3, 7)))

    left, top = max(0, grey.width // 2 - _SAMPLE // 2), max(0, grey.height // 2 - _SAMPLE // 2)
    sample = grey.crop(
        (left, top, min(grey.width, left + _SAMPLE), min(grey.height, top + _SAMPLE))
    )
    lighter = ImageChops.subtract(cleaned(sample), sample).histogram()
    if sum(lighter[_SPECK:]) < _SPECKLED * sample.width * sample.height:
        return grey
    return cleaned(grey)


def _divided(grey: Image, paper: Image) -> Image:
    """Each pixel as a share of its paper's brightness."""
    from PIL import Image as Pillow  # noqa: PLC0415
    from PIL import ImageMath  # noqa: PLC0415

    even = ImageMath.lambda_eval(
        lambda args: args["convert"](
            args["min"](args["grey"] * 255 / args["max"](args["paper"], 1), 255), "L"
        ),
        grey=grey.convert("I"),
        paper=paper.convert("I"),
    )
    assert isinstance(even, Pillow.Image)
    return even


def at_reading_size(grey: Image, dpi: int) -> tuple[Image, int]:
    """A picture neither so large that it takes long nor so small that letters run together."""
    from PIL import Image as Pillow  # noqa: PLC0415

    longest = max(grey.size)
    factor = 1.0
    if longest > _LONGEST:
        factor = _LONGEST / longest
    elif longest < _SHORTEST:
        factor = min(3.0, _SHORTEST / max(longest, 1))
    if factor == 1.0:
        return grey, dpi
    size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
    return grey.resize(size, Pillow.Resampling.LANCZOS), max(70, round(dpi * factor))


def rules_of(grey: Image) -> Rules:
    """The lines drawn on a page that lies level, in pixels."""
    from PIL import Image as Pillow  # noqa: PLC0415

    ink = grey.point(lambda value: 255 if value < 140 else 0)
    across = [Edge(y, start, end) for y, start, end in _dark_runs(ink)]
    turned = ink.transpose(Pillow.Transpose.TRANSPOSE)
    return Rules(tuple(across), tuple(Edge(x, start, end) for x, start, end in _dark_runs(turned)))


def _dark_runs(ink: Image) -> list[tuple[float, float, float]]:
    """Rows of ink: y, and from where to where."""
    from PIL import Image as Pillow  # noqa: PLC0415
    from PIL import ImageChops  # noqa: PLC0415

    width = ink.width // _PIECE
    if width < 4:
        return []
    # A row counts with the one below it, for lines that rise a little; each pixel of the narrowed
    # picture says how much of a piece of the row is ink.
    thick = ImageChops.lighter(ink, ImageChops.offset(ink, 0, -1))
    narrow = thick.crop((0, 0, width * _PIECE, ink.height)).resize(
        (width, ink.height), Pillow.Resampling.BOX
    )
    dark = narrow.tobytes().translate(_NEARLY_ALL)
    found = []
    for match in re.finditer(rb"\x01{3,}", dark):
        row, begin = divmod(match.start(), width)
        end = min(begin + len(match[0]), width)
        found.append((row + 1.0, float(begin * _PIECE), float(end * _PIECE)))
        if len(found) > 20_000:
            return []  # a photograph
    return found
