"""Header bytes as they come in the wild."""

from __future__ import annotations

import string

from hypothesis import example, given
from hypothesis import strategies as st

from archiver.headers import (
    _PLAIN,
    PEOPLE,
    THREAD,
    _addresses,
    _plain_addresses,
    decode,
    read_headers,
)
from archiver.model import Person

_PRINTED = st.sampled_from(string.printable)

RAW = (
    b'From: "Smith, Caf\xe9" <A@B.example>\r\n'
    b"To: x@y.example,\r\n =?utf-8?Q?Ortiz=2C_Dana?= <d@school.example>\r\n"
    b"To: z@q.example\r\n"
    b"List-Id: PTA <pta.school.example>\r\n"
    b"References: <a@b> <c@d>\r\n\t<a@b>\r\n"
    b"Subject: =?iso-8859-1?q?Caf=E9?= =?utf-8?b?4oCc?=\r\n"
    b"\r\nTo: body@not.example\r\n"
)


def test_every_to_line_counts_and_names_are_decoded_after_addresses_are_cut() -> None:
    """A name with a comma in an encoded word must not become two people."""
    assert read_headers(RAW).people(*PEOPLE) == (
        Person("Smith, Café", "a@b.example"),
        Person("", "x@y.example"),
        Person("Ortiz, Dana", "d@school.example"),
        Person("", "z@q.example"),
        Person("PTA", "list@pta.school.example"),
    )


def test_message_ids_are_found_over_folded_lines_and_each_once() -> None:
    assert read_headers(RAW).ids(*THREAD) == ("<a@b>", "<c@d>")


def test_raw_latin_1_and_encoded_words_are_both_read() -> None:
    assert read_headers(RAW).first("subject") == "Café“"
    assert decode(b"Caf\xe9 \x93IEP\x94") == "Café “IEP”"


def test_the_body_is_not_looked_at() -> None:
    assert "body@not.example" not in {p.address for p in read_headers(RAW).people(*PEOPLE)}


def test_a_message_without_headers_has_none() -> None:
    assert read_headers(b"\r\nFrom: a@b.example\r\n").fields == {}
    assert read_headers(b"").fields == {}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(raw: bytes) -> None:
    headers = read_headers(b"From: " + raw)
    headers.people(*PEOPLE)
    headers.ids(*THREAD)
    headers.first("subject")


def test_a_comma_in_a_name_that_nobody_put_in_quotes_makes_no_second_person() -> None:
    """ "Joan Bay, P.E. <joan@…>" is one parent; taken for two, her mail was nobody's."""
    headers = read_headers(
        b"From: Joan Bay, P.E. <joan@bay.example>\r\n"
        b'To: a@x.example, Bay, Joan <joan@bay.example>, "Q, R" <q@r.example>,'
        b" S T <s@t.example>\r\n\r\n"
    )

    assert headers.people("From") == (Person("Joan Bay, P.E.", "joan@bay.example"),)
    assert headers.people("To") == (
        Person("", "a@x.example"),
        Person("Bay, Joan", "joan@bay.example"),
        Person("Q, R", "q@r.example"),
        Person("S T", "s@t.example"),
    )


@given(
    st.text("ab_. ,'&/()-<>@\"+:;\\", max_size=60)
    | st.lists(st.from_regex(_PLAIN, fullmatch=True, alphabet=_PRINTED), max_size=4).map(", ".join)
)
@example('"Bay, Joan (aunt)" <joan@bay.example>, Ann O\'Dea <a.o-d@x.example>, b@y.example')
def test_addresses_read_the_short_way_are_those_that_the_library_finds(field: str) -> None:
    found = _plain_addresses(field)

    assert not found or found == _addresses(field)


def test_the_short_way_is_taken() -> None:
    field = '"Bay, Joan" <joan@bay.example>, Ann Lee <a@x.example>, b@y.example'

    assert _plain_addresses(field) == [
        ("Bay, Joan", "joan@bay.example"),
        ("Ann Lee", "a@x.example"),
        ("", "b@y.example"),
    ]
