"""Edge: JSON and a packaged template to PDF, by typst, which loads nothing from a network."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError

_TEMPLATES = ("parts.typ", "mail.typ", "text.typ", "picture.typ", "list.typ")


class TypesetError(ArchiveError):
    """A page could not be typeset."""

    hint = "This is a fault of the program. Leave the message out for now, and please report it."

    def __init__(self, what: str, why: object) -> None:
        super().__init__(f"{what} could not be made into pages: {why}.")


class Typesetter:
    """A folder with the templates, in which one document after another is typeset.

    The same data gives the same bytes on the same computer. Which computer matters only for
    characters that neither typst's own faces nor the packaged one have: a face of the system
    shows them.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="papertrail-pages-")
        root = Path(self._folder.name)
        for name in _TEMPLATES:
            source = files("reports.exhibits").joinpath("typst", name)
            (root / name).write_bytes(source.read_bytes())
        self._root = root

    def __enter__(self) -> Typesetter:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def typeset(
        self, template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None
    ) -> bytes:
        """A PDF of ``template`` ("mail", "text", "picture", "list") filled with ``data``.

        Args:
            template: of this package.
            data: goes in as JSON, so that no text of a mail is read as markup.
            pictures: PNG or JPEG files that ``data`` names.

        Raises:
            TypesetError: typst refuses; with sound pictures that is a fault of the program.
        """
        import typst  # noqa: PLC0415 - 80 MB that only packets need

        for name, content in (pictures or {}).items():
            (self._root / name).write_bytes(content)
        try:
            (self._root / "data.json").write_text(
                json.dumps(data, ensure_ascii=True), encoding="ascii"
            )
            made: bytes = typst.compile(
                str(self._root / f"{template}.typ"),
                root=str(self._root),
                font_paths=_fonts(),
                timestamp=0,
                pdf_tags=False,
            )
        except (RuntimeError, ValueError, typst.TypstError) as error:
            raise TypesetError(f"The {template} page", str(error)[:300]) from error
        finally:
            for name in pictures or {}:
                (self._root / name).unlink(missing_ok=True)
        return made


def missing_glyphs(pdf: bytes) -> int:
    """How many characters of a typeset PDF no face on this computer has.

    typst draws glyph 0, an empty box, for each and says nothing.
    """
    import pikepdf  # noqa: PLC0415

    count = 0
    with pikepdf.Pdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            for step in pikepdf.parse_content_stream(page, "Tj TJ"):
                (shown,) = step.operands
                strings = shown if str(step.operator) == "TJ" else [shown]
                codes = b"".join(bytes(s) for s in strings if isinstance(s, pikepdf.String))
                count += sum(codes[i : i + 2] == b"\0\0" for i in range(0, len(codes), 2))
    return count


@lru_cache(maxsize=1)
def _fonts() -> Any:
    import typst  # noqa: PLC0415

    with as_file(files("reports.exhibits").joinpath("fonts")) as folder:
        return typst.Fonts(font_paths=[str(folder)])
