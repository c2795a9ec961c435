"""What every full-text index must keep to; a second engine joins by a line in ENGINES."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.search.contract import (
    Document,
    Kind,
    NoIndexError,
    Passage,
    SearchIndex,
    Step,
)
from indexers.search.whoosh_index import (
    IndexInUseError,
    create_index,
    open_for_writing,
    open_index,
)

Create = Callable[[Path], SearchIndex]
ENGINES: dict[str, tuple[Create, Create]] = {"whoosh": (create_index, open_index)}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> tuple[Create, Create]:
    return ENGINES[request.param]


@pytest.fixture
def index(engine: tuple[Create, Create], tmp_path: Path) -> Iterator[SearchIndex]:
    made = engine[0](tmp_path)
    yield made
    made.close()


def words(*typed: str) -> list[Step]:
    return [frozenset({word}) for word in typed]


def message(number: int, own: str, **others: str) -> Document:
    more = [Passage(Kind[kind.upper()], text) for kind, text in others.items()]
    return Document(number, [Passage(Kind.OWN, own), *more])


def test_words_are_found_without_capitals_and_accents(index: SearchIndex) -> None:
    index.index([message(7, "Reunión del IEP"), message(9, "Bus route")])

    assert set(index.search(words("reunion"))) == {7}
    assert index.count(words("bus")) == 1
    assert index.count() == 2
    assert index.numbers() == {7, 9}
    assert index.search(words("nowhere")) == {}


def test_a_phrase_stands_in_order_in_one_passage(index: SearchIndex) -> None:
    index.index(
        [
            message(1, "her speech minutes were cut"),
            message(2, "minutes of speech"),
            message(3, "about speech", quoted="minutes"),
            Document(4, [Passage(Kind.PAGE, "speech"), Passage(Kind.PAGE, "minutes")]),
        ]
    )

    assert set(index.search(words("speech", "minutes"))) == {1}
    either = [frozenset({"speech", "of"}), frozenset({"minutes", "speech"})]
    assert set(index.search(either)) == {1, 2}


def test_a_search_can_be_narrowed_to_kinds_of_passage(index: SearchIndex) -> None:
    index.index([message(1, "bus", subject="late"), message(2, "late", page="bus")])

    assert set(index.search(words("bus"), {Kind.PAGE, Kind.NAME})) == {2}
    assert set(index.search(words("late"), {Kind.SUBJECT})) == {1}


def test_own_words_weigh_more_than_quoted_ones(index: SearchIndex) -> None:
    index.index([message(1, "x", quoted="refused"), message(2, "refused")])

    found = index.search(words("refused"))

    assert found[2] > found[1] > 0


def test_a_document_is_replaced_and_deleted(index: SearchIndex) -> None:
    index.index([message(1, "first telling"), message(2, "other")])
    index.index([message(1, "second telling")])

    assert index.search(words("first")) == {}
    assert set(index.search(words("second", "telling"))) == {1}
    assert index.delete({1, 99}) == 1
    assert (index.count(), index.count(words("telling"))) == (1, 0)


def test_many_small_additions_are_all_found(index: SearchIndex) -> None:
    """Small parts are merged as they come; nothing gets lost or doubled on the way."""
    for number in range(30):
        index.index([message(number, f"note w{number} common phrase")])
    index.delete({4})

    assert index.numbers() == set(range(30)) - {4}
    assert set(index.search(words("common", "phrase"))) == set(range(30)) - {4}
    assert set(index.search(words("w29"))) == {29}


def test_words_are_known_by_beginning_stem_and_likeness(index: SearchIndex) -> None:
    index.index(
        [
            message(1, "the meeting with the therapist was refused and the meetings are off"),
            message(2, "las reuniones de la escuela y el nino con su evaluacion para el lunes"),
        ]
    )

    assert index.begin_with("meet") == {"meeting", "meetings"}
    assert index.same_stem("meeting") == {"meeting", "meetings"}
    assert index.same_stem("reunion") == {"reunion", "reuniones"}
    assert index.same_stem("evaluaciones") >= {"evaluacion"}
    assert index.near("terapist", 1) == ["therapist"]
    assert index.near("zzzzzz", 2) == []


def test_readers_see_the_state_they_opened_while_a_writer_works(
    engine: tuple[Create, Create], index: SearchIndex, tmp_path: Path
) -> None:
    index.index([message(1, "before")])
    reader = engine[1](tmp_path)

    index.index([message(2, "after")])

    assert set(reader.search(words("before"))) == {1}
    assert reader.search(words("after")) == {}
    reader.close()
    again = engine[1](tmp_path)
    assert set(again.search(words("after"))) == {2}
    again.close()


def test_what_fails_half_way_leaves_the_state_before(index: SearchIndex) -> None:
    index.index([message(1, "before")])

    def failing() -> Iterator[Document]:
        yield message(2, "half")
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        index.index(failing())

    assert (index.count(), index.search(words("half"))) == (1, {})
    assert index.index([message(3, "later")]) == 1


def test_there_is_nothing_to_open_where_there_is_nothing(
    engine: tuple[Create, Create], tmp_path: Path
) -> None:
    with pytest.raises(NoIndexError):
        engine[1](tmp_path / "none")


@given(st.lists(st.text(max_size=40), max_size=6), st.text(max_size=10))
def test_no_text_is_too_odd(tmp_path_factory: pytest.TempPathFactory, texts: list[str],
                            asked: str) -> None:  # fmt: skip
    made = create_index(tmp_path_factory.mktemp("odd"))

    made.index(message(number, text) for number, text in enumerate(texts))

    assert made.count() == len(texts)
    made.search(words(asked))
    made.begin_with(asked)
    made.same_stem(asked)
    made.near(asked, 1)
    made.close()


def test_two_writers_are_one_too_many(tmp_path: Path) -> None:
    index = create_index(tmp_path)

    def second() -> Iterator[Document]:
        other = open_for_writing(tmp_path)
        assert other is not None
        with pytest.raises(IndexInUseError):
            other.index([message(2, "other")])
        other.close()
        yield message(1, "one")

    assert index.index(second()) == 1
    index.close()


@pytest.mark.parametrize("suffix", [".seg", ".toc", ".json"])
def test_any_damage_is_noticed_before_more_is_written(tmp_path: Path, suffix: str) -> None:
    index = create_index(tmp_path)
    index.index([message(n, f"some words {n}") for n in range(50)])
    index.close()
    path = next(p for p in tmp_path.iterdir() if p.suffix == suffix)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF

    path.write_bytes(content)

    assert open_for_writing(tmp_path) is None
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(NoIndexError):
        open_index(tmp_path)


WRITER = """
import sys
from pathlib import Path
from indexers.search.contract import Document, Kind, Passage
from indexers.search.whoosh_index import open_for_writing
index = open_for_writing(Path(sys.argv[1]))
number = max(index.numbers()) + 1
print("ready", flush=True)
while True:
    index.index([Document(n, [Passage(Kind.OWN, "alpha beta w%d" % n)])
                 for n in range(number, number + 20)])
    number += 20
