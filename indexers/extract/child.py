"""The worker's child: reads one attachment after another from standard input, under limits."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys

from archiver.model import Digest
from indexers.extract.registry import extractor_for, why_unread
from indexers.extract.wire import read_frame, result_to, write_frame
from indexers.extract.worker import guarded
from indexers.model import Part

_MEMORY = 1536 << 20  # bytes of address space
_CPU_S = 120  # seconds, renewed with each attachment


def main() -> None:
    """Serve until standard input ends, which it does when the parent dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    # What a library prints must not get between the frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    _limit_memory()
    while (about := read_frame(sys.stdin.buffer)) is not None:
        content = read_frame(sys.stdin.buffer)
        if content is None:
            return
        _limit_time()
        fields = json.loads(about)
        part = Part("", fields["media_type"], fields["name"], content, Digest(""), inline=False)
        extractor = extractor_for(part)
        result = guarded(extractor.read, part) if extractor else why_unread(part)
        write_frame(out, result_to(result))


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limits
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415

        usage = resource.getrusage(resource.RUSAGE_SELF)
        used = int(usage.ru_utime + usage.ru_stime)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (used + _CPU_S, most))


if __name__ == "__main__":
    main()
