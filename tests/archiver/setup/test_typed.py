"""What people type is understood or refused with a sentence; nothing they type breaks anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.setup import places, typed


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("8/4/2025", date(2025, 8, 4)),
        ("08/04/25", date(2025, 8, 4)),
        ("2025-08-04", date(2025, 8, 4)),
        ("Aug 4, 2025", date(2025, 8, 4)),
        ("August 4th, 2025", date(2025, 8, 4)),
        ("Sept. 4 2025", date(2025, 9, 4)),
        ("4 August 2025", date(2025, 8, 4)),
        ("", None),
    ],
)
def test_a_day_is_understood_as_it_is_written_here(text: str, day: date | None) -> None:
    assert typed.day(text) == day


@pytest.mark.parametrize(
    "text", ["2/30/2025", "13/1/2025", "tomorrow", "8/4", "8/4/1825", "Foo 4, 2025", "8/4/20255"]
)
def test_a_day_that_cannot_be_is_asked_for_again(text: str) -> None:
    with pytest.raises(ValueError, match=r"8/4/2025"):
        typed.day(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ann Lee <Ann@School.example>, bo@x.example", ["ann@school.example", "bo@x.example"]),
        ("a@b.example; a@b.example c@d.example", ["a@b.example", "c@d.example"]),
        ("https://www.lake.k12.az.us/home, @school.example", ["lake.k12.az.us", "school.example"]),
        ("zoë@schule.example", ["zoë@schule.example"]),
        ("", []),
    ],
)
def test_addresses_are_taken_as_people_paste_them(text: str, found: list[str]) -> None:
    assert typed.entries(text) == found


@pytest.mark.parametrize(
    "text", ["school", "a@b", "a@@b.example", "@", "a b@c.example", "x.example>"]
)
def test_what_is_no_address_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither an e-mail address|no e-mail address"):
        typed.entries(text)


def test_numbers_of_a_list_with_ranges() -> None:
    assert typed.picks("2 5 - 7, 9", 9) == {2, 5, 6, 7, 9}
    for text in ("0", "10", "3-", "a", "-1", "5-99999999999", "²"):
        with pytest.raises(ValueError, match="numbers 1 to 9"):
            typed.picks(text, 9)


def test_services_and_periods_by_the_words_that_people_have_for_them() -> None:
    said = ("Speech therapy", "OT", "occupational therapy", "1:1 aide", "bus", "6", "social work")
    assert [typed.service(text) for text in said] == [
        "speech", "ot", "ot", "aide", "transport", "aide", "social_work",
    ]  # fmt: skip
    for text, period in (("per week", "week"), ("Weekly", "week"), ("every 2 weeks", "2 weeks")):
        assert typed.period(text) == period
    with pytest.raises(ValueError, match="other"):
        typed.service("chess")


def test_a_state_and_a_zone_by_their_names() -> None:
    assert [places.find_state(t) for t in ("az", "Arizona", "new  york", "D.C.")] == [
        "AZ", "AZ", "NY", "DC",
    ]  # fmt: skip
    assert places.find_zone("Eastern time") == "America/New_York"
    assert places.find_zone("america/phoenix") == "America/Phoenix"
    for text in ("", "Nowhere", "UTC", "../etc/passwd"):
        with pytest.raises(ValueError, match="Eastern"):
            places.find_zone(text)
    assert places.zone_of("AZ", "America/Denver") == "America/Denver"  # the Navajo Nation
    assert places.zone_of("AZ", "Europe/Paris") == "America/Phoenix"
    assert (places.state_at("America/Phoenix"), places.state_at("America/Chicago")) == ("AZ", "")


def test_every_state_has_zones_that_there_are() -> None:
    for code, (name, *zones) in places._places()["state"].items():
        assert places.find_state(code) == places.find_state(name) == code
        assert [places.find_zone(zone) for zone in zones] == zones


@pytest.mark.parametrize("text", ["a\ufffdb", "a\x1b[Ab", "a\x00b", "\udce9", "x" * 3000])
def test_what_the_terminal_garbled_is_asked_for_again(text: str) -> None:
    with pytest.raises(ValueError, match=r"again|too long"):
        typed.clean(text)


@pytest.mark.parametrize(
    "check",
    [
        typed.clean, typed.address, typed.addresses, typed.entries, typed.names, typed.day,
        typed.count, typed.port, typed.period, typed.service, typed.yes_or_no, places.find_state,
        places.find_zone,
    ],
)  # fmt: skip
@given(st.text(max_size=30) | st.text("0123456789/-., @", max_size=14))
def test_whatever_is_typed_there_is_a_value_or_a_sentence(
    check: Callable[[str], object], text: str
) -> None:
    try:
        check(text)
    except ValueError as error:
        assert str(error).endswith((".", "."))  # noqa: PT017 - a sentence, not a library's message
