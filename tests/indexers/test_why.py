"""Why an event was suggested, in words that a parent understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from archiver.model import Digest, Person, Role, Standing
from indexers.model import (
    Actor,
    Citation,
    DateSource,
    Event,
    EventKind,
    Family,
    Message,
    Precision,
    Reading,
    Service,
    Span,
    SpanKind,
)
from indexers.rules.contract import Reason, Sentence
from indexers.rules.plain_words import plain_words
from indexers.why import explain, explainer

ONE = Digest("1" * 64)
BODY = "We missed you at speech.\n\nMs. Ortiz was out yesterday, so nobody came."
OUT = "Ms. Ortiz was out yesterday, so nobody came."
FAMILY = Family(
    ("Maya",), (Service("ot", 30, 1, "week", None, None, "Dana Ortiz"),)
)  # fmt: skip


def reading(body: str = BODY, sender: str = "Lee Hale", subject: str = "Today") -> Reading:
    message = Message(
        ONE, "<1@x>", (), (), Person(sender, "t@school.example"), (), (), (), (), subject, None,
        DateSource.NONE, body, "1", (Span(SpanKind.OWN, 0, len(body)),), (), (),
    )  # fmt: skip
    return Reading(message, [], date(2026, 3, 5), Role.SCHOOL, Standing.SCHOOL)


def event(**more: object) -> Event:
    start = BODY.index(OUT)
    found = Event(
        EventKind.MISSED_SERVICE, date(2026, 3, 4), None, Precision.DAY, Actor.SCHOOL, "ot", None,
        None, (), Citation("<1@x>", ONE, "body", None, OUT, start, start + len(OUT)), 0.9, "test",
        "yesterday",
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]


class Nearest:
    """What another model may say: the phrases nearest to the sentence."""

    def explain(self, kind: EventKind, sentence: Sentence, family: Family) -> Sequence[Reason]:
        return [Reason(f"nearest labelled phrase for {kind}: “{sentence.run.text[:10]}”", 0.8)]


def test_whatever_finds_events_is_asked_about_the_sentence_itself() -> None:
    why = explain(event(), reading(), FAMILY, Nearest())

    assert why.reasons == (Reason("nearest labelled phrase for missed_service: “Ms. Ortiz ”", 0.8),)


def test_what_ships_gives_reasons_in_words_without_codes() -> None:
    reasons = explain(event(), reading(), FAMILY, explainer()).reasons

    assert reasons
    assert all("=" not in r.words and "#" not in r.words and r.weight for r in reasons)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "“yesterday”, written on Thursday, March 5, 2026, is Wednesday, March 4, 2026."),
        (
            {"precision": Precision.MESSAGE, "date_words": "", "on": date(2026, 3, 5)},
            "The words name no day, so it is the day of the message: Thursday, March 5, 2026.",
        ),
        (
            {"precision": Precision.RANGE, "date_words": "all week", "on": date(2026, 3, 2),
             "end": date(2026, 3, 6)},
            "“all week”, written on Thursday, March 5, 2026, is Monday, March 2, 2026 to Friday, "
            "March 6, 2026, as a stretch of days.",
        ),
    ],
)  # fmt: skip
def test_how_the_day_was_computed(more: dict[str, object], said: str) -> None:
    assert explain(event(**more), reading(), FAMILY, Nearest()).day == said


@pytest.mark.parametrize(
    ("found", "message", "said"),
    [
        (event(), reading(), "The sentence names Ortiz, who gives it by your configuration."),
        (event(service="speech"), reading(), "The sentence before names it."),
        (event(service="transport"), reading(subject="The bus"), "The subject names it."),
        (event(service="other"), reading(), "No words near it name a service."),
        (event(service=None, kind=EventKind.MEETING), reading(), ""),
    ],
)
def test_how_the_service_was_found(found: Event, message: Reading, said: str) -> None:
    assert explain(found, message, FAMILY, Nearest()).service == said


def test_a_sentence_that_is_not_there_any_more_has_no_reasons() -> None:
    assert explain(event(), reading("Something else."), FAMILY, Nearest()).reasons == ()


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        ("role=school place=pdf", "the school wrote it, in an attachment (pdf)"),
        ("is=question role=parent", "it is a question, and the parent wrote it"),
        (
            "school:childname #day",
            "“(the child’s name) (a day of the week)”, written by the school",
        ),
        ("<sorry", "the sentence before has “sorry”"),
        ("h:notice", "the subject or file name has “notice”"),
        ("service=assistive_tech", "it names the service assistive tech"),
        ("not able to", "“not able to”"),
    ],
)
def test_features_in_words(feature: str, said: str) -> None:
    assert plain_words(feature) == said
