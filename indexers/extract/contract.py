"""What reads one kind of attachment."""

from __future__ import annotations

from typing import Protocol

from indexers.model import Extracted, Part, Skipped


class Extractor(Protocol):
    """Attachment to text. Whatever the bytes, what comes back is text or a reason."""

    media_types: frozenset[str]
    version: str  # changes whenever the text it gives may: cached text of another is read anew
    isolated: bool  # its parsers may crash or hang: only ever run in a process of their own

    def read(self, part: Part) -> Extracted | Skipped:
        """Read an attachment. May raise on damaged bytes; the caller turns that into Skipped."""
        ...
