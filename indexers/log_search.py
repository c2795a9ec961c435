"""Pure: which entries of the running log a search finds; the same language as for mail.

The log is small, so it is read through. What a query asks of mail alone (from:, attachment:, in:)
no entry fulfils.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from archiver.running_log import LogEntry, Record
from indexers.logbook import log_events, log_text, title
from indexers.search.days import read_days
from indexers.search.language import And, Field, Node, Not, Or, Text
from indexers.vocabulary import PREFIX_MARK, fold, language, stem, tokens


def search_log(node: Node, log: Iterable[LogEntry], today: date) -> list[LogEntry]:
    """The entries for which a query holds, in order of the day they tell of; no withdrawn ones."""
    found = [(e.record.on, e.number, e) for e in log if e.record and _holds(node, e, today)]
    return [entry for *_, entry in sorted(found, key=lambda each: each[:2])]


def _holds(node: Node, entry: LogEntry, today: date) -> bool:
    match node:
        case And(nodes):
            return all(_holds(inner, entry, today) for inner in nodes)
        case Or(nodes):
            return any(_holds(inner, entry, today) for inner in nodes)
        case Not(inner):
            return not _holds(inner, entry, today)
        case Text():
            return _says(node, entry)
        case Field(name, value):
            return _fits(name, value, entry, today)


def _says(text: Text, entry: LogEntry) -> bool:
    record = entry.record
    if record is None or text.field:
        return False
    words = tokens(fold(f"{title(entry)}\n{log_text(record)}"))
    tongue = language(frozenset(words))
    wanted = list(text.words)

    def same(word: str, asked: str) -> bool:
        if asked.endswith(PREFIX_MARK):
            return word.startswith(asked.removesuffix(PREFIX_MARK))
        return word == asked or (not text.exact and stem(word, tongue) == stem(asked, tongue))

    starts = range(len(words) - len(wanted) + 1)
    return any(all(map(same, words[at : at + len(wanted)], wanted)) for at in starts)


def _fits(name: str, value: str, entry: LogEntry, today: date) -> bool:
    record = entry.record
    if record is None:
        return False
    if name in {"before", "after", "during"}:
        return _within(name, value, record, today)
    asked = "_".join(tokens(fold(value)))
    if name == "kind":
        return any(event.kind.startswith(asked) for event in log_events([entry]))
    return name == "service" and bool(asked) and record.service.startswith(asked)


def _within(name: str, value: str, record: Record, today: date) -> bool:
    span = read_days(value, today)
    if span is None:
        return False
    last = record.end or record.on
    if name == "before":
        return record.on < span[0]
    if name == "after":
        return last >= span[0]
    return record.on <= span[1] and last >= span[0]
