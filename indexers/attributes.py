"""Pure: a claim to dated events: its days, service, minutes, reason, topics, actor and quote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from archiver.model import Role
from indexers.model import (
    SERVICE_KINDS,
    TOPICAL_KINDS,
    Actor,
    Citation,
    Event,
    EventKind,
    Family,
    Message,
    Reading,
    SpanKind,
)
from indexers.rules.contract import Claim, Sentence
from indexers.rules.minutes import find_minutes, row_given, row_minutes
from indexers.rules.reasons import Lost, pick_reason
from indexers.rules.serving import (
    Pointers,
    find_pointers,
    listed_services,
    names_services,
    pick_service,
)
from indexers.rules.topics import Matter, pick_topics
from indexers.when import Dated, days_of

_MEDIATED = re.compile(r"\bmediat(?:ion|or|ed)\b", re.I)
_OUTSIDE = re.compile(r"\bDr\.? |\b(?:outside|independent|private|clinic|hospital)\b")
_STATE = re.compile(
    r"\b(?:Department|OSPI|TEA|BSE|ODR|OCR|Agency|Office for Civil Rights|hearing officer|State)\b"
    r".{0,60}\b(?:assigned|finds?|found|opened|received|issued|accepted|determin\w+|appointed)\b"
)
_NO_SCHOOL = re.compile(  # and not "no school nurse"
    r"\bno school\b(?=\s*(?:[^\w\s-]|\Z|(?:today|yesterday|that|on|mon|tue|wed|thu|fri)))"
    r"|\bnot a school day\b|\bno hay clases\b",
    re.I,
)
_NO_MORE = 6  # words of a clause that says no more than that
_MAX_QUOTE = 400
_OWN_WORDS = 2000  # characters of a message that may tell which service it is about
_CLOSING_LINES = 4
_NAME_WORDS = 3  # of a cell that is no more than a service's name
_SIGNED = 60  # characters; a longer line is no name


def events_of(claim: Claim, reading: Reading, family: Family) -> Iterator[Event]:
    """An event for each day (and service) that a claim tells of.

    None of a day that is said to be without school: nobody was owed anything.
    """
    sentence = claim.sentence
    kind = _as_recorded(claim.kind, sentence)
    text = sentence.run.text
    missed = kind is EventKind.MISSED_SERVICE
    topics = pick_topics(matter(kind, sentence, reading), family) if kind in TOPICAL_KINDS else ()
    start, stop = _quote(sentence)
    citation = Citation(
        reading.message.message_id,
        reading.message.digest,
        sentence.part,
        sentence.page,
        text[start:stop],
        sentence.run.start + start,
        sentence.run.start + stop,
    )
    for dated in days_of(kind, text, sentence.run.row, sentence.setting, reading.day):
        if missed and _no_school(dated.clause):
            continue
        for service in _services(kind, sentence, dated, reading, family):
            yield Event(
                kind=kind,
                on=dated.on,
                end=dated.end,
                precision=dated.precision,
                actor=_actor(kind, sentence, reading),
                service=service,
                minutes=_minutes(kind, sentence, dated) if service else None,
                reason=_reason(sentence, dated, service, reading, family) if missed else None,
                topics=topics,
                citation=citation,
                confidence=round(claim.confidence, 4),
                rule=claim.rule,
                date_words=dated.words,
            )


def _no_school(clause: str) -> bool:
    return len(clause.split()) <= _NO_MORE and _NO_SCHOOL.search(clause) is not None


def _as_recorded(kind: EventKind, sentence: Sentence) -> EventKind:
    """A row of a log is given or missed by its own figures: "0" under "Min" was not given."""
    if kind not in SERVICE_KINDS or not sentence.run.row:
        return kind
    given = row_given(sentence.run.text.split("|"), sentence.setting.columns)
    if given is None:
        return kind
    return EventKind.DELIVERED_SERVICE if given else EventKind.MISSED_SERVICE


def _services(
    kind: EventKind, sentence: Sentence, dated: Dated, reading: Reading, family: Family
) -> Sequence[str | None]:
    """The services of one day: one, unless the words deny several."""
    if kind not in SERVICE_KINDS:
        return (None,)
    if kind is EventKind.MISSED_SERVICE and not sentence.run.row:
        listed = listed_services(dated.clause if _several(dated.clause) else sentence.run.text)
        if len(listed) > 1:
            return listed
    given = kind is EventKind.DELIVERED_SERVICE
    return (pick_service(pointers(sentence, dated.clause, reading, given=given), family),)


def _minutes(kind: EventKind, sentence: Sentence, dated: Dated) -> int | None:
    text, given = sentence.run.text, kind is EventKind.DELIVERED_SERVICE
    if sentence.run.row:
        cells, columns = text.split("|"), sentence.setting.columns
        stated = row_minutes(cells, columns) if given else None
        return stated if stated is not None else find_minutes(text, given=given)
    return find_minutes(dated.clause, text, given=given)


def _reason(
    sentence: Sentence, dated: Dated, service: str | None, reading: Reading, family: Family
) -> str:
    return pick_reason(lost(sentence, dated, service, reading), family)


def lost(sentence: Sentence, dated: Dated, service: str | None, reading: Reading) -> Lost:
    """A missed session of one day, with what may say why."""
    body = sentence.part == "body"
    return Lost(
        clause=dated.clause,
        sentence=sentence.run.text,
        before=sentence.around.before,
        after=sentence.around.after,
        beginning=_letter(reading.message).beginning if body else "",
        subject=reading.message.subject,
        row=sentence.run.row,
        service=service,
        author=reading.author.value,
    )


def matter(kind: EventKind, sentence: Sentence, reading: Reading) -> Matter:
    """What is proposed, asked for and so on, with what may say what it is about."""
    return Matter(
        kind=kind,
        sentence=sentence.run.text,
        before=sentence.around.before,
        after=sentence.around.after,
        subject=reading.message.subject,
        heading=_heading(sentence.document) if sentence.part != "body" else "",
    )


def _several(clause: str) -> bool:
    return len(listed_services(clause)) > 1


def pointers(sentence: Sentence, clause: str, reading: Reading, *, given: bool) -> Pointers:
    """Where the service of a claim may be said."""
    message = reading.message
    letter = _letter(message)
    return Pointers(
        clause=clause,
        sentence=sentence.run.text,
        cell=_cell(sentence),
        row=sentence.run.row,
        given=given,
        attached=sentence.part != "body",
        before=sentence.around.before,
        after=sentence.around.after,
        heading=_heading(sentence.document),
        subject=message.subject,
        sender=message.sender.name,
        address=message.sender.address.partition("@")[0],
        signature=letter.signature,
        # The whole sheet an attached row stands in tells more than the letter around it.
        own_words=letter.beginning if sentence.part == "body" else sentence.document[:_OWN_WORDS],
        usual=reading.usual,
    )


def _cell(sentence: Sentence) -> str:
    """What a row has in the column that names services."""
    cells = sentence.run.text.split("|")
    columns = sentence.setting.columns
    if not sentence.run.row:
        return ""
    if len(columns) == len(cells):
        for head, cell in zip(columns, cells, strict=True):
            if names_services(head) and find_pointers(cell):
                return cell
    return next((c for c in cells if len(c.split()) <= _NAME_WORDS and find_pointers(c)), "")


def _heading(document: str) -> str:
    """An attachment's name and first lines, without rows of its table."""
    lines = document.replace("_", " ").split("\n")
    return "\n".join(line for line in lines if "|" not in line)


