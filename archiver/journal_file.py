"""The chain on disk: append, sync, read, and what to do about a line that was cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from archiver.disk import Disk
from archiver.errors import ArchiveError
from archiver.journal import ChainError, Entry, EntryKind, Head, read_entry, write_entry

_TAIL = 1 << 16


class JournalDamagedError(ArchiveError):
    """The journal cannot be continued, because what it says cannot be trusted."""

    hint = (
        "Nothing was changed. Run `papertrail verify` to see what is wrong, and restore "
        "journal.jsonl from a backup of the archive folder. If you put an older copy there on "
        "purpose, delete the folder derived/ beside it; it is made anew."
    )

    def __init__(self, path: Path, number: int, why: str) -> None:
        super().__init__(f"{path}, line {number + 1}: {why}.")
        self.path, self.number, self.why = path, number, why


class JournalFile:
    """``journal.jsonl``: only ever added to."""

    def __init__(self, path: Path, disk: Disk, now: Callable[[], datetime]) -> None:
        self.path, self._disk, self._now = path, disk, now
        self.head = Head()

    def append(self, entries: Iterable[tuple[EntryKind, Mapping[str, object]]]) -> list[Entry]:
        """Add entries, durable on return; all of them are given the same time."""
        lines, head, at, written = [], self.head, self._now(), []
        for kind, facts in entries:
            line, entry, head = write_entry(head, at, kind, facts)
            written.append(entry)
            lines.append(line)
        if lines:
            created = not self.path.exists()
            try:
                self._disk.append(self.path, b"".join(lines))
            except OSError:
                # A full disk may have taken half a line. Cut it off at once, so that whatever
                # this process does next cannot be written behind it.
                if self.path.exists() and self.path.stat().st_size > self.head.size:
                    self._disk.truncate(self.path, self.head.size)
                raise
            if created:
                self._disk.sync([str(self.path.parent)])
        self.head = head
        return written

    def read(self, head: Head | None = None) -> Iterator[Entry]:
        """Every entry from ``head`` (default: the first) on; ``self.head`` follows.

        Raises:
            JournalDamagedError: at the first line that does not continue the chain.
        """
        self.head = head or Head()
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self.head.size)
            for line in file:
                try:
                    entry, after = read_entry(line, self.head)
                except ChainError as error:
                    raise JournalDamagedError(self.path, self.head.entries, str(error)) from error
                self.head = after
                yield entry

    def ends_at(self, head: Head) -> bool:
        """Whether the line that ends at ``head.size`` carries ``head.link``; cheap."""
        if head.size == 0:
            return head == Head()
        if not self.path.exists() or self.path.stat().st_size < head.size:
            return False
        with self.path.open("rb") as file:
            start = max(0, head.size - 68)
            file.seek(start)
            return file.read(head.size - start).endswith(f'{head.link}"}}\n'.encode())

    def set_torn_line_aside(self) -> Path | None:
        """Move what a crash left of a half-written last line into a file of its own.

        Such a line was never synced as a whole, so nothing was ever reported on its strength.

        Returns:
            The file that holds what was cut off, or None if the journal ends as it should.
        """
        if not self.path.exists():
            return None
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            tail, start = b"", size
            while start and b"\n" not in tail:
                start = max(0, start - _TAIL)
                file.seek(start)
                tail = file.read(size - start)
        torn = tail[tail.rfind(b"\n") + 1 :]
        if not torn:
            return None
        aside = self.path.with_name(f"journal.torn-{self._now():%Y%m%dT%H%M%SZ}")
        number = 1
        while aside.exists():
            number += 1
            aside = aside.with_name(f"{aside.name.split('_')[0]}_{number}")
        self._disk.append(aside, torn)
        self._disk.truncate(self.path, size - len(torn))
        return aside
