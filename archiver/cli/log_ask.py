"""Asking for an entry of the running log, a question at a time, on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import click

from archiver.cli.log_show import record_lines
from archiver.cli.show import visible
from archiver.running_log import LogKind, Point, Record
from indexers import log_input
from reports.words import day

_INTRO = {
    LogKind.MEETING: "A meeting.",
    LogKind.SERVICE: "A session of a service.",
    LogKind.CALL: "A call, or a talk in the hallway.",
    LogKind.NOTE: "A note.",
}


def ask_record(kind: LogKind, before: Record | None, today: date) -> Record | None:
    """Ask for everything an entry of a kind can say; None where it is not kept in the end.

    Args:
        kind: what it is about.
        before: the entry that is edited; Enter keeps what it says.
        today: in the school's zone.
    """
    click.echo(_INTRO[kind])
    click.echo(
        "Enter keeps what stands in [brackets]; a single - clears it. Ctrl-C stops; nothing is "
        "kept then."
        if before
        else "Enter skips a question. Ctrl-C stops; nothing is kept then."
    )
    while True:
        fields = _ask_fields(kind, before, today)
        record, problems = log_input.read_record(kind, fields, today, before=before)
        if record is not None:
            break
        click.echo("\n".join(["", *problems, "Once more:"]))
    click.echo("")
    for line in record_lines(record):
        click.echo(visible(line))
    if click.confirm("Keep this?", default=True):
        return record
    click.echo("Nothing was kept.")
    return None


def _ask_fields(kind: LogKind, before: Record | None, today: date) -> dict[str, str | list[str]]:
    fields: dict[str, str | list[str]] = {}

    def ask(name: str, question: str, reader: Callable[[str], object], now: str = "") -> None:
        told = _ask(question, reader, now, editing=before is not None)
        if told is not None:
            fields[name] = told

    def several(name: str, question: str, reader: Callable[[str], object]) -> None:
        known = [_said(each) for each in getattr(before, name)] if before else []
        told = _ask_several(question, reader, known)
        if told is not None:
            fields[name] = told

    told_day = _ask_day(before.on if before else None, today)
    if told_day is not None:
        fields["date"] = told_day.isoformat()
    ask("end", "Until which day, if it was several?", lambda text: log_input.read_day(text, today),
        str(before.end or "") if before else "")  # fmt: skip
    if kind is LogKind.SERVICE:
        ask("service", "Which service? (speech, ot, pt, aide, resource …)", log_input.read_service,
            before.service if before else "")  # fmt: skip
        ask("given", "Was it given? (yes or no)", log_input.read_given,
            _yes_no(before.given if before else None))  # fmt: skip
        given = fields.get("given", _yes_no(before.given if before else None))
        minutes = str(before.minutes or "") if before else ""
        ask("minutes", "How many minutes?", log_input.read_minutes, minutes)
        if not given or not log_input.read_given(str(given)):
            ask("reason", "Why not, as far as you know?", str, before.reason if before else "")
        elif before and before.reason:
            fields["reason"] = ""
    if kind is not LogKind.NOTE:
        ask("begins", "When did it begin? (3:00 pm)", log_input.read_time,
            before.begins if before else "")  # fmt: skip
        if fields.get("begins", before.begins if before else ""):
            ask("ends", "When did it end?", log_input.read_time, before.ends if before else "")
    if kind is LogKind.MEETING:
        ask("noticed", "On which day were you told of the meeting?",
            lambda text: log_input.read_day(text, today),
            str(before.noticed or "") if before else "")  # fmt: skip
        ask("agenda", "What was it called for, by the invitation? (the agenda)", str,
            before.agenda if before else "")  # fmt: skip
    several("people", "Who was there? One a line, like: Dana Ortiz, speech therapist",
            log_input.read_person)  # fmt: skip
    if kind in {LogKind.MEETING, LogKind.CALL}:
        several(
            "proposed", "What was proposed, and by whom? One a line, like: school: reduce speech",
            log_input.read_point,
        )  # fmt: skip
        several("objected", "What was objected to? One a line, like: I: the cut in speech",
                log_input.read_point)  # fmt: skip
        several("promised", "What was promised? One a line, like: Mr. Hale: send the data Friday",
                log_input.read_point)  # fmt: skip
    what = "What do you want to note?" if kind is LogKind.NOTE else "Anything else, in your words:"
    ask("words", what, str, before.words if before else "")
    private = before.private if before else False
    if click.confirm("For you alone, in no report?", default=private) != private:
        fields["private"] = _yes_no(not private)
    return fields


def _ask_day(before: date | None, today: date) -> date | None:
    now = before.isoformat() if before else "today"
    while True:
        question = "On which day? (yesterday, March 4, 2026-03-04)"
        text = click.prompt(question, default=now, prompt_suffix=" ")
        if before and text == now:
            return None
        try:
            found = log_input.read_day(text, today)
        except ValueError as error:
            click.echo(f"  {error}.")
            continue
        click.echo(f"  {day(found)}")
        return found


def _ask(question: str, reader: Callable[[str], object], now: str, *, editing: bool) -> str | None:
    """One answer as it was typed; None where it stays as it is."""
    while True:
        text: str = click.prompt(
            visible(question), default=visible(now), show_default=bool(now), prompt_suffix=" "
        ).strip()
        if text == now:
            return None
        if editing and text == "-":
            return ""
        try:
            if text:
                reader(text)
        except ValueError as error:
            click.echo(f"  {error}.")
            continue
        return text


def _ask_several(
    question: str, reader: Callable[[str], object], known: list[str]
) -> list[str] | None:
    """Lines until an empty one; None where they stay as they are."""
    click.echo(question)
    if known:
        click.echo("\n".join(f"  now: {visible(each)}" for each in known))
        click.echo("  Enter keeps these; what you type replaces them all; - clears them.")
    told: list[str] = []
    while True:
        text: str = click.prompt("  ", default="", show_default=False, prompt_suffix="> ").strip()
        if not text:
            return told or None
        if known and text == "-" and not told:
            return []
        try:
            reader(text)
        except ValueError as error:
            click.echo(f"  {error}.")
            continue
        told.append(text)


def _said(each: object) -> str:
    if isinstance(each, Point):
        return f"{each.who}: {each.what}" if each.who else each.what
    name, role = getattr(each, "name", ""), getattr(each, "role", "")
    return f"{name}, {role}" if role else name


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"
