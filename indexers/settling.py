"""Pure: the events of one message, each told once (docs/events.md, rule 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from indexers.model import SERVICE_KINDS, Event, Precision

_NEAR = 200  # characters: sentences of the same passage


def settle(events: Iterable[Event]) -> list[Event]:
    """Events of one message, each kind and day (and service) once, the surest telling of it.

    Left out as the same telling in other words:

    - what names no day, beside an event of its kind that does ("Nobody came. That was Tuesday.");
    - a day inside a range of the same service;
    - the less sure of a service that was both missed and given on one day by the same words.
    """
    best: dict[tuple[object, ...], Event] = {}
    for event in events:
        key = telling(event)
        if key not in best or best[key].confidence < event.confidence:
            best[key] = event
    found = list(best.values())
    return in_order(_settled([e for e in found if not _said_again(e, found)]))


def telling(event: Event) -> tuple[object, ...]:
    """What two tellings of a message have in common when they are one event."""
    return (event.kind, event.on, event.end, event.service if _serves(event) else None)


def in_order(events: Iterable[Event]) -> list[Event]:
    """By kind, day, service and place."""
    return sorted(events, key=_order)


def _said_again(event: Event, events: list[Event]) -> bool:
    if not _serves(event):
        return False
    others = [e for e in events if e.kind is event.kind and e is not event]
    if event.precision is Precision.MESSAGE:
        return any(
            other.precision is not Precision.MESSAGE and _in_one_passage(event, other)
            for other in others
        )
    return event.end is None and any(
        other.end is not None
        and other.service == event.service
        and other.on <= event.on <= other.end
        for other in others
    )


def _in_one_passage(one: Event, two: Event) -> bool:
    a, b = one.citation, two.citation
    if (a.part, a.page) != (b.part, b.page):
        return False
    return max(a.start, b.start) - min(a.end, b.end) < _NEAR


def _settled(events: list[Event]) -> Iterator[Event]:
    for event in events:
        rivals = [
            other
            for other in events
            if other is not event
            and _serves(event)
            and _serves(other)
            and other.on == event.on
            and other.end == event.end
            and other.citation.start == event.citation.start
            and other.citation.part == event.citation.part
            and other.confidence > event.confidence
        ]
        if not rivals:
            yield event


def _serves(event: Event) -> bool:
    return event.kind in SERVICE_KINDS


def _order(event: Event) -> tuple[object, ...]:
    cited = event.citation
    return (event.kind, event.on, event.service or "", cited.part, cited.page or 0, cited.start)
