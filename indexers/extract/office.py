"""Word and PowerPoint files of the old kind: made into those of the present by LibreOffice.

LibreOffice writes files, which the worker's child may not. The child asks its parent for the file
made new, wherever it came upon the old one: attached, in a ZIP, or in a message within a message.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from indexers.extract.contract import Means
from indexers.extract.kinds import DOC, DOCX, PPT, PPTX
from indexers.model import Extracted, Part, Skipped
from indexers.office_program import convert_office, office_program

_ENDINGS = {DOC: ("doc", "docx"), PPT: ("ppt", "pptx")}
_KINDS = {DOC: DOCX, PPT: PPTX}
_MOST_FILES = 50  # made new for one attachment, with all that is within it
_LONGEST_S = 300.0  # for those together


class OldOffice:
    """DOC and PPT."""

    media_types = frozenset({DOC, PPT})
    isolated = True

    @property
    def version(self) -> str:
        """Also changes with whether LibreOffice is there."""
        return "doc 2" if office_program() else "doc 2 (no LibreOffice)"

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """The text of what LibreOffice makes of it."""
        newer = means.renew(part)
        return newer if isinstance(newer, Skipped) else means.inside(newer)


@dataclass(slots=True)
class Renewal:
    """Makes the old office files of one attachment new, within bounds. Runs LibreOffice."""

    files: int = 0
    spent_s: float = 0.0

    def make(self, kind: str, content: bytes) -> tuple[str, bytes] | Skipped:
        """A file of the present kind with its media type, or why there is none."""
        if kind not in _KINDS:
            return Skipped("It is not of a kind that LibreOffice is asked to read.")
        program = office_program()
        if program is None:
            what = "a Word file (.doc)" if kind == DOC else "a PowerPoint file (.ppt)"
            return Skipped(
                f"It is {what} of the old kind. Installing LibreOffice would let it be read."
            )
        if self.files >= _MOST_FILES or self.spent_s > _LONGEST_S:
            return Skipped(
                "There are more Office files of the old kind (.doc, .ppt) in it than are read."
                " Unpack it and import them by themselves."
            )
        old, new = _ENDINGS[kind]
        begun = time.monotonic()
        made = convert_office(program, content, f".{old}", new)
        self.files += 1
        self.spent_s += time.monotonic() - begun
        if isinstance(made, str):
            return Skipped(f"The file could not be read: {made}.")
        return _KINDS[kind], made