@dataclass(frozen=True, slots=True)
class _Letter:
    """What a claim looks at of the whole letter."""

    beginning: str  # of the author's own words
    signature: str  # what is marked as one, and the short lines that close the letter


@lru_cache(maxsize=4)  # every claim of a message asks; a body may have megabytes
def _letter(message: Message) -> _Letter:
    own = message.own_words()
    marked = [message.body[s.start : s.end] for s in message.spans if s.kind is SpanKind.SIGNATURE]
    lines = [line.strip() for line in own.strip().split("\n")[-_CLOSING_LINES:]]
    signed = (line for line in lines if len(line) < _SIGNED and line[-1:] not in ".?!")
    return _Letter(own[:_OWN_WORDS], "\n".join([*marked, *signed]))


def _actor(kind: EventKind, sentence: Sentence, reading: Reading) -> Actor:
    """Who did it, by the kind, who writes, and who the words say acts."""
    text = sentence.run.text
    advocate = reading.author is Role.PRIVILEGED  # speaks for the parent, is not the parent
    match kind:
        case EventKind.PROPOSAL | EventKind.REFUSAL | EventKind.MISSED_SERVICE:
            return Actor.SCHOOL
        case EventKind.DELIVERED_SERVICE:
            return Actor.OTHER if reading.author is Role.PROVIDER else Actor.SCHOOL
        case EventKind.OBJECTION | EventKind.REQUEST:
            return Actor.OTHER if advocate and sentence.part == "body" else Actor.PARENT
        case EventKind.CONSENT:
            return Actor.PARENT
        case EventKind.MEETING:
            mediated = _MEDIATED.search(f"{text} {reading.message.subject}")
            return Actor.OTHER if mediated else Actor.SCHOOL
        case EventKind.EVALUATION:
            outside = reading.author in {Role.PROVIDER, Role.OTHER} or _OUTSIDE.search(text)
            return Actor.OTHER if outside else Actor.SCHOOL
        case EventKind.ESCALATION:
            if advocate or reading.author in {Role.OTHER, Role.PROVIDER} or _STATE.search(text):
                return Actor.OTHER
            return Actor.PARENT if reading.author is Role.PARENT else Actor.SCHOOL


def _quote(sentence: Sentence) -> tuple[int, int]:
    """The part of a sentence that is quoted: all of it, unless it goes on and on."""
    text = sentence.run.text
    if len(text) <= _MAX_QUOTE:
        return 0, len(text)
    cut = text.rfind(" ", 0, _MAX_QUOTE)
    return 0, cut if cut > 0 else _MAX_QUOTE
