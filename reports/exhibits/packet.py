"""Edge: a plan to a packet on disk, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from archiver.errors import ArchiveError, ExitCode
from archiver.model import Digest
from archiver.progress import Progress
from indexers.mime import all_text
from indexers.model import Message, Part
from reports.exhibits import papers
from reports.exhibits.bag import close_bag, hash_of
from reports.exhibits.check import Packet
from reports.exhibits.combine import combine
from reports.exhibits.desk import Desk
from reports.exhibits.job import Job, Written
from reports.exhibits.labels import bates_of, file_stem, label_of
from reports.exhibits.model import Exhibit, Numbered
from reports.exhibits.pages import Made, PageMaker
from reports.exhibits.record import (
    PageRow,
    exhibits_json,
    pages_jsonl,
    readme,
    safe_name,
    stamps_of,
)
from reports.exhibits.redaction_log import RedactionLog, leaks
from reports.exhibits.stamp import page_sizes, stamped
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

    hint = (
        "Check that the folder is yours and the disk not full, and try again. A volume whose "
        "numbers are on record already is made with --again."
    )

    def __init__(self, path: Path, why: OSError) -> None:
        super().__init__(f"The packet {path} could not be written: {why.strerror or why}.")


class PacketUnsoundError(ArchiveError):
    """The finished packet does not pass its own check."""

    hint = "This is a fault of the program; please report it. Nothing was written."

    def __init__(self, wrong: Sequence[tuple[str, str]]) -> None:
        listed = "".join(f"\n  - {where}: {what}" for where, what in wrong[:10])
        super().__init__(f"The packet does not pass its own check:{listed}")


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
            desk = Desk(job, self.data / "papers", setter)
            front = desk.exhibit_list(self.exhibits)
            desk.completeness(self.exhibits)
            desk.chronology(self.exhibits)
            packets, rows = combine(job, self.data, self.exhibits, front)
            desk.drafts(self.people, list(packets))
        if job.redactor.active:
            self._write("record/redactions.jsonl", self.log.text())
        self._record(packets, rows)
        self._refuse(packets)
        self._write("README.txt", readme(job.title, self._main_files(list(packets))), self.root)
        script = files("reports.exhibits").joinpath("check.py").read_bytes()
        (self.root / "check.py").write_bytes(script)
        seal = close_bag(self.root, job.made.date().isoformat(), job.title)
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
