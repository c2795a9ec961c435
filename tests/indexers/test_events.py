"""Messages to events."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.model import Digest, Role, Standing
from indexers.events import find_events, sentences_of
from indexers.mime import read_message
from indexers.model import LIKELY, Event, Extracted, Family, Page, Part, Reading, Service

FAMILY = Family(
    ("Maya Lopez", "Maya"),
    (Service("speech", 30, 2, "week", None, None, "Dana Ortiz"),),
)


def reading(
    body: str, author: Role = Role.SCHOOL, subject: str = "Maya", attached: str = ""
) -> Reading:
    raw = f"From: Dana Ortiz <dana@school.example>\r\nSubject: {subject}\r\n\r\n{body}"
    message = read_message(raw.encode("utf-8", "replace"))
    part = Part("2", "application/pdf", "log.pdf", b"", Digest(""), inline=False)
    texts = [(part, Extracted((Page(1, attached),), "test"))] if attached else []
    return Reading(message, texts, date(2026, 3, 5), author, Standing.SCHOOL)


def found(body: str, author: Role = Role.SCHOOL, **more: str) -> list[Event]:
    """What is likely; faint suggestions are no one's business here."""
    events = find_events(reading(body, author, **more), FAMILY)
    return [event for event in events if event.confidence >= LIKELY]


def brief(events: list[Event]) -> set[tuple[str, str]]:
    return {(e.kind.value, e.on.isoformat()) for e in events}


def test_a_missed_session_is_dated_to_the_day_it_was_missed() -> None:
    (event,) = found("I was out sick yesterday, so Maya did not have speech.")

    assert (event.kind, event.on, event.service) == ("missed_service", date(2026, 3, 4), "speech")
    assert (event.reason, event.actor, event.date_words) == (
        "provider_absent",
        "school",
        "yesterday",
    )


def test_listed_days_are_an_event_each() -> None:
    events = found("There was no speech therapy on March 2 and 3 because I was out.")

    assert brief(events) == {("missed_service", "2026-03-02"), ("missed_service", "2026-03-03")}


def test_a_day_without_school_is_no_missed_session() -> None:
    log = "Date | Minutes | Notes\n3/2 | 0 | no school\n3/3 | 0 | therapist out sick\n"

    missed = {(e.kind.value, e.on.day) for e in found("Her log.", attached=log) if e.service}
    assert ("missed_service", 3) in missed
    assert ("missed_service", 2) not in missed


def test_no_school_nurse_is_no_day_without_school() -> None:
    events = find_events(reading("Hello, there was no school nurse today."), FAMILY)

    assert "missed_service" in {e.kind.value for e in events}


def test_the_same_words_from_the_school_and_from_the_parent_are_not_the_same_event() -> None:
    words = "I disagree with the decision to reduce her speech and I do not consent to it."

    assert "objection" in {e.kind.value for e in found(words, Role.PARENT)}
    assert "objection" not in {e.kind.value for e in found(words, Role.SCHOOL)}


def test_what_is_quoted_tells_nothing() -> None:
    body = (
        "Thank you for letting me know.\n\n"
        "On Wed, Mar 4, 2026 at 9:00 AM Dana Ortiz <dana@school.example> wrote:\n"
        "> I was out sick yesterday, so Maya did not have speech.\n"
    )

    assert found(body, Role.PARENT) == []


def test_an_event_of_an_attachment_names_its_page() -> None:
    page = "SPEECH LOG\n03/03/2026 | 30 | Not seen, therapist absent\n"

    events = found("Log attached.", attached=page)

    assert ("missed_service", "2026-03-03") in brief(events)
    event = next(e for e in events if e.kind == "missed_service")
    assert (event.citation.part, event.citation.page) == ("log.pdf", 1)
    assert page[event.citation.start : event.citation.end] == event.citation.quote


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Speech was cancelled yesterday.", "We request an IEE.", "\n\n", "> quoted",
                "The team proposes to reduce OT.", "No aide on 3/2 | 3/3.", "é“”…", "X was out.",
                "The meeting is set for March 10 at 2:40.", "I do not consent.", "a" * 700, " ",
            ]
        ),
        max_size=8,
    ),
    st.sampled_from(Role),
)  # fmt: skip
def test_every_quote_is_verbatim_where_it_is_said_to_stand(parts: list[str], author: Role) -> None:
    given_reading = reading(" ".join(parts), author, attached="\n".join(parts))

    events = find_events(given_reading, FAMILY)

    for event in events:
        cited = event.citation
        text = given_reading.message.body if cited.part == "body" else "\n".join(parts)
        assert cited.quote
        assert text[cited.start : cited.end] == cited.quote
        assert 0 < event.confidence <= 1
    keys = [(e.kind, e.on, e.end, e.service) for e in events]
    assert len(keys) == len(set(keys))


def test_a_line_without_end_is_read_to_its_end() -> None:
    events = found("no speech yesterday " * 5_000)

    assert brief(events) == {("missed_service", "2026-03-04")}


def test_code_of_a_file_is_no_sentence() -> None:
    """A message whose structure is broken shows its attachments as they were sent."""
    code = "JVBERi0xLjQKJcfsj6IKNSAwIG9iago8PC9MZW5ndGggNiAwIFIvRmlsdGVyIC9GbGF0ZURl\r\n" * 3000
    told = "I was out sick yesterday, so Maya did not have speech."
    everything = list(sentences_of(reading(f"{told}\r\n\r\n{code}")))

    assert [sentence.run.text for sentence in everything] == [told]
    assert brief(found(f"{told}\r\n\r\n{code}")) == {("missed_service", "2026-03-04")}
