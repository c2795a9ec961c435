"""What stands between looking at sentences and making events of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from indexers.dates import DateMention
from indexers.model import EventKind, Family, Reading
from indexers.rules.features import Surroundings
from indexers.sentences import Run
from indexers.setting import Setting


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a message or its attachments, with all that may be known of it."""

    part: str  # "body" or the attachment's name
    page: int | None
    run: Run
    around: Surroundings
    dates: tuple[DateMention, ...]
    setting: Setting  # what around it can date it
    document: str  # the whole text's heading and beginning: which service it is about


@dataclass(frozen=True, slots=True)
class Claim:
    """That a sentence tells an event of a kind."""

    kind: EventKind
    sentence: Sentence
    confidence: float  # 0 to 1
    rule: str  # what made it one


class Rule(Protocol):
    """Looks at sentences and makes claims. Raises nothing."""

    def claims(
        self, reading: Reading, sentences: Iterable[Sentence], family: Family
    ) -> Iterable[Claim]:
        """What the sentences tell."""
        ...


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that weighed when a sentence was called an event."""

    words: str  # plain: "the words “was out”", "nearest labelled phrase: “…”"
    weight: float  # how much, by the rule's own measure; negative: it spoke against it


class Explains(Protocol):
    """Says why a sentence tells an event of a kind. Raises nothing."""

    def explain(self, kind: EventKind, sentence: Sentence, family: Family) -> Sequence[Reason]:
        """What weighed, the heaviest first; what spoke against it last."""
        ...
