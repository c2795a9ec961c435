"""What is forwarded speaks for its own author, on its own day, where nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from archiver.model import Digest, Role, Standing
from indexers.events import find_events
from indexers.forwarded import voices
from indexers.mime import read_message
from indexers.model import LIKELY, Family, QuoteLink, Reading, Service, SpanKind
from indexers.why import explain

FAMILY = Family(("Maya Lopez", "Maya"), (Service("ot", 30, 1, "week", None, None, "Ruth Bell"),))
MISSED = "I was out sick yesterday, so Maya did not have OT."
ROLES = {
    "mom@home.example": Role.PARENT,
    "ruth@school.example": Role.SCHOOL,
    "ines@law.example": Role.PRIVILEGED,
}


def reading(
    author: str = "Ruth Bell <ruth@school.example>", when: str = "March 4, 2026"
) -> Reading:
    raw = (
        "From: Ana Lopez <mom@home.example>\r\nTo: Sam Lopez <sam@home.example>\r\n"
        "Subject: Fwd: OT\r\nDate: Mon, 9 Mar 2026 20:00:00 -0700\r\n\r\n"
        "She wrote this to me alone. For our folder.\r\n\r\n"
        "---------- Forwarded message ---------\r\n"
        f"From: {author}\r\nDate: {when} at 3:31 PM\r\nSubject: OT\r\n"
        f"To: Ana Lopez <mom@home.example>\r\n\r\n{MISSED}\r\n"
    )
    return Reading(
        read_message(raw.encode()), [], date(2026, 3, 9), Role.PARENT, Standing.SCHOOL, ROLES
    )


def told(given: Reading) -> set[tuple[str, date]]:
    events = find_events(given, FAMILY)
    return {(e.kind.value, e.on) for e in events if e.confidence >= LIKELY}


def test_the_only_copy_tells_what_it_tells_by_its_own_day() -> None:
    assert told(reading()) == {("missed_service", date(2026, 3, 3))}


def test_its_words_are_cited_where_they_stand_in_the_message_that_is_held() -> None:
    given = reading()

    event = next(e for e in find_events(given, FAMILY) if e.confidence >= LIKELY)

    assert event.citation.digest == given.message.digest
    assert given.message.body[event.citation.start : event.citation.end] == event.citation.quote
    assert event.actor == "school"


def test_one_that_is_held_tells_nothing_a_second_time() -> None:
    given = reading()
    span = next(s for s in given.message.spans if s.kind is SpanKind.FORWARDED)
    link = QuoteLink(span.start, span.end, Digest("a" * 64), "words", ())

    assert told(replace(given, links=[link])) == set()


def test_one_without_a_day_tells_nothing_because_any_day_would_be_made_up() -> None:
    assert told(reading(when="the other day")) == set()


def test_one_of_a_day_after_the_message_that_forwards_it_tells_nothing() -> None:
    assert told(reading(when="March 14, 2026")) == set()


def test_an_attorney_s_words_tell_nothing_whoever_forwards_them() -> None:
    assert told(reading(author="Ines Fox <INES@law.example>")) == set()


def test_a_name_alone_that_is_nobody_s_on_the_message_may_be_the_attorney_s() -> None:
    assert told(reading(author="Ines Fox")) == set()


@pytest.mark.parametrize(
    ("author", "role"),
    [
        ("Ruth Bell <ruth@school.example>", Role.SCHOOL),
        ("Ana Lopez", Role.PARENT),  # no address, but the name of somebody on the message
        ("Jo <jo@clinic.example>", Role.OTHER),
    ],
)
def test_the_author_is_who_the_forwarded_headers_name(author: str, role: Role) -> None:
    _, forwarded = voices(reading(author=author))

    assert forwarded.author is role
    assert forwarded.day == date(2026, 3, 4)
    assert forwarded.message.own_words().strip() == MISSED


def test_a_message_that_forwards_thousands_is_bounded() -> None:
    given = reading()
    span = next(s for s in given.message.spans if s.kind is SpanKind.FORWARDED)
    many = [replace(span, source=replace(span.source, when=str(n))) for n in range(5000)]
    given = replace(given, message=replace(given.message, spans=tuple(many)))

    assert len(list(voices(given))) == 51


def test_why_counts_from_the_day_of_what_is_forwarded() -> None:
    given = reading()
    event = next(e for e in find_events(given, FAMILY) if e.confidence >= LIKELY)

    why = explain(event, given, FAMILY)

    assert why.reasons
    assert "written on Wednesday, March 4, 2026" in why.day
