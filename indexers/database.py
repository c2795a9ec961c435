"""The reading in SQLite: opened, made, and thrown away where it is of another kind or damaged."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

VERSION = 5


def open_reading(path: Path) -> sqlite3.Connection:
    """Open the reading, made empty where there is none that can be used."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _open(path)
    except sqlite3.DatabaseError:
        remove_reading(path)
        return _open(path)


def remove_reading(path: Path) -> None:
    """Delete the database's files."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=30)
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version and version != VERSION:
            db.close()
            remove_reading(path)
            return _open(path)
        if not version:
            db.execute("PRAGMA journal_mode = WAL")
            # Derived: after a power cut it may be behind, never damaged, and is made up for.
            schema = files("indexers").joinpath("schema.sql").read_text(encoding="utf-8")
            db.executescript(f"BEGIN; {schema} PRAGMA user_version = {VERSION}; COMMIT;")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
