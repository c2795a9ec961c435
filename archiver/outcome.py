"""What a night goes by, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archiver.correspondence import standing_of
from archiver.errors import ArchiveError
from archiver.model import Person, Place
from archiver.roles import AddressBook

Judge = Callable[[bytes, frozenset[str]], bool]
"""Whether a message among the family speaks of the child's schooling; the set: names of staff."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a pull goes by, apart from the accounts."""

    book: AddressBook
    fingerprint: str  # changes whenever anything does that decides what belongs
    judge: Judge | None  # None: mail among the family alone is left out

    def counts(self, people: Sequence[Person]) -> bool:
        """Whether a message belongs by its people alone."""
        return self.book.everything or standing_of(people, self.book) is not None


@dataclass(slots=True)
class FolderTally:
    """What one folder came to."""

    folder: str
    uidvalidity: int
    listed: int = 0
    held: int = 0


@dataclass(slots=True)
class Outcome:
    """What a night came to for one account."""

    account: str
    folders: list[FolderTally] = field(default_factory=list)
    received: int = 0  # receipts of this run
    new_originals: int = 0
    recognised: int = 0  # places whose message is held already, told without fetching it again
    bytes: int = 0
    vanished: int = 0
    returned: int = 0
    failed: list[tuple[Place, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # sentences a person should read
    error: ArchiveError | None = None  # the account was not looked at to its end

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look."""
        return bool(self.failed or self.notes or self.error)

    def begin(self) -> None:
        """A look starts (again): forget what the one before it said, not what it received."""
        self.folders.clear()
        self.notes.clear()
        self.failed.clear()

    def count_held(self, place: Place) -> None:
        """One more message of a folder is held."""
        for tally in self.folders:
            if tally.folder == place.folder:
                tally.held += 1
