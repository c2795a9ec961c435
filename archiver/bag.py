"""BagIt (RFC 8493): the form of everything that leaves the archive whole.

Only writing is done here, because the hashes are known already; reading a bag and checking it is
the bagit library's.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from archiver.disk import Disk
from archiver.model import Digest

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@dataclass(frozen=True, slots=True)
class Payload:
    """One file of a bag's payload."""

    path: str  # below data/, with /
    digest: Digest
    size: int  # bytes


def write_tags(bag: Path, payload: Iterable[Payload], about: Mapping[str, str], on: date) -> None:
    """Write a bag's tag files, each whole or not at all, the manifest first.

    Args:
        bag: its folder; the payload is in ``data/`` already.
        payload: every file below ``data/``.
        about: further lines of bag-info.txt.
        on: the Bagging-Date.
    """
    files = sorted(payload, key=lambda file: file.path)
    oxum = f"{sum(file.size for file in files)}.{len(files)}"
    info = {**about, "Bagging-Date": on.isoformat(), "Payload-Oxum": oxum}
    tags = {
        "manifest-sha256.txt": "".join(
            f"{file.digest}  data/{_escaped(file.path)}\n" for file in files
        ).encode(),
        "bag-info.txt": "".join(
            f"{name}: {' '.join(value.split())}\n" for name, value in sorted(info.items())
        ).encode(),
        "bagit.txt": DECLARATION,
    }
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in tags.items()}
    tags["tagmanifest-sha256.txt"] = "".join(
        f"{digest}  {name}\n" for name, digest in sorted(sums.items())
    ).encode()
    for name, content in tags.items():
        replace_file(bag / name, content)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place of an older one, durable on return; never half of it."""
    working = path.with_name(f".{path.name}.new")
    working.unlink(missing_ok=True)
    disk = Disk()
    disk.write(str(working), [content])
    disk.sync([str(working)])
    os.replace(working, path)  # noqa: PTH105 - named as POSIX names what it does
    disk.sync([str(path.parent)])


def _escaped(path: str) -> str:
    """RFC 8493, 2.1.3: only these three would break a manifest's lines."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
