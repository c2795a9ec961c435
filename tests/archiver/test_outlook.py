"""Messages saved from Outlook: everything in the file comes out, and nothing that is not in it."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest

from archiver.headers import read_headers
from archiver.outlook import UnreadableMsgError, as_message
from archiver.outlook_file import read_outlook
from indexers.mime import read_message
from indexers.model import Message
from tests.contracts.outlook_files import Mail, Value, msg

SENT = datetime(2026, 3, 4, 21, 5, tzinfo=UTC)
TO, CC, BCC = 1, 2, 3


def person(kind: int, name: str, address: str, smtp: str = "") -> dict[int, Value]:
    return {0x0C15: kind, 0x3001: name, 0x3003: address, **({0x39FE: smtp} if smtp else {})}


def read(mail: Mail) -> Message:
    return read_message(as_message(msg(mail), "saved.msg"))


def test_who_wrote_to_whom_and_when_where_outlook_kept_no_header_lines() -> None:
    """Mail that was sent, and all mail within one Exchange, has properties only."""
    exchange = "/o=ExchangeLabs/ou=Administrative Group/cn=Recipients/cn=ipena"
    message = read(
        Mail(
            {0x0037: "Reunión del IEP", 0x1000: "El 12 de marzo.", 0x0039: SENT,
             0x0C1A: "Íñigo Peña", 0x0C1F: exchange, 0x5D01: "ipena@school.example",
             0x1035: "<a1@school.example>", 0x1042: "<z9@family.example>"},
            [person(TO, "Núñez, María", "maria@family.example"),
             person(CC, "Ms. Park", exchange, "park@school.example"),
             person(CC, "The nurse", exchange),
             person(BCC, "Records", "records@school.example")],
        )
    )  # fmt: skip

    assert (message.sender.name, message.sender.address) == ("Íñigo Peña", "ipena@school.example")
    assert message.date == SENT
    assert message.subject == "Reunión del IEP"
    assert [(p.name, p.address) for p in message.to] == [("Núñez, María", "maria@family.example")]
    assert [(p.name, p.address) for p in message.cc] == [
        ("Ms. Park", "park@school.example"), ("The nurse", "")]  # fmt: skip
    assert message.message_id == "<a1@school.example>"
    assert message.body.strip() == "El 12 de marzo."


def test_header_lines_of_received_mail_are_kept_as_they_came() -> None:
    lines = (
        "Microsoft Mail Internet Headers Version 2.0\r\n"
        "Received: from a.example by b.example; Wed, 4 Mar 2026 16:05:09 -0500\r\n"
        "Received: from c.example by a.example; Wed, 4 Mar 2026 16:05:01 -0500\r\n"
        "From: =?utf-8?q?Mar=C3=ADa?= <maria@family.example>\r\n"
        "To: a@school.example,\r\n\tb@school.example\r\n"
        "Date: Wed, 4 Mar 2026 16:05:00 -0500\r\n"
        'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    )
    raw = as_message(msg(Mail({0x007D: lines, 0x1000: "Hola", 0x0039: SENT})), "m.msg")
    headers = read_headers(raw)

    assert len(headers.all("received")) == 2
    assert headers.all("date") == ("Wed, 4 Mar 2026 16:05:00 -0500",)
    assert [p.address for p in headers.people("To")] == ["a@school.example", "b@school.example"]
    assert b"To: a@school.example,\r\n\tb@school.example\r\n" in raw
    assert len(headers.all("content-type")) == 1
    assert read_message(raw).body.strip() == "Hola"


def test_messages_within_it_come_out_with_their_own_attachments() -> None:
    """They were dropped without a word."""
    inner = Mail(
        {0x0037: "Nurse's note", 0x1000: "See the log.", 0x0039: SENT, 0x0C1A: "Nurse",
         0x0C1F: "nurse@school.example"},
        attachments=[{0x3701: b"30 minutes\n", 0x3707: "niñez – año.txt", 0x3705: 1}],
    )  # fmt: skip
    outer = read(Mail({0x1000: "Forwarded."}, attachments=[inner]))

    note = next(p for p in outer.attachments if p.media_type == "message/rfc822")
    assert note.name == "Nurse's note.eml"
    within = read_message(note.content)
    assert (within.subject, within.sender.address) == ("Nurse's note", "nurse@school.example")
    assert within.date == SENT
    assert [(p.name, p.content) for p in within.attachments] == [
        ("niñez – año.txt", b"30 minutes\n")
    ]


@pytest.mark.parametrize(
    ("page", "charset"), [(1252, "cp1252"), (1252, "utf-8"), (65001, "utf-8"), (932, "cp932")]
)
def test_text_of_single_bytes_is_read_in_its_charset(page: int, charset: str) -> None:
    text = "会議" if page == 932 else "Reunión – “niño”"
    message = read(Mail({0x0037: text, 0x1000: text, 0x3FFD: page}, charset=charset))

    assert (message.subject, message.body.strip()) == (text, text)


def test_html_is_read_in_the_charset_that_outlook_names() -> None:
    html = "<p>Reunión a las 9 – niño</p>".encode("cp1252")
    message = read(Mail({0x1013: html, 0x3FDE: 1252}))

    assert message.body.strip() == "Reunión a las 9 – niño"


def test_a_body_of_rich_text_alone_is_read() -> None:
    rich = rb"{\rtf1\ansi\ansicpg1252 La reuni\'f3n es el 12.\par}"
    packed = len(rich).to_bytes(4, "little") * 2 + b"MELA" + bytes(4) + rich

    assert read(Mail({0x1009: packed})).body.strip() == "La reunión es el 12."


def test_a_draft_was_not_sent_whatever_outlook_says_of_its_delivery() -> None:
    draft = read(Mail({0x1000: "Not sent yet", 0x0E06: SENT, 0x0E07: 8}))
    received = read(Mail({0x1000: "Received", 0x0E06: SENT}))

    assert draft.date is None
    assert received.date == SENT


def test_an_invitation_says_when_and_where() -> None:
    message = read(
        Mail(
            {0x001A: "IPM.Schedule.Meeting.Request", 0x0037: "IEP meeting", 0x1000: "See you."},
            named={0x820D: SENT, 0x820E: SENT.replace(hour=22), 0x8208: "Room 4, niñez"},
        )
    )
    meeting = next(p for p in message.attachments if p.media_type == "text/calendar")

    assert b"DTSTART:20260304T210500Z\r\nDTEND:20260304T220500Z" in meeting.content
    assert "LOCATION:Room 4\\, niñez".encode() in meeting.content


def test_what_is_not_in_the_file_is_said() -> None:
    cloud = {0x3705: 7, 0x3707: "IEP.docx", 0x370D: "https://drive.school.example/IEP.docx"}
    message = read(Mail({0x1000: "See the link."}, attachments=[cloud, {0x3705: 6}]))
    said = {p.name: p.content.decode() for p in message.attachments if p.name != "saved.msg"}

    assert "https://drive.school.example/IEP.docx" in said["IEP.docx (not in the message).txt"]
    assert "only" in said["attachment (not in the message).txt"]


def test_names_and_types_cannot_smuggle_header_lines_in() -> None:
    evil = {0x3701: b"x", 0x3707: "a\r\nX-Evil: 1.txt", 0x370E: "text/plain\r\nX-Evil: 1"}
    raw = as_message(
        msg(Mail({0x0037: "a\r\nBcc: x@y.example", 0x1000: "b", 0x0C1A: "c\r\nX-Evil: 1"},
                 attachments=[evil])),
        "e\nX-Evil: 1.msg",
    )  # fmt: skip

    assert b"\nX-Evil" not in raw
    assert b"\nBcc" not in raw


def test_the_same_file_makes_the_same_message_and_carries_itself() -> None:
    content = msg(Mail({0x1000: "x"}, attachments=[Mail({0x1000: "y"}), Mail({0x1000: "z"})]))

    assert as_message(content, "a.msg") == as_message(content, "a.msg")
    assert read_message(as_message(content, "a.msg")).attachments[-1].content == content


def test_a_damaged_file_gives_what_it_still_has_or_a_reason() -> None:
    content = msg(Mail({0x0037: "Long", 0x1000: "words " * 2000}))

    for size in range(0, len(content), 256):
        with contextlib.suppress(UnreadableMsgError):  # and no other
            read_message(as_message(content[:size], "cut.msg"))

    assert as_message(content, "whole.msg")
    with pytest.raises(UnreadableMsgError, match="no Outlook message that can be read"):
        as_message(content[:700], "cut.msg")


def test_messages_within_messages_without_end_are_bounded() -> None:
    mail = Mail({0x1000: "the innermost"})
    for _ in range(30):
        mail = Mail({0x1000: "x"}, attachments=[mail])
    item, depth = read_outlook(msg(mail)), 0
    while item.attachments and (inner := item.attachments[0].message):
        item, depth = inner, depth + 1

    assert depth == 8
