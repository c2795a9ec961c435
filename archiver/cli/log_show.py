"""Entries of the running log as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from archiver.cli.show import visible
from archiver.running_log import LogEntry, LogKind, Record, record_facts
from indexers.logbook import log_text, told
from indexers.model import Precision
from reports.lines import moment
from reports.words import SERVICES, when

_NAMES = {
    LogKind.MEETING: "Meeting",
    LogKind.SERVICE: "Service",
    LogKind.CALL: "Call",
    LogKind.NOTE: "Note",
}


def record_lines(record: Record) -> Iterator[str]:
    """What an entry says."""
    days = when(record.on, record.end, Precision.DAY)
    private = "  [private: in no report]" if record.private else ""
    yield f"{_NAMES[record.kind]} on {days}{private}"
    for line in log_text(record).splitlines():
        yield f"  {line}"


def entry_lines(entry: LogEntry, zone: ZoneInfo) -> Iterator[str]:
    """An entry with when it was entered."""
    yield f"Entry {entry.number}" + (" (withdrawn)" if entry.record is None else "")
    yield from record_lines(told(entry))
    yield f"Entered {moment(entry.entered_on(), zone)}"
    changed = entry.changed_on()
    if changed is not None:
        verb = "Withdrawn" if entry.record is None else "Last changed"
        yield f"{verb} {moment(changed, zone)}; --history shows every version"


def history_lines(entry: LogEntry, zone: ZoneInfo) -> Iterator[str]:
    """Every version of an entry, the first first."""
    yield f"Entry {entry.number}, {len(entry.versions)} versions"
    for number, version in enumerate(entry.versions, 1):
        yield ""
        at = moment(version.at, zone)
        verb = "withdrawn" if version.record is None else "entered" if number == 1 else "changed"
        yield f"{number}. {verb} {at} (line {version.entry + 1} of the journal)"
        if version.record is None:
            yield f"  {version.why or 'No reason was told.'}"
        else:
            yield from (f"  {line}" for line in record_lines(version.record))


def line(entry: LogEntry) -> str:
    """An entry on one line: its number, day, kind and how it begins."""
    record = told(entry)
    private = " [private]" if record.private else ""
    text = visible(" / ".join(log_text(record).splitlines()))
    short = text if len(text) <= 100 else text[:100].rsplit(" ", 1)[0] + " …"
    return f"{entry.number:3}  {record.on}  {_NAMES[record.kind]}{private}: {short}"


def row(entry: LogEntry, zone: ZoneInfo, *, whole: bool) -> dict[str, object]:
    """An entry as a row of a list.

    Args:
        entry: the entry.
        zone: the school's.
        whole: everything, by name; else what a table on the screen has room for.
    """
    record = told(entry)
    entered = _day(entry.entered_on(), zone)
    if not whole:
        text = " / ".join(log_text(record).splitlines())
        short = text if len(text) <= 160 else text[:160].rsplit(" ", 1)[0] + " …"
        return {
            "entry": entry.number,
            "date": record.on.isoformat() + (f"\nto {record.end}" if record.end else ""),
            "type": _NAMES[record.kind] + ("\n(private)" if record.private else ""),
            "says": short,
            "entered": entered,
        }
    facts = record_facts(entry.number, record)
    changed = entry.changed_on()
    return {
        "entry": entry.number,
        "type": str(record.kind),
        "date": record.on.isoformat(),
        "end": facts.get("end"),
        "begins": record.begins,
        "ends": record.ends,
        "people": "; ".join(f"{p.name}, {p.role}" if p.role else p.name for p in record.people),
        **{
            name: "; ".join(f"{p.who}: {p.what}" if p.who else p.what for p in points)
            for name, points in (
                ("proposed", record.proposed),
                ("objected", record.objected),
                ("promised", record.promised),
            )
        },
        "service": record.service,
        "service_name": SERVICES.get(record.service, ""),
        "minutes": record.minutes,
        "given": record.given,
        "reason": record.reason,
        "noticed": facts.get("noticed"),
        "agenda": record.agenda,
        "text": record.words,
        "private": record.private,
        "withdrawn": entry.record is None,
        "entered": entered,
        "changed": _day(changed, zone) if changed else None,
        "versions": len(entry.versions),
    }


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
