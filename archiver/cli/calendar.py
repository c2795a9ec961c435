"""The days of school by the configuration: its lists, and the district's calendar file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from archiver.cli.main import App
from archiver.errors import ArchiveError, ExitCode
from indexers.model import Service
from reports.lines import Line
from reports.school_days import (
    SchoolDays,
    closed_in_calendar,
    days,
    with_calendar,
    without_calendar,
)


class CalendarUnreadableError(ArchiveError):
    """The district's calendar file cannot be used."""

    exit_code = ExitCode.USAGE
    hint = (
        "Download the district's calendar as an .ics file, or list the days without school under "
        "[calendar] closed."
    )

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The calendar {path} ([calendar] file) cannot be used: {why}.")
        self.path = path


def school_days_of(
    app: App, promises: Sequence[Service], lines: Sequence[Line], through: date
) -> SchoolDays:
    """When there was school, from the first promise or telling to the day of the report.

    Raises:
        CalendarUnreadableError: the configured file is missing or no calendar.
    """
    settings = app.settings
    calendar, state = settings.calendar, settings.archive.state
    starts = [promise.start for promise in promises if promise.start]
    first = min([*starts, *(line.on for line in lines)], default=through)
    first = min(first, through)
    if not calendar.given:
        return without_calendar(first, through, state)
    closed = {on for first_day, last_day in calendar.closed for on in days(first_day, last_day)}
    if calendar.file:
        closed |= _closed_by_file(app.folder / Path(calendar.file).expanduser())
    held = {on for first_day, last_day in calendar.open for on in days(first_day, last_day)}
    return with_calendar(closed, held, first, through, state, public=calendar.public_holidays)


def _closed_by_file(path: Path) -> set[date]:
    try:
        closed = {on for on, _ in closed_in_calendar(path.read_bytes())}
    except OSError as error:
        raise CalendarUnreadableError(path, error.strerror or "it cannot be read") from error
    except ValueError as error:
        raise CalendarUnreadableError(path, "it is no calendar file (.ics)") from error
    if not closed:
        raise CalendarUnreadableError(path, "it names no day without school")
    return closed
