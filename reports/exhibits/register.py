"""What was exported under which number: kept in the archive, so that numbers stay for good."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError
from archiver.model import Digest
from reports.exhibits.model import Numbered

FORMAT = 1


class RegisterDamagedError(ArchiveError):
    """The list of what was exported cannot be read, so that nothing may be numbered."""

    hint = (
        "Restore the file from a backup of the archive folder. Without it, numbers that were "
        "handed out could be given to other messages."
    )

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The register of exhibits {path} cannot be read: {why}.")
        self.path = path


@dataclass(frozen=True, slots=True)
class Volume:
    """One packet that was exported, with all that is needed to make it again."""

    number: int
    profile: str
    made: str  # RFC 3339, UTC: the moment that the packet gives as its own
    entries: int  # of the journal at that moment
    head: Digest  # the journal's last link then
    first_bates: int
    exhibits: tuple[Numbered, ...]
    pages: tuple[int, ...]  # of each exhibit, in the same order
    redacted: str = ""  # SHA-256 of the list of names; "" for none
    seal: str = ""  # SHA-256 of the packet's tagmanifest-sha256.txt

    @property
    def digests(self) -> frozenset[Digest]:
        """Every message in it."""
        return frozenset(digest for exhibit in self.exhibits for digest in exhibit.digests)


@dataclass(frozen=True, slots=True)
class Register:
    """All volumes of one case, in order."""

    volumes: tuple[Volume, ...] = field(default=())

    @property
    def digests(self) -> frozenset[Digest]:
        """Every message that has a number."""
        return frozenset(digest for volume in self.volumes for digest in volume.digests)

    @property
    def next_number(self) -> int:
        """The first number that was not given out."""
        return 1 + max((e.number for v in self.volumes for e in v.exhibits), default=0)

    @property
    def next_bates(self) -> int:
        """The first page number that was not given out."""
        return 1 + max((v.first_bates + sum(v.pages) - 1 for v in self.volumes), default=0)

    def added(self, volume: Volume) -> Register:
        """With one more volume, or with the one of the same number replaced."""
        kept = tuple(v for v in self.volumes if v.number != volume.number)
        return replace(self, volumes=(*kept, volume))


def dump_register(register: Register) -> str:
    """As JSON, the same facts giving the same bytes."""
    volumes = [
        {
            "number": v.number,
            "profile": v.profile,
            "made": v.made,
            "entries": v.entries,
            "head": v.head,
            "first_bates": v.first_bates,
            "redacted": v.redacted,
            "seal": v.seal,
            "exhibits": [
                {"number": e.number, "messages": list(e.digests), "pages": pages}
                for e, pages in zip(v.exhibits, v.pages, strict=True)
            ],
        }
        for v in register.volumes
    ]
    return json.dumps({"format": FORMAT, "volumes": volumes}, indent=1, sort_keys=True) + "\n"


def load_register(path: Path) -> Register:
    """What ``dump_register`` wrote; an empty register where there is no file.

    Raises:
        RegisterDamagedError: there is one and it cannot be read.
    """
    if not path.exists():
        return Register()
    try:
        document = json.loads(path.read_bytes())
        if document["format"] != FORMAT:
            raise RegisterDamagedError(path, f"it has form {document['format']}, not {FORMAT}")
        return Register(tuple(_volume(table) for table in document["volumes"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegisterDamagedError(path, f"{type(error).__name__}: {error}") from error


def _volume(table: dict[str, Any]) -> Volume:
    exhibits = table["exhibits"]
    return Volume(
        number=int(table["number"]),
        profile=str(table["profile"]),
        made=str(table["made"]),
        entries=int(table["entries"]),
        head=Digest(table["head"]),
        first_bates=int(table["first_bates"]),
        redacted=str(table["redacted"]),
        seal=str(table["seal"]),
        exhibits=tuple(
            Numbered(int(e["number"]), tuple(Digest(d) for d in e["messages"])) for e in exhibits
        ),
        pages=tuple(int(e["pages"]) for e in exhibits),
    )
