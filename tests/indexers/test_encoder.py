"""The encoder that ships, and doing without it."""

from __future__ import annotations

from datetime import date

import pytest

from archiver.model import Role, Standing
from indexers import events
from indexers.mime import read_message
from indexers.model import LIKELY, EventKind, Family, Reading
from indexers.rules.blend import load_blend
from indexers.rules.classifier import load_classifier
from indexers.rules.encoder import load_encoder
from indexers.rules.learned import Learned
from indexers.rules.windows import windows

FAMILY = Family(("Maya",))
SAID = {
    "Maya stood at the curb until 8 and nobody came.": EventKind.MISSED_SERVICE,
    "On the second adult the answer is no.": EventKind.REFUSAL,
    "We would like to fade Mr. Boone by the end of the quarter.": EventKind.PROPOSAL,
}


def reading(body: str, author: Role = Role.SCHOOL) -> Reading:
    raw = f"From: D. Ortiz <dana@school.example>\r\nSubject: Maya\r\n\r\n{body}"
    return Reading(read_message(raw.encode()), [], date(2026, 3, 5), author, Standing.SCHOOL)


def scores(given: Reading) -> list[list[list[float]]]:
    encoder = load_encoder()
    assert encoder is not None
    sentences = list(events.sentences_of(given))
    return [encoder.scores(w) for w in windows(given, sentences, FAMILY, encoder.words)]


def test_what_no_keyword_names_is_found() -> None:
    found = {
        body: {e.kind for e in events.find_events(reading(body), FAMILY) if e.confidence >= LIKELY}
        for body in SAID
    }

    assert found == {body: {kind} for body, kind in SAID.items()}


def test_what_was_read_before_changes_no_score() -> None:
    """A rebuild reads the archive in one go, the nightly run a message at a time."""
    one, other = reading(next(iter(SAID))), reading("See you at the fair! " * 40)

    alone = scores(one)
    scores(other)

    assert scores(one) == alone


def test_without_its_runtime_events_are_still_found_and_that_is_another_detector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    linear = Learned(load_classifier(), None, load_blend())
    (event,) = (
        e
        for e in events.find_events(
            reading("I was out sick yesterday, so Maya did not have speech."), FAMILY, linear
        )
        if e.confidence >= LIKELY
    )
    before = events.detector_version()
    monkeypatch.setattr(events, "encoder_installed", lambda: False)

    assert event.kind is EventKind.MISSED_SERVICE
    assert events.detector_version() != before


def test_a_faint_suggestion_takes_nothing_from_a_likely_one() -> None:
    body = "I was out sick on Tuesday, so Maya did not have speech. Sorry about all of that."
    found = events.find_events(reading(body), FAMILY)
    likely = [(e.kind, e.on) for e in found if e.confidence >= LIKELY]

    assert likely == [(EventKind.MISSED_SERVICE, date(2026, 3, 3))]
