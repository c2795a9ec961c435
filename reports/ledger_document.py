"""Pure: the service ledger as a document: totals, months, weeks, and every row behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from indexers.build import local_day
from indexers.model import Service
from reports.document import Bar, Cell, Chart, Document, Linked, Section, Table
from reports.ledger import (
    COUNTING_RULE,
    REASON_ORDER,
    Account,
    Figures,
    Ledger,
    Told,
)
from reports.ledger import (
    Cell as Stretch,
)
from reports.lines import Line
from reports.model import ReportFacts
from reports.promises import FoundPromise, amount
from reports.words import MONTHS, REASONS, day, service

_REASON_COLUMNS = {
    "provider_absent": "Missed: provider absent",
    "vacancy": "Missed: post vacant",
    "not_scheduled": "Missed: not scheduled",
    "school_event": "Missed: school event",
    "closure": "Missed: school closed",
    "student_absent": "Missed: student absent",
    "unknown": "Missed: no reason stated",
}
_COLUMNS = (
    "Promised", "Given", *(_REASON_COLUMNS[reason] for reason in REASON_ORDER), "Told both ways",
    "Unaccounted", "Beyond the promise", "Made up", "Minutes stated for given",
)  # fmt: skip
_ROW_COLUMNS = ("No.", "Day", "Told", "Reason", "Minutes", "Counted", "Exact words", "Source")
_WEEKLY = {"day", "week", "2 weeks"}


def ledger_document(
    ledger: Ledger,
    facts: ReportFacts,
    found: Sequence[FoundPromise] = (),
    idle: Sequence[Service] = (),
) -> Document:
    """The ledger to print, open and sort.

    Args:
        ledger: the accounts.
        facts: of the archive.
        found: rows of service grids in mail that may leave; those not confirmed are listed.
        idle: promises that were confirmed but are not counted, since the configuration has them.
    """
    sections = [
        Section("How it is counted", (*COUNTING_RULE, ledger.school_days.rule)),
        *(
            section
            for number, account in enumerate(ledger.accounts, 1)
            for section in _account(account, number)
        ),
    ]
    if not ledger.accounts:
        sections.append(
            Section(
                "No promise",
                (
                    "The configuration has no [[service]] that had begun by the day of this "
                    "report, and no row of a service grid was confirmed for it.",
                ),
            )
        )
    if ledger.elsewhere:
        rows = tuple(_told(line) for line in ledger.elsewhere)
        sections.append(
            Section(
                "Told, but of no promise configured for that day",
                ("These count nowhere above.",),
                tables=(
                    Table("Rows", ("No.", "Day", "Service", "Told", "Exact words", "Source"), rows),
                ),
            )
        )
    sections += _not_counted(found, idle, facts.zone)
    return Document(
        "Service ledger",
        "What each service promises, and what the correspondence documents of it, in sessions.",
        facts,
        (
            f"Through {day(ledger.through)}. A figure leads to the rows it rests on. Unaccounted "
            "means that no document that this report draws on tells of it, not that a session was "
            "missed.",
            _looked_at(ledger),
        ),
        tuple(sections),
    )


def _not_counted(
    found: Sequence[FoundPromise], idle: Sequence[Service], zone: ZoneInfo
) -> Iterable[Section]:
    if idle:
        names = ", ".join(dict.fromkeys(service(promise.service) for promise in idle))
        yield Section(
            "Confirmed, but not counted",
            (f"The configuration promises the same for some of the same days: {names}.",),
        )
    open_rows = [each for each in found if not each.confirmed]
    if not open_rows:
        return
    rows = tuple(
        (
            each.row.id,
            service(each.row.service),
            amount(each.row),
            f"“{each.row.words}”",
            f"{each.part}{f', page {each.row.page}' if each.row.page else ''}"
            f"{f', received with mail of {day(local_day(each.sent, zone))}' if each.sent else ''}, "
            f"SHA-256 {each.digest[:12]}",
        )
        for each in open_rows
    )
    yield Section(
        "Found in service grids, confirmed by nobody",
        (
            "Tables of services in the attachments, of drafts and of agreed IEPs alike. They count "
            "nowhere above. `papertrail promises confirm ID --start DAY --end DAY` counts one.",
        ),
        tables=(Table("Rows", ("ID", "Service", "Read as", "Exact words", "Source"), rows),),
    )


def _looked_at(ledger: Ledger) -> str:
    lines = [row.line for a in ledger.accounts for cell in a.cells for row in cell.rows]
    suggested = sum(not line.confirmed for line in (*lines, *ledger.elsewhere))
    if not suggested:
        return "A person has confirmed every row."
    return (
        f"{suggested} of {len(lines) + len(ledger.elsewhere)} rows are suggestions that no person "
        "has confirmed yet; --confirmed-only leaves them out."
    )


def _account(account: Account, number: int) -> Iterable[Section]:
    promise, total, mark = account.promise, account.total, f"s{number}"
    each = f" of {promise.minutes} minutes" if promise.minutes else ""
    said = (
        f"Promised: {promise.times} sessions{each} per {promise.per}"
        if promise.times
        else "Promised, without a number of sessions"
    )
    who = f", by {promise.provider}" if promise.provider else ""
    dates = f"{day(account.first)} to {day(account.last)}"
    paragraphs = [f"{said}{who}. {dates}.", *account.notes]
    if total.promised is not None:
        paragraphs.append(
            f"Of {_range(total.promised)} sessions promised, {total.given} are documented as given"
            f"{_percent(total)}, {total.missed_in_all} as missed, {total.both} are told both ways, "
            f"and of {_range(total.unaccounted or (0, 0))} no document here tells. "
            f"{total.made_up} are told as made up."
        )
        if promise.minutes:
            low, high = (n * promise.minutes for n in total.promised)
            paragraphs.append(
                f"In minutes: {_range((low, high))} promised; the words state {total.minutes} for "
                "sessions given. A session whose minutes no one states adds none."
            )
    months = tuple(
        _linked(_month(account, year, month, mark), figures)
        for (year, month), figures in account.months()
        if promise.per != "year"
    )
    weeks = tuple(
        _linked(_week(cell, mark), cell.figures) for cell in account.cells
    )  # fmt: skip
    span = f"{account.first.isoformat()} to {account.last.isoformat()}"
    whole = ("All", *_cells(total))
    tables = []
    if months:
        tables.append(Table("By month", ("Month", *_COLUMNS), months, (), whole))
    if promise.per in _WEEKLY or not months:
        title = "By fortnight" if promise.per == "2 weeks" else "By week"
        tables.append(Table(title, ("From", *_COLUMNS), weeks, (), whole))
    tables.append(_rows(account, mark))
    yield Section(
        f"{service(promise.service)}, {span}", tuple(paragraphs), _charts(account), tuple(tables)
    )


def _linked(name: Cell, figures: Figures) -> tuple[Cell, ...]:
    """A row whose figures, where they count any row, lead where its name leads."""
    cells = _cells(figures)
    if not isinstance(name, Linked):
        return (name, *cells)
    return (name, *(Linked(c, name.anchor) if isinstance(c, int) and c else c for c in cells))


def _month(account: Account, year: int, month: int, mark: str) -> Cell:
    text = f"{MONTHS[month - 1]} {year}"
    told = any(c.rows for c in account.cells if (c.first.year, c.first.month) == (year, month))
    return Linked(text, f"{mark}-{year}-{month:02}") if told else text


def _week(cell: Stretch, mark: str) -> Cell:
    text = cell.first.isoformat()
    return Linked(text, f"{mark}-{text}") if cell.rows else text


def _charts(account: Account) -> tuple[Chart, ...]:
    bars = tuple(
        Bar(
            f"{MONTHS[month - 1][:3]} {year}",
            (f.given, f.missed_in_all, f.both, (f.unaccounted or (0, 0))[1]),
        )
        for (year, month), f in account.months()
    )
    if not bars or account.promise.per == "year":
        return ()
    most = "unaccounted (at most)" if account.promise.times else "unaccounted"
    return (Chart("Sessions by month", ("given", "missed", "told both ways", most), bars),)


def _rows(account: Account, mark: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    anchors: list[str] = []
    months: set[str] = set()
    for cell in account.cells:
        month = f"{mark}-{cell.first.year}-{cell.first.month:02}"
        for place, row in enumerate(cell.rows):
            # The month's figures lead to its first row, a week's to the week's.
            anchor = f"{mark}-{cell.first.isoformat()}" if place == 0 else ""
            anchors.append(f"{anchor} {month}".strip() if month not in months else anchor)
            months.add(month)
            line = row.line
            rows.append(
                (
                    line.number or "",
                    line.when + ("" if row.school_day else " (no day of school)"),
                    str(row.told),
                    REASONS.get(row.reason, "") if row.told is Told.MISSED else "",
                    line.minutes or "",
                    "yes" if row.counted else "no",
                    _quotes(line),
                    _sources(line),
                )
            )
    return Table("Rows", _ROW_COLUMNS, tuple(rows), tuple(anchors))


def _told(line: Line) -> tuple[Cell, ...]:
    name = line.service or "Service"
    return (line.number or "", line.when, name, line.kind, _quotes(line), _sources(line))


def _quotes(line: Line) -> str:
    return "\n".join(f"“{source.quote}”" for source in line.sources)


def _sources(line: Line) -> str:
    return "\n".join(f"{source.said} SHA-256 {source.digest[:12]}" for source in line.sources)


def _cells(figures: Figures) -> tuple[Cell, ...]:
    return (
        _range(figures.promised),
        figures.given,
        *figures.missed,
        figures.both,
        _range(figures.unaccounted),
        figures.beyond,
        figures.made_up,
        figures.minutes,
    )


def _range(pair: tuple[int, int] | None) -> Cell:
    if pair is None:
        return "–"
    return pair[0] if pair[0] == pair[1] else f"{pair[0]} to {pair[1]}"


def _percent(total: Figures) -> str:
    fewest, most = total.promised or (0, 0)
    if not fewest:
        return ""
    low, high = (round(100 * total.given / n) for n in (most, fewest))
    return f" ({low} %)" if low == high else f" ({low} to {high} %)"
