"""What a person decided holds, whatever is found tomorrow and however it is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from archiver.decisions import (
    Attributes,
    Decided,
    Decision,
    Verdict,
    decision_facts,
    decision_from,
    last_words,
)
from archiver.model import Digest, Person, Role, Standing
from indexers.decided import Told, attributes_of, decided_on, dismissed_events, lay_over
from indexers.model import (
    Actor,
    Citation,
    DateSource,
    Event,
    EventKind,
    Message,
    Precision,
    Reading,
    Status,
)

ONE = Digest("1" * 64)
BODY = (
    "Hello,\n\nMs. Ortiz was out on the 12th and on the 14th, so there was no speech. "
    "We propose to reduce speech to 30 minutes. See you soon."
)
OUT = "Ms. Ortiz was out on the 12th and on the 14th, so there was no speech."
LESS = "We propose to reduce speech to 30 minutes."
AT = datetime(2026, 3, 20, tzinfo=UTC)


def reading(body: str = BODY) -> Reading:
    message = Message(
        ONE, "<1@x>", (), (), Person("", "t@school.example"), (), (), (), (), "", None,
        DateSource.NONE, body, "1", (), (), (),
    )  # fmt: skip
    return Reading(message, [], date(2026, 3, 20), Role.SCHOOL, Standing.SCHOOL)


def event(
    quote: str = OUT,
    kind: EventKind = EventKind.MISSED_SERVICE,
    day: int = 12,
    body: str = BODY,
    **more: object,
) -> Event:
    start = body.index(quote)
    service = "speech" if kind is EventKind.MISSED_SERVICE else None
    found = Event(
        kind, date(2026, 3, day), None, Precision.DAY, Actor.SCHOOL, service, None, None, (),
        Citation("<1@x>", ONE, "body", None, quote, start, start + len(quote)), 0.7, "test",
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]


def decide(verdict: Verdict, telling: Decided, entry: int = 5) -> list[tuple[Decision, Decided]]:
    """As it comes back from the journal."""
    facts = decision_facts(verdict, [telling])
    return last_words([decision_from(entry, AT, facts)])


def confirm(found: Event, *beside: Event, **changes: object) -> list[tuple[Decision, Decided]]:
    said = replace(attributes_of(found), **changes)  # type: ignore[arg-type]
    verdict = Verdict.CORRECTED if changes else Verdict.CONFIRMED
    return decide(verdict, decided_on(found, said, [found, *beside]))


def dismiss(found: Event, *beside: Event) -> list[tuple[Decision, Decided]]:
    return decide(Verdict.DISMISSED, decided_on(found, None, [found, *beside]))


def told(events: tuple[Event, ...]) -> list[tuple[str, int, str]]:
    return [(e.kind, e.on.day, e.status) for e in events]


def test_a_confirmed_event_is_confirmed_and_the_rest_stays_suggested() -> None:
    both = [event(), event(LESS, EventKind.PROPOSAL, 20)]

    laid = lay_over(both, confirm(both[0], both[1]), reading())

    assert told(laid.events) == [
        ("missed_service", 12, "confirmed"), ("proposal", 20, "suggested"),
    ]  # fmt: skip
    assert laid.events[0].decision == 5


def test_of_two_days_in_one_sentence_a_decision_takes_the_one_it_was_made_on() -> None:
    twelfth, fourteenth = event(), event(day=14)

    for found in ([twelfth, fourteenth], [fourteenth, twelfth]):
        laid = lay_over(found, dismiss(twelfth, fourteenth), reading())
        assert told(laid.events) == [("missed_service", 14, "suggested")]
    # Detection finds only the other one now: nobody decided on that.
    laid = lay_over([fourteenth], confirm(twelfth, fourteenth), reading())
    assert told(laid.events) == [
        ("missed_service", 12, "confirmed"), ("missed_service", 14, "suggested"),
    ]  # fmt: skip


def test_what_detection_dates_or_names_otherwise_later_is_what_the_person_said() -> None:
    decided = confirm(event(LESS, EventKind.PROPOSAL, 20))
    moved = event("We propose to reduce speech to 30 minutes", EventKind.PROPOSAL, 21)
    renamed = event(LESS, EventKind.REFUSAL, 20)

    for found in ([moved], [renamed], [moved, renamed], []):
        assert told(lay_over(found, decided, reading()).events) == [("proposal", 20, "confirmed")]


def test_a_correction_replaces_what_was_found_and_what_is_found_as_corrected() -> None:
    decided = confirm(event(), on=date(2026, 3, 11), minutes=30, service="ot")
    right_now = event(day=11, service="ot")

    for found in ([event()], [right_now], [event(), right_now]):
        (only,) = lay_over(found, decided, reading()).events
        assert (only.on, only.minutes, only.service) == (date(2026, 3, 11), 30, "ot")
        assert only.status is Status.CORRECTED


def test_two_suggestions_corrected_to_the_same_are_one() -> None:
    twelfth, fourteenth = event(), event(day=14)
    both = [
        *confirm(twelfth, fourteenth, on=date(2026, 3, 13)),
        *confirm(fourteenth, twelfth, on=date(2026, 3, 13)),
    ]

    laid = lay_over([twelfth, fourteenth], both, reading())

    assert told(laid.events) == [("missed_service", 13, "corrected")]


def test_dismissed_words_stay_dismissed_when_quoted_otherwise() -> None:
    decided = dismiss(event(LESS, EventKind.PROPOSAL, 20))
    again = event("to reduce speech to 30 minutes. See you soon.", EventKind.PROPOSAL, 21)

    assert lay_over([again], decided, reading()).events == ()
    assert [e.status for e in dismissed_events(decided)] == [Status.DISMISSED]


def test_a_dismissal_says_nothing_of_another_kind() -> None:
    """“No proposal” is not “no refusal”: burying it would lose an event nobody was shown."""
    refused = event(LESS, EventKind.REFUSAL, 20)

    laid = lay_over([refused], dismiss(event(LESS, EventKind.PROPOSAL, 20)), reading())

    assert told(laid.events) == [("refusal", 20, "suggested")]


def test_an_event_nothing_finds_any_more_is_told_from_the_decision_with_words_of_today() -> None:
    """Another reader of PDFs or HTML may break lines otherwise: the quote is today's."""
    decided = confirm(event())
    other = BODY.replace("Hello,", "Dear Maya's mother,").replace("so there was", "so\nthere  was")

    (only,) = lay_over([], decided, reading(other)).events

    cited = only.citation
    assert cited.quote == other[cited.start : cited.end] == OUT.replace("so there", "so\nthere ")


