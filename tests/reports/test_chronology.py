"""Events to a chronology, and what may leave."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.cli.show import as_csv
from archiver.model import Digest, Person, Standing
from archiver.roles import AddressBook
from indexers.model import Actor, Citation, Event, EventKind, Precision, Source, Span, SpanKind
from indexers.query import MessageSummary
from reports.chronology import build_chronology
from reports.disclosure import Disclosure
from reports.model import Chronology, ReportFacts
from reports.page import PageUnwritableError, write_page
from reports.render_html import render_html as render_page
from reports.render_rows import csv_rows, render_jsonl, table_rows
from reports.selection import within
from reports.view import View, make_report

ZONE = ZoneInfo("America/Phoenix")
FACTS = ReportFacts(
    "Maya Lopez", ZONE, datetime(2026, 5, 1, 9, tzinfo=UTC), 3, date(2026, 3, 1), date(2026, 4, 1),
    (("scan.pdf", "It is a scan."),), 0, Digest("f" * 64),
)  # fmt: skip


def message(name: str, hour: int = 9, standing: Standing = Standing.SCHOOL) -> MessageSummary:
    return MessageSummary(
        Digest(name * 64),
        f"<{name}@x>",
        datetime(2026, 3, 5, hour, tzinfo=UTC),
        Person("Dana <b>Ortiz</b>", "dana@school.example"),
        (Person("", "mum@mail.example"),),
        "Speech \u202e& more",
        standing,
    )


def render_html(chronology: Chronology, facts: ReportFacts) -> str:
    book = AddressBook.of(school=["school.example"])
    return render_page(make_report(chronology, facts, View(), numbers={}, book=book))


MESSAGES = {
    m.digest: m
    for m in (
        message("a"),
        message("b", 10),
        message("c", 11, Standing.PRIVILEGED),
        message("d", 12, Standing.FAMILY),
    )
}


def event(
    name: str = "a",
    kind: EventKind = EventKind.MISSED_SERVICE,
    quote: str = "no speech",
    **more: object,
) -> Event:
    facts: dict[str, object] = {
        "on": date(2026, 3, 4), "end": None, "precision": Precision.DAY, "actor": Actor.SCHOOL,
        "service": "speech", "minutes": None, "reason": "unknown", "topics": (),
        "confidence": 0.5, "rule": "test", **more,
    }  # fmt: skip
    citation = Citation(f"<{name}@x>", Digest(name * 64), "body", None, quote, 0, len(quote))
    return Event(kind=kind, citation=citation, **facts)  # type: ignore[arg-type]


def test_two_tellings_of_a_missed_session_are_one_entry_with_both_sources() -> None:
    chronology = build_chronology(
        [event("b", minutes=30), event("a", reason="provider_absent")], MESSAGES
    )

    (entry,) = chronology.entries
    assert [s.citation.message_id for s in entry.sources] == ["<a@x>", "<b@x>"]
    assert (entry.minutes, entry.reason) == (30, "provider_absent")
    assert entry.summary == (
        "Speech therapy is reported as not given (30 minutes; the provider was absent)."
    )


def test_forwarded_words_are_shown_as_their_author_s() -> None:
    origin = Source("Jo Reed", "jo@school.example", "Mon, Mar 2", date(2026, 3, 2))
    span = Span(SpanKind.FORWARDED, 0, 40, source=origin)
    messages = {Digest("a" * 64): replace(message("a"), forwarded=(span,))}
    chronology = build_chronology([event()], messages)

    page = " ".join(re.sub(r"<[^>]*>", " ", render_html(chronology, FACTS)).split())
    (row,) = table_rows(chronology)
    (line,) = map(json.loads, render_jsonl(chronology).splitlines())
    assert "in what it forwards, by its own heading of Jo Reed on Mon, March 2, 2026" in page
    assert row[-1] == "Jo Reed, forwarded by Dana <b>Ortiz</b>"
    assert (line["sources"][0]["written_by"], line["sources"][0]["written_on"]) == (
        "Jo Reed",
        "2026-03-02",
    )


def test_other_kinds_are_an_entry_a_message() -> None:
    both = [event("a", EventKind.OBJECTION), event("b", EventKind.OBJECTION)]

    assert len(build_chronology(both, MESSAGES).entries) == 2


def test_another_service_another_day_or_another_range_is_another_entry() -> None:
    events = [
        event(),
        event("b", service="ot"),
        event("b", on=date(2026, 3, 3)),
        event("b", end=date(2026, 3, 6)),
    ]

    assert len(build_chronology(events, MESSAGES).entries) == 4


def test_the_order_of_events_changes_nothing() -> None:
    events = [event(n, on=date(2026, 3, d), minutes=d) for n in "abcd" for d in (2, 3, 4)]
    shuffled = list(events)
    random.Random(3).shuffle(shuffled)

    assert build_chronology(shuffled, MESSAGES) == build_chronology(events, MESSAGES)


def test_an_entry_keeps_its_id_when_another_telling_joins() -> None:
    """A person's decision is going to hang on it."""
    (alone,) = build_chronology([event("b")], MESSAGES).entries
    (joined,) = build_chronology([event("a"), event("b")], MESSAGES).entries

    assert alone.id == joined.id


