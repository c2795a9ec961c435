"""What was redacted where, without saying what; and the search for anything that got through."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from archiver.errors import ArchiveError
from reports.exhibits.apart import Apart
from reports.exhibits.model import Exhibit
from reports.exhibits.pages import Made
from reports.exhibits.redact import Box, LeftOut, Redactor


class UnsearchableError(ArchiveError):
    """A finished file cannot be searched for names, so nobody can say that it has none."""

    hint = "Nothing was written. Leave out the message whose attachment is damaged, and try again."

    def __init__(self, path: Path) -> None:
        super().__init__(f"The finished file {path.name} cannot be searched for the names.")


class RedactionLog:
    """Lines of record/redactions.jsonl: exhibit, page, place, reason; never the name itself."""

    def __init__(self) -> None:
        self._rows: list[dict[str, object]] = []
        self.to_look_at = 0  # pages with pictures that no program searched

    def add(self, exhibit: Exhibit, made: Sequence[Made]) -> None:
        """Note what was done to an exhibit's sections."""
        before = 0
        name = exhibit.label or str(exhibit.number)
        for part in made:
            section = part.section
            if part.words:
                self._put(name, before + 1, section.title, "a name, masked in words")
            if part.unsearched:
                self._put(name, before + 1, section.title, "a picture that cannot be searched")
            for mark in part.marks:
                if isinstance(mark, Box):
                    box = [round(x, 1) for x in (mark.left, mark.bottom, mark.right, mark.top)]
                    what = "a name, painted over; the page is now a picture"
                    self._put(name, before + mark.page, section.title, what, box)
                elif isinstance(mark, LeftOut):
                    what = "the page cannot be searched for names and is left out"
                    self._put(name, before + mark.page, section.title, what)
                else:
                    what = "a picture on the page was not searched: look at it"
                    self._put(name, before + mark.page, section.title, what)
                    self.to_look_at += 1
            before += section.pages

    def text(self) -> str:
        """JSON lines."""
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self._rows)

    def _put(
        self, exhibit: str, page: int, title: str, why: str, box: list[float] | None = None
    ) -> None:
        row: dict[str, object] = {"exhibit": exhibit, "page": page, "document": title, "why": why}
        if box:
            row["box_points"] = box
        if row not in self._rows[-1:]:
            self._rows.append(row)


def leaks(data: Path, redactor: Redactor, apart: Apart) -> list[str]:
    """Every written file in which a name can still be found: words, page text, file names."""
    found = []
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        where = path.relative_to(data).as_posix()
        if redactor.finds(where) or any(map(redactor.finds, _texts(path, apart))):
            found.append(f"A name that is to be redacted is still found in {redactor.text(where)}.")
    return found


def _texts(path: Path, apart: Apart) -> Iterator[str]:
    if path.suffix == ".pdf":
        said, _ = apart.ask("words", path.read_bytes())
        if "reason" in said:
            raise UnsearchableError(path)
        yield from said["texts"]
    elif path.suffix == ".docx":
        import zipfile  # noqa: PLC0415

        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("utf-8", "replace")
    else:
        yield path.read_bytes().decode("utf-8", "replace")
