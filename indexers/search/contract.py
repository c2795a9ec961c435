"""What a full-text index can do. Nothing outside this package knows which engine it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from archiver.errors import ArchiveError, ExitCode
from archiver.model import Digest

BODY = "body"


class QueryError(ArchiveError):
    """A search that cannot be understood."""

    exit_code = ExitCode.USAGE
    hint = 'Write words that must all occur; "exact words" in quotes; OR; NOT; begin* for endings.'

    def __init__(self, query: str, why: str) -> None:
        super().__init__(f"The search {query!r} cannot be understood: {why}.")


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed: a message's body, or one page of an attachment."""

    digest: Digest
    part: str  # "body" or the attachment's name
    path: str  # MIME path; tells two attachments of one name apart
    page: int | None
    subject: str
    people: str  # names and addresses, any order
    own: str  # own words of a body, or an attachment's text
    quoted: str  # the rest of a body


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that matches, best first."""

    digest: Digest
    part: str
    page: int | None
    score: float


class SearchIndex(Protocol):
    """A disposable index; readers see a whole state, before a writer's commit or after it."""

    def add(self, documents: Iterable[Document]) -> int:
        """Add documents in one commit; returns how many."""
        ...

    def messages(self) -> set[Digest]:
        """Messages that have a document here."""
        ...

    def search(self, query: str, limit: int) -> list[Hit]:
        """Documents in which all words occur; raises QueryError."""
        ...

    def terms(self, query: str) -> frozenset[str]:
        """The words of a query as a highlighter needs them, lower case."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
