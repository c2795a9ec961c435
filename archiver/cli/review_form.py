"""Correcting an event on a terminal: what is wrong, a key for each field, until it is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click

from archiver.cli.review_desk import CorrectionError, Desk, changes_from, now_says
from archiver.cli.review_screen import around, screen, wrapped_lines
from archiver.cli.show import visible
from reports.review import Context, Item

_FIELDS = {
    "k": ("kind", "What kind is it? (proposal, refusal, objection, missed service, meeting …)"),
    "w": ("actor", "Who did it? (school, parent or other)"),
    "d": ("date", "On which day did it happen?"),
    "e": ("until", "Until which day?"),
    "s": ("service", "Which service? (speech, ot, pt, aide, resource …)"),
    "m": ("minutes", "How many minutes?"),
    "r": ("reason", "Why was it missed?"),
    "a": ("topics", "What is it about? (services, placement, evaluation, records, transport …)"),
    "p": ("people", "Who is it about? (Dana Ortiz, speech therapist; Lee Hale, principal)"),
}
_FORM = (
    "k kind   w who did it   d day   e last day   s service   m minutes   r reason\n"
    "a about   p people   n note   Enter keep it so   x leave it as it was"
)


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person corrected; nothing, where it is right after all."""

    changes: dict[str, object]  # of ``read_change``
    note: str


def ask_corrections(desk: Desk, item: Item, key: Callable[[], str]) -> Corrections | None:
    """Ask what is wrong with an entry; None where it is to be left as it was.

    Args:
        desk: the archive.
        item: the entry.
        key: waits for a key.
    """
    fields: dict[str, str] = {}
    changes: dict[str, object] = {}
    note, wrong = "", ""
    sent = desk.sent(item.waiting[0])
    while True:
        _show(desk, item, changes, note, wrong)
        wrong = ""
        pressed = key().lower()
        if pressed in {"\r", "\n"}:
            return Corrections(changes, note)
        if pressed in {"x", "q", "\x1b"}:
            return None
        if pressed in {"\x03", "\x04"}:
            raise KeyboardInterrupt
        if pressed == "n":
            note = _asked("Your note (in no report):")
        elif pressed in _FIELDS:
            field, question = _FIELDS[pressed]
            text = _asked(question)
            if not text and field in {"kind", "actor", "date", "service"}:
                continue
            try:
                changes = changes_from(item, {**fields, field: text}, sent)
            except CorrectionError as error:
                wrong = str(error)
            else:
                fields[field] = text


def _show(desk: Desk, item: Item, changes: dict[str, object], note: str, wrong: str) -> None:
    room = screen()
    found = desk.context(item.waiting[0])
    click.clear()
    click.echo("What is wrong? As it is now:\n")
    click.echo("\n".join(wrapped_lines(f"  {now_says(item, changes, whole=True)}", room.width)))
    if note:
        click.echo("\n".join(wrapped_lines(f"  Your note: {visible(note)}", room.width)))
    alone = Context("", found.quote, "")
    click.echo("\n".join(["", *around(alone, min(room.width, 100), 8, colour=False), ""]))
    click.echo("\n".join([*wrapped_lines(wrong, room.width), _FORM]))


def _asked(question: str) -> str:
    answer: str = click.prompt(question, default="", show_default=False, prompt_suffix=" ")
    return answer.strip()
