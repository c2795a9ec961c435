"""Edge: a plan to a packet on disk, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver.errors import ArchiveError, ExitCode
from archiver.model import Digest
from archiver.progress import Progress
from archiver.roles import AddressBook
from indexers.mime import all_text
from indexers.model import Message, Part
from reports.exhibits import papers
from reports.exhibits.apart import Apart
from reports.exhibits.bag import close_bag, hash_of
from reports.exhibits.check import Packet, page_digests
from reports.exhibits.drafts import to_docx
from reports.exhibits.labels import bates_of, file_stem, label_of
from reports.exhibits.model import Exhibit, Numbered, Plan, Profile
from reports.exhibits.office import Office
from reports.exhibits.pages import Made, PageMaker
from reports.exhibits.record import (
    PageRow,
    exhibits_json,
    pages_jsonl,
    readme,
    safe_name,
    stamps_of,
)
from reports.exhibits.redact import Redactor
from reports.exhibits.redaction_log import RedactionLog, leaks
from reports.exhibits.stamp import bookmarked, page_count, page_sizes, stamped
from reports.exhibits.typeset import Typesetter
from reports.exhibits.validate import PacketRefusedError, problems_of
from reports.exhibits.withhold import tells_too_much


class FolderTakenError(ArchiveError):
    """Something lies where the packet is to go."""

    exit_code = ExitCode.USAGE
    hint = "Name another folder with -o, or move that one away. A packet is never written over."

    def __init__(self, path: Path) -> None:
        super().__init__(f"The folder {path} is there already and is not empty.")


class PacketUnwritableError(ArchiveError):
    """The disk does not take the packet."""

    hint = "Check that the folder is yours and the disk not full. No number was given out."

    def __init__(self, path: Path, why: OSError) -> None:
        super().__init__(f"The packet {path} could not be written: {why.strerror or why}.")


class PacketUnsoundError(ArchiveError):
    """The finished packet does not pass its own check."""

    hint = "This is a fault of the program; please report it. Nothing was written."

    def __init__(self, wrong: Sequence[tuple[str, str]]) -> None:
        listed = "".join(f"\n  - {where}: {what}" for where, what in wrong[:10])
        super().__init__(f"The packet does not pass its own check:{listed}")


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that a packet is made of."""

    plan: Plan
    profile: Profile
    out: Path
    load: Callable[[Digest], tuple[bytes, Message]]  # an original, checked, and as read
    journal_lines: Mapping[Digest, bytes]  # the first line that says each was received
    head: tuple[int, Digest]  # entries of the journal and its last link
    made: datetime  # UTC; the moment that the packet gives as its own
    zone: ZoneInfo
    book: AddressBook
    office: Office | None
    apart: Apart  # where hostile attachments are opened
    chronology: Callable[[Sequence[Exhibit]], Mapping[str, str]]  # file name to text
    texts: Callable[[Digest], Mapping[str, str]]  # attachment text by MIME path
    redactor: Redactor = field(default_factory=Redactor)
    frozen: tuple[int, ...] | None = None  # pages of each exhibit at the first export


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    exhibits: tuple[Exhibit, ...]
    packets: tuple[str, ...]
    seal: str  # SHA-256 that stands for every byte of the packet
    checks: tuple[str, ...]  # what the packet's own script found good
    to_look_at: int  # pages with pictures that were not searched for redacted names
    not_shown: int  # characters that no face on this computer has


def write_packet(job: Job, progress: Progress, keep: Callable[[Written], None]) -> Written:
    """Make the packet beside its place, check it, and move it there.

    ``keep`` is told before the packet takes its place, so that its numbers are on record first: a
    crash between the two leaves numbers that nobody has, never a packet whose numbers go out twice.

    Raises:
        FolderTakenError, PacketUnwritableError: about the folder.
        PacketRefusedError: it breaks its profile or lets a redacted name through.
        PacketUnsoundError: the finished packet does not pass the script that it carries.
    """
    if job.out.exists() and (not job.out.is_dir() or any(job.out.iterdir())):
        raise FolderTakenError(job.out)
    try:
        job.out.parent.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=".packet-", dir=job.out.parent))
    except OSError as error:
        raise PacketUnwritableError(job.out, error) from error
    try:
        written = _Writer(job, working, progress).write()
        working.chmod(0o755)
        keep(written)
        if job.out.exists():
            job.out.rmdir()
        working.rename(job.out)
    except OSError as error:
        raise PacketUnwritableError(job.out, error) from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return written


