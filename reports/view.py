"""Pure: which lines a chronology has, in which view, and what is said of those it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archiver.roles import AddressBook
from indexers.model import EventKind
from reports.lines import Line, as_confirmed, is_confirmed, lines_of, without_dismissed
from reports.links import among
from reports.model import Chronology, Entry, ReportFacts
from reports.words import SERVICES, service, topic

KEY_LINES = 24  # what one page holds
_KEY_KINDS = (
    EventKind.ESCALATION,
    EventKind.REFUSAL,
    EventKind.CONSENT,
    EventKind.EVALUATION,
    EventKind.OBJECTION,
    EventKind.MEETING,
    EventKind.PROPOSAL,
    EventKind.REQUEST,
)


@dataclass(frozen=True, slots=True)
class View:
    """What a person asked to see."""

    about: str = ""  # a service, a topic or a word; "" for everything
    key_dates: bool = False
    confirmed_only: bool = False
    suggestions: bool = False  # with confirmed_only: the rest follows in an appendix


@dataclass(frozen=True, slots=True)
class Report:
    """A chronology ready to be written in any format."""

    title: str
    facts: ReportFacts
    lines: tuple[Line, ...]
    appendix: tuple[Line, ...]  # suggestions that nobody has confirmed, kept apart
    notes: tuple[str, ...]  # what the view leaves out, in sentences
    brief: bool  # key dates: one page, no quotes


def make_report(
    chronology: Chronology,
    facts: ReportFacts,
    view: View,
    *,
    numbers: Mapping[str, int],
    book: AddressBook,
) -> Report:
    """A chronology in one view."""
    notes: list[str] = []
    chosen = list(without_dismissed(chronology).entries)
    looked_at = {entry.id for entry in chosen if is_confirmed(entry)}
    title = "Chronology"
    if view.about:
        chosen = [entry for entry in chosen if is_about(entry, view.about)]
        title = f"Chronology: {about_name(view.about)}"
        notes.append(
            f"This view has the entries about “{about_name(view.about)}”: by service, by topic or "
            "in the words quoted. The numbers are those of the full chronology."
        )
    rest: list[Entry] = []
    if view.confirmed_only:
        rest = [entry for entry in chosen if not is_confirmed(entry)]
        confirmed = [as_confirmed(entry) for entry in chosen if is_confirmed(entry)]
        # A link tells what the other entry says: nothing that nobody has looked at.
        chosen = list(among(confirmed, looked_at))
        if rest and not view.key_dates:
            notes.append(_unconfirmed(len(rest), appended=view.suggestions))
    if view.key_dates:
        title = title.replace("Chronology", "Key dates", 1)
        chosen, left = key_dates(chosen)
        rest, left_suggestions = key_dates(rest)
        if view.suggestions:
            left += left_suggestions
        elif rest:
            notes.append(_unconfirmed(len(rest), appended=False))
        notes.append(
            "Decisions, meetings and steps of the dispute, and the first missed session of each "
            "service; no routine sessions."
            + (f" {left} more entries of these kinds are in the full chronology." if left else "")
        )

    rest = rest if view.suggestions else []

    def lines(entries: list[Entry], beside: list[Entry]) -> tuple[Line, ...]:
        return tuple(lines_of(Chronology(tuple(entries)), numbers, book, facts.zone, beside))

    shown, appendix = lines(chosen, rest), lines(rest, chosen)
    own = sum(any(source.own for source in line.sources) for line in (*shown, *appendix))
    if own:
        notes.append(
            f"{own} {'entry rests' if own == 1 else 'entries rest'} on the parent’s own record, "
            "alone or besides mail; when each was entered is said with it."
        )
    return Report(
        title,
        facts,
        shown,
        appendix,
        tuple(notes),
        view.key_dates,
    )


def is_about(entry: Entry, wanted: str) -> bool:
    """Whether an entry is about a service, a topic, or quotes a word."""
    wanted = wanted.strip().lower()
    codes = {entry.service or "", *entry.topics}
    names = {service(entry.service).lower() if entry.service else "", *map(topic, entry.topics)}
    if wanted in codes | names:
        return True
    if wanted in SERVICES and entry.service:
        return False  # another service that mentions this one is not about it
    return any(wanted in source.citation.quote.lower() for source in entry.sources)


def about_name(wanted: str) -> str:
    """A service or topic as people call it; a word as it was given."""
    code = wanted.strip().lower()
    return SERVICES.get(code) or topic(code)


def key_dates(entries: list[Entry]) -> tuple[list[Entry], int]:
    """The entries for one page, in their order, and how many of the same kinds had no room."""
    first_missed: dict[str | None, Entry] = {}
    for entry in entries:
        if entry.kind is EventKind.MISSED_SERVICE:
            first_missed.setdefault(entry.service, entry)
    wanted = [e for e in entries if e.kind in _KEY_KINDS or e in first_missed.values()]
    kept = {entry.id for entry in sorted(wanted, key=_rank)[:KEY_LINES]}
    return [entry for entry in wanted if entry.id in kept], len(wanted) - len(kept)


def _rank(entry: Entry) -> int:
    return _KEY_KINDS.index(entry.kind) if entry.kind in _KEY_KINDS else len(_KEY_KINDS)


def _unconfirmed(count: int, *, appended: bool) -> str:
    one = count == 1
    said = f"{count} {'entry' if one else 'entries'} that no person has confirmed"
    verb = "is" if one else "are"
    if appended:
        return f"{said} {verb} not in the body but in the appendix, as suggestions."
    return f"{said} {verb} left out; --suggestions adds them as an appendix."
