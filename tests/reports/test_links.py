"""What else in the archive speaks to an entry."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.model import Digest, Person, Standing
from archiver.roles import AddressBook
from indexers.model import Actor, Citation, Event, EventKind, Precision, Status
from indexers.query import MessageSummary
from reports.chronology import build_chronology
from reports.formats import render
from reports.links import link_entries
from reports.model import Chronology, Entry, OwnRecord, ReportFacts, Tie
from reports.render_html import render_html
from reports.render_rows import csv_rows, render_jsonl, table_rows
from reports.render_sheet import chronology_rows
from reports.view import Report, View, make_report
from tests.reports.test_formats import text_of

ZONE = ZoneInfo("America/Chicago")
BOOK = AddressBook.of(school=["school.example"], parent=["mum@home.example"])
THROUGH = date(2026, 4, 1)
SCHOOL, PARENT = Person("Paul Amsel", "p@school.example"), Person("Mum", "mum@home.example")


def message(name: str, day: int, sender: Person) -> MessageSummary:
    return MessageSummary(
        Digest(name * 64), f"<{name}@x>", datetime(2026, 3, day, 18, tzinfo=UTC), sender, (),
        "Sessions", Standing.SCHOOL,
    )  # fmt: skip


MESSAGES = {
    m.digest: m
    for m in (
        message("a", 4, SCHOOL),
        message("b", 6, PARENT),
        message("c", 9, SCHOOL),
        message("d", 20, PARENT),
    )
}
ONE_THREAD = dict.fromkeys(MESSAGES, "t")


def event(name: str, kind: EventKind, on: int, **more: object) -> Event:
    facts: dict[str, object] = {
        "on": date(2026, 3, on), "end": None, "precision": Precision.DAY, "actor": Actor.SCHOOL,
        "service": None, "minutes": None, "reason": None, "topics": (), "confidence": 0.5,
        "rule": "test", **more,
    }  # fmt: skip
    cited = Citation(f"<{name}@x>", Digest(name * 64), "body", None, "words", 0, 5)
    return Event(kind=kind, citation=cited, **facts)  # type: ignore[arg-type]


def linked(
    *events: Event, threads: dict[Digest, str] = ONE_THREAD, messages: object = None
) -> list[Entry]:
    known = MESSAGES if messages is None else messages
    chronology = build_chronology(events, known)  # type: ignore[arg-type]
    return list(
        link_entries(
            chronology, known, threads, BOOK, ZONE, THROUGH, whole=messages is None
        ).entries  # type: ignore[arg-type]
    )


def said(entry: Entry) -> list[tuple[Tie, str]]:
    return [(link.tie, link.words) for link in entry.links]


def test_given_and_not_given_stand_side_by_side() -> None:
    """Neither is dropped, and nobody is said to be right."""
    given, missed = linked(
        event("a", EventKind.DELIVERED_SERVICE, 3, service="speech"),
        event("b", EventKind.MISSED_SERVICE, 3, service="speech"),
    )

    assert said(given) == [
        (Tie.AGAINST, "Also reported as not given, by Mum (Tue, March 3, 2026).")
    ]
    assert said(missed) == [
        (Tie.AGAINST, "Also reported as given, by Paul Amsel (Tue, March 3, 2026).")
    ]
    assert (given.links[0].entry, missed.links[0].entry) == (missed.id, given.id)


def test_another_service_or_another_day_is_no_conflict() -> None:
    entries = linked(
        event("a", EventKind.DELIVERED_SERVICE, 3, service="speech"),
        event("b", EventKind.MISSED_SERVICE, 3, service="ot"),
        event("b", EventKind.MISSED_SERVICE, 10, service="speech"),
    )

    assert [entry.links for entry in entries] == [(), (), ()]


def test_sessions_of_which_nobody_says_the_service_do_not_speak_against_each_other() -> None:
    """A math lesson was given, speech was not, and neither letter names its service."""
    entries = linked(
        event("a", EventKind.DELIVERED_SERVICE, 3, service="other"),
        event("b", EventKind.MISSED_SERVICE, 3, service="other"),
    )

    assert [entry.links for entry in entries] == [(), ()]


def test_two_days_for_one_session_are_shown_at_both() -> None:
    first, second = linked(
        event("a", EventKind.MISSED_SERVICE, 3, service="speech"),
        event("b", EventKind.MISSED_SERVICE, 4, service="speech"),
    )

    assert said(first) == [
        (Tie.OTHER_DAY, "In the same thread Mum names another day: Wed, March 4, 2026.")
    ]
    assert [tie for tie, _ in said(second)] == [Tie.OTHER_DAY]


def test_days_inside_a_range_are_said_to_be() -> None:
    whole, day = linked(
        event("b", EventKind.MISSED_SERVICE, 2, end=date(2026, 3, 6), service="aide"),
        event("a", EventKind.MISSED_SERVICE, 3, service="aide"),
    )

    assert [tie for tie, _ in said(whole)] == [Tie.OVERLAP]
    assert "March 2, 2026 to Fri, March 6" in day.links[0].words


def test_an_objection_is_linked_to_what_it_follows_and_to_what_came_next() -> None:
    offer, objection, answer = linked(
        event("a", EventKind.PROPOSAL, 4, topics=("services",)),
        event("b", EventKind.OBJECTION, 6, topics=("services",)),
        event("c", EventKind.REFUSAL, 9, topics=("services",)),
    )

    assert said(offer) == [
        (Tie.FOLLOWED, "An objection follows on Fri, March 6, 2026, in the same thread.")
    ]
    assert said(objection) == [
        (Tie.FOLLOWS, "Follows what was proposed on Wed, March 4, 2026, in the same thread."),
        (Tie.FOLLOWED, "The school writes again in the same thread on Mon, March 9, 2026."),
    ]
    assert (objection.links[0].days, objection.links[1].days) == (2, 3)
    assert answer.links == ()


def test_without_a_thread_only_a_particular_topic_links() -> None:
    apart: dict[Digest, str] = {}
    linked_ = linked(
        event("a", EventKind.PROPOSAL, 4, topics=("transport",)),
        event("b", EventKind.OBJECTION, 6, topics=("transport",)),
        threads=apart,
    )
    not_linked = linked(
        event("a", EventKind.PROPOSAL, 4, topics=("services",)),
        event("b", EventKind.OBJECTION, 6, topics=("services",)),
        threads=apart,
    )

    assert said(linked_[1])[0][1].endswith("about the same topic.")
    assert [entry.links for entry in not_linked] == [(), ()]


def test_a_request_has_its_first_reply_or_none_is_said_to_be_found() -> None:
    answered, open_ = linked(
        event("b", EventKind.REQUEST, 6, actor=Actor.PARENT),
        event("d", EventKind.REQUEST, 20, actor=Actor.PARENT),
    )

    assert [(link.tie, link.words, link.days) for link in answered.links] == [
        (
            Tie.REPLY,
            "The school’s first later message in the same thread: Mon, March 9, 2026, by Paul Amsel"
            " (3 days later).",
            3,
        )
    ]
    assert [(link.tie, link.words, link.days) for link in open_.links] == [
        (
            Tie.NO_REPLY,
            "No reply found in this archive as of Wed, April 1, 2026 (12 days later).",
            12,
        )
    ]


def test_a_withheld_message_answers_nothing_and_is_not_denied() -> None:
    """The reply is in the archive and stays there: that none was found there would be false."""
    shown = {d: m for d, m in MESSAGES.items() if d != Digest("c" * 64)}

    (request,) = linked(event("b", EventKind.REQUEST, 6), messages=shown)

    assert said(request) == [
        (
            Tie.NO_REPLY,
            "No reply found in the mail that this report draws on as of Wed, April 1, 2026 "
            "(26 days later).",
        )
    ]


def test_a_first_reply_is_the_first_of_the_mail_that_is_shown() -> None:
    shown = {d: m for d, m in MESSAGES.items() if d != Digest("a" * 64)}

    (request,) = linked(event("b", EventKind.REQUEST, 6), messages=shown)

    assert [words for _, words in said(request)] == [
        "The school’s first later message in the same thread, of the mail that this report draws "
        "on: Mon, March 9, 2026, by Paul Amsel (3 days later)."
    ]


def test_every_output_has_the_links() -> None:
    chronology = build_chronology([event("d", EventKind.REQUEST, 20)], MESSAGES)
    chronology = link_entries(chronology, MESSAGES, ONE_THREAD, BOOK, ZONE, THROUGH, whole=True)
    facts = ReportFacts(
        "Noor", ZONE, datetime(2026, 4, 1, tzinfo=UTC), 4, None, None, (), 0, Digest("f" * 64)
    )
    words = "No reply found in this archive as of Wed, April 1, 2026 (12 days later)."

    (record,) = map(json.loads, render_jsonl(chronology).splitlines())
    page = render_html(make_report(chronology, facts, View(), numbers={}, book=BOOK))

    assert record["links"] == [{"how": "no_reply", "entry": None, "words": words, "days": 12}]
    assert words in next(iter(table_rows(chronology)))[3]
    assert next(iter(csv_rows(chronology, ZONE)))["links"] == words
    assert words in page


def test_a_link_tells_nothing_that_the_view_leaves_out() -> None:
    """Where only what a person confirmed is shown, no unreviewed claim stands in a link."""
    given = event("a", EventKind.DELIVERED_SERVICE, 4, service="speech", status=Status.CONFIRMED)
    missed = event("b", EventKind.MISSED_SERVICE, 4, service="speech")
    both = Chronology(tuple(linked(given, missed)))
    facts = ReportFacts("Maya", ZONE, datetime(2026, 4, 1, tzinfo=UTC), 4, None, None, (), 0, "")

    def links(view: View) -> list[int]:
        report = make_report(both, facts, view, numbers={}, book=BOOK)
        return [len(line.links) for line in report.lines]

    assert links(View()) == [1, 1]
    assert links(View(confirmed_only=True)) == [0]


NUMBERED = ("html", "pdf", "docx", "xlsx", "csv", "json", "ics")


def about_one_session(view: View) -> Report:
    """A session told both ways, and what is said to be of it; the other line has number 4711."""
    given = event("a", EventKind.DELIVERED_SERVICE, 4, service="speech", status=Status.CONFIRMED)
    missed = event("b", EventKind.MISSED_SERVICE, 4, service="speech", status=Status.CONFIRMED)
    asked = event("d", EventKind.REQUEST, 20, actor=Actor.PARENT, status=Status.CONFIRMED)
    entries = linked(given, missed, asked)
    numbers = {entry.id: 4711 + place for place, entry in enumerate(entries)}
    facts = ReportFacts("Maya", ZONE, datetime(2026, 4, 1, tzinfo=UTC), 4, None, None, (), 0, "")
    return make_report(Chronology(tuple(entries)), facts, view, numbers=numbers, book=BOOK)


@pytest.mark.parametrize("form", NUMBERED)
def test_on_paper_an_entry_names_the_number_of_the_other(form: str) -> None:
    """A hearing officer gets PDF or Word: what speaks against an entry must stand there, too."""
    content, _ = render(about_one_session(View(confirmed_only=True)), Path(f"x.{form}"))

    shown = " ".join(text_of(content, form).split())
    if form == "html":
        shown = re.sub("<[^>]*>", "", shown)
    if form == "json":
        lines = json.loads(content)["lines"]
        shown = " ".join(f"{k['words']} See No. {k['number']}." for x in lines for k in x["links"])
    against = "Also reported as not given, by Mum (Wed, March 4, 2026). See No. 4712"
    assert against in shown
    assert "Also reported as given, by Paul Amsel (Wed, March 4, 2026). See No. 4711" in shown
    assert "No reply found in this archive as of Wed, April 1, 2026 (12 days later)." in shown


def test_a_line_of_another_view_is_said_to_be_in_the_full_chronology() -> None:
    offer = event("a", EventKind.PROPOSAL, 4, topics=("transport",), status=Status.CONFIRMED)
    objection = event("b", EventKind.OBJECTION, 6, topics=("bus",), status=Status.CONFIRMED)
    entries = linked(offer, objection)
    facts = ReportFacts("Maya", ZONE, datetime(2026, 4, 1, tzinfo=UTC), 4, None, None, (), 0, "")
    numbers = {entry.id: place for place, entry in enumerate(entries, 1)}
    view = View(about="transport", confirmed_only=True)

    report = make_report(Chronology(tuple(entries)), facts, view, numbers=numbers, book=BOOK)

    assert [[link.said for link in line.links] for line in report.lines] == [
        ["An objection follows on Fri, March 6, 2026, in the same thread. See No. 2 of the full "
         "chronology."]
    ]  # fmt: skip


def test_the_spreadsheet_has_what_came_back_in_a_column_of_its_own() -> None:
    rows = list(chronology_rows(about_one_session(View()).lines))

    assert [bool(row["Response"]) for row in rows] == [False, False, True]
    assert [bool(row["See also"]) for row in rows] == [True, True, False]


def test_what_a_person_dismissed_speaks_to_nothing() -> None:
    given = event("a", EventKind.DELIVERED_SERVICE, 4, service="speech")
    missed = event("b", EventKind.MISSED_SERVICE, 4, service="speech", status=Status.DISMISSED)

    assert [entry.links for entry in linked(given, missed)] == [(), ()]


def test_the_parents_own_record_is_no_letter_that_waits_for_a_reply() -> None:
    asked = linked(event("b", EventKind.REQUEST, 6))[0]
    told = replace(
        asked.sources[0],
        record=OwnRecord(1, datetime(2026, 3, 6, tzinfo=UTC), None, 4, Digest("e" * 64)),
    )
    entries = Chronology((replace(asked, sources=(told,), links=()),))

    found = link_entries(entries, MESSAGES, ONE_THREAD, BOOK, ZONE, THROUGH, whole=True)

    assert found.entries[0].links == ()
