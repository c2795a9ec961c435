"""Frozen records that the rest of the program hands around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

Digest = NewType("Digest", str)
"""SHA-256 as 64 lower-case hexadecimal digits."""


class Role(StrEnum):
    """Which side of the table an address sits on, as far as the configuration says."""

    SCHOOL = "school"  # the district, its agencies and contractors
    PROVIDER = "provider"  # private providers: doctors, clinics
    PARENT = "parent"  # the family's own addresses
    PRIVILEGED = "privileged"  # advocate or attorney
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address as a header gives them; either may be empty, not both."""

    name: str
    address: str  # lower-cased ``local@domain``


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a server keeps a message; unique while UIDVALIDITY lasts (RFC 9051, 2.3.1.1)."""

    account: str  # ``[[account]] name``
    folder: str  # decoded from modified UTF-7
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Original:
    """An original that the archive holds, with every place it was received from."""

    digest: Digest
    size: int  # bytes
    received_at: datetime  # when this archive first stored it, UTC
    internal_date: datetime | None  # the server's INTERNALDATE for the first place, UTC
    places: tuple[Place, ...]
    standing: Standing


class Standing(StrEnum):
    """Why a message belongs to the correspondence; also decides what may leave the archive."""

    SCHOOL = "school"  # a school or provider address among its people
    THREAD = "thread"  # in a thread with one that does
    FAMILY = "family"  # among the family alone: kept, never exported by itself
    PRIVILEGED = "privileged"  # an advocate or attorney among its people: never exported by itself
    WHOLE = "whole"  # the folder or account is kept whole by the configuration
    RECORD = "record"  # no message: the parent's own record, in the running log
    PRIVATE = "private"  # the same, for the family alone: never exported
