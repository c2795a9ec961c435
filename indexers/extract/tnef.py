"""Pure: the winmail.dat of Outlook to its body and attachments.

Source: [MS-OXTNEF] for the stream of attributes and the properties in it. Only what a reader
sees is taken; checksums are not insisted on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from archiver.headers import decode_bytes
from archiver.outlook_file import outlook_time
from archiver.outlook_rtf import unpack_rtf

_SIGNATURE = 0x223E9F78
_LEVELS = (1, 2)  # of an attribute: of the message, of an attachment
_CUT_OFF = -1  # no attribute: tells that the stream ends too early
_SUBJECT, _BODY, _MESSAGE = 0x00018004, 0x0002800C, 0x00069003
_TITLE, _DATA, _BEGIN, _PROPERTIES = 0x00018010, 0x0006800F, 0x00069002, 0x00069005
_P_SUBJECT, _P_BODY, _P_RTF, _P_HTML = 0x0037, 0x1000, 0x1009, 0x1013
_P_SENDER, _P_SENDER_ADDRESS, _P_SENT, _P_NAME = 0x0C1A, 0x0C1F, 0x0039, 0x3001
_P_OBJECT, _P_SHORT_NAME, _P_LONG_NAME = 0x3701, 0x3704, 0x3707
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4,
          0x0014: 8, 0x0040: 8, 0x0048: 16}  # fmt: skip
_MANY = 0x1000  # a flag of a property's type: several values
_TEXT8, _TEXT16, _OBJECT, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_INTERFACE = bytes.fromhex("c000000000000046")  # how the ids of interfaces end
_UNTITLED = ("Untitled Attachment", "Untitled_Attachment")
_MAX_PROPERTIES = 5_000


class BadTnefError(ValueError):
    """It is no winmail.dat, or cut off before anything of use."""


@dataclass(slots=True)
class Tnef:
    """What is in a winmail.dat."""

    sender: str = ""  # name and address, where the message itself says so
    sent: datetime | None = None  # in UTC
    subject: str = ""
    body: str = ""
    html: bytes = b""
    rtf: bytes = b""
    cut_off: bool = False  # its end is missing, and that of what is last in it
    attachments: list[tuple[str, bytes]] = field(default_factory=list)  # name, content


def read_tnef(content: bytes) -> Tnef:
    """Take a winmail.dat apart.

    Raises:
        BadTnefError: it does not begin as one.
    """
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != _SIGNATURE:
        raise BadTnefError
    found = Tnef()
    for name, data in _attributes(content):
        match name:
            case _ if name == _CUT_OFF:
                found.cut_off = True
            case _ if name == _SUBJECT:
                found.subject = found.subject or _text8(data)
            case _ if name == _BODY:
                found.body = found.body or _text8(data)
            case _ if name == _MESSAGE:
                _read_message(found, data)
            case _ if name == _BEGIN:
                found.attachments.append(("", b""))
            case _ if name in {_TITLE, _DATA, _PROPERTIES} and found.attachments:
                found.attachments[-1] = _more(found.attachments[-1], name, data)
    found.attachments = [(n or "attachment", c) for n, c in found.attachments if c]
    return found


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes of the stream: level, name, length, data, checksum."""
    at = 6
    while at + 9 <= len(content) and content[at] in _LEVELS:
        name, length = struct.unpack_from("<II", content, at + 1)
        if at + 9 + length > len(content):
            yield name, content[at + 9 :]
            yield _CUT_OFF, b""
            return
        yield name, content[at + 9 : at + 9 + length]
        at += 9 + length + 2
    if content[at : at + 1] in {b"\x01", b"\x02"}:
        yield _CUT_OFF, b""  # other bytes at the end are no part of it


def _read_message(found: Tnef, data: bytes) -> None:
    for name, kind, value in _properties(data):
        if name == _P_SUBJECT and kind in {_TEXT8, _TEXT16}:
            found.subject = _text(kind, value)
        elif name == _P_SENDER and kind in {_TEXT8, _TEXT16}:
            found.sender = _text(kind, value) + found.sender
        elif name == _P_SENDER_ADDRESS and kind in {_TEXT8, _TEXT16} and b"@" in value:
            found.sender += f" <{_text(kind, value)}>"
        elif name == _P_SENT and len(value) == 8:
            found.sent = outlook_time(struct.unpack("<Q", value)[0])
        elif name == _P_BODY and kind in {_TEXT8, _TEXT16}:
            found.body = _text(kind, value)
        elif name == _P_HTML:
            found.html = value
        elif name == _P_RTF:
            found.rtf = unpack_rtf(value)


def _more(attachment: tuple[str, bytes], name: int, data: bytes) -> tuple[str, bytes]:
    shown, content = attachment
    if name == _TITLE:
        return shown or _text8(data), content
    if name == _DATA:
        return shown, content or data
    for prop, kind, value in _properties(data):
        names = prop == _P_LONG_NAME or (prop == _P_SHORT_NAME and not shown)
        if names and kind in {_TEXT8, _TEXT16}:
            shown = _text(kind, value)
        elif prop == _P_NAME and kind in {_TEXT8, _TEXT16} and shown.startswith(_UNTITLED):
            shown = _text(kind, value) or shown
        elif prop == _P_OBJECT and (kind == _OBJECT or not content):
            # An object, which is a message in TNEF or a file of another program, has the id of its
            # interface before it, and a placeholder instead of it in the attachment's data. A
            # file that was merely attached begins at once.
            content = value[16:] if value[8:16] == _INTERFACE else value
    return shown, content


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The properties of a message or attachment: name, type, first value."""
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _ in range(min(count, _MAX_PROPERTIES)):
            kind, name = struct.unpack_from("<HH", data, at)
            at += 4
            if name >= 0x8000:
                at = _past_name(data, at)
            plain = kind & ~_MANY
            values = 1
            if kind & _MANY or plain in {_TEXT8, _TEXT16, _OBJECT, _BINARY}:
                (values,) = struct.unpack_from("<I", data, at)
                at += 4
            first = b""
            for number in range(min(values, _MAX_PROPERTIES)):
                if plain in _FIXED:
                    size, step = _FIXED[plain], _FIXED[plain]
                else:
                    (size,) = struct.unpack_from("<I", data, at)
                    at += 4
                    step = size + -size % 4
                if number == 0:
                    first = data[at : at + size]
                at += step
            yield name, plain, first
    except struct.error:
        return  # cut off: what came before it counts


def _past_name(data: bytes, at: int) -> int:
    """Past the name of a named property: an id of 16 bytes, then a number or a string."""
    (kind,) = struct.unpack_from("<I", data, at + 16)
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + (length + -length % 4 if kind == 1 else 0)


def _text(kind: int, value: bytes) -> str:
    if kind == _TEXT16:
        return value.decode("utf-16-le", "replace").rstrip("\x00")
    return _text8(value)


def _text8(value: bytes) -> str:
    return decode_bytes(value.rstrip(b"\x00")).replace("\r\n", "\n")
