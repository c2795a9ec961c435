"""The sample mailbox is what its story and its labels say it is."""

from __future__ import annotations

import calendar
import email
import email.policy
import io
import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest
from selectolax.lexbor import LexborHTMLParser

DEMO = Path(__file__).resolve().parents[2] / "demo"
KINDS = {
    "proposal", "refusal", "objection", "missed_service", "delivered_service",
    "meeting", "request", "consent", "evaluation", "escalation",
}  # fmt: skip
DAYS = {name: number for number, name in enumerate(calendar.day_name)}
MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
WITHOUT_TEXT = {"20260209131845.pdf"}  # a scan: its words are in the picture only


def _rows(name):
    return [json.loads(line) for line in (DEMO / name).read_text("utf-8").splitlines()]


FILES = _rows("messages.jsonl")
TRUTH = _rows("truth.jsonl")


def _raw(file):
    return (DEMO / "mail" / file["folder"] / f"{file['id']}.eml").read_bytes()


def _parsed(file):
    return email.message_from_bytes(_raw(file), policy=email.policy.default)


def _squash(text):
    return re.sub(r"\s+", " ", text).strip()


def _attachment_text(part):
    name, data = part.get_filename(), part.get_content()
    if name.endswith(".pdf"):
        document = pypdfium2.PdfDocument(data)
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    if name.endswith(".docx"):
        table = docx.Document(io.BytesIO(data)).tables[0]
        return "\n".join(" ".join(cell.text for cell in row.cells) for row in table.rows)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return "\n".join(" ".join(map(str, row)) for row in sheet.iter_rows(values_only=True))


def _text_of(message, part_name):
    if part_name != "body":
        parts = {part.get_filename(): part for part in message.iter_attachments()}
        return _squash(_attachment_text(parts[part_name]))
    body = message.get_body(("plain", "html"))
    content = body.get_content()
    if body.get_content_subtype() == "html":
        content = LexborHTMLParser(content).text(separator="\n")
    # An Apple Mail forward stands behind "> ", and is somebody's own words all the same.
    return _squash(re.sub(r"(?m)^> ?", "", content))


FILE_OF = {file["id"]: file for file in FILES}
LABELLED = [pytest.param(row, id=f"{row['id']}-{row['kind']}-{row['date']}") for row in TRUTH]


@pytest.mark.parametrize("event", LABELLED)
def test_every_quote_stands_in_its_part_word_for_word(event):
    if event["part"] in WITHOUT_TEXT:
        pytest.skip("a scanned page has no text layer to compare with")
    assert event["quote"] in _text_of(_parsed(FILE_OF[event["id"]]), event["part"])


def _days_of(event):
    first = date.fromisoformat(event["date"])
    last = date.fromisoformat(event["end"] or event["date"])
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


@pytest.mark.parametrize("event", LABELLED)
def test_a_weekday_or_date_named_in_a_quote_agrees_with_the_label(event):
    told = [e for e in TRUTH if (e["id"], e["quote"]) == (event["id"], event["quote"])]
    named = {DAYS[day] for day in re.findall("|".join(DAYS), event["quote"])}
    if named and event["kind"] != "escalation":  # "mediation is set for": dated when it was set
        # Of "Tuesday and again today", two events, Tuesday is named for the first only.
        assert named <= {day.weekday() for e in told for day in _days_of(e)}
    for month, day in re.findall(rf"({'|'.join(MONTHS)}) (\d+)", event["quote"]):
        if event["kind"] != "escalation":
            assert (MONTHS[month], int(day)) in {(d.month, d.day) for d in _days_of(event)}
    for month, day in re.findall(r"\b(\d\d)/(\d\d)/20", event["quote"]):
        assert (int(month), int(day)) in {(d.month, d.day) for d in _days_of(event)}


def test_events_fall_in_the_school_year_and_none_on_a_weekend():
    ends = [event["end"] or event["date"] for event in TRUTH]
    days = {date.fromisoformat(day) for day in [*ends, *(event["date"] for event in TRUTH)]}

    assert min(days) >= date(2025, 8, 6)
    assert max(days) <= date(2026, 5, 22)
    assert {day for day in days if day.weekday() >= 5} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["id"])
