"""Word and PowerPoint files of the old kind: made into those of the present by LibreOffice.

LibreOffice writes files, which the worker's child may not: the parent asks it, and gives the child
what it made.
"""

from __future__ import annotations

from dataclasses import replace

from indexers.extract.contract import Means
from indexers.extract.kinds import DOC, DOCX, OLE, PPT, PPTX, kind_of
from indexers.model import Part, Skipped
from indexers.office_program import convert_office, office_program

_STREAMS = (
    # The names of their streams, as an OLE file's folder has them ([MS-CFB], 2.6.1).
    ("WordDocument".encode("utf-16-le"), ".doc", DOCX),
    ("PowerPoint Document".encode("utf-16-le"), ".ppt", PPTX),
)


class OldOffice:
    """DOC and PPT, where nothing has made them into something newer."""

    media_types = frozenset({DOC, PPT})
    isolated = True

    @property
    def version(self) -> str:
        """Also changes with whether LibreOffice is there."""
        return "doc 1" if office_program() else "doc 1 (no LibreOffice)"

    def read(self, part: Part, means: Means) -> Skipped:  # noqa: ARG002
        """Why it is not read."""
        what = "a Word file (.doc)" if part.media_type == DOC else "a PowerPoint file (.ppt)"
        if office_program() is None:
            return Skipped(
                f"It is {what} of the old kind. Installing LibreOffice would let it be read."
            )
        return Skipped(f"It is {what} of the old kind within another file, which is not read.")


def made_new(part: Part) -> Part | Skipped:
    """An old office file as one of the present kind; any other part as it is. Runs LibreOffice."""
    if kind_of(part.content, part.media_type, part.name) not in {OLE, DOC, PPT}:
        return part
    program = office_program()
    for stream, ending, kind in _STREAMS:
        if program is not None and stream in part.content:
            made = convert_office(program, part.content, ending, kind_ending(kind))
            if isinstance(made, str):
                return Skipped(f"The file could not be read: {made}.")
            return replace(part, content=made, media_type=kind)
    return part


def kind_ending(kind: str) -> str:
    """The ending of a present kind's files."""
    return "docx" if kind == DOCX else "pptx"
