"""Which format a chronology is written in, by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from archiver.errors import ArchiveError, ExitCode
from reports.view import Report

PAPER = frozenset({".pdf", ".docx"})
"""Formats that are handed on as they are: only what a person confirmed, unless asked."""


class UnknownFormatError(ArchiveError):
    """A file name that ends in no format we write."""

    exit_code = ExitCode.USAGE
    hint = "The ending of the name chooses the format."

    def __init__(self, path: Path, known: Iterable[str]) -> None:
        super().__init__(f"{path.name}: choose a name that ends in {', '.join(known)}.")
        self.path = path


_RENDERED = (".html", ".pdf", ".docx", ".xlsx", ".csv", ".json", ".ics")


def check_format(path: Path) -> None:
    """Say that a format is unknown before any work is done.

    Raises:
        UnknownFormatError: the name ends in none of the formats.
    """
    if path.suffix.lower() not in _RENDERED:
        raise UnknownFormatError(path, _RENDERED)


def render(report: Report, path: Path, originals: str = "") -> tuple[str | bytes, tuple[str, ...]]:
    """A chronology in the format of a file name: what to write, and notes for the person.

    Args:
        report: what it shows.
        path: only its ending counts.
        originals: for the page's links, as ``render_html`` takes it.

    Raises:
        UnknownFormatError: the name ends in none of the formats.
    """
    renderers: dict[str, Callable[[], tuple[str | bytes, tuple[str, ...]]]] = {
        ".html": lambda: (_html(report, originals), ()),
        ".pdf": lambda: _pdf(report),
        ".docx": lambda: (_docx(report), ()),
        ".xlsx": lambda: (_xlsx(report), ()),
        ".csv": lambda: (_csv(report), ()),
        ".json": lambda: (_json(report), ()),
        ".ics": lambda: (_ics(report), ()),
    }
    check_format(path)
    return renderers[path.suffix.lower()]()


def _html(report: Report, originals: str) -> str:
    from reports.render_html import render_html  # noqa: PLC0415

    return render_html(report, originals)


def _pdf(report: Report) -> tuple[bytes, tuple[str, ...]]:
    from reports.render_pdf import render_pdf  # noqa: PLC0415

    pdf = render_pdf(report)
    return pdf.content, pdf.notes


def _docx(report: Report) -> bytes:
    from reports.render_docx import render_docx  # noqa: PLC0415

    return render_docx(report)


def _xlsx(report: Report) -> bytes:
    from reports.render_sheet import chronology_rows, render_xlsx  # noqa: PLC0415

    sheets = {"Chronology": list(chronology_rows(report.lines))}
    if report.appendix:
        sheets["Suggestions"] = list(chronology_rows(report.appendix))
    return render_xlsx(sheets, report.title, report.facts.as_of)


def _csv(report: Report) -> str:
    from reports.render_sheet import chronology_rows, render_csv  # noqa: PLC0415

    # The mark tells Excel that it is UTF-8.
    return "\ufeff" + render_csv(chronology_rows((*report.lines, *report.appendix)))


def _json(report: Report) -> str:
    from reports.render_rows import render_json  # noqa: PLC0415

    return render_json(report)


def _ics(report: Report) -> bytes:
    from reports.render_ics import render_ics  # noqa: PLC0415

    return render_ics(report)
