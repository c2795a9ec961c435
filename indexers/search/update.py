"""Brings directory and search index to the reading's state; built aside on any doubt."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

from archiver.progress import Progress
from indexers.directory import directory_path, update_directory
from indexers.search.passages import documents

_NOTE = "indexed.json"


def update_search(derived: Path, db: sqlite3.Connection, progress: Progress) -> int:
    """Index what the reading holds and the index does not; returns how many messages.

    Whether there is anything to do is told by a note kept beside the index, so that a night
    without news does not even import Whoosh.
    """
    update_directory(directory_path(derived), db)
    folder, want = derived / "search", _signature(db)
    if _noted(folder) == want:
        return 0
    from indexers.search import whoosh_index  # noqa: PLC0415

    _settle(folder)
    kept = dict(db.execute("SELECT entry, digest FROM messages ORDER BY entry").fetchall())
    noted = _noted(folder)
    index = None
    if noted is not None and noted["readers"] == want["readers"]:
        index = whoosh_index.open_for_writing(folder)
    if index is None:
        return _build_aside(folder, db, kept, want, progress)
    try:
        held = index.numbers()
        if held - kept.keys():
            index.delete(held - kept.keys())
        new = [(number, digest) for number, digest in kept.items() if number not in held]
        progress.start("indexing", len(new))
        added = index.index(documents(db, new, progress)) if new else 0
        progress.finish()
    finally:
        index.close()
    _note(folder, want)
    return added


def _build_aside(
    folder: Path,
    db: sqlite3.Connection,
    kept: dict[int, str],
    want: dict[str, object],
    progress: Progress,
) -> int:
    """A whole new index, put in the old one's place when it is done: searches go on meanwhile."""
    from indexers.search.whoosh_index import aside, behind, create_index  # noqa: PLC0415

    working, old = aside(folder), behind(folder)
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True)
    index = create_index(working)
    try:
        progress.start("indexing", len(kept))
        # Ascending: document numbers then have the order of receipt.
        added = index.index(documents(db, kept.items(), progress))
        progress.finish()
    finally:
        index.close()
    _note(working, want)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    working.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return added


def _settle(folder: Path) -> None:
    """Finish a swap that was cut short between its two renames."""
    from indexers.search.whoosh_index import aside, behind  # noqa: PLC0415

    for other in (aside(folder), behind(folder)):
        if not folder.exists() and (other / _NOTE).exists():
            other.rename(folder)


def _signature(db: sqlite3.Connection) -> dict[str, object]:
    """What the index depends on: a fingerprint of the messages, and who read them."""
    numbers = db.execute("SELECT entry, digest FROM messages ORDER BY entry").fetchall()
    readers = dict(db.execute("SELECT name, value FROM meta WHERE name NOT IN ('view', 'told')"))
    return {
        "messages": hashlib.sha256(repr(numbers).encode()).hexdigest(),
        "readers": readers,
    }


def _noted(folder: Path) -> dict[str, object] | None:
    try:
        noted = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        if (folder / "manifest.json").exists() and {"messages", "readers"} <= noted.keys():
            return dict(noted)
    except (OSError, ValueError, AttributeError):
        pass
    return None


def _note(folder: Path, want: dict[str, object]) -> None:
    working = folder / f"{_NOTE}.tmp"
    working.write_text(json.dumps(want, sort_keys=True), encoding="utf-8")
    working.replace(folder / _NOTE)
