"""Pure: which of the days around a claim are its own.

A sentence may name the day something was missed, the day it is made up and the day by which an
answer is due. The words of each clause tell which; where a sentence names no day, the line, the
table or the sentence before it may.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from indexers.date_atoms import Lean
from indexers.date_resolve import lean_at
from indexers.dates import DateMention, expand, find_dates
from indexers.model import EventKind, Precision
from indexers.setting import RECENT, Setting

SERVICE_KINDS = frozenset({EventKind.MISSED_SERVICE, EventKind.DELIVERED_SERVICE})
_DECIDED = frozenset({EventKind.EVALUATION, EventKind.ESCALATION})
_ONE = timedelta(days=1)
_DENIES = 2  # characters from a denial to what it denies
_MAX_MENTIONS = 20  # of one sentence that are weighed
_DATE_COLUMN = re.compile(r"\b(?:date|day|when|fecha|d[ií]a|week|wk|session)\b", re.I)
_WEEK_COLUMN = re.compile(r"\b(?:week|wk)s?\b", re.I)
_BOTH = re.compile(
    r"\b(?:both|either|eether|neither|those|these|all|each)\s(?:of\s(?:the|those|them)\s?)?"
    r"(?:\w{1,5}\s)?(?:days?|mornings?|afternoons?|times?|sessions?|dates?)?\b",
    re.I,
)
_REPAID = re.compile(  # the day that a make-up session makes up for
    r"\b(?:make-?ups?\s(?:of|for)|made\sup\sfor|in\splace\sof|square\sup|owed\s(?:for|from))\s"
    r"(?:the\s)?\Z",
    re.I,
)
_STILL = re.compile(r"[^.;!?]{0,40}\bstill\b", re.I)
_EVER_SINCE = re.compile(r"\bever since\b|\bto the date of\b|\bto this day\b", re.I)
_BEGAN = re.compile(r"\b(?:beginning|starting)\b[^.;!?]{0,30}\Z", re.I)
_TIME = re.compile(
    r"[,\s]{0,3}(?:at|@|from|,|a las)?\s{0,2}(?:(?:half|quarter) past|\d{1,2}:\d\d|\d{1,2}\s?(?:a"
    r"\.?m|p\.?m|o['’]clock|am\b|pm\b)|\d{3,4}\b(?!\s*/)|\d{1,2}\b(?![/\d]))",
    re.I,
)
_CLAUSE = re.compile(
    r"[;!?()]+\s*|\.\s(?=\d)|,\s+|\s[-–—]+\s"
    r"|\s(?=(?:and|but|so|because|bc|which|while|then|instead)\s)"
)
_MISSED = re.compile(
    r"\b(?:no|not|never|nobody|none|nothing|zero|nil|n/s|ns|missed|miss|out|off|absent|sick|ill"
    r"|flu|strep|fever|pulled|cancell?ed|without|w/o|lost|skipped|closed|shut|took over|ate|leave"
    r"|testing|proctor\w*|assembly|gone|stuck|0|vacant|unfilled|owed?|away|delay\w*|sub|dark|empty"
    r"|fell|ran into|squared? up|borrowed by|instead of|unable|bail(?:ed)?|eaten|zilch|nope"
    r"|nada|conference|meeting)\b|n['’]t\b|\b(?:did|was|does|has)nt\b",
    re.I,
)
_GIVEN = re.compile(
    r"\b(?:met|yes|yep|yup|aye|ok|okay|done|seen|happened|went (?:ahead|fine|well)|took place"
    r"|present|ran|had (?:our|his|her|a (?:full|good|long|short|session)|my|the|their"
    r"|\w+ty|\d+)"
    r"|did (?:our|the|his|her|\d|get|see|every)"
    r"|made up|make-?up|kept|held|worked|saw|got (?:his|her|our|in|to|my|through|thru)|gave|back"
    r"|borrowed (?:him|her|them)|stole|started over|full|hour|minutes each|as usual|normal|got thru"
    r"|finished|took (?:him|her|them)|sat with|squeezed|caught|together|extra|bonus|[1-9]\d min\w*"
    r"|[1-9]\d(?![\d:/])|smuggled|came and got|for the full|appointments)\b",
    re.I,
)
_PLANNED = re.compile(
    r"\b(?:next|start(?:s|ing)?|rather than|wait for|will|going to|makeup is|resume\w*|again on"
    r"|going forward|likely|due|plan|wider by|mean the|back (?:on )?(?:mon|tue|wed|thu|fri)\w*"
    r"|measuring|redo)\b|['’]ll\b",
    re.I,
)
_NEW_THOUGHT = re.compile(r"[.;!?]\s|\b(?:but|except|though|however|instead|rather|only)\b", re.I)
_DONE = re.compile(
    r"\b(?:received|filed|ended|signed|reached|held|completed|done|found|finds|convened|determined"
    r"|met|settled|agreed|opened|scored|visit|administered|clinic|announced|accepted|rose"
    r"|took place|mediated|told you|concluded)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A day, or days, of an event."""

    on: date
    end: date | None
    precision: Precision
    words: str  # that name it; "" for the message's day
    clause: str  # the part of the sentence that they stand in


