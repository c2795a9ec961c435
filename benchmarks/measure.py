"""Run a command and say what it cost: CPU with its children, wall time, peak memory."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """One run of a command, or the medians of several."""

    wall_s: float
    user_s: float  # CPU in the program itself; both include the command's own children
    system_s: float  # CPU in the kernel on its behalf: files, sockets, fsync
    rss_mb: float | None  # peak of the largest process; None where time(1) is missing

    @property
    def cpu_s(self) -> float:
        """All CPU time."""
        return self.user_s + self.system_s


def measure(command: Sequence[str], log: Path) -> Cost:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; the message names its log.
    """
    os.sync()  # what the one before left to be written is not this one's
    with tempfile.NamedTemporaryFile("r") as peak, log.open("ab") as output:
        # A forked process starts with the peak of the one that forked it: ours, far above that of
        # a small C program. time(1) is smaller still, so it stands between.
        timer = shutil.which("time")
        timed = [timer, "-q", "-f", "%M", "-o", peak.name, *command] if timer else list(command)
        started = time.perf_counter()
        process = subprocess.Popen(
            timed, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}; see {log}")
        rss = int(peak.read().split()[-1]) / 1024 if timer else None
    return Cost(wall, usage.ru_utime, usage.ru_stime, rss)


def medians(costs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself."""
    peaks = [cost.rss_mb for cost in costs if cost.rss_mb is not None]
    return Cost(
        statistics.median(cost.wall_s for cost in costs),
        statistics.median(cost.user_s for cost in costs),
        statistics.median(cost.system_s for cost in costs),
        statistics.median(peaks) if peaks else None,
    )
