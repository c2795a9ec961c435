"""Pure: what waits for a person's word, in which order, and what the word makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archiver.decisions import Attributes, Decided, Decision, Verdict, last_words
from archiver.model import Digest, Person, Standing
from indexers.decided import attributes_of, corrected_events, decided_on
from indexers.model import Event, EventKind, Status
from indexers.query import MessageSummary
from reports.chronology import build_chronology
from reports.corrections import corrected
from reports.model import Entry, MessageFacts

IMPORTANT = frozenset(
    {EventKind.PROPOSAL, EventKind.REFUSAL, EventKind.OBJECTION, EventKind.MISSED_SERVICE}
)
_LAST = {Standing.PRIVILEGED, Standing.FAMILY}


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the chronology with the events it is made of."""

    entry: Entry
    events: tuple[Event, ...]  # told by mail, in order of sending; none: own record alone

    @property
    def waiting(self) -> tuple[Event, ...]:
        """What nobody has looked at."""
        return tuple(event for event in self.events if event.status is Status.SUGGESTED)


def make_items(events: Sequence[Event], messages: Mapping[Digest, MessageFacts]) -> list[Item]:
    """Every entry of the chronology, in order of date.

    Args:
        events: of mail, and of the running log, which may tell of the same.
        messages: of both.
    """
    told: dict[tuple[object, ...], list[Event]] = {}
    for event in events:
        told.setdefault((event.citation, event.kind, event.on), []).append(event)
    items: list[Item] = []
    for entry in build_chronology(events, messages).entries:
        found: list[Event] = []
        for source in entry.sources:
            here = told.get((source.citation, entry.kind, source.on), [])
            found += [e for e in here if e.service == entry.service] or here
        of_mail = [event for event in found if event.status is not Status.RECORDED]
        items.append(Item(entry, tuple(dict.fromkeys(of_mail))))
    return items


def former_ids(decisions: Sequence[Decision]) -> dict[str, str]:
    """By the id of a line that a person corrected, the id it had as it was suggested."""
    found: dict[str, str] = {}
    for before, after in corrected_events(last_words(decisions)):
        old, new = _id(before), _id(after)
        if old != new:
            found[new] = old
    return found


def _id(event: Event) -> str:
    digest = event.citation.digest
    nobody = Person("", "")
    alone = MessageSummary(digest, "", None, nobody, (), "", Standing.SCHOOL)
    return build_chronology([event], {digest: alone}).entries[0].id


def in_order(items: Iterable[Item]) -> list[Item]:
    """The kinds that matter most first, of these the surest first; what never leaves, last."""

    def rank(item: Item) -> tuple[object, ...]:
        entry = item.entry
        stays = all(source.standing in _LAST for source in entry.sources)
        surest = max((event.confidence for event in item.waiting), default=0.0)
        return (stays, entry.kind not in IMPORTANT, -round(surest, 1), entry.on, entry.id)

    return sorted(items, key=rank)


def sure(items: Iterable[Item], least: float) -> list[Item]:
    """Those of which every telling that waits is as sure as that."""
    return [
        item
        for item in items
        if item.waiting and all(event.confidence >= least for event in item.waiting)
    ]


def tellings(
    item: Item,
    verdict: Verdict,
    events: Sequence[Event],
    before: Sequence[Decision],
    changes: Mapping[str, object] | None = None,
) -> list[Decided]:
    """A decision on an entry as decisions on its tellings.

    A word on an entry is about what waits in it; where nothing waits, it is about all of it.

    Args:
        item: the entry.
        verdict: what the person says.
        events: all of the archive, to know what else rests on the same words.
        before: earlier decisions.
        changes: of ``read_change``, for a correction.
    """
    digests = {event.citation.digest for event in item.events}
    beside = [event for event in events if event.citation.digest in digests]
    found: list[Decided] = []
    for event in item.waiting or item.events:
        said: Attributes | None = None
        if verdict is not Verdict.DISMISSED:
            said = corrected(attributes_of(event), changes or {})
        same = [e for e in beside if e.citation.digest == event.citation.digest]
        found.append(decided_on(event, said, same, before))
    return found


@dataclass(frozen=True, slots=True)
class Context:
    """A quote with what stands around it."""

    before: str
    quote: str  # verbatim
    after: str


def context(text: str, start: int, end: int, within: tuple[int, int] | None = None) -> Context:
    """The quote with the rest of its paragraph and the paragraphs before and behind.

    Args:
        text: the body or the page.
        start: of the quote in it.
        end: of the quote.
        within: the author's own run of a body, past which nothing is shown.
    """
    low, high = within or (0, len(text))
    begin, finish = low, high
    breaks = [m.end() for m in re.finditer(r"\n[ \t]*\n", text[low:start])]
    if len(breaks) > 1:
        begin = low + breaks[-2]
    following = [m.start() for m in re.finditer(r"\n[ \t]*\n", text[end:high])]
    if len(following) > 1:
        finish = end + following[1]
    return Context(text[begin:start], text[start:end], text[end:finish])
