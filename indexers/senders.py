"""The service that each correspondent usually writes about, kept beside the messages.

It comes of the texts alone, so that a rebuild finds the same. Where it changes for somebody, what
they wrote is looked at anew.
"""

from __future__ import annotations

import json
import sqlite3

from archiver.roles import AddressBook
from indexers.model import Family
from indexers.records import MESSAGE_COLUMNS, message_from
from indexers.rules.usual import services_said, speaks_of_one, usual_services


def update_usual(db: sqlite3.Connection, book: AddressBook, family: Family) -> None:
    """Take in the messages that are to be looked at (``standing`` is null).

    Afterwards those of everybody whose usual service is another one now are among them.
    """
    waiting = db.execute(f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE standing IS NULL")  # noqa: S608
    rows = []
    for columns in waiting:
        message = message_from(columns)
        address = message.sender.address
        if speaks_of_one(book.role_of(address)):
            services = services_said(message.subject, message.own_words(), family)
            rows.append((message.digest, address, json.dumps(services)))
    with db:
        db.execute(
            "DELETE FROM said WHERE digest IN (SELECT digest FROM messages WHERE standing IS NULL)"
        )
        db.executemany("INSERT INTO said VALUES (?, ?, ?)", rows)
        _find_anew(db)


def _find_anew(db: sqlite3.Connection) -> None:
    said = db.execute("SELECT sender, services FROM said")
    now = usual_services((sender, json.loads(services)) for sender, services in said)
    before = dict(db.execute("SELECT sender, service FROM usual"))
    changed = [(s,) for s in {*now, *before} if now.get(s) != before.get(s)]
    db.executemany(
        "UPDATE messages SET standing = NULL, day = NULL"
        " WHERE digest IN (SELECT digest FROM said WHERE sender = ?)",
        changed,
    )
    db.execute("DELETE FROM usual")
    db.executemany("INSERT INTO usual VALUES (?, ?)", sorted(now.items()))


def usual_of(db: sqlite3.Connection, address: str) -> str:
    """The service that somebody usually writes about; "" where there is none."""
    row = db.execute("SELECT service FROM usual WHERE sender = ?", (address,)).fetchone()
    return str(row[0]) if row else ""
