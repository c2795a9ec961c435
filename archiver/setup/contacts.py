"""What the headers of a mailbox show about each address: counts, small however much there is."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archiver.headers import Headers
from archiver.model import Person

MAX_CONTACTS = 20_000  # addresses held at a time; past that, those seen once are let go
MAX_PEOPLE = 40  # of one message; a longer list is a mailing
_SUBJECTS = 4  # examples kept of each address
_SUBJECT_LENGTH = 90  # characters of an example
_REPLY = re.compile(r"(?:\s*(?:re|fwd?|aw|rv)\s*:)+\s*", re.IGNORECASE)
# An address that a configuration can name; what else stands in headers is nobody to propose.
_USABLE = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")
SENDERS, RECIPIENTS = ("From", "Sender", "Reply-To"), ("To", "Cc", "Bcc")
BULK = ("List-Unsubscribe", "Precedence", "Auto-Submitted")
"""Header fields beside those of people that tell a mailing from a letter."""


@dataclass(slots=True)
class Contact:
    """One address and what was seen of it."""

    address: str
    name: str = ""
    wrote: int = 0  # messages from it
    got: int = 0  # messages to it
    bulk: int = 0  # of those from it: mailings
    written_to: int = 0  # of those to it: from the mailbox's owner
    subjects: list[tuple[int, str]] = field(default_factory=list)  # weight and text, best kept
    strong: int = 0  # subjects with words of a school
    weak: int = 0
    trade: int = 0
    child: int = 0  # subjects with the child's name
    beside: Counter[str] = field(default_factory=Counter)  # domains on the same messages
    along: Counter[str] = field(default_factory=Counter)  # domains that wrote to it and the owner

    @property
    def messages(self) -> int:
        """How many messages it is on."""
        return self.wrote + self.got


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for in a subject: phrases in lower case."""

    strong: re.Pattern[str]
    weak: re.Pattern[str]
    trade: re.Pattern[str]
    child: re.Pattern[str] | None

    @classmethod
    def of(
        cls,
        strong: Iterable[str],
        weak: Iterable[str],
        trade: Iterable[str],
        child: Iterable[str] = (),
    ) -> Words:
        """Compile phrases; a name of fewer than three letters is no name to look for."""
        names = [name for name in child if len(name.strip()) > 2]
        return cls(_any(strong), _any(weak), _any(trade), _any(names) if names else None)


class Contacts:
    """The addresses of a mailbox, fed a message at a time."""

    def __init__(self, words: Words, owner: Iterable[str] = ()) -> None:
        self._words = words
        self.owner = {address.lower() for address in owner}  # grows by what was sent from
        self.by_address: dict[str, Contact] = {}
        self.messages = 0

    def add(self, headers: Headers, *, sent: bool) -> None:
        """Count one message; ``sent`` says that it lay among the sent ones."""
        self.messages += 1
        senders, recipients = headers.people(*SENDERS), headers.people(*RECIPIENTS)
        people = [p for p in (*senders, *recipients) if _USABLE.fullmatch(p.address)]
        if not people or len(people) > MAX_PEOPLE:
            return
        author = next((p.address for p in headers.people("From") if "@" in p.address), "")
        if sent and author:
            self.owner.add(author)
        own = author in self.owner
        subject = _REPLY.sub("", headers.first("subject"), count=1)[:300]
        marks = self._marks(subject)
        bulk = is_bulk(headers)
        domains = {p.address.rpartition("@")[2] for p in people}
        addressed = {p.address for p in headers.people("To")}
        along = author.rpartition("@")[2] if addressed & self.owner and not own else ""
        for person, wrote in _each_once(senders, recipients):
            contact = self._contact(person)
            contact.wrote += wrote
            contact.got += not wrote
            contact.bulk += wrote and bulk
            contact.written_to += own and not wrote
            _note(contact, subject, marks)
            if not bulk:
                contact.beside.update(domains - {person.address.rpartition("@")[2]})
                if along and person.address in addressed:
                    contact.along[along] += 1
        if len(self.by_address) > MAX_CONTACTS:
            self._let_go()

    def _marks(self, subject: str) -> tuple[bool, bool, bool, bool]:
        text, words = subject.lower(), self._words
        return (
            words.strong.search(text) is not None,
            words.weak.search(text) is not None,
            words.trade.search(text) is not None,
            words.child is not None and words.child.search(text) is not None,
        )

    def _contact(self, person: Person) -> Contact:
        contact = self.by_address.get(person.address)
        if contact is None:
            contact = self.by_address[person.address] = Contact(person.address)
        if not contact.name and person.name and "@" not in person.name:
            contact.name = person.name[:60]
        return contact

    def _let_go(self) -> None:
        kept = heapq.nlargest(
            MAX_CONTACTS // 2,
            self.by_address.values(),
            key=lambda c: (c.strong + c.child + c.written_to, c.messages),
        )
        self.by_address = {contact.address: contact for contact in kept}
        for contact in kept:
            contact.beside = Counter(dict(contact.beside.most_common(20)))


def is_bulk(headers: Headers) -> bool:
    """Whether a message calls itself a mailing (RFC 2369, RFC 3834)."""
    if headers.first("list-unsubscribe") or headers.first("list-id"):
        return True
    automatic = headers.first("auto-submitted").lower()
    return headers.first("precedence").lower() in {"bulk", "list", "junk"} or (
        automatic not in {"", "no"}
    )


def _note(contact: Contact, subject: str, marks: Sequence[bool]) -> None:
    strong, weak, trade, child = marks
    contact.strong += strong
    contact.weak += weak
    contact.trade += trade
    contact.child += child
    shown = subject[:_SUBJECT_LENGTH].strip()
    entry = (3 * strong + 2 * child + weak - 2 * trade, shown)
    if shown and all(shown != other for _, other in contact.subjects):
        contact.subjects = sorted([*contact.subjects, entry], reverse=True)[:_SUBJECTS]


def _each_once(
    senders: Iterable[Person], recipients: Iterable[Person]
) -> list[tuple[Person, bool]]:
    found: dict[str, tuple[Person, bool]] = {}
    for people, wrote in ((senders, True), (recipients, False)):
        for person in people:
            if _USABLE.fullmatch(person.address):
                found.setdefault(person.address, (person, wrote))
    return list(found.values())


def _any(phrases: Iterable[str]) -> re.Pattern[str]:
    listed = "|".join(sorted((re.escape(p.lower()) for p in phrases), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)")
