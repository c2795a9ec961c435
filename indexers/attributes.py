"""Pure: a claim to dated events: its days, service, minutes, reason, topics, actor and quote."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.model import Role
from indexers.model import Actor, Citation, Event, EventKind, Family, Reading
from indexers.rules.contract import Claim, Sentence
from indexers.rules.services import (
    find_minutes,
    find_reason,
    find_services,
    find_topics,
    provider_names,
)
from indexers.when import SERVICE_KINDS, days_of

_TOPICAL = frozenset(
    {
        EventKind.PROPOSAL,
        EventKind.REFUSAL,
        EventKind.OBJECTION,
        EventKind.REQUEST,
        EventKind.CONSENT,
    }
)
_MAX_QUOTE = 400


def events_of(claim: Claim, reading: Reading, family: Family) -> Iterator[Event]:
    """An event for each day (and service) that a claim tells of; at least one."""
    sentence, kind = claim.sentence, claim.kind
    text = sentence.run.text
    serves = kind in SERVICE_KINDS
    service = _service(sentence, reading, family) if serves else None
    minutes = find_minutes(text) if serves else None
    reason = find_reason(text) if kind is EventKind.MISSED_SERVICE else None
    topics = find_topics(text) if kind in _TOPICAL else ()
    start, stop = _quote(sentence)
    days = days_of(kind, text, sentence.run.row, sentence.setting, reading.day)
    for on, end, precision, words in days:
        yield Event(
            kind=kind,
            on=on,
            end=end,
            precision=precision,
            actor=_actor(kind, reading, service),
            service=service,
            minutes=minutes,
            reason=reason,
            topics=topics,
            citation=Citation(
                reading.message.message_id,
                reading.message.digest,
                sentence.part,
                sentence.page,
                text[start:stop],
                sentence.run.start + start,
                sentence.run.start + stop,
            ),
            confidence=round(claim.confidence, 4),
            rule=claim.rule,
            date_words=words,
        )


def _service(sentence: Sentence, reading: Reading, family: Family) -> str:
    text = sentence.run.text
    codes = find_services(text, family)
    if not codes:
        sender = reading.message.sender.name
        codes = [
            s.service
            for s in family.services
            if any(n in sender for n in provider_names(s.provider))
        ]
    if not codes and not sentence.run.row:
        codes = find_services(sentence.around.before, family)
    if not codes:
        codes = find_services(sentence.document.replace("_", " "), family)
    if not codes:
        codes = find_services(reading.message.own_words()[:2000], family)
    return codes[0] if codes else "other"


def _actor(kind: EventKind, reading: Reading, service: str | None) -> Actor:
    if kind in {EventKind.OBJECTION, EventKind.REQUEST, EventKind.CONSENT}:
        return Actor.PARENT
    if kind in {EventKind.PROPOSAL, EventKind.REFUSAL, EventKind.MISSED_SERVICE}:
        return Actor.SCHOOL
    if kind is EventKind.DELIVERED_SERVICE:
        return Actor.SCHOOL if service else Actor.OTHER
    if reading.author in {Role.PARENT, Role.PRIVILEGED}:
        return Actor.PARENT
    return Actor.SCHOOL if reading.author is Role.SCHOOL else Actor.OTHER


def _quote(sentence: Sentence) -> tuple[int, int]:
    """The part of a sentence that is quoted: all of it, unless it goes on and on."""
    text = sentence.run.text
    if len(text) <= _MAX_QUOTE:
        return 0, len(text)
    cut = text.rfind(" ", 0, _MAX_QUOTE)
    return 0, cut if cut > 0 else _MAX_QUOTE
