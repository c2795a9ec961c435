"""Pure: what a person decided, laid over what was found.

A decision is about words in an original. Tomorrow's detection may quote a little more of them, name
another day or kind, or find nothing: what the person said holds all the same. So each decision is
placed in the text as it is read today, takes what was found on the same words out, and, unless it
dismissed them, puts in what the person said. What nobody decided on stays a suggestion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archiver.decisions import Attributes, Decided, Decision, last_words
from archiver.model import Digest
from archiver.running_log import LogEntry
from indexers.model import (
    Actor,
    Citation,
    Event,
    EventKind,
    Precision,
    Reading,
    RecordedKind,
    Status,
)

_SAME_WORDS = 0.5  # of the shorter of two runs, that lie in both


@dataclass(frozen=True, slots=True)
class Told:
    """What a person told, by the journal."""

    decisions: tuple[Decision, ...] = ()
    marks: Mapping[Digest, bool] = field(default_factory=dict)  # privileged, or not
    log: tuple[LogEntry, ...] = ()
    _by_digest: dict[Digest, list[tuple[Decision, Decided]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for decision, telling in last_words(self.decisions):
            self._by_digest.setdefault(telling.digest, []).append((decision, telling))

    def of(self, digest: Digest) -> list[tuple[Decision, Decided]]:
        """The decisions on a message, in order."""
        return self._by_digest.get(digest, [])

    def fingerprints(self) -> dict[str, str]:
        """By message, what changes whenever something else is told of it."""
        found = {
            str(digest): ",".join(str(decision.entry) for decision, _ in decided)
            for digest, decided in self._by_digest.items()
        }
        for digest, mark in self.marks.items():
            found[digest] = f"{found.get(digest, '')}/{int(mark)}"
        return found


@dataclass(frozen=True, slots=True)
class LaidOver:
    """Events with a person's word laid over them."""

    events: tuple[Event, ...]  # dismissed ones are not among them
    lost: tuple[Decided, ...]  # confirmed, but its words are not in the text any more


@dataclass(frozen=True, slots=True)
class _Place:
    page: int | None
    start: int
    end: int
    quote: str  # verbatim, as it is read today


def lay_over(
    found: Sequence[Event], decided: Sequence[tuple[Decision, Decided]], reading: Reading
) -> LaidOver:
    """Lay decisions over what was found in one message.

    Args:
        found: by detection.
        decided: the last word on each telling of this message.
        reading: the message and its attachments' texts, as they are read today.

    Returns:
        Every event that was neither decided on nor is another reading of words that were; and what
        a person confirmed or corrected, each quote verbatim in today's text. Raises nothing.
    """
    placed = [
        (decision, telling, _place(telling, list(_pages(reading, telling.part))))
        for decision, telling in decided
    ]
    left = list(found)
    loose: list[tuple[Decided, _Place | None]] = []
    # What is meant exactly first: one sentence may tell of the 12th and of the 14th.
    for _, telling, place in placed:
        exact = [e for e in left if _overlaps(e, telling, place) and _is_meant(e, telling)]
        left = [e for e in left if e not in exact]
        if not exact:
            loose.append((telling, place))
    for telling, place in loose:
        left = [e for e in left if not (_overlaps(e, telling, place) and _is_other(e, telling))]
    own: list[Event] = []
    lost: list[Decided] = []
    for decision, telling, place in placed:
        if telling.said is None:
            continue
        if place is None:
            lost.append(telling)
            continue
        cited = _citation(telling, reading.message.message_id, place)
        made = _event(decision, telling, telling.said, cited)
        # Two suggestions that were corrected to the same thing are one.
        if not any(_same(made, other) for other in own):
            own.append(made)
    return LaidOver((*own, *left), tuple(lost))


def dismissed_events(decided: Sequence[tuple[Decision, Decided]]) -> Iterator[Event]:
    """What a person dismissed, as it was suggested; for showing it again."""
    for decision, telling in decided:
        if telling.said is None:
            place = _Place(telling.page, telling.start, telling.end, telling.quote)
            yield _event(decision, telling, telling.found, _citation(telling, "", place))


def corrected_events(decided: Sequence[tuple[Decision, Decided]]) -> Iterator[tuple[Event, Event]]:
    """What a person corrected: as it was suggested, and as it is said."""
    for decision, telling in decided:
        if telling.said is not None:
            place = _Place(telling.page, telling.start, telling.end, telling.quote)
            cited = _citation(telling, "", place)
            yield (
                _event(decision, telling, telling.found, cited),
                _event(decision, telling, telling.said, cited),
            )


def decided_on(
    event: Event, said: Attributes | None, beside: Sequence[Event], before: Sequence[Decision] = ()
) -> Decided:
    """An event as the telling that a decision is made on.

    Args:
        event: as it was found, or as it was decided on before.
        said: what the person says; None to dismiss it.
        beside: every event of the same message.
        before: earlier decisions; a new one on the same telling is about what was found at first.
    """
    earlier = telling_of(event, before)
    if earlier is not None:
        return replace(earlier, said=said)
    cited = event.citation
    others = [
        attributes_of(other).identity()
        for other in beside
        if other != event
        and (other.citation.part, other.citation.page) == (cited.part, cited.page)
        and _share(other.citation.start, other.citation.end, cited.start, cited.end)
    ]
    return Decided(
        cited.digest,
        cited.part,
        cited.page,
        cited.quote,
        cited.start,
        cited.end,
        attributes_of(event),
        said,
        event.confidence,
        event.rule,
        tuple(sorted(set(others))),
    )


