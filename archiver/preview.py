"""What a source would bring in, without keeping anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from archiver.correspondence import Known, Listed, decide, weigh
from archiver.headers import PEOPLE, read_headers
from archiver.model import Place
from archiver.outcome import Rules
from archiver.source import MailSource


@dataclass(slots=True)
class Preview:
    """Counts of messages; together they are all that the source has."""

    belong: list[Place] = field(default_factory=list)
    others: int = 0  # not the school's correspondence


def preview(
    source: MailSource, rules: Rules, lookup: Callable[[Iterable[int]], Iterable[Known]]
) -> Preview:
    """Decide on every message of a source as a pull would, if it knew none of them."""
    messages: list[Listed] = []
    staff: set[str] = set()
    for folder in source.folders():
        opened = source.examine(folder.name)
        for head in source.heads(source.uids()):
            headers = read_headers(head.header)
            people = headers.people(*PEOPLE)
            place = Place(source.account, folder.name, opened.uidvalidity, head.uid)
            messages.append(weigh(place, head, headers, people, rules.book))
            if messages[-1].standing is not None:
                staff.update(p.name for p in people if p.name and rules.counts([p]))
    keep, read, _ = decide(messages, lookup)
    found = Preview(list(keep))
    if rules.judge is not None:
        for place in sorted(read):
            source.examine(place.folder)
            for fetched in source.bodies([place.uid]):
                if rules.judge(fetched.content, frozenset(staff)):
                    found.belong.append(place)
    found.others = len(messages) - len(found.belong)
    return found
