"""What commands share that write something to hand on: what a person names, what would leave."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from archiver.cli import reading
from archiver.cli.main import App
from archiver.config import Settings
from archiver.errors import ArchiveError, ExitCode
from archiver.model import Digest
from indexers.logbook import log_summaries
from indexers.query import MessageSummary, log, summaries
from reports.disclosure import Disclosure
from reports.document import Document
from reports.lines import Line
from reports.model import Chronology, Entry, ReportFacts, Source


class NoSuchMessageError(ArchiveError):
    """A message that was named is not in the archive, or the name fits several."""

    exit_code = ExitCode.USAGE
    hint = (
        "Name it by the beginning of its SHA-256 (eight characters or more) or by its Message-ID; "
        "`papertrail report withheld` lists both."
    )

    def __init__(self, name: str, found: int) -> None:
        fits = f"{found} messages begin like that" if found else "no message is called that"
        super().__init__(f"--include {name}: {fits}.")
        self.name, self.found = name, found


def leaving_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--include`` and ``--dry-run``, for every command that writes to hand on."""
    include = click.option(
        "--include",
        "named",
        multiple=True,
        metavar="MESSAGE",
        help="Let out this one message that is held back: its SHA-256 (or the first eight "
        "characters or more) or its Message-ID. May be given several times.",
    )
    dry_run = click.option(
        "--dry-run", is_flag=True, help="Write nothing; list every document that would leave."
    )
    decorated: Callable[..., Any] = include(dry_run(command))
    return decorated


def output_option(*, required: bool, formats: str) -> Callable[..., Any]:
    """``-o FILE``; the ending chooses the format."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        required=required,
        help=f"The file to write; its ending chooses the format: {formats}.",
    )


@dataclass(frozen=True, slots=True)
class Material:
    """What a report may draw on."""

    settings: Settings
    db: sqlite3.Connection
    disclosure: Disclosure
    chronology: Chronology

    def facts(self) -> ReportFacts:
        """What it says of the archive, as it is now."""
        return reading.facts_of(self.settings, self.db, self.disclosure)

    def messages(self) -> dict[Digest, MessageSummary]:
        """The messages that may leave."""
        found = summaries(self.db)
        return {digest: found[digest] for digest in found if digest in self.disclosure.leaves}

    def documents(self, entries: Iterable[Entry]) -> list[dict[str, object]]:
        """What would leave with these entries."""
        return documents(entries, self.disclosure, self.settings.timezone)


@contextmanager
def leaving(app: App, named: Iterable[str]) -> Iterator[Material]:
    """Everything that may leave, and what a person named."""
    with reading.open_up_to_date(app.settings) as db:
        chosen = named_messages(named, summaries(db) | log_summaries(log(db)))
        disclosure = reading.disclosure_of(app.settings, db, chosen)
        chronology = reading.chronology_of(db, disclosure)
        chronology = reading.linked(app.settings, db, chronology, disclosure)
        yield Material(app.settings, db, disclosure, chronology)


def write_document(
    app: App,
    output: Path,
    named: Iterable[str],
    make: Callable[[Material, tuple[Line, ...]], Document],
    *,
    dry_run: bool,
    confirmed_only: bool = False,
    choose: Callable[[Chronology], Chronology] = lambda chronology: chronology,
) -> None:
    """Write a report of tables, or list what would leave with it.

    Args:
        app: the command's.
        output: the file to write.
        named: messages that a person lets out.
        make: the document, from what may leave and the lines that were chosen.
        dry_run: only list.
        confirmed_only: leave out what nobody has confirmed.
        choose: which entries the document draws on.
    """
    from reports.lines import (  # noqa: PLC0415
        as_confirmed,
        is_confirmed,
        lines_of,
        without_dismissed,
    )
    from reports.page import write_page  # noqa: PLC0415
    from reports.render_document import check_document_format, render_document  # noqa: PLC0415

    check_document_format(output)
    settings = app.settings
    with leaving(app, named) as material:
        chosen = choose(without_dismissed(material.chronology))
        if confirmed_only:
            confirmed = (as_confirmed(e) for e in chosen.entries if is_confirmed(e))
            chosen = Chronology(tuple(confirmed))
        if dry_run:
            show_documents(material.documents(chosen.entries))
            return
        numbers = reading.numbers_so_far(settings)
        lines = lines_of(chosen, numbers, settings.address_book(), settings.timezone)
        page, notes = render_document(make(material, tuple(lines)), output)
    write_page(output, page)
    click.echo(f"Wrote {output}")
    for note in notes:
        click.echo(note)


def named_messages(
    names: Iterable[str], messages: Mapping[Digest, MessageSummary]
) -> frozenset[Digest]:
    """The originals that ``--include`` names.

    Raises:
        NoSuchMessageError: a name fits no message, or more than one.
    """
    chosen: set[Digest] = set()
    for name in names:
        wanted = name.strip()
        fits = [
            digest
            for digest, message in messages.items()
            if message.message_id.strip("<>") == wanted.strip("<>")
            or (len(wanted) >= 8 and digest.startswith(wanted.lower()))
        ]
        if len(fits) != 1:
            raise NoSuchMessageError(name, len(fits))
        chosen.update(fits)
    return frozenset(chosen)


def documents(
    entries: Iterable[Entry], disclosure: Disclosure, zone: ZoneInfo
) -> list[dict[str, object]]:
    """Every message and attachment whose words a report on these entries would carry."""
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for entry in entries:
        for source in entry.sources:
            cited = source.citation
            row = rows.setdefault(
                (cited.digest, cited.part),
                {
                    "date": source.sent.astimezone(zone).date().isoformat() if source.sent else "",
                    "from": source.sender.address or source.sender.name,
                    "subject": source.subject,
                    "document": _document(source),
                    "named": cited.digest in disclosure.named,
                    "sha256": cited.digest,
                    "quotes": 0,
                },
            )
            row["quotes"] = int(str(row["quotes"])) + 1
    return [rows[key] for key in sorted(rows, key=lambda k: (str(rows[k]["date"]), *k))]


def _document(source: Source) -> str:
    if source.record is not None:
        return "your own record"
    return "message" if source.citation.part == "body" else source.citation.part


def show_documents(rows: Sequence[Mapping[str, object]]) -> None:
    """What would leave, for a person to read before anything is written."""
    from archiver.cli.show import print_table  # noqa: PLC0415

    if not rows:
        click.echo("Nothing would leave.")
        return
    print_table(
        ("date", "from", "subject", "document", "quotes", "sha256"),
        [
            (
                str(row["date"]),
                str(row["from"]),
                str(row["subject"]) + (" [held back, named by you]" if row["named"] else ""),
                str(row["document"]),
                str(row["quotes"]),
                str(row["sha256"])[:12],
            )
            for row in rows
        ],
    )
    click.echo(f"{len(rows)} documents would leave; nothing was written.")
