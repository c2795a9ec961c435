"""Originals on disk: one file a message, named by its SHA-256, written once."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from archiver.disk import Disk
from archiver.errors import ArchiveError
from archiver.model import Digest

SUFFIX = ".eml"
_READ = 1 << 20


class DigestMismatchError(ArchiveError):
    """A file in the vault no longer hashes to its own name."""

    hint = (
        "Do not delete it. Restore this file from a backup of the archive folder, then run "
        "`papertrail verify`."
    )

    def __init__(self, path: Path, expected: Digest, found: Digest) -> None:
        super().__init__(
            f"{path} is not the message that was stored "
            f"(SHA-256 expected {expected[:12]}…, found {found[:12]}…)."
        )
        self.path, self.expected, self.found = path, expected, found


class OriginalMissingError(ArchiveError):
    """The journal lists an original that is not in the vault."""

    hint = "Restore it from a backup of the archive folder; `papertrail verify` lists all of them."

    def __init__(self, path: Path) -> None:
        super().__init__(f"The original {path} is missing.")
        self.path = path


class Vault:
    """The folder of originals, and the folder beside it where they are written first."""

    def __init__(self, originals: Path, incoming: Path, disk: Disk) -> None:
        self.originals, self._incoming, self._disk = originals, incoming, disk
        self._numbers = itertools.count()
        self._ready = False  # whether the folder for working files is there
        self._folders: set[str] = set()  # folders of originals that are known to be there

    def path(self, digest: Digest) -> Path:
        """Where the original of this digest belongs."""
        return self.originals / digest[:2] / f"{digest}{SUFFIX}"

    def stage(self, pieces: Iterable[bytes]) -> StagedOriginal:
        """Write one original under a working name; nothing is kept before ``keep``."""
        if not self._ready:
            self._incoming.mkdir(parents=True, exist_ok=True)
            self._ready = True
        path = f"{self._incoming}{os.sep}{os.getpid()}-{next(self._numbers)}"
        hasher, size = hashlib.sha256(), 0

        def hashed() -> Iterator[bytes]:
            nonlocal size
            for piece in pieces:
                hasher.update(piece)
                size += len(piece)
                yield piece

        try:
            self._disk.write(path, hashed())
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        return StagedOriginal(path, Digest(hasher.hexdigest()), size)

    def keep(self, staged: list[StagedOriginal]) -> None:
        """Make staged originals durable under their own names, in this order.

        Content first, then names, then the folders that hold the names: a name in the vault is
        never seen with half its bytes behind it.

        Raises:
            DigestMismatchError: a file of that name is there with other bytes.
        """
        self._disk.sync([original.path for original in staged])
        touched: dict[str, None] = {}
        for original in staged:
            # Plain strings: this runs for every message, and pathlib takes longer than the disk.
            folder = f"{self.originals}{os.sep}{original.digest[:2]}"
            if folder not in self._folders:
                Path(folder).mkdir(parents=True, exist_ok=True)
                self._folders.add(folder)
                # Also where it was there: whoever made it may have been killed before the sync.
                touched[str(self.originals)] = None
            try:
                self._disk.link(original.path, f"{folder}{os.sep}{original.digest}{SUFFIX}")
            except FileExistsError:
                self.check(original.digest)
                Path(original.path).unlink()
            # Also where the name was there: a crash may have come before its folder was synced.
            touched[folder] = None
        self._disk.sync(list(touched))

    def discard(self, staged: list[StagedOriginal]) -> None:
        """Take working files away that are not to be kept."""
        for original in staged:
            Path(original.path).unlink(missing_ok=True)

    def clear_incoming(self) -> None:
        """Take away working files that a crash left; the caller holds the archive's lock."""
        if self._incoming.is_dir():
            for path in self._incoming.iterdir():
                path.unlink()

    def read(self, digest: Digest) -> bytes:
        """The bytes of an original, checked against its digest.

        Raises:
            OriginalMissingError: there is no such file.
            DigestMismatchError: the file has other bytes.
        """
        path = self.path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise OriginalMissingError(path) from error
        found = Digest(hashlib.sha256(content).hexdigest())
        if found != digest:
            raise DigestMismatchError(path, digest, found)
        return content

    def read_head(self, digest: Digest, size: int = 1 << 16) -> bytes:
        """The first bytes of an original, unchecked; enough for its headers."""
        try:
            with self.path(digest).open("rb") as file:
                return file.read(size)
        except FileNotFoundError as error:
            raise OriginalMissingError(self.path(digest)) from error

    def check(self, digest: Digest) -> None:
        """Re-hash one original without holding it in memory; raises as ``read`` does."""
        found = hash_file(self.path(digest))
        if found != digest:
            raise DigestMismatchError(self.path(digest), digest, found)

    def files(self) -> Iterator[Path]:
        """Every file below ``originals``, whatever its name, in order."""
        for folder, folders, names in os.walk(self.originals):
            folders.sort()
            for name in sorted(names):
                yield Path(folder, name)


class StagedOriginal:
    """An original that is written but not yet kept."""

    __slots__ = ("digest", "path", "size")

    def __init__(self, path: str, digest: Digest, size: int) -> None:
        self.path, self.digest, self.size = path, digest, size


def hash_file(path: Path) -> Digest:
    """SHA-256 of a file, read a piece at a time."""
    with path.open("rb") as file:
        hasher = hashlib.sha256()
        while piece := file.read(_READ):
            hasher.update(piece)
    return Digest(hasher.hexdigest())
