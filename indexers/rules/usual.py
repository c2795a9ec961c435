"""Pure: the service that a correspondent usually writes about.

A therapist who came in spring is in no configuration, and "no session today" names nothing. What
else she wrote does: her signature, her subjects, other weeks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from archiver.model import Role
from indexers.model import Family
from indexers.rules.activities import activities
from indexers.rules.services import find_services

_LEAST = 2  # messages that say so
_SHARE = 0.6  # of those that name any service
_OFTEN = 0.25  # of all that they wrote
_READ = 2000  # characters of a message


def speaks_of_one(author: Role) -> bool:
    """Whether such an author may have a service of their own: parents write about all."""
    return author not in {Role.PARENT, Role.PRIVILEGED}


def services_said(subject: str, own_words: str, family: Family) -> Sequence[str]:
    """The services a message speaks of: of those promised, by name or by what is done."""
    if not family.services:
        return ()
    text = f"{subject}\n{own_words[:_READ]}\n{own_words[-_READ // 4 :]}"
    promised = {service.service for service in family.services}
    named = [code for code in find_services(text, family) if code in promised]
    return named or [code for code in activities(text) if code in promised][:1]


def usual_services(said: Iterable[tuple[str, Sequence[str]]]) -> Mapping[str, str]:
    """By correspondent the one service that most of what they wrote speaks of.

    Args:
        said: of each message its sender's address and ``services_said``.
    """
    counts: dict[str, Counter[str]] = {}
    messages: Counter[str] = Counter()
    written: Counter[str] = Counter()
    for address, codes in said:
        written[address] += 1
        if codes:
            messages[address] += 1
            counts.setdefault(address, Counter()).update(set(codes))
    found: dict[str, str] = {}
    for address, by_code in counts.items():
        code, times = max(by_code.items(), key=lambda pair: (pair[1], pair[0]))
        rival = max((n for c, n in by_code.items() if c != code), default=0)
        enough = max(_LEAST, _SHARE * messages[address], _OFTEN * written[address])
        if times >= enough and times > rival:
            found[address] = code
    return found
