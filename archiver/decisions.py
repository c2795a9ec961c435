"""Pure: what a person decided on an event, as the journal has it.

A decision names the words it was made on, not a row of some table: whatever finds events later, and
however it finds them, the decision can be laid onto the same words again (indexers/decided.py).
Kinds and services are plain codes here, since this package knows nothing of what mail says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

from archiver.model import Digest


class Verdict(StrEnum):
    """What a person said of a suggestion."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Attributes:
    """What an event says happened; codes are those of docs/events.md."""

    kind: str
    on: date
    end: date | None
    precision: str
    actor: str
    service: str | None
    minutes: int | None
    reason: str | None
    topics: tuple[str, ...]
    date_words: str = ""
    people: tuple[str, ...] = ()  # that a person named

    def identity(self) -> tuple[str, ...]:
        """What tells events apart that rest on the same words."""
        return (self.kind, self.on.isoformat(), str(self.end or ""), self.service or "")


@dataclass(frozen=True, slots=True)
class Decided:
    """One telling that a decision was made on: the words, what was suggested, what was said."""

    digest: Digest  # of the original
    part: str  # "body", or the attachment's file name
    page: int | None
    quote: str  # verbatim, as it was shown
    start: int  # of the quote in the part's (page's) text, as it was then
    end: int
    found: Attributes  # what the program suggested
    said: Attributes | None  # what the person says; None: dismissed
    confidence: float
    rule: str
    beside: tuple[tuple[str, ...], ...] = ()  # identities of other events on these words, then

    def key(self) -> tuple[object, ...]:
        """The same for every decision on this telling; the last one counts."""
        words = " ".join(self.quote.split()).casefold()
        return (self.digest, self.part, self.page, words, self.found.identity())


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision on one entry of the chronology, or on many at once."""

    entry: int  # of the journal
    at: datetime  # UTC
    verdict: Verdict
    tellings: tuple[Decided, ...]
    note: str  # for the family alone; in no report
    undone: int | None = None  # the journal entry that took it back


def decision_facts(
    verdict: Verdict, tellings: Sequence[Decided], note: str = ""
) -> dict[str, object]:
    """A decision as the journal writes it."""
    facts: dict[str, object] = {
        "verdict": str(verdict),
        "tellings": [_telling_facts(telling) for telling in tellings],
    }
    if note:
        facts["note"] = note
    return facts


def decision_from(
    entry: int, at: datetime, facts: Mapping[str, object], undone: int | None = None
) -> Decision:
    """The reverse of ``decision_facts``; fields that are not known are passed over."""
    tellings = cast(Sequence[Mapping[str, Any]], facts["tellings"])
    return Decision(
        entry,
        at,
        Verdict(str(facts["verdict"])),
        tuple(_telling_from(each) for each in tellings),
        str(facts.get("note", "")),
        undone,
    )


def last_words(decisions: Sequence[Decision]) -> list[tuple[Decision, Decided]]:
    """What counts of decisions that were not taken back: of several on one telling, the last."""
    last: dict[tuple[object, ...], tuple[Decision, Decided]] = {}
    for decision in decisions:
        if decision.undone is None:
            for telling in decision.tellings:
                last.pop(telling.key(), None)  # so that the order is that of the last words
                last[telling.key()] = (decision, telling)
    return list(last.values())


def _telling_facts(telling: Decided) -> dict[str, object]:
    return {
        "sha256": telling.digest,
        "part": telling.part,
        "page": telling.page,
        "quote": telling.quote,
        "start": telling.start,
        "end": telling.end,
        "found": _attribute_facts(telling.found),
        "said": _attribute_facts(telling.said) if telling.said else None,
        "confidence": telling.confidence,
        "rule": telling.rule,
        "beside": [list(identity) for identity in telling.beside],
    }


def _telling_from(facts: Mapping[str, Any]) -> Decided:
    return Decided(
        Digest(facts["sha256"]),
        facts["part"],
        facts["page"],
        facts["quote"],
        facts["start"],
        facts["end"],
        _attributes_from(facts["found"]),
        _attributes_from(facts["said"]) if facts["said"] else None,
        facts["confidence"],
        facts["rule"],
        tuple(tuple(identity) for identity in facts["beside"]),
    )


def _attribute_facts(attributes: Attributes) -> dict[str, object]:
    facts = asdict(attributes)
    facts["date"] = facts.pop("on").isoformat()
    facts["end"] = attributes.end.isoformat() if attributes.end else None
    facts["topics"], facts["people"] = list(attributes.topics), list(attributes.people)
    return facts


def _attributes_from(facts: Mapping[str, Any]) -> Attributes:
    return Attributes(
        facts["kind"],
        date.fromisoformat(facts["date"]),
        date.fromisoformat(facts["end"]) if facts["end"] else None,
        facts["precision"],
        facts["actor"],
        facts["service"],
        facts["minutes"],
        facts["reason"],
        tuple(facts["topics"]),
        facts["date_words"],
        tuple(facts["people"]),
    )
