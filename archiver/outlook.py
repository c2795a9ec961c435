"""Outlook's .msg (MS-OXMSG) as a message, with the .msg itself attached to it.

A .msg is no message as it was sent but a record that Outlook made of one. It keeps the header lines
of received mail (PidTagTransportMessageHeaders); bodies and attachments are properties. What comes
out here is marked as made from it, depends on nothing but its bytes, and carries them unchanged.
"""

from __future__ import annotations

import email.policy
import hashlib
import io
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import PurePosixPath
from typing import Any

_KEPT = {
    "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id",
    "in-reply-to", "references", "list-id",
}  # fmt: skip
_OF_THE_BODY = {"content-type", "content-transfer-encoding", "content-disposition", "mime-version"}
_BOUNDARY = "=_paper_trail_{}"


class UnreadableMsgError(ValueError):
    """A .msg that cannot be taken apart; the sentence says why."""


def as_message(content: bytes, name: str) -> bytes:
    """A MIME message made from a .msg, the same bytes each time; line ends CRLF.

    Raises:
        UnreadableMsgError: it is no .msg, or damaged.
    """
    from oxmsg import Message  # noqa: PLC0415 - only for such files

    try:
        outlook = Message.load(io.BytesIO(content))
        made = _made_from(outlook, content, name)
        return made.as_bytes(policy=email.policy.SMTP)
    except Exception as error:
        # The library raises whatever its own reading comes upon.
        why = f"it is no Outlook message that can be read ({type(error).__name__})"
        raise UnreadableMsgError(why) from error


def _made_from(outlook: Any, content: bytes, name: str) -> EmailMessage:
    digest = hashlib.sha256(content).hexdigest()
    made = EmailMessage(policy=email.policy.SMTP)
    for field, value in _headers(outlook):
        made[field] = value
    made["X-Paper-Trail-Made-From"] = f"{PurePosixPath(name).name} sha256={digest}"
    if outlook.body or not outlook.html_body:
        made.set_content(outlook.body or "")
        if outlook.html_body:
            made.add_alternative(_text(outlook.html_body), subtype="html")
    else:
        made.set_content(_text(outlook.html_body), subtype="html")
    for attachment in outlook.attachments:
        data = attachment.file_bytes
        if data is not None:
            kind = attachment.mime_type or "application/octet-stream"
            main, _, sub = kind.partition("/")
            if main in {"multipart", "message"} or not sub:
                main, sub = "application", "octet-stream"
            named = attachment.file_name or "attachment"
            made.add_attachment(data, maintype=main, subtype=sub, filename=named)
    made.add_attachment(
        content, maintype="application", subtype="vnd.ms-outlook", filename=PurePosixPath(name).name
    )
    for number, part in enumerate(part for part in made.walk() if part.is_multipart()):
        part.set_boundary(_BOUNDARY.format(f"{number}_{digest[:24]}"))
    return made


def _headers(outlook: Any) -> list[tuple[str, str]]:
    """Those of the mail as it was received, else what Outlook knows of one that was sent."""
    given = [
        (field, " ".join(str(value).split()))
        for field, value in (outlook.message_headers or {}).items()
        if field.lower() in _KEPT and field.lower() not in _OF_THE_BODY
    ]
    known = {field.lower() for field, _ in given}
    made: list[tuple[str, str]] = []
    if "from" not in known and outlook.sender:
        made.append(("From", outlook.sender))
    if "to" not in known and outlook.recipients:
        to = ", ".join(f'"{r.name}" <{r.email_address}>' for r in outlook.recipients)
        made.append(("To", to))
    if "subject" not in known and outlook.subject:
        made.append(("Subject", " ".join(outlook.subject.split())))
    if "date" not in known and outlook.sent_date:
        made.append(("Date", format_datetime(outlook.sent_date)))
    once: dict[str, tuple[str, str]] = {}
    for field, value in [*given, *made]:
        once.setdefault(field.lower(), (field, value))
    return list(once.values())


def _text(html: object) -> str:
    return html.decode("utf-8", "replace") if isinstance(html, bytes) else str(html)
