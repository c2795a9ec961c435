"""Pure: the bytes of an Outlook .msg to its properties, recipients and attachments.

A .msg is a compound file: a folder of properties for the message and one for each recipient and
attachment; a message attached to it is a folder of the same kind within.
Source: [MS-OXMSG] for the folders, [MS-OXPROPS] for the numbers of properties.
"""

from __future__ import annotations

import codecs
import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archiver.headers import decode_bytes

if TYPE_CHECKING:
    from olefile import OleFileIO

SUBJECT, HEADERS, BODY, RTF, HTML = 0x0037, 0x007D, 0x1000, 0x1009, 0x1013
SUBMITTED, DELIVERED, START, END = 0x0039, 0x0E06, 0x0060, 0x0061
MESSAGE_ID, REFERENCES, IN_REPLY_TO = 0x1035, 0x1039, 0x1042
SENDER, AUTHOR = (0x0C1A, 0x5D01, 0x0C1F), (0x0042, 0x5D02, 0x0065)  # name, SMTP, other address
RECIPIENT = (0x3001, 0x39FE, 0x3003)
FLAGS, RECIPIENT_KIND, SHOWN_TO, SHOWN_CC, CLASS = 0x0E07, 0x0C15, 0x0E04, 0x0E03, 0x001A
CONTENT, METHOD, LONG_NAME, SHORT_NAME, MIME_TYPE = 0x3701, 0x3705, 0x3707, 0x3704, 0x370E
NAME, LONG_PATH, SHORT_PATH, CONTENT_ID = 0x3001, 0x370D, 0x3708, 0x3712
MEETING_START, MEETING_END, LOCATION = 0x1820D, 0x1820E, 0x18208
"""Of meetings: named properties of PSETID_Appointment, by their names and not by the numbers that
each file gives them anew; 0x10000 is added to tell the two apart."""
_BODY_CHARSET, _CHARSET = 0x3FDE, 0x3FFD

