"""Pure: what vanished or changed place on the server after the archive had it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archiver.catalogue import Receipt
from archiver.file_source import ACCOUNT as IMPORTED
from archiver.model import Digest, Place


class Change(StrEnum):
    """What became of a message on the server."""

    VANISHED = "vanished"  # no longer listed in any place
    MOVED = "moved"  # a place is gone, and it is listed in another that was seen later


@dataclass(frozen=True, slots=True)
class Departure:
    """A message that is no longer where it was received from."""

    digest: Digest
    change: Change
    places: tuple[Place, ...]  # that are gone, in the order they were seen
    now_at: tuple[Place, ...]  # where it is listed still or again
    first_seen: datetime  # in any place, UTC; all three are times of looks by this computer's clock
    last_seen: datetime | None  # None: it was received and was gone at the very next look
    first_missing: datetime


def departures(receipts: Iterable[Receipt]) -> list[Departure]:
    """Messages that vanished or moved, in the order in which that was noticed.

    A message that only lost one of several places it had from the start (a copy in another folder
    was deleted) is listed as moved too: a place is gone, and the message is still there.
    """
    by_original: dict[Digest, list[Receipt]] = {}
    for receipt in receipts:
        if receipt.place.account == IMPORTED:
            continue  # a file on this computer is no place on a server
        by_original.setdefault(receipt.digest, []).append(receipt)
    found = []
    for digest, all_receipts in by_original.items():
        gone = [r for r in all_receipts if r.first_missing is not None]
        if not gone:
            continue
        there = tuple(r.place for r in all_receipts if r.first_missing is None)
        found.append(
            Departure(
                digest,
                Change.MOVED if there else Change.VANISHED,
                tuple(r.place for r in gone),
                there,
                min(r.first_seen for r in all_receipts),
                max((r.last_seen for r in gone if r.last_seen), default=None),
                max(r.first_missing for r in gone if r.first_missing),
            )
        )
    return sorted(found, key=lambda d: (d.first_missing, d.digest))
