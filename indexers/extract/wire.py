"""Pure but for the pipe: how the worker and its child talk. Frames of JSON or bytes, with length.

JSON, not pickle: a child that a hostile file took over must not be able to hand code back.
"""

from __future__ import annotations

import json
import struct
from typing import IO

from indexers.model import Extracted, Page, Skipped, Table

_LENGTH = struct.Struct(">Q")
_MAX_FRAME = 1 << 30  # bytes


def write_frame(pipe: IO[bytes], data: bytes) -> None:
    """Send a frame."""
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """Receive a frame; None where the other side is gone. Raises ValueError for nonsense."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _MAX_FRAME:
        raise ValueError("a frame too long to be one of ours")
    data = pipe.read(length)
    return data if len(data) == length else None


def result_to(result: Extracted | Skipped) -> bytes:
    """A result as JSON."""
    if isinstance(result, Skipped):
        return json.dumps({"skipped": result.reason}).encode()
    pages = [[p.number, p.text, [t.rows for t in p.tables]] for p in result.pages]
    return json.dumps({"pages": pages, "how": result.how, "notes": result.notes}).encode()


def result_from(data: bytes) -> Extracted | Skipped:
    """The reverse of ``result_to``."""
    fields = json.loads(data)
    if "skipped" in fields:
        return Skipped(str(fields["skipped"]))
    return Extracted(
        tuple(
            Page(number, text, tuple(Table(tuple(map(tuple, rows))) for rows in tables))
            for number, text, tables in fields["pages"]
        ),
        str(fields["how"]),
        tuple(map(str, fields["notes"])),
    )