_MAX_DEPTH = 8  # messages within messages
_MAX_PARTS = 2_000  # recipients or attachments of one message
_APPOINTMENT = bytes.fromhex("0220060000000000c000000000000046")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TEXT16, _TEXT8, _BINARY, _FOLDER = 0x001F, 0x001E, 0x0102, 0x000D
_PAGES = {65001: "utf-8", 20127: "ascii", 28591: "cp1252", 28592: "iso-8859-2",
          28605: "iso-8859-15", 1200: "utf-16-le", 50220: "iso2022_jp", 51932: "euc_jp",
          54936: "gb18030", 936: "gb18030", 20866: "koi8-r", 21866: "koi8-u",
          10000: "mac-roman"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A folder of properties: a message, a recipient or an attachment."""

    values: Mapping[int, str | bytes | int | datetime]
    recipients: tuple[Item, ...] = ()
    attachments: tuple[Item, ...] = ()
    message: Item | None = None  # of an attachment that is a message

    def text(self, *names: int) -> str:
        """The first of these properties that holds text, or ""."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, str) and value.strip():
                return value
        return ""

    def data(self, name: int) -> bytes | None:
        """A property of bytes."""
        value = self.values.get(name)
        return value if isinstance(value, bytes) else None

    def number(self, name: int) -> int:
        """A property that is a number, or 0."""
        value = self.values.get(name)
        return value if isinstance(value, int) else 0

    def time(self, *names: int) -> datetime | None:
        """The first of these properties that is a time, in UTC."""
        times = (self.values.get(name) for name in names)
        return next((value for value in times if isinstance(value, datetime)), None)


def read_outlook(content: bytes) -> Item:
    """Take a .msg apart. A property that is damaged is left out.

    Raises:
        ValueError, OSError: it is no compound file, or holds no properties of a message.
    """
    import olefile  # noqa: PLC0415 - only for such files

    with olefile.OleFileIO(io.BytesIO(content)) as ole:
        return _Reader(ole, len(content)).item((), header=32, depth=0)


class _Reader:
    def __init__(self, ole: OleFileIO, size: int) -> None:
        self._ole = ole
        self._left = 2 * size + (1 << 20)  # bytes: streams may share sectors, and so be a bomb
        self._inside: dict[tuple[str, ...], list[str]] = {}  # path of a folder: names within
        for path in ole.listdir(streams=True, storages=True):
            self._inside.setdefault(tuple(path[:-1]), []).append(path[-1])
        self._named = self._names()

    def _names(self) -> dict[int, int]:
        """Numbers of this file's named properties to their names ([MS-OXMSG], 2.2.3)."""
        folder = "__nameid_version1.0"
        guids = self._stream((folder, "__substg1.0_00020102")) or b""
        entries = self._stream((folder, "__substg1.0_00030102")) or b""
        named = {}
        for at in range(0, len(entries) - 7, 8):
            name, index, number = struct.unpack_from("<IHH", entries, at)
            own = (index >> 1) - 3  # 1 and 2 are sets of names that every file has
            if not index & 1 and own >= 0 and guids[16 * own :][:16] == _APPOINTMENT:
                named[0x8000 + number] = 0x10000 + (name & 0xFFFF)
        return named

    def item(
        self, path: tuple[str, ...], *, header: int, depth: int, charset: str = "cp1252"
    ) -> Item:
        """A folder; ``header``: bytes before its properties ([MS-OXMSG], 2.4.1)."""
        listing = self._stream((*path, "__properties_version1.0"))
        if listing is None and not path:
            raise ValueError("no properties of a message")
        if header == 24 and listing and not any(listing[24:32]):
            header = 32  # some writers give a message within as many as one that stands alone
        rows = _rows((listing or b"")[header:])
        fixed = {name: value for name, kind, value in rows if kind not in _IN_STREAMS}
        charset = _charset(fixed, _CHARSET) or _charset(fixed, _BODY_CHARSET) or charset
        values: dict[int, str | bytes | int | datetime] = {}
        for name, kind, raw in rows:
            value = self._value(path, name, kind, raw)
            name = self._named.get(name, name)  # noqa: PLW2901
            if isinstance(value, bytes) and kind == _TEXT8:
                own = _charset(fixed, _BODY_CHARSET) if name in {BODY, HTML} else ""
                values[name] = _decoded(value, own or charset, charset)
            elif value is not None and (kind == _TEXT16 or name not in values):
                values[name] = value
        html = values.get(HTML)
        if isinstance(html, bytes):
            values[HTML] = _decoded(html, _charset(fixed, _BODY_CHARSET) or "utf-8", charset)
        names = self._inside.get(path, [])
        recipients = sorted(n for n in names if n.startswith("__recip_version1.0_"))
        attached = sorted(n for n in names if n.startswith("__attach_version1.0_"))
        message = f"__substg1.0_{CONTENT:04X}{_FOLDER:04X}"
        inner = (*path, message)
        return Item(
            values,
            tuple(
                self.item((*path, name), header=8, depth=depth, charset=charset)
                for name in recipients[:_MAX_PARTS]
            ),
            tuple(
                self.item((*path, name), header=8, depth=depth, charset=charset)
                for name in attached[:_MAX_PARTS]
            ),
            self.item(inner, header=24, depth=depth + 1, charset=charset)
            if depth < _MAX_DEPTH and "__properties_version1.0" in self._inside.get(inner, ())
            else None,
        )

    def _value(
        self, path: tuple[str, ...], name: int, kind: int, raw: bytes
    ) -> str | bytes | int | datetime | None:
        if kind in _IN_STREAMS:
            data = self._stream((*path, f"__substg1.0_{name:04X}{kind:04X}"))
            if data is None or kind != _TEXT16:
                return data
            return data.decode("utf-16-le", "replace").rstrip("\x00")
        match kind:
            case 0x0003:
                return int(struct.unpack_from("<i", raw)[0])
            case 0x0002:
                return int(struct.unpack_from("<h", raw)[0])
            case 0x000B:
                return raw[0]
            case 0x0040:
                return outlook_time(struct.unpack_from("<Q", raw)[0])
        return None

    def _stream(self, path: tuple[str, ...]) -> bytes | None:
        if path[-1] not in self._inside.get(path[:-1], ()):
            return None
        try:
            with self._ole.openstream(list(path)) as stream:
                data = bytes(stream.read(self._left + 1))
        except OSError:
            return None
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("it holds more than it can")
        return data


_IN_STREAMS = {_TEXT16, _TEXT8, _BINARY}


def _rows(listing: bytes) -> list[tuple[int, int, bytes]]:
    """Name, type and the eight bytes of each property."""
    found = []
    for at in range(0, len(listing) - 15, 16):
        kind, name = struct.unpack_from("<HH", listing, at)
        found.append((name, kind, listing[at + 8 : at + 16]))
    return found


def _charset(fixed: Mapping[int, bytes], name: int) -> str:
    raw = fixed.get(name)
    if raw is None:
        return ""
    (page,) = struct.unpack_from("<I", raw)
    named = _PAGES.get(page, f"cp{page}")
    try:
        codecs.lookup(named)
    except LookupError:
        return ""
    return named


def _decoded(data: bytes, *charsets: str) -> str:
    """In the first of these that fits it."""
    data = data.rstrip(b"\x00")
    # Some writers put UTF-8 where they name a charset of single bytes, in which it makes no sense.
    single = charsets[0].startswith(("cp12", "iso-8859"))
    for charset in ("utf-8", *charsets) if single else charsets:
        try:
            return data.decode(charset)
        except (UnicodeError, LookupError):
            continue
    return decode_bytes(data)


def outlook_time(ticks: int) -> datetime | None:
    """Tenths of a microsecond since 1601 ([MS-DTYP], 2.3.3)."""
    try:
        return (_EPOCH + timedelta(microseconds=ticks // 10)).replace(microsecond=0)
    except OverflowError:
        return None
