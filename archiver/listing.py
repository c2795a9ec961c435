"""What was seen on the server and not kept, and how messages hang together in threads.

Derived in the sense that it may be deleted: the next run lists those headers again. It holds no
address, subject or text of a message that was passed over, only its UID and thread keys.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from archiver.correspondence import Known
from archiver.disk import Disk
from archiver.model import Digest, Place, Standing
from archiver.source import Opened

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    folder      TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid         INTEGER NOT NULL,
    rules       TEXT NOT NULL,  -- fingerprint of the configuration that passed it over
    UNIQUE (account, folder, uidvalidity, uid)
);
CREATE TABLE IF NOT EXISTS message_keys (
    key     INTEGER NOT NULL,
    message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    PRIMARY KEY (key, message)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS keys_by_message ON message_keys (message);
CREATE TABLE IF NOT EXISTS originals (
    id       INTEGER PRIMARY KEY,
    digest   TEXT NOT NULL UNIQUE,
    standing TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS original_keys (
    key      INTEGER NOT NULL,
    original INTEGER NOT NULL REFERENCES originals ON DELETE CASCADE,
    PRIMARY KEY (key, original)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS keys_by_original ON original_keys (original);
CREATE TABLE IF NOT EXISTS settled (
    account     TEXT NOT NULL,
    folder      TEXT NOT NULL,
    rules       TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    uidnext     INTEGER NOT NULL,
    modseq      INTEGER NOT NULL,
    PRIMARY KEY (account, folder)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS staff (name TEXT PRIMARY KEY) WITHOUT ROWID;
PRAGMA user_version = 2;
"""


class Listing:
    """The memory of one archive's pulls; one writer."""

    def __init__(self, path: Path, disk: Disk) -> None:
        """Open or make it; one that is damaged or of another version starts empty."""
        self._path, self._disk = path, disk
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._open()
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30)
        # Only the archive's one writer opens it: no lock need be taken for each of the thousands
        # of look-ups of a first night.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, 2):
            db.close()
            raise sqlite3.DatabaseError(f"a listing of version {version}")
        if not version:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
        db.execute("PRAGMA foreign_keys = ON")
        return db

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def commit(self) -> None:
        """Make what was remembered durable, if anything was."""
        if self._db.in_transaction:
            self._disk.commit(self._db)

    def passed(self, account: str, folder: str, uidvalidity: int, rules: str) -> set[int]:
        """UIDs that were passed over under these very rules."""
        rows = self._db.execute(
            "SELECT uid FROM messages"
            " WHERE account = ? AND folder = ? AND uidvalidity = ? AND rules = ?",
            (account, folder, uidvalidity, rules),
        )
        return {uid for (uid,) in rows}

    def pass_over(self, place: Place, keys: Iterable[int], rules: str) -> None:
        """Remember that a message is not the school's correspondence."""
        self.forget(place)
        cursor = self._db.execute(
            "INSERT INTO messages (account, folder, uidvalidity, uid, rules)"
            " VALUES (?, ?, ?, ?, ?)",
            (place.account, place.folder, place.uidvalidity, place.uid, rules),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO message_keys VALUES (?, ?)",
            [(key, cursor.lastrowid) for key in keys],
        )

    def forget(self, place: Place) -> None:
        """A message that was passed over is kept now, or gone."""
        self._db.execute(
            "DELETE FROM messages WHERE account = ? AND folder = ? AND uidvalidity = ? AND uid = ?",
            (place.account, place.folder, place.uidvalidity, place.uid),
        )

    def keep(self, digest: Digest, standing: Standing, keys: Iterable[int]) -> None:
        """Remember the threads of an original."""
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO originals (digest, standing) VALUES (?, ?)", (digest, standing)
        )
        if cursor.rowcount:
            self._db.executemany(
                "INSERT OR IGNORE INTO original_keys VALUES (?, ?)",
                [(key, cursor.lastrowid) for key in keys],
            )

    def kept(self) -> int:
        """How many originals' threads are remembered."""
        return int(self._db.execute("SELECT count(*) FROM originals").fetchone()[0])

    def unknown(self, digests: Iterable[Digest]) -> list[Digest]:
        """Those of the originals whose threads are not remembered."""
        known = {digest for (digest,) in self._db.execute("SELECT digest FROM originals")}
        return [digest for digest in digests if digest not in known]

    def settle(self, account: str, folder: str, opened: Opened, rules: str) -> None:
        """Remember how a folder was when a look at it left nothing to do."""
        if self.settled(account, folder, rules) != opened:
            self._db.execute(
                "INSERT OR REPLACE INTO settled VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    account,
                    folder,
                    rules,
                    opened.uidvalidity,
                    opened.count,
                    opened.uidnext,
                    opened.modseq,
                ),
            )

    def settled(self, account: str, folder: str, rules: str) -> Opened | None:
        """How a folder was when a look under these rules last left nothing to do."""
        row = self._db.execute(
            "SELECT uidvalidity, count, uidnext, modseq FROM settled"
            " WHERE account = ? AND folder = ? AND rules = ?",
            (account, folder, rules),
        ).fetchone()
        return Opened(*row) if row else None

    def lookup(self, keys: Iterable[int]) -> Iterator[Known]:
        """Messages of earlier nights that carry any of these thread keys."""
        for key in keys:
            rows = self._db.execute(
                "SELECT m.id, account, folder, uidvalidity, uid FROM message_keys"
                " JOIN messages m ON m.id = message WHERE key = ?",
                (key,),
            )
            for number, *place in rows.fetchall():
                yield Known(self._keys("message", number), False, False, Place(*place))
            rows = self._db.execute(
                "SELECT o.id, standing FROM original_keys"
                " JOIN originals o ON o.id = original WHERE key = ?",
                (key,),
            )
            for number, standing in rows.fetchall():
                family = standing == Standing.FAMILY
                yield Known(self._keys("original", number), not family, family, None)

    def _keys(self, table: str, number: int) -> tuple[int, ...]:
        rows = self._db.execute(
            f"SELECT key FROM {table}_keys WHERE {table} = ?",  # noqa: S608 - two names of ours
            (number,),
        )
        return tuple(key for (key,) in rows)

    def add_staff(self, names: Iterable[str]) -> None:
        """Remember names of people who write from the school."""
        self._db.executemany("INSERT OR IGNORE INTO staff VALUES (?)", [(n,) for n in names])

    def staff(self) -> frozenset[str]:
        """Names of people who wrote from the school or were written to there."""
        return frozenset(name for (name,) in self._db.execute("SELECT name FROM staff"))
