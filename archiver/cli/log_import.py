"""Rows of a spreadsheet to entries of the running log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import click

from archiver.cli.log_keeping import LogInputError, all_entries, keep, today_of
from archiver.cli.show import print_table, visible
from archiver.config import Settings
from archiver.running_log import LogKind, Record
from archiver.sheets import Sheet, read_sheet
from indexers.log_input import LISTS, read_record
from indexers.logbook import log_text

_NAMES = {
    "date": "date day on event_date session_date happened_on date_of_service",
    "end": "until end end_date last_day",
    "begins": "from start begins start_time time began",
    "ends": "to end_time ends ended",
    "type": "type kind",
    "service": "service related_service",
    "minutes": "minutes min mins minutes_given duration",
    "given": "given delivered held provided given_or_not",
    "reason": "reason why reason_not_given cause",
    "people": "with who people attendees present provider staff therapist",
    "proposed": "proposed proposal proposals",
    "objected": "objected objection objections objected_to",
    "promised": "promised promise promises",
    "noticed": "notice notice_date notice_received notice_received_on noticed told_on",
    "agenda": "agenda",
    "words": "notes note text comments comment details description what_happened words",
    "private": "private",
}
_FIELDS = {alias: field for field, aliases in _NAMES.items() for alias in aliases.split()}
_RANGE = re.compile(r"(.*\d.*?)\s*(?:-|–|\bto\b|\buntil\b)\s*(.*\d.*)")


def import_file(
    settings: Settings, file: Path, kind: LogKind | None, maps: Sequence[str], *, dry_run: bool
) -> None:
    """Enter the rows of a file, or say everything that keeps them from being entered.

    Raises:
        LogInputError: a column or a row cannot be read; nothing was entered.
        UnreadableSheetError: it is no spreadsheet.
    """
    sheet = read_sheet(file)
    fields, left = _columns(sheet, maps)
    today = today_of(settings)
    records, problems = _records(sheet, fields, kind, today)
    if problems:
        raise LogInputError([f"{file.name} has rows that cannot be read:", *problems])
    held = _held(settings)
    new: list[tuple[int, Record]] = []
    known: list[int] = []
    for number, record in records:
        if record in held:
            known.append(number)
        else:
            held.add(record)
            new.append((number, record))
    if left:
        names = ", ".join(visible(name) for name in left)
        click.echo(
            f"Not taken: {names}. Say what such a column is with --map 'COLUMN=notes'.", err=True
        )
    if dry_run:
        _list(new)
    told = f"{_count(len(new))}"
    if known:
        rows = ", ".join(map(str, known[:12])) + (" …" if len(known) > 12 else "")
        told += f"; there already: {len(known)} (row{'' if len(known) == 1 else 's'} {rows})"
    if dry_run:
        click.echo(f"Would be entered: {told}. Nothing was kept.")
        return
    numbers = keep(
        settings,
        [(record, {"file": file.name, "row": number}) for number, record in new],
    ) if new else []  # fmt: skip
    which = f" as {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else ""
    click.echo(f"Entered: {told}{which}.")


def _columns(sheet: Sheet, maps: Iterable[str]) -> tuple[dict[int, str], list[str]]:
    """Which column is which field, and the columns that are none."""
    told: dict[str, str] = {}
    problems: list[str] = []
    for each in maps:
        column, equals, field = (piece.strip() for piece in each.rpartition("="))
        known = _FIELDS.get(_plain(field), "")
        if not equals or column not in sheet.columns:
            problems.append(f"--map {each}: there is no column {column!r} in the first row.")
        elif not known:
            problems.append(f"--map {each}: {field!r} is none of {', '.join(_short())}.")
        told[column] = known
    fields: dict[int, str] = {}
    left: list[str] = []
    for place, name in enumerate(sheet.columns):
        field = told.get(name) or _FIELDS.get(_plain(name), "")
        if field and field in fields.values() and field not in LISTS:
            problems.append(f"Two columns are “{field}”; the second is {name!r}.")
        elif field:
            fields[place] = field
        elif name:
            left.append(name)
    if "date" not in fields.values():
        problems.append("No column is the date. Say which: --map 'COLUMN=date'.")
    if problems:
        raise LogInputError(problems)
    return fields, left


def _records(
    sheet: Sheet, fields: dict[int, str], kind: LogKind | None, today: date
) -> tuple[list[tuple[int, Record]], list[str]]:
    records: list[tuple[int, Record]] = []
    problems: list[str] = []
    for number, cells in sheet.rows:
        told: dict[str, str | list[str]] = {}
        for place, field in fields.items():
            cell = cells[place]
            if field in LISTS:
                pieces = [piece for piece in re.split(r"[;\n]+", cell) if piece.strip()]
                told[field] = [*told.get(field, []), *pieces]
            else:
                told[field] = cell
        found = _kind(str(told.pop("type", "")), told, kind)
        if found is None:
            problems.append(f"  row {number}: what is it? Name a column “type”, or give --type.")
            continue
        times = _RANGE.fullmatch(str(told.get("begins", "")))
        if times and not told.get("ends"):
            told["begins"], told["ends"] = times[1], times[2]
        record, wrong = read_record(found, told, today, with_year=True)
        problems += [f"  row {number}: {visible(each)}" for each in wrong]
        if record is not None:
            records.append((number, record))
    return records, problems


def _kind(said: str, told: dict[str, str | list[str]], default: LogKind | None) -> LogKind | None:
    plain = said.strip().casefold()
    for kind in LogKind:
        if plain and (plain.startswith(kind) or kind in plain.split()):
            return kind
    if plain:
        return None
    if default is None and told.get("service"):
        return LogKind.SERVICE
    return default


def _held(settings: Settings) -> set[Record]:
    """Everything that was ever entered: a row that was edited or withdrawn does not come back."""
    versions = (version for entry in all_entries(settings) for version in entry.versions)
    return {version.record for version in versions if version.record is not None}


def _list(new: Sequence[tuple[int, Record]]) -> None:
    rows = [
        (
            str(number),
            record.on.isoformat() + (f"\nto {record.end}" if record.end else ""),
            str(record.kind) + ("\n(private)" if record.private else ""),
            " / ".join(log_text(record).splitlines()),
        )
        for number, record in new
    ]
    if rows:
        print_table(("row", "date", "type", "says"), rows)


def _plain(name: str) -> str:
    return "_".join(re.findall(r"[a-z]+", name.casefold()))


def _short() -> list[str]:
    return [aliases.split()[0] for aliases in _NAMES.values()]


def _count(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
