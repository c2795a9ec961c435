"""Bytes to messages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.mime import read_message
from indexers.model import DateSource, SpanKind

PDF = b"%PDF-1.4 not much of one"


def raw(*lines: str | bytes) -> bytes:
    return b"\r\n".join(x if isinstance(x, bytes) else x.encode() for x in lines)


MIXED = raw(
    "From: Dana Ortiz <dana@school.example>",
    "To: mum@mail.example",
    "To: dad@mail.example",
    "Subject: =?utf-8?q?Speech_=E2=80=93_March?=",
    "Date: Wed, 4 Mar 2026 09:00:00 -0700",
    "Message-ID: <1@school.example>",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "See the plan.",
    "--b",
    "Content-Type: application/octet-stream",
    "Content-Transfer-Encoding: base64",
    "",
    "JVBERi0xLjQgbm90IG11Y2ggb2Ygb25l",
    "--b",
    'Content-Type: application/octet-stream; name="log.docx"',
    'Content-Disposition: attachment; filename="log.docx"',
    "",
    "PK",
    "--b--",
    "",
)


def test_headers_body_and_every_part_are_read() -> None:
    message = read_message(MIXED)

    assert message.subject == "Speech – March"
    assert [p.address for p in message.to] == ["mum@mail.example", "dad@mail.example"]
    assert message.date is not None
    assert message.date.isoformat() == "2026-03-04T09:00:00-07:00"
    assert message.body.strip() == "See the plan."
    # A part without a name or disposition is an attachment too, and its type is told by content.
    assert [(p.path, p.media_type, p.name) for p in message.attachments] == [
        ("2", "application/pdf", "part-2.pdf"),
        (
            "3",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "log.docx",
        ),
    ]
    assert message.attachments[0].content == PDF


def test_html_is_read_where_plain_text_says_nothing() -> None:
    message = read_message(
        raw(
            "From: a@school.example",
            'Content-Type: multipart/alternative; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            "Your client does not support HTML.",
            "--b",
            "Content-Type: text/html; charset=windows-1252",
            "",
            b"<p>Caf\xe9 <b>IEP</b></p><div style='display:none'>hidden</div><p>second</p>",
            "--b--",
        )
    )

    assert message.body.split() == ["Café", "IEP", "second"]
    assert message.attachments == ()


def test_a_nested_message_is_an_attachment_and_not_the_author_s_words() -> None:
    message = read_message(
        raw(
            "From: mum@mail.example",
            'Content-Type: multipart/mixed; boundary="b"',
            "",
            "--b",
            "",
            "For you.",
            "--b",
            "Content-Type: message/rfc822",
            "",
            "From: principal@school.example",
            "Subject: No aide",
            "",
            "We will not provide an aide.",
            "--b--",
        )
    )

    assert message.body.strip() == "For you."
    assert [(p.media_type, p.name) for p in message.attachments] == [
        ("message/rfc822", "No aide.eml")
    ]


def test_the_header_s_date_is_not_believed_when_it_lies_after_the_server_had_the_message() -> None:
    late = MIXED.replace(b"4 Mar 2026", b"4 Mar 2031")
    held = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)

    message = read_message(late, internal_date=held)

    assert (message.date, message.date_source) == (held, DateSource.SERVER)
    assert any("lies after the day the server had it" in odd for odd in message.defects)


def test_without_a_date_the_newest_received_line_counts() -> None:
    message = read_message(
        raw(
            "Received: from b by c; Wed, 4 Mar 2026 10:00:00 -0700",
            "Received: from a by b; Wed, 4 Mar 2026 09:00:00 -0700",
            "From: a@school.example",
            "",
            "x",
        )
    )

    assert message.date is not None
    assert (message.date.hour, message.date_source) == (10, DateSource.RECEIVED)
    assert "It has no Date header." in message.defects


def test_an_attachment_s_name_cannot_leave_the_folder() -> None:
    message = read_message(
        raw(
            "Content-Type: application/pdf",
            'Content-Disposition: attachment; filename="../../etc/\u202epasswd.pdf"',
            "",
            "%PDF-",
        )
    )

    name = message.attachments[0].name
    assert "/" not in name
    assert "\u202e" not in name
    assert not name.startswith(".")


def test_a_thousand_deep_is_survived() -> None:
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(1000)
    )

    read_message(deep + b"\r\nbottom")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message(junk: bytes) -> None:
    for bytes_ in (junk, MIXED[: len(junk)] + junk, b"Content-Type: multipart/x; boundary=" + junk):
        message = read_message(bytes_)
        assert "".join(message.body[s.start : s.end] for s in message.spans) == message.body
        assert all(span.kind in SpanKind for span in message.spans)


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_a_file_name_in_raw_bytes_keeps_its_letters(charset: str) -> None:
    """RFC 6532 allows UTF-8 there, and old programs send their own charset."""
    raw = (
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n'
        'Content-Disposition: attachment; filename="evaluación del niño.txt"\n\nx\n--b--\n'
    ).encode(charset)

    assert [part.name for part in read_message(raw).attachments] == ["evaluación del niño.txt"]


def test_a_message_sent_as_any_file_is_a_message() -> None:
    """Some programs call an attached message application/octet-stream."""
    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n'
        b'Content-Type: application/octet-stream; name="note.eml"\n\n'
        b"From: nurse@school.example\nSubject: Note\n\nHello\n--b--\n"
    )

    assert [part.media_type for part in read_message(raw).attachments] == ["message/rfc822"]
