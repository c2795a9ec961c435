"""What the encoder learns from: windows with answers and weights for each segment and kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from archiver.model import Role, Standing
from benchmarks.events.mailboxes import Box, Labelled
from indexers.mime import read_message
from indexers.model import EventKind, Family, Reading
from indexers.rules.contract import Sentence
from indexers.rules.features import Surroundings
from indexers.rules.learned import may_say
from indexers.rules.windows import MOST, Window, windows
from indexers.rules.wordpiece import WordPieces
from indexers.sentences import Run
from indexers.setting import Setting

KINDS = list(EventKind)
_DAY = date(2025, 1, 15)
_TELLS = 2.0  # weight of what tells
_TOLD_ELSEWHERE = 0.15  # of a sentence whose message tells the kind in other words: perhaps it too
_CANNOT = 0.1  # of a sentence whose author could not say it: rules see to those
_PHRASE = 0.8  # of a phrase that stands alone, for its kind
_OTHERWISE = 0.03  # for all others: nobody looked whether it tells those
_SECTIONS = {
    "SCHOOL_PROPOSAL": "proposal",
    "SCHOOL_REFUSAL": "refusal",
    "PARENT_OBJECTION": "objection",
    "MISSED_SERVICE": "missed_service",
    "SERVICE_DELIVERED_OR_MAKEUP": "delivered_service",
    "MEETING": "meeting",
    "PARENT_REQUEST": "request",
    "CONSENT": "consent",
    "ESCALATION": "escalation",
    "EVALUATION_RESULTS": "evaluation",
}


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A window and, for each of its segments, what each kind should come to."""

    window: Window
    answers: np.ndarray  # (segments, kinds), 0 or 1
    weights: np.ndarray


def of_box(box: Box, words: WordPieces, most: int = MOST) -> Iterator[tuple[str, Lesson]]:
    """(message, lesson) of every window of a mailbox, of so many pieces at most."""
    for key, labelled in box.labelled.items():
        sentences = [one.sentence for one in labelled]
        for window in windows(box.readings[key], sentences, box.family, words, most):
            chosen = [labelled[segment.sentence] for segment in window.segments]
            answers = np.array([[kind in one.kinds for kind in KINDS] for one in chosen], "f4")
            weights = np.array([[_weight(one, kind) for kind in KINDS] for one in chosen], "f4")
            yield key, Lesson(window, answers, weights)


def _weight(one: Labelled, kind: EventKind) -> float:
    if kind in one.kinds:
        return _TELLS
    if not may_say(kind, one.sentence):
        return _CANNOT
    return _TOLD_ELSEWHERE if kind in one.told else 1.0


@dataclass(frozen=True, slots=True)
class Phrases:
    """A short message written for training; the format stands in phrases/README.md."""

    file: str
    role: str
    place: str  # "" for a body
    subject: str  # or the attachment's name
    said: tuple[tuple[str, frozenset[EventKind]], ...]  # each sentence, and what it tells


def read_phrases(folder: Path) -> Iterator[Phrases]:
    """All of a folder, file by file."""
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            who, subject, *fields = (field.strip() for field in line.split(" | "))
            role, _, place = who.partition(" ")
            table = place in {"docx", "xlsx"}
            said = []
            for field in fields:
                told = frozenset(EventKind(k) for k in re.findall(r"#(\w+)", field))
                text = re.sub(r"\s*#[a-z]\w*", "", field).strip()
                said.append((text.replace(" ; ", " | ") if table else text, told))
            yield Phrases(path.stem, role, place, subject, tuple(said))


def of_phrases(folder: Path, words: WordPieces) -> Iterator[Lesson]:
    """A lesson of each."""
    for one in read_phrases(folder):
        answers = np.array([[kind in told for kind in KINDS] for _, told in one.said], "f4")
        texts = [text for text, _ in one.said]
        window = _written(one.role, one.place, one.subject, texts, words)
        yield Lesson(window, answers, np.where(answers > 0, _TELLS, 1.0).astype("f4"))


def of_inventory(path: Path, words: WordPieces) -> Iterator[Lesson]:
    """Phrases that are events and phrases that only look it, each alone: lines "- P [tag] text"."""
    section = None
    for line in path.read_text("utf-8").splitlines():
        heading = re.match(r"## (?:TYPE: (\w+))?", line)
        if heading:
            section = _SECTIONS.get(heading[1] or "")
        entry = re.match(r"- ([PN]) \[([^\]]*)\] (.*?)(?: // .*)?$", line.strip())
        if not entry or not section:
            continue
        sign, tag, text = entry.groups()
        if "makeup" in tag and re.search("planned|offer|promise", tag):
            continue
        parent = section in {"objection", "request", "consent"} or "parent" in tag
        number = KINDS.index(EventKind(section))
        answers = np.zeros((1, len(KINDS)), "f4")
        answers[0, number] = sign == "P"
        weights = np.full((1, len(KINDS)), _OTHERWISE, "f4")
        weights[0, number] = _PHRASE
        window = _written("parent" if parent else "school", "", "", [text], words)
        yield Lesson(window, answers, weights)


def _written(role: str, place: str, subject: str, texts: list[str], words: WordPieces) -> Window:
    """A window as of a message from ``role``; in an attachment's, ``subject`` is its name."""
    raw = b"" if place else f"Subject: {subject}\r\n\r\n".encode()
    author = Role(role)
    reading = Reading(read_message(raw), [], _DAY, author, Standing.SCHOOL)
    part = subject if place else "body"
    around = Surroundings(author, place, subject, "", "", False, False, False)
    sentences = [
        Sentence(part, None, Run(text, 0, len(text), "|" in text), around, (), Setting(_DAY), "")
        for text in texts
    ]
    one, *more = windows(reading, sentences, Family(()), words)
    assert not more, texts
    return one
