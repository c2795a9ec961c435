"""Pure: what the words beside a day tell of it: given, missed, or only planned.

One sentence often tells of several days in turn: "Mon yes, Wed no, Friday she was pulled". Each
day has a clause; where its clause tells nothing, the days before it on the same list do
("Seen: 3/4, 3/11. Not seen: 3/18, 3/25").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from indexers.date_atoms import Lean
from indexers.date_resolve import lean_at
from indexers.dates import DateMention
from indexers.model import EventKind


class _Told(StrEnum):
    """What is told of a day."""

    GIVEN = "given"
    MISSED = "missed"
    PLANNED = "planned"  # or of something else
    NOTHING = ""


_MAX_MENTIONS = 20  # of one sentence that are weighed
_CLAUSE = re.compile(
    r"[;!?()]+\s*|(?:\.|(?<=\.))\s(?=\d|[A-Z][\w ]{1,20}:|No(?:t|ne)?\b)|,\s+|\s[-–—]+\s"
    r"|\s(?=(?:and|but|so|because|bc|which|while|then|instead)\s)"
)
_LIST_END = re.compile(r"[.;!?]\s|\s(?:but|except|however|so|because|then)\s", re.I)
_MISSED = re.compile(
    r"\b(?:no|not|never|nobody|none|nothing|zero|nil|n/s|ns|missed|miss|out|off|absent|sick|ill"
    r"|flu|strep|fever|pulled|cancell?ed|without(?! being)|w/o|lost|skipped|closed|shut|took over"
    r"|ate|leave|tests?|testing|proctor\w*|assembly|gone|stuck|0|vacant|unfilled|owed?|away"
    r"|delay\w*|sub|dark|empty|fell|ran into|squared? up|borrowed by|instead of|eaten|late start"
    r"|jury|funeral|bail(?:ed)?|snow day|snowed|(?:was|for) snow|gave (?:way|out)|bumped|crisis"
    r"|emergency|covering|elsewhere|unable|failed|scrubbed|nada|zilch|nope|conference|meeting|nor|nowhere|broken?"
    r"|hospital|infusion|(?-i:ER)|(?:was|is|still|at) (?:at )?home|fever|holiday"
    r"|save (?:for|those|that)|except|but for|(?:sent|stayed) (?:\w{1,8} )?home)\b|n['’]t\b"
    r"|\b(?:did|was|does|has)nt\b",
    re.I,
)
_GIVEN = re.compile(
    r"\b(?:had (?:our|his|her|my|the|their|\w+t(?:y|ies)|\d+(?= ?(?:min|m\b|sess)))"
    r"|good(?! (?:friday|morning|afternoon|luck))|fine(?! motor)|we met"
    r"|had a (?:full|good|long|short|session)|went (?:ahead|fine|well)|okay|ok"
    r"|did (?:our|the|his|her|\d|get|see|every)|made up|make-?up|kept|held|worked|saw|back"
    r"|got (?:his|her|our|in|to|my|through|thru)|gave(?! (?:to|way|out)\b)|stole|started over"
    r"|borrowed (?:him|her|them)|full|hours?|minutes each|as usual|normal|finished"
    r"|(?:the|was) on(?=\s{0,2}[,.;]|\Z)|(?:thir|twen)ties|took (?:him|her|them)|sat with"
    r"|squeezed|caught|together|extra|bonus|and a half|[1-9]\d(?![\d:/])"
    r"|smuggled|came and got|appointments|yes|yep|yup|aye|done|seen|took place"
    r"|happened|met (?:with|on)|as (?:planned|scheduled)|had (?:him|her|them)|completed"
    r"|delivered|provided|present)\b",
    re.I,
)
_DENIED = re.compile(rf"(?:\b(?:not|never)|n['’]t)\s(?:\w{{1,8}}\s)?{_GIVEN.pattern}", re.I)
_OFF = re.compile(  # a day on which nobody has school is no missed one
    r"\b(?:holiday|no school|veterans|labor day|columbus|everybody['’]?s off)\b", re.I
)
_ASIDE = re.compile(  # what somebody did about it on another day
    r"\b(?:asked|requested|wrote|e-?mailed|told|notified|reported|promised|complained|IEP)\b", re.I
)
_REQUESTED = re.compile(r"\b(?:asked for|requested)\b", re.I)
_PLANNED = re.compile(
    r"\b(?:next|(?<!late )start(?:s|ing|ed)?|rather than|wait for|makeup is|resume\w*|again on"
    r"|going forward|likely|due|plan|wider by|mean the|back (?:on )?(?:mon|tue|wed|thu|fri)\w*"
    r"|measuring|redo|hoping|hoped|back in|wants?)\b",
    re.I,
)
_WILL = re.compile(r"\b(?:will|going to)\b|['’]ll\b", re.I)
_APART = re.compile(r"[;)][,;\s]+(?!and\b|y\b)")  # between what is told of one day and another
_TOO = re.compile(r"\b(?:too|also|as well|likewise|again)\b", re.I)
_ASKED = re.compile(r"\s?\?")
_LISTED = 6  # words of a clause that may still be an item of a list


def of_its_clauses(
    kind: EventKind, text: str, mentions: Sequence[DateMention]
) -> list[DateMention]:
    """The days whose clauses do not tell of something else; all where every one does.

    Args:
        kind: a service missed or given.
        text: the sentence.
        mentions: of it.
    """
    if len(mentions) < 2:  # nothing to choose from
        return list(mentions)
    wanted, other = _Told.GIVEN, _Told.MISSED
    if kind is EventKind.MISSED_SERVICE:
        wanted, other = other, wanted
    told = _carried(text, [(m, _told_of(text, m, mentions)) for m in mentions[:_MAX_MENTIONS]])
    kept = [(m, what) for m, what in told if what != _Told.PLANNED] or told
    sure = [m for m, what in kept if what == wanted]
    return (
        [m for m, what in kept if what == wanted or (what != other and _goes_with(text, m, sure))]
        or [m for m, what in kept if what != other]
        or [m for m, _ in kept]
    )


def _goes_with(text: str, mention: DateMention, sure: Sequence[DateMention]) -> bool:
    """Whether a day of which nothing is told stands beside one of which it is."""
    return not sure or any(_APART.search(text, *_between(mention, one)) is None for one in sure)


def _between(one: DateMention, two: DateMention) -> tuple[int, int]:
    first, second = sorted((one, two), key=lambda m: m.start)
    return first.stop, second.start


def _carried(
    text: str, told: Sequence[tuple[DateMention, _Told]]
) -> list[tuple[DateMention, _Told]]:
    """With what the day before it on a list tells, for a day whose clause tells nothing."""
    mentions = [m for m, _ in told]
    found: list[tuple[DateMention, _Told]] = []
    for mention, what in told:
        before = found[-1] if found and not what else None
        start, stop = clause_of(text, mention, mentions)
        item = len(text[start:stop].split()) <= _LISTED + len(mention.words.split())
        if before and before[1] != _Told.PLANNED and item and not _parted(text, before[0], mention):
            found.append((mention, before[1]))
        else:
            found.append((mention, what))
    return found


def _parted(text: str, one: DateMention, two: DateMention) -> bool:
    return _LIST_END.search(text, one.stop, two.start) is not None


def _told_of(text: str, mention: DateMention, mentions: Sequence[DateMention]) -> _Told:
    """What the clause of a mention tells."""
    start, stop = clause_of(text, mention, mentions)
    clause = text[start:stop]
    lean = lean_at(text, mention.start, mention.stop, Lean.PAST)
    coming = mention.end is None and lean is Lean.COMING
    if _OFF.search(clause) or (coming and _PLANNED.search(clause)):
        return _Told.PLANNED
    if _ASKED.match(text, mention.stop):
        return _Told.PLANNED
    starts, stops = _breaks(text, mention)
    narrow = (starts[-1], stops[0])
    if _REQUESTED.search(text[slice(*narrow)]):
        return _Told.PLANNED
    what = _polarity(text[narrow[0] : mention.start] + " " + text[mention.stop : narrow[1]])
    what = what or _polarity(text[start : mention.start] + " " + text[mention.stop : stop])
    if coming:
        # "I'll not be there tomorrow" is a definite notice; "she'll be back Friday" is a plan.
        return _Told.MISSED if what == _Told.MISSED else _Told.PLANNED
    if what:
        return what
    if _TOO.search(clause):
        return _Told.NOTHING  # as the day before it
    if any(sign.search(clause) for sign in (_PLANNED, _WILL, _ASIDE)):
        return _Told.PLANNED
    return _polarity(text[stop : _next_clause(text, mention, mentions)])


def _polarity(words: str) -> _Told:
    missed, given = _MISSED.search(words), _GIVEN.search(_DENIED.sub(" ", words))
    if bool(missed) == bool(given):
        return _Told.NOTHING
    return _Told.MISSED if missed else _Told.GIVEN


def _next_clause(text: str, mention: DateMention, mentions: Sequence[DateMention]) -> int:
    """Where the clause of the next mention begins, or the sentence ends."""
    later = [m.start for m in mentions if m.start >= mention.stop]
    stop = min(later, default=len(text))
    breaks = [m.start() for m in _CLAUSE.finditer(text, mention.stop, stop)]
    end = re.compile(r"[.;]\s").search(text, mention.stop, stop)
    stop = breaks[-1] if later and breaks else stop
    return min(stop, end.start()) if end else stop


def clause_of(text: str, mention: DateMention, mentions: Sequence[DateMention]) -> tuple[int, int]:
    """The clause a mention stands in; with its neighbour where it is little more than the date."""
    starts, stops = _breaks(text, mention)
    start, stop = starts[-1], stops[0]
    rest = text[start : mention.start] + text[mention.stop : stop]
    if len(rest.split()) < 3:
        if len(stops) > 1 and not any(stop <= m.start < stops[1] for m in mentions):
            stop = stops[1]
        elif len(starts) > 1 and not any(starts[-2] <= m.start < start for m in mentions):
            start = starts[-2]
    return start, stop


def _breaks(text: str, mention: DateMention) -> tuple[list[int], list[int]]:
    """Where clauses begin up to a mention, and where they end from it on."""
    breaks = list(_CLAUSE.finditer(text))
    starts = [0, *(m.end() for m in breaks if m.end() <= mention.start)]
    stops = [*(m.start() for m in breaks if m.start() >= mention.stop), len(text)]
    return starts, stops