def days_of(kind: EventKind, text: str, row: bool, setting: Setting, day: date) -> list[Dated]:
    """The days that an event falls on, with the words that say so; never empty.

    Args:
        kind: of event.
        text: the sentence, or the row, that tells of it.
        row: of a table.
        setting: where it stands.
        day: the message's, for an event whose words name none.
    """
    if kind in SERVICE_KINDS:
        mentions = _of_row(text, setting) if row else _of_service(kind, text, setting)
    elif kind is EventKind.MEETING:
        mentions = _of_meeting(text, setting)
    elif kind is EventKind.CONSENT:
        mentions = [setting.signed] if setting.signed else []
    elif kind in _DECIDED:
        mentions = _of_decision(kind, text, setting)
    else:
        mentions = []
    found: dict[tuple[date, date | None], Dated] = {}
    for mention in mentions:
        clause = _clause_of(text, mention, mentions)
        for on, end in expand(mention):
            if kind is not EventKind.MEETING or end is None:
                found.setdefault(
                    (on, end), Dated(on, end, mention.precision, mention.words, clause)
                )
    return list(found.values()) or [Dated(day, None, Precision.MESSAGE, "", text)]


def _of_row(text: str, setting: Setting) -> list[DateMention]:
    """Of a table's row the column of dates alone."""
    at = 0
    cells: list[tuple[str, int]] = []
    for cell in text.split("|"):
        cells.append((cell, at))
        at += len(cell) + 1
    named = [n for n, head in enumerate(setting.columns) if _DATE_COLUMN.search(head)]
    for number in [*named, *range(len(cells))]:
        if number >= len(cells):
            continue
        cell, start = cells[number]
        found = find_dates(cell, setting.day, Lean.PAST)
        if not found:
            continue
        weekly = number in named and _WEEK_COLUMN.search(setting.columns[number])
        return [_shifted(_week_of(found[0]) if weekly else found[0], start)]
    return []


def _week_of(mention: DateMention) -> DateMention:
    if mention.end is not None or len(mention.days) > 1:
        return mention
    monday = mention.days[0] - mention.days[0].weekday() * _ONE
    return replace(mention, days=(monday,), end=monday + 4 * _ONE, precision=Precision.RANGE)


def _of_service(kind: EventKind, text: str, setting: Setting) -> list[DateMention]:
    mentions = find_dates(text, setting.day, Lean.PAST)
    if kind is EventKind.DELIVERED_SERVICE:
        mentions = [m for m in mentions if not _REPAID.search(text, 0, m.start)]
    free = [m for m in mentions if not m.bound] or [m for m in mentions if m.end is not None]
    if free:
        kept = _of_clauses(kind, text, free)
        if len(kept) == 1 and _goes_on(kind, text, kept[0]):
            return [_until(kept[0], setting.day)]
        return kept
    if _BOTH.search(text):
        for near in (setting.before, setting.after):
            listed = [m for m in near if len(m.days) > 1 and not m.bound]
            if listed:
                return listed[:1]
    if setting.lead:
        return [m for m in setting.lead if not m.bound]
    return [
        m
        for m in setting.before[-1:]
        if not m.bound and m.end is None and m.days[-1] <= setting.day
    ]


def _goes_on(kind: EventKind, text: str, mention: DateMention) -> bool:
    """Whether it has been so ever since."""
    if _EVER_SINCE.search(text, mention.stop):
        return True
    missed = kind is EventKind.MISSED_SERVICE
    return missed and bool(
        _STILL.match(text, mention.stop) or _BEGAN.search(text, 0, mention.start)
    )


