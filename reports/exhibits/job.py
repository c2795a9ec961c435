"""Records: what a packet is made of, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver.model import Digest
from archiver.roles import AddressBook
from indexers.model import Message
from reports.exhibits.apart import Apart
from reports.exhibits.model import Exhibit, Plan, Profile
from reports.exhibits.office import Office
from reports.exhibits.redact import Redactor


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that a packet is made of."""

    plan: Plan
    profile: Profile
    out: Path
    load: Callable[[Digest], tuple[bytes, Message]]  # an original, checked, and as read
    journal_lines: Mapping[Digest, bytes]  # the first line that says each was received
    head: tuple[int, Digest]  # entries of the journal and its last link
    made: datetime  # UTC; the moment that the packet gives as its own
    zone: ZoneInfo
    book: AddressBook
    office: Office | None
    apart: Apart  # where hostile attachments are opened
    chronology: Callable[[Sequence[Exhibit]], Sequence[Sequence[str]]]  # rows, the head first
    texts: Callable[[Digest], Mapping[str, str]]  # attachment text by MIME path
    redactor: Redactor = field(default_factory=Redactor)
    frozen: tuple[int, ...] | None = None  # pages of each exhibit at the first export

    @property
    def volume_words(self) -> str:
        """``, volume 2``; nothing for the first."""
        return f", volume {self.plan.volume}" if self.plan.volume > 1 else ""

    @property
    def title(self) -> str:
        """What the packet calls itself."""
        return f"Exhibits of the {self.profile.offered_by.lower()}{self.volume_words}"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    exhibits: tuple[Exhibit, ...]
    packets: tuple[str, ...]
    seal: str  # SHA-256 that stands for every byte of the packet
    checks: tuple[str, ...]  # what the packet's own script found good
    to_look_at: int  # pages with pictures that were not searched for redacted names
    not_shown: int  # characters that no face on this computer has
