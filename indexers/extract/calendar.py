"""Calendar invitations (RFC 5545)."""

from __future__ import annotations

from datetime import date, datetime

from indexers.extract.contract import Means
from indexers.model import Extracted, Page, Part, Skipped

_MAX_EVENTS = 500
_MAX_BYTES = 5_000_000


class Calendar:
    """text/calendar, by icalendar."""

    media_types = frozenset({"text/calendar"})
    version = "calendar 1"
    isolated = False

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """Each event as a few lines: what, when in its own zone, where, and what it says."""
        if len(part.content) > _MAX_BYTES:
            return Skipped("The calendar is too large to be read.")
        from icalendar import Calendar as Parsed  # noqa: PLC0415

        try:
            calendar = Parsed.from_ical(part.content)
        except (ValueError, IndexError, KeyError, TypeError):
            return Skipped("The calendar invitation is damaged and could not be read.")
        method = str(calendar.get("METHOD", "")).upper()
        blocks = [_event(event, method) for event in calendar.walk("VEVENT")[:_MAX_EVENTS]]
        if not blocks:
            return Skipped("The calendar file holds no event.")
        return Extracted((Page(None, "\n".join(blocks)),), self.version)


def _event(event: object, method: str) -> str:
    get = event.get  # type: ignore[attr-defined]  # icalendar has no type hints
    lines = []
    status = str(get("STATUS", "")).upper()
    if method == "CANCEL" or status == "CANCELLED":
        lines.append("Cancelled")
    for name, label in (("SUMMARY", ""), ("DTSTART", "When: "), ("LOCATION", "Where: ")):
        if name == "DTSTART":
            when = _when(get("DTSTART"), get("DTEND"))
            if when:
                lines.append(label + when)
        elif get(name):
            lines.append(label + " ".join(str(get(name)).split()))
    if get("DESCRIPTION"):
        lines.append(str(get("DESCRIPTION")).replace("\r\n", "\n").strip())
    return "\n".join(lines) + "\n"


def _when(start: object, end: object) -> str:
    begins, ends = getattr(start, "dt", None), getattr(end, "dt", None)
    if isinstance(begins, datetime):
        text = f"{_day(begins)} {_clock(begins)}"
        if isinstance(ends, datetime):
            if ends.date() != begins.date():
                text += f" to {_day(ends)}"
            text += f" - {_clock(ends)}"
        return text
    return _day(begins) if isinstance(begins, date) else ""


def _day(day: date) -> str:
    return f"{day:%A, %B} {day.day}, {day.year}"


def _clock(at: datetime) -> str:
    return f"{at.hour % 12 or 12}:{at:%M %p}"
