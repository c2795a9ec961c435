"""The child of ``apart.py``: opens one file after another from standard input, under limits."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

from archiver.model import Digest
from indexers.extract.wire import read_frame, write_frame
from indexers.model import Part
from reports.exhibits.convert import Native, pdf_pages, pictures_of
from reports.exhibits.documents import pdf_words, properties_of
from reports.exhibits.redact import redactor_of

_MEMORY = 2048 << 20  # bytes of address space
_CPU_S = 170  # seconds, renewed with each request

Answer = tuple[dict[str, Any], list[bytes]]


def main() -> None:
    """Serve until standard input ends, which it does when the parent dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    # What a library prints must not get between the frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    _limit(first=True)
    while (about := read_frame(sys.stdin.buffer)) is not None:
        content = read_frame(sys.stdin.buffer)
        if content is None:
            return
        _limit(first=False)
        fields = json.loads(about)
        try:
            said, files = REQUESTS[fields["what"]](content, fields)
        except Exception as error:  # noqa: BLE001 - parsers raise what they like on damaged files
            said, files = {"reason": f"the file is damaged ({type(error).__name__})"}, []
        write_frame(out, json.dumps({**said, "files": len(files)}).encode())
        for file in files:
            write_frame(out, file)


def _pdf(content: bytes, _: Mapping[str, Any]) -> Answer:
    made = pdf_pages(content)
    return ({"reason": made.reason}, []) if isinstance(made, Native) else ({}, [made.pdf])


def _redact(content: bytes, fields: Mapping[str, Any]) -> Answer:
    burned, marks = redactor_of(dict(fields["names"])).pdf(content)
    rows = [(type(mark).__name__, dataclasses.asdict(mark)) for mark in marks]
    return {"marks": rows}, [burned]


def _picture(content: bytes, _: Mapping[str, Any]) -> Answer:
    made = pictures_of(content)
    return ({"reason": made}, []) if isinstance(made, str) else ({}, made)


def _properties(content: bytes, fields: Mapping[str, Any]) -> Answer:
    part = Part("", fields["media_type"], "", content, Digest(""), inline=False)
    return {"texts": list(properties_of(part))}, []


def _words(content: bytes, _: Mapping[str, Any]) -> Answer:
    return {"texts": list(pdf_words(content))}, []


REQUESTS: Mapping[str, Callable[[bytes, Mapping[str, Any]], Answer]] = {
    "pdf": _pdf,
    "redact": _redact,
    "picture": _picture,
    "properties": _properties,
    "words": _words,
}


def _limit(*, first: bool) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limits
        import resource  # noqa: PLC0415

        if first:
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        limit = int(usage.ru_utime + usage.ru_stime) + _CPU_S
        resource.setrlimit(resource.RLIMIT_CPU, (limit, most))


if __name__ == "__main__":
    main()
