"""Pure: a draft as a Word file that can be edited, the same paper giving the same bytes."""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO

from reports.exhibits.papers import Paper

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a ZIP file can state


def to_docx(paper: Paper) -> bytes:
    """The paper as .docx."""
    from docx import Document  # noqa: PLC0415

    document = Document()
    document.add_heading(paper.title, level=1)
    for text in paper.paragraphs:
        document.add_paragraph(_plain(text))
    if paper.head:
        table = document.add_table(rows=1, cols=len(paper.head))
        table.style = "Table Grid"
        for row in (paper.head, *paper.rows):
            cells = table.rows[0].cells if row is paper.head else table.add_row().cells
            for cell, text in zip(cells, row, strict=True):
                cell.text = _plain(text)
    for text in paper.after:
        document.add_paragraph(_plain(text))
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = paper.title
    properties.created = properties.modified = datetime(1980, 1, 1)  # noqa: DTZ001 - no zone in it
    out = BytesIO()
    document.save(out)
    return _without_clock(out.getvalue())


def _without_clock(archive: bytes) -> bytes:
    """The same ZIP with the time of day taken out of it."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as source, zipfile.ZipFile(out, "w") as made:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, source.read(name))
    return out.getvalue()


def _plain(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(c for c in text if c >= " " or c in "\t\n")