def test_every_weekday_with_a_date_is_a_real_day(file):
    """A slip here would teach the event finder a wrong calendar."""
    message = _parsed(file)
    texts = [_text_of(message, "body")]
    texts += [
        _squash(_attachment_text(part))
        for part in message.iter_attachments()
        if part.get_filename().endswith((".pdf", ".docx", ".xlsx"))
    ]
    sent = datetime.fromisoformat(file["date"]).date()
    pattern = rf"({'|'.join(DAYS)}),? ({'|'.join(MONTHS)}) (\d+)(?:, (\d{{4}}))?"
    for weekday, month, day, year in re.findall(pattern, " ".join(texts)):
        years = {int(year)} if year else {sent.year, sent.year + 1, sent.year - 1}
        candidates = [date(y, MONTHS[month], int(day)) for y in years]
        nearest = min(candidates, key=lambda found: abs(found - sent))
        assert nearest.weekday() == DAYS[weekday], f"{weekday} {month} {day}"


def test_there_are_events_of_every_kind_and_enough_mail_without_any():
    assert {event["kind"] for event in TRUTH} == KINDS
    assert len(FILES) >= 70
    assert len({file["id"] for file in FILES} - {event["id"] for event in TRUTH}) >= 30


def test_labels_and_files_name_the_same_mail():
    on_disk = {path.relative_to(DEMO / "mail") for path in (DEMO / "mail").rglob("*.eml")}

    assert {Path(file["folder"], f"{file['id']}.eml") for file in FILES} == on_disk
    for file in FILES:
        assert str(_parsed(file)["Message-ID"]) == file["message_id"]


def test_nobody_in_the_sample_can_be_written_to():
    for file in FILES:
        heads = str(_parsed(file)).split("\n\n")[0]
        texts = [_text_of(_parsed(file), "body"), heads]
        hosts = set(re.findall(r"[\w.+-]+@([\w.-]+\w)", " ".join(texts)))
        assert {host for host in hosts if not host.endswith(".example")} == set()


def test_line_ends_are_those_of_mail_on_the_wire():
    for file in FILES:
        raw = _raw(file)
        assert raw.count(b"\n") == raw.count(b"\r\n"), file["id"]


def test_the_odd_cases_are_there():
    by_message_id = Counter(file["message_id"] for file in FILES)
    twice = [name for name, count in by_message_id.items() if count == 2]
    copies = {name: [_raw(f) for f in FILES if f["message_id"] == name] for name in twice}

    assert sum(a == b for a, b in copies.values()) == 3  # filed in two folders
    assert sum(a != b for a, b in copies.values()) == 1  # one Message-ID, two originals
    assert [f["id"] for f in FILES if _parsed(f)["Date"] is None] == ["071"]
    assert b"Subject: Reuni\xf3n" in _raw(FILE_OF["037"])
    assert {file["folder"] for file in FILES} == {
        "INBOX", "Sent", "School", "Escuela – años", "Trash", "Spam",
    }  # fmt: skip
    assert not any(file["archive"] for file in FILES if file["folder"] in {"Trash", "Spam"})
    assert sum(file["privileged"] for file in FILES) == 4


def test_the_mailbox_stays_small_enough_to_ship():
    assert sum(len(_raw(file)) for file in FILES) < 2_000_000


def test_the_story_still_renders_to_the_bytes_in_the_repository():
    pytest.importorskip("reportlab")
    pytest.importorskip("PIL")
    build = pytest.importorskip("demo.build_mail")
    if build.built_with() != (DEMO / "BUILT_WITH").read_text("utf-8"):
        pytest.skip("the sample mail was built with other versions: see demo/BUILT_WITH")

    story = build.read_story(DEMO / "story")
    files = list(build.render_story(story))

    assert [(f.folder, f.id, f.raw) for f in files] == [
        (file["folder"], file["id"], _raw(file)) for file in FILES
    ]
    assert build.labels(story, files) == {
        name: (DEMO / name).read_text("utf-8")
        for name in ("truth.jsonl", "messages.jsonl", "family.json")
    }