"""


def test_a_word_list_whose_writer_was_killed_halfway_opens(tmp_path: Path) -> None:
    """SQLite finds the journal of a transaction without an end beside it, and rolls it back."""
    index = create_index(tmp_path)
    index.index([message(0, "alpha beta")])
    index.close()
    words_file = tmp_path / "words.sqlite"
    killed = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN")
for n in range(5000):
    db.execute("INSERT INTO words VALUES (?, NULL, NULL, 1, 1)", (f"half{n}",))
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", killed, str(words_file)], check=False)
    assert words_file.with_name("words.sqlite-journal").stat().st_size > 0

    reader = open_index(tmp_path)

    assert reader.begin_with("half") == frozenset()
    assert reader.begin_with("al") == {"alpha"}
    reader.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is of Unix")
def test_a_writer_that_is_killed_leaves_a_searchable_index(tmp_path: Path) -> None:
    """At any moment of its work, again and again on the same index."""
    folder = tmp_path / "search"
    folder.mkdir()
    index = create_index(folder)
    index.index([message(0, "alpha beta w0")])
    index.close()
    before = 1
    for turn in range(15):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)],
            stdout=subprocess.PIPE, cwd=Path.cwd(), env={**os.environ, "PYTHONPATH": "."},
        ) as writer:  # fmt: skip
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n", turn
            time.sleep(0.013 * turn)
            writer.send_signal(signal.SIGKILL)
        reader = open_index(folder)
        count = reader.count()
        assert count >= before
        assert set(reader.search(words("alpha", "beta"))) == set(range(count)), turn
        assert (count - 1) % 20 == 0
        reader.close()
        before = count
    assert before > 20
