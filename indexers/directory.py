"""Who wrote to whom, when, in which thread: the reading arranged for exact questions.

Search asks it for everything that is not words. It is small and made anew whenever the reading
changed; only the fingerprints of texts are taken over, since they cost reading every body.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

from archiver.model import Digest, Person, Standing
from indexers.cast import Mention
from indexers.model import SpanKind
from indexers.threads import Knot, thread_roots

_VERSION = 2
_TWIN = 200  # letters and digits; shorter texts ("No speech today.") are said anew each time


@dataclass(frozen=True, slots=True)
class Line:
    """A message in as few facts as ordering and folding need."""

    sent: int  # seconds since 1970
    group: int  # the same for messages of one thread, and of threads with the same text in them


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation."""

    number: int  # of its first message
    digest: Digest  # of its first message; its first 12 digits name the thread
    subject: str
    messages: int
    first: date
    last: date
    people: tuple[Person, ...]  # who wrote, in order of first word
    standings: frozenset[Standing]


class Directory:
    """The directory, opened for looking up."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            sqlite3.DatabaseError: there is none, or it is of another version.
        """
        self.db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
        if self.db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            self.db.close()
            raise sqlite3.DatabaseError("a directory of another version")
        self._everyone: list[tuple[int, Person]] | None = None
        self._lines: dict[int, Line] | None = None

    def numbers(self, condition: str = "1", *values: object) -> set[int]:
        """Messages for which a condition over the columns of ``messages`` holds."""
        sql = f"SELECT number FROM messages WHERE {condition}"  # noqa: S608 - ours, not typed
        return {number for (number,) in self.db.execute(sql, values)}

    def lines(self) -> dict[int, Line]:
        """Every message by number; the directory is never changed in place, so read once."""
        if self._lines is None:
            rows = self.db.execute("SELECT number, sent, thread, twin FROM messages ORDER BY 1")
            self._lines = _grouped(rows.fetchall())
        return self._lines

    def digest(self, number: int) -> Digest:
        """The original of a message."""
        sql = "SELECT digest FROM messages WHERE number = ?"
        return Digest(self.db.execute(sql, (number,)).fetchone()[0])

    def of_digests(self, digests: Iterable[str]) -> set[int]:
        """Numbers of originals; those it does not know are left out."""
        sql = "SELECT number FROM messages WHERE digest = ?"
        return {row[0] for d in digests for row in self.db.execute(sql, (d,))}

    def thread_of(self, name: str) -> int | None:
        """The thread that the first digits of an original of it name; None for none or several."""
        if not re.fullmatch(r"[0-9a-f]{4,64}", name):
            return None
        sql = "SELECT DISTINCT thread FROM messages WHERE digest >= ? AND digest < ?"
        found = self.db.execute(sql, (name, f"{name}g")).fetchall()
        return found[0][0] if len(found) == 1 else None

    def everyone(self) -> list[tuple[int, Person]]:
        """Every name with every address that it was given, with its id."""
        if self._everyone is None:
            rows = self.db.execute("SELECT id, name, address FROM people ORDER BY id")
            self._everyone = [(n, Person(name, address)) for n, name, address in rows]
        return self._everyone

    def with_people(self, fields: Iterable[str], fits: Callable[[Person], bool]) -> set[int]:
        """Messages with a person who fits in any of some fields."""
        found: set[int] = set()
        wanted = [number for number, person in self.everyone() if fits(person)]
        for field in fields:
            for person in wanted:
                sql = "SELECT number FROM casts WHERE person = ? AND field = ?"
                found.update(n for (n,) in self.db.execute(sql, (person, field)))
        return found

    def close(self) -> None:
        """Close the database."""
        self.db.close()


def directory_path(derived: Path) -> Path:
    """Where the directory is."""
    return derived / "directory.sqlite"


def update_directory(path: Path, db: sqlite3.Connection) -> bool:
    """Make the directory anew if the reading ``db`` changed; returns whether it did."""
    signature = _signature(db)
    if _noted(path) == signature:
        return False
    twins = _twins(path)
    working = path.with_name(path.name + ".new")
    working.unlink(missing_ok=True)
    new = sqlite3.connect(working)
    try:
        schema = files("indexers").joinpath("directory.sql").read_text(encoding="utf-8")
        # Made aside and put in place by a rename: it needs no journal of its own.
        new.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {schema}")
        _fill(new, db, twins)
        new.execute("INSERT INTO meta VALUES ('signature', ?)", (signature,))
        new.execute(f"PRAGMA user_version = {_VERSION}")
        new.commit()
    finally:
        new.close()
    working.replace(path)
    return True


def _signature(db: sqlite3.Connection) -> str:
    count = db.execute("SELECT count(*), max(entry) FROM messages").fetchone()
    meta = db.execute("SELECT name, value FROM meta ORDER BY name").fetchall()
    return hashlib.sha256(repr((_VERSION, count, meta)).encode()).hexdigest()


def _noted(path: Path) -> str | None:
    try:
        directory = Directory(path)
        try:
            sql = "SELECT value FROM meta WHERE name = 'signature'"
            row = directory.db.execute(sql).fetchone()
            return str(row[0]) if row else None
        finally:
            directory.close()
    except sqlite3.DatabaseError:
        return None


def _twins(path: Path) -> dict[str, str]:
    try:
        directory = Directory(path)
        try:
            return dict(directory.db.execute("SELECT digest, twin FROM messages"))
        finally:
            directory.close()
    except sqlite3.DatabaseError:
        return {}


