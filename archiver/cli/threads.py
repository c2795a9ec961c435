"""`papertrail threads` and `papertrail thread`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_lines, print_rows
from archiver.errors import ArchiveError, ExitCode

if TYPE_CHECKING:
    from archiver.config import Settings
    from indexers.directory import Thread


class NoSuchThreadError(ArchiveError):
    """A thread is asked for that is not there."""

    exit_code = ExitCode.USAGE
    hint = "`papertrail threads` lists them with the names to use; four digits or more are enough."

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no thread {name!r}, or more than one.")


@click.command()
@click.option("--limit", type=click.IntRange(1), help="How many to print; all by default.")
@format_option
@click.pass_obj
def threads(app: App, limit: int | None, form: str) -> None:
    """Print the conversations, the latest first."""
    from archiver.cli.searching import open_directory  # noqa: PLC0415
    from indexers.directory import threads as all_threads  # noqa: PLC0415

    with open_directory(app.settings) as (reading, directory):
        found = all_threads(directory, reading)
    rows = [_row(thread) for thread in found[:limit]]
    print_rows(rows, form, ("thread", "first", "last", "messages", "subject", "people", "marked"))


@click.command()
@click.argument("name", metavar="ID")
@click.option("--whole", is_flag=True, help="What is quoted too, and signatures.")
@format_option
@click.pass_obj
def thread(app: App, name: str, whole: bool, form: str) -> None:
    """Print one conversation from its first message to its last.

    ID is what `papertrail threads` and `papertrail search` print: the first digits of an original.
    """
    from archiver.cli.searching import open_directory  # noqa: PLC0415

    with open_directory(app.settings) as (reading, directory):
        number = directory.thread_of(name.lower())
        if number is None:
            raise NoSuchThreadError(name)
        sql = "SELECT digest FROM messages WHERE thread = ? ORDER BY sent, number"
        digests = [digest for (digest,) in directory.db.execute(sql, (number,))]
        if form != "table":
            print_rows([_record(app.settings, reading, d) for d in digests], form, ())
            return
        lines: list[object] = []
        for digest in digests:
            lines += [*message_text(app.settings, reading, digest, whole=whole), ""]
        print_lines([*lines, f"{len(digests)} message{'' if len(digests) == 1 else 's'}"])


def message_text(
    settings: Settings, reading: sqlite3.Connection, digest: str, *, whole: bool
) -> Iterator[object]:
    """A message for the screen: its head, its own words (or all of them), its attachments."""
    from rich.text import Text  # noqa: PLC0415

    fields = _record(settings, reading, digest)
    marked = f"  [{fields['standing']}]" if fields["standing"] in {"privileged", "family"} else ""
    yield Text(f"{fields['date'] or 'no date'}  {fields['from']}{marked}", style="bold")
    yield Text(f"To: {fields['to']}")
    yield Text(f"Subject: {fields['subject']}")
    for name in fields["attachments"]:  # type: ignore[attr-defined]
        yield Text(f"Attached: {name}")
    yield Text(f"Original: {digest}", style="dim")
    body = fields["body"] if whole else fields["own_words"]
    yield Text(f"\n{str(body).strip() or '(nothing but what is quoted or attached)'}")


def _record(settings: Settings, reading: sqlite3.Connection, digest: str) -> dict[str, object]:
    from indexers.query import message  # noqa: PLC0415

    found = message(reading, digest)
    if found is None:
        raise NoSuchThreadError(digest)
    standing = reading.execute("SELECT standing FROM messages WHERE digest = ?", (digest,))
    sql = "SELECT name FROM parts WHERE digest = ? ORDER BY path"
    people = (*found.to, *found.cc, *found.bcc)
    return {
        "sha256": digest,
        "message_id": found.message_id,
        "date": found.date.astimezone(settings.timezone).isoformat() if found.date else None,
        "from": _named(found.sender.name, found.sender.address),
        "to": ", ".join(_named(p.name, p.address) for p in people),
        "subject": found.subject,
        "standing": standing.fetchone()[0],
        "attachments": [name for (name,) in reading.execute(sql, (digest,))],
        "own_words": found.own_words(),
        "body": found.body,
    }


def _named(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address else name or address


def _row(thread: Thread) -> dict[str, object]:
    marked = sorted(thread.standings & {"privileged", "family"})
    return {
        "thread": thread.digest[:12],
        "first": thread.first.isoformat(),
        "last": thread.last.isoformat(),
        "messages": thread.messages,
        "subject": thread.subject,
        "people": ", ".join(person.name or person.address for person in thread.people),
        "marked": ", ".join(marked),
    }
