"""Render the sample family's story into mail: ``python -m demo.build_mail``.

Reads ``demo/story/*.toml`` and writes ``demo/mail/FOLDER/ID.eml`` with the labels beside it
(``truth.jsonl``, ``messages.jsonl``, ``family.json``). The same story gives the same bytes as
long as Python and the libraries named in ``BUILT_WITH`` are the same; the mail is in the
repository, so that the demo needs none of them.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.attachments import render
from demo.quoting import Earlier, compose

HERE = Path(__file__).resolve().parent
LIBRARIES = ("reportlab", "pillow", "python-docx", "openpyxl")
LABELS = (
    "kind", "date", "end", "actor", "service", "minutes", "reason", "topics", "part", "quote",
)  # fmt: skip
MAILERS = {
    "outlook": "Microsoft Outlook 16.0",
    "apple": "Apple Mail (2.3826.300.87)",
    "iphone": "iPhone Mail (22G86)",
    "yahoo": "WebService/1.1.24260 YMailNovation",
    "thunderbird": "Mozilla Thunderbird",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """One file of the sample mailbox."""

    folder: str
    id: str
    raw: bytes
    message_id: str
    entry: dict[str, Any]  # the message as the story tells it


@dataclass(frozen=True, slots=True)
class Story:
    """What ``demo/story/*.toml`` says, unrendered."""

    family: dict[str, Any]
    people: dict[str, dict[str, str]]
    messages: list[dict[str, Any]]  # in the order of their ids

    @property
    def zone(self) -> ZoneInfo:
        """The family's time zone; every date of the story is in it."""
        return ZoneInfo(self.family["timezone"])


def read_story(folder: Path) -> Story:
    """Read every TOML file of a folder as one story.

    Raises:
        ValueError: an id is used twice, or a message answers one that comes later.
    """
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]
    family = next(table["family"] for table in tables if "family" in table)
    people = {key: who for table in tables for key, who in table.get("people", {}).items()}
    messages = sorted(
        (entry for table in tables for entry in table.get("message", [])), key=lambda m: m["id"]
    )
    known: set[str] = set()
    for entry in messages:
        if entry["id"] in known:
            raise ValueError(f"message {entry['id']} is told twice")
        if not known.issuperset({entry["reply_to"]} if "reply_to" in entry else ()):
            raise ValueError(f"message {entry['id']} answers {entry['reply_to']}, which is later")
        known.add(entry["id"])
    return Story(family, people, messages)


def render_story(story: Story) -> Iterator[Rendered]:
    """Every file of the mailbox: each message, and its copies in other folders."""
    texts: dict[str, str] = {}
    for entry in story.messages:
        texts[entry["id"]], raw = _render(story, entry, texts)
        if entry.get("elsewhere"):
            continue  # told only so that another message can forward it
        message_id = _message_id(story, entry)
        yield Rendered(entry.get("folder", "INBOX"), entry["id"], raw, message_id, entry)
        if "same_bytes_in" in entry:
            yield Rendered(entry["same_bytes_in"], entry["id"] + "b", raw, message_id, entry)
        if "with_footer" in entry:
            footed = {**entry, "body": f"{entry['body'].rstrip()}\n\n{entry['with_footer']}"}
            _, other = _render(story, footed, texts)
            yield Rendered("INBOX", entry["id"] + "b", other, message_id, entry)


def _render(story: Story, entry: dict[str, Any], texts: dict[str, str]) -> tuple[str, bytes]:
    sender = story.people[entry["from"]]
    client = entry.get("client", sender.get("client", "gmail"))
    plain, html = compose(entry["body"], client, _earlier(story, entry, texts))
    message = EmailMessage(policy=SMTP)
    _head(message, story, entry, client)

    form = entry.get("format", sender.get("format", "plain"))
    options = {name: entry[name] for name in ("charset", "cte") if name in entry}
    if form == "html":
        message.set_content(html, subtype="html", **options)
    else:
        message.set_content(plain, **options)
    if form == "alternative":
        message.add_alternative(html, subtype="html")
    sent = _sent(story, entry)
    for given in entry.get("attachment", []):
        media, data = render(given, sent, story.zone)
        main, _, sub = media.partition("/")
        if given.get("inline_alternative"):
            text = data.decode().replace("\r\n", "\n")
            message.add_alternative(text, subtype=sub, params={"method": "REQUEST"})
        else:
            message.add_attachment(data, maintype=main, subtype=sub, filename=given["name"])
    for number, part in enumerate(p for p in message.walk() if p.is_multipart()):
        part.set_boundary(f"=_{_hash(entry['id'], str(number))}")

    raw = message.as_bytes()
    if "raw_latin1_subject" in entry:
        # What an old office program sends: the bytes of its own charset, not encoded at all.
        raw = raw.replace(b"RAW-SUBJECT", entry["raw_latin1_subject"].encode("latin-1"), 1)
    return plain, raw


def _head(message: EmailMessage, story: Story, entry: dict[str, Any], client: str) -> None:
    sent = _sent(story, entry)
    host = story.people[entry["from"]]["address"].rpartition("@")[2]
    if entry.get("folder") != "Sent":
        message["Return-Path"] = f"<{story.people[entry['from']]['address']}>"
        arrived = format_datetime(sent + timedelta(seconds=4))
        message["Received"] = f"from mx.{host} by mx.juniperpost.example; {arrived}"
    message["Message-ID"] = _message_id(story, entry)
    if not entry.get("undated"):
        message["Date"] = format_datetime(sent)
    message["From"] = _mailbox(story.people[entry["from"]])
    message["To"] = [_mailbox(story.people[who]) for who in entry["to"]]
    if "cc" in entry:
        message["Cc"] = [_mailbox(story.people[who]) for who in entry["cc"]]
    message["Subject"] = "RAW-SUBJECT" if "raw_latin1_subject" in entry else entry["subject"]
    if "reply_to" in entry:
        chain = list(_chain(story, entry))
        message["In-Reply-To"] = chain[-1]
        message["References"] = " ".join(chain)
    if "list_id" in entry:
        message["List-Id"] = entry["list_id"]
    mailer = MAILERS.get(client.partition("-")[0])
    if mailer:
        message["X-Mailer"] = mailer


def _sent(story: Story, entry: dict[str, Any]) -> datetime:
    local: datetime = entry["date"].replace(tzinfo=story.zone)
    return local.astimezone(ZoneInfo(entry["zone"])) if "zone" in entry else local


def _mailbox(who: dict[str, str]) -> Address:
    return Address(who["name"], addr_spec=who["address"])


def _hash(*words: str) -> str:
    return hashlib.sha256("/".join(words).encode()).hexdigest()[:20]


def _message_id(story: Story, entry: dict[str, Any]) -> str:
    host = story.people[entry["from"]]["address"].rpartition("@")[2]
    return f"<{_hash(entry['id'], entry['from'])}@{host}>"


def _answered(story: Story, entry: dict[str, Any]) -> dict[str, Any] | None:
    return next((m for m in story.messages if m["id"] == entry.get("reply_to")), None)


def _chain(story: Story, entry: dict[str, Any]) -> Iterator[str]:
    answered = _answered(story, entry)
    if answered:
        yield from _chain(story, answered)
        yield _message_id(story, answered)


def _earlier(story: Story, entry: dict[str, Any], texts: dict[str, str]) -> Earlier | None:
    answered = _answered(story, entry)
    if answered is None or entry.get("quotes_nothing"):
        return None
    writer = story.people[answered["from"]]
    to = "; ".join(
        f"{story.people[who]['name']} <{story.people[who]['address']}>" for who in answered["to"]
    )
    when = _sent(story, answered).astimezone(story.zone)
    subject = answered.get("raw_latin1_subject", answered["subject"])
    return Earlier(writer["name"], writer["address"], when, to, subject, texts[answered["id"]])


def built_with() -> str:
    """The versions that the bytes depend on, one a line."""
    python = f"python {sys.version_info.major}.{sys.version_info.minor}"
    system = f"system {sys.platform} {platform.machine()}"
    return "\n".join([system, python, *(f"{name} {version(name)}" for name in LIBRARIES), ""])


def labels(story: Story, files: list[Rendered]) -> dict[str, str]:
    """The label files by name: what a scorer of found events compares with."""
    told = {f.id: f for f in files if f.id == f.entry["id"]}
    truth = [
        {"message_id": f.message_id, "id": f.id, **_label(event)}
        for f in told.values()
        for event in f.entry.get("event", [])
    ]
    messages = [
        {
            "id": f.id,
            "message_id": f.message_id,
            "folder": f.folder,
            "archive": f.entry.get("archive", True),
            "privileged": f.entry.get("privileged", False),
            "date": _sent(story, f.entry).isoformat(),
            "subject": f.entry.get("raw_latin1_subject", f.entry["subject"]),
        }
        for f in files
    ]
    return {
        "truth.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in truth),
        "messages.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in messages),
        "family.json": json.dumps(story.family, indent=1, ensure_ascii=False, default=str) + "\n",
    }


def _label(event: dict[str, Any]) -> dict[str, Any]:
    row = {"part": "body", "topics": [], **event}
    row["quote"] = re.sub(r"\s+", " ", row["quote"]).strip()
    for name in ("date", "end"):
        row[name] = row[name].isoformat() if name in row else None
    return {name: row.get(name) for name in LABELS}


def main() -> None:
    """Write the mail and its labels beside this file, in place of what was there."""
    story = read_story(HERE / "story")
    files = list(render_story(story))
    shutil.rmtree(HERE / "mail", ignore_errors=True)
    for file in files:
        path = HERE / "mail" / file.folder / f"{file.id}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.raw)
    (HERE / "BUILT_WITH").write_text(built_with(), "utf-8", newline="\n")
    for name, text in labels(story, files).items():
        (HERE / name).write_text(text, "utf-8", newline="\n")
    size = sum(len(file.raw) for file in files)
    print(f"{len(files)} messages, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