def _fill(new: sqlite3.Connection, db: sqlite3.Connection, twins: dict[str, str]) -> None:
    counted = dict(
        db.execute(
            "SELECT digest, count(*) FROM parts"
            " WHERE NOT (inline AND media_type LIKE 'image/%') GROUP BY digest"
        )
    )
    threads = _threads(db)
    people: dict[tuple[str, str], int] = {}
    rows = db.execute(
        "SELECT entry, digest, day, coalesce(sent, fallback_date), standing, people"
        " FROM messages WHERE standing IS NOT NULL ORDER BY entry"
    )
    for number, digest, day, sent, standing, cast in rows.fetchall():
        twin = twins[digest] if digest in twins else _twin(db, digest)
        moment = int(datetime.fromisoformat(sent).timestamp())
        new.execute(
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, digest, day, moment, threads[number], twin, standing, counted.get(digest, 0)),
        )
        for field, name, address in _cast(json.loads(cast)):
            person = people.setdefault((name, address), len(people) + 1)
            new.execute("INSERT OR IGNORE INTO casts VALUES (?, ?, ?)", (person, field, number))
    new.executemany(
        "INSERT INTO people VALUES (?, ?, ?)", ((n, *person) for person, n in people.items())
    )


def _cast(cast: dict[str, list[list[str]]]) -> Iterator[tuple[str, str, str]]:
    sender: list[str] = cast["from"]  # type: ignore[assignment]
    for field, pairs in (("from", [sender]), ("to", cast["to"]), ("cc", cast["cc"] + cast["bcc"])):
        for name, address in pairs:
            if name or address:
                yield field, name, address


def _threads(db: sqlite3.Connection) -> dict[int, int]:
    """The thread of every message, by number."""
    sql = (
        "SELECT entry, message_id, in_reply_to, refs, subject, coalesce(sent, fallback_date),"
        " people FROM messages ORDER BY entry"
    )
    return thread_roots(_knot(*row) for row in db.execute(sql))


def _knot(
    number: int, message_id: str, replies: str, refs: str, subject: str, sent: str, people: str
) -> Knot:
    cast = json.loads(people)
    everyone = {cast["from"][1], *(a for f in ("to", "cc", "bcc", "others") for _, a in cast[f])}
    return Knot(
        number,
        message_id,
        (*json.loads(replies), *json.loads(refs)),
        subject,
        datetime.fromisoformat(sent),
        cast["from"][1],
        everyone - {""},
    )


def _twin(db: sqlite3.Connection, digest: str) -> str:
    body, spans = db.execute(
        "SELECT body, spans FROM messages WHERE digest = ?", (digest,)
    ).fetchone()
    own = (body[start:end] for kind, start, end, *_ in json.loads(spans) if kind == SpanKind.OWN)
    plain = "".join(re.findall(r"[^\W_]+", " ".join(own).casefold()))
    return hashlib.blake2b(plain.encode(), digest_size=8).hexdigest() if len(plain) >= _TWIN else ""


def _grouped(rows: list[tuple[int, int, int, str]]) -> dict[int, Line]:
    """Threads that share a text fall together; no chain of them is followed further."""
    told: dict[str, int] = {}  # the first thread that a text was in
    falls_to: dict[int, int] = {}
    for _, _, thread, twin in rows:
        first = told.setdefault(twin, thread) if twin else thread
        if first != thread:
            falls_to.setdefault(thread, falls_to.get(first, first))
    return {n: Line(sent, falls_to.get(thread, thread)) for n, sent, thread, _ in rows}


def threads(directory: Directory, reading: sqlite3.Connection) -> list[Thread]:
    """Every conversation, the latest first."""
    found: dict[int, list[tuple[int, str, str, str]]] = {}
    rows = directory.db.execute(
        "SELECT thread, number, digest, day, standing FROM messages ORDER BY sent, number"
    )
    for thread, number, digest, day, standing in rows:
        found.setdefault(thread, []).append((number, digest, day, standing))
    writers: dict[int, dict[str, Person]] = {}
    rows = directory.db.execute(
        "SELECT thread, name, address FROM casts JOIN messages USING (number)"
        " JOIN people ON id = person WHERE field = 'from' ORDER BY sent, number"
    )
    for thread, name, address in rows:
        writers.setdefault(thread, {}).setdefault(address or name, Person(name, address))
    subjects = dict(reading.execute("SELECT digest, subject FROM messages"))
    listed = [
        Thread(
            number,
            Digest(directory.digest(number)),
            subjects.get(lines[0][1], ""),
            len(lines),
            date.fromisoformat(min(day for _, _, day, _ in lines)),
            date.fromisoformat(max(day for _, _, day, _ in lines)),
            tuple(writers.get(number, {}).values()),
            frozenset(Standing(standing) for *_, standing in lines),
        )
        for number, lines in found.items()
        if any(number == line[0] for line in lines)
    ]
    return sorted(listed, key=lambda thread: (thread.last, thread.number), reverse=True)


def mentions(directory: Directory) -> list[Mention]:
    """Every name and address with how often it wrote and was written to."""
    rows = directory.db.execute(
        "SELECT name, address, count(DISTINCT CASE field WHEN 'from' THEN number END),"
        " count(DISTINCT CASE field WHEN 'from' THEN NULL ELSE number END), min(day), max(day)"
        " FROM people JOIN casts ON person = id JOIN messages USING (number) GROUP BY id"
    )
    return [
        Mention(
            Person(name, address),
            wrote,
            received,
            date.fromisoformat(first),
            date.fromisoformat(last),
        )
        for name, address, wrote, received, first, last in rows
    ]
