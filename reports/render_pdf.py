"""A chronology as a typeset PDF: tagged (PDF/UA-1), archival (PDF/A-2a), always the same bytes.

Typst sets it, because its wheels bring everything along (no Pango, no browser), it writes tagged
and archival files, and the words arrive as data that it never reads as markup.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from typing import Any, cast

from archiver.errors import ArchiveError
from reports.lines import Line, moment
from reports.view import Report
from reports.words import MONTHS, day

_STANDARDS = ["a-2a", "ua-1"]
_PAGE = 2000  # characters: longer entries may be divided between pages


class TypesettingError(ArchiveError):
    """The page could not be typeset."""

    hint = "Write the report as .html or .docx instead, and print that."

    def __init__(self, why: str) -> None:
        super().__init__(f"The PDF could not be typeset: {why}.")


@dataclass(frozen=True, slots=True)
class Pdf:
    """A finished PDF, and what a person should know of it."""

    content: bytes
    notes: tuple[str, ...]  # plain sentences; none where all went as it should


def render_pdf(report: Report) -> Pdf:
    """The chronology on US letter paper with contents, running header and page numbers.

    Raises:
        TypesettingError: typst could not set it.
    """
    facts = report.facts
    local = facts.as_of.astimezone(facts.zone)
    everything = (*report.lines, *report.appendix)
    brief = report.brief
    unconfirmed = sum(not line.confirmed for line in everything)
    data = {
        "title": report.title,
        "child": facts.child,
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "as_of_day": day(local.date()),
        "lead": "What the school’s correspondence says happened, in order of date"
        + ("." if brief else ", with the exact words."),
        "notes": [
            *report.notes,
            *(
                [
                    f"{unconfirmed} of {len(everything)} entries are suggestions: a program found "
                    "them by reading the mail, and no person has confirmed them yet. An entry says "
                    "that something was written, not that it is so."
                ]
                if unconfirmed
                else []
            ),
        ],
        "facts": [
            ("Entries", str(len(everything))),
            ("Messages read for it", str(facts.originals)),
            ("As of", moment(facts.as_of, facts.zone)),
            ("Times", f"are those of {facts.zone.key}"),
            ("End of the record’s chain", facts.head),
        ],
        "brief": brief,
        "contents": not brief and len({(e.on.year, e.on.month) for e in everything}) > 1,
        "lines": _flat(report.lines) if brief else _months(report.lines),
        "appendix": _flat(report.appendix) if brief else _months(report.appendix),
        "check": "The 64 characters after “SHA-256” are the file name of the message in the "
        "archive’s folder “originals”. That file matches the bytes received from the mail server "
        "as long as its SHA-256 is its name; README.txt in the archive tells how to check that "
        "without this program. For the parent’s own record it is the link of its line in the "
        "archive’s journal.jsonl. Something that is not here may still have happened, or may stand "
        "in what could not be read.",
    }
    return typeset("chronology.typ", data, local.isoformat())


def typeset(template: str, data: dict[str, object], at: str) -> Pdf:
    """Set a template with data.

    Args:
        template: a file in reports/templates.
        data: what it shows, as JSON.
        at: the moment written into the file as its date, ISO with its offset.

    Raises:
        TypesettingError: typst could not set it.
    """
    from datetime import datetime  # noqa: PLC0415

    import typst  # noqa: PLC0415

    source = files("reports").joinpath(f"templates/{template}").read_bytes()
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    stamp = datetime.fromisoformat(at)
    why = ""
    # The fonts inside typst first: with them the same words give the same bytes on every computer.
    for own_fonts, standards, note in (
        (True, _STANDARDS, ""),
        (False, _STANDARDS, "It uses fonts of this computer for letters that ours do not have."),
        (False, [], "Some letters have no font here, so the PDF is not an archival one (PDF/A)."),
    ):
        try:
            compiler = typst.Compiler(source, ignore_system_fonts=own_fonts, sys_inputs=inputs)
            content = compiler.compile(
                format="pdf", pdf_standards=cast(Any, standards), timestamp=stamp
            )
        except typst.TypstError as error:
            why = str(error).splitlines()[0]
            continue
        if isinstance(content, bytes):
            return Pdf(content, (note,) if note else ())
    raise TypesettingError(why)


def _months(lines: Sequence[Line]) -> list[dict[str, object]]:
    return [
        {"name": f"{MONTHS[month - 1]} {year}", "lines": _flat(list(rows))}
        for (year, month), rows in groupby(lines, key=lambda line: (line.on.year, line.on.month))
    ]


def _flat(lines: Sequence[Line]) -> list[dict[str, object]]:
    return [
        {
            "number": line.number,
            "when": line.when,
            "short": line.on.isoformat() + (f" to {line.end.isoformat()}" if line.end else ""),
            "kind": line.kind,
            "service": line.service,
            "actor": line.actor,
            "status": line.status,
            "confirmed": line.confirmed,
            "happened": line.happened,
            "links": [link.said.replace("See No. ", "See No.\u00a0") for link in line.links],
            "long": sum(len(source.quote) + 300 for source in line.sources) > _PAGE,
            "sources": [
                {
                    "quote": source.quote,
                    "said": source.said,
                    "digest": source.digest,
                }
                for source in line.sources
            ],
        }
        for line in lines
    ]
