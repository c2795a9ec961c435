"""Whose words each run of a body is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.model import Source
from indexers.own_words import mark_spans
from indexers.stated_days import stated_day
from tests.indexers.own_words_cases import Case, cases

OWN = "She missed speech again on Tuesday.\n"


def own(body: str, *, forwarded: bool = False) -> str:
    spans = mark_spans(body, forwarded=forwarded)
    return "".join(body[s.start : s.end] for s in spans if s.kind == "own").strip()


STYLES = {
    "gmail": "On Tue, Mar 3, 2026 at 9:12 AM Dana <dana@school.example> wrote:\n\n> Old.\n> x",
    "gmail wrapped": "On Tue, Mar 3, 2026 at 9:12 AM Dana\n<dana@school.example>\nwrote:\n> Old.",
    "apple": "> On Mar 3, 2026, at 9:12 AM, Dana Ortiz <dana@school.example> wrote:\n> \n> Old.",
    "yahoo": "On Tuesday, March 3, 2026 at 9:12:00 AM MST, Dana <d@s.example> wrote:\n\nOld.\n",
    "outlook": dedent("""\
        From: Ortiz, Dana <dana@school.example>
        Sent: Tuesday, March 3, 2026 9:12 AM
        To: Mum <mum@mail.example>
        Subject: Speech

        Old.
        """),
    "outlook with a rule": dedent("""\
        ________________________________
        From: Ortiz, Dana <dana@school.example>
        Sent: Tuesday, March 3, 2026 9:12 AM
        To: Mum
        Subject: Speech

        Old.
        """),
    "original message": dedent("""\
        -----Original Message-----
        From: Dana
        Sent: Tuesday, March 3, 2026
        To: Mum
        Subject: x

        Old.
        """),
    "thunderbird": "On 3/3/26 9:12 AM, Dana Ortiz wrote:\n> Old.\n",
    "spanish": "El mar, 3 mar 2026 a las 9:12, Dana (<dana@school.example>) escribió:\n> Old.\n",
    "spanish outlook": "De: Dana\nEnviado: martes, 3 de marzo\nPara: Mum\nAsunto: x\n\nOld.\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_what_is_quoted_is_not_the_author_s(style: str) -> None:
    assert own(OWN + "\n" + STYLES[style]) == OWN.strip()


def test_answers_between_quoted_lines_are_the_author_s() -> None:
    body = "> Is Tuesday good?\n\nNo, Thursday.\n\n> And the aide?\n\nStill none.\n"

    assert own(body).split("\n\n") == ["No, Thursday.", "Still none."]


@pytest.mark.parametrize(
    "prose",
    [
        "On Tuesday Ms. Smith wrote: she will be out, and so it was.\n",
        "From: 10:00\nTo: 11:00\nthat is when he was alone.\n",
        "On Monday you wrote:\nthat he had his aide. He did not.\n",
        "Subject: the bus. It was late.\n",
        "Sent him home at noon from school because of my phone call.\n",
    ],
)
def test_prose_that_looks_like_an_attribution_stays_the_author_s(prose: str) -> None:
    """Losing a parent's own sentence is worse than keeping a quoted one."""
    assert own(prose) == prose.strip()


FILES = ("plain.txt", "pages.txt", "held_out.txt", "held_out_html.txt")
WRITTEN = [case for name in FILES for case in cases(name)]


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.name)
def test_every_line_is_told_apart(case: Case) -> None:
    """Replies in the styles of ten programs, and letters that only look like them."""
    assert case.found() == case.expected()


def test_a_quote_says_whose_it_is() -> None:
    """A forwarded letter counts with its own author and day where nobody holds the original."""
    body = (
        "See.\n\nFrom: Ortiz, Dana <Dana@school.example>\nSent: Tuesday, March 3, 2026 9:12 AM\n"
        "To: Mum\nSubject: x\n\nOld.\n\nOn Mon, Mar 2, 2026 at 8:00 AM Mum <mum@mail.example>"
        " wrote:\n> Older.\n"
    )

    found = [(s.source, body[s.start : s.end].strip()) for s in mark_spans(body) if s.source]

    assert found == [
        (
            Source(
                "Ortiz, Dana",
                "dana@school.example",
                "Tuesday, March 3, 2026 9:12 AM",
                date(2026, 3, 3),
            ),
            "Old.",
        ),
        (
            Source("Mum", "mum@mail.example", "Mon, Mar 2, 2026 at 8:00 AM", date(2026, 3, 2)),
            "> Older.",
        ),
    ]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("3/2/26 3:15 PM", date(2026, 3, 2)),
        ("3/2/26 15:15", None),
        ("13/2/26 15:15", date(2026, 2, 13)),
        ("2. März 2026 um 15:15", date(2026, 3, 2)),
        ("lun, 2 de mar. de 2026 a la(s) 3:15", date(2026, 3, 2)),
        ("31 June 2026", None),
    ],
)
def test_a_day_that_may_be_two_days_is_none(words: str, day: date | None) -> None:
    assert stated_day(words) == day


def test_signatures_devices_and_notices_say_nothing() -> None:
    body = (
        OWN + "\nSent from my iPhone\n\n-- \nDana Ortiz\nSpeech\n\n"
        "On Tue, Mar 3, 2026 at 9:12 AM X <x@y.example> wrote:\n> old\n"
    )
    notice = (
        OWN + "\nCONFIDENTIALITY NOTICE: This e-mail is intended for the addressee.\nAnd more.\n"
    )

    assert own(body) == OWN.strip()
    assert own(notice) == OWN.strip()


def test_what_is_forwarded_is_told_apart_from_what_is_quoted() -> None:
    body = (
        "See below.\n\n---------- Forwarded message ---------\n"
        "From: Dana <d@school.example>\nDate: Tue, Mar 3, 2026\nSubject: x\nTo: Mum\n\n"
        "No speech today.\n"
    )

    kinds = [s.kind.value for s in mark_spans(body)]

    assert kinds == ["own", "attribution", "forwarded"]


@given(st.text(alphabet=">:- \nOnFrom:wrote@1Sent", max_size=300), st.booleans())
def test_the_spans_cover_the_body(body: str, forwarded: bool) -> None:
    spans = mark_spans(body, forwarded=forwarded)

    assert "".join(body[s.start : s.end] for s in spans) == body
    assert all(a.end == b.start and replace(a, start=0, end=0) != replace(b, start=0, end=0)
               for a, b in pairwise(spans))  # fmt: skip


@given(st.text(max_size=300), st.text(max_size=10))
def test_any_text_is_read(body: str, author: str) -> None:
    assert sum(s.end - s.start for s in mark_spans(body, author=author)) == len(body)


@pytest.mark.parametrize(
    "piece",
    [">", "On On On ", "From: ", "From: x\n", "On 1\n", "-", "\n", "> \nOn 1 wrote:\n", "--\n",
     "-----------\n", "Thanks,\nA\n\n", "Dana <a@b.example> wrote:\n\n"],
)  # fmt: skip
def test_malice_is_read_to_its_end(piece: str) -> None:
    """Libraries for this hang for minutes on such bodies (measured); so would this test."""
    body = piece * (50_000 // len(piece))

    assert sum(span.end - span.start for span in mark_spans(body)) == len(body)
