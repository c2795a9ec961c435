"""Files within a file: their pages one after another, each saying whose it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from archiver.model import Digest
from indexers.extract.contract import Means
from indexers.model import Extracted, Page, Part, Skipped

_MAX_NOTES = 60


def part_within(outer: Part, name: str, content: bytes, media_type: str = "") -> Part:
    """A file within another, as an attachment of its own."""
    digest = Digest(hashlib.sha256(content).hexdigest())
    kind = media_type.lower() or "application/octet-stream"
    return Part(outer.path, kind, " ".join(name.split())[:150] or "unnamed", content, digest,
                inline=False)  # fmt: skip


def gather(
    first: str, parts: Iterable[Part], means: Means, version: str, said: list[str]
) -> Extracted | Skipped:
    """Read files within a file.

    Args:
        first: text of the file itself, "" where it has none.
        parts: what lies within it, in order.
        means: by which they are read.
        version: of the extractor that asks.
        said: what is to be told besides; whoever makes ``parts`` may go on adding to it.

    Returns:
        Pages numbered through. Each begins with a line in brackets that names its file; what
        could not be read is among the notes.
    """
    pages = [Page(1, first)] if first.strip() else []
    for part in parts:
        result = means.inside(part)
        if isinstance(result, Skipped):
            said.append(f"{part.name}: {result.reason}")
            continue
        said += [f"{part.name}: {note}" for note in result.notes]
        for page in result.pages:
            if not page.text.strip():
                continue
            several = page.number is not None and len(result.pages) > 1
            head = f"[{part.name}, page {page.number}]" if several else f"[{part.name}]"
            made = Page(len(pages) + 1, f"{head}\n{page.text}", page.tables)
            means.budget.characters -= len(made.text)
            pages.append(made)
            means.done(made)
        if means.budget.characters < 0:
            said.append("The rest of it was not read: too long.")
            break
    if len(said) > _MAX_NOTES:
        said[_MAX_NOTES:] = [f"{len(said) - _MAX_NOTES} more files in it were not read."]
    if pages:
        return Extracted(tuple(pages), version, tuple(said))
    why = f" {' '.join(said[:5])}" if said else ""
    return Skipped(f"There is nothing in it that could be read.{why}")
