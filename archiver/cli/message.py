"""`papertrail show`."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import format_option, print_lines, print_rows
from archiver.errors import ArchiveError, ExitCode

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.model import Digest
    from indexers.attachments import Attachment
    from indexers.model import Message, QuoteLink

_STYLES = {
    "head": "bold",
    "text": "",
    "fold": "dim",
    "quote": "dim",
    "doubt": "italic",
    "warning": "yellow",
}


class NoSuchMessageError(ArchiveError):
    """A message is asked for that is not there."""

    exit_code = ExitCode.USAGE
    hint = (
        "ID is what `papertrail search` and `threads` print: four digits or more of an original;"
        " or a Message-ID."
    )

    def __init__(self, name: str, found: int) -> None:
        many = f"{found} messages go by {name!r}; give more of its digits."
        super().__init__(many if found else f"There is no message {name!r} in the archive.")


class NoSuchPartError(ArchiveError):
    """An attachment or a page is asked for that is not there."""

    exit_code = ExitCode.USAGE


@click.command()
@click.argument("name", metavar="ID")
@click.option("--all", "whole", is_flag=True, help="What is quoted, signatures and notices too.")
@click.option("--part", metavar="NAME", help="The text of an attachment, by its name.")
@click.option("--page", type=click.IntRange(1), help="With --part: one page.")
@click.option("--headers", is_flag=True, help="The header lines, decoded.")
@click.option("--raw", is_flag=True, help="The original as it was received, byte for byte.")
@format_option
@click.pass_obj
def show(
    app: App,
    name: str,
    whole: bool,
    part: str | None,
    page: int | None,
    headers: bool,
    raw: bool,
    form: str,
) -> None:
    """Print a message as a person reads it: own words first, what is quoted folded.

    ID is what `papertrail search` and `papertrail threads` print (the first digits of an original),
    a Message-ID, or #N for the Nth message received.
    """
    from archiver.cli.searching import open_directory  # noqa: PLC0415

    with open_directory(app.settings) as (db, _):
        digest = _digest(db, name)
        if raw or headers:
            _print_original(app.settings, digest, headers=headers)
        elif part is not None:
            _print_part(db, digest, part, page)
        elif form != "table":
            print_rows([_record(db, digest)], form, ())
        else:
            print_lines(_lines(db, digest, whole=whole))


def _digest(db: sqlite3.Connection, name: str) -> Digest:
    from indexers.attachments import messages_named  # noqa: PLC0415

    found = messages_named(db, name)
    if len(found) != 1:
        raise NoSuchMessageError(name, len(found))
    return found[0]


def _read(
    db: sqlite3.Connection, digest: Digest
) -> tuple[Message, tuple[QuoteLink, ...], list[Attachment]]:
    from indexers import query  # noqa: PLC0415
    from indexers.attachments import attachments  # noqa: PLC0415
    from indexers.linking import links_of  # noqa: PLC0415

    message = query.message(db, digest)
    if message is None:
        raise NoSuchMessageError(digest, 0)
    return message, links_of(db, digest), list(attachments(db, digest))


def _lines(db: sqlite3.Connection, digest: Digest, *, whole: bool) -> Iterator[object]:
    from rich.text import Text  # noqa: PLC0415

    from indexers import query  # noqa: PLC0415
    from reports.letter import letter_rows  # noqa: PLC0415

    message, links, attached = _read(db, digest)
    originals: dict[str, str] = {
        link.original: f"papertrail show {link.original[:12]}" for link in links
    }
    standing = query.standing_of(db, digest)
    marked = standing if standing in {"privileged", "family"} else ""
    for row in letter_rows(message, links, originals, attached, marked=marked, whole=whole):
        yield Text(row.text, style=_STYLES[row.look])


def _record(db: sqlite3.Connection, digest: Digest) -> dict[str, object]:
    """The message as one record, every span with its words."""
    from indexers import query  # noqa: PLC0415

    message, links, attached = _read(db, digest)
    return {
        "sha256": digest,
        "message_id": message.message_id,
        "date": message.date.isoformat() if message.date else None,
        "date_source": message.date_source,
        "dates": {
            "header": message.dates.words,
            "received": [at.isoformat() for at in message.dates.received],
            "server": message.dates.server.isoformat() if message.dates.server else None,
        },
        "from": [message.sender.name, message.sender.address],
        "to": [[p.name, p.address] for p in message.to],
        "cc": [[p.name, p.address] for p in message.cc],
        "subject": message.subject,
        "standing": query.standing_of(db, digest),
        "defects": list(message.defects),
        "own_words": message.own_words(),
        "spans": [
            {
                "kind": span.kind,
                "start": span.start,
                "end": span.end,
                "unsure": span.unsure,
                "author": span.source.author if span.source else None,
                "address": span.source.address if span.source else None,
                "when": span.source.when if span.source else None,
                "day": str(span.source.day) if span.source and span.source.day else None,
                "text": message.body[span.start : span.end],
            }
            for span in message.spans
        ],
        "quotes": [
            {
                "start": link.start,
                "end": link.end,
                "original": link.original,
                "how": link.how,
                "altered": bool(link.differences),
                "differences": [{"held": d.held, "quoted": d.quoted} for d in link.differences],
            }
            for link in links
        ],
        "attachments": [
            {
                "path": one.path,
                "name": one.name,
                "media_type": one.media_type,
                "size": one.size,
                "state": one.state,
                "pages": one.pages,
                "words": one.words,
                "sha256": one.digest,
            }
            for one in attached
        ],
    }


def _print_part(db: sqlite3.Connection, digest: Digest, name: str, page: int | None) -> None:
    from indexers.attachments import attachments, page_texts  # noqa: PLC0415

    held = list(attachments(db, digest))
    named = [one for one in held if name in {one.name, one.path}] or [
        one for one in held if name.lower() in one.name.lower()
    ]
    if not named:
        listed = ", ".join(one.name for one in held) or "it has no attachments"
        raise NoSuchPartError(f"There is no attachment {name!r}: {listed}.")
    if len({one.digest for one in named}) > 1:
        listed = ", ".join(f"{one.path} ({one.name})" for one in named)
        raise NoSuchPartError(
            f"Several attachments go by {name!r}; name one by its number: {listed}."
        )
    one = named[0]
    pages = page_texts(db, digest, one.path)
    if not pages:
        raise NoSuchPartError(f"{one.name} was not read: {one.why}")
    wanted = [text for number, text in pages if page is None or number == page]
    if page is not None and not wanted:
        count = len(pages)
        has = "has no pages" if pages[0][0] is None else f"has {count} page{'s' * (count != 1)}"
        raise NoSuchPartError(f"{one.name} {has}.")
    lines: list[object] = []
    for number, text in pages:
        if page is None and number is not None:
            lines.append(f"--- page {number} ---")
        if page is None or number == page:
            lines += text.rstrip("\n").split("\n")
    if one.why:
        lines += ["", one.why]
    print_lines(lines)


def _print_original(settings: Settings, digest: Digest, *, headers: bool) -> None:
    """The original into a pipe or file as it is; on a terminal without what that would obey."""
    from archiver.archive import read_archive  # noqa: PLC0415
    from archiver.headers import decode, decode_bytes, header_lines  # noqa: PLC0415

    with read_archive(settings.archive.path) as archive:
        original = archive.vault.read(digest)
    if headers:
        print_lines(f"{name}: {decode(value)}" for name, value in header_lines(original))
    elif sys.stdout.isatty():
        print_lines(decode_bytes(original).replace("\r\n", "\n").split("\n"))
    else:
        sys.stdout.buffer.write(original)
        sys.stdout.buffer.flush()
