"""Photographs and scans that come as pictures, read by OCR."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

from indexers.extract import ocr
from indexers.extract.contract import Means
from indexers.extract.pdf import rows_below
from indexers.model import Extracted, Page, Part, Skipped

_KINDS = frozenset(
    f"image/{name}" for name in ("jpeg", "png", "tiff", "gif", "webp", "bmp", "heic", "avif")
)
_MAX_PIXELS = 100_000_000
_MAX_FRAMES = 200
_SMALL = 150  # pixels; a smaller picture is a logo or a dot that counts readers
_PHONE_DPI = 200  # of a letter that fills a phone's picture, about
_CUT_OFF = "The picture is cut off; what is left of it was read."
_HEIC = (
    "It is a picture in Apple's HEIC format. Installing paper-trail-archiver[heic] would let it be"
    " read; or ask for it as a JPEG."
)


class Picture:
    """JPEG, PNG, TIFF, GIF, WebP, BMP; HEIC where its package is installed."""

    media_types = _KINDS
    isolated = True

    @property
    def version(self) -> str:
        """Also changes with what pictures are read by."""
        import importlib.util  # noqa: PLC0415

        heic = " heic" if importlib.util.find_spec("pi_heif") else ""
        return f"picture 2 {ocr.version()}{heic}"

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """The writing in it; each frame of a TIFF is a page."""
        if part.media_type in {"image/heic", "image/avif"} and not _knows_heic():
            return Skipped(_HEIC)
        if not means.ocr:
            return Skipped("It is a picture; pictures are not read ([attachments] ocr = false).")
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

        Image.MAX_IMAGE_PIXELS = 2 * _MAX_PIXELS
        warnings.simplefilter("ignore")  # of Pillow, about large pictures: sizes are checked here
        try:
            picture = Image.open(io.BytesIO(part.content))
        except (UnidentifiedImageError, Image.DecompressionBombError):
            return Skipped("The picture is damaged, or too large to be opened.")
        if max(picture.size) < _SMALL:
            return Skipped("It is a small picture, such as a logo, with no room for writing.")
        if picture.width * picture.height > _MAX_PIXELS:
            return Skipped("The picture is too large to be read.")
        notes: list[str] = []
        try:
            pages = tuple(_frames(picture, means, notes))
        except ocr.NoOcrError as error:
            return Skipped(f"It is a picture, and was not read. {error}")
        if not any(page.text for page in pages) and _CUT_OFF in notes:
            return Skipped("The picture is damaged: it is cut off, and no writing is left of it.")
        if not any(page.text for page in pages):
            return Skipped("It is a picture; no writing was found in it.")
        return Extracted(pages, self.version, tuple(notes))


def _knows_heic() -> bool:
    try:
        import pi_heif  # noqa: PLC0415
    except ImportError:
        return False
    pi_heif.register_heif_opener()
    return True


def _frames(picture: Any, means: Means, notes: list[str]) -> Iterator[Page]:
    from PIL import ImageOps, ImageSequence  # noqa: PLC0415

    several = picture.format in {"TIFF", "HEIF"} and getattr(picture, "n_frames", 1) > 1
    frames = ImageSequence.Iterator(picture) if several else (picture,)
    for number, frame in enumerate(frames, 1):
        if number > _MAX_FRAMES:
            notes.append(f"Only the first {_MAX_FRAMES} pages were read.")
            return
        if frame.width * frame.height > _MAX_PIXELS:
            notes.append(f"Page {number} is a picture too large to be read.")
            continue
        # Reading at less than half the size is all that a JPEG of 40 million pixels needs.
        frame.draft("L", (4000, 4000))
        if not _is_whole(frame):
            notes.append(_CUT_OFF)
        upright = ImageOps.exif_transpose(frame)
        read = ocr.recognise(upright, _dpi(frame))
        if read.text and read.confidence < ocr.DOUBTFUL:
            notes.append(f"Page {number} is hard to read: its text has mistakes."
                         if several else "It is hard to read: its text has mistakes.")  # fmt: skip
        page = Page(number, read.text + rows_below(read.tables), read.tables, read.lines)
        means.done(page)
        yield page


def _is_whole(frame: Any) -> bool:
    """Load a picture, of one that was cut off what there is."""
    from PIL import ImageFile  # noqa: PLC0415

    try:
        frame.load()
    except OSError:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            frame.load()
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
        return False
    return True


def _dpi(frame: Any) -> int:
    try:
        said = round(float(frame.info["dpi"][0]))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, ZeroDivisionError):
        return _PHONE_DPI
    return said if 100 <= said <= 600 else _PHONE_DPI
