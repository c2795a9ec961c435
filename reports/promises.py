"""Pure: what a ledger may count as promised: the configuration's, and what a person confirmed.

A row of a service grid that nobody confirmed is shown beside the ledger and counts nowhere: the
grid may be of a draft, or of an IEP that was never agreed to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archiver.model import Digest
from indexers.model import Service
from indexers.service_grid import GridRow


@dataclass(frozen=True, slots=True)
class FoundPromise:
    """A row of a service grid, where it stands, and whether a person confirmed it."""

    row: GridRow
    digest: Digest  # of the message that brought it first
    part: str  # file name
    sent: datetime | None
    confirmed: bool


def confirmed_service(facts: Mapping[str, object]) -> Service:
    """A promise from what the journal says of it."""
    minutes, times = facts.get("minutes"), facts.get("times")
    return Service(
        str(facts["service"]),
        minutes if isinstance(minutes, int) else None,
        times if isinstance(times, int) else None,
        str(facts.get("per") or "week"),
        _day(facts.get("start")),
        _day(facts.get("end")),
        str(facts.get("provider") or ""),
    )


def promises_of(
    configured: Sequence[Service], confirmed: Iterable[Service]
) -> tuple[tuple[Service, ...], tuple[Service, ...]]:
    """What counts, and what was confirmed but does not: the configuration already says it.

    Two promises of one service for one day would have its sessions counted twice over; the
    configuration's stands, since a person can read and change it in one place.
    """
    counted: list[Service] = list(configured)
    idle: list[Service] = []
    for promise in confirmed:
        (idle if any(overlap(promise, other) for other in configured) else counted).append(promise)
    return tuple(counted), tuple(idle)


def overlap(one: Service, other: Service) -> bool:
    """Whether two promises are of the same service on some same day; an open end has no end."""
    return (
        one.service == other.service
        and (one.start or date.min) <= (other.end or date.max)
        and (other.start or date.min) <= (one.end or date.max)
    )


def amount(row: GridRow) -> str:
    """What could be read of a row, in words: "30 minutes, 2 per week"; "not read" for nothing."""
    parts = []
    if row.minutes is not None:
        parts.append(f"{row.minutes} minutes")
    if row.per:
        parts.append(f"{row.times if row.times is not None else '?'} per {row.per}")
    return ", ".join(parts) or "not read"


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None
