"""The XML within an office file, opened under limits: no entities, no network, no bombs."""

from __future__ import annotations

import io
import posixpath
import zipfile
from types import TracebackType
from typing import Any

from indexers.extract.mend_zip import MENDED
from indexers.model import Skipped

_MAX_UNPACKED = 300 << 20  # bytes, over all members of the ZIP
_MAX_MEMBER = 100 << 20
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class TooLargeError(ValueError):
    """A member would unpack to more than is reasonable."""


class XmlParts:
    """An office file as its named XML parts."""

    def __init__(self, content: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        self.names = frozenset(self._archive.namelist())

    def __enter__(self) -> XmlParts:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()

    def tree(self, name: str) -> Any:
        """The root element of a part, or None where there is no such part.

        Raises:
            lxml.etree.XMLSyntaxError: it is no XML.
            TooLargeError: it is too large.
        """
        from lxml import etree  # noqa: PLC0415

        if name not in self.names:
            return None
        with self._archive.open(name) as file:
            content = file.read(_MAX_MEMBER + 1)
        if len(content) > _MAX_MEMBER:
            raise TooLargeError
        # Of a file that was cut off, what there is; what is whole must be sound.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False,
                                 recover=self._archive.comment == MENDED)  # fmt: skip
        return etree.fromstring(content, parser)

    def targets(self, name: str) -> dict[str, str]:
        """What a part's relations point at, by id: names of other parts."""
        folder, file = posixpath.split(name)
        root = self.tree(posixpath.join(folder, "_rels", f"{file}.rels"))
        if root is None:
            return {}
        return {
            element.get("Id", ""): posixpath.normpath(
                posixpath.join(folder, element.get("Target", "")) if not
                element.get("Target", "").startswith("/") else element.get("Target", "")[1:]
            )
            for element in root.iter(_RELATIONS)
            if element.get("TargetMode") != "External"
        }  # fmt: skip


def bomb(content: bytes) -> Skipped | None:
    """Why an office file is not opened, if it is not."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return Skipped("The file is damaged: it cannot be opened.")
    if unpacked > _MAX_UNPACKED:
        return Skipped("The file would unpack to an unreasonable size and was not opened.")
    return None
