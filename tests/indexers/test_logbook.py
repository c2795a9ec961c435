"""The running log as text, events, and what disclosure looks at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.model import Digest, Standing
from archiver.running_log import Attendee, LogEntry, LogKind, Point, Record, Version
from indexers.log_input import read_given, read_minutes, read_record, read_time
from indexers.log_search import search_log
from indexers.logbook import log_contents, log_events, log_summaries, log_text, side_of
from indexers.model import Actor
from indexers.search.days import read_days
from indexers.search.language import parse

TODAY = date(2026, 3, 20)
DANA, LEE = Attendee("Dana Ortiz", "speech therapist"), Attendee("Lee Hale", "principal")
MEETING = Record(
    LogKind.MEETING, date(2026, 3, 4), None, "15:00", "16:10", (DANA, LEE),
    (Point("school", "reduce speech"), Point("Lee Hale", "a smaller group"),
     Point("parent", "an aide"), Point("Dr. Ruiz, private doctor", "rest"), Point("X", "more")),
    (Point("", "the cut"), Point("Ms. Ortiz", "the aide")), (Point("", "the logs"),), words="Long.",
)  # fmt: skip


def entry(record: Record | None, *earlier: Record, number: int = 1) -> LogEntry:
    at = datetime(2026, 3, 10, tzinfo=UTC)
    versions = [
        Version(n, at + timedelta(days=n), Digest(f"{n}" * 64), each, "")
        for n, each in enumerate([*earlier, record], 5)
    ]
    return LogEntry(number, tuple(versions))


def test_every_quote_is_a_run_of_the_entry_s_text() -> None:
    text = log_text(MEETING)

    for event in log_events([entry(MEETING)]):
        assert text[event.citation.start : event.citation.end] == event.citation.quote


def test_who_proposes_and_who_objects_makes_the_kind() -> None:
    told = [(e.kind, e.actor, e.citation.quote) for e in log_events([entry(MEETING)])]

    assert told[0][:2] == ("meeting", "parent")
    assert told[1:] == [
        ("proposal", "school", "Proposed by the school: reduce speech"),
        ("proposal", "school", "Proposed by Lee Hale: a smaller group"),
        ("request", "parent", "Proposed by the parent: an aide"),
        ("objection", "parent", "Objected to by the parent: the cut"),
        ("refusal", "school", "Objected to by Ms. Ortiz: the aide"),
    ]  # what the doctor proposed, and what nobody knows the side of, is told in the meeting alone


@pytest.mark.parametrize(
    ("who", "side"),
    [
        ("the district", Actor.SCHOOL),
        ("Dana", Actor.SCHOOL),
        ("Maya's mother", Actor.PARENT),
        ("our attorney", Actor.PARENT),
        ("the school's attorney", Actor.SCHOOL),
        ("somebody", Actor.OTHER),
        ("Ms. Sato", Actor.SCHOOL),
        ("Russ", Actor.PARENT),
        ("I", Actor.PARENT),
    ],
)
def test_sides(who: str, side: Actor) -> None:
    more = (Attendee("I. Sato", "child psychologist"), Attendee("Russ", "father"))
    assert side_of(who, (DANA, LEE, *more)) is side


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (24, "Told of it on Tue, February 24, 2026, 8 days before"),
        (3, "Told of it on Tue, March 3, 2026, 1 day before"),
        (4, "Told of it on Wed, March 4, 2026, the same day"),
        (6, "Told of it on Fri, March 6, 2026, 2 days after"),
    ],
)
def test_how_long_before_a_meeting_the_parent_was_told_is_counted(day: int, said: str) -> None:
    told = replace(MEETING, noticed=date(2026, 2 if day > 20 else 3, day), agenda="The cut\nESY")

    assert log_text(told).splitlines()[1] == said
    assert "Agenda: The cut\nESY\nProposed by the school" in log_text(told)
    assert "early" not in log_text(told)
    for event in log_events([entry(told)]):
        assert event.citation.quote in log_text(told)


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (LogKind.CALL, {"agenda": "ESY"}, "belong to a meeting"),
        (LogKind.MEETING, {"noticed": "2026-03-21"}, "still to come"),
        (LogKind.MEETING, {"noticed": "2025-02-24", "agenda": "ESY"}, "more than a year before"),
        (LogKind.MEETING, {"noticed": "2026-02-24"}, "says nothing yet"),
    ],
)
def test_an_agenda_and_a_notice_that_cannot_be(
    kind: LogKind, fields: dict[str, str], said: str
) -> None:
    record, problems = read_record(kind, {"date": "2026-03-04", "words": "", **fields}, TODAY)

    assert record is None
    assert said in " ".join(problems)


def test_an_edited_entry_keeps_its_name_and_shows_both_days() -> None:
    before, now = MEETING, replace(MEETING, words="Longer.")

    (only,) = log_summaries([entry(now, before)]).values()

    assert only.digest == "5" * 64
    assert only.record is not None
    assert (only.record.entered.day, only.record.changed) == (15, datetime(2026, 3, 16, tzinfo=UTC))
    assert only.record.link == "6" * 64


def test_a_withdrawn_entry_tells_nothing() -> None:
    gone = entry(None, MEETING)

    assert list(log_events([gone])) == list(log_contents([gone])) == []
    assert log_summaries([gone]) == {}


@pytest.mark.parametrize(
    ("people", "private", "standing"),
    [
        ((DANA,), False, Standing.RECORD),
        ((DANA,), True, Standing.PRIVATE),
        ((Attendee("J. Partner", "our attorney"),), False, Standing.PRIVILEGED),
        ((Attendee("J. Partner", "advocate"), Attendee("Russ", "father")), False,
         Standing.PRIVILEGED),
        ((Attendee("I. Sato", "attorney"),), False, Standing.PRIVILEGED),
        ((Attendee("J. Partner", "advocate"), DANA), False, Standing.RECORD),
        ((Attendee("A. Board", "the district's attorney"),), False, Standing.RECORD),
    ],
)  # fmt: skip
def test_a_talk_with_nobody_but_the_attorney_is_privileged(
    people: tuple[Attendee, ...], private: bool, standing: Standing
) -> None:
    found = entry(replace(MEETING, people=people, private=private))

    assert [told for _, told in log_contents([found])] == [standing]
    assert [s.standing for s in log_summaries([found]).values()] == [standing]


def test_an_attorney_is_known_by_the_name_in_the_mail() -> None:
    call = entry(replace(MEETING, kind=LogKind.CALL, people=(Attendee("Mr. Partner", ""),)))

    assert [told for _, told in log_contents([call], ["Jo Partner"])] == [Standing.PRIVILEGED]
    assert [told for _, told in log_contents([call], ["Jo Other"])] == [Standing.RECORD]


def test_a_note_about_the_attorney_stays_and_one_about_the_district_s_does_not() -> None:
    for words, standing in (
        ("Ask our lawyer about stay-put.", Standing.PRIVILEGED),
        ("The school’s attorney sat in the front row.", Standing.RECORD),
    ):
        note = entry(Record(LogKind.NOTE, date(2026, 3, 4), words=words))
        assert [told for _, told in log_contents([note])] == [standing]


@pytest.mark.parametrize(
    ("text", "read"),
    [("3 pm", "15:00"), ("3:05 a.m.", "03:05"), ("15:10", "15:10"), ("12 am", "00:00")],
)
def test_times(text: str, read: str) -> None:
    assert read_time(text) == read


@pytest.mark.parametrize("text", ["3", "25:00", "13 pm", "noon", ""])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"time of day|am or pm"):
        read_time(text)


@given(kind=st.sampled_from(LogKind), fields=st.dictionaries(
    st.sampled_from(["date", "end", "begins", "ends", "service", "minutes", "given", "reason",
                     "words", "private", "agenda", "noticed"]),
    st.text(st.characters(), max_size=12)))  # fmt: skip
def test_whatever_is_typed_is_an_entry_or_a_list_of_sentences(
    kind: LogKind, fields: dict[str, str]
) -> None:
    record, problems = read_record(kind, fields, TODAY)

    assert (record is None) == bool(problems)
    assert all(problem.strip() for problem in problems)


def test_small_readers() -> None:
    assert [read_minutes(text) for text in ("30", " 30 min ", "45 minutes")] == [30, 30, 45]
    assert [read_given(text) for text in ("Yes", "not given", "0")] == [True, False, False]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("reducing speech", True),
        ('"reduce speech"', True),
        ('"speech reduce"', False),
        ("reduc* -bus", True),
        ("reduce -aide", False),
        ("kind:objection", True),
        ("during:2026-03", True),
        ("before:2026-03-04", False),
        ("from:dana", False),
        ("subject:meeting", False),
    ],
)
def test_a_search_finds_entries_in_the_same_language(query: str, found: bool) -> None:
    node = parse(query, lambda words: read_days(words, TODAY) is not None)

    assert search_log(node, [entry(MEETING), entry(None, MEETING)], TODAY) == (
        [entry(MEETING)] if found else []
    )
