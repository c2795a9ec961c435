"""What the journal says, in SQLite, for looking things up. Derived: replaying makes it anew."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from archiver.decisions import Decision, decision_from
from archiver.disk import Disk
from archiver.journal import Entry, Head, parse_time
from archiver.model import Digest, Original, Place, Standing
from archiver.replay import REPLAY
from archiver.running_log import LogEntry, log_from

_VERSION = 7


@dataclass(frozen=True, slots=True)
class Receipt:
    """A place that an original was received from."""

    place: Place
    digest: Digest
    first_seen: datetime
    last_seen: datetime | None  # of a missing place: the last complete look that listed it
    first_missing: datetime | None  # None while the server lists it
    labels: tuple[str, ...]  # Gmail's, as they were when it was received


@dataclass(frozen=True, slots=True)
class Failure:
    """A message that could not be fetched or kept so far."""

    place: Place
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """The last time an account was looked at from end to end, as the journal has it."""

    account: str
    at: datetime
    folders: Sequence[dict[str, object]]


class Catalogue:
    """A projection of the journal; one writer, any number of readers."""

    @classmethod
    def replayed(cls, entries: Iterable[Entry]) -> Catalogue:
        """A catalogue in memory, of these entries alone; for comparing."""
        catalogue = cls.__new__(cls)
        catalogue.path, catalogue._disk = Path(":memory:"), Disk()
        catalogue._db = catalogue._open()
        head = Head()
        for entry in entries:
            REPLAY[entry.kind](catalogue._db, entry)
            head = Head(entry.number + 1, 0, entry.link)
        catalogue.replay([], head)
        return catalogue

    def __init__(self, path: Path, disk: Disk) -> None:
        """Open or make the catalogue; one of another version or one that is damaged is made anew.

        What is in it after that may be behind the journal: see ``head`` and ``replay``.
        """
        self.path, self._disk = path, disk
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._open()
        except sqlite3.DatabaseError:
            self.remove()
            self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30)
        db.execute("PRAGMA foreign_keys = ON")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version == _VERSION:
            return db
        if version:
            db.close()
            raise sqlite3.DatabaseError(f"a catalogue of version {version}")
        db.execute("PRAGMA journal_mode = WAL")
        schema = files("archiver").joinpath("catalogue.sql").read_text(encoding="utf-8")
        db.executescript(f"BEGIN; {schema} PRAGMA user_version = {_VERSION}; COMMIT;")
        return db

    def close(self) -> None:
        """Close the database; the object is of no use after that."""
        self._db.close()

    def remove(self) -> None:
        """Delete the database files."""
        if hasattr(self, "_db"):
            self._db.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget everything, to be replayed from the first entry."""
        self.remove()
        self._db = self._open()

    @property
    def head(self) -> Head:
        """How far the journal has been replayed."""
        row = self._db.execute("SELECT entries, size, link FROM position").fetchone()
        return Head(*row) if row else Head()

    def replay(self, entries: Iterable[Entry], head: Head) -> None:
        """Take in entries that follow ``self.head``, up to ``head``, in one transaction."""
        for entry in entries:
            REPLAY[entry.kind](self._db, entry)
        self._db.execute(
            "INSERT OR REPLACE INTO position VALUES (1, ?, ?, ?)",
            (head.entries, head.size, head.link),
        )
        self._disk.commit(self._db)

    def held(self, account: str, folder: str, uidvalidity: int) -> dict[int, bool]:
        """UIDs with a receipt in one epoch of a folder, and whether each is known as missing."""
        rows = self._db.execute(
            "SELECT uid, first_missing IS NOT NULL FROM receipts"
            " WHERE account = ? AND folder = ? AND uidvalidity = ?",
            (account, folder, uidvalidity),
        )
        return {uid: bool(missing) for uid, missing in rows}

    def holding(self, digests: Iterable[Digest]) -> set[Digest]:
        """Which of some originals (a batch of them) were received before."""
        asked = list(digests)
        marks = ",".join("?" * len(asked))
        rows = self._db.execute(
            f"SELECT digest FROM originals WHERE digest IN ({marks})",  # noqa: S608 - marks alone
            asked,
        )
        return {Digest(digest) for (digest,) in rows}

    def listed_places(self, account: str) -> dict[str, list[Place]]:
        """Places that the server listed when it was last looked at, by folder."""
        rows = self._db.execute(
            "SELECT account, folder, uidvalidity, uid FROM receipts"
            " WHERE account = ? AND first_missing IS NULL ORDER BY folder, uidvalidity, uid",
            (account,),
        )
        found: dict[str, list[Place]] = {}
        for row in rows:
            found.setdefault(row[1], []).append(Place(*row))
        return found

    def other_epochs(self, account: str, folder: str, uidvalidity: int) -> list[Place]:
        """Places of a folder that were listed when last looked at, under another UIDVALIDITY."""
        rows = self._db.execute(
            "SELECT account, folder, uidvalidity, uid FROM receipts WHERE account = ?"
            " AND folder = ? AND uidvalidity <> ? AND first_missing IS NULL"
            " ORDER BY uidvalidity, uid",
            (account, folder, uidvalidity),
        )
        return [Place(*row) for row in rows]

    def displaced(self, account: str, uidvalidities: Mapping[str, int]) -> dict[int, list[Digest]]:
        """Originals with a place that is gone, by size in bytes.

        Args:
            account: whose places.
            uidvalidities: of each folder now; a place under another one is gone as well.
        """
        rows = self._db.execute(
            "SELECT DISTINCT o.size, digest, folder, uidvalidity, first_missing IS NOT NULL"
            " FROM receipts JOIN originals o USING (digest) WHERE account = ? ORDER BY o.entry",
            (account,),
        )
        found: dict[int, list[Digest]] = {}
        for size, digest, folder, uidvalidity, missing in rows:
            if missing or uidvalidities.get(folder, uidvalidity) != uidvalidity:
                same_size = found.setdefault(size, [])
                if digest not in same_size:
                    same_size.append(Digest(digest))
        return found

    def nowhere(self, places: Iterable[Place]) -> int:
        """How many of the originals received from these places are listed in no place any more."""
        gone: set[str] = set()
        for place in places:
            rows = self._db.execute(
                "SELECT r.digest FROM receipts r"
                " WHERE r.account = ? AND r.folder = ? AND r.uidvalidity = ? AND r.uid = ?"
                " AND NOT EXISTS (SELECT 1 FROM receipts o"
                "  WHERE o.digest = r.digest AND o.first_missing IS NULL)",
                (place.account, place.folder, place.uidvalidity, place.uid),
            )
            gone.update(digest for (digest,) in rows)
        return len(gone)

    def digests(self) -> list[Digest]:
        """Every original, in order of digest."""
        return [Digest(d) for (d,) in self._db.execute("SELECT digest FROM originals ORDER BY 1")]

    def originals(self) -> Iterator[Original]:
        """Every original with all its places, in order of receipt."""
        rows = self._db.execute(
            "SELECT o.digest, o.size, o.received_at, o.internal_date, o.standing,"
            " r.account, r.folder, r.uidvalidity, r.uid"
            " FROM originals o JOIN receipts r USING (digest) ORDER BY o.entry, r.entry"
        )
        current: tuple[str, ...] | None = None
        places: list[Place] = []
        for row in rows:
            if current is not None and row[:5] != current:
                yield _original(current, places)
                places = []
            current = row[:5]
            places.append(Place(*row[5:]))
        if current is not None:
            yield _original(current, places)

    def receipts(self) -> Iterator[Receipt]:
        """Every receipt, in order of the journal."""
        rows = self._db.execute(
            "SELECT account, folder, uidvalidity, uid, digest, first_seen, last_seen,"
            " first_missing, labels FROM receipts ORDER BY entry"
        )
        for *place, digest, first, last, missing, labels in rows:
            yield Receipt(
                Place(*place),
                Digest(digest),
                parse_time(first),
                _time(last),
                _time(missing),
                tuple(json.loads(labels)) if labels else (),
            )

    def failures(self) -> list[Failure]:
        """Messages that could not be kept so far, in order of place."""
        rows = self._db.execute("SELECT * FROM failures ORDER BY 1, 2, 3, 4")
        return [Failure(Place(*row[:4]), row[4], parse_time(row[5])) for row in rows]

    def epochs(self, account: str, folder: str) -> list[int]:
        """Every UIDVALIDITY a folder has had, in order of first sight."""
        rows = self._db.execute(
            "SELECT uidvalidity FROM epochs WHERE account = ? AND folder = ? ORDER BY since",
            (account, folder),
        )
        return [uidvalidity for (uidvalidity,) in rows]

    def looks(self) -> dict[str, Look]:
        """The last journaled look at each account."""
        rows = self._db.execute("SELECT account, at, folders FROM looks ORDER BY account")
        return {row[0]: Look(row[0], parse_time(row[1]), json.loads(row[2])) for row in rows}

    def repairs(self) -> list[tuple[datetime, str]]:
        """When a torn journal line was set aside, and into which file."""
        rows = self._db.execute("SELECT at, file FROM repairs ORDER BY entry")
        return [(parse_time(at), file) for at, file in rows]

    def last_seal(self) -> int:
        """How long the journal was just after it was last sealed, in entries; 0: never."""
        row = self._db.execute("SELECT max(entry) + 1 FROM seals").fetchone()
        return int(row[0] or 0)

    def without_dkim(self) -> list[tuple[Digest, int]]:
        """Originals whose signatures were not checked yet, with their size, in order of receipt."""
        rows = self._db.execute(
            "SELECT digest, size FROM originals WHERE digest NOT IN (SELECT digest FROM dkim)"
            " ORDER BY entry"
        )
        return [(Digest(digest), size) for digest, size in rows]

    def dkim(self) -> list[dict[str, object]]:
        """What checking signatures came to, in order of receipt, as the journal has it."""
        rows = self._db.execute(
            "SELECT d.at, d.verdict, d.facts FROM dkim d JOIN originals USING (digest)"
            " ORDER BY entry"
        )
        found: list[dict[str, object]] = []
        for at, verdict, text in rows:
            facts = json.loads(text)
            signatures = facts.get("signatures", [])
            found.append(
                {
                    "checked": at,
                    "verdict": verdict,
                    "domains": ", ".join(s["domain"] for s in signatures),
                    "sha256": facts["sha256"],
                    "why": facts.get("why", ""),
                    "signatures": signatures,
                    "authentication_results": facts.get("authentication_results", ""),
                }
            )
        return found

    def told_roles(self) -> dict[str, str]:
        """Roles that a person told, by address."""
        return dict(self._db.execute("SELECT address, role FROM people ORDER BY address"))

    def decisions(self, *, undone: bool = False) -> list[Decision]:
        """What a person decided on events, in order; with ``undone``, what was taken back too."""
        rows = self._db.execute("SELECT entry, at, facts, undone FROM decisions ORDER BY entry")
        return [
            decision_from(entry, parse_time(at), json.loads(facts), taken_back)
            for entry, at, facts, taken_back in rows
            if undone or taken_back is None
        ]

    def marks(self) -> dict[Digest, bool]:
        """Messages that a person told to be privileged, or not to be."""
        rows = self._db.execute(
            "SELECT digest, privileged FROM marks WHERE undone IS NULL ORDER BY entry"
        )
        last = dict(rows.fetchall())
        return {Digest(d): bool(mark) for d, mark in sorted(last.items()) if mark is not None}

    def last_act(self) -> int | None:
        """The latest decision or mark that was not taken back, by its journal entry."""
        row = self._db.execute(
            "SELECT max(entry) FROM (SELECT entry FROM decisions WHERE undone IS NULL"
            " UNION ALL SELECT entry FROM marks WHERE undone IS NULL)"
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def log(self) -> list[LogEntry]:
        """The running log with every version of each entry, in order of number."""
        rows = self._db.execute("SELECT entry, at, link, number, facts FROM log ORDER BY entry")
        return log_from(
            (entry, parse_time(at), Digest(link), number, json.loads(facts))
            for entry, at, link, number, facts in rows
        )

    def promises(self) -> list[dict[str, object]]:
        """What a person confirmed of service grids, in order of the journal, as it has it."""
        rows = self._db.execute("SELECT facts FROM promises ORDER BY entry")
        return [json.loads(facts) for (facts,) in rows]

    def in_folder(self, part: str) -> set[Digest]:
        """Originals in folders whose name, or a part of it between separators, begins so.

        Where the server no longer lists a message there, it still counts: it was received from
        there.
        """
        begins = part.casefold()
        folders = [
            row
            for row in self._db.execute("SELECT DISTINCT account, folder FROM receipts")
            if row[1].casefold().startswith(begins)
            or any(p.startswith(begins) for p in re.split(r"[/.\\]", row[1].casefold()))
        ]
        return {
            Digest(digest)
            for folder in folders
            for (digest,) in self._db.execute(
                "SELECT digest FROM receipts WHERE account = ? AND folder = ?", folder
            )
        }

    def counts(self) -> tuple[int, int, int]:
        """How many originals, receipts and receipts whose place is missing."""
        row = self._db.execute(
            "SELECT (SELECT count(*) FROM originals), count(*), count(first_missing) FROM receipts"
        ).fetchone()
        return (row[0], row[1], row[2])

    def dump(self) -> list[str]:
        """The content as SQL statements; two catalogues of one journal have equal dumps."""
        return [line for line in self._db.iterdump() if 'INTO "position"' not in line]


def place_facts(place: Place) -> dict[str, object]:
    """A place as the journal writes it."""
    return {
        "account": place.account,
        "folder": place.folder,
        "uidvalidity": place.uidvalidity,
        "uid": place.uid,
    }


def _original(row: tuple[str, ...], places: list[Place]) -> Original:
    digest, size, received_at, internal_date, standing = row
    return Original(
        Digest(digest),
        int(size),
        parse_time(received_at),
        _time(internal_date),
        tuple(places),
        Standing(standing),
    )


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
