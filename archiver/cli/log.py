"""`papertrail log`: what never was in an e-mail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver.cli.log_keeping import (
    LogInputError,
    NoSuchLogEntryError,
    all_entries,
    entry_of,
    keep,
    search_entries,
    today_of,
)
from archiver.cli.main import App
from archiver.cli.show import format_option, print_rows, visible
from archiver.running_log import LogKind

if TYPE_CHECKING:
    from archiver.running_log import Record

_DAY = click.DateTime(["%Y-%m-%d"])
_COLUMNS = ("entry", "date", "type", "says", "entered")


@click.group()
def log() -> None:
    """Keep your own record: meetings, services, calls and notes.

    What you enter is never overwritten: an edit is a new version, and `log show N --history` shows
    them all. In the chronology it is marked as your own record, with the day you entered it.
    """


def _options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Some of the options that tell an entry."""
    known: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
        "date": click.option("--date", help="The day: 2026-03-04, March 4, yesterday."),
        "end": click.option("--until", "end", help="The last day, where it was several."),
        "begins": click.option("--from", "begins", help="When it began: 3:00 pm."),
        "ends": click.option("--to", "ends", help="When it ended: 4:10 pm."),
        "people": click.option(
            "--with", "people", multiple=True, metavar="PERSON",
            help='Who was there: "Dana Ortiz, speech therapist". May be given several times.',
        ),
        "proposed": click.option(
            "--proposed", multiple=True, metavar="WHO: WHAT",
            help='What was proposed, by whom: "school: reduce speech to 30 minutes a week".',
        ),
        "objected": click.option(
            "--objected", multiple=True, metavar="WHO: WHAT", help="What was objected to, by whom."
        ),
        "promised": click.option(
            "--promised", multiple=True, metavar="WHO: WHAT", help="What was promised, by whom."
        ),
        "service": click.option("--service", help="Which service: speech, ot, aide …"),
        "minutes": click.option("--minutes", help="How many minutes of it."),
        "given": click.option(
            "--given/--not-given", "given", default=None, help="Whether it was given."
        ),
        "reason": click.option("--reason", help="Why it was not given."),
        "noticed": click.option("--notice", "noticed", metavar="DAY",
                                help="The day you were told of the meeting: February 24."),
        "agenda": click.option("--agenda", help="What the meeting was called for."),
        "words": click.option("--text", "words", help="Anything else, in your own words."),
        "private": click.option(
            "--private/--not-private", "private", default=None, help="For you alone: in no report."
        ),
    }  # fmt: skip

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            command = known[name](command)
        return command

    return decorate


_ALWAYS = ("date", "end")
_TALK = (*_ALWAYS, "begins", "ends", "people", "proposed", "objected", "promised")


@log.command("meeting", short_help="A meeting: who was there, what was said.")
@_options(*_TALK, "noticed", "agenda", "words", "private")
@click.pass_obj
def meeting(app: App, /, **told: object) -> None:
    """A meeting: who was there, what was proposed, objected to and promised."""
    _enter(app, LogKind.MEETING, told)


@log.command("call")
@_options(*_TALK, "words", "private")
@click.pass_obj
def call(app: App, /, **told: object) -> None:
    """A call or a talk in the hallway."""
    _enter(app, LogKind.CALL, told)


@log.command("service")
@_options(*_ALWAYS, "service", "minutes", "given", "reason", "begins", "ends", "people", "words",
          "private")  # fmt: skip
@click.pass_obj
def service(app: App, /, **told: object) -> None:
    """A session of a service that was given, or was not."""
    _enter(app, LogKind.SERVICE, told)


@log.command("note")
@_options(*_ALWAYS, "people", "words", "private")
@click.pass_obj
def note(app: App, /, **told: object) -> None:
    """Anything else; --private keeps it out of every report."""
    _enter(app, LogKind.NOTE, told)


@log.command("edit", short_help="Change entry N by a new version.")
@click.argument("number", type=click.IntRange(1), metavar="N")
@_options(*_TALK, "noticed", "agenda", "service", "minutes", "given", "reason", "words", "private")
@click.pass_obj
def edit(app: App, /, number: int, **told: object) -> None:
    """Change entry N by a new version; what you do not name stays as it is.

    A list (--with, --proposed …) is replaced as a whole; an empty value ("") clears it.
    """
    from archiver.archive import write_archive  # noqa: PLC0415
    from archiver.journal import EntryKind  # noqa: PLC0415
    from archiver.running_log import record_facts  # noqa: PLC0415

    entry = entry_of(app.settings, number)
    before = entry.record
    if before is None:
        raise NoSuchLogEntryError(number, "Entry {number} was withdrawn; enter it anew.")
    record = _told(app, before.kind, told, before)
    if record is None:
        return
    if record == before:
        click.echo(f"Entry {number} says that already; nothing was changed.")
        return
    with write_archive(app.settings.archive.path) as archive:
        facts = record_facts(number, record) | {"replaces": entry.last.entry}
        archive.record([(EntryKind.LOGGED, facts)])
    click.echo(f"Changed entry {number}. `papertrail log show {number} --history` has both.")


