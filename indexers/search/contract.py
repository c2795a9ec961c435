"""What a full-text index can do. Nothing outside this package knows which engine it is.

An index holds messages by number and finds words in them. It knows nothing of dates, people or
folders: those are exact, and the directory answers for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from archiver.errors import ArchiveError, ExitCode

BODY = "body"


class QueryError(ArchiveError):
    """A search that cannot be understood as it stands."""

    exit_code = ExitCode.USAGE
    hint = 'Write words that must all occur; "exact words" in quotes; OR; NOT; begin* for endings.'

    def __init__(self, query: str, why: str, at: int = 0, nearest: str = "") -> None:
        """Say what cannot be understood.

        Args:
            query: as typed.
            why: the rest of a sentence.
            at: where, in code points of the query.
            nearest: the nearest query that can be understood; "" for none.
        """
        start = max(0, at - 40)
        shown = "".join(c if c.isprintable() else " " for c in query[start : at + 40])
        place = f"\n    {shown}\n    {' ' * (at - start)}^" if shown.strip() else ""
        meant = f"\nThe nearest search that can: {nearest}" if nearest else ""
        super().__init__(f"The search cannot be understood: {why}.{place}{meant}")
        self.query, self.at, self.nearest = query, at, nearest


class NoIndexError(ArchiveError):
    """There is nothing to search yet, or nothing that can be used."""

    hint = "Run `papertrail run` first."

    def __init__(self) -> None:
        super().__init__("The archive has not been indexed yet.")


class Kind(IntEnum):
    """What a passage of a message is."""

    SUBJECT = 0
    PEOPLE = 1  # names, without addresses: those are looked up in the directory
    OWN = 2
    QUOTED = 3
    NAME = 4  # of an attachment
    PAGE = 5  # of an attachment; one for a format without pages


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text; a phrase never runs from one passage into the next."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A message as the index takes it."""

    number: int  # of the message; an index has one document a number
    passages: Sequence[Passage]


Step = frozenset[str]
"""Words any of which may stand at one place, folded."""

Matches = dict[int, float]
"""Messages by number with a weight: how often and where the words stand in them."""


class SearchIndex(Protocol):
    """A disposable index; readers see a whole state, before a writer's commit or after it."""

    def index(self, documents: Iterable[Document]) -> int:
        """Add documents, or put them in place of those of the same number, in one commit."""
        ...

    def delete(self, numbers: Collection[int]) -> int:
        """Take documents out, in one commit; returns how many there were."""
        ...

    def search(self, steps: Sequence[Step], kinds: Collection[Kind] | None = None) -> Matches:
        """All messages in which the steps stand one after another in one passage.

        Args:
            steps: one for a word, several for a phrase.
            kinds: passages to look at; None for all.
        """
        ...

    def count(self, steps: Sequence[Step] = ()) -> int:
        """How many messages match; without steps, how many there are."""
        ...

    def numbers(self) -> set[int]:
        """All messages."""
        ...

    def begin_with(self, prefix: str) -> Step:
        """The index's own words that begin so."""
        ...

    def same_stem(self, word: str) -> Step:
        """The index's own words that differ from a word only by their endings, and the word."""
        ...

    def near(self, word: str, distance: int) -> list[str]:
        """The index's own words so few letters from a word, nearest and commonest first."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
