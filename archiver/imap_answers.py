"""Pure: FETCH answers, as imaplib splits them, to the few values this program asks for.

imapclient's own parser is a lexer that walks every answer byte by byte: a list of header names is
thirty tokens a message, two thirds of the CPU of looking at a mailbox. Answers of the one shape
that servers give to our questions are taken apart here; every other shape goes to that parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient.datetime_util import parse_to_datetime
from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.response_parser import parse_fetch_response

_UID = re.compile(rb"[ (]UID (\d+)")
_SIZE = re.compile(rb"[ (]RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'[ (]INTERNALDATE "([^"]{10,40})"')
_ONE_LITERAL = re.compile(rb"\d+ \((?:.* )?BODY\[[^\[\]]*\](?:<\d+>)? ?\{\d+\+?\}\Z", re.DOTALL)
_GMAIL = b"X-GM-LABELS"
_REST = re.compile(rb"[^{}]*\)\Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said of one message."""

    uid: int
    size: int  # bytes; 0 where it was not asked for
    internal_date: datetime | None  # aware
    literal: bytes | None  # the one BODY[...] asked for; None where the server gave NIL
    labels: tuple[str, ...] = ()  # X-GM-LABELS of Gmail, system labels as ``\\Inbox``


def read_answers(data: Sequence[Any]) -> Iterator[Answer]:
    """Read the untagged FETCH data of one command; answers without a UID are left out.

    The literals are taken out of ``data`` as they are handed on, where it is a list.

    Raises:
        imapclient.exceptions.ProtocolError, ValueError: an answer is no IMAP.
    """
    position = 0
    while position < len(data):
        chunk = data[position]
        rest = data[position + 1] if position + 1 < len(data) else None
        if (
            isinstance(chunk, tuple)
            and isinstance(rest, bytes)
            and _GMAIL not in chunk[0]  # labels may be literals themselves
            and _ONE_LITERAL.match(chunk[0])
            and _REST.match(rest)
        ):
            answer = _simple(chunk[0] + rest, chunk[1])
            if answer is not None:
                yield answer
            position += 2
            continue
        end = position + 1
        while isinstance(chunk, tuple) and end < len(data) and isinstance(data[end], tuple):
            end += 1
        end += isinstance(chunk, tuple)
        yield from _general(list(data[position:end]))
        position = end


def _simple(text: bytes, literal: bytes) -> Answer | None:
    uid = _UID.search(text)
    if uid is None:
        return None
    size, date = _SIZE.search(text), _DATE.search(text)
    return Answer(
        int(uid[1]), int(size[1]) if size else 0, _date(date[1]) if date else None, literal
    )


def _date(text: bytes) -> datetime | None:
    try:
        at: datetime = parse_to_datetime(text, normalise=False)
    except (ValueError, TypeError, IndexError):
        return None
    return at if at.utcoffset() is not None else None


def _general(data: list[Any]) -> Iterator[Answer]:
    parsed = parse_fetch_response(data, normalise_times=False, uid_is_key=False)
    for values in parsed.values():
        if b"UID" not in values:
            continue
        at = values.get(b"INTERNALDATE")
        literal = next((v for k, v in values.items() if k.startswith(b"BODY[")), None)
        yield Answer(
            int(values[b"UID"]),
            int(values.get(b"RFC822.SIZE", 0)),
            at if isinstance(at, datetime) and at.utcoffset() is not None else None,
            literal if isinstance(literal, bytes) else None,
            tuple(_label(label) for label in values.get(_GMAIL) or ()),
        )


def _label(label: object) -> str:
    """Gmail writes labels in modified UTF-7, like names of folders."""
    raw = label if isinstance(label, bytes) else str(label).encode()
    try:
        text: str = decode_utf7(raw)
    except (ValueError, UnicodeError):
        return raw.decode("utf-8", "replace")
    return text
