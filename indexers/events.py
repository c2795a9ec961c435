"""Pure: a message and its attachments to dated events.

Own words are cut into sentences; rules make claims of them; claims become events with a day, a
service and the words they rest on. One event a kind and day for a message (and service, for what
was missed or given): docs/events.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from archiver.model import Role
from indexers.dates import DateMention, expand, find_dates
from indexers.model import (
    Actor,
    Citation,
    Event,
    EventKind,
    Extracted,
    Family,
    Part,
    Precision,
    Reading,
    SpanKind,
)
from indexers.rules.classifier import Classifier, load_classifier
from indexers.rules.contract import Claim, Sentence
from indexers.rules.features import Surroundings
from indexers.rules.learned import Learned
from indexers.rules.services import (
    find_minutes,
    find_reason,
    find_services,
    find_topics,
    provider_names,
)
from indexers.sentences import Run, split_sentences

VERSION = "1"  # of everything here but the weights, which have a version of their own

_SERVICE_KINDS = frozenset({EventKind.MISSED_SERVICE, EventKind.DELIVERED_SERVICE})
_TOPICAL = frozenset(
    {
        EventKind.PROPOSAL,
        EventKind.REFUSAL,
        EventKind.OBJECTION,
        EventKind.REQUEST,
        EventKind.CONSENT,
    }
)
_WITH_OWN_DAY = _SERVICE_KINDS | {EventKind.MEETING}
_MAX_SENTENCES = 4000
_MAX_QUOTE = 400
_HEAD = 400  # characters of a document that tell what it is about
_WHEN = re.compile(r"^When: ", re.MULTILINE)


def detector_version() -> str:
    """Changes whenever the same message could give other events."""
    return f"{VERSION} {load_classifier().version}"


def find_events(
    reading: Reading, family: Family, classifier: Classifier | None = None
) -> list[Event]:
    """The events that a message tells, in order of kind, day and place.

    Args:
        reading: the message, the text of its attachments, its day.
        family: the child's names and the services that the IEP promises.
        classifier: another than the one that ships, for training and tests.

    Returns:
        At most one event for each kind and day (and service). Every quote is verbatim: equal to
        the body's, or the page's, text from ``start`` to ``end``. Raises nothing.
    """
    sentences = list(sentences_of(reading))
    learned = Learned(classifier or load_classifier())
    best: dict[tuple[object, ...], Event] = {}
    for claim in learned.claims(reading, sentences, family):
        for event in _events(claim, reading, family):
            key = (event.kind, event.on, event.end, event.service if _serves(event) else None)
            if key not in best or best[key].confidence < event.confidence:
                best[key] = event
    return sorted(_settled(list(best.values())), key=_order)


def sentences_of(reading: Reading) -> Iterator[Sentence]:
    """Every sentence in the author's own words, of the body first, then of the attachments."""
    message = reading.message
    runs = [
        run
        for span in message.spans
        if span.kind is SpanKind.OWN
        for run in split_sentences(message.body, span.start, span.end)
    ]
    yield from _in_context(
        runs[:_MAX_SENTENCES], reading, "body", None, "", message.subject, message.subject
    )
    for part, extracted in reading.texts:
        kind = _kind_of(part)
        for page in extracted.pages:
            about = f"{part.name}\n{message.subject}\n{_first(extracted)}"
            if kind == "ics":
                runs = _whole(page.text)
            else:
                runs = split_sentences(page.text)[:_MAX_SENTENCES]
            yield from _in_context(runs, reading, part.name, page.number, kind, part.name, about)


def _in_context(
    runs: Sequence[Run],
    reading: Reading,
    part: str,
    page: int | None,
    kind: str,
    heading: str,
    document: str,
) -> Iterator[Sentence]:
    dates = [tuple(find_dates(run.text, reading.day)) for run in runs]
    for number, run in enumerate(runs):
        before = runs[number - 1].text if number else ""
        after = runs[number + 1].text if number + 1 < len(runs) else ""
        around = Surroundings(
            reading.author,
            kind,
            heading,
            "" if run.row else before,
            "" if run.row else after,
            run.row,
            bool(dates[number]),
            number < 2,
        )
        near = None
        if not dates[number] and not run.row:
            behind = dates[number - 1][-1:] if number else ()
            ahead = dates[number + 1][:1] if number + 1 < len(runs) else ()
            near = next(iter((*behind, *ahead)), None)
        yield Sentence(part, page, run, around, dates[number], near, document)


def _whole(text: str) -> list[Run]:
    """A calendar invitation is one statement."""
    stripped = text.strip()
    start = text.find(stripped)
    return [Run(stripped, start, start + len(stripped), row=False)] if stripped else []


def _events(claim: Claim, reading: Reading, family: Family) -> Iterator[Event]:
    sentence, kind = claim.sentence, claim.kind
    text = sentence.run.text
    serves = kind in _SERVICE_KINDS
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


def _settled(events: list[Event]) -> Iterator[Event]:
    """Of events that the same message tells twice in two ways, the surer one.

    A day inside a range of the same service is the same telling; so is a service that was both
    missed and given by the same words.
    """
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
    return event.kind in _SERVICE_KINDS


def _kind_of(part: Part) -> str:
    if part.media_type == "text/calendar":
        return "ics"
    for ending, name in (("pdf", "pdf"), ("wordprocessingml", "docx"), ("spreadsheetml", "xlsx")):
        if ending in part.media_type:
            return name
    return "txt"


def _first(extracted: Extracted) -> str:
    return extracted.pages[0].text[:_HEAD] if extracted.pages else ""


def _order(event: Event) -> tuple[object, ...]:
    cited = event.citation
    return (event.kind, event.on, event.service or "", cited.part, cited.page or 0, cited.start)
