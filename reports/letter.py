"""Pure: a message as a person reads it: own words in full, what is quoted folded to a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from indexers.attachments import Attachment, State
from indexers.model import Message, QuoteLink, Span, SpanKind

_QUOTES = {SpanKind.QUOTED: "quoted", SpanKind.FORWARDED: "forwarded"}
_NAMES = {
    SpanKind.SIGNATURE: "a signature",
    SpanKind.BOILERPLATE: "a notice",
    SpanKind.FOOTER: "a program's footer",
}
_SHORT = 3  # lines of a fold that are few enough to be shown by their first words


class Look(StrEnum):
    """How a line is to look."""

    HEAD = "head"
    TEXT = "text"
    FOLD = "fold"  # stands for what is not shown
    QUOTE = "quote"  # shown, but not the author's
    DOUBT = "doubt"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Row:
    """One line for the screen."""

    look: Look
    text: str


def letter_rows(
    message: Message,
    links: Sequence[QuoteLink],
    originals: Mapping[str, str],
    attached: Sequence[Attachment],
    *,
    marked: str = "",
    whole: bool = False,
) -> Iterator[Row]:
    """The lines of a message: its head, its words, its attachments.

    Args:
        message: with its spans.
        links: of its quotes.
        originals: what to call the originals that are linked to, by digest.
        attached: its attachments.
        marked: what it is besides mail with the school: "privileged" or "family".
        whole: everything, nothing folded.
    """
    yield from _head(message, marked)
    yield Row(Look.TEXT, "")
    yield from _body(message, {link.start: link for link in links}, originals, whole=whole)
    shown = [one for one in attached if whole or not one.is_decoration]
    if shown:
        yield Row(Look.TEXT, "")
        yield Row(Look.HEAD, f"Attached ({len(shown)}):")
        yield from (Row(Look.TEXT, f"  {described(one)}") for one in shown)
    if len(shown) < len(attached):
        count = len(attached) - len(shown)
        what = "1 small picture" if count == 1 else f"{count} small pictures"
        yield Row(Look.FOLD, f"  and {what} (--all)")


def described(one: Attachment) -> str:
    """An attachment in a line: name, pages, words, language, state."""
    facts = [
        "" if one.pages is None else "1 page" if one.pages == 1 else f"{one.pages} pages",
        f"{one.words:,} words" if one.words else "",
        one.language,
    ]
    said = ", ".join(fact for fact in facts if fact) or f"{one.media_type}, {_size(one.size)}"
    state = "" if one.state is State.READ else f" - {one.state}: {one.why}".rstrip(": ")
    return f"{one.name} ({said}){state}"


def _head(message: Message, marked: str) -> Iterator[Row]:
    mark = f"  [{marked}]" if marked else ""
    yield Row(Look.HEAD, f"{_moment(message.date)}  {_person(message.sender)}{mark}")
    for name, people in (("To", message.to), ("Cc", message.cc), ("Bcc", message.bcc)):
        if people:
            yield Row(Look.TEXT, f"{name}: {', '.join(map(_person, people))}")
    yield Row(Look.TEXT, f"Subject: {message.subject or '(none)'}")
    yield Row(Look.FOLD, f"Original: {message.digest}")
    if message.message_id:
        yield Row(Look.FOLD, f"Message-ID: {message.message_id}")
    for defect in message.defects:
        yield Row(Look.WARNING, f"Note: {defect}")
    if message.defects and message.date_source != "header":
        yield from _dates(message)


def _dates(message: Message) -> Iterator[Row]:
    """Every clock, where the header's was not believed."""
    dates = message.dates
    clocks = [
        ("its Date header", dates.header),
        ("the first server", dates.received[-1] if dates.received else None),
        ("the last server", dates.received[0] if dates.received else None),
        ("the mailbox", dates.server),
    ]
    said = [f"{name} says {_moment(at)}" for name, at in clocks if at is not None]
    if said:
        yield Row(Look.FOLD, f"Dates: {'; '.join(said)}.")


def _body(
    message: Message, links: Mapping[int, QuoteLink], originals: Mapping[str, str], *, whole: bool
) -> Iterator[Row]:
    if not any(message.body[s.start : s.end].strip("> \n\t") for s in message.spans):
        yield Row(Look.FOLD, "(no text)")
    for span in message.spans:
        text = message.body[span.start : span.end].strip("\n")
        if not text.strip("> \n\t"):
            continue
        link = links.get(span.start)
        if span.kind is SpanKind.OWN:
            if span.start:
                yield Row(Look.TEXT, "")
            if span.unsure:
                yield Row(Look.DOUBT, "[Not sure whose words the next lines are:]")
            yield from _lines(text, Look.DOUBT if span.unsure else Look.TEXT)
            if span.unsure:
                yield Row(Look.DOUBT, "[so far.]")
        elif whole:
            yield from _lines(text, Look.QUOTE)
        elif span.kind is not SpanKind.ATTRIBUTION:
            yield Row(Look.TEXT, "")
            yield Row(Look.FOLD, f"[{_fold(span, text)}{_held(link, originals)}]")
        if link:
            yield from _altered(link)


def _fold(span: Span, text: str) -> str:
    lines = sum(1 for line in text.split("\n") if line.strip("> \t"))
    count = "1 line" if lines == 1 else f"{lines} lines"
    if span.kind in _NAMES:
        return f"{_NAMES[span.kind]}, {count}"
    source = span.source
    whose = source.author or source.address if source else ""
    when = (
        source.day.strftime("%-d %B %Y") if source and source.day else source.when if source else ""
    )
    said = f" from {whose}" if whose else ""
    said += f", {when}" if when else ""
    return f"{count} {_QUOTES[span.kind]}{said}"


def _held(link: QuoteLink | None, originals: Mapping[str, str]) -> str:
    if link is None:
        return ""
    name = originals.get(link.original, link.original[:12])
    return f"; the original is here: {name}"


def _altered(link: QuoteLink) -> Iterator[Row]:
    for odd in link.differences:
        if odd.held and odd.quoted:
            said = f'"{odd.quoted}" where the original has "{odd.held}"'
        elif odd.quoted:
            said = f'"{odd.quoted}", which the original does not have'
        else:
            said = f'nothing where the original has "{odd.held}"'
        yield Row(Look.WARNING, f"Differs from the original: the quote has {said}.")


def _lines(text: str, look: Look) -> Iterator[Row]:
    yield from (Row(look, line) for line in text.split("\n"))


def _person(person: object) -> str:
    name, address = getattr(person, "name", ""), getattr(person, "address", "")
    return f"{name} <{address}>" if name and address else name or address or "(nobody)"


def _moment(at: datetime | None) -> str:
    if at is None:
        return "no date"
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M (UTC%z)}".replace("(UTC+0000)", "(UTC)")


def _size(size: int) -> str:
    return f"{size} bytes" if size < 1000 else f"{size / 1000:.0f} kB"
