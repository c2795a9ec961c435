"""Pure: what is forwarded, as messages of their own.

Someone sends on what only they got; the archive then holds no other copy of it. Such words are
their author's and of the day they were written, not the forwarder's (docs/events.md, rule 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby, islice

from archiver.model import Person, Role
from indexers.model import Reading, Source, Span, SpanKind
from indexers.records import everyone

_MOST = 50  # messages forwarded in one; a digest of hundreds is read for search alone
_ZONES = timedelta(days=1)  # its writer's day may be a day ahead of the family's


def voices(reading: Reading) -> Iterator[Reading]:
    """A message, then each message forwarded in it that the archive does not hold otherwise.

    One that does not say its day is left out, or says one after the message that forwards it: any
    day would be made up. So is one by somebody whose mail is privileged, or by a name alone that
    is nobody's on the message: it may be the attorney's. Raises nothing; takes time in proportion
    to the body.
    """
    yield reading
    unheld = {span.start for span in reading.forwarded_unheld()}
    spoken = (span for span in reading.message.spans if span.start in unheld)
    runs = groupby(spoken, key=lambda span: span.source)
    for source, spans in islice(runs, _MOST):
        if source is None or source.day is None or source.day > reading.day + _ZONES:
            continue
        author = _role(source, reading)
        if author is not None and author is not Role.PRIVILEGED:
            yield _alone(reading, list(spans), source, source.day, author)


def _alone(reading: Reading, spans: list[Span], source: Source, day: date, author: Role) -> Reading:
    """A message in which nothing but these spans is said, by their author on their day."""
    told = tuple(replace(span, kind=SpanKind.OWN) for span in spans)
    sender = Person(source.author, source.address)
    return replace(
        reading,
        message=replace(reading.message, spans=told, sender=sender, attachments=()),
        texts=[],
        day=day,
        author=author,
        usual="",  # is of who forwards it
    )


def _role(source: Source, reading: Reading) -> Role | None:
    """The author's role; None where nothing but a name says who it is, and nobody has it."""
    if source.address:
        return reading.roles.get(source.address, Role.OTHER)
    people = everyone(reading.message)
    named = (p.address for p in people if p.name and p.name == source.author)
    return reading.roles.get(next(named, ""))