class _Writer:
    """The steps, in order; each leaves its files below ``root`` and its facts here."""

    def __init__(self, job: Job, root: Path, progress: Progress) -> None:
        self.job, self.root, self.progress = job, root, progress
        self.data = root / "data"
        self.exhibits: list[Exhibit] = []
        self.people: list[tuple[Exhibit, list[Message]]] = []
        self.natives: dict[tuple[Digest, str], str] = {}
        self.lines: list[bytes] = []
        self.no_line: list[Digest] = []
        self.log = RedactionLog()
        self.not_shown = 0
        for name in ("exhibits", "native", "papers", "record"):
            (self.data / name).mkdir(parents=True)

    def write(self) -> Written:
        job, profile = self.job, self.job.profile
        self.progress.start("making exhibits", len(job.plan.exhibits))
        with Typesetter() as setter:
            maker = PageMaker(profile.frame, job.zone, setter, job.office, job.apart, job.redactor)
            for numbered in job.plan.exhibits:
                self._exhibit(numbered, maker)
                self.progress.step()
            self.progress.finish()
            self.not_shown = maker.not_shown
            front = self._list_pdf(setter)
            self._completeness(setter)
        packets, rows = self._combine(front)
        self._papers(list(packets))
        self._record(packets, rows)
        self._refuse(packets)
        self._write("README.txt", readme(self._title(), self._main_files(list(packets))), self.root)
        script = files("reports.exhibits").joinpath("check.py").read_bytes()
        (self.root / "check.py").write_bytes(script)
        seal = close_bag(self.root, job.made.date().isoformat(), self._title())
        packet = Packet(self.root)
        packet.check(seal)
        if packet.wrong:
            raise PacketUnsoundError(packet.wrong)
        return Written(
            tuple(self.exhibits),
            tuple(packets),
            seal,
            tuple(packet.done),
            self.log.to_look_at,
            self.not_shown,
        )

    def _exhibit(self, numbered: Numbered, maker: PageMaker) -> None:
        job, profile = self.job, self.job.profile
        first = self.exhibits[-1].last_bates + 1 if self.exhibits else job.plan.first_bates
        label = label_of(profile, numbered.number)
        stem = file_stem(label, numbered.number, bates_of(profile, first))
        made: list[Made] = []
        messages: list[Message] = []
        for place, digest in enumerate(numbered.digests, 1):
            raw, message = job.load(digest)
            folder = f"native/{stem}" + (f"/{place:02d}" if len(numbered.digests) > 1 else "")
            parts = list(maker.sections(raw, message))
            self._native(raw, message, parts, folder)
            self._line(digest)
            made += parts
            messages.append(message)
        hide = job.redactor.text
        exhibit = Exhibit(
            numbered.number,
            label,
            hide(papers.describe(messages)),
            messages[0].date,
            hide(papers.names_of([messages[0].sender])),
            hide(papers.names_of([*messages[0].to, *messages[0].cc, *messages[0].bcc])),
            tuple(part.section for part in made),
            numbered.digests,
            first,
            f"{stem}.pdf",
        )
        self.log.add(exhibit, made)
        out = self.data / "exhibits" / exhibit.file
        stamped(
            [part.pdf for part in made],
            profile,
            lambda page: stamps_of(profile, exhibit, page),
            out,
        )
        self.exhibits.append(exhibit)
        self.people.append((exhibit, messages))

    def _native(self, raw: bytes, message: Message, made: Sequence[Made], folder: str) -> None:
        """The originals, but for those in which a redacted name stands or might stand."""
        redactor = self.job.redactor
        contents = {part.path: part for part in message.attachments}
        texts = self.job.texts(message.digest)
        clean = not redactor.active
        if redactor.active:
            # One attachment that cannot be shown to be clean keeps the whole message back: the
            # .eml holds it too.
            hay = [all_text(raw), *texts.values(), *(p.name for p in message.attachments)]
            hay += [text for part in message.attachments for text in self._properties(part)]
            clean = not any(map(redactor.finds, hay)) and all(
                part.section.part == "message"
                or (part.section.how != "picture" and not part.marks and not part.unsearched
                    and part.section.part in texts)
                for part in made
            )  # fmt: skip
        if not clean:
            return
        (self.data / folder).mkdir(parents=True, exist_ok=True)
        for number, part in enumerate(made):
            attached = contents.get(part.section.part)
            name = "message.eml" if attached is None else f"{number:02d} {safe_name(attached.name)}"
            (self.data / folder / name).write_bytes(raw if attached is None else attached.content)
            self.natives[(message.digest, part.section.part)] = f"{folder}/{name}"

    def _properties(self, part: Part) -> list[str]:
        said, _ = self.job.apart.ask("properties", part.content, media_type=part.media_type)
        return list(said.get("texts", ()))

    def _line(self, digest: Digest) -> None:
        line = self.job.journal_lines.get(digest)
        text = (line or b"{}").decode("utf-8", "replace")
        folder = str(json.loads(text).get("folder", ""))
        if line is None or self.job.redactor.finds(text) or tells_too_much(folder):
            self.no_line.append(digest)
        else:
            self.lines.append(line)

    def _title(self) -> str:
        job = self.job
        return f"Exhibits of the {job.profile.offered_by.lower()}{self._volume()}"

    def _volume(self) -> str:
        return f", volume {self.job.plan.volume}" if self.job.plan.volume > 1 else ""

    def _list_pdf(self, setter: Typesetter) -> bytes:
        job, profile = self.job, self.job.profile
        rows = papers.list_rows(self.exhibits, profile, job.zone)
        pages = sum(exhibit.pages for exhibit in self.exhibits)
        wide, high = profile.page_size
        table = {
            "width": wide,
            "height": high,
            "title": f"Exhibit list{self._volume()}",
            "lead": [
                f"Offered by: {profile.offered_by}. {papers.count(len(rows), 'exhibit')}, "
                f"{papers.count(pages, 'page')}."
            ],
            "columns": papers.LIST_WIDTHS,
            "head": papers.LIST_COLUMNS,
            "rows": rows,
            "foot": [f"Dates are those of the messages, in the time zone {job.zone.key}."],
        }
        made = setter.typeset("list", table)
        (self.data / "papers" / "exhibit-list.pdf").write_bytes(made)
        return made

    def _completeness(self, setter: Typesetter) -> None:
        job = self.job
        paper = papers.completeness(self.exhibits, job.plan.volume, redacted=job.redactor.active)
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
        sheet = {"width": wide, "height": high, "title": paper.title, "subtitle": self._title()}
        made = setter.typeset("text", {**sheet, "body": blocks})
        (self.data / "papers" / "completeness.pdf").write_bytes(made)

    def _combine(self, front: bytes) -> tuple[dict[str, int], list[PageRow]]:
        """The combined files, split so that each keeps to the profile's limit."""
        limit = self.job.profile.max_file_bytes
        groups: list[list[Exhibit]] = [[]]
        size = len(front)
        for exhibit in self.exhibits:
            own = (self.data / "exhibits" / exhibit.file).stat().st_size
            # Pages that are joined share nothing and lose little: the sum is the upper bound.
            if groups[-1] and size + own > limit:
                groups.append([])
                size = 0
            groups[-1].append(exhibit)
            size += own
        packets: dict[str, int] = {}
        rows: list[PageRow] = []
        list_file = self.data / "papers" / "exhibit-list.pdf"
        for number, group in enumerate(groups, 1):
            name = "packet.pdf" if len(groups) == 1 else f"packet-part-{number}.pdf"
            parts: list[tuple[Path, list[tuple[str, int, list[tuple[str, int]]]]]] = []
            at = 0
            if number == 1:
                parts.append((list_file, [("Exhibit list", 0, [])]))
                at = page_count(front)
            packets[name] = at
            for exhibit in group:
                path = self.data / "exhibits" / exhibit.file
                parts.append((path, [self._bookmark(exhibit)]))
                for page, digest in enumerate(page_digests(path.read_bytes()), 1):
                    at += 1
                    rows.append(
                        PageRow(
                            exhibit.first_bates + page - 1, exhibit.number, page, exhibit.pages,
                            digest, f"exhibits/{exhibit.file}", name, at,
                        )
                    )  # fmt: skip
            bookmarked(parts, self._title(), self.data / name)
        return packets, rows

    def _bookmark(self, exhibit: Exhibit) -> tuple[str, int, list[tuple[str, int]]]:
        on = papers.iso_day(exhibit.date, self.job.zone)
        name = exhibit.label or bates_of(self.job.profile, exhibit.first_bates)
        below, at = [], 0
        for section in exhibit.sections:
            below.append((section.title, at))
            at += section.pages
        return f"{name}  {on}  {exhibit.description}", 0, below if len(below) > 1 else []

    def _papers(self, packets: Sequence[str]) -> None:
        job, profile = self.job, self.job.profile
        hide = job.redactor.text
        first, last = self.exhibits[0], self.exhibits[-1]
        span = f"{first.label}–{last.label}" if first.label else "produced"
        pages = sum(exhibit.pages for exhibit in self.exhibits)
        entries, head = job.head
        drafts = {
            "witness-list.docx": papers.witness_list(self.people, job.book),
            "certificate-of-service.docx": papers.certificate(profile, packets, span, pages),
            "declaration.docx": papers.declaration(
                len(self.exhibits), head, entries, job.made.astimezone(job.zone).date()
            ),
        }
        for name, paper in drafts.items():
            (self.data / "papers" / name).write_bytes(to_docx(hidden(paper, hide)))
        rows = [papers.LIST_COLUMNS, *papers.list_rows(self.exhibits, profile, job.zone)]
        self._write("papers/exhibit-list.csv", papers.csv_text(rows))
        for name, text in job.chronology(self.exhibits).items():
            self._write(f"papers/{name}", text)
        if job.redactor.active:
            self._write("record/redactions.jsonl", self.log.text())

    def _record(self, packets: Mapping[str, int], rows: Sequence[PageRow]) -> None:
        job = self.job
        made = job.made.isoformat(timespec="seconds").replace("+00:00", "Z")
        record = exhibits_json(
            job.profile, job.plan, made, job.head, self.exhibits, self.natives, packets,
            self.no_line,
        )  # fmt: skip
        self._write("record/exhibits.json", record)
        self._write("record/pages.jsonl", pages_jsonl(job.profile, rows, self.exhibits))
        (self.data / "record" / "journal-lines.jsonl").write_bytes(b"".join(self.lines))

    def _refuse(self, packets: Mapping[str, int]) -> None:
        sizes = {name: (self.data / name).stat().st_size for name in packets}
        found = {e.file: page_sizes(self.data / "exhibits" / e.file) for e in self.exhibits}
        problems = problems_of(self.job.profile, self.exhibits, sizes, found, self.job.frozen)
        if self.job.redactor.active:
            problems += leaks(self.data, self.job.redactor, self.job.apart)
        if problems:
            raise PacketRefusedError(self.job.profile, problems)

    def _main_files(self, packets: Sequence[str]) -> list[tuple[str, str]]:
        names = [f"data/{name}" for name in packets]
        names += ["data/papers/exhibit-list.pdf", "data/record/exhibits.json"]
        return [(hash_of(self.root / name), name) for name in names]

    def _write(self, name: str, text: str, root: Path | None = None) -> None:
        path = (root or self.data) / name
        path.write_text(text, encoding="utf-8", errors="replace", newline="\n")


def hidden(paper: papers.Paper, hide: Callable[[str], str]) -> papers.Paper:
    """A paper with the names of the redaction list masked."""
    return papers.Paper(
        hide(paper.title),
        tuple(map(hide, paper.paragraphs)),
        paper.head,
        tuple(tuple(map(hide, row)) for row in paper.rows),
        paper.after,
    )
