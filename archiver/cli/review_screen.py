"""A suggestion as it stands on the screen; it reads the same without colour."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import click

from archiver.cli.show import visible
from archiver.model import Standing
from archiver.roles import AddressBook
from indexers.model import Event, Status
from reports.lines import lines_of
from reports.model import Chronology, Entry, Source
from reports.review import Context, Item
from reports.words import KINDS, REASONS, day, service, topic, when

KEYS = (
    "y confirm   n dismiss   c correct   s skip   u undo   p privileged",
    "o open the message   w why   q quit   ? help",
)
HELP = """\
y  yes: it happened as it says at the top. It goes into the record as confirmed.
n  no: these words tell of no such thing. It goes out and stays out.
c  it happened, but something is wrong (kind, who, day, service …): correct it.
s  not now: it comes again later.
u  take back the last thing you did, also one of an earlier day.
a  yes to all that these words tell of; x  no to all of them. Shown where it is so.
p  the message is privileged: keep it out of every report.
o  show the whole message.
w  show why the program suggests it.
q  stop. Everything you decided is kept; go on whenever you like.

Nothing is sent anywhere, and no message is changed."""
_MARKS = {Standing.PRIVILEGED: "PRIVILEGED: in no report", Standing.FAMILY: "FAMILY: in no report"}
_SURENESS = ((0.9, "sure"), (0.7, "fairly sure"), (0.5, "likely"), (0.0, "a guess"))


@dataclass(frozen=True, slots=True)
class Screen:
    """How much room there is."""

    width: int
    height: int
    colour: bool


def screen() -> Screen:
    """The room there is; 80 columns where nothing says so."""
    size = shutil.get_terminal_size((80, 24))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Screen(max(40, size.columns), max(16, size.lines), colour)


def suggestion_text(
    item: Item,
    contexts: Sequence[Context],
    left: int,
    book: AddressBook,
    zone: ZoneInfo,
    screen: Screen,
    same_words: Sequence[Item] = (),
) -> str:
    """What to decide, and the words it rests on, within the height of the screen.

    Args:
        item: the entry.
        contexts: of what waits in it, in order.
        left: how many suggestions wait, this one among them.
        book: whose address is whose.
        zone: the school's.
        screen: the room.
        same_words: other entries that rest on the same words and wait, too.
    """
    entry, first = item.entry, item.waiting[0]
    width = min(screen.width, 100)
    head = [
        _bar(f"{left} to look at", sureness(max(e.confidence for e in item.waiting)), width),
        "-" * width,
        *_head(entry, first, screen),
        "",
    ]
    source = source_of(entry, first)
    head += _said(source, entry, book, zone, width)
    more = [
        *_others(item, contexts[1:], width),
        *_known(entry, width),
        *_same_words(same_words, width),
    ]
    keys = ["", *KEYS] if len(KEYS[0]) <= width else ["", *_wrapped(" ".join(KEYS), width)]
    room = max(3, screen.height - len(head) - len(more) - len(keys) - 2)
    return "\n".join([*head, *around(contexts[0], width, room, colour=screen.colour), *more, *keys])


def sureness(confidence: float) -> str:
    """How sure the program is, in words and as a number."""
    name = next(name for least, name in _SURENESS if confidence >= least)
    return f"{name} ({confidence:.2f})"


def source_of(entry: Entry, event: Event) -> Source:
    """The source of an entry that an event is."""
    return next(source for source in entry.sources if source.citation == event.citation)


def title_of(entry: Entry) -> str:
    """Kind, service and day of an entry."""
    about = f": {service(entry.service)}" if entry.service else ""
    return f"{KINDS[entry.kind]}{about}, {when(entry.on, entry.end, entry.precision)}"


def details_of(event: Event) -> str:
    """Minutes, reason, topics and people of an event."""
    told = [f"{event.minutes} minutes"] if event.minutes else []
    if event.reason and event.reason != "unknown":
        told.append(REASONS.get(event.reason, event.reason))
    if event.topics:
        told.append(f"about: {', '.join(map(topic, event.topics))}")
    if event.people:
        told.append(f"people: {', '.join(event.people)}")
    return "; ".join(told)


def around(found: Context, width: int, room: int, *, colour: bool) -> list[str]:
    """The quote between >> and <<, and as much of what stands around it as there is room for."""
    inner = width - 4
    quote = _wrapped(f">> {_one_line(found.quote)} <<", inner)
    quote = quote[: max(1, room)]
    before = _paragraphs(found.before, inner)
    after = _paragraphs(found.after, inner)
    spare = max(0, room - len(quote))
    behind = min(len(after), max(spare // 3, spare - len(before)))
    ahead = min(len(before), spare - behind)
    shown = before[len(before) - ahead :] if ahead else []
    if ahead < len(before) and shown:
        shown[0] = "…"
    tail = after[:behind]
    if behind < len(after) and tail:
        tail[-1] = "…"
    lines = [
        *(f"    {line}" for line in shown),
        *(f"    {click.style(line, bold=True) if colour else line}" for line in quote),
        *(f"    {line}" for line in tail),
    ]
    return [line.rstrip() for line in lines]


def _head(entry: Entry, event: Event, screen: Screen) -> list[str]:
    title = _wrapped(visible(title_of(entry)), min(screen.width, 100))
    lines = [click.style(line, bold=True) if screen.colour else line for line in title]
    details = details_of(event)
    if details:
        lines += [f"  {line}" for line in _wrapped(visible(details), min(screen.width, 100) - 2)]
    if event.date_words:
        lines.append(f"  the day, from the words: “{_one_line(event.date_words)}”")
    return lines


def _said(source: Source, entry: Entry, book: AddressBook, zone: ZoneInfo, width: int) -> list[str]:
    (line,) = lines_of(Chronology((entry,)), {}, book, zone)
    said = line.sources[entry.sources.index(source)]
    mark = _MARKS.get(source.standing)
    lines = [f"[{mark}]"] if mark else []
    lines += _wrapped(f"{said.sender} to {said.recipients}", width)[:3]
    lines.append(said.sent or "no date")
    lines += _wrapped(f"Subject: {said.subject}", width)[:2]
    if said.attachment:
        page = f", page {said.page}" if said.page is not None else ""
        lines += _wrapped(f"In the attachment “{said.attachment}”{page}", width)
    elif source.origin is not None:
        lines += _wrapped(f"{said.place[0].upper()}{said.place[1:]}", width)
    return [visible(each) for each in lines]


def _others(item: Item, contexts: Sequence[Context], width: int) -> list[str]:
    if not contexts:
        return []
    lines = [f"Also told {len(contexts)} more time{'' if len(contexts) == 1 else 's'}:"]
    for event, found in list(zip(item.waiting[1:], contexts, strict=True))[:2]:
        sender = source_of(item.entry, event).sender
        quote = f"{visible(sender.name or sender.address)}: “{_one_line(found.quote)}”"
        lines.append(f"    {textwrap.shorten(quote, width - 4, placeholder=' …')}")
    return lines


def _same_words(items: Sequence[Item], width: int) -> list[str]:
    if not items:
        return []
    days = ", ".join(f"{i.entry.on:%b} {i.entry.on.day}" for i in items[:6])
    more = " …" if len(items) > 6 else ""
    count = len(items) + 1
    told = f"These words tell of {count}: also {days}{more}.  a confirm all   x dismiss all"
    return _wrapped(told, width)


def _known(entry: Entry, width: int) -> list[str]:
    """Tellings of the same that a person has looked at, or has written."""
    lines = []
    for source in entry.sources:
        if source.record is not None:
            lines.append(f"Your own record tells of it, too: entry {source.record.number}.")
        elif source.status is not Status.SUGGESTED:
            told = f"You {source.status} it as told by {source.sender.name} on {day(source.on)}."
            lines.append(textwrap.shorten(visible(told), width, placeholder=" …"))
    return lines[:2]


def _bar(left: str, right: str, width: int) -> str:
    return f"{left}{right:>{max(1, width - len(left))}}"


def _paragraphs(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        wrapped = [
            piece for line in paragraph.splitlines() for piece in _wrapped(_one_line(line), width)
        ]
        if wrapped:
            lines += [*([""] if lines else []), *wrapped]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(20, width), break_on_hyphens=False)


def wrapped_lines(text: str, width: int) -> list[str]:
    """Text as lines no wider than the screen, broken between words, what is indented indented."""
    lines: list[str] = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line, width, break_on_hyphens=False, subsequent_indent=indent or ""
        ) or [""]
    return lines


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())
