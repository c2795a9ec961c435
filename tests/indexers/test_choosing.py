"""Which service and which topics, by what was learned of pointers and words."""

from __future__ import annotations

import time

import pytest

from archiver.config import SERVICES
from indexers.log_input import REASONS
from indexers.model import EventKind, Family, Service
from indexers.rules.activities import activities
from indexers.rules.choosing import Chooser, Signs, chooser_from, load_choices, points
from indexers.rules.reasons import Lost, pick_reason
from indexers.rules.serving import Pointers, pick_service, service_signs
from indexers.rules.topics import TOPICS, Matter, pick_topics

FAMILY = Family(
    ("Noor Haddad", "Noor"),
    (
        Service("mobility", 45, 1, "week", None, None, "Greta Holm"),
        Service("ot", 30, 1, "week", None, None, "Paul Amsel"),
        Service("nursing", 15, 5, "week", None, None, "Ines Whitlock"),
    ),
)


def at(sentence: str, **around: object) -> Pointers:
    fields: dict[str, object] = dict.fromkeys(Pointers.__dataclass_fields__, "")
    fields.update(sentence=sentence, clause=sentence, row=False, given=False, attached=False)
    return Pointers(**{**fields, **around})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sentence", "around", "service"),
    [
        ("Nobody came for her cane lesson.", {}, "mobility"),
        ("Ms. Holm was out again.", {}, "mobility"),
        ("I was out Tuesday.", {"sender": "Paul Amsel"}, "ot"),
        ("We worked on zippers and the pencil grip.", {"given": True}, "ot"),
        ("Her noon bolus was not given.", {}, "nursing"),
        ("She missed it again.", {"before": "Mr. Amsel never came on Monday."}, "ot"),
        ("3/4 | 45 | 0 | out", {"row": True, "cell": "O&M"}, "mobility"),
    ],
)
def test_a_service_is_found_by_whatever_points_to_it(
    sentence: str, around: dict[str, object], service: str
) -> None:
    assert pick_service(at(sentence, **around), FAMILY) == service


def test_where_nothing_tells_it_is_something_the_family_was_promised() -> None:
    promised = {service.service for service in FAMILY.services}
    assert pick_service(at("It did not happen yesterday."), FAMILY) in promised


def test_where_nothing_is_named_and_nothing_promised_none_is_made_up() -> None:
    assert pick_service(at("She was not seen yesterday."), Family(("Noor",))) == "other"


def test_a_pointer_counts_for_a_service_that_no_lesson_had() -> None:
    chooser = Chooser(("new", "other"), (0.0, 0.0), {}, {"signature": 2.0})
    assert chooser.best(Signs(frozenset(), points([("signature", ["new"], 1)]))) == "new"


def test_of_several_codes_the_first_named_counts_most() -> None:
    found = points([("sentence", ["ot", "pt"], 1)])
    assert found["ot"]["sentence"] > found["pt"]["sentence"] > 0


def test_no_code_beyond_the_likeliest_is_taken_unless_likely_enough() -> None:
    chooser = Chooser(("a", "b", "c"), (-3.0, -2.0, -9.0), {"word": {0: 4.0}}, {})
    assert chooser.likely(Signs(frozenset(), {}), 0.4, 3) == ("b",)
    assert chooser.likely(Signs(frozenset({"word"}), {}), 0.1, 3) == ("a", "b")


def test_weights_are_read_as_they_were_written() -> None:
    chooser = chooser_from(
        {"codes": ["a", "b"], "scale": 100, "bias": [0, 50], "words": {"swing": [1, -150]},
         "pointers": {"near": 25}}
    )  # fmt: skip
    scores = chooser.scores(Signs(frozenset({"swing"}), {"a": {"near": 2.0}}))
    assert scores == {"a": 0.5, "b": -1.0}


def test_what_ships_knows_every_code_of_its_kind() -> None:
    assert set(load_choices()) == {"service", "topics", "reason"}
    assert set(load_choices()["service"].codes) == set(SERVICES)
    assert set(load_choices()["topics"].codes) == set(TOPICS)
    assert set(load_choices()["reason"].codes) == set(REASONS)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("minimal pairs, then the barrier game", "speech"),
        ("twenty minutes on the treadmill and the stairs", "pt"),
        ("blood sugar was 210 and nobody could dose the insulin", "nursing"),
        ("three routes to the library with the cane", "mobility"),
        ("the lift on the bus was stuck", "transport"),
    ],
)
def test_what_is_done_tells_the_service(text: str, first: str) -> None:
    assert activities(text)[0] == first


@pytest.mark.parametrize("text", ["the swinging sixties", "a busy gymnast", "cathedral"])
def test_a_word_inside_another_is_no_activity(text: str) -> None:
    assert activities(text) == ()


@pytest.mark.parametrize(
    ("kind", "sentence", "topic"),
    [
        (EventKind.REQUEST, "Please send me a copy of every session log.", "records"),
        (EventKind.PROPOSAL, "We propose to add thirty minutes of OT a week.", "services"),
        (EventKind.REQUEST, "I want an independent evaluation at public expense.", "iee"),
        (EventKind.OBJECTION, "I do not agree to a separate classroom.", "placement"),
        (EventKind.REQUEST, "How will the lost sessions be made up?", "makeup"),
    ],
)
def test_a_topic_is_told_by_the_sentence(kind: EventKind, sentence: str, topic: str) -> None:
    assert topic in pick_topics(Matter(kind, sentence, "", "", "", ""), FAMILY)


def test_the_childs_name_is_no_word_to_learn_from() -> None:
    words = service_signs(at("Noor sat alone."), FAMILY).words
    assert "noor" not in words
    assert "childname" in words


def test_endless_text_takes_bounded_time() -> None:
    begun = time.process_time()
    for hostile in ("swing " * 50_000, "1:1" * 80_000, "no " * 90_000, "a" * 300_000):
        pick_service(at(hostile[:20_000], own_words=hostile[:2000], before=hostile), FAMILY)
        pick_topics(Matter(EventKind.REQUEST, hostile, hostile, hostile, "", ""), FAMILY)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("I was out sick on Tuesday, so there was no session.", "provider_absent"),
        ("No speech on Friday because of the assembly.", "school_event"),
        ("School was closed for snow on Monday.", "closure"),
        ("He was absent on the 4th.", "student_absent"),
        ("The position has been vacant since January.", "vacancy"),
    ],
)
def test_why_a_session_was_missed_is_told_by_cues_and_words(sentence: str, reason: str) -> None:
    at = Lost(sentence, sentence, "", "", sentence, "", row=False, service="ot", author="school")

    assert pick_reason(at, FAMILY) == reason


def test_without_a_word_of_why_it_is_unknown() -> None:
    words = "She was not seen yesterday."
    at = Lost(words, words, "", "", words, "", row=False, service="ot", author="parent")

    assert pick_reason(at, FAMILY) == "unknown"
