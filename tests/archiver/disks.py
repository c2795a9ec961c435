"""Disks on which something happens at the n-th durable step."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from archiver.disk import Disk


class When(StrEnum):
    """Where in a step it happens."""

    BEFORE = "before"
    HALFWAY = "halfway"  # half of the bytes written; linked, and the working name still there
    AFTER = "after"


class CountingDisk(Disk):
    """Counts durable steps, and calls ``happen`` before, halfway and after each."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def happen(self, when: When) -> None:
        """What the children of this class are for."""

    def _begin(self, name: str) -> None:
        self.steps.append(name)
        self.happen(When.BEFORE)

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        self._begin(f"write {Path(path).name}")

        def halved() -> Iterable[bytes]:
            for piece in pieces:
                yield piece[: len(piece) // 2]
                self.happen(When.HALFWAY)
                yield piece[len(piece) // 2 :]

        super().write(path, halved())
        self.happen(When.AFTER)

    def sync(self, paths: list[str]) -> None:
        self._begin(f"sync {len(paths)}")
        super().sync(paths)
        self.happen(When.AFTER)

    def link(self, written: str, name: str) -> None:
        self._begin(f"link {Path(name).name[:12]}")
        if not Path(name).exists():
            Path(name).hardlink_to(written)
            self.happen(When.HALFWAY)
            Path(name).unlink()
        try:
            super().link(written, name)
        finally:
            self.happen(When.AFTER)

    def append(self, path: Path, data: bytes) -> None:
        self._begin(f"append {path.name}")
        super().append(path, data[: len(data) // 2])
        self.happen(When.HALFWAY)
        super().append(path, data[len(data) // 2 :])
        self.happen(When.AFTER)

    def truncate(self, path: Path, size: int) -> None:
        self._begin(f"truncate {path.name}")
        super().truncate(path, size)
        self.happen(When.AFTER)

    def commit(self, connection: sqlite3.Connection) -> None:
        self._begin("commit")
        super().commit(connection)
        self.happen(When.AFTER)


class DyingDisk(CountingDisk):
    """The process ends at one step, as by kill -9: nothing is cleaned up. For a forked child."""

    def __init__(self, step: int, when: When) -> None:
        super().__init__()
        self._step, self._when = step, when

    def happen(self, when: When) -> None:
        if len(self.steps) == self._step and when is self._when:
            self.die()

    def die(self) -> NoReturn:
        """The end."""
        os._exit(9)


class PowerCutDisk(DyingDisk):
    """The power fails at one step: what was not synced by then is gone from the disk.

    The harshest reading of POSIX: content that was not synced is empty, a name whose folder was
    not synced is not there. File systems of today lose less.
    """

    def __init__(self, step: int, when: When) -> None:
        super().__init__(step, when)
        self._contents: set[Path] = set()
        self._names: set[Path] = set()

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        self._contents.add(Path(path))
        super().write(path, pieces)

    def link(self, written: str, name: str) -> None:
        if not Path(name).exists():
            self._names.add(Path(name))
            if Path(written) in self._contents:
                self._contents.add(Path(name))
        super().link(written, name)

    def append(self, path: Path, data: bytes) -> None:
        if not path.exists():
            self._names.add(path)
        super().append(path, data)

    def sync(self, paths: list[str]) -> None:
        super().sync(paths)
        for path in map(Path, paths):
            self._contents.discard(path)
            self._names -= {name for name in self._names if name.parent == path}

    def die(self) -> NoReturn:
        for path in self._names:
            path.unlink(missing_ok=True)
        for path in self._contents:
            if path.exists():
                path.chmod(0o600)
                path.write_bytes(b"")
        os._exit(9)


class FailingDisk(CountingDisk):
    """One step is refused by the operating system; those after it succeed."""

    def __init__(self, step: int, when: When, number: int) -> None:
        super().__init__()
        self._step, self._when, self._number = step, when, number

    def happen(self, when: When) -> None:
        if len(self.steps) == self._step and when is self._when:
            raise OSError(self._number, os.strerror(self._number))
