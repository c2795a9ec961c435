"""What `papertrail bundle` does: choose, judge, number, list or write."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from filelock import FileLock, Timeout

from archiver.archive import Archive, ArchiveInUseError, read_archive
from archiver.cli.show import TerminalProgress, print_table
from archiver.config import Settings
from archiver.errors import ConfigError, ExitCode
from archiver.journal import EntryKind, Head, format_time, parse_time, read_entry
from archiver.model import Digest
from indexers import query
from indexers.mime import read_message
from indexers.model import Message
from reports.exhibits import papers
from reports.exhibits.apart import Apart
from reports.exhibits.choose import (
    Wanted,
    all_messages,
    attachment_texts,
    choose,
    judge_all,
    resolve,
)
from reports.exhibits.chronology import chronology_rows
from reports.exhibits.job import Job, Written
from reports.exhibits.labels import bates_of, label_of
from reports.exhibits.mail_pages import size_words
from reports.exhibits.model import Exhibit, Plan, Withheld
from reports.exhibits.office import find_office
from reports.exhibits.packet import write_packet
from reports.exhibits.plan import NothingChosenError, plan_volume
from reports.exhibits.profiles import load_profile
from reports.exhibits.redact import Redactor, read_names
from reports.exhibits.register import Volume, dump_register, load_register
from reports.page import write_page

_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,60}")


class Bundler:
    """One run of the command."""

    def __init__(
        self,
        settings: Settings,
        db: sqlite3.Connection,
        profile: str,
        profile_file: Path | None,
        names: Path | None,
        case: str,
        apart: Apart,
    ) -> None:
        if not _CASE.fullmatch(case):
            raise ConfigError(None, [f"--case {case!r}: use letters, digits, spaces and . _ -"])
        self.settings, self.db, self.apart = settings, db, apart
        self.profile = load_profile(profile, profile_file)
        self.redactor = read_names(names) if names else Redactor()
        self.archive = Archive(settings.archive.path)
        self.folder = self.archive.exports / "exhibits" / case
        self.register = load_register(self.folder / "register.json")
        self.book = settings.address_book()

    def run(
        self,
        wanted: Wanted,
        disclose: Sequence[str],
        again: int | None,
        output: Path | None,
        withheld_list: Path | None,
        *,
        dry_run: bool,
    ) -> int:
        """Returns the exit status: 1 where something chosen stays in the archive."""
        before = self._volume(again) if again else None
        if before:
            plan = Plan(before.number, before.exhibits, before.first_bates, again=True)
            withheld: list[Withheld] = []
        else:
            disclosed = {resolve(self.db, name) for name in disclose}
            chosen = choose(self.db, wanted)
            chosen, withheld = judge_all(
                self.db, chosen, self.load, self.book, self.apart, disclosed
            )
            self._say_withheld(withheld)
            if withheld_list:
                self._write_withheld(withheld, withheld_list)
            if not chosen:
                raise NothingChosenError(len(withheld))
            known = {m.digest: m for m in all_messages(self.db)}
            plan = plan_volume(known, chosen, self.profile, self.register)
            if plan.again:
                before = self._volume(plan.volume)
        if dry_run:
            self._list(plan)
        else:
            with self._alone():
                self._write(plan, before, output)
        return ExitCode.ATTENTION if withheld else ExitCode.DONE

    def load(self, digest: Digest) -> tuple[bytes, Message]:
        """An original, checked against its digest, and what it says."""
        raw = self.archive.vault.read(digest)
        return raw, read_message(raw)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two packets at a time would be given the same numbers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / ".lock", timeout=0):
                if load_register(self.folder / "register.json") != self.register:
                    raise ArchiveInUseError(self.folder)
                yield
        except Timeout as error:
            raise ArchiveInUseError(self.folder) from error

    def _volume(self, number: int) -> Volume:
        for volume in self.register.volumes:
            if volume.number == number:
                self._must_match(volume)
                return volume
        raise ConfigError(None, [f"--again {number}: there is no such volume of this case"])

    def _must_match(self, volume: Volume) -> None:
        """The same bytes need the same profile and the same list of names."""
        if volume.profile != self.profile.name:
            what = f"volume {volume.number} was made with --profile {volume.profile}"
            raise ConfigError(None, [what])
        if volume.redacted != self.redactor.digest:
            how = "with another list of names" if volume.redacted else "without --redact"
            raise ConfigError(None, [f"volume {volume.number} was made {how}; use another --case"])

    def _say_withheld(self, withheld: Sequence[Withheld]) -> None:
        if not withheld:
            return
        click.echo("These stay in the archive (this list is for you; it does not leave):", err=True)
        for item in withheld:
            found = query.message(self.db, item.digest)
            day = f"{found.date:%Y-%m-%d}" if found and found.date else "no date"
            subject = found.subject if found else ""
            click.echo(f"  {item.digest[:12]}  {day}  {subject}: {item.sentence}", err=True)
        click.echo("To put one in all the same: --disclose and its number.", err=True)

    def _write_withheld(self, withheld: Sequence[Withheld], path: Path) -> None:
        """A privilege log: date, people, kind and basis; no subject and no content."""
        rows: list[tuple[str, ...]] = [("Date", "From", "To", "Type", "Basis", "SHA-256")]
        for item in withheld:
            found = query.message(self.db, item.digest)
            day = papers.iso_day(found.date if found else None, self.settings.timezone)
            sender = papers.names_of([found.sender]) if found else ""
            to = papers.names_of([*found.to, *found.cc], most=50) if found else ""
            rows.append((day, sender, to, "e-mail", item.why.replace("_", " "), item.digest))
        write_page(path, papers.csv_text(rows))
        click.echo(f"Wrote the list of what stays to {path}", err=True)

    def _list(self, plan: Plan) -> None:
        rows: list[tuple[str, ...]] = []
        for exhibit in plan.exhibits:
            label = label_of(self.profile, exhibit.number) or str(exhibit.number)
            for digest in exhibit.digests:
                raw, message = self.load(digest)
                sender = papers.names_of([message.sender])
                rows.append(
                    (label, f"{sender}: {message.subject}", size_words(len(raw)), digest[:12])
                )
                rows += [
                    (
                        "",
                        f"  attached: {part.name}",
                        size_words(len(part.content)),
                        part.digest[:12],
                    )
                    for part in message.attachments
                ]
        click.echo(f"Volume {plan.volume} would hold:")
        print_table(("exhibit", "document", "size", "sha256"), rows)
        first = bates_of(self.profile, plan.first_bates)
        exhibits = papers.count(len(plan.exhibits), "exhibit")
        click.echo(f"{exhibits}, {papers.count(len(rows), 'document')}, pages from {first} on.")
        if self.redactor.active:
            click.echo("Originals in which a name of the list stands would not leave.")
        if self.profile.note:
            click.echo(self.profile.note)
        click.echo("Nothing was written. Without --dry-run these numbers are given out for good.")

    def _write(self, plan: Plan, before: Volume | None, output: Path | None) -> None:
        lines, head = self._journal({d for e in plan.exhibits for d in e.digests}, before)
        made = parse_time(before.made) if before else datetime.now(UTC).replace(microsecond=0)
        out = output or self.folder / f"volume-{plan.volume}"
        job = Job(
            plan=plan,
            profile=self.profile,
            out=out,
            load=self.load,
            journal_lines=lines,
            head=(head.entries, head.link),
            made=made,
            zone=self.settings.timezone,
            book=self.book,
            office=find_office(self.archive.derived / "converted"),
            apart=self.apart,
            chronology=self._chronology,
            texts=lambda digest: attachment_texts(self.db, digest),
            redactor=self.redactor,
            frozen=before.pages if before else None,
        )

        def keep(written: Written) -> None:
            if before is None:
                self._register(plan, made, head, written)

        written = write_packet(job, TerminalProgress(), keep)
        self._say_written(written, out, before)

    def _register(self, plan: Plan, made: datetime, head: Head, written: Written) -> None:
        volume = Volume(
            number=plan.volume,
            profile=self.profile.name,
            made=format_time(made),
            entries=head.entries,
            head=head.link,
            first_bates=plan.first_bates,
            exhibits=plan.exhibits,
            pages=tuple(exhibit.pages for exhibit in written.exhibits),
            redacted=self.redactor.digest,
            seal=written.seal,
        )
        write_page(self.folder / "register.json", dump_register(self.register.added(volume)))

    def _say_written(self, written: Written, out: Path, before: Volume | None) -> None:
        pages = sum(exhibit.pages for exhibit in written.exhibits)
        exhibits = papers.count(len(written.exhibits), "exhibit")
        click.echo(f"Wrote {exhibits}, {papers.count(pages, 'page')}, to {out}")
        click.echo(f"Seal: {written.seal}")
        if written.not_shown:
            click.echo(
                f"{written.not_shown} characters are shown as empty boxes: no face on this "
                "computer has them. Install the Noto fonts, and make the packet for another --case "
                "to compare.",
                err=True,
            )
        if written.to_look_at:
            click.echo(
                f"{written.to_look_at} pages hold pictures that were not searched for names; "
                "data/record/redactions.jsonl lists them. Look at each before you send the packet.",
                err=True,
            )
        if before is None:
            click.echo("Note the seal on the certificate of service: it stands for every byte.")
        elif before.seal == written.seal:
            click.echo(f"Byte for byte the same as when volume {before.number} was first made.")
        else:
            click.echo(
                f"Not the same bytes as when volume {before.number} was first made (seal "
                f"{before.seal[:12]}…): this program or the configuration has changed since.",
                err=True,
            )

    def _journal(
        self, digests: set[Digest], before: Volume | None
    ) -> tuple[Mapping[Digest, bytes], Head]:
        """The first line that says each message was received, and the head of the chain."""
        with read_archive(self.settings.archive.path) as archive:
            end = archive.catalogue.head.entries if before is None else before.entries
        lines: dict[Digest, bytes] = {}
        head = Head()
        with self.archive.journal.path.open("rb") as file:
            for line in file:
                if head.entries == end:
                    break
                entry, head = read_entry(line, head)
                digest = Digest(str(entry.facts.get("sha256", "")))
                if entry.kind is EntryKind.RECEIVED and digest in digests:
                    lines.setdefault(digest, line)
        return lines, head

    def _chronology(self, exhibits: Sequence[Exhibit]) -> Sequence[Sequence[str]]:
        return chronology_rows(
            self.db, exhibits, self.profile, self.settings.timezone, self.redactor
        )
