"""Pure: whether a packet keeps to its profile; a packet that does not is never written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from archiver.errors import ArchiveError
from reports.exhibits.labels import bates_of, label_of, page_stamp
from reports.exhibits.mail_pages import size_words
from reports.exhibits.model import Exhibit, Profile
from reports.exhibits.stamp import stamp_room


class PacketRefusedError(ArchiveError):
    """The packet would break its profile; nothing was written."""

    hint = "Nothing was written and no number was given out."

    def __init__(self, profile: Profile, problems: Sequence[str]) -> None:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"The packet does not keep to the profile “{profile.name}”:{listed}")
        self.problems = tuple(problems)


def problems_of(
    profile: Profile,
    exhibits: Sequence[Exhibit],
    sizes: Mapping[str, int],
    page_sizes: Mapping[str, Sequence[tuple[float, float]]],
    frozen: Sequence[int] | None = None,
) -> list[str]:
    """Everything that is against the profile, as plain sentences.

    Args:
        profile: of the packet.
        exhibits: as they were made.
        sizes: bytes of each combined file by name.
        page_sizes: of every page of each exhibit's file, in points.
        frozen: pages of each exhibit when the volume was first exported; None at the first time.
    """
    return [
        *_labels(profile, exhibits),
        *_stamps(profile, exhibits),
        *_pages(profile, exhibits, page_sizes),
        *_order(profile, exhibits),
        *(
            f"{name} has {size_words(size)}; a file may have {size_words(profile.max_file_bytes)}. "
            "Choose fewer messages, or leave large attachments to the folder “native”."
            for name, size in sorted(sizes.items())
            if size > profile.max_file_bytes
        ),
        *_frozen(exhibits, frozen),
    ]


def _labels(profile: Profile, exhibits: Sequence[Exhibit]) -> Iterator[str]:
    expected = exhibits[0].first_bates if exhibits else 1
    seen: set[str] = set()
    for exhibit in exhibits:
        if exhibit.label != label_of(profile, exhibit.number):
            yield f"Exhibit {exhibit.number} is called {exhibit.label!r}."
        if exhibit.label and exhibit.label in seen:
            yield f"Two exhibits are called {exhibit.label}."
        seen.add(exhibit.label)
        if exhibit.first_bates != expected:
            yield f"{exhibit.label} begins on page {exhibit.first_bates}, not {expected}."
        expected = exhibit.first_bates + exhibit.pages
    if expected - 1 >= 10**profile.bates_digits:
        yield f"There are more pages than {profile.bates_digits} digits can number."


def _stamps(profile: Profile, exhibits: Sequence[Exhibit]) -> Iterator[str]:
    """The widest pair of stamps must fit beside each other and on the paper."""
    for exhibit in exhibits:
        bates = bates_of(profile, exhibit.last_bates)
        label = page_stamp(profile, exhibit.label, exhibit.pages, exhibit.pages, bates)
        if stamp_room(profile, (label, bates if profile.label else "")) < 6:
            yield f"The stamps “{label}” and “{bates}” do not fit into the margin."
            return


def _pages(
    profile: Profile,
    exhibits: Sequence[Exhibit],
    page_sizes: Mapping[str, Sequence[tuple[float, float]]],
) -> Iterator[str]:
    for exhibit in exhibits:
        found = page_sizes[exhibit.file]
        if not exhibit.pages:
            yield f"{exhibit.label} has no pages."
        if len(found) != exhibit.pages:
            yield f"{exhibit.label} has {len(found)} pages in its file, not {exhibit.pages}."
        if any(size != profile.page_size for size in found):
            wide, high = profile.page_size
            yield f"{exhibit.label} has a page that is not {wide:g} by {high:g} points."


def _order(profile: Profile, exhibits: Sequence[Exhibit]) -> Iterator[str]:
    if profile.order != "date":
        return
    dated = [exhibit for exhibit in exhibits if exhibit.date]
    for before, after in pairwise(dated):
        if before.date and after.date and before.date > after.date:
            yield f"{after.label} is older than {before.label}, which comes before it."


def _frozen(exhibits: Sequence[Exhibit], frozen: Sequence[int] | None) -> Iterator[str]:
    for exhibit, pages in zip(exhibits, frozen or (), strict=False):
        if exhibit.pages != pages:
            yield (
                f"{exhibit.label} had {pages} pages when it was first exported and would now have "
                f"{exhibit.pages}: a program that makes pages (LibreOffice, fonts) has changed."
            )
