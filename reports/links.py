"""Pure: which entries of a chronology speak to one another, said in neutral sentences.

A session reported as given and as not given, two days for one session, an objection and what it
follows, a request and what came back: each is shown at both ends, and nobody is said to be right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from archiver.model import Digest
from archiver.roles import AddressBook
from indexers.model import SERVICE_KINDS, EventKind, Status
from reports.answers import first_reply
from reports.model import Chronology, Entry, Link, MessageFacts, Tie
from reports.words import day, when

_OFFERS = frozenset({EventKind.PROPOSAL, EventKind.REFUSAL})
_TURNS = frozenset({EventKind.OBJECTION, EventKind.CONSENT})
_NEAR = timedelta(days=4)  # two days given for one session lie no further apart
_RECENT = timedelta(days=45)
_BROAD = frozenset({"services", "evaluation", "meeting", "other"})
_MOST = 3  # of one kind at one entry


def link_entries(
    chronology: Chronology,
    messages: Mapping[Digest, MessageFacts],
    threads: Mapping[Digest, str],
    book: AddressBook,
    zone: ZoneInfo,
    through: date,
    *,
    whole: bool,
) -> Chronology:
    """The same chronology, each entry with its links.

    Args:
        chronology: entries in order of date.
        messages: those that may be shown, and no others.
        threads: by message, its thread, through those messages alone.
        book: whose mail is the school's.
        zone: of the days.
        through: the last day that the archive knows of.
        whole: whether ``messages`` are all of the archive. Where some are withheld, a reply may be
            among those: what is found is then said of the mail that the report draws on.
    """
    mailed = _mailed(_standing(chronology))
    asked = _about_requests(mailed, messages, threads, book, zone, through, whole=whole)
    return _with(chronology, (*_between_entries(chronology, threads), *asked))


def link_to_each_other(chronology: Chronology, threads: Mapping[Digest, str]) -> Chronology:
    """The same, but for what came back to a request: in a choice of mail, a reply may be missing.

    Args:
        chronology: entries in order of date.
        threads: by message, its thread, through the messages of that choice alone.
    """
    return _with(chronology, _between_entries(chronology, threads))


def among(entries: Iterable[Entry], shown: Container[str]) -> Iterator[Entry]:
    """The same entries, without links that tell of an entry that is not shown."""
    for entry in entries:
        kept = tuple(link for link in entry.links if not link.entry or link.entry in shown)
        yield replace(entry, links=kept)


def _with(chronology: Chronology, links: Iterable[tuple[str, Link]]) -> Chronology:
    found: dict[str, list[Link]] = defaultdict(list)
    for id_, link in links:
        if sum(link.tie is other.tie for other in found[id_]) < _MOST:
            found[id_].append(link)
    return Chronology(
        tuple(replace(e, links=tuple(found.get(e.id, ()))) for e in chronology.entries)
    )


def _standing(chronology: Chronology) -> list[Entry]:
    """What a person dismissed speaks to nothing."""
    return [e for e in chronology.entries if e.status is not Status.DISMISSED]


def _mailed(entries: Iterable[Entry]) -> list[Entry]:
    """The parent's own record has no thread, and when it was entered is not when anybody wrote."""
    return [e for e in entries if e.sources[0].record is None]


def _between_entries(
    chronology: Chronology, threads: Mapping[Digest, str]
) -> Iterator[tuple[str, Link]]:
    entries = _standing(chronology)
    yield from _about_services(entries, threads)
    yield from _about_turns(_mailed(entries), threads)


def _about_services(
    entries: Sequence[Entry], threads: Mapping[Digest, str]
) -> Iterator[tuple[str, Link]]:
    by_service: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        # Two sessions of which no words say the service are not therefore of the same one.
        if entry.kind in SERVICE_KINDS and entry.service not in {None, "other"}:
            by_service[entry.service].append(entry)
    for group in by_service.values():
        for one, two in _close(group):
            yield from _between(one, two, threads)


