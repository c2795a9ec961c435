"""Pure: a chronology as a calendar, an all-day event a line, to lay beside one's own."""

from __future__ import annotations

from datetime import UTC, timedelta

from reports.view import Report


def render_ics(report: Report) -> bytes:
    """An iCalendar file (RFC 5545); the same lines keep their UIDs when it is imported again."""
    from icalendar import Calendar, Event  # noqa: PLC0415

    calendar = Calendar()
    calendar.add("prodid", "-//Paper Trail//Chronology//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", report.title)
    for line in (*report.lines, *report.appendix):
        event = Event()
        event.add("uid", f"{line.id}@chronology.papertrail.invalid")
        event.add("dtstamp", report.facts.as_of.astimezone(UTC))
        event.add("dtstart", line.on)
        event.add("dtend", (line.end or line.on) + timedelta(days=1))  # the day after the last
        number = f"No. {line.number} " if line.number else ""
        event.add("summary", f"{number}{line.kind}{f': {line.service}' if line.service else ''}")
        words = "\n\n".join(f"“{s.quote}”\n{s.said}" for s in line.sources)
        said = "\n".join((f"{line.happened} ({line.status})", *(link.said for link in line.links)))
        event.add("description", f"{said}\n\n{words}")
        event.add("transp", "TRANSPARENT")  # it fills nobody's day
        event.add("categories", [line.kind])
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
