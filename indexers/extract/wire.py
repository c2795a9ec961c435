"""Pure but for the pipe: how the worker and its child talk. Frames of JSON or bytes, with length.

JSON, not pickle: a child that a hostile file took over must not be able to hand code back.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Any

from archiver.model import Digest
from indexers.extract.contract import Means
from indexers.model import Extracted, LineBox, Page, Part, Skipped, Table

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


def job_to(part: Part, means: Means) -> bytes:
    """What the child is to read; the content itself follows in a frame of its own."""
    about = {
        "media_type": part.media_type,
        "name": part.name,
        "passwords": means.passwords,
        "ocr": means.ocr,
    }
    return json.dumps(about).encode()


def job_from(about: bytes, content: bytes) -> tuple[Part, Means]:
    """The reverse of ``job_to``."""
    fields = json.loads(about)
    part = Part("", fields["media_type"], fields["name"], content, Digest(""), inline=False)
    return part, Means(passwords=tuple(fields["passwords"]), ocr=bool(fields["ocr"]))


def renewal_to(part: Part) -> bytes:
    """The child's wish to have an old office file made new; its content follows in a frame."""
    return _json({"renew": part.media_type})


def renewal_from(frame: bytes) -> str | None:
    """The media type of what is to be made new; None where the frame says something else."""
    if not frame.startswith(b'{"renew":'):
        return None
    return str(json.loads(frame)["renew"])


def renewed_to(made: str | Skipped) -> bytes:
    """The answer to it: the type of what was made, whose content follows, or a reason."""
    return _json({"skipped": made.reason} if isinstance(made, Skipped) else {"made": made})


def renewed_from(frame: bytes) -> str | Skipped:
    """The reverse of ``renewed_to``."""
    fields = json.loads(frame)
    return str(fields["made"]) if "made" in fields else Skipped(str(fields["skipped"]))


def page_to(page: Page) -> bytes:
    """A page that is done, while the rest is still being read."""
    return _json({"page": _fields(page)})


def result_to(result: Extracted | Skipped, *, last: bool = False) -> bytes:
    """A result; ``last`` says that the child ends now, to give back memory."""
    if isinstance(result, Skipped):
        return _json({"skipped": result.reason, "last": last})
    pages = [_fields(page) for page in result.pages]
    return _json({"pages": pages, "how": result.how, "notes": result.notes, "last": last})


def answer_from(data: bytes) -> tuple[Page | Extracted | Skipped, bool]:
    """What the child says: a page, or the result; and whether it has ended.

    Raises:
        ValueError, KeyError, TypeError: it is none of these.
    """
    fields = json.loads(data)
    if not isinstance(fields, dict):
        raise TypeError("an answer is an object")
    last = bool(fields.get("last"))
    if "page" in fields:
        return _page(fields["page"]), last
    if "skipped" in fields:
        return Skipped(str(fields["skipped"])), last
    notes = tuple(map(str, fields["notes"]))
    return Extracted(tuple(map(_page, fields["pages"])), str(fields["how"]), notes), last


def _fields(page: Page) -> list[object]:
    return [page.number, page.text, [table.rows for table in page.tables], page.lines]


def _page(fields: Sequence[Any]) -> Page:
    number, text, tables, lines = fields
    return Page(
        number,
        # Half of a pair of surrogates cannot be stored.
        str(text).encode("utf-8", "replace").decode(),
        tuple(Table(tuple(map(tuple, rows))) for rows in tables),
        tuple(LineBox(*map(int, line)) for line in lines),
    )


def _json(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()
