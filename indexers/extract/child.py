"""The worker's child: reads one attachment after another from standard input, under limits."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from indexers.extract.registry import read_part
from indexers.extract.wire import (
    job_from,
    page_to,
    read_frame,
    renewal_to,
    renewed_from,
    result_to,
    write_frame,
)
from indexers.model import Page, Part, Skipped

_MEMORY = 1536 << 20  # bytes of address space
_ENOUGH = 256 << 20  # bytes in use at some time, after which a new process takes over
_CPU_S = 120  # seconds, renewed with each attachment and sign of life
_TELL_EVERY_S = 0.5


def main() -> None:
    """Serve until standard input ends, which it does when the parent dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    gc.set_threshold(50_000)  # as in archiver/cli/main.py
    # What a library prints must not get between the frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    _limit_memory()

    waiting: list[Page] = []  # pages done that the parent does not have yet
    told = time.monotonic()

    def done(page: Page) -> None:
        nonlocal told
        waiting.append(page)
        if time.monotonic() - told < _TELL_EVERY_S:
            return  # all of them come with the result; sending each twice costs more than reading
        _limit_time()
        for one in waiting:
            write_frame(out, page_to(one))
        waiting.clear()
        told = time.monotonic()

    def renew(part: Part) -> Part | Skipped:
        write_frame(out, renewal_to(part))
        write_frame(out, part.content)
        answer = read_frame(sys.stdin.buffer)
        made = renewed_from(answer) if answer is not None else Skipped("Nobody made it new.")
        if isinstance(made, Skipped):
            return made
        content = read_frame(sys.stdin.buffer) or b""
        _limit_time()
        return replace(part, media_type=made, content=content)

    last = False
    while not last and (about := read_frame(sys.stdin.buffer)) is not None:
        content = read_frame(sys.stdin.buffer)
        if content is None:
            return
        _limit_time()
        waiting.clear()
        told = time.monotonic()
        part, means = job_from(about, content)
        del content
        result = read_part(part, replace(means, done=done, renew=renew))
        last = _most_used() > _ENOUGH
        write_frame(out, result_to(result, last=last))


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


def _most_used() -> int:
    """Bytes of memory in use at the peak; 0 where the system does not say."""
    # On Linux ru_maxrss outlives exec(2): it would begin at what the parent had in use.
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) << 10
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak << 10
    return 0


if __name__ == "__main__":
    main()
