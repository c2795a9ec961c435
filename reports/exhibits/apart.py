"""Hostile attachments in a process of their own: a bomb or a crash costs one attachment.

The child (``apart_child.py``) opens PDFs, pictures and office files under limits of memory and
time; what comes back has been opened once and found sound.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from indexers.extract.wire import read_frame, write_frame

TIMEOUT_S = 180.0
CHILD = (sys.executable, "-m", "reports.exhibits.apart_child")
_FAILED = "reading it failed: the file is damaged or made to do harm"


class Apart:
    """Asks the child; it is started with the first request and again after one that killed it."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, command: Sequence[str] = CHILD) -> None:
        self._timeout_s, self._command = timeout_s, list(command)
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def ask(
        self, what: str, content: bytes, **more: object
    ) -> tuple[Mapping[str, Any], list[bytes]]:
        """What the child says, and the files it made; ``{"reason": …}`` where it could not."""
        child = self._child if self._child and self._child.poll() is None else self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._timeout_s, give_up)
        timer.start()
        files: list[bytes] = []
        try:
            write_frame(child.stdin, json.dumps({"what": what, **more}).encode())
            write_frame(child.stdin, content)
            answer = read_frame(child.stdout)
            said = json.loads(answer) if answer is not None else {}
            for _ in range(said.get("files", 0)):
                files.append(read_frame(child.stdout) or b"")
        except (OSError, ValueError):
            said = {}
        finally:
            timer.cancel()
        if not said:
            self._stop()
            slow = f"reading it took longer than {self._timeout_s:.0f} seconds"
            return {"reason": slow if late.is_set() else _FAILED}, []
        return said, files

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
                    try:
                        pipe.close()
                    except OSError:
                        continue  # the pipe of a child that is gone
            self._child = None
