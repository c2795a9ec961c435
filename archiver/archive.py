"""An archive on disk: the folder, its lock, and its parts opened in the right order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from archiver.catalogue import Catalogue
from archiver.disk import Disk
from archiver.errors import ArchiveError
from archiver.journal import FORMAT, EntryKind, Head
from archiver.journal_file import JournalDamagedError, JournalFile
from archiver.vault import Vault


class ArchiveInUseError(ArchiveError):
    """Another run holds the archive."""

    passing = True

    hint = "Wait until it has finished; if you are sure that nothing runs, try again."

    def __init__(self, path: Path) -> None:
        super().__init__(f"Another Paper Trail is working on the archive {path} right now.")
        self.path = path


class ArchiveUnwritableError(ArchiveError):
    """The archive's folder cannot be made or written to."""

    passing = True

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The archive folder {path} cannot be written to: {why}.")
        self.path = path

    hint = (
        "Check that the disk is connected and not full, that the folder is yours, and that "
        "[archive] path in the configuration names the right place. Nothing that was kept is lost."
    )


class NoArchiveError(ArchiveError):
    """There is nothing to read yet."""

    hint = "Run `papertrail pull` first, or correct [archive] path in the configuration."

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no archive in {path} yet.")
        self.path = path


class Archive:
    """The parts of an archive. ``open_archive`` and ``write_archive`` make one."""

    def __init__(
        self,
        path: Path,
        *,
        disk: Disk | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.path = path
        self.disk = disk or Disk()
        self.now = now or _now
        self.derived = path / "derived"
        self.exports = path / "exports"
        self.vault = Vault(path / "originals", self.derived / "incoming", self.disk)
        self.journal = JournalFile(path / "journal.jsonl", self.disk, self.now)
        self.catalogue_path = self.derived / "catalogue.sqlite"
        self.catalogue: Catalogue

    def record(self, entries: Iterable[tuple[EntryKind, Mapping[str, object]]]) -> None:
        """Journal facts and take them into the catalogue, in that order.

        Raises:
            ArchiveUnwritableError: the disk is full or gone. What the journal has, counts.
        """
        with self.writing():
            written = self.journal.append(entries)
            if written:
                self.catalogue.replay(written, self.journal.head)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn what a disk says into ``ArchiveUnwritableError``."""
        try:
            yield
        except OSError as error:
            raise ArchiveUnwritableError(self.path, error.strerror or str(error)) from error
        except sqlite3.OperationalError as error:
            raise ArchiveUnwritableError(self.path, str(error)) from error

    def forget_catalogue(self) -> None:
        """Make the catalogue anew from the journal."""
        with self.writing():
            self.catalogue.clear()
            self.catch_up()

    def catch_up(self) -> None:
        """Bring the catalogue to the journal's end; from the start where it is not of this journal.

        Raises:
            JournalDamagedError: the journal's chain is broken, or lines are gone from its end.
        """
        known = self.catalogue.head
        if not self.journal.ends_at(known):
            entries = list(self.journal.read())
            if len(entries) < known.entries:
                # The journal is synced before the catalogue is: a crash cannot do this.
                why = f"the journal is known to have had {known.entries} lines: some were cut off"
                raise JournalDamagedError(self.journal.path, len(entries), why)
            self.catalogue.clear()
            known = Head()
        # Read first, replay after: a chain that breaks half way must not be taken in by halves.
        entries = list(self.journal.read(known))
        if self.journal.head != known:
            self.catalogue.replay(entries, self.journal.head)


@contextmanager
def write_archive(
    path: Path,
    *,
    disk: Disk | None = None,
    now: Callable[[], datetime] | None = None,
) -> Iterator[Archive]:
    """Open an archive for one writer, made where there is none, repaired where a crash left work.

    Raises:
        ArchiveInUseError: another process is writing.
        ArchiveUnwritableError: the folder cannot be made or written to.
        JournalDamagedError: the journal's chain is broken; nothing was changed.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only writers need it

    archive = Archive(path, disk=disk, now=now)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(path / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise ArchiveInUseError(path) from error
    except OSError as error:
        raise ArchiveUnwritableError(path, error.strerror or str(error)) from error
    try:
        with archive.writing():
            _prepare(archive)
        try:
            yield archive
        finally:
            archive.catalogue.close()
    finally:
        lock.release()


@contextmanager
def read_archive(path: Path) -> Iterator[Archive]:
    """Open an archive to look at it while another process may be writing.

    What it shows is the catalogue as the last writer left it.

    Raises:
        NoArchiveError: there is no archive at ``path``.
    """
    archive = Archive(path)
    if not archive.journal.path.exists():
        raise NoArchiveError(path)
    if not archive.catalogue_path.exists():
        with write_archive(path):
            pass  # opening it makes the catalogue
    archive.catalogue = Catalogue(archive.catalogue_path, archive.disk)
    try:
        yield archive
    finally:
        archive.catalogue.close()


def _prepare(archive: Archive) -> None:
    archive.vault.originals.mkdir(exist_ok=True)
    archive.vault.clear_incoming()
    torn = archive.journal.set_torn_line_aside()
    archive.catalogue = Catalogue(archive.catalogue_path, archive.disk)
    try:
        archive.catch_up()
        if torn is not None:
            repaired = {"file": torn.name, "bytes": torn.stat().st_size}
            archive.record([(EntryKind.REPAIRED, repaired)])
        if archive.journal.head.entries == 0:
            _refuse_orphans(archive)
            created = {"format": FORMAT, "program": f"Paper Trail {_version()}"}
            archive.record([(EntryKind.CREATED, created)])
        _write_readme(archive)
    except BaseException:
        archive.catalogue.close()
        raise


def _refuse_orphans(archive: Archive) -> None:
    """Never start a new journal over originals that an old one vouched for."""
    if any(archive.vault.files()):
        why = "the journal is gone, but there are originals"
        raise JournalDamagedError(archive.journal.path, 0, why)


def _write_readme(archive: Archive) -> None:
    """README.txt tells how to check the folder without this program."""
    path = archive.path / "README.txt"
    text = files("archiver").joinpath("readme.txt").read_bytes()
    if not path.exists() or path.read_bytes() != text:
        path.unlink(missing_ok=True)
        archive.disk.append(path, text)


def _version() -> str:
    return version("paper-trail-archiver")


def _now() -> datetime:
    return datetime.now(UTC)
