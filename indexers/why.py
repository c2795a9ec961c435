"""Pure: why an event was suggested: what weighed, whence its day, whence its service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexers.events import sentences_of
from indexers.forwarded import voices
from indexers.model import SERVICE_KINDS, Event, EventKind, Family, Precision, Reading
from indexers.rules.blend import load_blend
from indexers.rules.classifier import load_classifier
from indexers.rules.contract import Explains, Reason, Sentence
from indexers.rules.learned import Learned
from indexers.rules.providers import called_in, find_name, provider_names
from indexers.rules.services import find_services


@dataclass(frozen=True, slots=True)
class Why:
    """What can be said of how an event came to be suggested."""

    reasons: tuple[Reason, ...]  # none where its sentence is not found as it was
    day: str  # a sentence
    service: str  # a sentence; "" where the kind has no service


def explainer() -> Explains:
    """Whatever finds events, asked why."""
    return Learned(load_classifier(), None, load_blend())


def explain(
    event: Event, reading: Reading, family: Family, explains: Explains | None = None
) -> Why:
    """Why an event was suggested, by what finds events today.

    Args:
        event: as found.
        reading: the message that tells of it.
        family: as for detection.
        explains: another explainer than the one that ships.
    """
    sentence, reading = _sentence(event, reading)
    reasons: Sequence[Reason] = ()
    if sentence is not None and isinstance(event.kind, EventKind):
        reasons = (explains or explainer()).explain(event.kind, sentence, family)
    return Why(tuple(reasons), _day(event, reading), _service(event, reading, family, sentence))


def _sentence(event: Event, reading: Reading) -> tuple[Sentence | None, Reading]:
    """The sentence that an event rests on, and the message whose it is: it may be forwarded."""
    cited = event.citation
    for voice in voices(reading):
        for sentence in sentences_of(voice):
            if (
                (sentence.part, sentence.page) == (cited.part, cited.page)
                and sentence.run.start < cited.end
                and cited.start < sentence.run.end
            ):
                return sentence, voice
    return None, reading


def _day(event: Event, reading: Reading) -> str:
    sent = f"{reading.day:%A, %B} {reading.day.day}, {reading.day.year}"
    on = f"{event.on:%A, %B} {event.on.day}, {event.on.year}"
    if event.end is not None:
        on += f" to {event.end:%A, %B} {event.end.day}, {event.end.year}"
    if event.precision is Precision.MESSAGE or not event.date_words:
        if event.on == reading.day:
            return f"The words name no day, so it is the day of the message: {sent}."
        return f"{on}; the message is of {sent}."
    words = " ".join(event.date_words.split())
    exactly = "" if event.precision is Precision.DAY else ", as a stretch of days"
    return f"“{words}”, written on {sent}, is {on}{exactly}."


def _service(event: Event, reading: Reading, family: Family, sentence: Sentence | None) -> str:
    if event.kind not in SERVICE_KINDS or event.service is None:
        return ""
    nobody = Family(family.child_names)
    message, code = reading.message, event.service
    names = [
        name for s in family.services if s.service == code for name in provider_names(s.provider)
    ]
    text = event.citation.quote
    if code in find_services(text, nobody):
        return "The sentence names it."
    for name in names:
        if find_name(name, text) is not None:
            return f"The sentence names {name}, who gives it by your configuration."
        if name in message.sender.name:
            return f"{name}, who gives it by your configuration, wrote the message."
    if any(called_in(text, s.provider) for s in family.services if s.service == code):
        return "The sentence calls it as your configuration does, under provider."
    document = sentence.document if sentence and sentence.part != "body" else ""
    places = (
        ("The sentence before names it.", sentence.around.before if sentence else ""),
        ("The attachment’s name or beginning names it.", document),
        ("The subject names it.", message.subject),
        ("Other words of the message name it.", message.own_words()),
    )
    for said, where in places:
        if code in find_services(where.replace("_", " "), family):
            return said
    if reading.usual == code:
        return f"{message.sender.name or message.sender.address} usually writes about it."
    if code == "other":
        return "No words near it name a service."
    return "No words near it name it: a guess, by what is promised and how such things are told."
