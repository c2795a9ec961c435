"""Pure: a chronology as one self-contained page that prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from archiver.model import Person
from indexers.model import Actor
from reports.model import Chronology, Entry, ReportFacts, Source
from reports.words import KINDS, day, service, when

_ACTORS = {Actor.SCHOOL: "School", Actor.PARENT: "Parent", Actor.OTHER: "Other"}
# Marks that turn the direction of text round: a hostile subject could hide behind them.
_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\x0b-\x1f\x7f]")


def render_html(chronology: Chronology, facts: ReportFacts) -> str:
    """The page. It loads nothing, needs no script, and shows the same on paper."""
    numbered = list(enumerate(chronology.entries, 1))
    months = [
        {"id": f"m{year}-{month:02}", "name": f"{_MONTHS[month - 1]} {year}", "entries": list(rows)}
        for (year, month), rows in groupby(numbered, key=lambda n: (n[1].on.year, n[1].on.month))
    ]
    kinds = [
        (name, sum(1 for entry in chronology.entries if entry.kind is kind))
        for kind, name in KINDS.items()
    ]
    page: str = _template().render(
        chronology=chronology,
        facts=facts,
        months=months,
        kinds=[(name, count) for name, count in kinds if count],
        sources=lambda entry: list(_sources(entry, facts.zone)),
        when=lambda entry: when(entry.on, entry.end, entry.precision),
        kind=lambda entry: KINDS[entry.kind],
        actor=lambda entry: _ACTORS[entry.actor],
        service=service,
        day=day,
        as_of=_moment(facts.as_of, facts.zone),
    )
    return page


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _sources(entry: Entry, zone: ZoneInfo) -> Iterator[dict[str, object]]:
    for source in entry.sources:
        cited = source.citation
        yield {
            "quote": cited.quote,
            "sent": _moment(source.sent, zone) if source.sent else "no date",
            "sender": _person(source.sender),
            "recipients": ", ".join(_person(p) for p in source.recipients) or "nobody named",
            "subject": source.subject or "(no subject)",
            "place": _place(source),
            "digest": cited.digest,
            "message_id": cited.message_id,
        }


def _place(source: Source) -> str:
    if source.citation.part == "body":
        return "in the message itself"
    page = f", page {source.citation.page}" if source.citation.page is not None else ""
    return f"in the attachment “{source.citation.part}”{page}"


def _person(person: Person) -> str:
    if person.name and person.address:
        return f"{person.name} <{person.address}>"
    return person.name or person.address or "unknown"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{day(local.date())}, {local.hour % 12 or 12}:{local:%M %p %Z}"


def _visible(value: object) -> str:
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(value))


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: _visible(value) if isinstance(value, str) else value,
    )
    return environment.get_template("chronology.html")
