"""Pure: which service a sentence is about, by all that points to one.

People rarely name it: the therapist writes "no session today" and signs, the grandmother writes
"the helper", the log has a title. Every pointer counts, the nearer the more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexers.model import Family
from indexers.rules.activities import activities
from indexers.rules.choosing import Chooser, Signs, load_choices, points
from indexers.rules.minutes import find_minutes
from indexers.rules.providers import (
    called_in,
    provider_given_names,
    provider_names,
    provider_offices,
    provider_phrases,
)
from indexers.rules.services import faint_places, find_faintly, find_places, find_services
from indexers.rules.signs import words_of

_FIRST_PERSON = re.compile(r"\b(?:I|i|we|We|me|my|My|our|Our|us|I['’]\w+|we['’]\w+)\b")
_LOG = re.compile(
    r"\A[\s*•-]*(?:(?:mon|tue|wed|thu|fri|m|w|f|tu|th)\w*\.?\s+)?(?:\d{1,2}/\d|\d{1,2}\b|wks?\b)"
    r"|\A[\s*•-]*(?:mon|tue|wed|thu|fri)\w*\s?:|\bn/s\b|\A(?:M|T|W|Th|F) \d",
    re.I,
)
_ABSENT = re.compile(r"\b(?:no|not|nobody|none|out|absent|left|leave|gone)\b|n['’]t\b", re.I)
_FEW = 2  # services of one length: more of them tell nothing
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
    after: str  # the one behind
    heading: str  # the subject, or the attachment's name and first lines
    subject: str
    sender: str  # display name
    address: str  # what stands before the @
    signature: str
    own_words: str  # all of the message, or the beginning of the attachment
    usual: str = ""  # the service that the sender usually writes about


def pick_service(at: Pointers, family: Family, chooser: Chooser | None = None) -> str:
    """The service a claim is about, a code of docs/events.md; "other" where nothing tells at all.

    Args:
        at: where it may be said.
        family: what the IEP promises, and who gives it.
        chooser: another than what ships, for training and tests.
    """
    chooser = chooser or load_choices()["service"]
    signs = service_signs(at, family)
    if not signs.pointers:  # nothing is named, and nothing promised: every choice were made up
        return "other"
    return chooser.best(signs)


def service_signs(at: Pointers, family: Family) -> Signs:
    """All that points to a service, the way the writer stands to it told apart."""
    sender = _of_sender(at.sender, at.address.lower(), family)
    first = bool(_FIRST_PERSON.search(at.sentence))
    # "Nobody has come for Ines. 3/2, 3/4: she sat with a worksheet." is not the writer's own log.
    another = not at.given and bool(_by_name(at.before, family)) and bool(_ABSENT.search(at.before))
    speaks = not at.attached and (first or bool(_LOG.search(at.sentence) and not another))
    way = "row" if at.row else "own" if speaks else "attached" if at.attached else "other"
    by = f"{way} given" if at.given else way
    whole = find_services(at.own_words, family)
    promised = sorted({service.service for service in family.services})
    done = [code for code in activities(f"{at.before} {at.sentence}") if code in promised]
    found: list[tuple[str, Sequence[str], float]] = [
        ("cell", find_pointers(at.cell), 1),
        ("clause", _named(at.clause), 1),
        (f"sentence {way}", _named(at.sentence), 1),
        (f"name {way}", _by_name(at.sentence, family), 1),
        (f"sender {by}", sender, 1),
        ("sender", sender, 1),
        (f"signature {way}", [] if sender else _named(at.signature), 1),
        (f"usual {by}", [at.usual] if at.usual and not sender else [], 1),
        ("before", _named(at.before), 1),
        ("after", _named(at.after), 0.5),
        ("name before", _by_name(at.before, family), 1),
        (f"heading {way}", _named(at.heading), 1),
        ("name heading", _by_name(at.heading, family), 1),
        ("called clause", _called(at.clause, family), 1),
        (f"called {way}", _called(at.sentence, family), 1),
        ("called before", _called(at.before, family), 1),
        ("called heading", _called(f"{at.heading}\n{at.subject}", family), 1),
        (f"called signature {way}", _called(at.signature, family), 1),
        ("subject", _named(at.subject), 1),
        ("faint", find_faintly(at.sentence), 1),
        ("faint heading", find_faintly(at.heading), 1),
        ("whole", whole, 1),
        ("whole alone", whole if len(whole) == 1 else [], 1),
        ("faint whole", find_faintly(at.own_words) if at.attached else [], 1),
        ("done", activities(at.sentence), 1),
        ("done in clause", activities(at.clause), 1),
        ("done before", activities(at.before), 1),
        ("done after", activities(at.after), 1),
        ("done alone", done if len(done) == 1 else [], 1),
        ("done subject", activities(at.subject), 1),
        ("done whole", activities(at.own_words), 1),
        (f"done signature {way}", [] if sender else activities(at.signature), 1),
        *(("promised", [code], 1.0) for code in promised),
        *(("minutes", [code], 1.0) for code in _as_long(at, family)),
    ]
    promises = set(promised)
    found = [(pointer, _as_promised(codes, promises), value) for pointer, codes, value in found]
    return Signs(frozenset(words_of({"": at.sentence, "h:": at.subject}, family)), points(found))


def _as_long(at: Pointers, family: Family) -> list[str]:
    """Services whose promised minutes the words state, where that tells them from others."""
    minutes = find_minutes(at.clause, at.sentence, given=at.given)
    codes = sorted({s.service for s in family.services if s.minutes and s.minutes == minutes})
    return codes if len(codes) <= _FEW else []


# Who leads a lunch group or a check-in differs: what the family is promised tells.
_ALIKE = frozenset({"counseling", "social_work", "psych"})


def _as_promised(codes: Sequence[str], promised: set[str]) -> list[str]:
    alike = promised & _ALIKE
    if "counseling" in promised or len(alike) != 1:
        return list(codes)
    (instead,) = alike
    return list(dict.fromkeys(instead if code == "counseling" else code for code in codes))


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


def _called(text: str, family: Family) -> list[str]:
    """Services by what else their providers are called: "the Caboose", "14B", "hank"."""
    found = [s.service for s in family.services if called_in(text, s.provider)]
    return list(dict.fromkeys(found))


def _of_sender(sender: str, address: str, family: Family) -> list[str]:
    """What the sender gives, by the configuration or by how the sender is called."""
    found = [
        service.service
        for service in family.services
        if any(re.search(rf"\b{re.escape(n)}\b", sender) for n in provider_names(service.provider))
        or any(office in sender for office in provider_offices(service.provider))
        or any(name in sender.lower().split() for name in provider_phrases(service.provider))
        or any(len(n) > 3 and n.lower() in address for n in provider_names(service.provider))
    ]
    return list(dict.fromkeys(found)) or _named(sender)
