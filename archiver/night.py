"""What the looking and the fetching of one account's night share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archiver.archive import Archive
from archiver.catalogue import place_facts
from archiver.config import AccountTable
from archiver.journal import EntryKind
from archiver.listing import Listing
from archiver.model import Place
from archiver.outcome import Outcome, Rules
from archiver.progress import Progress


@dataclass(slots=True)
class Night:
    """One account's run, as it stands; survives reconnecting."""

    account: AccountTable
    archive: Archive
    listing: Listing
    rules: Rules
    progress: Progress
    outcome: Outcome
    known_failures: dict[Place, str]
    staff: frozenset[str]

    @classmethod
    def begin(
        cls,
        account: AccountTable,
        archive: Archive,
        listing: Listing,
        rules: Rules,
        progress: Progress,
    ) -> Night:
        """A night that has done nothing yet."""
        failures = {f.place: f.reason for f in archive.catalogue.failures()}
        outcome = Outcome(account.name)
        return cls(account, archive, listing, rules, progress, outcome, failures, listing.staff())

    def fail(self, place: Place, reason: str) -> None:
        """Note that a message could not be kept; journaled where that is news."""
        self.outcome.failed.append((place, reason))
        if self.known_failures.get(place) != reason:
            self.known_failures[place] = reason
            self.archive.record([(EntryKind.FAILED, {**place_facts(place), "reason": reason})])


def by_folder(places: Iterable[Place]) -> list[tuple[str, list[Place]]]:
    """Places grouped by folder, folders in the order of their first place."""
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.folder, []).append(place)
    return list(groups.items())
