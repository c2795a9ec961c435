"""Extraction in a process of its own: a bomb or a crash costs one attachment, not the run."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

from indexers.extract.registry import extractor_for, why_unread
from indexers.extract.wire import read_frame, result_from, write_frame
from indexers.model import Extracted, Part, Skipped

TIMEOUT_S = 60.0
CHILD = (sys.executable, "-m", "indexers.extract.child")


class ExtractionWorker:
    """Reads attachments one after another; the child is started with the first that needs it."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, command: Sequence[str] = CHILD) -> None:
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
        self._stop()

    def read(self, part: Part) -> Extracted | Skipped:
        """Text of an attachment, or why there is none. Raises nothing, whatever the bytes."""
        extractor = extractor_for(part)
        if extractor is None:
            return why_unread(part)
        if not part.content:
            return Skipped("It is empty.")
        if extractor.isolated:
            return self._ask(part)
        return guarded(extractor.read, part)

    def _ask(self, part: Part) -> Extracted | Skipped:
        child = self._child if self._child and self._child.poll() is None else self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._timeout_s, give_up)
        timer.start()
        try:
            about = json.dumps({"media_type": part.media_type, "name": part.name})
            write_frame(child.stdin, about.encode())
            write_frame(child.stdin, part.content)
            answer = read_frame(child.stdout)
        except (OSError, ValueError):
            answer = None
        finally:
            timer.cancel()
        if answer is None:
            self._stop()
            if late.is_set():
                return Skipped(f"Reading it took longer than {self._timeout_s:.0f} seconds.")
            return Skipped("Reading it failed: the file is damaged or made to do harm.")
        return result_from(answer)

    def _start(self) -> subprocess.Popen[bytes]:
        self._stop()
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    _close(pipe.close)
            self._child = None


def guarded(read: Callable[[Part], Extracted | Skipped], part: Part) -> Extracted | Skipped:
    """Run an extractor; what it raises on odd bytes becomes a reason."""
    try:
        return read(part)
    except MemoryError:
        return Skipped("Reading it would take more memory than is allowed.")
    except Exception as error:  # noqa: BLE001 - parsers raise what they like on damaged files
        return Skipped(f"The file is damaged and could not be read ({type(error).__name__}).")


def _close(close: Callable[[], None]) -> None:
    try:
        close()
    except OSError:
        return  # the pipe of a child that is gone
