"""Pure: which entries of a chronology are shown. What may leave at all: disclosure.py."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from indexers.model import EventKind, RecordedKind
from reports.model import Chronology


def within(
    chronology: Chronology,
    *,
    after: date | None = None,
    before: date | None = None,
    kinds: Collection[EventKind | RecordedKind] = (),
) -> Chronology:
    """Entries of some kinds (none: all) that touch the days from ``after`` to before ``before``."""
    return Chronology(
        tuple(
            entry
            for entry in chronology.entries
            if (not kinds or entry.kind in kinds)
            and (after is None or (entry.end or entry.on) >= after)
            and (before is None or entry.on < before)
        )
    )
