"""When the nightly job is due, over clocks that are put forward, back, and wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.timetable import Situation, Timetable, due

ZONES = [
    "America/Phoenix",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # had no 30 December 2011 at all
    "Africa/Casablanca",
    "UTC",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
tables = st.builds(Timetable, st.times().map(lambda t: t.replace(second=0, microsecond=0)), zones)
moments = st.datetimes(datetime(2008, 1, 1), datetime(2037, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
NEW_YORK = Timetable(time(2, 30), ZoneInfo("America/New_York"))
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
# The longest way from one slot to the next: a day of 25 hours.
A_NIGHT = timedelta(hours=25)


def situations(now: datetime) -> st.SearchStrategy[Situation]:
    when = st.none() | st.timedeltas(timedelta(days=-900), timedelta(days=900)).map(
        lambda ago: now - ago
    )
    return st.builds(Situation, when, when, st.integers(0, 5000), st.booleans(), when)


def test_a_time_that_is_skipped_comes_after_the_gap_and_of_two_the_first_is_taken() -> None:
    assert NEW_YORK.slot(date(2026, 3, 8)).astimezone(NEW_YORK.zone).time() == time(3, 30)
    fall = Timetable(time(1, 30), NEW_YORK.zone)
    assert fall.slot(date(2026, 11, 1)) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@given(tables, moments)
@example(Timetable(time(2), ZoneInfo("Pacific/Apia")), datetime(2011, 12, 30, 12, tzinfo=UTC))
def test_every_moment_lies_between_two_slots(table: Timetable, now: datetime) -> None:
    before, after = table.latest(now), table.following(now)

    assert before <= now < after
    assert timedelta(hours=22) <= after - before <= A_NIGHT or "Apia" in table.zone.key
    assert table.latest(after) == after
    assert table.following(before) == after


@given(st.data(), tables, moments, st.floats(0, 1))
def test_it_is_due_by_the_next_slot_whatever_was_noted(
    data: st.DataObject, table: Timetable, now: datetime, jitter: float
) -> None:
    """A clock that was years ahead and was put right must not stop the job for years."""
    so_far = data.draw(situations(now))

    assert due(table, so_far, now, jitter) <= table.following(now)


@given(tables, moments, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_night_that_was_missed_is_due_at_once_and_one_that_was_not_is_not(
    table: Timetable, now: datetime, ago: timedelta
) -> None:
    good = now - ago
    missed = good < table.latest(now)

    assert (due(table, Situation(good, good), now) <= now) is missed
    assert (table.nights_behind(good, now) > 0) is missed


@given(tables, moments, st.integers(1, 60))
def test_nights_are_counted_as_the_calendar_does(
    table: Timetable, now: datetime, nights: int
) -> None:
    last = table.night_of(now)
    good = table.slot(last - timedelta(days=nights))

    assert table.nights_behind(good, now) == nights or "Apia" in table.zone.key
    assert table.nights_behind(now + AN_HOUR, now) == 0


@given(st.lists(st.integers(-400, 400) | st.sampled_from([0] * 8), max_size=40), zones, moments)
def test_no_night_is_left_out_however_the_clock_jumps(
    jumps: list[int], zone: ZoneInfo, start: datetime
) -> None:
    """Time goes by in slices of six hours; before each, somebody sets the clock by some hours.

    However it is set, the job is done again within one night and a slice of time that really
    passed, unless the clock was only ever moved back within that time.
    """
    table = Timetable(time(2), zone)
    clock, waited = start, timedelta(0)
    good: datetime | None = None
    for jump in jumps:
        clock += jump * AN_HOUR
        if due(table, Situation(good, good), clock) <= clock:
            good, waited = clock, timedelta(0)
        assert waited <= A_NIGHT + 6 * AN_HOUR
        clock += 6 * AN_HOUR
        waited += 6 * AN_HOUR


def test_where_the_computer_is_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parent who travels has the school's nights, not those of the hotel."""
    import time as clock

    now, good = datetime(2026, 3, 9, 5, tzinfo=UTC), datetime(2026, 3, 8, 12, tzinfo=UTC)
    answers = set()
    for zone in ("America/New_York", "Asia/Tokyo", "Pacific/Kiritimati"):
        monkeypatch.setenv("TZ", zone)
        clock.tzset()
        answers.add(due(NEW_YORK, Situation(good, good), now))
    monkeypatch.undo()
    clock.tzset()

    assert answers == {datetime(2026, 3, 9, 6, 30, tzinfo=UTC)}


def test_a_network_that_is_gone_is_tried_again_more_and_more_rarely_but_every_hour() -> None:
    tried = datetime(2026, 3, 9, 12, tzinfo=UTC)
    waits = [
        (due(NEW_YORK, Situation(None, tried, n), tried) - tried) / timedelta(minutes=1)
        for n in (1, 2, 3, 4, 5, 6, 7, 8, 500)
    ]

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert due(NEW_YORK, Situation(None, tried, 8), tried, 1.0) - tried == timedelta(minutes=30)


def test_a_refused_password_is_tried_once_more_and_then_not_before_the_next_night() -> None:
    """Providers lock accounts that log in wrongly again and again."""
    tried = datetime(2026, 3, 9, 12, tzinfo=UTC)

    once = due(NEW_YORK, Situation(None, tried, 1, passing=False), tried)
    again = due(NEW_YORK, Situation(None, tried, 2, passing=False), tried)

    assert once == tried + AN_HOUR
    assert again == datetime(2026, 3, 10, 6, 30, tzinfo=UTC)


def test_new_mail_is_looked_at_soon_but_not_every_minute() -> None:
    good = datetime(2026, 3, 9, 12, tzinfo=UTC)
    soon = due(NEW_YORK, Situation(good, good, mail=good + AN_HOUR), good + AN_HOUR)
    often = due(NEW_YORK, Situation(good, good, mail=good + A_DAY / 1440), good + A_DAY / 1440)

    assert soon == good + AN_HOUR + timedelta(minutes=1)
    assert often == good + timedelta(minutes=10)
