"""Frozen records of a packet of exhibits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from archiver.model import Digest, Standing
from indexers.model import Message

Place = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Profile:
    """How a forum wants its exhibits; the packaged ones are in profiles.toml."""

    name: str
    title: str  # for people: "Pennsylvania Office for Dispute Resolution"
    label: str  # "P-{n}", "{letter}", "Student {n}", or "" for Bates numbers alone
    page_stamp: str  # "{label} p. {page} of {pages}"
    bates_prefix: str
    bates_digits: int
    page_size: tuple[float, float]  # points, upright
    edge: Literal["top", "bottom"]  # the margin that is kept free for stamps
    label_at: Place
    bates_at: Place
    max_file_bytes: int  # a combined file is split before it grows past this
    order: Literal["date", "given"]
    unit: Literal["message", "thread"]  # what one exhibit holds
    offered_by: str
    note: str = ""  # what a person should know of the forum's own rules

    @property
    def frame(self) -> tuple[float, float]:
        """Width and height, in points, of what is left for the document beside the stamps."""
        return self.page_size[0], self.page_size[1] - BAND


BAND = 34.0  # points kept free along the edge with the stamps


class Why(StrEnum):
    """Why a message stays out of a packet."""

    PRIVILEGED = "privileged"
    FAMILY = "family"
    MEDIATION = "mediation"
    QUOTES = "quotes_privileged"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A message that was chosen and does not leave."""

    digest: Digest
    why: Why
    sentence: str  # for the parent; says where, never what


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with what the packet needs to know of it."""

    message: Message  # with its attachments
    html: str  # the body's HTML; "" where it is plain text
    standing: Standing
    texts: dict[str, str] = field(default_factory=dict)  # of attachments, by MIME path


@dataclass(frozen=True, slots=True)
class Numbered:
    """An exhibit's number and what it holds; frozen once it was exported."""

    number: int  # from 1
    digests: tuple[Digest, ...]  # of the messages in it, in order


@dataclass(frozen=True, slots=True)
class Plan:
    """What a volume will hold."""

    volume: int  # 1 is the first packet, the next are supplements
    exhibits: tuple[Numbered, ...]
    first_bates: int
    again: bool  # whether this volume was exported before and is only made again


@dataclass(frozen=True, slots=True)
class Section:
    """A run of pages of one exhibit that come from one document."""

    title: str  # "E-mail", or the attachment's name
    source: Digest  # the message that it is or came with
    part: str  # "message", or the MIME path of the attachment
    content: Digest | None  # of the attachment's bytes; None for the message itself
    how: str  # "typeset", "as it is", "picture", "LibreOffice 7.4", "native file only: …"
    pages: int


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An exhibit that was made into pages."""

    number: int
    label: str  # "P-3"; "" in a profile of Bates numbers alone
    description: str
    date: datetime | None
    sender: str
    recipients: str
    sections: tuple[Section, ...]
    digests: tuple[Digest, ...]
    first_bates: int
    file: str  # file name without folder

    @property
    def pages(self) -> int:
        """How many pages all its sections have."""
        return sum(section.pages for section in self.sections)

    @property
    def last_bates(self) -> int:
        """Number on its last page."""
        return self.first_bates + self.pages - 1
