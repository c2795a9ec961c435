"""Files that only their owner may read: for what has no safer place on this computer."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from archiver.errors import ArchiveError, ExitCode


class NotPrivateError(ArchiveError):
    """Others on this computer could read or replace the file."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is not used: {why}.")
        self.path = path
        self.hint = f"Make it yours alone: chmod 600 '{path}'"


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 whole or not at all, its folder 0700 where it is made.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # mkstemp makes the file 0600 before there is a byte in it.
    descriptor, working = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(working).replace(path)
    except BaseException:
        Path(working).unlink(missing_ok=True)
        raise


def read_private(path: Path) -> str:
    """The text of such a file.

    Raises:
        NotPrivateError: others may read or write it, or it belongs to somebody else. Windows is
            not asked: there the user's folder is what keeps others out.
        OSError, UnicodeDecodeError: it cannot be read.
    """
    with path.open(encoding="utf-8") as file:
        facts = os.fstat(file.fileno())  # of the very file that is read, whatever its name does
        if os.name != "nt":
            if facts.st_uid not in {os.geteuid(), 0}:
                raise NotPrivateError(path, "it belongs to somebody else")
            if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise NotPrivateError(path, "others on this computer may read it")
        return file.read()
