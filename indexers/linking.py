"""Quotes to their originals: looks each quote up among the messages of the reading.

By what it refers to, by whom and when it says it is, or by its words. The message that is answered
also settles which lines of an answer are quoted (second_opinion.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from archiver.model import Digest
from indexers.model import Difference, Message, QuoteLink, Span
from indexers.quote_links import QUOTES, Agreement, compare, prints, said_in, words_of
from indexers.records import MESSAGE_COLUMNS, message_from, spans_row
from indexers.second_opinion import compare_with_earlier

_LINKED, _SETTLED = 1, 2  # states of a message; 0: not looked at yet
_MAX_CANDIDATES = 12  # messages that one quote is compared with
_MAX_QUOTES = 100  # of one message
_COMMIT_EVERY = 200  # messages


def link_quotes(db: sqlite3.Connection) -> int:
    """Look up the quotes of messages that are new, and of those that may quote one.

    Messages whose spans or links changed are marked for their events to be looked for anew.

    Returns:
        How many messages were looked at.
    """
    new = [d for (d,) in db.execute("SELECT digest FROM messages WHERE NOT linked ORDER BY entry")]
    held = db.execute("SELECT count(*) FROM messages").fetchone()[0]
    affected: dict[str, None] = dict.fromkeys(new)
    for digest in new:
        message = _message(db, digest)
        if message is None:
            continue
        own = prints(said_in(message))
        quoted = prints(words_of(_quoted_text(message)))
        db.executemany(
            "INSERT OR IGNORE INTO prints VALUES (?, ?, ?)",
            [(p, 0, digest) for p in own] + [(p, 1, digest) for p in quoted],
        )
        ids = (*message.in_reply_to, *message.references)
        db.executemany("INSERT OR IGNORE INTO refs VALUES (?, ?)", [(i, digest) for i in ids])
        if len(new) < held:  # else all are looked at in any case
            affected.update(dict.fromkeys(_may_quote(db, message, own)))
    for count, digest in enumerate(affected, 1):
        _link(db, digest)
        if count % _COMMIT_EVERY == 0:
            db.commit()
    db.commit()
    return len(affected)


def links_of(db: sqlite3.Connection, digest: str) -> tuple[QuoteLink, ...]:
    """The links of a message's quotes, in order of place."""
    rows = db.execute(
        "SELECT start, stop, original, how, differences FROM quotes"
        " WHERE digest = ? ORDER BY start",
        (digest,),
    )
    return tuple(
        QuoteLink(
            start, stop, Digest(original), how, tuple(Difference(*pair) for pair in json.loads(odd))
        )
        for start, stop, original, how, odd in rows
    )


def _may_quote(db: sqlite3.Connection, message: Message, own: Iterable[int]) -> Iterator[str]:
    """Messages read before that refer to a new one, or quote words of it."""
    if message.message_id:
        yield from _column(db, "SELECT digest FROM refs WHERE id = ?", message.message_id)
    for number in own:
        yield from _column(
            db, "SELECT digest FROM prints WHERE print = ? AND quoted = 1 LIMIT 50", number
        )


def _link(db: sqlite3.Connection, digest: str) -> None:
    message = _message(db, digest)
    if message is None:
        return
    state = db.execute("SELECT linked FROM messages WHERE digest = ?", (digest,)).fetchone()[0]
    settled, asked = (message, True) if state == _SETTLED else _settled(db, message)
    links = tuple(_links(db, settled))
    changed = settled.spans != message.spans or links != links_of(db, digest)
    db.execute("DELETE FROM quotes WHERE digest = ?", (digest,))
    db.executemany(
        "INSERT INTO quotes VALUES (?, ?, ?, ?, ?, ?)",
        [
            (digest, x.start, x.end, x.original, x.how,
             json.dumps([(d.held, d.quoted) for d in x.differences], ensure_ascii=False))
            for x in links
        ],
    )  # fmt: skip
    db.execute(
        "UPDATE messages SET spans = ?, linked = ? WHERE digest = ?",
        (spans_row(settled.spans), _SETTLED if asked else _LINKED, digest),
    )
    if changed:
        db.execute("UPDATE messages SET standing = NULL, day = NULL WHERE digest = ?", (digest,))


