"""Pure: a chronology as JSON lines, as CSV rows and as rows for a table on the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from zoneinfo import ZoneInfo

from archiver.model import Standing
from indexers.model import Status
from reports.model import Chronology, Entry, Source
from reports.view import Report
from reports.words import KINDS, service

_MARKS = {
    Standing.PRIVILEGED: "privileged",
    Standing.FAMILY: "family",
    Standing.PRIVATE: "private",
}


def render_jsonl(chronology: Chronology) -> str:
    """One entry a line, as the design gives it; further keys stand behind the fixed ones."""
    return "".join(
        json.dumps(_record(entry), ensure_ascii=False) + "\n" for entry in chronology.entries
    )


def render_json(report: Report) -> str:
    """A whole report as one JSON document."""
    facts = report.facts
    whole = {
        "title": report.title,
        "child": facts.child,
        "as_of": facts.as_of.isoformat(),
        "timezone": facts.zone.key,
        "messages_read": facts.originals,
        "chain_head": facts.head,
        "notes": report.notes,
        "lines": [asdict(line) for line in report.lines],
        "appendix": [asdict(line) for line in report.appendix],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str) + "\n"


def _record(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "date": entry.on.isoformat(),
        "end": entry.end.isoformat() if entry.end else None,
        "service": entry.service,
        "minutes": entry.minutes,
        "reason": entry.reason,
        "topics": list(entry.topics),
        "actor": entry.actor,
        "status": entry.status,
        "summary": entry.summary,
        "sources": [
            {
                "message_id": source.citation.message_id,
                "sha256": source.citation.digest,
                "part": source.citation.part,
                "page": source.citation.page,
                "quote": source.citation.quote,
                "start": source.citation.start,
                "end": source.citation.end,
                **_looked_at(source),
            }
            for source in entry.sources
        ],
        "precision": entry.precision,
        "confidence": round(entry.confidence, 3),
        "links": [
            {"how": link.tie, "entry": link.entry or None, "words": link.words, "days": link.days}
            for link in entry.links
        ],
    }


def _looked_at(source: Source) -> dict[str, object]:
    """Behind the fixed keys: what a person said of this telling; whose record or words it is."""
    more: dict[str, object] = {}
    if source.status is not Status.SUGGESTED:
        more["status"] = source.status
    if source.record is not None:
        more["log"] = source.record.number
        more["entered"] = source.record.entered.isoformat()
    if source.origin is not None:
        written = source.origin.day
        more["written_by"] = source.written_by
        more["written_on"] = written.isoformat() if written else None
    return more


def csv_rows(chronology: Chronology, zone: ZoneInfo) -> Iterator[dict[str, object]]:
    """One row an entry; of several tellings, the first is quoted and the number is given."""
    for number, entry in enumerate(chronology.entries, 1):
        source = entry.foremost
        yield {
            "number": number,
            "id": entry.id,
            "date": entry.on.isoformat(),
            "end": entry.end.isoformat() if entry.end else "",
            "kind": KINDS[entry.kind],
            "service": service(entry.service) if entry.service else "",
            "minutes": entry.minutes,
            "reason": entry.reason,
            "topics": ", ".join(entry.topics),
            "who": entry.actor,
            "status": entry.status,
            "summary": entry.summary,
            "quote": source.citation.quote,
            "message_date": sent_at(source, zone),
            "from": f"{source.sender.name} <{source.sender.address}>".strip(),
            "to": "; ".join(p.address or p.name for p in source.recipients),
            "subject": source.subject,
            "part": source.citation.part,
            "page": source.citation.page,
            "message_id": source.citation.message_id,
            "sha256": source.citation.digest,
            "tellings": len(entry.sources),
            "standing": source.standing,
            "links": " ".join(link.words for link in entry.links),
        }


TABLE_COLUMNS = ("date", "kind", "who", "words", "source")


def table_rows(chronology: Chronology, quote_length: int = 140) -> Iterator[tuple[str, ...]]:
    """Rows of TABLE_COLUMNS."""
    for entry in chronology.entries:
        source = entry.foremost
        days = entry.on.isoformat() + (f"\nto {entry.end.isoformat()}" if entry.end else "")
        kind = KINDS[entry.kind] + (f": {service(entry.service)}" if entry.service else "")
        quote = " ".join(source.citation.quote.split())
        if len(quote) > quote_length:
            quote = quote[:quote_length].rsplit(" ", 1)[0] + " …"
        told = f" (+{len(entry.sources) - 1} more)" if len(entry.sources) > 1 else ""
        mark = _MARKS.get(source.standing)
        yield (
            days,
            f"{kind}\n({entry.status})",
            entry.actor,
            "\n".join((f"“{quote}”", *(f"→ {link.words}" for link in entry.links))),
            f"{_cited(source)}{told}{f' [{mark}]' if mark else ''}",
        )


def _cited(source: Source) -> str:
    if source.record is not None:
        return f"your own record, entry {source.record.number}"
    sender = source.sender.name or source.sender.address
    if source.origin is not None:
        return f"{source.written_by}, forwarded by {sender}"
    if source.citation.part == "body":
        return sender
    page = f", page {source.citation.page}" if source.citation.page is not None else ""
    return f"{sender}, {source.citation.part}{page}"


def sent_at(source: Source, zone: ZoneInfo) -> str:
    """When the message was sent, in the school's zone."""
    return source.sent.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z") if source.sent else ""