def _close(group: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of one service, in order of date, that overlap or lie near."""
    for number, one in enumerate(group):
        for two in group[number + 1 :]:
            if two.on > _last(one) + _NEAR:
                if one.end is None:
                    break
                continue
            yield one, two


def _between(one: Entry, two: Entry, threads: Mapping[Digest, str]) -> Iterator[tuple[str, Link]]:
    overlap = one.on <= _last(two) and two.on <= _last(one)
    if one.kind is not two.kind:
        if overlap:
            yield one.id, Link(Tie.AGAINST, two.id, _otherwise(two), None)
            yield two.id, Link(Tie.AGAINST, one.id, _otherwise(one), None)
    elif overlap:
        yield one.id, Link(Tie.OVERLAP, two.id, _covers(two), None)
        yield two.id, Link(Tie.OVERLAP, one.id, _covers(one), None)
    elif _told_apart(one, two, threads):
        yield one.id, Link(Tie.OTHER_DAY, two.id, _other_day(two), None)
        yield two.id, Link(Tie.OTHER_DAY, one.id, _other_day(one), None)


def _told_apart(one: Entry, two: Entry, threads: Mapping[Digest, str]) -> bool:
    """Whether two messages of one thread, each with one day, could mean one session."""
    if one.end is not None or two.end is not None or len(one.sources) + len(two.sources) > 2:
        return False
    a, b = one.sources[0].citation.digest, two.sources[0].citation.digest
    same_writer = one.sources[0].sender.address == two.sources[0].sender.address
    return a != b and not same_writer and threads.get(a, a) == threads.get(b, b)


def _otherwise(other: Entry) -> str:
    given = "not given" if other.kind is EventKind.MISSED_SERVICE else "given"
    return f"Also reported as {given}, by {_writers(other)} ({_when(other)})."


def _covers(other: Entry) -> str:
    return f"Another entry of the same service covers {_when(other)}."


def _other_day(other: Entry) -> str:
    return f"In the same thread {_writers(other)} names another day: {_when(other)}."


def _about_turns(
    entries: Sequence[Entry], threads: Mapping[Digest, str]
) -> Iterator[tuple[str, Link]]:
    """Objections and consents with what they follow, and what the school wrote next."""
    dated = sorted(
        (e for e in entries if e.kind in _OFFERS | _TURNS and e.sources[0].sent is not None),
        key=_sent,
    )
    offers = [e for e in dated if e.kind in _OFFERS]
    for turn in dated:
        if turn.kind not in _TURNS:
            continue
        before = [o for o in offers if _sent(o) < _sent(turn)]
        offer = _best(turn, reversed(before), threads)
        how = "An objection" if turn.kind is EventKind.OBJECTION else "Consent"
        if offer is not None:
            where = _where(turn, offer, threads)
            days = (turn.on - offer.on).days
            what = "was proposed" if offer.kind is EventKind.PROPOSAL else "was declined"
            words = f"Follows what {what} on {day(offer.on)}, {where}."
            yield turn.id, Link(Tie.FOLLOWS, offer.id, words, days)
            words = f"{how} follows on {day(turn.on)}, {where}."
            yield offer.id, Link(Tie.FOLLOWED, turn.id, words, days)
        if turn.kind is EventKind.OBJECTION:
            after = [o for o in offers if _sent(o) > _sent(turn)]
            answer = next((o for o in after if _same_thread(turn, o, threads)), None)
            if answer is not None:
                days = (answer.on - turn.on).days
                words = f"The school writes again in the same thread on {day(answer.on)}."
                yield turn.id, Link(Tie.FOLLOWED, answer.id, words, days)


def _best(turn: Entry, offers: Iterable[Entry], threads: Mapping[Digest, str]) -> Entry | None:
    """The latest offer in the thread on the same topic, else in the thread, else on the topic."""
    in_thread: Entry | None = None
    on_topic: Entry | None = None
    for offer in offers:
        shared = set(turn.topics) & set(offer.topics)
        if _same_thread(turn, offer, threads):
            if shared:
                return offer
            in_thread = in_thread or offer
        elif shared - _BROAD and _sent(turn) - _sent(offer) < _RECENT:
            on_topic = on_topic or offer
    return in_thread or on_topic


def _where(one: Entry, two: Entry, threads: Mapping[Digest, str]) -> str:
    return "in the same thread" if _same_thread(one, two, threads) else "about the same topic"


def _about_requests(
    entries: Sequence[Entry],
    messages: Mapping[Digest, MessageFacts],
    threads: Mapping[Digest, str],
    book: AddressBook,
    zone: ZoneInfo,
    through: date,
    *,
    whole: bool,
) -> Iterator[tuple[str, Link]]:
    among_these = "" if whole else ", of the mail that this report draws on"
    searched = "this archive" if whole else "the mail that this report draws on"
    for entry in entries:
        if entry.kind is not EventKind.REQUEST:
            continue
        reply = first_reply(entry.sources[0].citation.digest, messages, threads, book)
        if reply is not None and reply.sent is not None:
            on = reply.sent.astimezone(zone).date()
            days = (on - entry.on).days
            who = reply.sender.name or reply.sender.address
            words = (
                f"The school’s first later message in the same thread{among_these}: {day(on)}, by "
                f"{who} ({_count(days)})."
            )
            yield entry.id, Link(Tie.REPLY, "", words, days)
        else:
            days = max(0, (through - entry.on).days)
            words = f"No reply found in {searched} as of {day(through)} ({_count(days)})."
            yield entry.id, Link(Tie.NO_REPLY, "", words, days)


def _same_thread(one: Entry, two: Entry, threads: Mapping[Digest, str]) -> bool:
    a, b = one.sources[0].citation.digest, two.sources[0].citation.digest
    return threads.get(a, a) == threads.get(b, b)


def _writers(entry: Entry) -> str:
    names = dict.fromkeys(s.sender.name or s.sender.address or "unknown" for s in entry.sources)
    return " and ".join(names)


def _when(entry: Entry) -> str:
    return when(entry.on, entry.end, entry.precision)


def _last(entry: Entry) -> date:
    return entry.end or entry.on


def _sent(entry: Entry) -> datetime:
    sent = entry.sources[0].sent
    assert sent is not None
    return sent


def _count(days: int) -> str:
    return "the same day" if days == 0 else f"{days} day{'' if days == 1 else 's'} later"
