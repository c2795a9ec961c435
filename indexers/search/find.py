"""Hits as a person reads them: with date, people, subject, the words found and their places."""

from __future__ import annotations

import heapq
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from archiver.model import Digest, Person, Standing
from indexers.directory import Line
from indexers.model import Message
from indexers.records import MESSAGE_COLUMNS, message_from
from indexers.search.contract import Kind, Step
from indexers.search.days import read_days
from indexers.search.evaluate import Answer, Archive, evaluate, steps_of
from indexers.search.language import And, Field, Node, Text, leaves, parse
from indexers.search.passages import Place, places
from indexers.vocabulary import PREFIX_MARK, fold_in_place
from indexers.vocabulary import fold as fold_text

_AROUND = 70  # characters of a snippet on either side of the first word found
_MANY = 400  # words of one step; past that a pattern finds them by their common beginning
_SHOWN_BEST = (Kind.OWN, Kind.PAGE, Kind.NAME, Kind.SUBJECT, Kind.QUOTED, Kind.PEOPLE)


@dataclass(frozen=True, slots=True)
class Found:
    """A message that matches, with where."""

    digest: Digest
    message_id: str
    sent: datetime | None
    sender: Person
    recipients: tuple[Person, ...]
    subject: str
    standing: Standing
    thread: Digest  # of the thread's first message
    part: str  # where the best match is: "body" or an attachment's name
    page: int | None
    snippet: str  # one line; own words before quoted ones
    marks: tuple[tuple[int, int], ...]  # where in the snippet the words are, end excluded
    places: int  # how many parts and pages of the message match


@dataclass(frozen=True, slots=True)
class Hit:
    """Messages that belong together, the best first: of one thread, or with the same text."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """All that matches a query; ``show`` turns a hit's message into what a person reads."""

    node: Node
    answer: Answer
    hits: int  # exactly; one for each group of messages that belong together
    suggestions: tuple[tuple[str, str], ...]  # a word that is nowhere, and the nearest that is
    _order: Mapping[int, int]  # by message: the higher, the earlier it is shown
    _group: Mapping[int, int]  # by message

    @property
    def messages(self) -> int:
        """How many messages match, exactly."""
        return len(self.answer.numbers)

    def top(self, limit: int | None = None) -> list[Hit]:
        """The first hits, or all, in the order asked for."""
        order, group = self._order, self._group
        wanted = self.hits if limit is None else min(limit, self.hits)
        leaders: dict[int, list[int]] = {}
        many = 4 * wanted
        while len(leaders) < wanted:
            # A long list is not sorted for its first twenty.
            best = heapq.nlargest(many, self.answer.numbers, key=order.__getitem__)
            leaders = {}
            for number in best:
                if len(leaders) == wanted:
                    break
                leaders.setdefault(group[number], [])
            many *= 8
        for number in self.answer.numbers:
            if group[number] in leaders:
                leaders[group[number]].append(number)
        return [
            Hit(tuple(sorted(numbers, key=order.__getitem__, reverse=True)))
            for numbers in leaders.values()
        ]


def find(
    query: str,
    archive: Archive,
    *,
    narrowed: Sequence[Field] = (),
    by_date: bool = False,
    fold: bool = True,
) -> Results:
    """Find the messages for which a query is true.

    Args:
        query: as docs/search.md has it.
        archive: what it is asked of.
        narrowed: filters from options, which must hold too.
        by_date: the latest first, instead of the best.
        fold: one hit for a thread and for identical texts, instead of one a message.

    Raises:
        QueryError: the query cannot be understood.
    """
    node = parse(query, lambda words: read_days(words, archive.today) is not None)
    asked = And((node, *narrowed)) if narrowed else node
    answer = evaluate(asked, query, archive)
    lines = archive.directory.lines()
    group = {n: lines[n].group if fold else n for n in answer.numbers}
    return Results(
        node,
        answer,
        len(set(group.values())),
        tuple(_suggestions(answer, archive)) if not answer.numbers else (),
        _order(answer, lines, by_date=by_date),
        group,
    )


def _order(answer: Answer, lines: Mapping[int, Line], *, by_date: bool) -> dict[int, int]:
    """One number a message to sort by: its score, then its time, which has 34 bits."""
    if by_date:
        return {number: lines[number].sent for number in answer.numbers}
    scores = answer.scores()
    return {n: (int(scores[n] * 10_000) << 34) + lines[n].sent for n in answer.numbers}