@log.command("withdraw", short_help="Take entry N out of the chronology.")
@click.argument("number", type=click.IntRange(1), metavar="N")
@click.option("--reason", "why", default="", help="Why, for the history.")
@click.pass_obj
def withdraw(app: App, number: int, why: str) -> None:
    """Take entry N out of the chronology; it stays in the journal, and its history can be shown."""
    from archiver.archive import write_archive  # noqa: PLC0415
    from archiver.journal import EntryKind  # noqa: PLC0415

    if entry_of(app.settings, number).record is None:
        click.echo(f"Entry {number} was withdrawn before; nothing was changed.")
        return
    facts = {"log": number, "why": " ".join(visible(why).split())}
    with write_archive(app.settings.archive.path) as archive:
        archive.record([(EntryKind.WITHDRAWN, facts)])
    click.echo(f"Withdrew entry {number}. Its history is kept.")


@log.command("list")
@click.option("--after", type=_DAY, help="From this day on.")
@click.option("--before", type=_DAY, help="Before this day.")
@click.option("--type", "kind", type=click.Choice([str(kind) for kind in LogKind]))
@click.option("--search", "words", default="", help="Only entries with these words.")
@click.option("--withdrawn", is_flag=True, help="The withdrawn ones instead.")
@format_option
@click.pass_obj
def list_entries(
    app: App,
    after: datetime | None,
    before: datetime | None,
    kind: str | None,
    words: str,
    withdrawn: bool,
    form: str,
) -> None:
    """Print the entries in order of the day they tell of."""
    from archiver.cli.log_show import row  # noqa: PLC0415
    from indexers.logbook import told  # noqa: PLC0415

    entries = all_entries(app.settings)
    if words and not withdrawn:
        entries = search_entries(app.settings, words, entries)
    chosen = [
        entry
        for entry in entries
        if (entry.record is None) == withdrawn
        and (kind is None or told(entry).kind == kind)
        and (after is None or (told(entry).end or told(entry).on) >= after.date())
        and (before is None or told(entry).on < before.date())
    ]
    chosen.sort(key=lambda entry: (told(entry).on, entry.number))
    zone = app.settings.timezone
    print_rows([row(entry, zone, whole=form != "table") for entry in chosen], form, _COLUMNS)
    if not chosen and form == "table":
        click.echo("No entry is there yet." if not entries else "No entry is like that.")


@log.command("show")
@click.argument("number", type=click.IntRange(1), metavar="N")
@click.option("--history", is_flag=True, help="Every version, the first first.")
@click.pass_obj
def show(app: App, number: int, history: bool) -> None:
    """Print entry N in full."""
    from archiver.cli.log_show import entry_lines, history_lines  # noqa: PLC0415

    entry, zone = entry_of(app.settings, number), app.settings.timezone
    for line in history_lines(entry, zone) if history else entry_lines(entry, zone):
        click.echo(visible(line))


@log.command("import", short_help="Enter the rows of a spreadsheet.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--type", "kind", type=click.Choice([str(kind) for kind in LogKind]),
              help="What a row is that does not say so.")  # fmt: skip
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD",
              help="What a column is: --map 'Therapist=with'.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would be entered; keep nothing.")
@click.pass_obj
def import_rows(
    app: App, file: Path, kind: str | None, maps: tuple[str, ...], dry_run: bool
) -> None:
    """Enter the rows of a spreadsheet, CSV or .xlsx; a row that is there already is left out.

    The first row names the columns: date, until, from, to, type, service, minutes, given, reason,
    with, proposed, objected, promised, notice, agenda, notes, private. Several people or points in
    one cell stand on lines of their own, or with a semicolon between them. If one row cannot be
    read, none is entered, and all that is wrong is listed.
    """
    from archiver.cli.log_import import import_file  # noqa: PLC0415

    import_file(app.settings, file, LogKind(kind) if kind else None, maps, dry_run=dry_run)


def _enter(app: App, kind: LogKind, told: Mapping[str, object]) -> None:
    from archiver.cli.log_show import record_lines  # noqa: PLC0415

    asked = not _fields(told)
    record = _told(app, kind, told, None)
    if record is None:
        return
    for entry in all_entries(app.settings):
        if entry.record == record:
            click.echo(f"That is entry {entry.number} already; nothing was added.")
            return
    (number,) = keep(app.settings, [(record, {})])
    for line in () if asked else record_lines(record):
        click.echo(visible(line))
    click.echo(f"Kept as entry {number}. To change it: papertrail log edit {number}")


def _told(
    app: App, kind: LogKind, told: Mapping[str, object], before: Record | None
) -> Record | None:
    """The entry that options tell, or that the person tells when asked; None: they thought better.

    Raises:
        LogInputError: something is wrong with it.
    """
    from indexers.log_input import read_record  # noqa: PLC0415

    fields = _fields(told)
    if not fields:
        if not sys.stdin.isatty():
            raise LogInputError(["Nothing was told; `papertrail log --help` shows the options."])
        from archiver.cli.log_ask import ask_record  # noqa: PLC0415

        return ask_record(kind, before, today_of(app.settings))
    if kind is LogKind.NOTE and before is None:
        fields.setdefault("date", "today")
    record, problems = read_record(kind, fields, today_of(app.settings), before=before)
    if record is None:
        raise LogInputError(problems)
    return record


def _fields(told: Mapping[str, object]) -> dict[str, str | Sequence[str]]:
    """What was told by options; "" among them clears."""
    return {name: _field(value) for name, value in told.items() if value not in {None, ()}}


def _field(value: object) -> str | Sequence[str]:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
