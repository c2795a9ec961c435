"""What lies on the desk for review: items, what surrounds their words, and acts put on record."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

from archiver.archive import ArchiveInUseError, read_archive, write_archive
from archiver.cli.reading import open_up_to_date
from archiver.cli.show import visible
from archiver.config import Settings
from archiver.decisions import Decided, Decision, Verdict, decision_facts, last_words
from archiver.errors import ArchiveError, ExitCode
from archiver.journal import EntryKind
from archiver.model import Digest
from indexers import query
from indexers.decided import attributes_of, dismissed_events
from indexers.logbook import log_events, log_summaries
from indexers.model import Event, EventKind
from reports.corrections import corrected, read_change, wrong_with
from reports.review import Context, Item, context, make_items, tellings
from reports.words import KINDS, REASONS, day, service, topic

_PATIENCE_S = 5.0  # while the nightly job holds the archive


class NoSuchEventError(ArchiveError):
    """An event is named that is not there, or the name fits several."""

    exit_code = ExitCode.USAGE
    hint = (
        "`papertrail review list` and `papertrail timeline --format jsonl` print the ids; their "
        "first four characters or more are enough."
    )

    def __init__(self, name: str, found: int = 0) -> None:
        what = f"{found} events begin with {name!r}" if found else f"No event is called {name!r}"
        super().__init__(f"{what}.")
        self.name, self.found = name, found


class OwnRecordError(ArchiveError):
    """What is to be reviewed is the parent's own record."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str, number: int) -> None:
        super().__init__(f"{name} is your own record; it needs no review.")
        self.hint = f"`papertrail log edit {number}` changes it."


class NothingToUndoError(ArchiveError):
    """There is no decision to take back."""

    exit_code = ExitCode.USAGE

    def __init__(self) -> None:
        super().__init__("There is nothing to take back.")


class CorrectionError(ArchiveError):
    """A correction cannot be made; everything that is wrong is listed."""

    exit_code = ExitCode.USAGE
    hint = "Nothing was changed."

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Act:
    """A decision or a mark, as it was taken back."""

    verdict: str  # "confirmed" …, "marked"
    tellings: tuple[Decided, ...]
    digest: Digest | None  # of a message whose mark was taken back


