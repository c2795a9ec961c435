"""Pure: bytes of a message to headers, body and parts. Odd input gives defects, not exceptions.

The structure is walked by hand over the message that mail-parser makes: its own lists lose parts
without a name and merge nested messages. mail-parser's account of defects is kept.
"""

from __future__ import annotations

import binascii
import hashlib
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message as RawMessage
from functools import lru_cache
from html import unescape

from archiver.headers import Headers, decode, decode_bytes, read_headers
from archiver.model import Digest, Person
from indexers.html import html_to_text
from indexers.message_dates import choose_date
from indexers.model import Message, Part
from indexers.own_words import mark_spans

_MAX_PARTS = 1000
_MAX_DEPTH = 50
_MAX_BODY = 4_000_000  # characters of body that are read; the original keeps the rest
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
)
_BY_ENDING = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ics": "text/calendar",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".htm": "text/html",
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}
_VAGUE = {"application/octet-stream", "application/x-download", "application/binary", "",
          "application/force-download", "application/x-unknown"}  # fmt: skip
_ENDINGS = {kind: ending for ending, kind in reversed(_BY_ENDING.items())}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]+")
_TAG = re.compile(r"<[^<>]*>")
_CID = re.compile(r"""cid:([^"'\s>)]+)""", re.I)


def read_message(raw: bytes, *, internal_date: datetime | None = None) -> Message:
    """Read a message, whatever its bytes.

    Args:
        raw: the original.
        internal_date: the server's date for it, aware; used where its own cannot be.

    Returns:
        The message with its body as text (plain where there is one, else made from HTML), the
        spans of the body, and every other leaf of its MIME tree as an attachment.
    """
    headers = read_headers(raw)
    date, source, defects = choose_date(headers, internal_date)
    tree, odd = _parse(raw)
    leaves = list(_leaves(tree)) if tree is not None else []
    body, body_path, used = _choose_body(leaves)
    html = "".join(leaf.text() for leaf in leaves if leaf.kind == "text/html" and leaf.path in used)
    shown = set(_CID.findall(html))
    attachments = tuple(
        leaf.part(inline=leaf.content_id in shown or leaf.disposition == "inline")
        for leaf in leaves
        if leaf.path not in used
    )
    subject = headers.first("subject")
    sender, others = _sender(headers)
    forwarded = subject.lower().startswith(("fwd:", "fw:", "rv:", "tr:"))
    return Message(
        digest=Digest(hashlib.sha256(raw).hexdigest()),
        message_id=next(iter(headers.ids("message-id")), ""),
        in_reply_to=headers.ids("in-reply-to"),
        references=headers.ids("references"),
        sender=sender,
        to=headers.people("to"),
        cc=headers.people("cc"),
        bcc=headers.people("bcc"),
        others=others,
        subject=subject,
        date=date,
        date_source=source,
        body=body,
        body_path=body_path,
        spans=mark_spans(body, forwarded=forwarded),
        attachments=attachments,
        defects=(*defects, *odd),
    )


@lru_cache(maxsize=1)  # text, HTML and parts of one message are asked for one after another
def _parse(raw: bytes) -> tuple[RawMessage | None, tuple[str, ...]]:
    import mailparser  # noqa: PLC0415 - a tenth of a second that only reading needs

    try:
        parsed = mailparser.parse_from_bytes(raw)
    except Exception as error:  # noqa: BLE001 - whatever a parser makes of hostile bytes
        return None, (f"Its structure could not be read ({type(error).__name__}).",)
    categories = sorted(map(str, parsed.defects_categories))
    odd = (f"Its structure is damaged: {', '.join(categories)}.",) if categories else ()
    return parsed.message, odd


@dataclass(frozen=True, slots=True)
class _Leaf:
    path: str
    kind: str
    name: str
    disposition: str
    content_id: str
    content: bytes
    charset: str | None
    flowed: bool
    attached: bool

    def text(self) -> str:
        text = decode_bytes(self.content, self.charset)[:_MAX_BODY].lstrip("\ufeff")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return _unflow(text) if self.flowed else text

    def part(self, *, inline: bool) -> Part:
        ending = _ENDINGS.get(self.kind, "")
        name = self.name or f"part-{self.path}{ending}"
        digest = Digest(hashlib.sha256(self.content).hexdigest())
        return Part(self.path, self.kind, name, self.content, digest, inline)


def _leaves(tree: RawMessage) -> Iterator[_Leaf]:
    """Every leaf in order, numbered as in RFC 9051, 6.4.5.1; a nested message is a leaf."""
    stack: list[tuple[RawMessage, str, int]] = [(tree, "", 0)]
    count = 0
    while stack and count < _MAX_PARTS:
        node, path, depth = stack.pop()
        kind = node.get_content_type().lower()
        children = node.get_payload() if node.is_multipart() else None
        if isinstance(children, list) and kind != "message/rfc822" and depth < _MAX_DEPTH:
            numbered = [
                (child, f"{path}.{number}" if path else str(number), depth + 1)
                for number, child in enumerate(children, 1)
            ]
            stack.extend(reversed(numbered))
            continue
        count += 1
        yield _leaf(node, path or "1", kind)


