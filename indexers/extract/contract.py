"""What reads one kind of attachment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from indexers.model import Extracted, Page, Part, Skipped


@dataclass(slots=True)
class Budget:
    """What reading one attachment may come to, all that is inside it together."""

    parts: int = 500  # files within it
    bytes: int = 300 << 20  # unpacked
    characters: int = 20_000_000  # of text


def _unread(_: Part) -> Extracted | Skipped:
    return Skipped("It lies too deep within other files.")


def _nothing_newer(_: Part) -> Part | Skipped:
    return Skipped("It is an Office file of the old kind, which is not read here.")


def _nobody(_: Page) -> None:
    return


@dataclass(frozen=True, slots=True)
class Means:
    """With what an attachment is read."""

    passwords: tuple[str, ...] = ()  # tried on what is locked
    ocr: bool = True  # whether pictures of text are read
    inside: Callable[[Part], Extracted | Skipped] = _unread  # reads a file within the attachment
    renew: Callable[[Part], Part | Skipped] = _nothing_newer  # an old office file as a new one
    done: Callable[[Page], None] = _nobody  # told of each page of a long work: it is still going on
    budget: Budget = field(default_factory=Budget)


class Extractor(Protocol):
    """Attachment to text. Whatever the bytes, what comes back is text or a reason."""

    media_types: frozenset[str]
    isolated: bool  # its parsers may crash or hang: only ever run in a process of their own

    @property
    def version(self) -> str:
        """Changes whenever the text it gives may: cached text of another is read anew."""
        ...

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """Read an attachment. May raise on damaged bytes; the caller turns that into Skipped."""
        ...
