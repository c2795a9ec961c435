"""The files of what was learned, as they ship with the package."""

from __future__ import annotations

from importlib.resources import files

FOLDER = files("indexers.rules")


def shipped(name: str) -> bytes:
    """The content of a file of this package."""
    return FOLDER.joinpath(name).read_bytes()
