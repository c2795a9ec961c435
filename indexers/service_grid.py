"""Pure: the rows of an IEP's service grid, as far as they can be read without guessing.

Every district draws the grid its own way: "30 | 2 x weekly", "4 x 45 min / week", "Per week | 3".
What a cell does not say stays open for a person to fill in; the words are kept beside it. A draft's
grid looks like an agreed one, so nothing found here counts as promised before a person says so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexers.model import Extracted, Family, Table
from indexers.rules.services import find_services

_SERVICE = re.compile(r"\bservices?\b|\bsupports?\b|\barea\b|\bprogram\b|\bservicio", re.I)
_KIND = re.compile(r"type of service|related service|service\b", re.I)
_MINUTES = re.compile(r"\bmin(?:ute)?s?\b|\bduration\b|\blength\b|\bminutos\b", re.I)
_OFTEN = re.compile(r"fre[qc]u|how often|\bper\b|\btimes\b|\bsessions?\b|\bamount\b|veces", re.I)
_PROVIDER = re.compile(r"provider|personnel|staff|by whom|position|responsible", re.I)
_LOG = re.compile(r"\bdates?\b|\bday\b|week of|\bnotes?\b|\bgiven\b|\bremarks?\b|says?\b", re.I)

_NUMBERS = {"once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5,
            "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5}  # fmt: skip
_NUMBER = rf"\d{{1,2}}|{'|'.join(_NUMBERS)}"
_PERIODS = (
    ("2 weeks", r"(?:every|each)\s+(?:two|2|other)\s+weeks?|bi-?weekly|2\s+weeks|fortnight\w*"),
    ("day", r"\bdaily\b|\bdays?\b|\bdiario\b|al d[ií]a"),
    ("week", r"\bweek(?:ly)?\b|\bwks?\b|\bsemana(?:l)?\b"),
    ("month", r"\bmonth(?:ly)?\b|\bmos?\b|\bmes\b|\bmensual\b"),
    ("year", r"\byear(?:ly)?\b|\bannual(?:ly)?\b"),
)
_PER = tuple((per, re.compile(pattern, re.I)) for per, pattern in _PERIODS)
_MIXED = re.compile(rf"\b(?P<n>{_NUMBER})\s*[x×]\s*(?P<m>\d{{1,3}})\b", re.I)
_TIMES = re.compile(
    rf"\b(?P<n>{_NUMBER})\s*(?:[x×](?!\w)|[x×]?\s*(?:times?|sessions?|veces)\b|[x×/]?\s*(?:(?:a|an|per"
    r"|each|every|por)\s+)?(?:(?:two|2|other)\s+)?(?:week|wk|day|month|mo\b|year|dail|bi-?week|semana"
    r"|mes))",
    re.I,
)
_ONCE = re.compile(r"\b(?P<n>once|twice)\b", re.I)
_SAID_MINUTES = re.compile(r"\b(?P<m>\d{1,3})\s*-?\s*(?:min(?:ute)?s?|minutos|m)\b", re.I)
_HOURS = re.compile(r"\b(?P<h>\d(?:\.\d+)?)\s*-?\s*(?:hours?|hrs?|horas?)\b", re.I)
# Names that mean a service where they stand in a grid, and nothing elsewhere.
_IN_A_GRID = (
    (
        "resource",
        re.compile(r"\breading\b|\bwriting\b|\bmath\w*|\bELA\b|academic|instruction", re.I),
    ),
    ("aide", re.compile(r"adult (?:assist|support)|\bassistants?\b", re.I)),
    ("speech", re.compile(r"\bcommunication\b", re.I)),
)
_FIRST_ROWS = 200
_TOO_MANY_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row of a service grid: what it says, and what of it could be read."""

    id: str  # 8 hexadecimal digits; the same wherever the same document is attached
    page: int | None  # of the document, from 1
    words: str  # the row's cells, joined by " | " as in the page's text
    service: str  # of docs/events.md; "other" where its name is none of those
    minutes: int | None  # for one session
    times: int | None  # sessions a period
    per: str  # "day", "week", "2 weeks", "month", "year"; "" where it does not say
    provider: str


