"""A query's tree to the messages for which it is true: words from the index, all else exactly.

A query is asked of whole messages: subject, names, body and attachments together. "speech NOT
sick" leaves out a message that says "sick" on page 9 of its attachment. A phrase stands in one
passage.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from archiver.model import Digest, Person
from indexers.directory import Directory
from indexers.records import SHOWN
from indexers.search.contract import Kind, Matches, QueryError, SearchIndex, Step
from indexers.search.days import Span, read_days
from indexers.search.language import And, Field, Node, Not, Or, Text
from indexers.vocabulary import PREFIX_MARK, fold, tokens

_KINDS = {
    "subject": frozenset({Kind.SUBJECT}),
    "attachment": frozenset({Kind.NAME, Kind.PAGE}),
    "": None,
}
_SIDES = {"from": ("from",), "to": ("to",), "cc": ("cc",), "with": ("from", "to", "cc")}
_TYPES = {
    "pdf": ("%/pdf",), "word": ("%word%", "application/rtf"), "doc": ("%word%",),
    "docx": ("%wordprocessingml%",), "excel": ("%excel%", "%spreadsheet%", "text/csv"),
    "xls": ("%excel%", "%spreadsheet%"), "xlsx": ("%spreadsheetml%",),
    "spreadsheet": ("%excel%", "%spreadsheet%", "text/csv"), "csv": ("text/csv",),
    "image": ("image/%",), "photo": ("image/%",), "picture": ("image/%",), "scan": ("image/%",),
    "calendar": ("text/calendar",), "invitation": ("text/calendar",), "ics": ("text/calendar",),
    "text": ("text/plain",), "html": ("text/html",), "audio": ("audio/%",), "video": ("video/%",),
    "voicemail": ("audio/%",), "message": ("message/%",), "zip": ("%zip%",),
}  # fmt: skip
_STANDINGS = ("school", "thread", "family", "privileged", "whole")
_HAS = {"attachment", "attachments", "event", "events"}


@dataclass(frozen=True, slots=True)
class Archive:
    """What a query is asked of."""

    index: SearchIndex
    directory: Directory
    reading: sqlite3.Connection
    in_folder: Callable[[str], Iterable[Digest]]  # originals in a mail folder, by part of its name
    today: date  # in the family's zone


@dataclass(slots=True)
class Answer:
    """The messages for which a query is true."""

    numbers: set[int]
    looked_for: list[tuple[Text, tuple[Step, ...], Matches]] = field(default_factory=list)
    unknown: list[Text] = field(default_factory=list)  # asked for, and nowhere in the archive

    def scores(self) -> dict[int, float]:
        """How well each message fits: rare words count more, and own words more than quoted."""
        total = max(len(self.numbers), *(len(m) for _, _, m in self.looked_for), 1)
        numbers = self.numbers
        if len(self.looked_for) == 1:
            matches = self.looked_for[0][2]
            return {n: matches.get(n, 0.0) for n in numbers}
        found = dict.fromkeys(numbers, 0.0)
        for _, _, matches in self.looked_for:
            rare = math.log(1 + total / (1 + len(matches)))
            for number in numbers & matches.keys():
                weight = matches[number]
                found[number] += rare * weight / (weight + 1.2)
        return found


def evaluate(node: Node, query: str, archive: Archive) -> Answer:
    """Find the messages for which a query is true.

    Raises:
        QueryError: a filter names something that does not exist.
    """
    return _Evaluator(query, archive).answer(node)


class _Evaluator:
    def __init__(self, query: str, archive: Archive) -> None:
        self._query, self._archive = query, archive
        self._answer = Answer(set())
        self._all: set[int] | None = None

    def answer(self, node: Node) -> Answer:
        found = self._of(node, wanted=True)
        # The index may be a night ahead of or behind the directory: what both know counts.
        self._answer.numbers = found & self._everything()
        return self._answer

    def _everything(self) -> set[int]:
        if self._all is None:
            self._all = set(self._archive.directory.lines())
        return self._all

    def _of(self, node: Node, *, wanted: bool) -> set[int]:
        match node:
            case And(nodes):
                found = [self._of(n, wanted=wanted) for n in nodes if not isinstance(n, Not)]
                result = set.intersection(*found) if found else set(self._everything())
                for inner in nodes:
                    if isinstance(inner, Not):
                        result -= self._of(inner.node, wanted=not wanted)
                return result
            case Or(nodes):
                return set().union(*(self._of(n, wanted=wanted) for n in nodes))
            case Not(inner):
                return self._everything() - self._of(inner, wanted=not wanted)
            case Text():
                return self._text(node, wanted=wanted)
            case Field(name, value):
                return self._field(name, value)

    def _text(self, text: Text, *, wanted: bool) -> set[int]:
        index = self._archive.index
        steps = steps_of(text, index)
        matches = index.search(steps, _KINDS[text.field])
        if wanted:
            self._answer.looked_for.append((text, steps, matches))
            if not matches:
                self._answer.unknown.append(text)
        return set(matches)

    def _field(self, name: str, value: str) -> set[int]:
        directory = self._archive.directory
        match name:
            case "from" | "to" | "cc" | "with":
                return directory.with_people(_SIDES[name], person_test(value))
            case "before" | "after" | "during":
                return self._days(name, value)
            case "type":
                return self._type(fold(value).lstrip("."))
            case "kind" | "service":
                return self._event(name, value)
            case "in":
                return directory.of_digests(self._archive.in_folder(value))
            case "has":
                return self._has(fold(value))
            case "is":
                return self._standing(fold(value))
            case _:
                return self._thread(value.lower())

    def _days(self, name: str, value: str) -> set[int]:
        span = read_days(value, self._archive.today)
        if span is None:
            raise self._unknown(name, value, "is no day or time of year that could be read")
        return self._archive.directory.numbers(*day_condition(name, span))

    def _type(self, value: str) -> set[int]:
        known = "media_type = ?", (value,)
        if "/" not in value:
            likes = _TYPES.get(value)
            if likes is None:
                known = "lower(name) LIKE ?", (f"%.{value}",)
            else:
                known = " OR ".join("media_type LIKE ?" for _ in likes), likes  # type: ignore[assignment]
        sql = f"SELECT DISTINCT digest FROM parts WHERE {known[0]}"  # noqa: S608 - ours, not typed
        return self._digests(self._archive.reading.execute(sql, known[1]))

    def _event(self, name: str, value: str) -> set[int]:
        column = "kind" if name == "kind" else "service"
        sql = f"SELECT DISTINCT {column} FROM events WHERE {column} IS NOT NULL"  # noqa: S608
        asked = "_".join(tokens(fold(value)))
        named = [n for (n,) in self._archive.reading.execute(sql) if n and n.startswith(asked)]
        if name == "kind":
            from indexers.model import EventKind, RecordedKind  # noqa: PLC0415

            # No message tells of a call or a note; the running log, searched besides, does.
            known = (*EventKind, *RecordedKind)
            if not asked or not any(kind.startswith(asked) for kind in known):
                raise self._unknown(name, value, f"is none of {', '.join(known)}")
        marks = ",".join("?" * len(named))
        where = f"{SHOWN} AND {column} IN ({marks})"
        sql = f"SELECT DISTINCT digest FROM events WHERE {where}"  # noqa: S608 - names of ours
        return self._digests(self._archive.reading.execute(sql, named))

    def _has(self, value: str) -> set[int]:
        if value not in _HAS:
            raise self._unknown("has", value, "is neither attachment nor event")
        if value.startswith("attachment"):
            return self._archive.directory.numbers("attachments > 0")
        sql = f"SELECT DISTINCT digest FROM events WHERE {SHOWN}"  # noqa: S608 - of ours
        rows = self._archive.reading.execute(sql)
        return self._digests(rows)

    def _standing(self, value: str) -> set[int]:
        if value not in _STANDINGS:
            raise self._unknown("is", value, f"is none of {', '.join(_STANDINGS)}")
        return self._archive.directory.numbers("standing = ?", value)

    def _thread(self, value: str) -> set[int]:
        thread = self._archive.directory.thread_of(value)
        if thread is None:
            why = "is no thread's name, or more than one's; `papertrail threads` lists them"
            raise self._unknown("thread", value, why)
        return self._archive.directory.numbers("thread = ?", thread)

    def _digests(self, rows: Iterable[tuple[str]]) -> set[int]:
        return self._archive.directory.of_digests(digest for (digest,) in rows)

    def _unknown(self, name: str, value: str, why: str) -> QueryError:
        at = self._query.lower().find(f"{name}:")
        return QueryError(self._query, f"{value!r} {why}", max(at, 0))


def steps_of(text: Text, index: SearchIndex) -> tuple[Step, ...]:
    """What a leaf's words may be, by the archive's own words."""
    steps: list[Step] = []
    for word in text.words:
        if word.endswith(PREFIX_MARK):
            steps.append(index.begin_with(word.removesuffix(PREFIX_MARK)))
        elif text.exact:
            steps.append(frozenset({word}))
        elif text.fuzzy:
            steps.append(frozenset({word, *index.near(word, text.fuzzy)}))
        else:
            steps.append(index.same_stem(word))
    return tuple(steps)


def day_condition(name: str, span: Span) -> tuple[str, ...]:
    """``before`` a span is before its first day, ``after`` it is from its first day on."""
    first, last = (day.isoformat() for day in span)
    if name == "before":
        return ("day < ?", first)
    if name == "after":
        return ("day >= ?", first)
    return ("day BETWEEN ? AND ?", first, last)


def person_test(value: str) -> Callable[[Person], bool]:
    """Whether a person is meant: whole words of the name in any order, or of the address."""
    asked = fold(value).strip()
    stars = re.escape(asked.rstrip("*"))
    ending = "" if asked.endswith("*") else r"(?![^\W_])"
    whole = re.compile(rf"(?<![^\W_]){stars}{ending}")
    words = frozenset(tokens(asked))

    def fits(person: Person) -> bool:
        if whole.search(fold(person.address)) or whole.search(fold(person.name)):
            return True
        return bool(words) and words <= frozenset(tokens(fold(person.name)))

    return fits if stars else lambda _: False
