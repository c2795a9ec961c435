"""A person at a terminal: a pseudo-terminal of a chosen width, and somebody who reads and types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07")


class Terminal:
    """A command running on a terminal of its own.

    ``until`` waits for words on the screen, ``type`` answers. Words are looked for with line
    breaks as spaces, because where a line breaks depends on the width.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int = 80,
        encoding: str = "utf-8",
    ) -> None:
        self.encoding, self.seen, self._read_to = encoding, b"", 0
        self._end, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**environment, "TERM": "dumb"},
            start_new_session=True,
            # The terminal becomes the process's own, so that Ctrl-C and hidden input work on it.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(terminal)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._end)

    @property
    def screen(self) -> str:
        """Everything that was shown, without what steers a terminal; a line drawn anew is one."""
        text = _CONTROL.sub(b"", self.seen).decode(self.encoding, "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def until(self, words: str, timeout_s: float = 20.0) -> str:
        """Wait for words after those that were waited for last; what was shown until then."""
        expected = re.compile(r"\s+".join(map(re.escape, words.split())))
        deadline = time.monotonic() + timeout_s
        while True:
            found = expected.search(self.screen, self._read_to)
            if found and self._waits():
                shown = self.screen[self._read_to : found.end()]
                self._read_to = found.end()
                return shown
            if not self._pump(deadline):
                raise AssertionError(f"not shown: {words!r}; the screen:\n{self.screen[-3000:]}")

    def type(self, text: str, *, enter: bool = True) -> None:
        """Type a line."""
        os.write(self._end, text.encode(self.encoding, "surrogateescape") + b"\r" * enter)

    def answer(self, *pairs: tuple[str, str]) -> None:
        """Wait for a question and answer it, again and again."""
        for question, reply in pairs:
            self.until(question)
            self.type(reply)

    def end(self, timeout_s: float = 60.0) -> int:
        """Wait for the command to end; its exit status."""
        deadline = time.monotonic() + timeout_s
        while self._pump(deadline):
            pass
        return self.process.wait(max(1.0, deadline - time.monotonic()))

    def _waits(self) -> bool:
        """Whether nothing more is coming: whoever types ahead meets a terminal not yet hidden."""
        while self._ready(0.05):
            if not self._pump(time.monotonic() + 0.05):
                break  # its end is closed, which counts as ready for ever
        return True

    def _ready(self, wait_s: float) -> bool:
        return bool(select.select([self._end], [], [], wait_s)[0])

    def _pump(self, deadline: float) -> bool:
        """Read what is there; False when the command has closed its terminal or time is up."""
        left = deadline - time.monotonic()
        if left <= 0 or not self._ready(left):
            return False
        try:
            data = os.read(self._end, 65536)
        except OSError:  # Linux: the other end is closed
            return False
        self.seen += data
        return bool(data)


def papertrail(*arguments: str | Path) -> list[str]:
    """The command line as a process of its own."""
    return [sys.executable, "-m", "archiver.cli", *map(str, arguments)]
