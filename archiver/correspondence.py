"""Pure: which messages belong to the correspondence, and how each one stands.

A message belongs if a school, provider or privileged address is anywhere among its people, if it
is in a thread with one that does, or if it is among the family alone and speaks of the child's
schooling. The last needs the message's text, so it is asked for, not decided here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.headers import THREAD, Headers
from archiver.model import Person, Place, Role, Standing
from archiver.roles import AddressBook
from archiver.source import Head

_REPLY = re.compile(r"(?:\s*(?:re|fwd?|aw|rv|tr)\s*(?:\[\d+\])?\s*:)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """A message on the server, as its headers tell; small, because there may be 100,000."""

    place: Place
    size: int  # bytes, as the server says
    internal_date: datetime | None
    ids: tuple[int, ...]  # ``thread_keys`` of its Message-ID, In-Reply-To and References
    standing: Standing | None  # None: only its thread or its text can make it belong
    family: bool  # everybody on it is family
    topic: int | None = None  # ``topic_key`` of its subject
    answers_topic: bool = False  # it calls itself a reply or forward, but names no thread
    labels: tuple[str, ...] = ()  # Gmail's
    origin: str = ""  # where it stands in a file


def weigh(
    place: Place,
    head: Head,
    headers: Headers,
    people: Sequence[Person],
    book: AddressBook,
    *,
    whole: bool = False,
) -> Listed:
    """Weigh a message by its headers; ``whole`` says that its folder is kept whole."""
    standing = standing_of(people, book)
    family = standing is None and is_family(people, book)
    if standing is None and (whole or book.everything):
        standing = Standing.FAMILY if family else Standing.WHOLE
    keys = thread_keys(headers.ids(*THREAD))
    subject = headers.first("subject")
    stray = not headers.ids("In-Reply-To", "References") and _REPLY.match(subject) is not None
    topic = topic_key(subject)
    return Listed(
        place,
        head.size,
        head.internal_date,
        keys,
        standing,
        family,
        topic,
        stray,
        head.labels,
        head.origin,
    )


def topic_key(subject: str) -> int | None:
    """A subject without its Re: and Fwd: as a key; None where too little is left to go by."""
    words = _REPLY.sub("", subject).casefold().strip()
    return thread_keys([f"subject {words}"])[0] if len(words) > 3 else None


def standing_of(people: Iterable[Person], book: AddressBook) -> Standing | None:
    """How a message stands by its people alone; None where no address decides."""
    roles = {book.role_of(person.address) for person in people if person.address}
    if Role.PRIVILEGED in roles:
        return Standing.PRIVILEGED
    if roles & {Role.SCHOOL, Role.PROVIDER}:
        return Standing.SCHOOL
    return None


def is_family(people: Sequence[Person], book: AddressBook) -> bool:
    """Whether there is somebody on a message, and all of them are the family's."""
    addresses = [person.address for person in people if person.address]
    return bool(addresses) and all(book.role_of(a) is Role.PARENT for a in addresses)


def thread_keys(ids: Iterable[str]) -> tuple[int, ...]:
    """Message ids as 63-bit numbers: a fifth of the memory, and no stranger's id is stored."""
    return tuple(
        int.from_bytes(hashlib.blake2b(i.encode("utf-8", "replace"), digest_size=8).digest()) >> 1
        for i in ids
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A message that an earlier night decided on, as far as threads need it."""

    ids: tuple[int, ...]
    carries: bool  # kept, and with a school, provider or privileged address or in such a thread
    family: bool  # kept as the family's
    place: Place | None  # where it was passed over; None where it is kept


def decide(
    new: Sequence[Listed], lookup: Callable[[Iterable[int]], Iterable[Known]]
) -> tuple[dict[Place, Standing], set[Place], set[Place]]:
    """Decide on new messages, and on old ones that a new one draws into a thread.

    Args:
        new: messages listed for the first time (or for the first time under these rules).
        lookup: messages of earlier nights that carry any of the given thread keys.

    Returns:
        Places to keep with their standing, places to read before deciding, and places that an
        earlier night passed over and that belong now (their headers must be weighed again).
    """
    fresh, old = _by_key(new), _Old(lookup)
    keep: dict[Place, Standing] = {m.place: m.standing for m in new if m.standing is not None}
    revived: set[Place] = set()

    # A thread is followed from every message that carries it, through new and old ones alike.
    queue = [key for message in new if message.standing is not None for key in message.ids]
    queue += [key for message in new for key in message.ids if old.carries(key)]
    reached: set[int] = set()
    while queue:
        key = queue.pop()
        if key in reached:
            continue
        reached.add(key)
        for message in fresh.get(key, ()):
            if message.place not in keep:
                keep[message.place] = Standing.FAMILY if message.family else Standing.THREAD
            queue.extend(message.ids)
        for known in old.of(key):
            if known.place is not None:
                revived.add(known.place)
            queue.extend(known.ids)

    # Where a mail program names no thread, the subject is the last resort: for family alone, since
    # a stranger's "Re: Hello" must not come in by it.
    topics = {m.topic for m in new if m.standing is not None and m.topic is not None}
    for message in new:
        topic = message.topic if message.family and message.answers_topic else None
        if topic is not None and (topic in topics or old.carries(topic)):
            keep.setdefault(message.place, Standing.FAMILY)

    # Mail among the family in answer to family mail that was kept belongs with it.
    for message in new:
        if message.family and message.place not in keep and any(map(old.family, message.ids)):
            keep[message.place] = Standing.FAMILY
    read = {m.place for m in new if m.family and m.place not in keep}
    return keep, read, revived


class _Old:
    def __init__(self, lookup: Callable[[Iterable[int]], Iterable[Known]]) -> None:
        self._lookup = lookup
        self._seen: dict[int, list[Known]] = {}

    def of(self, key: int) -> list[Known]:
        if key not in self._seen:
            self._seen[key] = list(self._lookup((key,)))
        return self._seen[key]

    def carries(self, key: int) -> bool:
        return any(known.carries for known in self.of(key))

    def family(self, key: int) -> bool:
        return any(known.family for known in self.of(key))


def _by_key(messages: Iterable[Listed]) -> dict[int, list[Listed]]:
    found: dict[int, list[Listed]] = {}
    for message in messages:
        for key in message.ids:
            found.setdefault(key, []).append(message)
    return found
