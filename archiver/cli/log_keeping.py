"""What the commands of the running log share: looking entries up, and keeping new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from archiver.archive import read_archive, write_archive
from archiver.config import Settings
from archiver.errors import ArchiveError, ExitCode
from archiver.journal import EntryKind
from archiver.running_log import LogEntry, Record, next_number, record_facts


class LogInputError(ArchiveError):
    """What was told cannot be an entry of the log; everything that is wrong is listed."""

    exit_code = ExitCode.USAGE
    hint = "Nothing was kept."

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class NoSuchLogEntryError(ArchiveError):
    """An entry is named that is not there."""

    exit_code = ExitCode.USAGE
    hint = "`papertrail log list` shows them with their numbers."

    def __init__(self, number: int, why: str = "There is no entry {number} in the log.") -> None:
        super().__init__(why.format(number=number))
        self.number = number


def search_entries(
    settings: Settings, words: str, entries: Sequence[LogEntry] | None = None
) -> list[LogEntry]:
    """Entries of the log that a search finds.

    Raises:
        QueryError: the search cannot be understood.
    """
    from indexers.log_search import search_log  # noqa: PLC0415
    from indexers.search.days import read_days  # noqa: PLC0415
    from indexers.search.language import parse  # noqa: PLC0415

    today = today_of(settings)
    node = parse(words, lambda text: read_days(text, today) is not None)
    return search_log(node, all_entries(settings) if entries is None else entries, today)


def keep(settings: Settings, records: Sequence[tuple[Record, Mapping[str, object]]]) -> list[int]:
    """Journal new entries; returns their numbers.

    Args:
        settings: where the archive is.
        records: each with further facts for the journal.
    """
    with write_archive(settings.archive.path) as archive:
        first = next_number(archive.catalogue.log())
        archive.record(
            (EntryKind.LOGGED, record_facts(number, record) | dict(more))
            for number, (record, more) in enumerate(records, first)
        )
    return list(range(first, first + len(records)))


def today_of(settings: Settings) -> date:
    """Today in the school's zone."""
    return datetime.now(settings.timezone).date()


def all_entries(settings: Settings) -> list[LogEntry]:
    """The log, in order of number; withdrawn entries too."""
    if not (settings.archive.path / "journal.jsonl").exists():
        return []
    with read_archive(settings.archive.path) as archive:
        return archive.catalogue.log()


def entry_of(settings: Settings, number: int) -> LogEntry:
    """An entry by its number.

    Raises:
        NoSuchLogEntryError: there is none.
    """
    found = next((entry for entry in all_entries(settings) if entry.number == number), None)
    if found is None:
        raise NoSuchLogEntryError(number)
    return found
