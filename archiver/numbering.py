"""Numbers that a line of a report keeps for good, once it was exported.

They stand in the journal and not in ``derived/`` or ``exports/``, because those may be deleted: a
hearing officer who was given "No. 17" must find the same line under it years later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from archiver.archive import Archive
from archiver.journal import Entry, EntryKind


def numbers_in(entries: Iterable[Entry], series: str) -> dict[str, int]:
    """Pure: the number of each id of a series; where two entries name an id, the first counts."""
    numbers: dict[str, int] = {}
    for entry in entries:
        if entry.kind is EntryKind.NUMBERED and entry.facts.get("series") == series:
            first = cast(int, entry.facts["first"])
            for place, name in enumerate(cast(Sequence[str], entry.facts["ids"])):
                numbers.setdefault(name, first + place)
    return numbers


def number_all(
    archive: Archive, series: str, ids: Iterable[str], formerly: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Number what has no number yet, in the order given, and journal it; all numbers.

    Args:
        archive: open for writing.
        series: what is numbered; each series counts from 1.
        ids: in the order in which new ones are numbered.
        formerly: by id, the id that the same line had before a person corrected it. It keeps its
            number, where no other line of ``ids`` has that.
    """
    numbers = numbers_in(archive.journal.read(), series)
    present = list(dict.fromkeys(ids))
    kept = _kept(present, numbers, formerly or {})
    archive.record(
        (EntryKind.NUMBERED, {"series": series, "first": number, "ids": [name]})
        for name, number in kept.items()
    )
    numbers |= kept
    new = [name for name in present if name not in numbers]
    if new:
        first = max(numbers.values(), default=0) + 1
        facts = {"series": series, "first": first, "ids": new}
        archive.record([(EntryKind.NUMBERED, facts)])
        numbers |= {name: first + place for place, name in enumerate(new)}
    return numbers


def _kept(
    present: Sequence[str], numbers: Mapping[str, int], formerly: Mapping[str, str]
) -> dict[str, int]:
    """Pure: numbers that lines under another name take over."""
    taken = {numbers[name] for name in present if name in numbers}
    kept: dict[str, int] = {}
    for name in present:
        number = numbers.get(formerly.get(name, ""))
        if name not in numbers and number is not None and number not in taken:
            kept[name] = number
            taken.add(number)
    return kept
