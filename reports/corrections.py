"""Pure: what a person corrects of an event, read as it was typed, and what it makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from archiver.decisions import Attributes
from indexers.log_input import read_minutes, read_person, read_reason, read_service
from indexers.model import SERVICE_KINDS, TOPICAL_KINDS, Actor, EventKind, Precision
from indexers.rules.topics import TOPICS, topics_shown
from indexers.search.days import read_days
from reports.words import KINDS, topic

_OURS = {EventKind.OBJECTION, EventKind.REQUEST, EventKind.CONSENT}
_THEIRS = {EventKind.PROPOSAL, EventKind.REFUSAL}
_ACTORS = {
    Actor.SCHOOL: {"school", "district", "team"},
    Actor.PARENT: {"parent", "parents", "i", "me", "we", "us", "mother", "father", "mom", "mum",
                   "dad"},
    Actor.OTHER: {"other", "others", "somebody else", "someone else", "provider", "advocate",
                  "attorney", "agency", "state"},
}  # fmt: skip


def corrected(attributes: Attributes, changes: Mapping[str, object]) -> Attributes:
    """What an event says with changes by name of its attributes; what follows from them follows."""
    if not changes:
        return attributes
    made: dict[str, Any] = dict(changes)
    kind = EventKind(str(made.get("kind", attributes.kind)))
    if kind != attributes.kind:
        if kind in SERVICE_KINDS:
            made.setdefault("service", attributes.service or "other")
        else:
            made |= {"service": None, "minutes": None, "reason": None}
        if kind in _OURS:
            made.setdefault("actor", Actor.PARENT)
        elif kind in _THEIRS | SERVICE_KINDS:
            made.setdefault("actor", Actor.SCHOOL)
    if kind not in TOPICAL_KINDS:
        made.setdefault("topics", ())
    if kind is EventKind.MISSED_SERVICE:
        made["reason"] = made.get("reason", attributes.reason) or "unknown"
    else:
        made["reason"] = None
    if made.keys() & {"on", "end"}:
        end = made.get("end", None if "on" in made else attributes.end)
        made["end"] = end
        made["precision"] = Precision.RANGE if end else Precision.DAY
        made["date_words"] = ""
    return replace(attributes, **made)


def read_change(field: str, text: str, sent: date) -> dict[str, object]:
    """One correction as it was typed.

    Args:
        field: kind, actor, date, until, service, minutes, reason, topics or people.
        text: as typed; empty clears what may be empty.
        sent: the message's day, from which a day without a year is counted.

    Raises:
        ValueError: with the rest of a sentence.
    """
    text = text.strip()
    readers: dict[str, Callable[[], dict[str, object]]] = {
        "kind": lambda: {"kind": str(read_kind(text))},
        "actor": lambda: {"actor": str(read_actor(text))},
        "date": lambda: {"on": read_near_day(text, sent)},
        "until": lambda: {"end": read_near_day(text, sent) if text else None},
        "service": lambda: {"service": read_service(text)},
        "minutes": lambda: {"minutes": read_minutes(text) if text else None},
        "reason": lambda: {"reason": read_reason(text) if text else None},
        "topics": lambda: {"topics": read_topics(text)},
        "people": lambda: {"people": _people(text)},
    }
    return readers[field]()


def wrong_with(attributes: Attributes) -> str:
    """What cannot be about an event as corrected; "" where nothing is."""
    kind = EventKind(attributes.kind)
    if attributes.end is not None and attributes.end < attributes.on:
        return f"The last day ({attributes.end}) is before the first ({attributes.on})."
    if kind not in SERVICE_KINDS and (attributes.service or attributes.minutes):
        return "A service and minutes belong to a missed or a given service; correct the kind, too."
    if kind in _THEIRS and attributes.actor == Actor.PARENT:
        return (
            f"{_a(kind)} is not the parent’s: what a parent proposes is a request, what a parent "
            "declines an objection; correct the kind, too."
        )
    if kind in _OURS and attributes.actor == Actor.SCHOOL:
        return (
            f"{_a(kind)} is not the school’s: what a school asks for is a proposal, what it "
            "objects to a refusal; correct the kind, too."
        )
    if kind not in TOPICAL_KINDS and attributes.topics:
        return (
            "What it is about belongs to a proposal, refusal, objection, request or consent; "
            "correct the kind, too."
        )
    return ""


def read_kind(text: str) -> EventKind:
    """A kind by its code, its name or how that begins; raises ValueError."""
    asked = re.sub(r"[\s-]+", "_", text.strip().casefold())
    names = {kind: re.sub(r"\s+", "_", KINDS[kind].casefold()) for kind in EventKind}
    fits = [k for k in EventKind if asked and (k.startswith(asked) or names[k].startswith(asked))]
    if len(fits) != 1:
        raise ValueError(f"{text!r} is no kind of event; choose from {', '.join(EventKind)}")
    return fits[0]


def read_actor(text: str) -> Actor:
    """Who did it: school, parent or other, or a plain word for one of them; raises ValueError."""
    plain = " ".join(text.casefold().split()).removeprefix("the ")
    for actor, words in _ACTORS.items():
        if plain in words:
            return actor
    raise ValueError(f"{text!r} does not say who did it; choose from {', '.join(Actor)}")


def read_topics(text: str) -> tuple[str, ...]:
    """What it is about: codes, their names or words that show one; raises ValueError.

    Several are divided by commas; a topic that is told twice counts once.
    """
    pieces = (piece.strip() for piece in re.split(r"[,;\n]+", text))
    return tuple(dict.fromkeys(_topic(piece) for piece in pieces if piece))


def _topic(text: str) -> str:
    plain = " ".join(text.casefold().split())
    for code in TOPICS:
        if plain in {code, topic(code)}:
            return code
    shown = topics_shown(text)
    if len(shown) != 1:
        raise ValueError(f"{text!r} is no topic; choose from {', '.join(TOPICS)}")
    return shown[0]


def read_near_day(text: str, sent: date) -> date:
    """A day as the words of a message name it; without a year, the one nearest to the message."""
    spans = [read_days(text, sent)]
    if not re.search(r"\d{4}", text):
        spans.append(read_days(text, sent + timedelta(days=364)))
    days = [span[0] for span in spans if span and span[0] == span[1]]
    if not days:
        raise ValueError(f"{text!r} is no day; write it like 2026-03-04")
    return min(days, key=lambda found: abs(found - sent))


def _people(text: str) -> tuple[str, ...]:
    people = [read_person(each) for each in re.split(r"[;\n]+", text) if each.strip()]
    return tuple(f"{p.name} ({p.role})" if p.role else p.name for p in people)


def _a(kind: EventKind) -> str:
    name = KINDS[kind].lower()
    return f"{'An' if name[0] in 'aeiou' else 'A'} {name}"