def _leaf(node: RawMessage, path: str, kind: str) -> _Leaf:
    disposition = str(node.get("content-disposition", "")).split(";", 1)[0].strip().lower()
    name = _file_name(node)
    if node.is_multipart():
        children = node.get_payload()
        inner = children[0] if isinstance(children, list) and children else None
        content = nested_bytes(node, inner) if isinstance(inner, RawMessage) else b""
        if not name and isinstance(inner, RawMessage):
            subject = read_headers(content).first("subject")
            name = f"{_clean(subject) or 'message'}.eml"
    else:
        payload = node.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
    if kind in _VAGUE or (kind == "text/plain" and name):
        kind = _real_kind(kind, name, content)
    charset = node.get_param("charset")
    flowed = str(node.get_param("format", "")).lower() == "flowed"
    return _Leaf(
        path,
        kind,
        name,
        disposition,
        str(node.get("content-id", "")).strip("<> "),
        content,
        charset if isinstance(charset, str) else None,
        flowed,
        disposition == "attachment" or bool(name),
    )


def nested_bytes(outer: RawMessage, inner: RawMessage) -> bytes:
    """An attached message as bytes.

    RFC 2046, 5.2.1 forbids an encoding around it; where one is used all the same, the parser takes
    the encoded text for the message's body.
    """
    content = _bytes_of(inner)
    encoding = str(outer.get("content-transfer-encoding", "")).strip().lower()
    if encoding == "base64":
        try:
            return binascii.a2b_base64(content.strip())
        except binascii.Error:
            return content
    return quopri.decodestring(content) if encoding == "quoted-printable" else content


def _bytes_of(message: RawMessage) -> bytes:
    try:
        return message.as_bytes()
    except (UnicodeError, ValueError, LookupError, TypeError, KeyError, AttributeError):
        return b""


def _file_name(node: RawMessage) -> str:
    try:
        name = node.get_filename()
    except (UnicodeError, ValueError, LookupError, TypeError):
        name = None
    return _clean(decode(str(name).encode("utf-8", "surrogateescape"))) if name else ""


def _clean(name: str) -> str:
    return _UNSAFE.sub(" ", name).strip(" .")[:150]


def _real_kind(kind: str, name: str, content: bytes) -> str:
    for signature, real in _SIGNATURES:
        if content[:1024].lstrip()[: len(signature)] == signature:
            return real
    ending = re.search(r"\.[a-z0-9]+\Z", name.lower())
    return _BY_ENDING.get(ending[0], kind) if ending else kind


def _choose_body(leaves: list[_Leaf]) -> tuple[str, str, set[str]]:
    """The body's text, the path of its first part, and the paths of the parts that it covers."""
    shown = [leaf for leaf in leaves if not leaf.attached]
    plain = [leaf for leaf in shown if leaf.kind == "text/plain"]
    html = [leaf for leaf in shown if leaf.kind == "text/html"]
    text = "\n".join(leaf.text() for leaf in plain)
    if html and not _says_something(text):
        chosen, text = html, "\n".join(html_to_text(leaf.text()) for leaf in html)
    else:
        chosen = plain
    used = {leaf.path for leaf in (*plain, *html)}
    return text, chosen[0].path if chosen else "", used


def _says_something(text: str) -> bool:
    words = text.split()
    return len(words) > 12 or (
        bool(words) and not re.search(r"html|not support|cannot display|view this", text, re.I)
    )


def _unflow(text: str) -> str:
    """Join the lines that format=flowed broke (RFC 3676, 4.2); quoted lines are left alone."""
    out: list[str] = []
    joining = False
    for line in text.split("\n"):
        quoted = line.startswith(">")
        if not quoted and line.startswith(" "):
            line = line[1:]  # noqa: PLW2901 - space stuffing
        if joining and not quoted and out:
            out[-1] += line
        else:
            out.append(line)
        joining = not quoted and line.endswith(" ") and line != "-- "
    return "\n".join(out)


def _sender(headers: Headers) -> tuple[Person, tuple[Person, ...]]:
    authors = headers.people("from")
    others = headers.people("sender", "reply-to")
    sender = next(iter((*authors, *others)), Person("", ""))
    known = {sender.address}
    return sender, tuple(p for p in (*authors[1:], *others) if p.address not in known)


def body_html(raw: bytes) -> str:
    """The HTML of a message's body as sent, "" where it is plain text; hostile as it may be."""
    tree, _ = _parse(raw)
    leaves = list(_leaves(tree)) if tree is not None else []
    return "".join(leaf.text() for leaf in leaves if leaf.kind == "text/html" and not leaf.attached)


def all_text(raw: bytes, depth: int = 0) -> str:
    """Every header and every text part with its markup taken off, hidden text and comments left in.

    For asking whether an original carries some words anywhere at all, not for reading.
    """
    tree, _ = _parse(raw)
    if tree is None:
        return decode_bytes(raw)
    found: list[str] = []
    for node in tree.walk():
        found += [decode(str(value).encode("utf-8", "surrogateescape")) for value in node.values()]
    for leaf in _leaves(tree):
        if leaf.kind == "text/html":
            found.append(unescape(_TAG.sub(" ", leaf.text())))
            found += [unescape(tag) for tag in _TAG.findall(leaf.text()) if " " in tag]
        elif leaf.kind.startswith("text/"):
            found.append(leaf.text())
        elif leaf.kind == "message/rfc822" and depth < _MAX_DEPTH:
            found.append(all_text(leaf.content, depth + 1))
    return "\n\n".join(found)


def content_ids(raw: bytes) -> dict[str, str]:
    """Content-ID to MIME path, for pictures shown within the body."""
    tree, _ = _parse(raw)
    leaves = _leaves(tree) if tree is not None else ()
    return {leaf.content_id: leaf.path for leaf in leaves if leaf.content_id}
