"""Outlook's .msg files, made by the book: [MS-CFB] for the file, [MS-OXMSG] for what is in it."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
Folder = Mapping[str, "bytes | Folder"]
Value = str | bytes | int | datetime


@dataclass
class Mail:
    """A message of Outlook's: properties by number, and what is in it."""

    properties: Mapping[int, Value]
    recipients: Sequence[Mapping[int, Value]] = ()
    attachments: Sequence[Mapping[int, Value] | Mail] = ()
    charset: str = ""  # of 8-bit text; "" for UTF-16
    named: Mapping[int, Value] = field(default_factory=dict)  # of appointments, by their names


def msg(mail: Mail) -> bytes:
    """The file."""
    return compound(_folder(mail, 32))


def _folder(mail: Mail, header: int) -> dict[str, bytes | Folder]:
    ids = {0x8000 + n: value for n, value in enumerate(mail.named.values())}
    out = _properties({**mail.properties, **ids}, header, mail.charset)
    for n, recipient in enumerate(mail.recipients):
        out[f"__recip_version1.0_#{n:08X}"] = _properties(recipient, 8, mail.charset)
    for n, attached in enumerate(mail.attachments):
        inner: Mapping[int, Value] = {0x3705: 5} if isinstance(attached, Mail) else attached
        made = _properties(inner, 8, mail.charset)
        if isinstance(attached, Mail):
            made["__substg1.0_3701000D"] = _folder(attached, 24)
        out[f"__attach_version1.0_#{n:08X}"] = made
    if header == 32:
        appointment = bytes.fromhex("0220060000000000c000000000000046")
        entries = b"".join(struct.pack("<IHH", n, 3 << 1, i) for i, n in enumerate(mail.named))
        out["__nameid_version1.0"] = {
            "__substg1.0_00020102": appointment,
            "__substg1.0_00030102": entries,
        }
    return out


def _properties(
    values: Mapping[int, Value], header: int, charset: str
) -> dict[str, bytes | Folder]:
    rows, out = b"", dict[str, bytes | Folder]()
    for name, value in values.items():
        if isinstance(value, datetime):
            ticks = int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
            rows += struct.pack("<HHIQ", 0x0040, name, 6, ticks)
        elif isinstance(value, int):
            rows += struct.pack("<HHIQ", 0x0003, name, 6, value)
        else:
            kind = 0x0102 if isinstance(value, bytes) else 0x001E if charset else 0x001F
            data = value if isinstance(value, bytes) else value.encode(charset or "utf-16-le")
            rows += struct.pack("<HHIQ", kind, name, 6, len(data))
            out[f"__substg1.0_{name:04X}{kind:04X}"] = data
    out["__properties_version1.0"] = bytes(header) + rows
    return out


def compound(root: Folder) -> bytes:
    """A compound file. Its folders' trees are lists: valid, if not balanced."""
    entries: list[list[bytes | str | int]] = [["Root Entry", 5, _NONE, _NONE, b""]]

    def add(folder: Folder, parent: int) -> None:
        before = None
        # In the order that the format wants: shorter names first.
        for name in sorted(folder, key=lambda n: (len(n), n.upper())):
            inner = folder[name]
            number = len(entries)
            content = inner if isinstance(inner, bytes) else b""
            entries.append([name, 2 if isinstance(inner, bytes) else 1, _NONE, _NONE, content])
            entries[parent if before is None else before][3 if before is None else 2] = number
            before = number
            if not isinstance(inner, bytes):
                add(inner, number)

    add(root, 0)
    fat, mini_fat, body, mini = list[int](), list[int](), b"", b""
    starts = []
    for _, kind, _, _, content in entries:
        assert isinstance(content, bytes)
        if kind != 2 or not content:
            starts.append(_END)
        elif len(content) < _CUTOFF:
            starts.append(len(mini_fat))
            mini += _chain(content, _MINI, mini_fat)
        else:
            starts.append(len(fat))
            body += _chain(content, _SECTOR, fat)
    starts[0] = len(fat) if mini else _END
    body += _chain(mini, _SECTOR, fat)
    mini_at = len(fat)
    body += _chain(struct.pack(f"<{len(mini_fat)}I", *mini_fat), _SECTOR, fat)
    folder_at = len(fat)
    folder = b"".join(
        _entry(entry, start, len(mini) if n == 0 else None)
        for n, (entry, start) in enumerate(zip(entries, starts, strict=True))
    )
    body += _chain(folder, _SECTOR, fat)
    fat_at, sectors = len(fat), 1
    while len(fat) + sectors > sectors * 128:
        sectors += 1
    fat += [_FAT] * sectors
    body += struct.pack(f"<{128 * sectors}I", *fat, *[_FREE] * (128 * sectors - len(fat)))
    head = struct.pack(
        "<8s16x5H6x9I", bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6, 0,
        sectors, folder_at, 0, _CUTOFF, mini_at if mini_fat else _END,
        -(-len(mini_fat) * 4 // _SECTOR), _END, 0,
    )  # fmt: skip
    table = [*range(fat_at, fat_at + sectors), *[_FREE] * (109 - sectors)]
    return head + struct.pack("<109I", *table) + body


def _chain(content: bytes, size: int, table: list[int]) -> bytes:
    count = -(-len(content) // size)
    first = len(table)
    table += [first + n + 1 for n in range(count)]
    if count:
        table[-1] = _END
    return content.ljust(count * size, b"\0")


def _entry(entry: Sequence[bytes | str | int], start: int, size: int | None) -> bytes:
    name, kind, right, child, content = entry
    assert isinstance(name, str)
    assert isinstance(content, bytes)
    encoded = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16xI16xIQ", encoded, len(encoded) + 2, kind, 1, _NONE, right, child, 0, start,
        len(content) if size is None else size,
    )  # fmt: skip
