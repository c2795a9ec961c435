"""Pure: a message as the data of its pages: headers, body as sent, what came with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from archiver.model import Person
from indexers.model import Message, Part
from reports.exhibits.html_blocks import Block, Picture, html_blocks, text_blocks
from reports.words import day

Redact = Callable[[str], str]
"""From a text to the text that may be shown; the same text where nothing is redacted."""


def mail_data(
    message: Message,
    html: str,
    zone: ZoneInfo,
    frame: tuple[float, float],
    picture: Picture,
    redact: Redact,
) -> dict[str, Any]:
    """The data of typst/mail.typ.

    The date is shown as the message has it, with its own offset, and in the school's zone where
    that differs. What is shown of the body is what its reader saw: the HTML where there is one.
    """
    body = html_blocks(html, picture) if html else []
    if not body:
        body = text_blocks(message.body.rstrip("\n")) if message.body.strip() else []
    if not body:
        body = [{"k": "note", "text": "This message has no text of its own."}]
    headers = [
        ("From", redact(name_of(message.sender))),
        *(
            (name, redact("; ".join(map(name_of, people))))
            for name, people in (("To", message.to), ("Cc", message.cc), ("Bcc", message.bcc))
            if people
        ),
        ("Date", sent_words(message, zone)),
    ]
    if message.attachments:
        headers.append(("Attached", redact(attached_words(message.attachments))))
    foot = [f"Original message: SHA-256 {message.digest}"]
    if message.message_id:
        foot.append(redact(f"Message-ID {message.message_id}"))
    return {
        "width": frame[0],
        "height": frame[1],
        "subject": redact(message.subject) or "(no subject)",
        "headers": headers,
        "body": redact_blocks(body, redact),
        "foot": foot,
    }


def redact_blocks(blocks: Sequence[Block], redact: Redact) -> list[Block]:
    """Blocks with their words redacted, across changes of emphasis within a paragraph too."""
    done: list[Block] = []
    for block in blocks:
        shown = dict(block)
        if "runs" in block:
            whole = "".join(run["t"] for run in block["runs"])
            if redact(whole) != whole:
                # A name may begin in bold and end in plain: emphasis goes, the name goes with it.
                shown["runs"] = [{"t": redact(whole), "s": ""}]
        if "lines" in block:
            shown["lines"] = redact("\n".join(block["lines"])).split("\n")
        if "text" in block:
            shown["text"] = redact(block["text"])
        if "body" in block:
            shown["body"] = redact_blocks(block["body"], redact)
        if "items" in block:
            shown["items"] = [redact_blocks(item, redact) for item in block["items"]]
        if "cells" in block:
            shown["cells"] = [
                {**cell, "body": redact_blocks(cell["body"], redact)} for cell in block["cells"]
            ]
        done.append(shown)
    return done


def name_of(person: Person) -> str:
    """``Dana Ortiz <dana@school.example>``."""
    if person.name and person.address and person.name != person.address:
        return f"{person.name} <{person.address}>"
    return person.name or person.address or "nobody named"


def short_name(person: Person) -> str:
    """The name, else the address."""
    return person.name or person.address or "nobody named"


def attached_words(parts: Sequence[Part]) -> str:
    """``IEP.pdf (212 KB); notes.docx (14 KB)``."""
    return "; ".join(f"{part.name} ({size_words(len(part.content))})" for part in parts)


def size_words(size: int) -> str:
    """``212 KB``, ``1.4 MB``."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def sent_words(message: Message, zone: ZoneInfo) -> str:
    """``March 4, 2026, 9:00 AM (UTC-07:00)``; where the school's clock differs, that too."""
    if message.date is None:
        return "not stated"
    own = message.date
    offset = f"{own:%z}"
    stated = f"{day(own.date())}, {own.hour % 12 or 12}:{own:%M %p} (UTC{offset[:3]}:{offset[3:5]})"
    local = own.astimezone(zone)
    if local.utcoffset() == own.utcoffset():
        return stated
    clock = f"{local.hour % 12 or 12}:{local:%M %p %Z}"
    return f"{stated}; at the school {day(local.date())}, {clock}"
