"""Outlook's .msg (MS-OXMSG) as a message, with the .msg itself attached to it.

A .msg is no message as it was sent but a record that Outlook made of one. It keeps the header lines
of received mail (PidTagTransportMessageHeaders); bodies and attachments are properties. What comes
out here is marked as made from it, depends on nothing but its bytes, and carries them unchanged.
"""

from __future__ import annotations

import email.policy
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import PurePosixPath
from typing import Literal

from archiver import outlook_file as f
from archiver.outlook_file import Item, read_outlook
from archiver.outlook_rtf import rtf_text, unpack_rtf

_KEPT = {
    "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id",
    "in-reply-to", "references", "list-id", "return-path", "received", "delivered-to",
    "resent-from", "resent-to", "resent-date", "thread-topic", "thread-index", "auto-submitted",
}  # fmt: skip
_FIELD = re.compile(r"^([!-9;-~]+):.*(?:\r?\n[ \t].*)*", re.MULTILINE)
_KIND = re.compile(r"(application|audio|font|image|model|text|video)/([\w.+-]{1,80})", re.ASCII)
_CONTENT_ID = re.compile(r"[\w.@$+-]{1,200}", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_BOUNDARY = "=_paper_trail_{}"
_LONG = 1 << 16  # characters of a body; longer ones are packed in the quicker encoding
_IS_MESSAGE, _IS_OBJECT = 5, 6  # how an attachment is kept ([MS-OXCMSG], 2.2.2.9)
_TO, _CC, _BCC = 1, 2, 3
_UNSENT = 8  # a flag of messages ([MS-OXCMSG], 2.2.1.6)


class UnreadableMsgError(ValueError):
    """A .msg that cannot be taken apart; the sentence says why."""


def as_message(content: bytes, name: str) -> bytes:
    """A MIME message made from a .msg, the same bytes each time; line ends CRLF.

    Raises:
        UnreadableMsgError: it is no .msg, or damaged.
    """
    digest = hashlib.sha256(content).hexdigest()
    file_name = PurePosixPath(name).name
    mark = f"{file_name} sha256={digest}"
    try:
        return _made_from(read_outlook(content), mark, digest, (file_name, content))
    except Exception as error:
        # olefile raises whatever its own reading comes upon.
        why = f"it is no Outlook message that can be read ({type(error).__name__})"
        raise UnreadableMsgError(why) from error


def _made_from(item: Item, mark: str, seed: str, itself: tuple[str, bytes] | None) -> bytes:
    """A message; ``itself``: name and bytes of the file it is made of, not of one within."""
    made = EmailMessage(policy=email.policy.SMTP)
    _set_body(made, item)
    for number, attachment in enumerate(item.attachments, 1):
        _attach(made, attachment, f"{seed}/{number}")
    if meeting := _meeting(item):
        _add(made, "meeting.ics", meeting, "text/calendar")
    if itself is not None:
        _add(made, *itself, "application/vnd.ms-outlook")
    stamp = hashlib.sha256(seed.encode()).hexdigest()[:24] if itself is None else seed[:24]
    for number, part in enumerate(part for part in made.walk() if part.is_multipart()):
        part.set_boundary(_BOUNDARY.format(f"{number}_{stamp}"))
    marked = ("X-Paper-Trail-Made-From", _encoded("X-Paper-Trail-Made-From", mark))
    lines = [f"{field}: {value}\r\n" for field, value in [*_headers(item), marked]]
    return "".join(lines).encode("utf-8", "replace") + made.as_bytes(policy=email.policy.SMTP)


def _set_body(made: EmailMessage, item: Item) -> None:
    plain, html = item.text(f.BODY), item.text(f.HTML)
    packed = item.data(f.RTF)
    if not plain and not html and packed:
        plain = rtf_text(unpack_rtf(packed))
    if plain or not html:
        made.set_content(_clean(plain), cte=_packing(plain))
        if html:
            made.add_alternative(_clean(html), subtype="html", cte=_packing(html))
    else:
        made.set_content(_clean(html), subtype="html", cte=_packing(html))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _packing(text: str) -> Literal["base64", "quoted-printable"]:
    return "base64" if len(text) > _LONG else "quoted-printable"


def _attach(made: EmailMessage, attachment: Item, seed: str) -> None:
    """One attachment; of what is not in the file at all, a line that says so."""
    name = attachment.text(f.LONG_NAME, f.SHORT_NAME, f.NAME)
    if attachment.message is not None:
        inner = attachment.message
        name = name or inner.text(f.SUBJECT) or "message"
        mark = f"a message attached to {seed.partition('/')[0][:16]}"
        content = _made_from(inner, mark, seed, None)
        # In base64, as a message must not be: so that nothing folds its lines anew.
        _add(made, f"{name.removesuffix('.msg').removesuffix('.eml')}.eml", content, "")
        return
    data = attachment.data(f.CONTENT)
    if data is not None:
        kind, content_id = attachment.text(f.MIME_TYPE), attachment.text(f.CONTENT_ID).strip("<> ")
        _add(made, name or "attachment", data, kind, content_id)
        return
    where = attachment.text(f.LONG_PATH, f.SHORT_PATH)
    if attachment.number(f.METHOD) == _IS_OBJECT:
        said = "An object in the rich text (of another program). It is in the .msg only."
    elif attachment.number(f.METHOD) == _IS_MESSAGE:
        said = "A message is attached here that could not be read. It is in the .msg only."
    elif where:
        said = f"Outlook kept no copy of this file in the message, only where it was:\n{where}"
    else:
        said = "The file is not in the message that Outlook saved."
    _add(made, f"{name or 'attachment'} (not in the message).txt",
         f"{said}\n".encode("utf-8", "replace"), "text/plain")  # fmt: skip


def _add(made: EmailMessage, name: str, data: bytes, kind: str, content_id: str = "") -> None:
    known = _KIND.fullmatch(kind.strip().lower())
    main, sub = known.groups() if known else ("application", "octet-stream")
    shown = _CONTROLS.sub(" ", name).strip()[:150] or "attachment"
    cid = f"<{content_id}>" if _CONTENT_ID.fullmatch(content_id) else None
    made.add_attachment(data, maintype=main, subtype=sub, filename=shown, cid=cid)


def _headers(item: Item) -> list[tuple[str, str]]:
    """Those of the mail as it was received, else what Outlook knows of one that was sent."""
    given = [
        (match[1], match[0].partition(":")[2].strip().replace("\r\n", "\n").replace("\n", "\r\n"))
        for match in _FIELD.finditer(item.text(f.HEADERS))
        if match[1].lower() in _KEPT
    ]
    known = {field.lower() for field, value in given if value}
    given = [(field, value) for field, value in given if value]
    return given + [(field, value) for field, value in _known(item) if field.lower() not in known]


def _known(item: Item) -> Iterator[tuple[str, str]]:
    author = _person(item, f.AUTHOR) or _person(item, f.SENDER)
    sender = _person(item, f.SENDER)
    if author:
        yield "From", author
    if sender and sender != author:
        yield "Sender", sender
    for field, kind, shown in (("To", _TO, f.SHOWN_TO), ("Cc", _CC, f.SHOWN_CC), ("Bcc", _BCC, 0)):
        people = [
            person
            for recipient in item.recipients
            if (recipient.number(f.RECIPIENT_KIND) & 15 or _TO) == kind
            and (person := _person(recipient, f.RECIPIENT))
        ]
        if not people and not item.recipients:
            names = [name.strip() for name in item.text(shown).split(";")] if shown else []
            people = [_written(name, "") for name in names if name]
        if people:
            yield field, ",\r\n ".join(people)
    if subject := " ".join(item.text(f.SUBJECT).split()):
        yield "Subject", _encoded("Subject", subject)
    # Outlook gives a draft a time of delivery, too: that of its making.
    draft = item.number(f.FLAGS) & _UNSENT
    if sent := item.time(f.SUBMITTED) or (None if draft else item.time(f.DELIVERED)):
        yield "Date", format_datetime(sent)
    for field, name in (("Message-ID", f.MESSAGE_ID), ("In-Reply-To", f.IN_REPLY_TO),
                        ("References", f.REFERENCES)):  # fmt: skip
        if value := " ".join(_CONTROLS.sub(" ", item.text(name)).split()):
            yield field, value.replace(" ", "\r\n ")


def _person(item: Item, names: tuple[int, int, int]) -> str:
    """Name and address; an address of Exchange's own kind ("/o=…/cn=…") is none."""
    shown, smtp, other = (_CONTROLS.sub(" ", item.text(name)).strip() for name in names)
    address = next((a for a in (smtp, other, shown.strip("'\"")) if _is_address(a)), "")
    name = "" if shown.strip("'\"").lower() == address.lower() else shown.strip("'\"")
    return _written(name, address) if name or address else ""


def _is_address(text: str) -> bool:
    return "@" in text and not re.search(r"[\s<>,;\"]", text) and text.isascii()


def _written(name: str, address: str) -> str:
    if address:
        return formataddr((_clean(name), address))
    # With empty brackets, so that nobody takes the name for an address.
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <>' if name.isascii() else f"{_encoded('To', name)} <>"


def _encoded(field: str, value: str) -> str:
    """A value of a header line as RFC 2047 has it, folded."""
    shown = _CONTROLS.sub(" ", value)
    charset = "us-ascii" if shown.isascii() else "utf-8"
    return Header(shown, charset, header_name=field).encode(linesep="\r\n")


def _meeting(item: Item) -> bytes:
    """When and where the meeting of an invitation is (RFC 5545); b"" for other messages."""
    kind = item.text(f.CLASS).lower()
    begin = item.time(f.MEETING_START, f.START)
    if not kind.startswith(("ipm.appointment", "ipm.schedule.meeting")) or begin is None:
        return b""
    end = item.time(f.MEETING_END, f.END)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Paper Trail//Outlook message//EN",
             "BEGIN:VEVENT", f"DTSTART:{_utc(begin)}"]  # fmt: skip
    lines += [f"DTEND:{_utc(end)}"] if end else []
    for field, text in (("SUMMARY", item.text(f.SUBJECT)), ("LOCATION", item.text(f.LOCATION))):
        if text:
            escaped = re.sub(r"([\\;,])", r"\\\1", _CONTROLS.sub(" ", text))
            lines.append(f"{field}:{escaped}")
    lines += ["END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode("utf-8", "replace")


def _utc(time: datetime) -> str:
    return f"{time:%Y%m%dT%H%M%SZ}"
