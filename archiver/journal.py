"""Pure: the hash chain, how an entry is written and how the chain is checked.

An entry is a JSON object on a line of its own: UTF-8, keys sorted, no spaces, and last of all
``link``, the SHA-256 of the line without it. ``previous`` is the link of the entry before, so
that no line can be edited, removed or moved without breaking the chain after it. What it cannot
show: entries cut off the end, or a whole chain written anew by someone who holds the disk. A
witness outside (a seal) is needed for those.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from archiver.model import Digest

GENESIS = Digest("0" * 64)
"""What the first entry calls its previous link."""

FORMAT = 1

_LINK = b',"link":"'
_TAIL = len(_LINK) + 64 + 2  # ,"link":"<64 digits>"}


class EntryKind(StrEnum):
    """What the journal records."""

    CREATED = "created"  # the archive began
    RECEIVED = "received"  # an original was received from a place
    IMPORTED = "imported"  # a file of mail was looked through
    MATCHED = "matched"  # a held original was found in another place, told by how it begins
    FAILED = "failed"  # a message could not be fetched or kept; it will be tried again
    EPOCH = "epoch"  # a folder was seen with this UIDVALIDITY for the first time
    MISSING = "missing"  # a place is no longer listed by the server; its original is kept
    RETURNED = "returned"  # a missing place is listed again
    LOOKED = "looked"  # an account was looked at from end to end: the day's first, or news
    SEALED = "sealed"  # the head of the chain was shown to witnesses outside
    DKIM = "dkim"  # an original's signatures were checked, with the keys of that night
    NUMBERED = "numbered"  # lines of a report were given numbers, which they keep
    REPAIRED = "repaired"  # a half-written last line was set aside
    PERSON = "person"  # somebody told what a person's role is
    DECIDED = "decided"  # a person confirmed, corrected or dismissed an event
    MARKED = "marked"  # a person told whether a message is privileged
    UNDONE = "undone"  # a person took back one of the two above
    LOGGED = "logged"  # an entry of the running log was written, or written anew
    WITHDRAWN = "withdrawn"  # an entry of the running log was withdrawn
    PROMISED = (
        "promised"  # a person said that a row of an IEP's service grid holds, or took it back
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    number: int  # from 0, without gaps
    at: datetime  # when it was written, UTC, whole seconds; the computer's own clock
    kind: EntryKind
    facts: Mapping[str, object]  # by kind; docs/architecture.md lists them
    previous: Digest
    link: Digest


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: how many entries, how many bytes, and the last link."""

    entries: int = 0
    size: int = 0
    link: Digest = GENESIS


class ChainError(ValueError):
    """A line that does not continue the chain; the sentence says why."""


def write_entry(
    head: Head, at: datetime, kind: EntryKind, facts: Mapping[str, object]
) -> tuple[bytes, Entry, Head]:
    """The next line of the journal, its line end included, as an entry, and the head after it."""
    clash = facts.keys() & {"number", "at", "kind", "previous", "link"}
    if clash:
        raise ValueError(f"an entry's own fields cannot be facts: {sorted(clash)}")
    body = canonical(
        {
            **facts,
            "number": head.entries,
            "at": format_time(at),
            "kind": str(kind),
            "previous": head.link,
        }
    )
    link = Digest(hashlib.sha256(body).hexdigest())
    line = body[:-1] + _LINK + link.encode() + b'"}\n'
    entry = Entry(head.entries, at.replace(microsecond=0), kind, facts, head.link, link)
    return line, entry, Head(head.entries + 1, head.size + len(line), link)


def read_entry(line: bytes, head: Head) -> tuple[Entry, Head]:
    """Read a line that should continue the chain at ``head``.

    Args:
        line: with its line end.
        head: where the chain ends so far.

    Raises:
        ChainError: it does not: damaged, edited, out of order, or not the journal's form.
    """
    if not line.endswith(b"\n"):
        raise ChainError("the line is not finished")
    text = line[:-1]
    if text[-_TAIL:-66] != _LINK or not text.endswith(b'"}'):
        raise ChainError("the line does not end with its link")
    body = text[:-_TAIL] + b"}"
    link = Digest(text[-66:-2].decode("ascii", "replace"))
    if hashlib.sha256(body).hexdigest() != link:
        raise ChainError("the line was changed after it was written: it does not match its link")
    try:
        fields = json.loads(body)
        number, previous = fields.pop("number"), fields.pop("previous")
        kind, at = EntryKind(fields.pop("kind")), parse_time(fields.pop("at"))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ChainError(f"the line is no entry of a journal ({error})") from error
    if previous != head.link or number != head.entries:
        raise ChainError(
            f"the line calls itself entry {number}, but entry {head.entries} belongs here: "
            "lines before it were removed, added or moved"
        )
    entry = Entry(number, at, kind, fields, Digest(previous), link)
    return entry, Head(head.entries + 1, head.size + len(line), link)


def read_chain(lines: Iterable[bytes], head: Head | None = None) -> Iterator[tuple[Entry, Head]]:
    """Read lines one after another from ``head`` on; raises ``ChainError`` at the first break."""
    head = head or Head()
    for line in lines:
        entry, head = read_entry(line, head)
        yield entry, head


def canonical(value: Mapping[str, object]) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8; the same facts give the same bytes.

    Text from a mail server may hold half a surrogate pair, which UTF-8 cannot: it is written as
    a JSON escape by falling back to ASCII for that entry.
    """
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def format_time(at: datetime) -> str:
    """UTC to the second as RFC 3339 writes it: ``2026-03-04T09:00:00Z``."""
    if at.utcoffset() is None:
        raise ValueError(f"a time of the journal needs its UTC offset: {at!r}")
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """The reverse of ``format_time``; raises ValueError."""
    if not text.endswith("Z"):
        raise ValueError(f"{text!r} is no time of the journal")
    return datetime.fromisoformat(text)
