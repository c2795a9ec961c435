"""Pure: which entries of a chronology are shown, and which never leave by themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from archiver.model import Digest, Standing
from indexers.model import Event, EventKind
from reports.model import Chronology, MessageFacts

WITHHELD = frozenset({Standing.PRIVILEGED, Standing.FAMILY})
"""Mail that leaves the archive only when a person says so (design, promise 8)."""


def exportable(events: Iterable[Event], messages: Mapping[Digest, MessageFacts]) -> Iterator[Event]:
    """Events that rest on mail which may leave the archive.

    They are left out before a chronology is built, not after: a merged entry must not take its
    minutes or its reason from a privileged telling. Nothing says how many there were.
    """
    for event in events:
        message = messages.get(event.citation.digest)
        if message is not None and message.standing not in WITHHELD:
            yield event


def within(
    chronology: Chronology,
    *,
    after: date | None = None,
    before: date | None = None,
    kinds: Collection[EventKind] = (),
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
