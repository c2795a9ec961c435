"""`papertrail why`: what a line of the chronology rests on, and how it came to be."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App

if TYPE_CHECKING:
    from archiver.cli.review_desk import Desk
    from archiver.decisions import Decided, Decision
    from indexers.model import Event
    from reports.review import Item


@click.command()
@click.argument("name", metavar="EVENT")
@click.pass_obj
def why(app: App, name: str) -> None:
    """Print why an event is in the chronology.

    EVENT is its id, or the beginning of it, as `papertrail review list` and `timeline --format
    jsonl` print it.
    """
    from archiver.cli.review_desk import Desk  # noqa: PLC0415
    from archiver.cli.review_screen import screen, wrapped_lines  # noqa: PLC0415

    with Desk(app.settings) as desk:
        lines = list(why_lines(desk, desk.find(name)))
    if sys.stdout.isatty():
        lines = wrapped_lines("\n".join(lines), screen().width)
    for line in lines:
        click.echo(line)


def why_lines(desk: Desk, item: Item) -> Iterator[str]:
    """Everything that is known of how an entry came to be, source by source."""
    from archiver.cli.review_screen import title_of  # noqa: PLC0415
    from archiver.cli.show import visible  # noqa: PLC0415

    entry = item.entry
    yield visible(title_of(entry))
    yield f"{entry.summary} ({entry.status}; id {entry.id})"
    for number, event in enumerate(item.events, 1):
        yield ""
        yield from map(visible, _telling(desk, item, event, number))
    for source in entry.sources:
        if source.record is not None:
            yield ""
            number = source.record.number
            yield f"Your own record, entry {number} (`papertrail log show {number}`):"
            yield from (f"    {visible(line)}" for line in source.citation.quote.splitlines())


def _telling(desk: Desk, item: Item, event: Event, number: int) -> Iterator[str]:
    from archiver.cli.reading import view_of  # noqa: PLC0415
    from archiver.cli.review_screen import around, source_of, sureness  # noqa: PLC0415
    from indexers.build import reading_of  # noqa: PLC0415
    from indexers.decided import as_found  # noqa: PLC0415
    from indexers.why import explain  # noqa: PLC0415
    from reports.lines import lines_of  # noqa: PLC0415
    from reports.model import Chronology  # noqa: PLC0415

    settings = desk.settings
    (line,) = lines_of(Chronology((item.entry,)), {}, settings.address_book(), settings.timezone)
    source = source_of(item.entry, event)
    said = line.sources[item.entry.sources.index(source)]
    many = f"{number}. " if len(item.entry.sources) > 1 else ""
    yield f"{many}{said.said} SHA-256 {said.digest[:12]}"
    yield from around(desk.context(event), 80, 12, colour=False)
    view = view_of(settings)
    reading = reading_of(desk.db, view, event.citation.digest)
    decided = _decisions(desk, event)
    if reading is not None:
        found = explain(as_found(event, desk.decisions), reading, view.family)
        yield f"Found by: {event.rule}; {sureness(event.confidence)}"
        for reason in found.reasons:
            sign = "+" if reason.weight > 0 else "−"
            yield f"    {sign}{abs(reason.weight):.2f}  {reason.words}"
        yield f"The day: {found.day}"
        if found.service:
            yield f"The service: {found.service}"
    if not decided:
        yield "Nobody has looked at it yet."
    for decision, telling in decided:
        yield from _decision(desk, decision, telling)


def _decision(desk: Desk, decision: Decision, telling: Decided) -> Iterator[str]:
    from reports.lines import moment  # noqa: PLC0415

    at = moment(decision.at, desk.settings.timezone)
    back = "; taken back later" if decision.undone is not None else ""
    where = f"line {decision.entry + 1} of the journal"
    yield f"{str(decision.verdict).capitalize()} {at} ({where}{back})"
    if telling.said is not None and telling.said != telling.found:
        for field in _FIELDS:
            before, after = getattr(telling.found, field), getattr(telling.said, field)
            if before != after:
                yield f"    {_NAMES.get(field, field)}: {_shown(before)} → {_shown(after)}"
    if decision.note:
        yield f"    Your note: {decision.note}"


_FIELDS = ("kind", "actor", "on", "end", "service", "minutes", "reason", "topics", "people")
_NAMES = {"actor": "who", "on": "day", "end": "last day", "topics": "about"}


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _decisions(desk: Desk, event: Event) -> list[tuple[Decision, Decided]]:
    """Every decision on an event, those taken back too, in order."""
    from indexers.decided import decided_on, telling_of  # noqa: PLC0415

    telling = telling_of(event, desk.decisions) or decided_on(event, None, ())
    key = telling.key()
    return [
        (decision, told)
        for decision in desk.decisions_of_all()
        for told in decision.tellings
        if told.key() == key
    ]
