"""What belongs to the correspondence."""

from __future__ import annotations

from collections.abc import Iterable

from archiver.correspondence import Known, Listed, decide, thread_keys, weigh
from archiver.headers import PEOPLE, read_headers
from archiver.model import Place, Standing
from archiver.roles import AddressBook
from archiver.source import Head

BOOK = AddressBook.of(
    school=["school.example"],
    provider=["dr@clinic.example"],
    parent=["mum@mail.example", "dad@mail.example"],
    privileged=["law.example"],
)


def listed(uid: int, header: str, book: AddressBook = BOOK) -> Listed:
    raw = header.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n"
    headers = read_headers(raw)
    head = Head(uid, 100, None, raw)
    return weigh(Place("a", "INBOX", 1, uid), head, headers, headers.people(*PEOPLE), book)


def nothing(keys: Iterable[int]) -> list[Known]:
    del keys
    return []


def kept(*messages: Listed, lookup: object = nothing) -> dict[int, str]:
    keep, _, _ = decide(messages, lookup)  # type: ignore[arg-type]
    return {place.uid: str(standing) for place, standing in keep.items()}


SCHOOL = "From: t@mail.school.example\nTo: mum@mail.example\nMessage-ID: <s@x>"
STRANGER = "From: aunt@other.example\nTo: mum@mail.example\nMessage-ID: <aunt@x>"


def test_any_of_its_people_is_enough() -> None:
    """From, Sender, Reply-To, To, Cc, Bcc and List-Id all count."""
    for field in ("From", "Sender", "Reply-To", "To", "Cc", "Bcc"):
        assert kept(listed(1, f"{field}: x@school.example")) == {1: "school"}
    assert kept(listed(1, "From: x@y.example\nList-Id: News <news.school.example>")) == {
        1: "school"
    }


def test_an_attorney_on_it_makes_it_privileged_even_beside_the_school() -> None:
    assert kept(listed(1, "From: a@law.example\nTo: p@school.example")) == {1: "privileged"}


def test_a_stranger_s_message_is_passed_over() -> None:
    assert kept(listed(1, STRANGER)) == {}


def test_a_stranger_in_a_school_thread_belongs_whichever_came_first() -> None:
    answer = "From: aunt@other.example\nTo: mum@mail.example\nIn-Reply-To: <s@x>\nMessage-ID: <2@x>"
    for order in ((1, 2), (2, 1)):
        assert kept(listed(order[0], SCHOOL), listed(order[1], answer)) == {
            order[0]: "school",
            order[1]: "thread",
        }


def test_a_thread_is_followed_through_messages_in_between() -> None:
    middle = "From: b@o.example\nTo: c@o.example\nReferences: <s@x>\nMessage-ID: <m@x>"
    end = "From: c@o.example\nTo: b@o.example\nIn-Reply-To: <m@x>\nMessage-ID: <e@x>"

    assert kept(listed(3, end), listed(2, middle), listed(1, SCHOOL)) == {
        1: "school",
        2: "thread",
        3: "thread",
    }


def test_mail_among_the_family_in_a_school_thread_stays_the_family_s() -> None:
    """It must never leave the archive by itself."""
    family = "From: mum@mail.example\nTo: dad@mail.example\nReferences: <s@x>"

    assert kept(listed(1, SCHOOL), listed(2, family)) == {1: "school", 2: "family"}


def test_mail_among_the_family_alone_is_read_before_deciding() -> None:
    _, read, _ = decide([listed(1, "From: mum@mail.example\nTo: dad@mail.example")], nothing)

    assert {place.uid for place in read} == {1}


def test_a_message_passed_over_long_ago_is_called_back_by_its_thread() -> None:
    old = Known(thread_keys(["<aunt@x>"]), False, False, Place("a", "INBOX", 1, 7))

    def lookup(keys: Iterable[int]) -> list[Known]:
        return [old] if set(keys) & set(old.ids) else []

    late = "From: t@school.example\nTo: mum@mail.example\nReferences: <aunt@x>"
    keep, _, revived = decide([listed(9, late)], lookup)

    assert set(keep.values()) == {Standing.SCHOOL}
    assert {place.uid for place in revived} == {7}


def test_a_new_message_joins_the_thread_of_one_kept_before() -> None:
    old = Known(thread_keys(["<s@x>"]), True, False, None)

    def lookup(keys: Iterable[int]) -> list[Known]:
        return [old] if set(keys) & set(old.ids) else []

    answer = "From: aunt@other.example\nTo: mum@mail.example\nIn-Reply-To: <s@x>"

    assert kept(listed(2, answer), lookup=lookup) == {2: "thread"}


def test_a_family_reply_without_thread_headers_goes_by_its_subject_but_no_stranger_does() -> None:
    school = listed(1, SCHOOL + "\nSubject: Bus route")
    family = listed(2, "From: mum@mail.example\nTo: dad@mail.example\nSubject: Re: Bus route")
    stranger = listed(3, "From: a@o.example\nTo: mum@mail.example\nSubject: Re: Bus route")

    assert kept(school, family, stranger) == {1: "school", 2: "family"}


def test_a_star_keeps_everything() -> None:
    book = AddressBook.of(school=["*"], parent=["mum@mail.example"])

    assert kept(listed(1, STRANGER, book), listed(2, "Subject: nobody", book)) == {
        1: "whole",
        2: "whole",
    }
