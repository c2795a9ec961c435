"""Pure: events to the ordered entries of a chronology, two tellings of one event merged."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from archiver.model import Digest
from indexers.model import SERVICE_KINDS, Event, EventKind, Status
from indexers.model import Source as Origin
from reports.model import Chronology, Entry, MessageFacts, Source
from reports.words import summary

# An entry with several tellings stands as the one that a person said most about.
_WEIGHT = (
    Status.CORRECTED, Status.CONFIRMED, Status.RECORDED, Status.SUGGESTED, Status.DISMISSED,
)  # fmt: skip
_UNDATED = datetime(9999, 1, 1, tzinfo=UTC)


def build_chronology(
    events: Iterable[Event], messages: Mapping[Digest, MessageFacts]
) -> Chronology:
    """Order events by date and merge tellings of the same one (docs/events.md, rule 4).

    Missed and delivered services with the same service, day and end are one entry with several
    sources, and so are meetings on the same day; every other kind is an entry a message. What
    tellings disagree on is taken from the first, in order of sending, that states it. The result
    does not depend on the order of ``events``.
    """
    groups: dict[tuple[str, ...], list[Event]] = {}
    for event in events:
        if event.citation.digest in messages:
            groups.setdefault(_identity(event), []).append(event)
    entries = [_entry(key, group, messages) for key, group in groups.items()]
    return Chronology(tuple(sorted(entries, key=_order)))


def _identity(event: Event) -> tuple[str, ...]:
    key = (event.kind.value, event.on.isoformat(), str(event.end or ""))
    if event.kind in SERVICE_KINDS:
        return (*key, event.service or "")
    if event.kind is EventKind.MEETING:
        return key
    cited = event.citation
    return (*key, cited.digest)


def _entry(
    key: tuple[str, ...], group: list[Event], messages: Mapping[Digest, MessageFacts]
) -> Entry:
    def told(event: Event) -> tuple[object, ...]:
        cited = event.citation
        sent = messages[cited.digest].sent or _UNDATED
        return (sent, cited.digest, cited.part, cited.page or 0, cited.start)

    group = sorted(group, key=told)
    # Where a person has looked at some tellings, what the others say is not taken over.
    heard = [event for event in group if event.status is not Status.SUGGESTED] or group
    first = heard[0]
    entry = Entry(
        id=_short("|".join(key)),
        kind=first.kind,
        on=first.on,
        end=first.end,
        precision=min((event.precision for event in heard), key=_exactness),
        service=first.service,
        minutes=next((e.minutes for e in heard if e.minutes is not None), None),
        reason=next((e.reason for e in heard if e.reason not in {None, "unknown"}), first.reason),
        topics=tuple(dict.fromkeys(topic for event in heard for topic in event.topics)),
        actor=first.actor,
        status=min((event.status for event in group), key=_WEIGHT.index),
        confidence=max(event.confidence for event in group),
        summary="",
        sources=tuple(_source(event, messages[event.citation.digest]) for event in group),
        people=tuple(dict.fromkeys(name for event in heard for name in event.people)),
    )
    return replace(entry, summary=summary(entry))


def _source(event: Event, message: MessageFacts) -> Source:
    return Source(
        event.citation,
        event.on,
        message.sent,
        message.sender,
        message.recipients,
        message.subject,
        message.standing,
        event.status,
        message.record,
        _origin(event, message),
    )


def _origin(event: Event, message: MessageFacts) -> Origin | None:
    """Whose words an event rests on, where its message only forwards them."""
    cited = event.citation
    if cited.part != "body":
        return None
    around = (s.source for s in message.forwarded if s.start <= cited.start < s.end)
    return next(around, None)


def _exactness(precision: str) -> int:
    return ("day", "range", "message").index(precision)


def _order(entry: Entry) -> tuple[object, ...]:
    first = entry.sources[0]
    return (entry.on, entry.end or entry.on, first.sent or _UNDATED, entry.kind, entry.id)


def _short(key: str) -> str:
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    return base64.b32encode(digest[:10]).decode("ascii").lower()[:12]