def exported() -> Chronology:
    events = [
        event("a"),
        event("c", quote="SECRET strategy", minutes=41, reason="vacancy"),
        event("c", EventKind.ESCALATION, quote="SECRET filing"),
        event("d", EventKind.REQUEST, quote="SECRET between us"),
    ]
    open_mail = frozenset(d for d, m in MESSAGES.items() if m.standing is Standing.SCHOOL)
    disclosure = Disclosure(open_mail, {}, frozenset())
    return build_chronology(filter(disclosure.lets_out, events), MESSAGES)


def test_privileged_and_family_mail_reaches_no_export_not_even_as_a_number() -> None:
    chronology = exported()
    written = [
        render_html(chronology, FACTS),
        render_jsonl(chronology),
        as_csv(csv_rows(chronology, ZONE)),
        str(list(table_rows(chronology))),
    ]

    for text in written:
        assert "SECRET" not in text
        read = re.sub(r"<svg.*?</svg>|<style.*?</style>|[0-9a-f]{12,}", "", text, flags=re.S)
        assert "41" not in read  # minutes; coordinates of the picture and colours aside
        assert "vacan" not in text
    assert len(chronology.entries) == 1


def test_the_parent_s_own_timeline_marks_such_mail() -> None:
    chronology = build_chronology([event("c"), event("d", on=date(2026, 3, 9))], MESSAGES)

    assert [row[-1].rsplit(" ", 1)[-1] for row in table_rows(chronology)] == [
        "[privileged]",
        "[family]",
    ]


def test_json_lines_have_the_shape_of_the_contract() -> None:
    (line,) = render_jsonl(build_chronology([event("a")], MESSAGES)).splitlines()

    record = json.loads(line)
    assert list(record)[:12] == [
        "id", "kind", "date", "end", "service", "minutes", "reason", "topics", "actor", "status",
        "summary", "sources",
    ]  # fmt: skip
    assert record["sources"] == [
        {
            "message_id": "<a@x>", "sha256": "a" * 64, "part": "body", "page": None,
            "quote": "no speech", "start": 0, "end": 9,
        }
    ]  # fmt: skip
    assert (record["kind"], record["date"], record["status"]) == (
        "missed_service",
        "2026-03-04",
        "suggested",
    )


HOSTILE = "</script><img src=x onerror=alert(1)> \u202egnissim “&” <b>"


def test_the_page_shows_every_word_and_runs_none_of_them() -> None:
    page = render_html(build_chronology([event("a", quote=HOSTILE)], MESSAGES), FACTS)

    assert "<img" not in page
    assert page.count("<script") == page.count("</script") == 1
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in page
    assert "Dana <b>" not in page
    assert "\u202e" not in page
    assert HOSTILE.replace("\u202e", "\N{REPLACEMENT CHARACTER}") in html.unescape(page)


def test_the_page_loads_nothing() -> None:
    page = render_html(exported(), FACTS)

    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)", page)
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_asserts_nothing_but_what_was_written() -> None:
    page = html.unescape(re.sub(r"<[^>]+>", " ", render_html(exported(), FACTS))).lower()

    for word in ("violat", "authentic", "failed to", "illegal", "owed"):
        assert word not in page
    assert "matches the bytes received" in " ".join(page.split())


def test_a_spreadsheet_runs_no_cell() -> None:
    chronology = build_chronology([event("a", quote="=HYPERLINK(1)")], MESSAGES)

    rows = list(csv.DictReader(io.StringIO(as_csv(csv_rows(chronology, ZONE)))))

    assert rows[0]["quote"] == "'=HYPERLINK(1)"


def test_a_range_of_days_is_half_open_and_touched_by_a_range() -> None:
    chronology = build_chronology(
        [event("a"), event("b", on=date(2026, 3, 2), end=date(2026, 3, 6), service="ot")], MESSAGES
    )

    assert len(within(chronology, after=date(2026, 3, 5)).entries) == 1
    assert len(within(chronology, before=date(2026, 3, 4)).entries) == 1
    assert len(within(chronology, kinds=[EventKind.MEETING]).entries) == 0


def test_an_empty_archive_has_a_page_too() -> None:
    assert "No entry was found" in render_html(Chronology(()), FACTS)


def test_a_page_is_written_once_and_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"

    assert write_page(path, "one") is True
    assert write_page(path, "one") is False
    assert write_page(path, "two") is True
    assert path.read_text() == "two"
    assert [p.name for p in path.parent.iterdir()] == ["page.html"]
    with pytest.raises(PageUnwritableError, match="could not be written"):
        write_page(path / "below" / "a-file.html", "x")
