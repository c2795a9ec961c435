"""`papertrail attachments` and `papertrail unread`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_lines, print_rows
from archiver.errors import ExitCode

if TYPE_CHECKING:
    from indexers.attachments import Attachment


@click.command()
@click.option("--all", "every", is_flag=True, help="Small pictures inside a text (logos) too.")
@format_option
@click.pass_obj
def attachments(app: App, every: bool, form: str) -> None:
    """Print all attachments: how far each was read, its pages, words and language."""
    from archiver.cli.searching import open_directory  # noqa: PLC0415
    from indexers.attachments import attachments as held  # noqa: PLC0415

    with open_directory(app.settings) as (db, _):
        listed = [one for one in held(db) if every or not one.is_decoration]
    rows = [_row(one) for one in listed]
    print_rows(rows, form, ("date", "name", "pages", "words", "language", "state", "message"))
    if form == "table":
        unread = sum(one.state == "not read" for one in listed)
        partly = sum(one.state == "partly read" for one in listed)
        click.echo(
            f"{len(listed)} attachment{'s' * (len(listed) != 1)}, {unread} not read, "
            f"{partly} partly." + (" `papertrail unread` says why." if unread or partly else "")
        )


@click.command()
@format_option
@click.pass_obj
def unread(app: App, form: str) -> ExitCode:
    """Print what could not be read, why, and what would help.

    Exit status 1 if there is any.
    """
    from archiver.cli.searching import open_directory  # noqa: PLC0415

    with open_directory(app.settings) as (db, _):
        rows = list(_unread(db))
    if form != "table":
        print_rows(rows, form, ())
    elif rows:
        print_lines(_told(rows))
    else:
        click.echo("Everything was read.")
    return ExitCode.ATTENTION if rows else ExitCode.DONE


def _row(one: Attachment) -> dict[str, object]:
    return {
        "date": one.sent[:10],
        "name": one.name,
        "media_type": one.media_type,
        "size": one.size,
        "pages": "" if one.pages is None else one.pages,
        "words": one.words,
        "language": one.language,
        "state": one.state,
        "why": one.why,
        "how": one.how,
        "message": one.message[:12],
        "subject": one.subject,
        "part": one.path,
        "sha256": one.digest,
        "message_sha256": one.message,
    }


def _unread(db: sqlite3.Connection) -> Iterator[dict[str, object]]:
    """Messages first, then attachments; the same file sent many times is one row."""
    from indexers.attachments import State, attachments  # noqa: PLC0415
    from indexers.query import message_faults  # noqa: PLC0415
    from reports.unread_help import what_helps  # noqa: PLC0415

    for digest, subject, sentence in message_faults(db):
        yield {
            "what": f"the message {subject!r}" if subject else "a message without a subject",
            "why": sentence,
            "what_helps": what_helps("", sentence),
            "times": 1,
            "message": digest[:12],
            "sha256": digest,
        }
    rows: dict[str, dict[str, object]] = {}
    for one in attachments(db):
        if one.state is State.READ or one.is_decoration:
            continue
        why = one.why or "There is no text in it."
        row = rows.setdefault(
            one.digest,
            {
                "what": one.name,
                "why": why,
                "what_helps": what_helps(one.media_type, why),
                "times": 0,
                "message": one.message[:12],
                "sha256": one.message,
            },
        )
        row["times"] = int(str(row["times"])) + 1
    yield from rows.values()


def _told(rows: list[dict[str, object]]) -> Iterator[object]:
    """Grouped by what helps: a hundred films need one sentence."""
    groups: dict[tuple[object, object], list[dict[str, object]]] = {}
    for row in rows:
        groups.setdefault((row["why"], row["what_helps"]), []).append(row)
    count = len(rows)
    yield f"{count} thing{'s' * (count != 1)} could not be read, or not wholly."
    for (why, helps), members in groups.items():
        yield ""
        yield f"{why} {helps}"
        for row in members:
            times = int(str(row["times"]))
            yield f"  - {row['what']} [{row['message']}]" + (
                f", sent {times} times" if times > 1 else ""
            )
