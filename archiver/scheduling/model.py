"""Pure: what is to be scheduled, and what a scheduler is to be given.

Every scheduler is asked to start the job once an hour, at the minute that the nights begin with; it
knows itself (`run --if-due`) whether it is due. So a night is made up for whatever kept it from
running, one that failed is tried again, and it is the school's zone that counts: launchd, cron and
the Task Scheduler know no other zone than the computer's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import time
from pathlib import Path

MARK = "Written by `papertrail schedule install`"
"""Stands in everything that is installed; what does not have it is not ours."""


@dataclass(frozen=True, slots=True)
class Job:
    """The nightly job of one configuration."""

    command: tuple[str, ...]
    config: Path
    at: time
    zone: str  # IANA name

    @property
    def name(self) -> str:
        """Differs between configurations, the same at every install."""
        digest = hashlib.sha256(str(self.config).encode("utf-8", "surrogateescape")).hexdigest()
        return f"papertrail-{digest[:8]}"

    @property
    def why(self) -> str:
        """Whose it is; the second line of everything that is installed."""
        return f"for {self.config}"


@dataclass(frozen=True, slots=True)
class Installation:
    """What one scheduler is given: files first, then commands."""

    scheduler: str  # as a person calls it
    files: tuple[tuple[Path, bytes], ...]
    switch_on: tuple[tuple[str, ...], ...]
    switch_off: tuple[tuple[str, ...], ...]  # before the files are removed
    tidy_up: tuple[tuple[str, ...], ...] = ()  # after they are
    notes: tuple[str, ...] = ()  # what a person should know