def service_grid(extracted: Extracted, content_digest: str, family: Family) -> list[GridRow]:
    """Every row of every table of a document that promises services, in order.

    Args:
        extracted: the document's pages with their tables.
        content_digest: SHA-256 of the document's bytes; the rows' ids come of it.
        family: the configured services, by which a name that is no usual one may be known.

    Returns:
        Nothing for session logs (tables with a column of days) and for tables without a column of
        minutes or frequency. Raises nothing.
    """
    return [
        row
        for page in extracted.pages
        for table in page.tables
        for row in _rows(table, page.number, content_digest, family)
    ]


def _rows(table: Table, page: int | None, digest: str, family: Family) -> Iterator[GridRow]:
    width = max((n + 1 for row in table.rows for n, cell in enumerate(row) if cell), default=0)
    rows = [row[:width] for row in table.rows[:_FIRST_ROWS]]
    if not 2 <= width <= _TOO_MANY_COLUMNS:
        return
    header = rows[0]
    columns = _columns(header)
    if columns is None:
        return
    for row in rows[1:]:
        name = row[columns.service]
        amounts = [(header[n], row[n]) for n in columns.amounts if n < len(row) and row[n].strip()]
        if not name.strip() or not any(re.search(r"\w", cell) for _, cell in amounts):
            continue
        minutes, times, per = _amount(amounts)
        if minutes is None and times is None and not per:
            continue
        words = " | ".join(cell for cell in row if cell)
        provider = row[columns.provider] if columns.provider is not None else ""
        yield GridRow(
            hashlib.sha256(f"{digest}\n{page}\n{words}".encode()).hexdigest()[:8],
            page,
            words,
            _service(name, words, family),
            minutes,
            times,
            per,
            " ".join(provider.split()),
        )


@dataclass(frozen=True, slots=True)
class _Columns:
    service: int
    amounts: tuple[int, ...]
    provider: int | None


def _columns(header: Sequence[str]) -> _Columns | None:
    """Which column is what; None where the table is no service grid."""
    named = [n for n, cell in enumerate(header) if _SERVICE.search(cell)]
    amounts = tuple(n for n, cell in enumerate(header) if _says_how_much(cell) and n not in named)
    logged = any(_LOG.search(cell) and not _says_how_much(cell) for cell in header)
    if not named or not amounts or logged:
        return None
    service = next((n for n in named if _KIND.search(header[n])), named[0])
    provider = next((n for n, cell in enumerate(header) if _PROVIDER.search(cell)), None)
    return _Columns(service, amounts, provider if provider not in (service, *amounts) else None)


def _service(name: str, words: str, family: Family) -> str:
    """The row's service by its name, else by who gives it; "other" where neither tells."""
    if found := find_services(name, family):
        return found[0]
    for code, pattern in _IN_A_GRID:
        if pattern.search(name):
            return code
    return next(iter(find_services(words, family)), "other")


def _says_how_much(cell: str) -> bool:
    return bool(_MINUTES.search(cell) or _OFTEN.search(cell))


def _amount(cells: Sequence[tuple[str, str]]) -> tuple[int | None, int | None, str]:
    """Minutes for a session, sessions a period, and the period, of cells with their headings."""
    minutes = times = None
    said = []
    for heading, cell in cells:
        bare = cell.strip().isdigit()
        if bare and _MINUTES.search(heading) and not _per_of(heading):
            minutes = int(cell)
        elif bare:
            said.append(f"{cell} x {heading}")  # "Per week": "4"
        else:
            said.append(cell)
    text = " , ".join(said)
    mixed = _MIXED.search(text)
    if mixed:
        times, minutes = _value(mixed["n"]), minutes or int(mixed["m"])
    else:
        counted = _TIMES.search(text) or _ONCE.search(text)
        times = _value(counted["n"]) if counted else None
    per = _per_of(text)
    if minutes is None:
        stated, hours = _SAID_MINUTES.search(text), _HOURS.search(text)
        minutes = int(stated["m"]) if stated else round(float(hours["h"]) * 60) if hours else None
        if minutes is not None and times is None:
            # "60 minutes per week" promises minutes, not a number of sessions.
            return (minutes, None, per) if per != "day" else (minutes, 1, per)
    if times is None and re.search(r"\b(?:daily|weekly|bi-?weekly|monthly|annually)\b", text, re.I):
        times = 1
    if minutes is not None and not 5 <= minutes <= 480:
        minutes = None
    return minutes, times if per else None, per


def _per_of(text: str) -> str:
    return next((per for per, pattern in _PER if pattern.search(text)), "")


def _value(number: str) -> int:
    return _NUMBERS.get(number.lower()) or int(number)
