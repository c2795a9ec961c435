"""Edge: which messages are meant, and which of them stay in the archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from archiver.errors import ArchiveError, ExitCode
from archiver.model import Digest, Standing
from archiver.roles import AddressBook
from indexers import query
from indexers.mime import all_text
from indexers.model import Message
from reports.chronology import build_chronology
from reports.exhibits.apart import Apart
from reports.exhibits.model import Why, Withheld
from reports.exhibits.plan import threads_of
from reports.exhibits.withhold import Secret, judge, runs_of, secret_of, without_commonplaces

SHORTEST = 8  # digits of a digest that name one message
HELD = frozenset({Standing.PRIVILEGED, Standing.FAMILY})


class NoSuchMessageError(ArchiveError):
    """What was named is not in the archive, or not one message alone."""

    exit_code = ExitCode.USAGE
    hint = (
        "`papertrail search` prints the number of each message it finds; `papertrail timeline "
        "--format jsonl` the ids of events. Give at least the first 8 digits of a number."
    )

    def __init__(self, named: str, found: int, what: str = "message") -> None:
        many = f"{found} {what}s begin with" if found else f"No {what} is called"
        super().__init__(f"{many} {named!r}.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How messages were chosen; what is named in several ways is chosen once."""

    messages: Sequence[str] = ()  # digests or their beginnings, or Message-IDs
    events: Sequence[str] = ()  # ids of the chronology
    threads: Sequence[str] = ()  # any message of each conversation
    found: Sequence[Digest] = ()  # by search
    after: date | None = None  # from this day on, in the school's zone
    before: date | None = None
    everything: bool = False  # dates alone: all messages within them


def resolve(db: sqlite3.Connection, named: str) -> Digest:
    """The one message that is named by its digest, the beginning of it, or its Message-ID.

    Raises:
        NoSuchMessageError: none is, or several are.
    """
    if "@" in named:
        rows = db.execute(
            "SELECT digest FROM messages WHERE message_id = ?", (f"<{named.strip('<> ')}>",)
        ).fetchall()
    else:
        short = named.strip().lower()
        if len(short) < SHORTEST or not set(short) <= set("0123456789abcdef"):
            raise NoSuchMessageError(named, 0)
        rows = db.execute(
            "SELECT digest FROM messages WHERE substr(digest, 1, ?) = ?", (len(short), short)
        ).fetchall()
    if len(rows) != 1:
        raise NoSuchMessageError(named, len(rows))
    return Digest(rows[0][0])


def choose(db: sqlite3.Connection, wanted: Wanted) -> list[Digest]:
    """Every message that is meant, in the order in which it was named; dates narrow all but hands.

    Raises:
        NoSuchMessageError: a message, event or conversation is not there.
    """
    days = dict(db.execute("SELECT digest, day FROM messages WHERE standing IS NOT NULL"))
    chosen = [resolve(db, name) for name in wanted.messages]
    rest: list[Digest] = [*_of_events(db, wanted.events), *wanted.found]
    if wanted.threads:
        of = threads_of(all_messages(db))
        for name in wanted.threads:
            first = of[resolve(db, name)]
            rest += [digest for digest, start in of.items() if start == first]
    if wanted.everything:
        rest += days
    chosen += [digest for digest in rest if _within(days.get(digest), wanted)]
    return list(dict.fromkeys(chosen))


def all_messages(db: sqlite3.Connection) -> Iterator[Message]:
    """Every message with its body, one at a time."""
    for digest in query.summaries(db):
        found = query.message(db, digest)
        if found is not None:
            yield found


def judge_all(
    db: sqlite3.Connection,
    chosen: Sequence[Digest],
    load: Callable[[Digest], tuple[bytes, Message]],
    book: AddressBook,
    apart: Apart,
    disclosed: Collection[Digest] = (),
) -> tuple[list[Digest], list[Withheld]]:
    """What may leave of what was chosen, and what stays, with the reason.

    Args:
        db: the reading.
        chosen: in order.
        load: an original and what it says.
        book: whose address is whose, today.
        apart: where documents are opened to see their properties.
        disclosed: messages that a person named one by one although they would stay.
    """
    standings = {d: s.standing for d, s in query.summaries(db).items()}
    held = [d for d, s in standings.items() if s is Standing.PRIVILEGED]
    secret = secret_of(m for d in held if (m := query.message(db, d)) is not None)
    hays: dict[Digest, set[int]] = {}
    out: list[Withheld] = []
    pending: dict[Digest, tuple[Message, list[str], str]] = {}
    for digest in chosen:
        if digest in disclosed:
            continue
        if digest not in standings:
            what = "It could not be read, so nobody can say what is in it."
            out.append(Withheld(digest, Why.UNREAD, what))
            continue
        raw, message = load(digest)
        hay = "\n\n".join(hay_of(db, raw, message, apart))
        hays[digest] = runs_of(hay) & secret.runs.keys()
        texts = [*attachment_texts(db, digest).values(), *(p.name for p in message.attachments)]
        # Without the attachments' bytes: hundreds of messages are held here at once.
        pending[digest] = replace(message, attachments=()), texts, hay
    touched = set[int]().union(*hays.values())
    if touched:
        # Only where a run was met is it worth reading the whole archive for who had it first.
        few = Secret({run: secret.runs[run] for run in touched})
        others = (m for m in all_messages(db) if standings.get(m.digest) not in HELD)
        few = without_commonplaces(few, others)
    else:
        few = Secret({})
    for digest, (message, texts, hay) in pending.items():
        why = judge(message, standings[digest], hay, book, few, texts)
        if why is not None:
            out.append(why)
    stay = {withheld.digest for withheld in out}
    return [digest for digest in chosen if digest not in stay], out


def hay_of(db: sqlite3.Connection, raw: bytes, message: Message, apart: Apart) -> Iterator[str]:
    """Everything that an original says anywhere: source, names, attachments, their properties."""
    yield all_text(raw)
    yield from attachment_texts(db, message.digest).values()
    for part in message.attachments:
        yield part.name
        said, _ = apart.ask("properties", part.content, media_type=part.media_type)
        yield from said.get("texts", ())


def attachment_texts(db: sqlite3.Connection, digest: Digest) -> Mapping[str, str]:
    """Text of each attachment that was read whole, by MIME path."""
    import json  # noqa: PLC0415

    rows = db.execute(
        "SELECT path, pages FROM parts JOIN texts USING (content_digest, media_type)"
        " WHERE digest = ? AND reason = '' ORDER BY path",
        (digest,),
    )
    return {path: "\n".join(page[1] for page in json.loads(pages)) for path, pages in rows}


def _of_events(db: sqlite3.Connection, ids: Iterable[str]) -> Iterator[Digest]:
    wanted = list(ids)
    if not wanted:
        return
    entries = build_chronology(query.events(db), query.summaries(db)).entries
    by_id = {entry.id: entry for entry in entries}
    for name in wanted:
        if name not in by_id:
            raise NoSuchMessageError(name, 0, "event")
        yield from (source.citation.digest for source in by_id[name].sources)


def _within(day: str | None, wanted: Wanted) -> bool:
    if wanted.after is None and wanted.before is None:
        return True
    if not day:
        return False
    on = date.fromisoformat(day)
    return (wanted.after is None or on >= wanted.after) and (
        wanted.before is None or on < wanted.before
    )
