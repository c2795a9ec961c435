"""Pages that Word fills with markup of its own, and pages made to do harm."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from archiver.headers import read_headers
from archiver.outlook_rtf import rtf_text
from indexers.html import read_html
from indexers.message_dates import choose_date, dates_of
from indexers.model import DateSource
from indexers.own_words import mark_spans

QUOTE = "<blockquote type=cite>THEIR words</blockquote>"


@pytest.mark.parametrize(
    "before",
    [
        "<!--[if gte mso 9]>" + "<w:LsdException/>" * 450 + "<![endif]-->",  # the head Word writes
        "".join(f"<p>line {n}" for n in range(450)),  # nobody closed them
        "<ul>" + "<li>one" * 450 + "</ul>",
        "<table>" + "<tr><td>a<td>b" * 300 + "</table>",
        "<!--> shown -->" + "<i></i>" * 9000,
    ],
)
def test_what_is_quoted_stays_quoted_below_much_markup(before: str) -> None:
    text = read_html(f"<p>mine</p>{before}{QUOTE}").text

    assert "\n> THEIR words\n" in text
    assert text.startswith("mine")


@pytest.mark.parametrize(
    "unit", ["<b></x>", "<div></x>", "<font>", "<p><b>", "<table><tr>", "<td>&nbsp;</td>"]
)
def test_a_page_takes_time_in_proportion_to_its_length(unit: str) -> None:
    began = time.process_time()
    read_html("<table><tr>" + unit * 20_000)
    assert time.process_time() - began < 5  # minutes, once


@pytest.mark.parametrize(
    "unit",
    ["> a?\nyes\n", "Dana <d@school.example> wrote:\n---- end of forwarded message\n"],
)
def test_a_body_takes_time_in_proportion_to_its_length(unit: str) -> None:
    began = time.process_time()
    mark_spans(unit * 10_000)
    assert time.process_time() - began < 5


RECEIVED = "Received: by mx.example; Tue, 3 Mar 2026 22:30:05 -0500\r\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Tue, 3 Mar 2026 22:30:00", "no time zone"),
        ("Tue, 3 Mar 2026 22:30:00 PT", "no time zone"),
        ("Tue, 3 Mar 2026 10:30:00 PM -0500", "AM or PM"),
    ],
)
def test_a_header_that_names_no_certain_moment_gives_way_to_the_servers(
    words: str, said: str
) -> None:
    headers = read_headers(f"{RECEIVED}Date: {words}\r\n\r\n".encode())
    at, source, defects = choose_date(dates_of(headers, None))

    assert (at, source) == (
        datetime.fromisoformat("2026-03-03T22:30:05-05:00"),
        DateSource.RECEIVED,
    )
    assert said in defects[0]


def test_where_no_server_tells_it_is_taken_as_it_stands_and_said_so() -> None:
    headers = read_headers(b"Date: Tue, 3 Mar 2026 22:30:00\r\n\r\n")
    at, source, defects = choose_date(dates_of(headers, None))

    assert (at, source) == (datetime(2026, 3, 3, 22, 30, tzinfo=UTC), DateSource.HEADER)
    assert "no time zone" in defects[0]


@pytest.mark.parametrize("zone", ["-0000", "+0000", "GMT", "EST", "-0700"])
def test_a_zone_in_any_form_is_one(zone: str) -> None:
    headers = read_headers(f"{RECEIVED}Date: Tue, 3 Mar 2026 22:30:00 {zone}\r\n\r\n".encode())

    assert choose_date(dates_of(headers, None))[1:] == (DateSource.HEADER, ())


def test_rich_text_with_an_impossible_character_keeps_its_words() -> None:
    assert "Hello" in rtf_text(rb"{\rtf1 Hello\par \u9999999? Bye}")
    assert "Bye" in rtf_text(rb"{\rtf1 Hello\par \u9999999? Bye}")


def test_a_face_written_in_two_halves_is_one() -> None:
    assert rtf_text(rb"{\rtf1 \u55357?\u56832? ok}") == "\U0001f600 ok"
