"""Pure: which day and hour a message bears, and on whose word.

The rule: the Date header where it names a moment that can be; else the newest Received line,
which the parent's own provider wrote; else the server's INTERNALDATE. A header that lies more
than two days after the server had the message is not believed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from archiver.headers import Headers
from indexers.model import DateSource

_FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # e-mail from a school before that is a wrong clock
_AHEAD = timedelta(days=2)


def choose_date(
    headers: Headers, internal_date: datetime | None
) -> tuple[datetime | None, DateSource, tuple[str, ...]]:
    """The message's date, where it was taken from, and what was odd about it.

    A header's date keeps the writer's own offset; all dates are aware.
    """
    defects: list[str] = []
    received = _newest_received(headers)
    limit = internal_date or received
    text = headers.first("date")
    header = parse_date(text) if text else None
    if header is not None and header >= _FIRST:
        if limit is None or header <= limit + _AHEAD:
            return header, DateSource.HEADER, ()
        defects.append(
            f"Its Date header ({text}) lies after the day the server had it; the server's is used."
        )
    elif text:
        defects.append(f"Its Date header ({text[:80]}) names no possible moment.")
    else:
        defects.append("It has no Date header.")
    if received is not None and received >= _FIRST:
        return received, DateSource.RECEIVED, tuple(defects)
    if internal_date is not None:
        return internal_date, DateSource.SERVER, tuple(defects)
    return None, DateSource.NONE, tuple(defects)


def parse_date(text: str) -> datetime | None:
    """A date as RFC 5322 (3.3, obsolete forms too) or RFC 3339 writes it; UTC without a zone."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = parse(text.strip())
            return at if at.utcoffset() is not None else at.replace(tzinfo=UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _newest_received(headers: Headers) -> datetime | None:
    for value in headers.all("received"):  # the newest stands first (RFC 5321, 4.4)
        _, semicolon, text = value.rpartition(";")
        at = parse_date(text) if semicolon else None
        if at is not None:
            return at
    return None
