"""The words of an index in SQLite: by beginning, by stem, and by likeness.

It may hold words that no message has any more (a crash, a deletion), never miss one: words are
written before the postings are. Whoever asks looks the words up in the postings after that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from indexers.vocabulary import letters, near, stem

_SCHEMA = """
CREATE TABLE words (
    word    TEXT PRIMARY KEY,
    en      TEXT,              -- its English stem; null unless it stands in an English passage
    es      TEXT,
    length  INTEGER NOT NULL,
    letters INTEGER NOT NULL   -- which letters it has, as bits
) WITHOUT ROWID;
CREATE INDEX words_en ON words (en) WHERE en IS NOT NULL;
CREATE INDEX words_es ON words (es) WHERE es IS NOT NULL;
CREATE INDEX words_length ON words (length, word, letters);
"""
_TONGUES = ("en", "es")


class Lexicon:
    """The words of one index."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open it; raises sqlite3.DatabaseError where it is none."""
        new = create and not path.exists()
        # Not mode=ro: what a killed writer left half done is rolled back by whoever opens it next,
        # and SQLite fails where it may not write (https://sqlite.org/lockingv3.html, 4.0).
        where = str(path) if create else f"{path.resolve().as_uri()}?mode=rw"
        self._db = sqlite3.connect(where, timeout=30, uri=not create)
        if new:
            self._db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        if create:
            # A cache: after a power cut it is checked, and made anew where it is damaged.
            self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("SELECT word FROM words LIMIT 1").fetchone()
        if not create:
            self._db.execute("PRAGMA query_only = ON")

    def sound(self) -> bool:
        """Whether SQLite finds no damage in it."""
        return bool(self._db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")

    def add(self, words: Mapping[str, Iterable[str]]) -> None:
        """Take in words by the tongue ("en", "es") of the passages that they stand in."""
        with self._db:
            for tongue in _TONGUES:
                self._db.executemany(
                    f"INSERT INTO words (word, {tongue}, length, letters) VALUES (?, ?, ?, ?)"  # noqa: S608
                    f" ON CONFLICT (word) DO UPDATE SET {tongue} = excluded.{tongue}"
                    f" WHERE {tongue} IS NULL",
                    (
                        (word, stem(word, tongue), len(word), letters(word))
                        for word in sorted(words.get(tongue, ()))
                    ),
                )

    def begin_with(self, prefix: str) -> frozenset[str]:
        """Words that begin so."""
        rows = self._db.execute(
            "SELECT word FROM words WHERE word >= ? AND word < ?", (prefix, f"{prefix}\U0010ffff")
        )
        return frozenset(word for (word,) in rows)

    def same_stem(self, word: str) -> frozenset[str]:
        """Words with a word's stem, in the tongues that it is used in; the word among them."""
        row = self._db.execute("SELECT en, es FROM words WHERE word = ?", (word,)).fetchone()
        # A word that nobody wrote may be of either tongue: "refusals" where all say "refusal".
        used = [t for t, s in zip(_TONGUES, row, strict=True) if s] if row else _TONGUES
        found = {word}
        for tongue in used:
            rows = self._db.execute(
                f"SELECT word FROM words WHERE {tongue} = ?",  # noqa: S608 - "en" or "es"
                (stem(word, tongue),),
            )
            found.update(other for (other,) in rows)
        return frozenset(found)

    def near(self, word: str, distance: int) -> list[tuple[int, str]]:
        """Words at most so many letters away, with how many, nearest first."""
        rows = self._db.execute(
            "SELECT word, letters FROM words WHERE length BETWEEN ? AND ?",
            (len(word) - distance, len(word) + distance),
        )
        return near(word, rows, distance)

    def close(self) -> None:
        """Close the database."""
        self._db.close()
