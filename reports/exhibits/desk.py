"""Edge: the papers that go with the exhibits, written into one folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from indexers.model import Message
from reports.exhibits import papers
from reports.exhibits.drafts import to_docx
from reports.exhibits.job import Job
from reports.exhibits.model import Exhibit
from reports.exhibits.stamp import page_count
from reports.exhibits.typeset import Typesetter

_SHOWN = (0, 1, 2, 5, 6)  # columns of the chronology that fit on paper
_SHOWN_WIDTHS = (15, 24, 36, 9, 13)


class Desk:
    """Writes lists, drafts and statements of one packet."""

    def __init__(self, job: Job, folder: Path, setter: Typesetter) -> None:
        self.job, self.folder, self._setter = job, folder, setter

    def exhibit_list(self, exhibits: Sequence[Exhibit]) -> int:
        """The exhibit list as PDF and CSV; returns the pages of the PDF."""
        job, profile = self.job, self.job.profile
        rows = papers.list_rows(exhibits, profile, job.zone)
        pages = sum(exhibit.pages for exhibit in exhibits)
        wide, high = profile.page_size
        table = {
            "width": wide,
            "height": high,
            "title": f"Exhibit list{job.volume_words}",
            "lead": [
                f"Offered by: {profile.offered_by}. {papers.count(len(rows), 'exhibit')}, "
                f"{papers.count(pages, 'page')}."
            ],
            "columns": papers.LIST_WIDTHS,
            "head": papers.LIST_COLUMNS,
            "rows": rows,
            "foot": [f"Dates are those of the messages, in the time zone {job.zone.key}."],
        }
        made = self._setter.typeset("list", table)
        (self.folder / "exhibit-list.pdf").write_bytes(made)
        self._csv("exhibit-list.csv", [papers.LIST_COLUMNS, *rows])
        return page_count(made)

    def completeness(self, exhibits: Sequence[Exhibit]) -> None:
        """What the packet holds and what it does not."""
        job = self.job
        paper = papers.completeness(exhibits, job.plan.volume, redacted=job.redactor.active)
        blocks = [{"k": "p", "runs": [{"t": t, "s": ""}], "space": True} for t in paper.paragraphs]
        if paper.rows:
            cells = [c for row in (paper.head, *paper.rows) for c in row]
            blocks.append({
                "k": "table",
                "columns": len(paper.head),
                "cells": [
                    {"body": [{"k": "p", "runs": [{"t": c, "s": ""}]}], "span": 1} for c in cells
                ],
            })  # fmt: skip
        wide, high = job.profile.page_size
        sheet = {"width": wide, "height": high, "title": paper.title, "subtitle": job.title}
        made = self._setter.typeset("text", {**sheet, "body": blocks})
        (self.folder / "completeness.pdf").write_bytes(made)

    def drafts(
        self, people: Sequence[tuple[Exhibit, Sequence[Message]]], packets: Sequence[str]
    ) -> None:
        """Witness list, certificate and declaration, to be completed by hand."""
        job, profile = self.job, self.job.profile
        first, last = people[0][0], people[-1][0]
        span = f"{first.label}–{last.label}" if first.label else "produced"
        pages = sum(exhibit.pages for exhibit, _ in people)
        entries, head = job.head
        made = job.made.astimezone(job.zone).date()
        drafts = {
            "witness-list.docx": papers.witness_list(people, job.book),
            "certificate-of-service.docx": papers.certificate(profile, packets, span, pages),
            "declaration.docx": papers.declaration(len(people), head, entries, made),
        }
        for name, paper in drafts.items():
            (self.folder / name).write_bytes(to_docx(hidden(paper, job.redactor.text)))

    def chronology(self, exhibits: Sequence[Exhibit]) -> None:
        """What these exhibits say happened when, as CSV with all columns and as PDF."""
        head, *rows = self.job.chronology(exhibits)
        wide, high = self.job.profile.page_size
        table = {
            "width": wide,
            "height": high,
            "title": f"Chronology{self.job.volume_words}",
            "lead": [
                "An aid, not evidence: found in these exhibits by a program. Each line gives the "
                "words it rests on and the page they stand on."
            ],
            "columns": _SHOWN_WIDTHS,
            "head": [head[i] for i in _SHOWN],
            "rows": [[row[i] for i in _SHOWN] for row in rows],
            "foot": [],
        }
        (self.folder / "chronology.pdf").write_bytes(self._setter.typeset("list", table))
        self._csv("chronology.csv", [head, *rows])

    def _csv(self, name: str, rows: Sequence[Sequence[str]]) -> None:
        text = papers.csv_text(rows)
        (self.folder / name).write_text(text, encoding="utf-8", errors="replace", newline="")


def hidden(paper: papers.Paper, hide: Callable[[str], str]) -> papers.Paper:
    """A paper with the names of the redaction list masked."""
    return papers.Paper(
        hide(paper.title),
        tuple(map(hide, paper.paragraphs)),
        paper.head,
        tuple(tuple(map(hide, row)) for row in paper.rows),
        paper.after,
    )
