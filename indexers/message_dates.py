"""Pure: which day and hour a message bears, and on whose word.

Three clocks speak: the writer's (the Date header), those of the servers on the way (the Received
lines) and that of the mailbox (INTERNALDATE). All are kept. The rule: the Date header where it
names a moment that can be; else the newest Received line, which the parent's own provider wrote;
else INTERNALDATE.

A header is not believed that lies more than two days after the servers had the message, or more
than five days from every one of them: no server keeps a message on its way for longer (RFC 5321,
4.5.4.1). Mail that was sent on later (Resent-Date) is excepted.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from archiver.headers import Headers
from indexers.model import Dates, DateSource

_FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # e-mail from a school before that is a wrong clock
_LAST = datetime(2100, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)
_ON_ITS_WAY = timedelta(days=5)
_HALVES = re.compile(r"\d\s?[AP]\.?M\b", re.I)
_UNKNOWN_PLACE = re.compile(r"[-+]0000\b")  # a moment in UTC, written nobody says where (3.3)
_MAX_RECEIVED = 100
_LONGEST = 200  # characters of a date


def dates_of(headers: Headers, internal_date: datetime | None) -> Dates:
    """Every date that a message bears. Raises nothing."""
    words = headers.first("date")
    received = []
    for value in headers.all("received")[:_MAX_RECEIVED]:  # the newest first (RFC 5321, 4.4)
        _, semicolon, text = value.rpartition(";")
        at = parse_date(text) if semicolon else None
        if at is not None and _FIRST <= at < _LAST:
            received.append(at)
    return Dates(
        words[:_LONGEST],
        parse_date(words) if words else None,
        tuple(received),
        internal_date,
        bool(headers.first("resent-date") or headers.first("resent-from")),
    )


def choose_date(dates: Dates) -> tuple[datetime | None, DateSource, tuple[str, ...]]:
    """The message's date, where it was taken from, and in sentences what was odd about it.

    A header's date keeps the writer's own offset.
    """
    defects: list[str] = []
    vague = _vague(dates.words)
    if dates.header is not None and _FIRST <= dates.header < _LAST:
        doubt = _doubt(dates, dates.header) or vague
        if not doubt:
            return dates.header, DateSource.HEADER, ()
        if not dates.received and dates.server is None:
            told = f"Its Date header ({dates.words}) {doubt}; no server's date is there to compare."
            return dates.header, DateSource.HEADER, (told,)
        defects.append(f"Its Date header ({dates.words}) {doubt}; the server's is used.")
    elif dates.words:
        defects.append(f"Its Date header ({dates.words[:80]}) names no possible moment.")
    else:
        defects.append("It has no Date header.")
    if dates.received:
        return dates.received[0], DateSource.RECEIVED, tuple(defects)
    if dates.server is not None:
        return dates.server, DateSource.SERVER, tuple(defects)
    return None, DateSource.NONE, tuple(defects)


def _vague(words: str) -> str:
    """Why the words of a header name no certain moment; "" where they do."""
    if _HALVES.search(words):
        return "is written with AM or PM"
    try:
        naive = parsedate_to_datetime(words).utcoffset() is None
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""  # of another form, which has its zone
    return "names no time zone" if naive and not _UNKNOWN_PLACE.search(words) else ""


def _doubt(dates: Dates, header: datetime) -> str:
    """Why a header's date cannot be; "" where it can."""
    limit = dates.server or next(iter(dates.received), None)
    if limit is not None and header > limit + _AHEAD:
        return "lies after the day the server had it"
    apart = [abs(at - header) for at in dates.received]
    if apart and min(apart) > _ON_ITS_WAY and not dates.resent:
        return "lies more than five days from the day any server had it"
    return ""


def parse_date(text: str) -> datetime | None:
    """A date as RFC 5322 (3.3, obsolete forms too) or RFC 3339 writes it; UTC without a zone."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = parse(text.strip()[:_LONGEST])
            aware = at if at.utcoffset() is not None else at.replace(tzinfo=UTC)
            aware.astimezone(UTC)  # an hour before the year 1 is no moment either
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return aware
    return None