def _until(mention: DateMention, day: date) -> DateMention:
    """A day from which on it has been so: "ran out on the 4th and it still won't open"."""
    if mention.end is not None or len(mention.days) > 1 or mention.days[0] >= day:
        return mention
    return replace(mention, end=day, precision=Precision.RANGE)


def _of_clauses(kind: EventKind, text: str, mentions: list[DateMention]) -> list[DateMention]:
    """The mentions whose clauses do not tell of something else."""
    if len(mentions) < 2:  # nothing to choose from
        return mentions
    other = "given" if kind is EventKind.MISSED_SERVICE else "missed"
    told = _inherited(text, [(m, _told(text, m, mentions)) for m in mentions[:_MAX_MENTIONS]])
    kept = [(m, what) for m, what in told if what != "planned"] or told
    return [m for m, what in kept if what != other] or [m for m, _ in kept]


def _inherited(text: str, told: list[tuple[DateMention, str]]) -> list[tuple[DateMention, str]]:
    """A bare day tells what the one before it does: "seen: the 3rd (twice), the 5th"."""
    found: list[tuple[DateMention, str]] = []
    for mention, what in told:
        between = text[found[-1][0].stop : mention.start] if found else "."
        inherits = not what and found and not _NEW_THOUGHT.search(between)
        found.append((mention, found[-1][1] if inherits else what))
    return found


def _told(text: str, mention: DateMention, mentions: Sequence[DateMention]) -> str:
    """What the clause of a mention tells: "missed", "given", "planned" or "" for any."""
    start, stop = _clause(text, mention, mentions)
    clause = text[start:stop]
    past = mention.end is not None or lean_at(text, mention.start, mention.stop, Lean.PAST)
    if past is Lean.COMING:
        return "planned"
    around = text[start : mention.start] + " " + text[mention.stop : stop]
    missed, given = _MISSED.search(around), _GIVEN.search(around)
    if _PLANNED.search(clause) and not (missed or given):
        return "planned"
    if missed and given and 0 <= given.start() - missed.end() <= _DENIES:
        return "missed"  # "not seen", "never got in"
    if bool(missed) == bool(given):
        return ""
    return "missed" if missed else "given"


def _clause_of(text: str, mention: DateMention, mentions: Sequence[DateMention]) -> str:
    if text[mention.start : mention.stop].strip() != mention.words:
        return text  # the day is named elsewhere
    start, stop = _clause(text, mention, mentions)
    return text[start:stop]


def _clause(text: str, mention: DateMention, mentions: Sequence[DateMention]) -> tuple[int, int]:
    """The clause a mention stands in; with its neighbour where it is little more than the date."""
    breaks = list(_CLAUSE.finditer(text))
    starts = [0, *(m.end() for m in breaks if m.end() <= mention.start)]
    stops = [*(m.start() for m in breaks if m.start() >= mention.stop), len(text)]
    start, stop = starts[-1], stops[0]
    rest = text[start : mention.start] + text[mention.stop : stop]
    if len(rest.split()) < 3 and not (_MISSED.search(rest) or _GIVEN.search(rest)):
        if len(stops) > 1 and not any(stop <= m.start < stops[1] for m in mentions):
            stop = stops[1]
        elif len(starts) > 1 and not any(starts[-2] <= m.start < start for m in mentions):
            start = starts[-2]
    return start, stop


def _of_meeting(text: str, setting: Setting) -> list[DateMention]:
    mentions = [m for m in find_dates(text, setting.day, Lean.COMING) if m.end is None]
    free = [m for m in mentions if not m.bound]
    if free:
        timed = [m for m in free if _TIME.match(text, m.stop)]
        return (timed or free)[:1]
    if mentions:
        return []
    near = (*setting.before[-1:], *setting.after[:1])
    return [m for m in near if m.end is None and not m.bound][:1]


def _of_decision(kind: EventKind, text: str, setting: Setting) -> list[DateMention]:
    """A finding or a filing that is told of, with its day, soon after."""
    for mention in find_dates(text, setting.day, Lean.PAST):
        day = mention.days[-1]
        if mention.end is not None or mention.bound:
            continue
        if setting.day - RECENT < day < setting.day and _DONE.search(text):
            return [replace(mention, days=(day,))]
    return [setting.held] if kind is EventKind.EVALUATION and setting.held else []


def _shifted(mention: DateMention, by: int) -> DateMention:
    return replace(mention, start=mention.start + by, stop=mention.stop + by)