def _suggestions(answer: Answer, archive: Archive) -> Iterable[tuple[str, str]]:
    for text in answer.unknown:
        for word in text.words:
            if word.endswith(PREFIX_MARK) or len(word) < 3:
                continue
            if archive.index.count([archive.index.same_stem(word)]):
                continue
            near = archive.index.near(word, 1) or archive.index.near(word, 2)
            if near:
                yield word, near[0]


def show(db: sqlite3.Connection, archive: Archive, results: Results, number: int) -> Found:
    """A message as a person reads it."""
    digest = archive.directory.digest(number)
    row = db.execute(
        f"SELECT standing, {MESSAGE_COLUMNS} FROM messages WHERE digest = ?",  # noqa: S608
        (digest,),
    ).fetchone()
    message = message_from(row[1:])
    thread = archive.directory.db.execute(
        "SELECT m.thread, t.digest FROM messages m JOIN messages t ON t.number = m.thread"
        " WHERE m.number = ?",
        (number,),
    ).fetchone()
    return _found(db, message, Standing(row[0]), Digest(thread[1]), results, archive)


def _found(
    db: sqlite3.Connection,
    message: Message,
    standing: Standing,
    thread: Digest,
    results: Results,
    archive: Archive,
) -> Found:
    looked = [
        (text.field, pattern)
        for text, wanted in leaves(results.node)
        if wanted and isinstance(text, Text)
        and (pattern := _pattern(text, steps_of(text, archive.index)))
    ]  # fmt: skip
    every = list(places(db, message))
    scored = [(place, _matching(place, looked)) for place in every]
    matching = [(place, found) for place, found in scored if found]
    # The place with most of what was asked for; of equals, the author's own words.
    best, patterns = min(
        matching,
        key=lambda pair: (-len(pair[1]), _SHOWN_BEST.index(pair[0].kind)),
        default=(_opening(every), []),
    )
    snippet, marks = snip(best.text, patterns)
    return Found(
        message.digest,
        message.message_id,
        message.date,
        message.sender,
        (*message.to, *message.cc, *message.bcc),
        message.subject,
        standing,
        thread,
        best.part,
        best.page,
        snippet,
        marks,
        max(1, len({(place.path, place.part, place.page) for place, _ in matching})),
    )


def _opening(every: list[Place]) -> Place:
    """What to show of a message that was found by no word of it: how it begins."""
    own = [place for place in every if place.kind is Kind.OWN and place.text.strip()]
    return (own or [p for p in every if p.kind is Kind.QUOTED] or every)[0]


def _matching(place: Place, looked: list[tuple[str, re.Pattern[str]]]) -> list[re.Pattern[str]]:
    folded = fold_text(place.text)
    return [p for field, p in looked if _in_field(place.kind, field) and p.search(folded)]


def _in_field(kind: Kind, field: str) -> bool:
    if field == "subject":
        return kind is Kind.SUBJECT
    return kind in {Kind.NAME, Kind.PAGE} if field else True


def _pattern(text: Text, steps: tuple[Step, ...]) -> re.Pattern[str] | None:
    return _compiled(text.words, steps) if all(steps) else None


@lru_cache(maxsize=256)
def _compiled(words: tuple[str, ...], steps: tuple[Step, ...]) -> re.Pattern[str]:
    """Words one after another with no word between them, as ``fold_in_place`` leaves a text."""
    parts = []
    for word, step in zip(words, steps, strict=True):
        if word.endswith(PREFIX_MARK) or len(step) > _MANY:
            parts.append(rf"{re.escape(word.removesuffix(PREFIX_MARK))}[^\W_]*")
        else:
            parts.append(f"(?:{'|'.join(map(re.escape, sorted(step)))})")
    between = r"[\W_]+"
    return re.compile(rf"(?<![^\W_]){between.join(parts)}(?![^\W_])")


def snip(text: str, patterns: list[re.Pattern[str]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The words around the first match, as one line, and where in it the matches are."""
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    folded = fold_in_place(line)
    found = sorted(m.span() for pattern in patterns for m in pattern.finditer(folded))
    if not found:
        return line[: 2 * _AROUND] + "…" * (len(line) > 2 * _AROUND), ()
    start, end = max(0, found[0][0] - _AROUND), min(len(line), found[0][1] + _AROUND)
    start = line.rfind(" ", 0, start) + 1 if start else 0
    after = line.find(" ", end)
    end = after if after > 0 else len(line)
    lead, tail = "…" * (start > 0), "…" * (end < len(line))
    shift = len(lead) - start
    inside = [(a, b) for a, b in found if a >= start and b <= end]
    marks = tuple((a + shift, b + shift) for a, b in _apart(inside))
    return lead + line[start:end] + tail, marks


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
