"""Pure: a claim to dated events: its days, service, minutes, reason, topics, actor and quote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from archiver.model import Role
from indexers.dates import DateMention, expand, find_dates
from indexers.model import Actor, Citation, Event, EventKind, Family, Precision, Reading
from indexers.rules.contract import Claim, Sentence
from indexers.rules.services import (
    find_minutes,
    find_reason,
    find_services,
    find_topics,
    provider_names,
)
from indexers.sentences import Run

SERVICE_KINDS = frozenset({EventKind.MISSED_SERVICE, EventKind.DELIVERED_SERVICE})
_TOPICAL = frozenset(
    {
        EventKind.PROPOSAL,
        EventKind.REFUSAL,
        EventKind.OBJECTION,
        EventKind.REQUEST,
        EventKind.CONSENT,
    }
)
_WITH_OWN_DAY = SERVICE_KINDS | {EventKind.MEETING}
_MAX_QUOTE = 400


def dates_of(
    runs: Sequence[Run], reading: Reading
) -> list[tuple[tuple[DateMention, ...], DateMention | None]]:
    """For each run the dates it names, and the one beside it where it names none."""
    dates = [tuple(find_dates(run.text, reading.day)) for run in runs]
    found = []
    for number, run in enumerate(runs):
        near = None
        if not dates[number] and not run.row:
            behind = dates[number - 1][-1:] if number else ()
            ahead = dates[number + 1][:1] if number + 1 < len(runs) else ()
            near = next(iter((*behind, *ahead)), None)
        found.append((dates[number], near))
    return found


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
    for on, end, precision, words in _days(claim, reading):
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


def _days(claim: Claim, reading: Reading) -> Iterator[tuple[date, date | None, Precision, str]]:
    """The days an event falls on: those its words name, else the message's."""
    mentions: list[DateMention] = list(claim.sentence.dates)
    if claim.kind not in _WITH_OWN_DAY:
        mentions = []
    elif claim.kind is EventKind.MEETING:
        mentions = mentions[:1] or [m for m in (claim.sentence.date_near,) if m]
    elif claim.sentence.run.row:
        mentions = mentions[:1]
    given = False
    for mention in mentions:
        for on, end in expand(mention):
            if claim.kind is EventKind.MEETING and end is not None:
                continue
            given = True
            yield on, end, mention.precision, mention.words
    if not given:
        yield reading.day, None, Precision.MESSAGE, ""


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
