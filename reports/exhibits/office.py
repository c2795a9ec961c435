"""Edge: word-processor files to PDF by LibreOffice, where it is on this computer."""

from __future__ import annotations

from pathlib import Path

from indexers.model import Part
from indexers.office_program import convert_office, office_program, office_version

OFFICE = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/msword": ".doc",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
}


class Office:
    """LibreOffice, with what it made kept by content: a packet made again has the same pages."""

    def __init__(self, program: str, cache: Path) -> None:
        self._program, self._cache = program, cache
        self.name = office_version(program)

    def to_pdf(self, part: Part) -> bytes | str:
        """The document as a PDF, or why not."""
        kept = self._cache / f"{part.digest}.pdf"
        if kept.exists():
            return kept.read_bytes()
        content = convert_office(self._program, part.content, OFFICE[part.media_type], "pdf")
        if isinstance(content, bytes):
            self._cache.mkdir(parents=True, exist_ok=True)
            working = kept.with_suffix(".part")
            working.write_bytes(content)
            working.replace(kept)
        return content


def find_office(cache: Path) -> Office | None:
    """LibreOffice, if this computer has it; ``PAPERTRAIL_NO_OFFICE`` leaves it out."""
    program = office_program()
    return Office(program, cache) if program is not None else None
