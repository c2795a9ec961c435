"""How long work tells that it is getting on."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of steps; shows them or not."""

    def start(self, what: str, total: int) -> None:
        """A new stretch of work begins: ``total`` steps."""
        ...

    def step(self, count: int = 1) -> None:
        """Some steps are done."""
        ...

    def say(self, line: str) -> None:
        """Something a person should read now."""
        ...

    def finish(self) -> None:
        """The stretch is over."""
        ...


class Silent:
    """Shows nothing."""

    def start(self, what: str, total: int) -> None:
        """Say nothing."""

    def step(self, count: int = 1) -> None:
        """Say nothing."""

    def say(self, line: str) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""