def telling_of(event: Event, decisions: Sequence[Decision]) -> Decided | None:
    """The telling that an event which a person decided on came of."""
    for decision in decisions:
        for telling in decision.tellings:
            if decision.entry == event.decision and _tells(telling, event):
                return telling
    return None


def as_found(event: Event, decisions: Sequence[Decision]) -> Event:
    """An event as it was suggested, whatever a person made of it."""
    telling = telling_of(event, decisions)
    if telling is None:
        return event
    found = telling.found
    return replace(
        event,
        kind=EventKind(found.kind),
        on=found.on,
        end=found.end,
        precision=Precision(found.precision),
        actor=Actor(found.actor),
        service=found.service,
        minutes=found.minutes,
        reason=found.reason,
        topics=found.topics,
        date_words=found.date_words,
    )


def attributes_of(event: Event) -> Attributes:
    """What an event says happened."""
    return Attributes(
        event.kind,
        event.on,
        event.end,
        event.precision,
        event.actor,
        event.service,
        event.minutes,
        event.reason,
        event.topics,
        event.date_words,
        event.people,
    )


def _event(decision: Decision, telling: Decided, attributes: Attributes, cited: Citation) -> Event:
    kind = attributes.kind
    return Event(
        RecordedKind(kind) if kind in set(RecordedKind) else EventKind(kind),
        attributes.on,
        attributes.end,
        Precision(attributes.precision),
        Actor(attributes.actor),
        attributes.service,
        attributes.minutes,
        attributes.reason,
        attributes.topics,
        cited,
        telling.confidence,
        telling.rule,
        attributes.date_words,
        Status(str(decision.verdict)),
        decision.entry,
        attributes.people,
    )


def _citation(telling: Decided, message_id: str, place: _Place) -> Citation:
    return Citation(
        message_id, telling.digest, telling.part, place.page, place.quote, place.start, place.end
    )


def _same(one: Event, other: Event) -> bool:
    return one.citation == other.citation and (
        attributes_of(one).identity() == attributes_of(other).identity()
    )


def _tells(telling: Decided, event: Event) -> bool:
    """Whether an event that a person decided on came of this telling."""
    cited, said = event.citation, telling.said or telling.found
    return (
        (telling.digest, telling.part) == (cited.digest, cited.part)
        and said.identity() == attributes_of(event).identity()
        and _folded(telling.quote) == _folded(cited.quote)
    )


def _is_meant(event: Event, telling: Decided) -> bool:
    """Whether an event is what the decision was made on, or what the person made of it."""
    said = () if telling.said is None else (telling.said.identity(),)
    return attributes_of(event).identity() in {telling.found.identity(), *said}


def _is_other(event: Event, telling: Decided) -> bool:
    """Whether an event is another reading of the words that were decided on.

    It is, where it was not there beside the telling when the person decided. A dismissal says that
    the words tell no event of that kind: another kind read in them later is a new suggestion.
    """
    if attributes_of(event).identity() in telling.beside:
        return False
    if telling.said is None:
        return str(event.kind) == telling.found.kind
    return True


def _overlaps(event: Event, telling: Decided, place: _Place | None) -> bool:
    cited = event.citation
    if cited.part != telling.part:
        return False
    if place is None:
        # The text is read otherwise than it was; the words may still be the same in part.
        one, other = _folded(cited.quote), _folded(telling.quote)
        return bool(one and other) and (one in other or other in one)
    return cited.page == place.page and _share(cited.start, cited.end, place.start, place.end)


def _share(start: int, end: int, other_start: int, other_end: int) -> bool:
    both = min(end, other_end) - max(start, other_start)
    return both > 0 and both >= _SAME_WORDS * min(end - start, other_end - other_start)


def _place(telling: Decided, pages: Sequence[tuple[int | None, str]]) -> _Place | None:
    """Where the words of a decision stand today: where they stood, else as near as may be."""
    pages = sorted(pages, key=lambda page: page[0] != telling.page)
    for number, text in pages:
        if number == telling.page and text[telling.start : telling.end] == telling.quote:
            return _Place(number, telling.start, telling.end, telling.quote)
    words = re.findall(r"\w+", telling.quote)
    if not words:
        return None
    # The same words with other white space or punctuation between them.
    ending = r"[^\w\s]*" if not telling.quote[-1].isalnum() else r"\b"
    between = re.compile(r"\b" + r"\W+".join(map(re.escape, words)) + ending, re.IGNORECASE)
    for pattern in (re.compile(re.escape(telling.quote)), between):
        for number, text in pages:
            spans = [match.span() for match in pattern.finditer(text)]
            if spans:
                start, end = min(spans, key=lambda span: abs(span[0] - telling.start))
                return _Place(number, start, end, text[start:end])
    return None


def _pages(reading: Reading, part: str) -> Iterator[tuple[int | None, str]]:
    if part == "body":
        yield None, reading.message.body
    for attached, extracted in reading.texts:
        if attached.name == part:
            for page in extracted.pages:
                yield page.number, page.text


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
