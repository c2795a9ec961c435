"""Pure: names and addresses to the people they are, merged only where that is safe.

One address is one person. Two addresses are one person where the same full name uses them both
and both are of one organisation (``dana@school.example``, ``d.ortiz@north.school.example``). Two
people may share a name, so nothing else is merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from archiver.model import Person
from indexers.vocabulary import fold, tokens


@dataclass(frozen=True, slots=True)
class Mention:
    """One name with one address on messages, counted by field."""

    person: Person
    wrote: int  # messages
    received: int  # messages, as To, Cc or Bcc
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the correspondence."""

    name: str  # the one used most; "" where no message gives any
    names: tuple[str, ...]  # all of them, the one used most first
    addresses: tuple[str, ...]  # the one used most first
    wrote: int
    received: int
    first: date
    last: date


def cast(mentions: Iterable[Mention]) -> list[Member]:
    """Everyone, those who wrote most first."""
    groups: dict[str, list[Mention]] = {}
    for mention in mentions:
        person = mention.person
        groups.setdefault(person.address or f"name {_key(person.name)}", []).append(mention)
    merged: dict[object, list[Mention]] = {}
    for key, group in groups.items():
        full = next((_key(m.person.name) for m in _used(group) if m.person.name), "")
        organisation = _organisation(group[0].person.address)
        safe = " " in full and organisation and not key.startswith("name ")
        merged.setdefault((full, organisation) if safe else key, []).extend(group)
    members = [_member(group) for group in merged.values()]
    return sorted(members, key=lambda m: (-m.wrote, -m.received, m.name, m.addresses))


def _used(mentions: Iterable[Mention]) -> list[Mention]:
    return sorted(mentions, key=lambda m: -(m.wrote + m.received))


def _member(mentions: list[Mention]) -> Member:
    used = _used(mentions)
    names = tuple(dict.fromkeys(m.person.name for m in used if m.person.name))
    return Member(
        names[0] if names else "",
        names,
        tuple(dict.fromkeys(m.person.address for m in used if m.person.address)),
        sum(m.wrote for m in mentions),
        sum(m.received for m in mentions),
        min(m.first for m in mentions),
        max(m.last for m in mentions),
    )


def _key(name: str) -> str:
    """One key for "Ortiz, Dana" and "Dana Ortiz"."""
    return " ".join(sorted(tokens(fold(name))))


def _organisation(address: str) -> str:
    """The registered domain as far as it can be told; "" for providers that anybody may use."""
    labels = address.rpartition("@")[2].split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2
    domain = ".".join(labels[-3:] if country else labels[-2:])
    return "" if domain in _ANYBODY or "." not in domain else domain


_ANYBODY = frozenset(
    {
        "gmail.com", "googlemail.com", "yahoo.com", "outlook.com", "hotmail.com", "live.com",
        "msn.com", "icloud.com", "me.com", "aol.com", "comcast.net", "att.net", "verizon.net",
        "proton.me", "protonmail.com",
    }
)  # fmt: skip
