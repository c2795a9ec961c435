"""Pure: messages to conversations: by the ids they share, and as a last resort by subject."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

_PREFIX = re.compile(
    r"\s*(?:\[[^\[\]]{1,30}\]\s*)?(?:re|fwd?|rv|aw|wg|tr|sv|vs|antw|res|enc|reenv|ref|fyi)"
    r"(?:\s?[\[(]\d{1,3}[\])]|\^\d)?\s?:",
    re.I,
)
_TAG = re.compile(r"\s*\[[^\[\]]{1,30}\]\s*")
_APART = timedelta(days=30)
_MAX_PREFIXES = 20


@dataclass(frozen=True, slots=True)
class Knot:
    """What threading looks at of a message."""

    number: int  # order of receipt
    message_id: str
    refers_to: tuple[str, ...]  # In-Reply-To and References
    subject: str
    sent: datetime
    sender: str  # an address
    people: Collection[str]  # addresses of everyone on it, the sender's too


def thread_roots(knots: Iterable[Knot]) -> dict[int, int]:
    """The thread of every message, named by the lowest number in it."""
    listed = list(knots)
    parent = {knot.number: knot.number for knot in listed}

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(one: int, other: int) -> None:
        one, other = root(one), root(other)
        # The lower number: a thread keeps its name as it grows.
        parent[max(one, other)] = min(one, other)

    first: dict[str, int] = {}
    for knot in listed:
        for name in (knot.message_id, *knot.refers_to):
            if name:
                join(first.setdefault(name, knot.number), knot.number)
    held = {knot.message_id for knot in listed if knot.message_id}
    for answer, answered in _by_subject(listed, held):
        join(answer, answered)
    return {number: root(number) for number in parent}


def _by_subject(listed: Iterable[Knot], held: Collection[str]) -> Iterable[tuple[int, int]]:
    """Answers that name no message that is held, each with the latest that it can answer."""
    latest: dict[str, list[Knot]] = {}
    for knot in sorted(listed, key=lambda knot: (knot.sent, knot.number)):
        subject, answers = bare_subject(knot.subject)
        if not subject:
            continue
        earlier = latest.setdefault(subject, [])
        if answers and not any(name in held for name in knot.refers_to):
            for other in reversed(earlier[-50:]):
                if knot.sent - other.sent > _APART:
                    break
                if knot.sender in other.people and other.sender in knot.people:
                    yield knot.number, other.number
                    break
        earlier.append(knot)


def bare_subject(subject: str) -> tuple[str, bool]:
    """A subject without "Re:" and its like, in lower case, and whether it had any."""
    answers = False
    for _ in range(_MAX_PREFIXES):
        found = _PREFIX.match(subject)
        if not found:
            break
        subject, answers = subject[found.end() :], True
    subject = _TAG.sub(" ", subject, count=1) if _TAG.match(subject) else subject
    return " ".join(subject.casefold().split()), answers
