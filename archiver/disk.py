"""The one door to the disk: every step that must survive a power cut passes through here.

A step is a write, a sync, a link, an append, a truncation or a commit. Tests put a ``Disk`` of
their own in place of this one that dies before or after the n-th step.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

# Where link(2) is refused for the file system rather than for the name: FAT, exFAT, some shares.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}

# One syncfs(2) beats many fsync(2): 2,000 small files cost 0.9 s of CPU by fsync, 0.3 s by syncfs.
_WORTH_SYNCFS = 8


class Disk:
    """Durable file operations, as POSIX and Windows allow them."""

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """Make a new file from pieces; not yet durable. Fails if the name is taken."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _O_BINARY, 0o444)
        try:
            for piece in pieces:
                _write_all(descriptor, piece)
        finally:
            os.close(descriptor)

    def sync(self, paths: list[str]) -> None:
        """Make the content of files, or the entries of folders, durable."""
        if not paths:
            return
        if len(paths) >= _WORTH_SYNCFS and _SYNCFS is not None:
            self._sync_file_system(paths[0])
            return
        for path in paths:
            self._sync_one(path)

    def link(self, written: str, name: str) -> None:
        """Give a durable file its final name, and take the working name away.

        Raises:
            FileExistsError: the name is taken; the working file is still there.
        """
        try:
            # link(2), not rename(2): rename would silently replace an original that has gone
            # bad, and with it the only sign that it did.
            os.link(written, name)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # No hard links here. The archive's lock makes look-then-rename safe.
            if Path(name).exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name) from error
            Path(written).rename(name)
            return
        os.unlink(written)  # noqa: PTH108 - for every message; see Vault.keep

    def append(self, path: Path, data: bytes) -> None:
        """Add to the end of a file, durable on return."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _O_BINARY, 0o644)
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def truncate(self, path: Path, size: int) -> None:
        """Cut a file to ``size`` bytes, durable on return."""
        descriptor = os.open(path, os.O_WRONLY | _O_BINARY)
        try:
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def commit(self, connection: sqlite3.Connection) -> None:
        """Commit a transaction of a derived database."""
        connection.commit()

    def _sync_one(self, path: str) -> None:
        if os.name == "nt" and Path(path).is_dir():
            return  # Windows has no handle to sync for a folder; NTFS journals its entries
        descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _sync_file_system(self, path: str) -> None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            assert _SYNCFS is not None
            _SYNCFS(descriptor)
        finally:
            os.close(descriptor)


def file_stamp(path: Path) -> tuple[int, int, int] | None:
    """What differs once a file was changed or replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def write_whole(path: Path, data: bytes) -> None:
    """Put a small file into its place whole or not at all, readable by its owner alone.

    For notes and tokens outside the archive. Two that write at once do not get into each other's
    way: the last one's file stays.

    Raises:
        OSError: it could not be written; what was there before is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, working = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        Path(working).replace(path)
    except BaseException:
        Path(working).unlink(missing_ok=True)
        raise


_O_BINARY: int = getattr(os, "O_BINARY", 0)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _load_syncfs() -> Callable[[int], None] | None:
    """syncfs(2) of Linux, which since 5.8 reports the write errors that fsync(2) would."""
    if sys.platform != "linux" or _kernel() < (5, 8):
        return None
    import ctypes  # noqa: PLC0415 - a fifth of a second nobody needs elsewhere

    try:
        function = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return None

    def syncfs(descriptor: int) -> None:
        if function(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return syncfs


def _kernel() -> tuple[int, ...]:
    numbers = os.uname().release.split("-", 1)[0].split(".")[:2]
    return tuple(int(number) for number in numbers if number.isdigit())


_SYNCFS = _load_syncfs()
