"""Pure: which service a sentence is about, by all that points to one.

People rarely name it: the therapist writes "no session today" and signs, the grandmother writes
"the helper", the log has a title. Every pointer counts, the nearer the more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from indexers.model import Family
from indexers.rules.services import (
    faint_places,
    find_faintly,
    find_places,
    find_services,
    provider_given_names,
    provider_names,
    provider_offices,
)

_FIRST_PERSON = re.compile(r"\b(?:I|i|we|We|me|my|My|our|Our|us|I['’]\w+|we['’]\w+)\b")
_LOG = re.compile(
    r"\A[\s*•-]*(?:(?:mon|tue|wed|thu|fri|m|w|f|tu|th)\w*\.?\s+)?(?:\d{1,2}/\d|\d{1,2}\b|wks?\b)"
    r"|\A[\s*•-]*(?:mon|tue|wed|thu|fri)\w*\s?:|\bn/s\b|\A(?:M|T|W|Th|F) \d",
    re.I,
)
_ABSENT = re.compile(r"\b(?:no|not|nobody|none|out|absent|left|leave|gone)\b|n['’]t\b", re.I)
_TITLE = r"\b(?:ms|mrs|mr|miss|mx|dr|coach|nurse|sra|señora)\.?\s+"
_COLUMN = re.compile(
    r"\b(?:service|who|what|type|support|promised|area|servicio|description)\b", re.I
)
_NOT = re.compile(
    r"\b(?:no|not|nobody|none|without|missed|miss|neither|nor|never)\b[^,.;]{0,24}\Z|n['’]t\b"
    r"[^,.;]{0,20}\Z",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Pointers:
    """Where the service may be said, the nearest first."""

    clause: str  # of the day in question
    sentence: str
    cell: str  # of the table's column for services, "" where there is none
    row: bool
    given: bool  # of a service that was given: therapists report their own
    attached: bool
    before: str  # the sentence before, in the same passage
    heading: str  # the subject, or the attachment's name and first lines
    subject: str
    sender: str  # display name
    address: str  # what stands before the @
    signature: str
    own_words: str  # all of the message, or the beginning of the attachment


def pick_service(at: Pointers, family: Family) -> str:
    """The service a claim is about, a code of docs/events.md; "other" where nothing tells."""
    votes: dict[str, float] = defaultdict(float)

    def vote(codes: Iterable[str], weight: float) -> None:
        for number, code in enumerate(codes):
            votes[_as_promised(code, family)] += weight / (1 if number == 0 else 2.5)

    sender = _of_sender(at.sender, at.address.lower(), family)
    first = bool(_FIRST_PERSON.search(at.sentence))
    # "Nobody has come for Ines. 3/2, 3/4: she sat with a worksheet." is not the writer's own log.
    another = not at.given and bool(_by_name(at.before, family)) and bool(_ABSENT.search(at.before))
    speaks = not at.attached and (first or bool(_LOG.search(at.sentence) and not another))
    vote(find_pointers(at.cell), 9)
    words = 1.5 if at.row else 4
    vote(_named(at.clause), words)
    vote(_named(at.sentence), words * 0.6)
    vote(_by_name(at.sentence, family), 1 if at.row else 3.5)
    vote(sender, 2 if at.row else (9 if at.given else 5) if speaks else 2.5)
    vote(_named(at.signature), 3 if speaks and not sender else 1)
    vote(_named(at.before), 1.5)
    vote(_by_name(at.before, family), 3.2)
    vote(_named(at.heading), 4 if at.row else 2.5 if at.attached else 1.5)
    vote(_by_name(at.heading, family), 1)
    vote(_named(at.subject), 1.2)
    vote(find_faintly(at.sentence), 1)
    vote(find_faintly(at.heading), 0.6)
    vote(find_services(at.own_words, family), 0.7)
    vote(find_faintly(at.own_words) if at.attached else (), 0.4)
    if votes.get("esy") and len(votes) > 1:
        votes["esy"] *= 0.3  # the season in which another service is given
    return max(votes, key=lambda code: (votes[code], code), default=_only(family))


# Who leads a lunch group or a check-in differs: what the family is promised tells.
_ALIKE = frozenset({"counseling", "social_work", "psych"})


def _as_promised(code: str, family: Family) -> str:
    promised = {service.service for service in family.services}
    if code != "counseling" or code in promised:
        return code
    alike = promised & _ALIKE
    return alike.pop() if len(alike) == 1 else code


def names_services(head: str) -> bool:
    """Whether a table's column, by its head, says which service."""
    return _COLUMN.search(head) is not None


def find_pointers(text: str) -> list[str]:
    """Services that a cell names, in whatever words."""
    return _named(text) or find_faintly(text)


def listed_services(text: str) -> list[str]:
    """Of "no speech and no OT" both, where each is denied by itself."""
    places = dict(find_places(text))
    for code, at in faint_places(text).items():
        places.setdefault(code, at)
    denied = [c for c, at in places.items() if _NOT.search(text, max(0, at - 40), at)]
    return sorted(denied, key=lambda code: places[code])


def _named(text: str) -> list[str]:
    """Services by their words alone, without the names of those who give them."""
    found = find_places(text)
    return sorted(found, key=lambda code: found[code])


def _by_name(text: str, family: Family) -> list[str]:
    """Services by who gives them: surnames, first names, "miss lupe"."""
    found = []
    for service in family.services:
        names = (*provider_names(service.provider), *provider_given_names(service.provider))
        if any(re.search(rf"\b{re.escape(name)}\b", text) for name in names) or any(
            re.search(rf"{_TITLE}{re.escape(name)}\b", text, re.I) for name in names
        ):
            found.append(service.service)
    return list(dict.fromkeys(found))


def _of_sender(sender: str, address: str, family: Family) -> list[str]:
    """What the sender gives, by the configuration or by how the sender is called."""
    found = [
        service.service
        for service in family.services
        if any(name in sender for name in provider_names(service.provider))
        or any(office in sender for office in provider_offices(service.provider))
        or any(len(n) > 3 and n.lower() in address for n in provider_names(service.provider))
    ]
    return list(dict.fromkeys(found)) or _named(sender)


def _only(family: Family) -> str:
    codes = {service.service for service in family.services}
    return codes.pop() if len(codes) == 1 else "other"
