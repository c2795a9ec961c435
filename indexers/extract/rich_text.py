"""Rich text (.rtf), by striprtf."""

from __future__ import annotations

from indexers.extract.contract import Means
from indexers.extract.kinds import RTF
from indexers.model import Extracted, Page, Part, Skipped

_MAX = 20_000_000  # bytes; pictures in it count


class RichText:
    """application/rtf."""

    media_types = frozenset({RTF})
    version = "rtf 1"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """The text, rows of tables as lines."""
        from striprtf.striprtf import rtf_to_text  # noqa: PLC0415

        source = part.content[:_MAX].decode("latin-1")
        text = rtf_to_text(source, encoding="cp1252", errors="replace")
        lines = [_row(line) for line in text.replace("\r\n", "\n").split("\n")]
        joined = "\n".join(lines).strip("\n")
        if not joined.strip():
            return Skipped("There is no text in the document.")
        return Extracted((Page(None, joined + "\n"),), self.version)


def _row(line: str) -> str:
    """Striprtf ends each cell of a row with a stroke."""
    if line.count("|") < 2 or not line.endswith("|"):
        return line
    return " | ".join(cell.strip() for cell in line.rstrip("|").split("|"))
