"""Pure: where a sentence stands, as far as that can date it.

The line of a log, the heads of a table, the sentence beside, the letter's own date and the day
beside its signature.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from indexers.dates import DateMention, find_dates
from indexers.sentences import Run

RECENT = timedelta(days=60)
# "Signature: Ana Lopez", "Parent/guardian ____ Date": a label, not a word of a sentence
_SIGNATURE = re.compile(
    r"\A[\s_xX]{0,8}(?:(?:parent|guardian|mother|father)[\w/' ]{0,20})?"
    r"\b(?:signature|signed(?: by)?|firma)\b"
    r"|\A\W{0,4}(?:parent|guardian|mother|father)\b.{0,60}\bdate\b|\bparent/guardian\b",
    re.I,
)
_SIGNER = re.compile(
    r"\A\W{0,4}(?:parents?|guardians?|mother|father|signature|signed|by|firma)\b", re.I
)
_LABEL = re.compile(r"\Adate\s?(?:signed)?\s?[:_]", re.I)
# "Ana Lopez 10/20/24", "Parent: Ana Lopez 10/20/24", by itself among a form's last lines
_NAME = r"[A-Z][\w.'’-]*"
_SIGNED_BY = re.compile(
    rf"\s*(?:[A-Za-z/]{{1,16}}:\s?|[Xx]\s?_{{0,20}}\s?)?{_NAME}(?:\s{_NAME}){{1,6}}[\s,_]{{0,20}}"
)
_NO_SIGNER = re.compile(
    r"\b(?:IEP|meeting|report|page|notice|team|progress|conference|date|draft|plan|evaluation"
    r"|student|name|dear)\b",
    re.I,
)
_LAST_LINES = 5
_LONGEST_LINE = 120  # characters before the day
_AGREEMENT = re.compile(
    r"\b(?:mediat(?:ion|ed)|settlement|resolution)\b.{0,40}\b(?:agreement|terms)\b"
    r"|\bagreement\b.{0,60}\b(?:reached|mediat\w+|signed)\b|\b(?:parties|sides) (?:settle|agree)"
    r"|\A\s*agreement\b|\bterms of (?:mediat|settle)",
    re.I | re.S,
)
_ACCEPTED = re.compile(
    r"(?<!if )(?<!if the )\b(?:parents?|parties|guardians?|famil(?:y|ies)|mother|father)"
    r" (?:hereby )?(?:accept|agree|consent)(?:s|ed)?\b|\bsigned by (?:both|the) parties\b"
    r"|\b(?:signed|signatures?):\s*(?-i:[A-Z])",
    re.I,
)
_CONCLUDED = re.compile(r"\b(?:reached|signed|dated|agree\w*|settle\w*|session|mediat\w+)\b", re.I)
_TEAM_MET = re.compile(
    r"\b(?:team|committee|staffing)\b.{0,40}\b(?:met|convened|sat)\b|\b(?:meeting|committee|staffing"
    r"|conference) (?:of|on|held(?: on)?)\b",
    re.I,
)
_NO_LETTER_DATE = re.compile(
    r"\b(?:born|birth|dob|d\.o\.b|meeting|held|iep date|annual|due|evaluation date|through|from)\b",
    re.I,
)
_LOG_LINE = re.compile(r"[\s*•-]*\Z")
_LETTER_AGE = timedelta(days=400)
_HEAD_LINES = 10
_MAX_HEADING = 110  # characters of a line that a letter's date may stand in


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a sentence stands, as far as it can date the sentence."""

    day: date  # of writing: the message's, or the letter's own
    before: tuple[DateMention, ...] = ()  # of the sentence before, in the same paragraph
    after: tuple[DateMention, ...] = ()  # of the sentence behind
    lead: tuple[DateMention, ...] = ()  # what the line begins with: "3/4: …", a date of its own
    columns: tuple[str, ...] = ()  # heads of the table that a row belongs to
    signed: DateMention | None = None  # the day beside the signature of a form
    agreed: DateMention | None = None  # the day of an agreement that the family accepted
    held: DateMention | None = None  # the day of the meeting that a document reports


