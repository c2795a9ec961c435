"""Edge: exhibits joined into the combined files, with bookmarks, and which page went where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reports.exhibits import papers
from reports.exhibits.check import page_digests
from reports.exhibits.job import Job
from reports.exhibits.labels import bates_of
from reports.exhibits.model import Exhibit
from reports.exhibits.record import PageRow
from reports.exhibits.stamp import bookmarked


def combine(
    job: Job, data: Path, exhibits: Sequence[Exhibit], front: int
) -> tuple[dict[str, int], list[PageRow]]:
    """Join exhibits into files that keep to the profile's limit, the exhibit list before the first.

    Args:
        job: of the packet.
        data: holds ``exhibits/`` and ``papers/exhibit-list.pdf``.
        exhibits: in order.
        front: pages of the exhibit list.

    Returns:
        By file: how many pages stand before its first exhibit; and a row for each page.
    """
    limit = job.profile.max_file_bytes
    groups: list[list[Exhibit]] = [[]]
    list_file = data / "papers" / "exhibit-list.pdf"
    size = list_file.stat().st_size
    for exhibit in exhibits:
        own = (data / "exhibits" / exhibit.file).stat().st_size
        # Pages that are joined share nothing and lose little: the sum is the upper bound.
        if groups[-1] and size + own > limit:
            groups.append([])
            size = 0
        groups[-1].append(exhibit)
        size += own
    packets: dict[str, int] = {}
    rows: list[PageRow] = []
    for number, group in enumerate(groups, 1):
        name = "packet.pdf" if len(groups) == 1 else f"packet-part-{number}.pdf"
        parts: list[tuple[Path, list[tuple[str, int, list[tuple[str, int]]]]]] = []
        at = 0
        if number == 1:
            parts.append((list_file, [("Exhibit list", 0, [])]))
            at = front
        packets[name] = at
        for exhibit in group:
            path = data / "exhibits" / exhibit.file
            parts.append((path, [_bookmark(job, exhibit)]))
            for page, digest in enumerate(page_digests(path.read_bytes()), 1):
                at += 1
                rows.append(
                    PageRow(
                        exhibit.first_bates + page - 1, exhibit.number, page, exhibit.pages,
                        digest, f"exhibits/{exhibit.file}", name, at,
                    )
                )  # fmt: skip
        bookmarked(parts, job.title, data / name)
    return packets, rows


def _bookmark(job: Job, exhibit: Exhibit) -> tuple[str, int, list[tuple[str, int]]]:
    on = papers.iso_day(exhibit.date, job.zone)
    name = exhibit.label or bates_of(job.profile, exhibit.first_bates)
    below, at = [], 0
    for section in exhibit.sections:
        below.append((section.title, at))
        at += section.pages
    return f"{name}  {on}  {exhibit.description}", 0, below if len(below) > 1 else []
