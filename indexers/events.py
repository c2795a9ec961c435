"""Pure: a message and its attachments to dated events.

Own words are cut into sentences; rules make claims of them; claims become events with a day, a
service and the words they rest on. One event a kind and day for a message (and service, for what
was missed or given): docs/events.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexers.attributes import events_of
from indexers.forwarded import voices
from indexers.model import LIKELY, Event, Extracted, Family, Part, Reading, SpanKind
from indexers.rules.blend import load_blend
from indexers.rules.choosing import choices_version
from indexers.rules.classifier import load_classifier
from indexers.rules.contract import Sentence
from indexers.rules.encoder import encoder_installed, load_encoder
from indexers.rules.features import Surroundings
from indexers.rules.learned import Learned
from indexers.sentences import Run, split_sentences
from indexers.setting import settings_of
from indexers.settling import in_order, settle, telling

VERSION = "11"  # of everything here but the weights, which have a version of their own

_MAX_SENTENCES = 4000  # of a body, and of a page, that look like writing
_LONG_WORD = 30  # characters; base64 and addresses of web pages are longer, words are not
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_HEAD = 400  # characters of a document that tell what it is about


def detector_version() -> str:
    """Changes whenever the same message could give other events."""
    reader = "with" if encoder_installed() else "without"
    return f"{VERSION} {load_blend().version} {choices_version()} {reader} encoder"


def load_learned() -> Learned:
    """The readers that ship, kept once loaded; load them before threads ask for them at once."""
    return Learned(load_classifier(), load_encoder(), load_blend())


def find_events(reading: Reading, family: Family, learned: Learned | None = None) -> list[Event]:
    """The events that a message may tell, in order of kind, day and place.

    Args:
        reading: the message, the text of its attachments, its day.
        family: the child's names and the services that the IEP promises.
        learned: another than what ships, for training and tests.

    Returns:
        At most one event for each kind and day (and service). Those less than ``LIKELY`` are
        among them, marked by their confidence. Every quote is verbatim: equal to the body's, or
        the page's, text from ``start`` to ``end``. Raises nothing.
    """
    learned = learned or load_learned()
    told = [
        event
        for voice in voices(reading)
        for claim in learned.claims(voice, list(sentences_of(voice)), family)
        for event in events_of(claim, voice, family)
    ]
    # The likely ones first and among themselves: a faint guess takes nothing from them.
    likely = settle(event for event in told if event.confidence >= LIKELY)
    same = {telling(event) for event in likely}
    faint = [e for e in settle(told) if e.confidence < LIKELY and telling(e) not in same]
    return in_order([*likely, *faint])


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
        _written(runs), reading, "body", None, "", message.subject, message.subject
    )
    for part, extracted in reading.texts:
        kind = _kind_of(part)
        for page in extracted.pages:
            about = f"{part.name}\n{message.subject}\n{_first(extracted)}"
            runs = _whole(page.text) if kind == "ics" else _written(split_sentences(page.text))
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
    dates = settings_of(runs, reading.day, document if kind else "")
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
            bool(dates[number][0]),
            number < 2,
        )
        yield Sentence(part, page, run, around, *dates[number], document)


def _written(runs: Sequence[Run]) -> list[Run]:
    """The runs that may be sentences: a message whose structure is broken shows its files' code."""
    return [run for run in runs if run.row or is_writing(run.text)][:_MAX_SENTENCES]


def is_writing(text: str) -> bool:
    """Whether at least half of a text is in words no longer than words are, of letters and digits.

    A stray control character is a slip of some program; many are no writing.
    """
    words = text.split()
    length = sum(map(len, words))
    spelled = sum(c.isalnum() for c in text)
    return (
        len(_CONTROL.findall(text)) * 20 <= length
        and spelled * 3 >= length
        and sum(map(len, filter(_short, words))) * 2 >= length
    )


def _short(word: str) -> bool:
    return len(word) <= _LONG_WORD


def _whole(text: str) -> list[Run]:
    """A calendar invitation is one statement."""
    stripped = text.strip()
    start = text.find(stripped)
    return [Run(stripped, start, start + len(stripped), row=False)] if stripped else []


def _kind_of(part: Part) -> str:
    if part.media_type == "text/calendar":
        return "ics"
    for ending, name in (("pdf", "pdf"), ("wordprocessingml", "docx"), ("spreadsheetml", "xlsx")):
        if ending in part.media_type:
            return name
    return "txt"


def _first(extracted: Extracted) -> str:
    return extracted.pages[0].text[:_HEAD] if extracted.pages else ""
