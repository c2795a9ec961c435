"""Edge: a folder as a BagIt bag (RFC 8493): every file listed with its SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"


def close_bag(root: Path, day: str, title: str) -> str:
    """Write the bag's own files around ``data/``, last of all the list of the tag files.

    Args:
        root: holds ``data/`` and any tag files (README.txt, check.py) already.
        day: YYYY-MM-DD, for bag-info.txt.
        title: what the bag is.

    Returns:
        SHA-256 of the tag manifest. It stands for every byte of the bag: the tag manifest lists
        the manifest, which lists the rest.
    """
    payload = sorted(path for path in (root / "data").rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in payload)
    (root / "bagit.txt").write_text(DECLARATION, encoding="utf-8", newline="\n")
    (root / "bag-info.txt").write_text(
        f"Bagging-Date: {day}\nExternal-Description: {title}\n"
        f"Payload-Oxum: {size}.{len(payload)}\n",
        encoding="utf-8",
        newline="\n",
    )
    _list(root, MANIFEST, payload)
    tags = sorted(p for p in root.iterdir() if p.is_file() and p.name != TAG_MANIFEST)
    _list(root, TAG_MANIFEST, tags)
    return hash_of(root / TAG_MANIFEST)


def _list(root: Path, name: str, paths: list[Path]) -> None:
    rows = (f"{hash_of(path)}  {_encoded(path.relative_to(root).as_posix())}\n" for path in paths)
    (root / name).write_text("".join(rows), encoding="utf-8", newline="\n")


def _encoded(path: str) -> str:
    """RFC 8493, 2.1.3: line ends and the percent sign itself are written as percent escapes."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def hash_of(path: Path) -> str:
    """SHA-256 of a file, read a piece at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
