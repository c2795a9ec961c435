"""What the exhibits of a packet say happened when, each line with its exhibit and page."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from archiver.model import Digest
from indexers import query
from indexers.contents import links
from indexers.model import Citation
from reports.answers import threads_of
from reports.chronology import build_chronology
from reports.exhibits.labels import bates_of
from reports.exhibits.model import Exhibit, Profile
from reports.exhibits.papers import iso_day, names_of
from reports.exhibits.redact import Redactor
from reports.links import link_to_each_other
from reports.words import KINDS, when

_COLUMNS = (
    "Date", "What", "In the words of the record", "From", "Sent", "Exhibit",
    "Page number", "Status",
)  # fmt: skip


def chronology_rows(
    db: sqlite3.Connection,
    exhibits: Sequence[Exhibit],
    profile: Profile,
    zone: ZoneInfo,
    redactor: Redactor,
) -> list[tuple[str, ...]]:
    """A head, then a row for each telling that stands in this packet, and none that does not.

    Events of other messages are left out before tellings are merged and linked, so that nothing in
    a line comes from a message that is not an exhibit. What came back to a request is not said: the
    reply may be in the archive and not in this packet.
    """
    within = {digest: exhibit for exhibit in exhibits for digest in exhibit.digests}
    messages = {d: m for d, m in query.summaries(db).items() if d in within}
    names = _names(db, messages)
    rows: list[tuple[str, ...]] = [_COLUMNS]
    chosen = (event for event in query.events(db) if event.citation.digest in within)
    threads = threads_of(link for link in links(db) if link[0] in within)
    chronology = link_to_each_other(build_chronology(chosen, messages), threads)
    labels = {e.id: within[e.sources[0].citation.digest].label for e in chronology.entries}
    for entry in chronology.entries:
        said = [f"{KINDS[entry.kind]}. {entry.summary}"]
        for link in entry.links:
            label = labels[link.entry]
            said.append(redactor.text(f"{link.words}{f' See {label}.' if label else ''}"))
        for source in entry.sources:
            cited = source.citation
            exhibit = within[cited.digest]
            rows.append(
                (
                    when(entry.on, entry.end, entry.precision),
                    "\n".join(said),
                    redactor.text(cited.quote),
                    redactor.text(names_of([source.sender])),
                    iso_day(source.sent, zone),
                    exhibit.label,
                    bates_of(profile, _page_of(exhibit, cited, names)),
                    str(source.status),  # of this telling: the entry may rest on another
                )
            )
    return rows


def _names(db: sqlite3.Connection, digests: Mapping[Digest, object]) -> dict[tuple[str, str], str]:
    """MIME path of an attachment by message and name."""
    rows = db.execute("SELECT digest, name, path FROM parts ORDER BY digest, path DESC")
    return {(digest, name): path for digest, name, path in rows if digest in digests}


def _page_of(exhibit: Exhibit, cited: Citation, names: Mapping[tuple[str, str], str]) -> int:
    """The Bates number of the page a quote stands on; the section's first where that is open."""
    path = "message" if cited.part == "body" else names.get((cited.digest, cited.part), "")
    at = exhibit.first_bates
    for section in exhibit.sections:
        if section.source == cited.digest and section.part == path:
            known = cited.page if section.how == "as it is" else None
            return at + min((known or 1) - 1, section.pages - 1)
        at += section.pages
    return exhibit.first_bates