def test_words_that_are_gone_are_not_quoted_but_said_to_be_lost() -> None:
    laid = lay_over([], confirm(event()), reading("Something else altogether."))

    assert laid.events == ()
    assert [lost.quote for lost in laid.lost] == [OUT]


def test_the_last_word_counts_and_is_about_what_was_found_at_first() -> None:
    first = confirm(event(), on=date(2026, 3, 11))
    (now,) = lay_over([event()], first, reading()).events
    decisions = [first[0][0]]
    again = decided_on(now, None, [now], decisions)

    later = decision_from(9, AT, decision_facts(Verdict.DISMISSED, [again]))
    words = last_words([*decisions, later])

    assert [decision.entry for decision, _ in words] == [9]
    assert lay_over([event()], words, reading()).events == ()
    undone = replace(later, undone=10)
    assert lay_over([event()], last_words([*decisions, undone]), reading()).events == (now,)


def test_a_decision_reads_back_as_it_was_written() -> None:
    said = Attributes(
        "meeting", date(2026, 3, 1), date(2026, 3, 2), "range", "other", None, 30, None, ("iee",),
        "the 1st", ("Dana Ortiz",),
    )  # fmt: skip
    telling = decided_on(event(), said, [event(), event(day=14)])

    back = decision_from(5, AT, decision_facts(Verdict.CORRECTED, [telling], "for me"))

    assert back == Decision(5, AT, Verdict.CORRECTED, (telling,), "for me")
    assert telling.beside == (("missed_service", "2026-03-14", "", "speech"),)


def test_only_messages_told_something_new_of_change_their_fingerprint() -> None:
    decision = confirm(event())[0][0]
    before = Told((decision,), {}).fingerprints()

    assert Told((decision,), {Digest("2" * 64): True}).fingerprints() == before | {"2" * 64: "/1"}
