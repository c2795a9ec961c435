"""Mail as it really is, and as somebody might make it: any bytes give a message."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.headers import decode, decode_bytes
from indexers.html import html_to_text
from indexers.mime import read_message
from indexers.model import DateSource

HEAD = b"From: dana@school.example\r\nMIME-Version: 1.0\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def deep(levels: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(levels)
    )
    closed = b"".join(b"\r\n--b%d--\r\n" % n for n in reversed(range(levels)))
    return HEAD + opened + b"Content-Type: text/plain\r\n\r\nat the bottom\r\n" + closed


HOSTILE = {
    "10,000 parts": MIXED + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 10_000,
    "1,000 deep": deep(1000),
    "1,000 messages deep": HEAD + b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" * 1000,
    "5 MB of <": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<" * 5_000_000,
    "100,000 boxes": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
    "40,000 cells": HEAD + b"Content-Type: text/html\r\n\r\n<table><tr>" + b"<td></td>" * 40_000,
    "NULs": HEAD + b"\r\n" + b"\0" * 100_000,
    "a header of 2 MB": b"Subject: " + b"x" * 2_000_000 + b"\r\n\r\nhi",
    "100,000 headers": b"X: y\r\n" * 100_000 + b"\r\nhi",
    "comments in comments": b"To: " + b"(" * 100_000 + b"\r\n\r\nhi",
    "encoded words": b"Subject: " + b"=?utf-8?q?=41?= " * 60_000 + b"\r\n\r\nhi",
    "parameters": HEAD + b"Content-Type: text/plain" + b"; a=b" * 100_000 + b"\r\n\r\nhi",
    "a boundary in itself": MIXED + b"--b\r\n" + MIXED + b"--b\r\n\r\nhi\r\n--b--\r\n--b--",
    "bare CR": b"From: dana@school.example\rSubject: x\r\rhi\r",
    "a charset that is none": HEAD + b"Content-Type: text/plain; charset=zip\r\n\r\nhi",
    "nothing": b"",
    "no headers": b"hi there",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_can_make_reading_hang_or_fail(name: str) -> None:
    started = time.process_time()

    message = read_message(HOSTILE[name])

    assert sum(s.end - s.start for s in message.spans) == len(message.body)
    assert time.process_time() - started < 20  # one to three seconds on a quiet machine


def test_what_was_not_read_is_said() -> None:
    parts, nested = read_message(HOSTILE["10,000 parts"]), read_message(HOSTILE["1,000 deep"])

    assert any("more than 1,000 parts" in defect for defect in parts.defects)
    assert any("structure could not be read" in defect for defect in nested.defects)
    assert "at the bottom" in nested.body


@given(st.binary(max_size=600))
def test_any_bytes_are_a_message(raw: bytes) -> None:
    read_message(raw)


@given(
    st.lists(
        st.sampled_from(
            [
                b"From: a@b.example\r\n", b"Date: \xff\r\n", b"Content-Type: multipart/mixed;",
                b"Content-Type: text/html; charset=\"utf-7\"\r\n", b" boundary=b\r\n", b"\r\n",
                b"--b\r\n", b"--b--", b"\0", b"\r", b"Content-Transfer-Encoding: base64\r\n",
                b"Content-Type: message/rfc822\r\n", b"=?utf-8?b?//8?=", b"<p>", b"> ", b"\n",
                b"On Mar 3, 2026 at 9:00 AM X <x@y.example> wrote:\n", b"name*0*=utf-8''%ff;",
                b"Content-Disposition: attachment; filename*=", b"hello ", b"\xe9", b"-- \n",
            ]
        ),
        max_size=40,
    ).map(b"".join)
)  # fmt: skip
def test_pieces_of_mail_in_any_order_are_a_message(raw: bytes) -> None:
    message = read_message(raw)

    assert "".join(message.body[s.start : s.end] for s in message.spans) == message.body


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?Q?Caf=C3?= =?utf-8?Q?=A9_IEP?=", "Café IEP"),  # cut within a character
        (b"=?UTF-8?B?Q2Fmw6k?=", "Café"),  # without its padding
        (b"=?iso-8859-1*es?Q?a=F1o?= 2026", "año 2026"),  # with a language, RFC 2231
        (b"=?iso-8859-1?Q?=93quoted=94?=", "“quoted”"),
        (b"Re: =?nonsense?Q?a=E9?= b", "Re: aé b"),
        (b"caf\xe9", "café"),
        (b"=?utf-8?Q?not closed", "=?utf-8?Q?not closed"),
    ],
)
def test_encoded_words_are_read_as_they_are_sent(raw: bytes, text: str) -> None:
    assert decode(raw) == text


def test_a_wrong_byte_does_not_spoil_the_rest() -> None:
    assert decode_bytes("Niño – ".encode() + b"\x93A\x94", "utf-8") == "Niño – “A”"
    assert decode_bytes(b"\x93caf\xe9\x94", "iso-8859-1") == "“café”"
    assert decode_bytes(b"caf\xe9", "us-ascii") == "café"


def test_a_row_of_a_table_is_a_line_with_all_its_cells() -> None:
    html = (
        "<table><tr><td><p>Mon</p></td><td><p>Speech</p><p>30</p></td></tr>"
        "<tr><td></td><td>OT</td></tr></table>"
    )

    assert html_to_text(html).split("\n") == ["Mon | Speech 30", " | OT".strip(" "), ""]


def test_text_in_several_parts_is_all_read() -> None:
    """Apple Mail goes on in another part below a picture; a second form of it is left out."""
    raw = MIXED + (
        b"--b\r\nContent-Type: text/plain\r\n\r\nAbove.\r\n"
        b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>Below.</p>\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>Above.</p>\r\n--b--\r\n"
    )

    message = read_message(raw)

    assert message.body.split() == ["Above.", "Below."]
    assert [part.media_type for part in message.attachments] == ["image/png"]


def test_a_page_tells_what_its_plain_form_has_lost() -> None:
    """Answers in red are in red in one of the two forms only, and the plain one is read."""
    quoted = (
        "From: Dana <d@school.example>",
        "Sent: Monday, March 2, 2026 3:15 PM",
        "To: Mum",
        "Subject: x",
    )
    plain = "\r\n".join(["Hello Dana.", "", *quoted, "", "Did he eat?", "Nothing at all.", ""])
    page = (
        '<div>Hello Dana.</div><hr><div id="divRplyFwdMsg">'
        + "<br>".join(quoted).replace("<d", "&lt;d")
        + '</div><div>Did he eat?</div><div style="color:red">Nothing at all.</div>'
        + "<div>See below.</div>"
    )
    alternative = HEAD + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
    raw = alternative + (
        b"--b\r\nContent-Type: text/plain\r\n\r\n"
        + plain.encode()
        + b"--b\r\nContent-Type: text/html\r\n\r\n"
        + page.replace("Hello", "See below,").encode()
        + b"\r\n--b--\r\n"
    )

    message = read_message(raw)

    own = [message.body[s.start : s.end].strip() for s in message.spans if s.kind == "own"]
    assert own == ["Hello Dana.", "Nothing at all."]


def test_a_wrapper_that_is_not_opened_is_said() -> None:
    raw = HEAD + b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIIB"

    message = read_message(raw)

    assert [part.name for part in message.attachments] == ["smime.p7m"]
    assert any("S/MIME" in defect for defect in message.defects)


SENT = datetime(2026, 3, 4, 16, tzinfo=UTC)


def dated(date: str, *received: datetime, extra: str = "") -> bytes:
    lines = [f"Received: by mx.example; {at:%a, %d %b %Y %H:%M:%S} +0000" for at in received]
    return "\r\n".join([*lines, f"Date: {date}", f"From: a@b.example{extra}", "", "hi"]).encode()


@pytest.mark.parametrize(
    ("raw", "server", "source", "doubted"),
    [
        (dated("Wed, 4 Mar 2026 09:00:00 -0700", SENT), SENT, DateSource.HEADER, False),
        (dated("Wed, 4 Mar 2026 09:00:00 -0700"), None, DateSource.HEADER, False),
        # A clock that is a year slow: two servers say so.
        (dated("Tue, 4 Mar 2025 09:00:00 -0700", SENT), SENT, DateSource.RECEIVED, True),
        # A move to another provider gives new INTERNALDATEs: they prove no header wrong.
        (
            dated("Wed, 4 Mar 2026 09:00:00 -0700", SENT),
            SENT + timedelta(days=400),
            DateSource.HEADER,
            False,
        ),
        (
            dated(
                "Wed, 4 Mar 2026 09:00:00 -0700",
                SENT + timedelta(days=30),
                extra="\r\nResent-From: c@d.example",
            ),
            None,
            DateSource.HEADER,
            False,
        ),
        (dated("Wed, 4 Mar 2027 09:00:00 -0700"), SENT, DateSource.SERVER, True),
        (dated("yesterday"), SENT, DateSource.SERVER, True),
    ],
)  # fmt: skip
def test_a_date_is_believed_that_a_server_bears_out(
    raw: bytes, server: datetime | None, source: DateSource, doubted: bool
) -> None:
    message = read_message(raw, internal_date=server)

    assert (message.date_source, bool(message.defects)) == (source, doubted)
    assert message.dates.server == server
    assert message.date is not None
