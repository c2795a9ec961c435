"""Pure: a sentence in its surroundings as features for the classifier.

Names of people never become features: what is learned must hold for families never seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from archiver.model import Role
from indexers.model import Family
from indexers.rules.outright import said_outright
from indexers.rules.services import find_reason, find_services

_TOKEN = re.compile(r"[a-záéíóúñü]+(?:['’][a-z]+)*|\d+(?:[:/]\d+)*|[?!|%$]")
_WEEKDAYS = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thur?s?|fri|satur|sun)(?:day)?s?\Z|yesterday|today|tomorrow\Z"
)
_MONTHS = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|april|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\Z"
)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+\b|\b(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z][\w'’-]+")
_MODAL = re.compile(r"\b(?:if|would|could|should|may|might|unless|whether|when(?:ever)?)\b", re.I)
_NEGATION = re.compile(
    r"\b(?:not|no|never|nobody|without|n't|cannot|didn'?t|wasn'?t|don'?t)\b|n['’]t\b", re.I
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a sentence besides its words."""

    author: Role
    attachment: str  # "" for a body, else the kind of file: "pdf", "docx", "ics"
    heading: str  # subject of the message, or name of the attachment
    before: str  # the sentence before, "" for the first
    after: str  # the sentence behind
    row: bool
    dated: bool  # names a day
    opening: bool  # among the first two sentences


def features(text: str, around: Surroundings, family: Family) -> Iterator[str]:
    """Names of the features that a sentence has; each may come more than once."""
    role = around.author.value
    place = around.attachment or "body"
    yield f"role={role}"
    yield f"place={place}"
    yield f"role={role} place={place}"
    words = tokens(text, family)
    yield from words
    yield from (f"{a} {b}" for a, b in pairwise(words))
    yield from (f"{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False))
    yield from (f"{role}:{word}" for word in words)
    yield from (f"<{word}" for word in set(tokens(around.before, family)))
    yield from (f"h:{word}" for word in set(tokens(around.heading, family)))
    codes = find_services(text, family)
    yield from (f"service={code}" for code in codes)
    if codes:
        yield "service"
        yield f"reason={find_reason(text)}"
    for name, holds in (
        ("row", around.row),
        ("dated", around.dated),
        ("opening", around.opening),
        ("question", text.rstrip().endswith("?")),
        ("modal", bool(_MODAL.search(text))),
        ("negation", bool(_NEGATION.search(text))),
        ("short", len(words) < 6),
        ("long", len(words) > 30),
    ):
        if holds:
            yield f"is={name}"
            yield f"is={name} role={role}"
    yield from (f"outright={kind}" for kind in said_outright(text, around.author))
    if around.dated and codes and _NEGATION.search(text):
        yield "dated service negated"


def tokens(text: str, family: Family) -> Sequence[str]:
    """Words in small letters; names, numbers, days and months as what they are."""
    return _tokens(text, tuple(family.child_names))


@lru_cache(maxsize=512)  # a sentence is asked for by its neighbours, a heading by all
def _tokens(text: str, names: tuple[str, ...]) -> Sequence[str]:
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1:
            text = re.sub(rf"\b{re.escape(name)}\b", " childname ", text)
    text = _NAME.sub(" personname ", text)
    words = _TOKEN.findall(text.lower().replace("’", "'"))[:120]
    return tuple(map(_general, words))


def _general(word: str) -> str:
    if word[0].isdigit():
        return "#time" if ":" in word else "#date" if "/" in word else "#"
    if _WEEKDAYS.match(word):
        return "#day"
    return "#month" if _MONTHS.match(word) else word
