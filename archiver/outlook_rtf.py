"""Pure: the packed rich text of Outlook, to rich text and to plain text.

Source: [MS-OXRTFCP] for the packing.
"""

from __future__ import annotations

import re
import struct

_MAX_RTF = 50 << 20  # bytes
_WINDOW = 4096
_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern"
    b" \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
"""What the window holds before anything is unpacked ([MS-OXRTFCP], 2.1.2.1)."""
_UNICODE = re.compile(r"\\u(-?\d{1,12})")
_CONTROL = re.compile(r"\\[a-z]+-?\d* ?|\\'[0-9a-f]{2}|[{}]")
_MAX_PLAIN = 4 << 20  # bytes of rich text that are made plain


def rtf_text(rich: bytes) -> str:
    """What rich text says, without its pictures and looks; "" where it is none."""
    from striprtf.striprtf import rtf_to_text  # noqa: PLC0415

    source = _UNICODE.sub(_character, rich[:_MAX_PLAIN].decode("latin-1"))
    try:
        text = str(rtf_to_text(source, encoding="cp1252", errors="replace"))
    except (ValueError, LookupError, IndexError, TypeError, AttributeError, OverflowError):
        text = _CONTROL.sub("", source)  # untidy, but no word is lost
    # A character beyond the first 65,536 is written as two halves.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\r\n", "\n").strip("\n")


def _character(code: re.Match[str]) -> str:
    return code[0] if abs(int(code[1])) < 1 << 16 else ""


def unpack_rtf(packed: bytes) -> bytes:
    """Rich text as Outlook packs it; b"" where it is damaged from the start ([MS-OXRTFCP], 2.2)."""
    if packed.startswith(b"{\\rtf"):
        return packed  # by a writer that does not pack it
    if len(packed) < 16:
        return b""
    _, size, kind = struct.unpack_from("<III", packed)
    if kind == 0x414C454D:  # "MELA": not packed
        return packed[16 : 16 + size]
    if kind != 0x75465A4C:  # "LZFu"
        return b""
    window = bytearray(_START.ljust(_WINDOW, b"\x00"))
    write = len(_START)
    out = bytearray()
    at = 16
    limit = min(size, _MAX_RTF)
    while at < len(packed) and len(out) < limit:
        control = packed[at]
        at += 1
        for bit in range(8):
            if control >> bit & 1:
                if at + 1 >= len(packed):
                    return bytes(out)
                token = packed[at] << 8 | packed[at + 1]
                at += 2
                offset, length = token >> 4, (token & 15) + 2
                if offset == write % _WINDOW:
                    return bytes(out[:limit])
                run = [0] * length
                for n in range(length):
                    run[n] = window[(offset + n) % _WINDOW]
                    window[write % _WINDOW] = run[n]
                    write += 1
                out += bytes(run)
            else:
                if at >= len(packed):
                    return bytes(out)
                window[write % _WINDOW] = packed[at]
                out.append(packed[at])
                write += 1
                at += 1
    return bytes(out[:limit])
