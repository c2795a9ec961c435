"""What each kind of journal entry does to the catalogue's tables (catalogue.sql)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping

from archiver.journal import Entry, EntryKind, format_time


def _place(entry: Entry) -> tuple[object, ...]:
    facts = entry.facts
    return (facts["account"], facts["folder"], facts["uidvalidity"], facts["uid"])


_AT_PLACE = "account = ? AND folder = ? AND uidvalidity = ? AND uid = ?"


def _received(db: sqlite3.Connection, entry: Entry) -> None:
    facts, at = entry.facts, format_time(entry.at)
    db.execute(
        "INSERT OR IGNORE INTO originals VALUES (?, ?, ?, ?, ?, ?)",
        (
            facts["sha256"],
            facts["size"],
            at,
            facts.get("internal_date"),
            facts["standing"],
            entry.number,
        ),
    )
    _matched(db, entry)


def _matched(db: sqlite3.Connection, entry: Entry) -> None:
    facts = entry.facts
    labels = json.dumps(facts["labels"], ensure_ascii=False) if "labels" in facts else None
    db.execute(
        "INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
        (
            *_place(entry),
            facts["sha256"],
            entry.number,
            format_time(entry.at),
            labels,
        ),
    )
    db.execute(f"DELETE FROM failures WHERE {_AT_PLACE}", _place(entry))  # noqa: S608


def _failed(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute(
        "INSERT INTO failures VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET reason = excluded.reason",
        (*_place(entry), entry.facts["reason"], format_time(entry.at)),
    )


def _missing(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute(
        f"UPDATE receipts SET last_seen = ?, first_missing = ? WHERE {_AT_PLACE}",  # noqa: S608
        (entry.facts.get("last_seen"), format_time(entry.at), *_place(entry)),
    )
    db.execute(f"DELETE FROM failures WHERE {_AT_PLACE}", _place(entry))  # noqa: S608


def _returned(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute(
        f"UPDATE receipts SET last_seen = NULL, first_missing = NULL WHERE {_AT_PLACE}",  # noqa: S608
        _place(entry),
    )


def _epoch(db: sqlite3.Connection, entry: Entry) -> None:
    facts = entry.facts
    db.execute(
        "INSERT OR IGNORE INTO epochs VALUES (?, ?, ?, ?)",
        (facts["account"], facts["folder"], facts["uidvalidity"], format_time(entry.at)),
    )


def _looked(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute(
        "INSERT OR REPLACE INTO looks VALUES (?, ?, ?)",
        (
            entry.facts["account"],
            format_time(entry.at),
            json.dumps(entry.facts["folders"], sort_keys=True),
        ),
    )


def _repaired(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute(
        "INSERT INTO repairs VALUES (?, ?, ?, ?)",
        (entry.number, format_time(entry.at), entry.facts["file"], entry.facts["bytes"]),
    )


def _sealed(db: sqlite3.Connection, entry: Entry) -> None:
    facts = entry.facts
    stamps = json.dumps(facts["stamps"], sort_keys=True)
    row = (entry.number, format_time(entry.at), facts["lines"], facts["head"], stamps)
    db.execute("INSERT INTO seals VALUES (?, ?, ?, ?, ?)", row)


def _dkim(db: sqlite3.Connection, entry: Entry) -> None:
    facts = json.dumps(dict(entry.facts), sort_keys=True, ensure_ascii=False)
    row = (entry.facts["sha256"], format_time(entry.at), entry.facts["verdict"], facts)
    db.execute("INSERT OR REPLACE INTO dkim VALUES (?, ?, ?, ?)", row)


def _person(db: sqlite3.Connection, entry: Entry) -> None:
    facts = entry.facts
    if facts["role"]:
        row = (facts["address"], facts["role"], entry.number)
        db.execute("INSERT OR REPLACE INTO people VALUES (?, ?, ?)", row)
    else:
        db.execute("DELETE FROM people WHERE address = ?", (facts["address"],))


def _decided(db: sqlite3.Connection, entry: Entry) -> None:
    row = (entry.number, format_time(entry.at), _facts(entry))
    db.execute("INSERT INTO decisions VALUES (?, ?, ?, NULL)", row)


def _marked(db: sqlite3.Connection, entry: Entry) -> None:
    facts = entry.facts
    row = (entry.number, format_time(entry.at), facts["sha256"], facts["privileged"])
    db.execute("INSERT INTO marks VALUES (?, ?, ?, ?, NULL)", row)


def _undone(db: sqlite3.Connection, entry: Entry) -> None:
    for table in ("decisions", "marks"):
        sql = f"UPDATE {table} SET undone = ? WHERE entry = ?"  # noqa: S608 - names of ours
        db.execute(sql, (entry.number, entry.facts["entry"]))


def _logged(db: sqlite3.Connection, entry: Entry) -> None:
    row = (entry.number, format_time(entry.at), entry.link, entry.facts["log"], _facts(entry))
    db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", row)


def _facts(entry: Entry) -> str:
    return json.dumps(dict(entry.facts), sort_keys=True)


def _promised(db: sqlite3.Connection, entry: Entry) -> None:
    facts = entry.facts
    db.execute("DELETE FROM promises WHERE id = ?", (facts["id"],))
    if not facts.get("withdrawn"):
        text = json.dumps(dict(facts), sort_keys=True, ensure_ascii=False)
        db.execute("INSERT INTO promises VALUES (?, ?, ?)", (facts["id"], text, entry.number))


def _nothing(db: sqlite3.Connection, entry: Entry) -> None:
    del db, entry


REPLAY: Mapping[EntryKind, Callable[[sqlite3.Connection, Entry], None]] = {
    EntryKind.CREATED: _nothing,
    EntryKind.RECEIVED: _received,
    EntryKind.IMPORTED: _nothing,
    EntryKind.MATCHED: _matched,
    EntryKind.FAILED: _failed,
    EntryKind.EPOCH: _epoch,
    EntryKind.MISSING: _missing,
    EntryKind.RETURNED: _returned,
    EntryKind.LOOKED: _looked,
    EntryKind.SEALED: _sealed,
    EntryKind.DKIM: _dkim,
    EntryKind.NUMBERED: _nothing,
    EntryKind.REPAIRED: _repaired,
    EntryKind.PERSON: _person,
    EntryKind.DECIDED: _decided,
    EntryKind.MARKED: _marked,
    EntryKind.UNDONE: _undone,
    EntryKind.LOGGED: _logged,
    EntryKind.WITHDRAWN: _logged,
    EntryKind.PROMISED: _promised,
}
