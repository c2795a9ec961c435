"""Pure: a message's sentences as the encoder reads them, a window of some hundred words at a time.

A window opens with who writes, where, and about what; then, for an answer, the beginning of what
is answered; then the end of what stood before; then whole sentences. Names of the child and of
staff are made the same for everyone: what is learned must hold for families never seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from archiver.model import Role
from indexers.model import Family, Reading, SpanKind
from indexers.rules.contract import Sentence
from indexers.rules.wordpiece import CLS, SEP, WordPieces

MOST = 192  # pieces of a window, but for what follows behind its last sentence
_LONGEST = 122  # pieces of a sentence that are read
_HEADING, _ANSWERED, _BEFORE, _BEHIND = 28, 40, 30, 20  # pieces of each
_CHILD, _STAFF = "Alex", "Lee"
_TITLE = re.compile(r"\b(Mr|Mrs|Ms|Miss|Mx|Dr|Sra|Sr)\.?\s+[A-Z][\w'’-]+")
_WRITER = {
    Role.SCHOOL: "school",
    Role.PARENT: "parent",
    Role.PRIVILEGED: "attorney",
    Role.PROVIDER: "doctor",
    Role.OTHER: "other",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """Where a sentence's pieces stand in a window."""

    start: int
    end: int  # excluded; equal to ``start`` for a sentence without any piece
    sentence: int  # its number in the message


@dataclass(frozen=True, slots=True)
class Window:
    """Numbers of word pieces, and the sentences among them that are to be judged."""

    pieces: tuple[int, ...]
    segments: tuple[Segment, ...]


def windows(
    reading: Reading,
    sentences: Sequence[Sentence],
    family: Family,
    words: WordPieces,
    most: int = MOST,
) -> Iterator[Window]:
    """Every sentence in exactly one window, in order; ``most`` pieces each. Raises nothing."""
    names = sorted((n for n in family.child_names if len(n) > 1), key=len, reverse=True)

    def spelled(text: str) -> list[int]:
        return words.ids(_general(text, names))

    answered = spelled(_answered(reading))[:_ANSWERED]
    numbered = list(enumerate(sentences))
    for _, group in groupby(numbered, key=lambda pair: (pair[1].part, pair[1].page)):
        members = list(group)
        first = members[0][1]
        head = [CLS, *spelled(_heading(reading, first))[:_HEADING], SEP]
        if first.part == "body" and answered:
            head += [*answered, SEP]
        texts = [spelled(sentence.run.text)[:_LONGEST] for _, sentence in members]
        numbers = [n for n, _ in members]
        yield from _filled(head, numbers, texts, _columns(members, texts), most)


def _filled(
    head: list[int],
    numbers: list[int],
    texts: list[list[int]],
    columns: list[list[int]],
    most: int,
) -> Iterator[Window]:
    at = 0
    while at < len(texts):
        pieces = list(head)
        if at:
            pieces += [*(columns[at] or texts[at - 1][-_BEFORE:]), SEP]
        segments: list[Segment] = []
        while at < len(texts) and (not segments or len(pieces) + len(texts[at]) < most):
            segments.append(Segment(len(pieces), len(pieces) + len(texts[at]), numbers[at]))
            pieces += texts[at]
            at += 1
        if at < len(texts):
            pieces += texts[at][:_BEHIND]
        yield Window((*pieces, SEP), tuple(segments))


def _columns(members: list[tuple[int, Sentence]], texts: list[list[int]]) -> list[list[int]]:
    """For each row of a table, the table's first row: it says what the columns are."""
    header: list[int] = []
    for (_, sentence), text in zip(members, texts, strict=True):
        if sentence.run.row:
            header = text[:_BEFORE]
            break
    return [header if sentence.run.row else [] for _, sentence in members]


def _heading(reading: Reading, first: Sentence) -> str:
    writer = _WRITER[reading.author]
    if first.part == "body":
        return f"{writer} mail: {reading.message.subject}"
    name = first.part.replace("_", " ").replace("-", " ")
    beginning = re.sub(r"\s+", " ", first.document.split("\n", 2)[-1])[:90]
    return f"{writer} {first.around.attachment or 'mail'}: {name}. {beginning}"


def _answered(reading: Reading) -> str:
    message = reading.message
    runs = [message.body[s.start : s.end] for s in message.spans if s.kind is SpanKind.QUOTED]
    return re.sub(r"[>\s]+", " ", " ".join(runs)[:2000]).strip()[:400]


def _general(text: str, names: Sequence[str]) -> str:
    for name in names:
        text = re.sub(rf"\b{re.escape(name)}\b", _CHILD, text)
    return _TITLE.sub(lambda title: f"{title[1]}. {_STAFF}", text)
