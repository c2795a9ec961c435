"""What the commands share that look things up: an archive that did not change opens at once."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.archive import NoArchiveError, read_archive

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.model import Digest
    from indexers.directory import Directory
    from indexers.search.evaluate import Archive

_STAMP = "searchable.json"


@contextmanager
def open_directory(settings: Settings) -> Iterator[tuple[sqlite3.Connection, Directory]]:
    """The reading and the directory, up to date.

    Bringing them up to date means reading the journal's tail and loading the event rules. Where
    nothing has changed since that was last done, it is left out: a search answers at once.
    """
    from indexers.database import open_reading  # noqa: PLC0415
    from indexers.directory import Directory, directory_path  # noqa: PLC0415

    path = settings.archive.path
    if not (path / "journal.jsonl").exists():
        raise NoArchiveError(path)
    derived, stamp = path / "derived", path / "derived" / _STAMP
    if _read(stamp) != _state(settings):
        from archiver.cli.reading import open_up_to_date  # noqa: PLC0415

        with open_up_to_date(settings):
            pass
        stamp.write_text(json.dumps(_state(settings)), encoding="utf-8")
    with ExitStack() as stack:
        db = stack.enter_context(closing(open_reading(derived / "reading.sqlite")))
        yield db, stack.enter_context(closing(Directory(directory_path(derived))))


@contextmanager
def open_search(settings: Settings) -> Iterator[Archive]:
    """Everything that a query is asked of."""
    from indexers.search.evaluate import Archive  # noqa: PLC0415
    from indexers.search.whoosh_index import open_index  # noqa: PLC0415

    def in_folder(part: str) -> set[Digest]:
        with read_archive(settings.archive.path) as archive:
            return archive.catalogue.in_folder(part)

    with open_directory(settings) as (db, directory):
        index = open_index(settings.archive.path / "derived" / "search")
        with closing(index):
            today = datetime.now(settings.timezone).date()
            yield Archive(index, directory, db, in_folder, today)


def _state(settings: Settings) -> object:
    """What the derived data was made from, by size and time: any change of it is a doubt."""
    path = settings.archive.path
    derived = path / "derived"
    watched = (
        path / "journal.jsonl",
        derived / "reading.sqlite",
        derived / "directory.sqlite",
        *sorted((derived / "search").glob("*")),
    )
    program = max(entry.stat().st_mtime_ns for entry in _program())
    told = hashlib.sha256(repr(settings).encode()).hexdigest()
    return [told, program, [[file.name, *_facts(file)] for file in watched]]


def _program() -> Iterator[os.DirEntry[str]]:
    """The program's own files: a new version reads old mail anew."""
    import indexers  # noqa: PLC0415

    for folder in ("", "rules", "extract", "search"):
        with os.scandir(Path(indexers.__path__[0]) / folder) as entries:
            yield from (entry for entry in entries if entry.is_file())


def _facts(file: Path) -> list[int]:
    try:
        found = file.stat()
    except OSError:
        return [0, 0]
    return [found.st_size, found.st_mtime_ns]


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
