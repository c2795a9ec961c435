"""Extraction in processes of their own: a bomb or a crash costs one attachment, not the run."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO

from indexers.extract.contract import Means
from indexers.extract.office import Renewal
from indexers.extract.registry import extractor_for, read_part, why_unread
from indexers.extract.wire import (
    answer_from,
    job_to,
    read_frame,
    renewal_from,
    renewed_to,
    write_frame,
)
from indexers.model import Extracted, Page, Part, Skipped

TIMEOUT_S = 60.0  # without a sign of life; every page is one
LONGEST_S = 1800.0  # for one attachment
CHILD = (sys.executable, "-m", "indexers.extract.child")
FAILED = "Reading it failed: the file is damaged or made to do harm."
_LARGE = 128 << 10  # bytes; what is larger is read apart, whatever its kind
_LARGEST = 512 << 20


class ExtractionWorker:
    """Reads attachments one after another; the child is started with the first that needs it."""

    def __init__(
        self,
        means: Means | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        command: Sequence[str] = CHILD,
    ) -> None:
        self._means = means or Means()
        self._timeout_s, self._command = timeout_s, list(command)
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ExtractionWorker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def read(self, part: Part) -> Extracted | Skipped:
        """Text of an attachment, or why there is none. Raises nothing, whatever the bytes."""
        if not part.content:
            return Skipped("It is empty.")
        if len(part.content) > _LARGEST:
            return Skipped("It is too large to be read.")
        extractor = extractor_for(part)
        if extractor is None:
            return why_unread(part)
        if not extractor.isolated and len(part.content) <= _LARGE:
            return read_part(part, self._means)
        return self._ask(part)

    def _ask(self, part: Part) -> Extracted | Skipped:
        child = self._child if self._child and self._child.poll() is None else self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        watch = _Watch(child, self._timeout_s)
        pages: list[Page] = []
        renewal = Renewal()
        try:
            write_frame(child.stdin, job_to(part, self._means))
            write_frame(child.stdin, part.content)
            while (frame := read_frame(child.stdout)) is not None:
                if (kind := renewal_from(frame)) is not None:
                    content = read_frame(child.stdout) or b""  # while the watch runs: it may stall
                    with watch.paused():
                        made = renewal.make(kind, content)
                    _hand_over(child.stdin, made)
                    continue
                answer, last = answer_from(frame)
                if last:
                    self.stop()
                if not isinstance(answer, Page):
                    return answer
                pages.append(answer)
                watch.sign_of_life()
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            pass  # the child is gone, or talks nonsense
        finally:
            watch.end()
        self.stop()
        slow = f"Reading it took longer than {self._timeout_s:.0f} seconds."
        return _rescued(pages, slow if watch.late else FAILED)

    def _start(self) -> subprocess.Popen[bytes]:
        self.stop()
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self._child

    def stop(self) -> None:
        """End the child; the next attachment starts another."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        continue  # the pipe of a child that is gone
            self._child = None


def _hand_over(stdin: IO[bytes], made: tuple[str, bytes] | Skipped) -> None:
    """Give the child what it asked for: an old office file made new, or why there is none."""
    if isinstance(made, Skipped):
        write_frame(stdin, renewed_to(made))
    else:
        write_frame(stdin, renewed_to(made[0]))
        write_frame(stdin, made[1])


def _rescued(pages: Sequence[Page], why: str) -> Extracted | Skipped:
    """What was read before it went wrong."""
    if not any(page.text.strip() for page in pages):
        return Skipped(why)
    note = f"{why} What was read before that, {len(pages)} pages, is kept."
    return Extracted(tuple(pages), UNFINISHED, (note,))


UNFINISHED = "unfinished"
"""How an attachment was read whose reading broke off: not to be taken for all of it."""


class _Watch:
    """Kills a child that gives no sign of life, or takes too long in all."""

    def __init__(self, child: subprocess.Popen[bytes], timeout_s: float) -> None:
        self._child, self._timeout_s = child, timeout_s
        self._until = time.monotonic() + LONGEST_S
        self._seen = time.monotonic()
        self._paused = False
        self._over = threading.Event()
        self.late = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def sign_of_life(self) -> None:
        """It has done another page."""
        self._seen = time.monotonic()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """While the child waits for its parent, it owes no sign of life; the total still counts."""
        self._paused = True
        try:
            yield
        finally:
            self.sign_of_life()
            self._paused = False

    def end(self) -> None:
        """It is done."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            now = time.monotonic()
            seen = now if self._paused else self._seen
            left = min(seen + self._timeout_s, self._until) - now
            if left <= 0:
                self.late = True
                self._child.kill()
                return
            if self._over.wait(left):
                return


class ExtractionPool:
    """Reads attachments at the same time, as many as there are workers."""

    def __init__(self, means: Means | None = None, *, workers: int | None = None) -> None:
        count = workers or min(2, os.cpu_count() or 1)
        self._idle: queue.SimpleQueue[ExtractionWorker] = queue.SimpleQueue()
        self._all = [ExtractionWorker(means) for _ in range(count)]
        for worker in self._all:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="extract")

    def __enter__(self) -> ExtractionPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=kind is None, cancel_futures=True)
        for worker in self._all:
            worker.stop()

    def submit(self, part: Part) -> Future[Extracted | Skipped]:
        """Begin to read an attachment; the result raises nothing."""
        return self._threads.submit(self._read, part)

    def _read(self, part: Part) -> Extracted | Skipped:
        worker = self._idle.get()
        try:
            return worker.read(part)
        finally:
            self._idle.put(worker)
