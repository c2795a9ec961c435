"""Pure: from what a mailbox shows to who might be the school, the attorney, the family.

A proposal, ranked, with its reasons in counts and subjects. Who is who is for the parent to say.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from archiver.setup.contacts import Contact, Words

TICKED, LISTED, NAMED = 5.0, 0.5, 0.5
"""Scores from which a group is ticked; is shown; is shown for what its name says."""
_MOST = 40  # groups proposed of a kind
_US_PLACE = re.compile(r"(?:k12|state|lib|cc|ci|co|tec)\.[a-z]{2}\.us|[a-z]{2}\.us")
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "edu", "gov", "ac", "sch", "school"})


class Kind(StrEnum):
    """What an address or a domain seems to be."""

    SCHOOL = "school"
    PORTAL = "portal"  # a service that schools send notices through
    LAW = "law"
    MEDIATION = "mediation"
    HEALTH = "health"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A domain, or one address, that may be the school's."""

    entry: str
    name: str  # of the person, where it is one
    kind: Kind
    messages: int
    subjects: tuple[str, ...]
    score: float

    @property
    def ticked(self) -> bool:
        """Whether it is proposed as the school's.

        Never by what is written alone: a grandparent writes of the IEP as a teacher does, and what
        is ticked by mistake would make family mail the school's.
        """
        return self.score >= TICKED and self.kind is not Kind.OTHER


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a mailbox suggests; each list with the likeliest first."""

    school: tuple[Suggestion, ...]
    law: tuple[Suggestion, ...]
    mediation: tuple[Suggestion, ...]
    health: tuple[Suggestion, ...]
    owner: tuple[str, ...]  # addresses that the mailbox was written from
    family: tuple[str, ...]  # others to whom the school writes together with the owner


@lru_cache(maxsize=1)
def word_lists() -> dict[str, dict[str, list[str]]]:
    """The lists of words.toml."""
    return tomllib.loads((files("archiver.setup") / "words.toml").read_text(encoding="utf-8"))


def words(child: Iterable[str]) -> Words:
    """What to look for in subjects."""
    lists = word_lists()["subject"]
    return Words.of(lists["strong"], lists["weak"], lists["trade"], child)


def suggest(contacts: Mapping[str, Contact], owner: Collection[str]) -> Suggestions:
    """Rank what a mailbox shows.

    Args:
        contacts: by address, as ``Contacts`` gathered them.
        owner: addresses of the mailbox itself, which are nobody else's.
    """
    home = {registered_domain(address) for address in owner} - _free()
    groups: dict[str, list[Contact]] = {}
    for address, contact in contacts.items():
        domain = registered_domain(address)
        if address not in owner and domain not in home:
            groups.setdefault(address if domain in _free() else domain, []).append(contact)
    named = {key for key in groups if kind_of(key) is Kind.SCHOOL}
    family = _family(contacts, owner, named)
    for address in family:
        group = groups.get(registered_domain(address), groups.get(address, []))
        group[:] = [contact for contact in group if contact.address != address]
    groups = {key: group for key, group in groups.items() if group}
    found = [s for key, group in groups.items() for s in _suggestions(key, group, named)]
    found.sort(key=lambda s: (-s.score, -s.messages, s.entry))

    def of(*kinds: Kind, least: float = LISTED) -> tuple[Suggestion, ...]:
        return tuple(s for s in found if s.kind in kinds and s.score >= least)[:_MOST]

    school = of(Kind.SCHOOL, Kind.PORTAL, Kind.OTHER, Kind.HEALTH)
    return Suggestions(
        school=school,
        law=of(Kind.LAW, least=NAMED),
        mediation=of(Kind.MEDIATION, least=NAMED),
        health=of(Kind.HEALTH, least=NAMED),
        owner=tuple(sorted(owner, key=lambda a: -_wrote(contacts.get(a)))),
        family=family,
    )


def kind_of(entry: str) -> Kind:
    """What the name of a domain (or the domain of an address) says that it is."""
    domain = entry.rpartition("@")[2]
    lists, free = word_lists()["domain"], _free()
    if domain in free:
        return Kind.OTHER
    labels = domain.split(".")
    parts = {part for label in labels[:-1] or labels for part in (label, *label.split("-"))}
    if re.search(r"(?:^|\.)k12\.[a-z]{2}\.us$", domain) or _named(parts, lists["school"]):
        return Kind.SCHOOL
    pieces = {piece for label in labels for piece in label.split("-")[1:]}
    if pieces & set(lists["school_after_hyphen"]) or any(
        re.fullmatch(r"[a-z]+iu\d{1,2}|iu\d{1,2}", part) for part in parts
    ):
        return Kind.SCHOOL
    if any(name in part for part in parts for name in lists["portal"]) or any(
        part.startswith(name) or part.endswith(name)
        for part in parts
        for name in lists["portal_parts"]
    ):
        return Kind.PORTAL
    for kind in (Kind.MEDIATION, Kind.LAW, Kind.HEALTH):
        if _named(parts, lists[kind.value], whole=kind is Kind.MEDIATION):
            return kind
    return Kind.OTHER


def registered_domain(address: str) -> str:
    """The part of a domain that somebody registered, near enough to group by.

    ``mail.lake-sd.example`` is ``lake-sd.example``; ``x.lake.k12.az.us`` is ``lake.k12.az.us``. Not
    the Public Suffix List: a wrong guess here only groups two names that the parent sees anyway.
    """
    labels = address.rpartition("@")[2].lower().rstrip(".").split(".")
    place = next(
        (n for n in (3, 2) if _US_PLACE.fullmatch(".".join(labels[-n:])) and len(labels) > n), 0
    )
    if place:
        return ".".join(labels[-place - 1 :])
    country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if country else labels[-2:])


def _suggestions(key: str, group: list[Contact], named: set[str]) -> list[Suggestion]:
    """The group as one domain, or the one person in it."""
    kind = kind_of(key)
    score = _score(kind, key, group, named)
    messages = sum(c.wrote for c in group) or max(c.got for c in group)
    weighed = sorted({pair for c in group for pair in c.subjects}, reverse=True)
    subjects = tuple(dict.fromkeys(text for _, text in weighed))[:2]
    single = len(group) == 1 and kind is not Kind.SCHOOL
    entry = group[0].address if single else key
    name = group[0].name if len(group) == 1 else ""
    return [Suggestion(entry, name, kind, messages, subjects, score)]


def _score(kind: Kind, key: str, group: list[Contact], named: set[str]) -> float:
    wrote = sum(c.wrote for c in group)
    total = max(1, sum(c.messages for c in group))
    bulk = sum(c.bulk for c in group) / max(1, wrote)
    strong, child = sum(c.strong for c in group), sum(c.child for c in group)
    weak, trade = sum(c.weak for c in group), sum(c.trade for c in group)
    about = strong + child
    score = {Kind.SCHOOL: 6.0, Kind.PORTAL: 5.0, Kind.LAW: 1.0, Kind.MEDIATION: 2.0}.get(kind, 0.0)
    score += min(about, 5) * (0.4 + 0.8 * min(1.0, about / total))
    score += 0.25 * min(weak, 6)
    # On the school's own messages: a contractor, a therapist, another parent.
    beside = sum(
        count
        for c in group
        for domain, count in c.beside.items()
        if registered_domain(domain) in named
    )
    together = min(1.0, beside / total)
    score += 2.5 * together
    answered = any(c.written_to for c in group)
    score += 1.0 if answered else 0.0
    if wrote <= 1 and not answered and kind in {Kind.SCHOOL, Kind.PORTAL}:
        score -= 3.0  # one letter out of the blue makes no school of a name that looks like one
    score += 0.5 if wrote >= 3 else 0.0
    if wrote == 0:
        score -= 2.0
    score -= 4.0 * min(1.0, trade / total)
    if not about and kind is Kind.OTHER:
        score -= 3.0 * bulk + (2.0 if all(_machine(c.address) for c in group) else 0.0)
    if kind in {Kind.OTHER, Kind.HEALTH} and not about and together < 0.3 and weak < 2:
        score -= 1.5
    if key.endswith(".edu") and not about:
        score -= 1.0
    if key in _free() or key.rpartition("@")[2] in _free():
        score -= 1.0  # a friend, more often than a teacher
    return score


def _family(
    contacts: Mapping[str, Contact], owner: Collection[str], named: set[str]
) -> tuple[str, ...]:
    """Those whom a school addresses together with the owner: the other parent, a grandparent."""
    found = []
    for contact in contacts.values():
        domain = registered_domain(contact.address)
        if contact.address in owner or domain in named or _machine(contact.address):
            continue
        if kind_of(domain) is not Kind.OTHER or contact.bulk:
            continue
        along = sum(n for d, n in contact.along.items() if registered_domain(d) in named)
        if along >= 2 and along >= 0.2 * contact.got:
            found.append((-along, contact.address))
    return tuple(address for _, address in sorted(found)[:6])


def _named(parts: Collection[str], names: Iterable[str], *, whole: bool = False) -> bool:
    listed = tuple(names)
    if set(parts) & set(listed):
        return True
    # As the end of a longer word only where it is long enough not to be chance.
    return not whole and any(
        part.endswith(name) for name in listed if len(name) >= 3 for part in parts
    )


def _machine(address: str) -> bool:
    local = address.partition("@")[0]
    return local in set(word_lists()["sender"]["machine"])


def _free() -> set[str]:
    return set(word_lists()["domain"]["freemail"])


def _wrote(contact: Contact | None) -> int:
    return contact.wrote if contact else 0


def state_of(entries: Iterable[str]) -> str:
    """The state in a school's domain, ``AZ`` of ``lake.k12.az.us``; "" where none says."""
    for entry in entries:
        match = re.search(r"\.(?:k12|state)\.([a-z]{2})\.us$", entry)
        if match:
            return match[1].upper()
    return ""
