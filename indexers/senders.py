"""The service that each correspondent usually writes about, kept beside the messages.

It comes of the texts alone, so that a rebuild finds the same. Where it changes for somebody, what
they wrote is looked at anew.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping, Sequence

from archiver.model import Digest, Standing
from archiver.roles import AddressBook
from indexers.model import Family, Message
from indexers.records import MESSAGE_COLUMNS, message_from, standing_today
from indexers.rules.usual import services_said, speaks_of_one, usual_services

log = logging.getLogger(__name__)


def update_usual(
    db: sqlite3.Connection, book: AddressBook, family: Family, marks: Mapping[Digest, bool]
) -> None:
    """Take in the messages that are to be looked at (``standing`` is null).

    Afterwards those of everybody whose usual service is another one now are among them. Privileged
    mail tells nothing here either.

    Args:
        db: the reading.
        book: who is who.
        family: what is promised, and by whom it is given.
        marks: messages that a person marked privileged, or not.
    """
    waiting = db.execute(
        f"SELECT kept_as, {MESSAGE_COLUMNS} FROM messages WHERE standing IS NULL"  # noqa: S608
    )
    rows = []
    for kept_as, *columns in waiting:
        message = message_from(columns)
        address = message.sender.address
        mark = marks.get(message.digest)
        privileged = standing_today(message, Standing(kept_as), book, mark) is Standing.PRIVILEGED
        if address and not privileged and speaks_of_one(book.role_of(address)):
            rows.append((message.digest, address, json.dumps(_said(message, family))))
    with db:
        db.execute(
            "DELETE FROM said WHERE digest IN (SELECT digest FROM messages WHERE standing IS NULL)"
        )
        db.executemany("INSERT INTO said VALUES (?, ?, ?)", rows)
        _find_anew(db)


def _said(message: Message, family: Family) -> Sequence[str]:
    try:
        return services_said(message.subject, message.own_words(), family)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # It promises not to raise; should it, one message says nothing and the rest goes on.
        log.warning("%s: %s", message.digest[:12], type(error).__name__)
        return ()


def _find_anew(db: sqlite3.Connection) -> None:
    said = db.execute(  # a message that is held twice is one
        "SELECT DISTINCT sender, services, CASE message_id WHEN '' THEN digest ELSE message_id END"
        " FROM said JOIN messages USING (digest)"
    )
    now = usual_services((sender, json.loads(services)) for sender, services, _ in said)
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
