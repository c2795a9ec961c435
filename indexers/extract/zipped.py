"""ZIP files: what is inside, under limits, without writing anything."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from indexers.extract.contract import Means
from indexers.extract.inside import gather, part_within
from indexers.extract.kinds import ZIP
from indexers.extract.mend_zip import meant_name
from indexers.model import Extracted, Part, Skipped

_MAX_MEMBERS = 500
_LARGEST = 100 << 20  # bytes of one file within
_LOCKED = 1  # a flag of the format (APPNOTE 4.4.4)


class Zipped:
    """ZIP, by the standard library. A name inside is a label, never a path."""

    media_types = frozenset({ZIP})
    version = "zip 2"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """Every file in it that can be read, in the order of the archive."""
        notes: list[str] = []
        with zipfile.ZipFile(io.BytesIO(part.content)) as archive:
            return gather("", _members(part, archive, means, notes), means, self.version, notes)


def _members(
    part: Part, archive: zipfile.ZipFile, means: Means, notes: list[str]
) -> Iterator[Part]:
    members = [m for m in archive.infolist() if not m.is_dir() and not _is_litter(m.filename)]
    for member in members[:_MAX_MEMBERS]:
        name = meant_name(member.filename, member.flag_bits).replace("\\", "/").split("/")
        shown = " / ".join(bit for bit in name if bit not in {"", ".", ".."}) or "unnamed"
        content = _unpacked(archive, member, means)
        if isinstance(content, str):
            notes.append(f"{shown}: {content}")
        else:
            yield part_within(part, shown, content)
    if len(members) > _MAX_MEMBERS:
        notes.append(f"Only the first {_MAX_MEMBERS} of {len(members)} files in it were read.")


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in {".DS_Store", "Thumbs.db"}


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, means: Means) -> bytes | str:
    """A member's bytes, or why it is not unpacked."""
    most = min(_LARGEST, means.budget.bytes)
    if member.file_size > most:
        return "It would unpack to an unreasonable size and was not opened."
    locked = bool(member.flag_bits & _LOCKED)
    for password in means.passwords if locked else ("",):
        try:
            with archive.open(member, pwd=password.encode() if locked else None) as file:
                content = file.read(most + 1)
        except (
            RuntimeError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
        ):
            continue
        if len(content) > most:
            return "It would unpack to an unreasonable size and was not opened."
        return content
    return "It is locked with a password." if locked else "It is damaged."