class Desk:
    """The archive as it is reviewed; used in a ``with`` statement."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self._stack = settings, ExitStack()
        self.items: list[Item] = []
        self.dismissed: list[Item] = []
        self.decisions: list[Decision] = []
        self._events: list[Event] = []
        self._db: sqlite3.Connection

    def __enter__(self) -> Desk:
        self.refresh()
        return self

    def __exit__(self, *args: object) -> None:
        self._stack.close()

    def refresh(self) -> None:
        """Read everything anew, with what was decided so far."""
        self._stack.close()
        self._db = self._stack.enter_context(open_up_to_date(self.settings))
        with read_archive(self.settings.archive.path) as archive:
            self.decisions = archive.catalogue.decisions()
        log = query.log(self._db)
        messages = query.summaries(self._db) | log_summaries(log)
        self._events = list(query.events(self._db))
        self.items = make_items([*self._events, *log_events(log)], messages)
        self.dismissed = make_items(list(dismissed_events(last_words(self.decisions))), messages)
        # What only `timeline --all` shows is not offered, but can be named.
        self._faint = make_items(list(query.events(self._db, faint=True)), messages)

    def find(self, name: str) -> Item:
        """An entry by its id or the beginning of it; what was dismissed can be named, too.

        Raises:
            NoSuchEventError: there is none, or there are several.
        """
        asked = name.strip().lower()
        for items in (self.items, self.dismissed, self._faint):
            fits = [item for item in items if len(asked) >= 4 and item.entry.id.startswith(asked)]
            if len(fits) == 1:
                return fits[0]
            if fits:
                raise NoSuchEventError(name, len(fits))
        raise NoSuchEventError(name)

    def found_in_mail(self, name: str) -> Item:
        """The same, of what the program found: nobody reviews their own record.

        Raises:
            NoSuchEventError: there is none, or there are several.
            OwnRecordError: it is the parent's own record.
        """
        item = self.find(name)
        for source in item.entry.sources:
            if source.record is not None and not item.events:
                raise OwnRecordError(name, source.record.number)
        return item

    def decide(
        self,
        items: Iterable[Item],
        verdict: Verdict,
        changes: Mapping[str, object] | None = None,
        note: str = "",
        *,
        likewise: Iterable[Item] = (),
    ) -> None:
        """Put one decision on all of some entries on record; taken back, all of it is.

        Args:
            items: the entries.
            verdict: what the person says.
            changes: of a correction.
            note: for the family alone.
            likewise: further entries, corrected in the same way but for the day.
        """
        changes = changes or {}
        but_the_day = {name: changes[name] for name in changes if name not in {"on", "end"}}
        found = [
            telling
            for some, corrections in ((items, changes), (likewise, but_the_day))
            for item in some
            for telling in tellings(item, verdict, self._events, self.decisions, corrections)
        ]
        if found:
            self._record(EntryKind.DECIDED, decision_facts(verdict, found, note))

    def mark(self, digest: Digest, privileged: bool | None) -> None:
        """Put on record whether a message is privileged; None: as the configuration has it."""
        self._record(EntryKind.MARKED, {"sha256": digest, "privileged": privileged})

    def undo(self) -> Act:
        """Take back the latest decision or mark, and read everything anew.

        Raises:
            NothingToUndoError: there is none.
        """
        with read_archive(self.settings.archive.path) as archive:
            last = archive.catalogue.last_act()
            if last is None:
                raise NothingToUndoError
            entry = next(e for e in archive.journal.read() if e.number == last)
        self._record(EntryKind.UNDONE, {"entry": last})
        found = next((d for d in self.decisions_of_all() if d.entry == last), None)
        self.refresh()
        if found is not None:
            return Act(found.verdict, found.tellings, None)
        return Act("marked", (), Digest(str(entry.facts["sha256"])))

    def decisions_of_all(self) -> list[Decision]:
        """Every decision, those taken back too."""
        with read_archive(self.settings.archive.path) as archive:
            return archive.catalogue.decisions(undone=True)

    def context(self, event: Event) -> Context:
        """The words of an event with what stands around them."""
        cited = event.citation
        text = query.page_text(self._db, cited.digest, cited.part, cited.page)
        within = self._run_at(cited.digest, cited.start) if cited.part == "body" else None
        return context(text, cited.start, cited.end, within)

    def sent(self, event: Event) -> date:
        """The day of the message that tells of an event."""
        sql = "SELECT day FROM messages WHERE digest = ?"
        row = self._db.execute(sql, (event.citation.digest,)).fetchone()
        return date.fromisoformat(row[0]) if row and row[0] else event.on

    @property
    def db(self) -> sqlite3.Connection:
        """The reading."""
        return self._db

    def _run_at(self, digest: Digest, at: int) -> tuple[int, int] | None:
        """The run of a body, by one author, that a place in it belongs to."""
        message = query.message(self._db, digest)
        spans = message.spans if message else ()
        return next(((span.start, span.end) for span in spans if span.start <= at < span.end), None)

    def _record(self, kind: EntryKind, facts: Mapping[str, object]) -> None:
        """Journal one fact; the archive is held for that long and no longer.

        Raises:
            ArchiveInUseError: the nightly job has held it all the while.
        """
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                with write_archive(self.settings.archive.path) as archive:
                    archive.record([(kind, facts)])
            except ArchiveInUseError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
            else:
                return


def changes_from(item: Item, fields: dict[str, str], sent: date) -> dict[str, object]:
    """Corrections as they were typed, read and checked together.

    Raises:
        CorrectionError: something cannot be read, or cannot be.
    """
    changes: dict[str, object] = {}
    problems: list[str] = []
    for field, text in fields.items():
        try:
            changes |= read_change(field, text, sent)
        except ValueError as error:
            problems.append(f"{str(error)[0].upper()}{str(error)[1:]}.")
    if not problems:
        made = [corrected(attributes_of(event), changes) for event in item.events]
        problems = list(dict.fromkeys(filter(None, map(wrong_with, made))))
    if problems:
        raise CorrectionError(problems)
    before = [attributes_of(event) for event in item.events]
    return {} if changes and made == before else changes


def now_says(item: Item, changes: dict[str, object], *, whole: bool = False) -> str:
    """An entry in a line, as it says now.

    Args:
        item: the entry.
        changes: of it.
        whole: who did it, why, what it is about and who is named, too, whether changed or not.
    """
    made = corrected(attributes_of((item.waiting or item.events)[0]), changes)
    about = f": {service(made.service)}" if made.service else ""
    until = f" to {day(made.end)}" if made.end else ""
    minutes = f", {made.minutes} minutes" if made.minutes else ""
    said = f"{KINDS[EventKind(made.kind)]}{about}, {day(made.on)}{until}{minutes}"
    if whole or "actor" in changes:
        said += f"; by: {made.actor}"
    if whole and made.reason:
        said += f"; reason: {REASONS.get(made.reason, made.reason)}"
    if "topics" in changes or (whole and made.topics):
        said += f"; about: {', '.join(map(topic, made.topics)) or 'nothing named'}"
    if whole and made.people:
        said += f"; people: {', '.join(made.people)}"
    return visible(said)
