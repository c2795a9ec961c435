"""Pure: a ZIP that was cut off, made whole as far as it goes; and names in ZIPs as they were meant.

The list of what a ZIP holds stands at its end. Without it, each file in it can still be found by
the header before it (APPNOTE 4.3.7), and a Word file is a ZIP whose text comes early.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

MENDED = b"made whole as far as it goes"
"""The comment of a ZIP that was mended: its last file may be cut off."""
_HEADER = struct.Struct("<4sHHHHHIIIHH")
_MARK = b"PK\x03\x04"
_NEXT = (_MARK, b"PK\x07\x08", b"PK\x01\x02")
_STORED, _DEFLATED = 0, 8
_LOCKED, _SIZES_FOLLOW, _UTF8 = 1, 8, 0x800  # flags (APPNOTE 4.4.4)
_MAX_MEMBERS = 2_000
_MAX_BYTES = 64 << 20  # of all files in it


def mended_zip(content: bytes) -> bytes | None:
    """A ZIP of the files that are still there, the last perhaps in part; None where none is."""
    out, left, found = io.BytesIO(), _MAX_BYTES, 0
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = MENDED
        at = content.find(_MARK)
        while at >= 0 and found < _MAX_MEMBERS and left > 0:
            if at + _HEADER.size > len(content):
                break
            _, _, flags, method, _, _, _, packed, _, named, extra = _HEADER.unpack_from(content, at)
            begins = at + _HEADER.size
            name, begin = content[begins : begins + named], begins + named + extra
            data, end = b"", begin
            if name and not flags & _LOCKED:
                size = None if flags & _SIZES_FOLLOW else packed
                data, end = _unpacked(content, begin, size, method, left)
            if data:
                shown = name.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
                archive.writestr(zipfile.ZipInfo(meant_name(shown, flags)[:500]), data)
                left -= len(data)
                found += 1
            at = content.find(_MARK, max(end, at + 4))
    return out.getvalue() if found else None


def _unpacked(
    content: bytes, begin: int, size: int | None, method: int, most: int
) -> tuple[bytes, int]:
    """A file's bytes, as far as they go, and where it ends."""
    if method == _DEFLATED:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        given = content[begin:] if size is None else content[begin : begin + size]
        try:
            data = unpacker.decompress(given, most)
        except zlib.error:
            return b"", begin
        rest = len(unpacker.unused_data) + len(unpacker.unconsumed_tail)
        return data, begin + len(given) - rest
    if method != _STORED:
        return b"", begin
    if size is None:
        ends = [place for mark in _NEXT if (place := content.find(mark, begin)) >= 0]
        size = min(ends, default=len(content)) - begin
    return content[begin : begin + min(size, most)], begin + size


def meant_name(name: str, flags: int) -> str:
    """The name of a file in a ZIP in the charset that it was written in.

    Args:
        name: as zipfile gives it.
        flags: of the file. Without the one for UTF-8, the format says the charset of the first PC
            (cp437), and programs write UTF-8 (Macs), that one (Windows in English) or that of
            Windows; the reading with the most letters in it is taken.
    """
    if flags & _UTF8 or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeError:
        return name
    try:
        return raw.decode("utf-8")
    except UnicodeError:
        pass
    readings = [raw.decode(charset, "replace") for charset in ("cp437", "cp1252")]
    return max(readings, key=lambda text: sum(c.isalpha() and c < "\u0250" for c in text))