def settings_of(
    runs: Sequence[Run], day: date, document: str = ""
) -> list[tuple[tuple[DateMention, ...], Setting]]:
    """For each run the days it names, and its setting.

    Args:
        runs: of one body or page, in order.
        day: the message's.
        document: of an attachment its beginning, where a letter bears its date.
    """
    sent = day
    day = letter_date(document, day) or day
    dates = [tuple(find_dates(run.text, day)) for run in runs]
    found: list[tuple[tuple[DateMention, ...], Setting]] = []
    lead: tuple[DateMention, ...] = ()
    columns: tuple[str, ...] = ()
    signed = _signed(runs, dates, sent) if document else None
    held = _held(runs, dates, day) if document else None
    agreed = _agreed(runs, dates, sent) if document else None
    for number, run in enumerate(runs):
        before, after = _near(runs, dates, number, -1), _near(runs, dates, number, 1)
        lead = _lead(runs, dates, number, lead)
        if run.row:
            cells = tuple(cell.strip() for cell in run.text.split("|"))
            above = number > 0 and runs[number - 1].row
            if not above or (not dates[number] and not any(map(str.isdigit, run.text))):
                columns = cells if not dates[number] else ()
        else:
            columns = ()
        around = Setting(day, before, after, lead, columns, signed, agreed, held)
        found.append((dates[number], around))
    return found


def _signed(
    runs: Sequence[Run], dates: Sequence[tuple[DateMention, ...]], sent: date
) -> DateMention | None:
    """The last day beside a signature, where it lies shortly before the message."""
    for number in reversed(range(len(runs))):
        if not dates[number]:
            continue
        text, mention = runs[number].text, dates[number][-1]
        above = runs[number - 1].text if number and _LABEL.match(text) else ""
        labelled = _SIGNATURE.search(text) or _SIGNER.match(above)
        by_name = number >= len(runs) - _LAST_LINES and _signs(text, mention)
        near = sent - RECENT < mention.days[0] <= sent
        if (labelled or by_name) and mention.end is None and near:
            return mention
    return None


def _signs(text: str, mention: DateMention) -> bool:
    """Whether a line is somebody's name and a day."""
    line = text[: mention.start].rpartition("\n")[2]
    if len(line) > _LONGEST_LINE or text[mention.stop :].strip(" _."):
        return False
    return _SIGNED_BY.fullmatch(line) is not None and not _NO_SIGNER.search(line)


def _agreed(
    runs: Sequence[Run], dates: Sequence[tuple[DateMention, ...]], sent: date
) -> DateMention | None:
    """The day at the head of an agreement, where the page says that the family has agreed."""
    head = "\n".join(run.text for run in runs[:_HEAD_LINES])[:400]
    if not _AGREEMENT.search(head) or not any(_ACCEPTED.search(run.text) for run in runs):
        return None
    for run, named in list(zip(runs, dates, strict=True))[:_HEAD_LINES]:
        for mention in named:
            alone = run.text.strip().startswith(mention.words)
            near = sent - RECENT < mention.days[0] <= sent
            if mention.end is None and near and (alone or _CONCLUDED.search(run.text)):
                return mention
    return None


def _held(
    runs: Sequence[Run], dates: Sequence[tuple[DateMention, ...]], day: date
) -> DateMention | None:
    """The first day at the head of a document on which it says that a team met."""
    for run, named in list(zip(runs, dates, strict=True))[:_HEAD_LINES]:
        for mention in named if _TEAM_MET.search(run.text) else ():
            if mention.end is None and not mention.bound and day - RECENT < mention.days[0] <= day:
                return mention
    return None


def letter_date(document: str, day: date) -> date | None:
    """The day a letter bears, where its first lines say one: in full, and not after ``day``."""
    for line in document.split("\n")[:_HEAD_LINES]:
        if len(line) > _MAX_HEADING or _NO_LETTER_DATE.search(line):
            continue
        full = re.search(r"\b(?:19|20)\d\d\b|\d/\d{1,2}/\d\d\b", line)
        for mention in find_dates(line, day) if full else ():
            if mention.end is None and day - _LETTER_AGE < mention.days[0] <= day:
                return mention.days[0]
    return None


def _near(
    runs: Sequence[Run], dates: Sequence[tuple[DateMention, ...]], number: int, step: int
) -> tuple[DateMention, ...]:
    other = number + step
    if not 0 <= other < len(runs) or runs[number].row or runs[other].row:
        return ()
    first, second = sorted((number, other))
    apart = runs[second].start - runs[first].end
    return dates[other] if apart <= 2 else ()


def _lead(
    runs: Sequence[Run],
    dates: Sequence[tuple[DateMention, ...]],
    number: int,
    lead: tuple[DateMention, ...],
) -> tuple[DateMention, ...]:
    """The date that the line of a log begins with holds for all of its sentences."""
    run, named = runs[number], dates[number]
    if named and _LOG_LINE.match(run.text[: named[0].start]):
        rest = run.text[named[0].stop :].lstrip()
        if rest[:1] in ":-–—" or not rest or rest[:1].isdigit():
            return named[:1]
    apart = run.start - runs[number - 1].end if number else 0
    same_line = number > 0 and apart <= 2 and not run.row and not runs[number - 1].row
    return lead if same_line else ()
