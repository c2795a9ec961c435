"""Mail among the family: what speaks of the child's schooling, and what does not."""

from __future__ import annotations

import pytest

from archiver.roles import AddressBook
from indexers.mime import read_message
from indexers.schooling import speaks_of_schooling

BOOK = AddressBook.of(school=["school.example"], parent=["mum@mail.example", "gran@mail.example"])
STAFF = ("Dana Ortiz, M.S.", "Long, Peter", "School Office")


def speaks(body: str, subject: str = "hi") -> bool:
    raw = f"From: gran@mail.example\r\nTo: mum@mail.example\r\nSubject: {subject}\r\n\r\n{body}"
    return speaks_of_schooling(read_message(raw.encode()), child=["Maya"], staff=STAFF, book=BOOK)


@pytest.mark.parametrize(
    "body",
    [
        "Ms. Ortiz says he was alone again.",
        "Did the speech lady come?",
        "No bus this morning, I drove her.",
        "Maya forgot her homework and the teacher was cross.",
        "the IEP is on the fridge",
        "FYI\n\n---------- Forwarded message ---------\nFrom: X <x@school.example>\n\nhello",
        "La maestra me dijo que no hubo terapia.",
    ],
)
def test_what_speaks_of_school_is_kept(body: str) -> None:
    assert speaks(body)


@pytest.mark.parametrize(
    "body",
    [
        "milk, eggs, bread, poster board for Maya's volcano",
        "Milk, butter, school snacks for Maya, and call your mother.",
        "Dinner is at one. I object to store rolls, and propose turkey.",
        "Happy birthday! See you Sunday.",
        "Long day. I am at the church.",
        "Maya looks so tall in the picture!",
    ],
)
def test_groceries_and_dinners_are_not(body: str) -> None:
    assert not speaks(body)
