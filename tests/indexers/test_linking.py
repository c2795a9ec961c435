"""Quotes and the originals that are held."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.model import Digest, Original, Place, Standing
from archiver.progress import Silent
from archiver.roles import AddressBook
from indexers.build import View, build
from indexers.database import open_reading
from indexers.linking import links_of
from indexers.model import Difference, Family
from indexers.quote_links import compare, words_of
from indexers.records import span_from

OFFER = "We propose 30 minutes of speech a week, beginning on Monday.\nDana\n"


def letter(
    name: str, body: str, *, answers: str = "", sender: str = "dana@school.example"
) -> bytes:
    reply = f"In-Reply-To: <{answers}@t.example>\n" if answers else ""
    return (
        f"From: {sender}\nTo: mum@mail.example\nSubject: Speech\n{reply}"
        f"Date: Wed, 4 Mar 2026 09:00:00 -0700\nMessage-ID: <{name}@t.example>\n\n{body}"
    ).encode()


Read = Callable[..., sqlite3.Connection]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read letters, as many nights as there are lists of them."""
    raws: dict[str, bytes] = {}
    originals: list[Original] = []
    book = AddressBook(frozenset({"school.example"}), frozenset(), frozenset(), frozenset())
    view = View(ZoneInfo("America/Phoenix"), book, Family(()))

    def nights(*nights: list[bytes]) -> sqlite3.Connection:
        at = datetime(2026, 3, 5, tzinfo=UTC)
        for night in nights:
            for raw in night:
                digest = Digest(hashlib.sha256(raw).hexdigest())
                raws[digest] = raw
                place = Place("family", "INBOX", 1, len(raws))
                originals.append(Original(digest, len(raw), at, None, (place,), Standing.SCHOOL))
            build(originals, lambda digest: raws[digest], tmp_path, view, Silent())
        return open_reading(tmp_path / "reading.sqlite")

    return nights


def rows(db: sqlite3.Connection, sql: str) -> list[tuple[object, ...]]:
    return db.execute(sql).fetchall()


LINKS = (
    "SELECT m.message_id, o.message_id, how, differences FROM quotes q JOIN messages m USING"
    " (digest) JOIN messages o ON o.digest = original ORDER BY 1, start"
)


def test_a_quote_is_linked_to_what_it_answers_however_it_is_wrapped(read: Read) -> None:
    quoted = "> We propose 30 minutes of\n> speech a week, beginning on Monday.\n> Dana\n"

    db = read([letter("offer", OFFER), letter("answer", f"No.\n\n{quoted}", answers="offer")])

    assert rows(db, LINKS) == [("<answer@t.example>", "<offer@t.example>", "reference", "[]")]


def test_altered_words_are_shown_beside_the_original_s(read: Read) -> None:
    """Somebody who changes 30 to 60 in what they quote shall not get away with it."""
    quoted = "> We propose 60 minutes of speech a week, beginning on Monday.\n> Dana\n"

    db = read([letter("offer", OFFER), letter("answer", f"Yes.\n\n{quoted}", answers="offer")])

    (digest,) = rows(db, "SELECT digest FROM quotes")[0]
    assert [link.differences for link in links_of(db, str(digest))] == [(Difference("30", "60"),)]


def test_an_original_that_comes_later_is_found_by_its_words(read: Read) -> None:
    long = "The bus left without him on Monday, on Tuesday and again on Thursday morning. " * 3
    body = f"Look.\n\n---------- Forwarded message ---------\nFrom: Bus\nTo: Mum\n\n{long}\n"

    later = read([letter("forward", body)], [letter("bus", long)])

    assert rows(later, LINKS) == [("<forward@t.example>", "<bus@t.example>", "words", "[]")]


def test_two_nights_read_as_one(read: Read) -> None:
    """What is derived must not depend on when it was made: it is compared after a rebuild."""
    first = letter("answer", f"Yes.\n\nDana wrote:\n> {OFFER}", answers="offer")
    everything = "SELECT digest, spans, linked, day, standing FROM messages ORDER BY entry"

    db = read([first], [letter("offer", OFFER)])
    in_two = rows(db, everything), rows(db, LINKS), rows(db, "SELECT * FROM prints")
    for table in ("quotes", "prints", "refs", "events", "said", "messages"):
        db.execute(f"DELETE FROM {table}")
    db.commit()
    db.close()
    again = read([])
    in_one = rows(again, everything), rows(again, LINKS), rows(again, "SELECT * FROM prints")

    assert in_two == in_one
    assert in_two[1] != []


def test_answers_without_any_mark_are_told_by_what_is_held(read: Read) -> None:
    """Outlook's plain text has lost the red: only the original shows which lines are new."""
    questions = "Did he have his aide on Monday?\nDid he eat his lunch on Monday?\n"
    answer = (
        "Answers in red below.\n\nFrom: Dana <dana@school.example>\nSent: Monday, March 2, 2026"
        " 9:12 AM\nTo: Mum\nSubject: Questions\n\nDid he have his aide on Monday?\nNobody came at"
        " all.\nDid he eat his lunch on Monday?\n"
    )

    db = read([letter("ask", questions), letter("answer", answer, answers="ask")])

    sql = "SELECT body, spans FROM messages WHERE message_id = '<answer@t.example>'"
    body, spans = db.execute(sql).fetchone()
    found = [span_from(row) for row in json.loads(spans)]
    own = [(body[s.start : s.end].strip(), s.unsure) for s in found if s.kind == "own"]
    assert own == [("Answers in red below.", False), ("Nobody came at all.", False)]


@pytest.mark.parametrize(
    ("quote", "share", "differences"),
    [
        ("> beginning on Monday", 1.0, ()),
        ("We propose 30 minutes of speech a week <https://x.example/y>", 1.0, ()),
        (
            "We propose 30 minutes a week, beginning on Monday.",
            1.0,
            (Difference("of speech", ""),),
        ),
    ],
)
def test_what_programs_change_is_no_difference(
    quote: str, share: float, differences: tuple[Difference, ...]
) -> None:
    agreement = compare(words_of(quote), words_of(OFFER))

    assert agreement is not None
    assert (agreement.share, agreement.differences) == (share, differences)


def test_other_words_are_another_letter_s() -> None:
    assert (
        compare(words_of("The bus was late again on Friday, by an hour."), words_of(OFFER)) is None
    )
