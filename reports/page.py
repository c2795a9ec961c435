"""Writes a finished page: whole or not at all, and only where it differs from what is there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from archiver.errors import ArchiveError


class PageUnwritableError(ArchiveError):
    """A report could not be written."""

    hint = "Choose another place with -o, or check that the folder is yours and the disk not full."

    def __init__(self, path: Path, why: OSError) -> None:
        super().__init__(f"The report {path} could not be written: {why.strerror or why}.")
        self.path = path


def write_page(path: Path, page: str | bytes) -> bool:
    """Write a page or a finished file; returns whether anything changed.

    Raises:
        PageUnwritableError: the folder cannot be made or written to.
    """
    content = page.encode("utf-8", "replace") if isinstance(page, str) else page
    try:
        if path.exists() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as working:
            try:
                working.write(content)
                working.flush()
                os.fsync(working.fileno())
                working.close()
                Path(working.name).replace(path)
            except BaseException:
                Path(working.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise PageUnwritableError(path, error) from error
    return True