def _settled(db: sqlite3.Connection, message: Message) -> tuple[Message, bool]:
    """The message, with what the one it answers tells of its lines, and whether that was asked.

    Only the one message that it answers is asked, and only once: whether that came before or
    after makes no difference then.
    """
    name = next(iter((*message.in_reply_to, *reversed(message.references))), "")
    sql = "SELECT digest FROM messages WHERE message_id = ? AND digest != ? ORDER BY entry LIMIT 1"
    found = db.execute(sql, (name, message.digest)).fetchone() if name else None
    earlier = _message(db, found[0]) if found else None
    if earlier is None:
        return message, False
    spans = compare_with_earlier(message.body, message.spans, earlier.body)
    return replace(message, spans=spans), True


def _links(db: sqlite3.Connection, message: Message) -> Iterator[QuoteLink]:
    spans = [span for span in message.spans if span.kind in QUOTES][:_MAX_QUOTES]
    referred = dict.fromkeys(_referred(db, message)) if spans else {}
    for span in spans:
        words = words_of(message.body[span.start : span.end])
        found = _original(db, message, span, words, referred)
        if found is not None:
            yield found


def _original(
    db: sqlite3.Connection,
    message: Message,
    span: Span,
    words: Sequence[str],
    referred: Iterable[str],
) -> QuoteLink | None:
    best: tuple[float, QuoteLink] | None = None
    tried = {message.digest}
    candidates = [(d, "reference") for d in referred]
    candidates += [(d, "author and day") for d in _by_author(db, span)]
    candidates += [(d, "words") for d in _by_words(db, words)]
    for digest, how in candidates:
        if digest in tried or len(tried) > _MAX_CANDIDATES:
            continue
        tried.add(Digest(digest))
        original = _message(db, digest)
        agreement = _agreement(words, original, how) if original else None
        if original is None or agreement is None:
            continue
        stated = span.source.address if span.source else ""
        if stated and original.sender.address and stated != original.sender.address:
            continue  # somebody else used the same words
        link = QuoteLink(span.start, span.end, Digest(digest), how, agreement.differences)
        if not agreement.differences:
            return link
        if best is None or agreement.share > best[0]:
            best = (agreement.share, link)
    return best[1] if best else None


def _agreement(words: Sequence[str], original: Message, how: str) -> Agreement | None:
    """How a quote agrees with a message's own words, or, if it is referred to, with all of it."""
    agreement = compare(words, said_in(original))
    if how != "reference" or (agreement and not agreement.differences):
        return agreement
    whole = compare(words, words_of(original.body))
    if agreement is None or whole is None:
        return agreement or whole
    return min(agreement, whole, key=lambda found: len(found.differences))


def _referred(db: sqlite3.Connection, message: Message) -> Iterator[str]:
    """What it answers, then what it refers to, the latest first."""
    for name in (*message.in_reply_to, *reversed(message.references)):
        yield from _column(
            db, "SELECT digest FROM messages WHERE message_id = ? ORDER BY entry LIMIT 3", name
        )


def _by_author(db: sqlite3.Connection, span: Span) -> Iterator[str]:
    source = span.source
    if source is None or source.day is None or not source.address:
        return
    days = [(source.day + timedelta(days=n)).isoformat() for n in (-1, 0, 1)]
    rows = db.execute(
        "SELECT digest, people FROM messages WHERE substr(sent, 1, 10) BETWEEN ? AND ?"
        " ORDER BY entry LIMIT 500",
        (days[0], days[-1]),
    )
    for digest, people in rows.fetchall():
        if json.loads(people)["from"][1] == source.address:
            yield digest


def _by_words(db: sqlite3.Connection, words: Sequence[str]) -> list[str]:
    votes: Counter[str] = Counter()
    for number in sorted(prints(words))[:40]:
        votes.update(
            _column(db, "SELECT digest FROM prints WHERE print = ? AND quoted = 0 LIMIT 50", number)
        )
    return [digest for digest, _ in sorted(votes.items(), key=lambda v: (-v[1], v[0]))[:5]]


def _quoted_text(message: Message) -> str:
    return "\n".join(message.body[s.start : s.end] for s in message.spans if s.kind in QUOTES)


def _message(db: sqlite3.Connection, digest: str) -> Message | None:
    row = db.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE digest = ?",  # noqa: S608 - names of ours
        (digest,),
    ).fetchone()
    return message_from(row) if row else None


def _column(db: sqlite3.Connection, sql: str, value: object) -> list[str]:
    return [str(found) for (found,) in db.execute(sql, (value,))]
