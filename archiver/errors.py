"""What can go wrong with our own operation: each error says what, where, and what to do next.

Mail that is merely odd is no error: it comes back as a value with its defects or its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """Exit statuses of every command."""

    DONE = 0
    ATTENTION = 1  # done, with items that a person should look at
    USAGE = 2  # wrong usage or configuration
    FAILED = 3  # could not do it


class ArchiveError(Exception):
    """Base of everything that a user may be shown: a sentence, a hint, an exit status."""

    exit_code: ExitCode = ExitCode.FAILED
    hint: str = ""
    passing: bool = False  # whether it may go away by itself, so that trying again helps


class ConfigError(ArchiveError):
    """The configuration cannot be used; every mistake is listed at once."""

    exit_code = ExitCode.USAGE
    hint = "Correct the lines above; config.example.toml explains every setting."

    def __init__(self, path: Path | None, problems: Sequence[str]) -> None:
        where = f"The configuration file {path}" if path else "The configuration"
        count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        listed = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"{where} has {count}:{listed}")
        self.path, self.problems = path, tuple(problems)
