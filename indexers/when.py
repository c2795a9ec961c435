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
from indexers.date_words import POSSESSIVE
from indexers.dates import DateMention, expand, find_dates
from indexers.day_telling import clause_of, of_its_clauses
from indexers.model import SERVICE_KINDS, EventKind, Precision
from indexers.setting import RECENT, Setting

_DECIDED = frozenset({EventKind.EVALUATION, EventKind.ESCALATION})
_SIGNED = frozenset({EventKind.CONSENT, EventKind.OBJECTION})
_ONE = timedelta(days=1)
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
_STILL = re.compile(
    r"(?:(?!\b(?:was|were)\b)[^.;!?]){0,40}\bstill\b|[^.;!?]{0,60}\bsince(?=[.,;!]|\Z)", re.I
)
_EVER_SINCE = re.compile(r"[^.;!?]{0,60}\bever since\b", re.I)
_PAID_BACK = re.compile(  # "so that Thursday is paid back"
    r"\s(?:is|was|are|were|has been|have been)\s(?:now\s)?(?:paid|made up|squared|settled)\b", re.I
)
_RECALLED = re.compile(  # "from Thursday's talk": the one that was
    r"\b(?:from|furtherance of|after|following|since|at|notes (?:of|on))\s\Z", re.I
)
_AHEAD_OF = re.compile(r"\b(?:before|prior to|ahead of)\s(?:the\s)?\Z", re.I)
_LAST_DAY = re.compile(r"\b(?:yesterday|last night|this morning|ayer)\b", re.I)
_AGREED = re.compile(r"\b(?:sign(?:ed|ing)?|consent\w*|agree[ds]?|accept(?:ed)?)\b", re.I)
_TIME = re.compile(
    r"[,\s]{0,3}(?:at|@|from|,|a las)?\s{0,2}(?:(?:half|quarter) past|\d{1,2}:\d\d|\d{1,2}\s?(?:a"
    r"\.?m|p\.?m|o['’]clock|am\b|pm\b)|\d{3,4}\b(?!\s*/)|\d{1,2}\b(?![/\d]))",
    re.I,
)
_DONE = re.compile(
    r"\b(?:received|filed|ended|signed|reached|held|completed|done|found|finds|convened|determined"
    r"|met|settled|agreed|opened|scored|visit|administered|clinic|announced|accepted|rose"
    r"|took place|mediated|told you|concluded|gave|wrapped it|tested|participated"
    r"|(?:mediation|agreement) (?:of|dated))\b",
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
    elif kind in _SIGNED:
        signed = setting.signed or setting.agreed
        told = _of_last_day(text, setting) if kind is EventKind.CONSENT else []
        mentions = [signed] if signed else told
    elif setting.agreed and kind is EventKind.PROPOSAL:
        mentions = [setting.agreed]
    elif kind in _DECIDED:
        mentions = _of_decision(kind, text, setting)
    else:
        mentions = []
    found: dict[tuple[date, date | None], Dated] = {}
    for mention in mentions:
        clause = _said_in(text, mention, mentions)
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
        mentions = [m for m in mentions if not _is_repaid(text, m)]
    free = [m for m in mentions if not m.bound] or [m for m in mentions if m.end is not None]
    if free:
        kept = of_its_clauses(kind, text, free)
        still = _STILL if kind is EventKind.MISSED_SERVICE else _EVER_SINCE
        logged = kind is EventKind.MISSED_SERVICE and _in_log(text, kept[0])
        if len(kept) == 1 and still.match(text, kept[0].stop) and not logged:
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


def _is_repaid(text: str, mention: DateMention) -> bool:
    """Whether a day is the one that a make-up session is for."""
    before = _REPAID.search(text, max(0, mention.start - 40), mention.start)
    return before is not None or _PAID_BACK.match(text, mention.stop) is not None


def _in_log(text: str, mention: DateMention) -> bool:
    """Whether a line begins with its day: "Jan 18, I have flu still." is of that day alone."""
    begins = not text[: mention.start].strip(" \t*•-")
    return begins and text[mention.stop : mention.stop + 2].strip()[:1] in set(",:–-")


def _until(mention: DateMention, day: date) -> DateMention:
    """A day from which on it has been so: "ran out on the 4th and it still won't open"."""
    if mention.end is not None or len(mention.days) > 1 or mention.days[0] >= day:
        return mention
    return replace(mention, end=day, precision=Precision.RANGE)


def _said_in(text: str, mention: DateMention, mentions: Sequence[DateMention]) -> str:
    if text[mention.start : mention.stop].strip() != mention.words:
        return text  # the day is named elsewhere
    start, stop = clause_of(text, mention, mentions)
    return text[start:stop]


def _of_meeting(text: str, setting: Setting) -> list[DateMention]:
    mentions = [m for m in find_dates(text, setting.day, Lean.COMING) if m.end is None]
    free = [_recalled(m, text, setting.day) for m in mentions if not m.bound]
    if free:
        timed = [m for m in free if _TIME.match(text, m.stop)]
        return (timed or free)[:1]
    if mentions:  # "one more thing before Thursday" is before the meeting
        return [m for m in mentions if _AHEAD_OF.search(text, max(0, m.start - 24), m.start)][:1]
    near = (*setting.before[-1:], *setting.after[:1])
    return [m for m in near if m.end is None and not m.bound][:1]


def _recalled(mention: DateMention, text: str, day: date) -> DateMention:
    """The weekday that was, where the words speak of what was said on it."""
    owned = POSSESSIVE.match(text, mention.stop) and _RECALLED.search(
        text, max(0, mention.start - 24), mention.start
    )
    if not owned or mention.days[0] <= day:
        return mention
    past = [m for m in find_dates(text, day, Lean.PAST) if m.start == mention.start]
    if past and past[0].days[0] > day and mention.days[0] - 7 * _ONE < day:
        return replace(mention, days=(mention.days[0] - 7 * _ONE,))
    return past[0] if past else mention


def _of_last_day(text: str, setting: Setting) -> list[DateMention]:
    """What was signed last night."""
    if not _AGREED.search(text):
        return []
    named = find_dates(text, setting.day, Lean.PAST)
    return [m for m in named if not m.bound and _LAST_DAY.fullmatch(m.words)][:1]


def _of_decision(kind: EventKind, text: str, setting: Setting) -> list[DateMention]:
    """A finding or a filing that is told of, with its day, soon after."""
    for mention in find_dates(text, setting.day, Lean.PAST):
        day = mention.days[-1]
        if mention.end is not None or mention.bound:
            continue
        told = _DONE.search(text) or _LAST_DAY.fullmatch(mention.words)
        if setting.day - RECENT < day <= setting.day and told:
            return [replace(mention, days=(day,))]
    return [setting.held] if kind is EventKind.EVALUATION and setting.held else []


def _shifted(mention: DateMention, by: int) -> DateMention:
    return replace(mention, start=mention.start + by, stop=mention.stop + by)
