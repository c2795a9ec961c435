"""Vault against journal against catalogue: what is missing, altered or unexpected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import cast

from archiver.archive import Archive, NoArchiveError
from archiver.catalogue import Catalogue
from archiver.disk import Disk
from archiver.journal import ChainError, Entry, EntryKind, Head, read_entry
from archiver.model import Digest
from archiver.progress import Progress
from archiver.seal import FOLDER, check_stamp, read_statement, stored_seals
from archiver.vault import SUFFIX, hash_file


class FindingKind(StrEnum):
    """What can be wrong with an archive."""

    ALTERED = "altered"  # an original no longer has the bytes its name says
    MISSING = "missing"  # the journal lists an original that is not there
    UNEXPECTED = "unexpected"  # a file in originals/ that the journal does not list
    UNREADABLE = "unreadable"  # a file that the disk does not give
    BROKEN_CHAIN = "broken chain"  # a journal line was changed, removed, added or moved
    CUT_SHORT = "cut short"  # the journal ends before a point it is known to have reached
    SEAL = "seal"  # a seal is not of this journal, was changed, or does not hold
    CATALOGUE = "catalogue"  # the derived catalogue does not say what the journal says


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the archive."""

    kind: FindingKind
    where: str  # a file of the archive, with the line where there is one
    what: str  # a plain sentence


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what was found."""

    originals: int  # files re-hashed
    entries: int  # journal lines that continue the chain
    head: Digest  # the last good link
    last_at: datetime | None  # when the last good line was written
    seals: int  # time stamps by witnesses outside that hold
    findings: tuple[Finding, ...]


def verify(archive_path: Path, progress: Progress) -> Verification:
    """Check an archive without changing it.

    Without a seal it does not see a journal and a catalogue that were both cut at the same place,
    nor an archive that was made anew as a whole: that takes a witness outside, and comparing the
    seals here with what the witness has (docs/architecture.md).

    Raises:
        NoArchiveError: there is nothing to verify.
    """
    archive = Archive(archive_path)
    if not archive.journal.path.exists() and not archive.vault.originals.exists():
        raise NoArchiveError(archive_path)
    findings: list[Finding] = []
    held: dict[Digest, int] = {}
    entries: list[Entry] = []

    def keep(entry: Entry) -> None:
        entries.append(entry)
        if entry.kind is EntryKind.RECEIVED:
            held.setdefault(Digest(str(entry.facts["sha256"])), int(str(entry.facts["size"])))

    head = _check_chain(archive.journal.path, keep, findings)
    checked = _check_originals(archive, held, findings, progress)
    broken = any(finding.kind is FindingKind.BROKEN_CHAIN for finding in findings)
    _check_catalogue(archive, head, entries, findings, broken=broken)
    seals = _check_seals(archive_path, entries, findings)
    return Verification(
        checked,
        head.entries,
        head.link,
        entries[-1].at if entries else None,
        seals,
        tuple(findings),
    )


def _check_chain(path: Path, keep: Callable[[Entry], None], findings: list[Finding]) -> Head:
    """Follow the chain; after a break, go on from what the next line says of itself.

    What comes after a break is still read, so that one bad line does not turn every original
    behind it into an unexpected file.
    """
    head = Head()
    if not path.exists():
        findings.append(
            Finding(FindingKind.BROKEN_CHAIN, path.name, "The journal itself is missing.")
        )
        return head
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                entry, head = read_entry(line, head)
            except ChainError as error:
                what = f"{str(error)[:1].upper()}{str(error)[1:]}."
                findings.append(Finding(FindingKind.BROKEN_CHAIN, f"{path.name}:{number}", what))
                entry_after = _pick_up(line, head)
                if entry_after is None:
                    head = Head(head.entries, head.size + len(line), head.link)
                    continue
                entry, head = entry_after
            keep(entry)
    return head


def _pick_up(line: bytes, head: Head) -> tuple[Entry, Head] | None:
    """A line that is sound in itself, taken as continuing from what it calls its previous."""
    try:
        fields = json.loads(line)
        claimed = Head(int(fields["number"]), head.size, Digest(str(fields["previous"])))
        return read_entry(line, claimed)
    except (ChainError, ValueError, KeyError, TypeError):
        return None


def _check_originals(
    archive: Archive, held: dict[Digest, int], findings: list[Finding], progress: Progress
) -> int:
    waiting = set(held)
    checked = 0
    progress.start("re-hashing originals", len(held))
    for path in archive.vault.files():
        digest = Digest(path.name.removesuffix(SUFFIX))
        where = path.relative_to(archive.path).as_posix()
        if digest not in held or path != archive.vault.path(digest):
            what = "The journal does not list this file as received."
            findings.append(Finding(FindingKind.UNEXPECTED, where, what))
            continue
        waiting.discard(digest)
        checked += 1
        progress.step()
        try:
            found = hash_file(path)
        except OSError as error:
            what = f"The disk does not give this file: {error.strerror}."
            findings.append(Finding(FindingKind.UNREADABLE, where, what))
            continue
        if found != digest:
            what = f"Its bytes were changed: SHA-256 is now {found[:12]}…, was {digest[:12]}…."
            findings.append(Finding(FindingKind.ALTERED, where, what))
    progress.finish()
    for digest in sorted(waiting):
        where = archive.vault.path(digest).relative_to(archive.path).as_posix()
        what = f"It was received ({held[digest]} bytes) and is no longer there."
        findings.append(Finding(FindingKind.MISSING, where, what))
    return checked


def _check_seals(path: Path, entries: Sequence[Entry], findings: list[Finding]) -> int:
    """Whether the journal passes through every head that was sealed; stamps that hold."""
    links = {entry.number + 1: entry.link for entry in entries}
    stored = {name: sha256 for entry in entries for name, sha256 in _journaled_stamps(entry)}
    holding = 0
    seen: set[str] = set()

    def find(where: Path, what: str, kind: FindingKind = FindingKind.SEAL) -> None:
        findings.append(Finding(kind, where.relative_to(path).as_posix(), what))

    for statement, content, stamps in stored_seals(path):
        sealed = read_statement(content)
        if sealed is None:
            find(statement, "It is no statement of a seal, or was changed.")
            continue
        lines, link = sealed
        if links.get(lines) != link:
            what = (
                f"The journal had {lines} lines when it was sealed, ending in {link[:12]}…; it "
                f"does not have them any more: lines were cut off or written anew."
            )
            find(statement, what, FindingKind.CUT_SHORT)
        for answer, certificates in stamps:
            seen.add(answer.name)
            try:
                check_stamp(content, answer.read_bytes(), certificates.read_bytes())
            except (ValueError, OSError) as error:
                find(answer, f"The time stamp does not hold: {error}.")
                continue
            found = hash_file(answer)
            if stored.get(answer.name, found) != found:
                find(answer, "It is another time stamp than the one the journal lists.")
                continue
            holding += 1
    for name in sorted(stored.keys() - seen):
        find(path / FOLDER / name, "The journal lists this time stamp, and it is not there.")
    return holding


def _journaled_stamps(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.kind is EntryKind.SEALED:
        for stamp in cast("list[dict[str, str]]", entry.facts["stamps"]):
            yield stamp["file"], stamp["sha256"]


def _check_catalogue(
    archive: Archive,
    head: Head,
    entries: Sequence[Entry],
    findings: list[Finding],
    *,
    broken: bool,
) -> None:
    if not archive.catalogue_path.exists():
        return  # derived; the next run makes it
    where = archive.catalogue_path.relative_to(archive.path).as_posix()
    catalogue = Catalogue(archive.catalogue_path, Disk())
    try:
        known = catalogue.head
        if not broken and not archive.journal.ends_at(known):
            what = (
                f"The journal has {head.entries} lines, but it is known to have had "
                f"{known.entries}: lines were cut off its end."
                if known.entries > head.entries
                else f"Line {known.entries} is not the line that was written there."
            )
            findings.append(Finding(FindingKind.CUT_SHORT, archive.journal.path.name, what))
        if not broken and known == head and catalogue.dump() != _dump(entries):
            what = "It does not say what the journal says; `papertrail rebuild` makes it anew."
            findings.append(Finding(FindingKind.CATALOGUE, where, what))
    finally:
        catalogue.close()


def _dump(entries: Sequence[Entry]) -> list[str]:
    catalogue = Catalogue.replayed(entries)
    try:
        return catalogue.dump()
    finally:
        catalogue.close()
