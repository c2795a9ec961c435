"""What a correspondent usually writes about tells what a message of theirs is about."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.model import Digest, Original, Standing
from archiver.progress import Silent
from archiver.roles import AddressBook
from indexers.build import View, build
from indexers.model import Family, Service
from indexers.rules.usual import usual_services

VIEW = View(
    ZoneInfo("America/Phoenix"),
    AddressBook.of(
        school=["school.example"],
        provider=[],
        parent=["mum@mail.example"],
        privileged=["law@firm.example"],
    ),
    Family(
        ("Maya",),
        (
            Service("resource", 45, 4, "week", None, None, ""),
            Service("speech", 30, 2, "week", None, None, ""),
            Service("ot", 30, 1, "week", None, None, ""),
        ),
    ),
)
MISSED = "Hi, I was out sick on Tuesday, so Maya was not seen. Sorry about that!"
LATER = [
    "Maya worked on her speech goals, the r sounds are coming.",
    "A note about speech next month: I will be back on my usual days.",
]


def mail(number: int, sender: str, text: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = sender, "mum@mail.example"
    message["Subject"], message["Message-ID"] = "Maya", f"<{number}@school.example>"
    message["Date"] = f"Thu, {5 + 7 * number:02} Mar 2026 09:00:00 -0700"
    message.set_content(text)
    return message.as_bytes()


def usual_of(derived: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(derived / "reading.sqlite")) as db:
        return db.execute("SELECT sender, service FROM usual").fetchall()


def read(derived: Path, *nights: list[bytes]) -> list[tuple[str, str]]:
    """Kind and service of the likely events, after so many nights."""
    raw: dict[Digest, bytes] = {}
    for night in nights:
        raw.update({Digest(hashlib.sha256(one).hexdigest()): one for one in night})
        now = datetime(2026, 4, 1, tzinfo=UTC)
        originals = [Original(d, len(b), now, None, (), Standing.SCHOOL) for d, b in raw.items()]
        build(originals, raw.__getitem__, derived, VIEW, Silent())
    with closing(sqlite3.connect(derived / "reading.sqlite")) as db:
        return db.execute(
            "SELECT kind, service FROM events WHERE service IS NOT NULL AND confidence >= 0.4"
            " ORDER BY digest, number"
        ).fetchall()


@pytest.fixture
def nights() -> list[list[bytes]]:
    first = [mail(0, "Willa Marsh <w@school.example>", MISSED)]
    return [first, [mail(n, "Willa Marsh <w@school.example>", t) for n, t in enumerate(LATER, 1)]]


def test_what_someone_writes_later_tells_what_an_earlier_message_was_about(
    tmp_path: Path, nights: list[list[bytes]]
) -> None:
    assert ("missed_service", "speech") not in read(tmp_path / "one", nights[0])

    assert ("missed_service", "speech") in read(tmp_path / "two", *nights)


def test_a_rebuild_finds_what_many_nights_found(tmp_path: Path, nights: list[list[bytes]]) -> None:
    assert read(tmp_path / "many", *nights) == read(tmp_path / "once", [*nights[0], *nights[1]])


@pytest.mark.parametrize(
    "sender",
    [
        "mum@mail.example",  # a parent writes about all
        "law@firm.example",  # privileged
        "Willa Marsh",  # nobody knows who: two of them may be two people
    ],
)
def test_a_parent_a_lawyer_and_a_bare_name_have_no_usual_service(
    tmp_path: Path, sender: str
) -> None:
    read(tmp_path, [mail(n, sender, f"About speech, letter {n}.") for n in range(3)])

    assert usual_of(tmp_path) == []


def test_what_is_said_in_privileged_mail_tells_nothing(tmp_path: Path) -> None:
    letters = [
        mail(n, "w@school.example", t).replace(b"mum@mail.example", b"law@firm.example")
        for n, t in enumerate(LATER)
    ]
    read(tmp_path, letters)

    assert usual_of(tmp_path) == []


def test_a_message_that_is_held_twice_is_one(tmp_path: Path) -> None:
    letter = mail(1, "w@school.example", LATER[0])
    read(tmp_path, [letter, b"X-Copy: 1\r\n" + letter])

    assert usual_of(tmp_path) == []


@pytest.mark.parametrize(
    ("said", "usual"),
    [
        ([["speech"], ["speech"]], "speech"),
        ([["speech"]], None),  # once is no habit
        ([["speech"], ["speech"], ["ot"], ["ot"]], None),
        ([["speech", "ot"], ["speech", "ot"]], None),
        ([["speech"], ["speech"], ["ot"]], "speech"),
        ([["speech"], ["speech"], *[[]] * 9], None),  # of all that they wrote, hardly any
    ],
)
def test_a_service_is_usual_where_most_messages_that_name_any_name_it(
    said: list[list[str]], usual: str | None
) -> None:
    assert (
        usual_services(("w@school.example", codes) for codes in said).get("w@school.example")
        == usual
    )
