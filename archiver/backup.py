"""A verified copy of an archive, as a BagIt bag, and the way back.

Every byte is read on both sides each time: a backup that is only believed to be good is none.
A damaged original never overwrites a good copy of it, nor the other way round.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from archiver.archive import Archive, NoArchiveError
from archiver.bag import Payload, replace_file, write_tags
from archiver.disk import Disk
from archiver.errors import ArchiveError, ExitCode
from archiver.journal import EntryKind, Head, read_entry
from archiver.journal_file import JournalDamagedError
from archiver.model import Digest
from archiver.progress import Progress
from archiver.vault import hash_file
from archiver.verify import Verification, verify

_BESIDE = ("README.txt", "journal.torn-*", "seals/*", "exports/**/numbers*.json")


class BackupPlaceError(ArchiveError):
    """The folder for the copy cannot be what was asked for."""

    exit_code = ExitCode.USAGE
    hint = "Name a folder on another disk that is empty or holds an earlier backup of this archive."

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}.")
        self.path = path


class BackupAheadError(ArchiveError):
    """The backup has journal lines that the archive does not have."""

    hint = (
        "Nothing was changed. The archive was set back or cut, or this is a backup of another one. "
        "`papertrail verify` checks the archive; `papertrail restore` brings a backup back."
    )

    def __init__(self, path: Path) -> None:
        super().__init__(f"The backup in {path} is not of an earlier state of this archive.")
        self.path = path


class BagDamagedError(ArchiveError):
    """A backup that is not whole."""

    hint = "Nothing was restored. Use another backup, or make this one again from the archive."

    def __init__(self, path: Path, faults: list[str]) -> None:
        shown = "; ".join(faults[:5]) + (f"; and {len(faults) - 5} more" if faults[5:] else "")
        super().__init__(f"The backup in {path} is damaged: {shown}.")
        self.path, self.faults = path, faults


@dataclass(frozen=True, slots=True)
class BackupResult:
    """What a backup did and found."""

    copied: int  # files that were not there yet
    mended: int  # copies that were damaged or missing and were made anew
    held: int  # originals in the bag afterwards
    faults: tuple[str, ...]  # originals that are damaged or missing in the archive itself


def back_up(archive_path: Path, bag: Path, on: date, progress: Progress) -> BackupResult:
    """Bring a bag to the state of the archive. A run may go on meanwhile: it is not waited for.

    Raises:
        NoArchiveError: there is nothing to copy.
        BackupPlaceError: the place is the archive's own, or holds something else.
        BackupAheadError: the bag is of another archive or of a later state.
        JournalDamagedError: the archive's own journal is broken.
    """
    archive = Archive(archive_path)
    if not archive.journal.path.exists():
        raise NoArchiveError(archive_path)
    _check_place(archive_path, bag)
    journal, originals, head = _journal_now(archive)
    data = bag / "data"
    copy = Archive(data)
    already = copy.journal.path.read_bytes() if copy.journal.path.exists() else b""
    if not journal.startswith(already):
        raise BackupAheadError(bag)
    data.mkdir(parents=True, exist_ok=True)
    payload: list[Payload] = []
    faults: list[str] = []
    copied = mended = 0
    known = set(_digests(already))
    progress.start("copying and checking originals", len(originals))
    for digest in originals:
        source, target = archive.vault.path(digest), copy.vault.path(digest)
        source_good = source.exists() and hash_file(source) == digest
        target_good = target.exists() and hash_file(target) == digest
        if not source_good:
            state = "changed" if source.exists() else "missing"
            saved = "; the backup has it whole" if target_good else ""
            faults.append(f"The original {digest[:12]}… is {state} in the archive{saved}")
        if source_good and not target_good:
            replace_copy(source, target)
            mended += digest in known
            copied += digest not in known
            target_good = True
        if target_good:
            payload.append(Payload(f"originals/{digest[:2]}/{target.name}", digest,
                                   target.stat().st_size))  # fmt: skip
        progress.step()
    progress.finish()
    replace_file(copy.journal.path, journal)
    payload.append(_payload(copy.journal.path, data))
    for path in _beside(archive_path):
        target = data / path.relative_to(archive_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, path.read_bytes())
        payload.append(_payload(target, data))
    about = {
        "Bag-Software-Agent": "Paper Trail",
        "External-Description": "Archive of a family's correspondence with a school",
        "Journal-Entries": str(head.entries),
        "Journal-Head": head.link,
    }
    write_tags(bag, payload, about, on)
    return BackupResult(copied, mended, len(originals) - len(faults), tuple(faults))


def check_bag(bag: Path) -> None:
    """Check every file of a backup against its manifest.

    Raises:
        BackupPlaceError: it is no bag.
        BagDamagedError: with everything that is wrong.
    """
    import bagit  # noqa: PLC0415 - only here

    try:
        opened = bagit.Bag(str(bag))
        opened.validate()
    except bagit.BagValidationError as error:
        faults = [str(detail) for detail in error.details]
        if not faults:  # the count of bytes was off, and the library looks no further
            lost, added = opened.compare_manifests_with_fs()
            faults = [f"{name} is missing" for name in sorted(lost)]
            faults += [f"{name} does not belong there" for name in sorted(added)]
        raise BagDamagedError(bag, faults or [str(error)]) from error
    except (bagit.BagError, OSError) as error:
        raise BackupPlaceError(bag, f"it is no backup ({error})") from error


def restore(bag: Path, target: Path, progress: Progress) -> Verification:
    """Copy a backup into an empty folder and verify what came out.

    Raises:
        BagDamagedError: the backup is not whole; nothing was written.
        BackupPlaceError: it is no backup, or the target is not empty.
    """
    if target.exists() and any(target.iterdir()):
        raise BackupPlaceError(target, "the folder to restore into is not empty")
    check_bag(bag)
    shutil.copytree(bag / "data", target, dirs_exist_ok=True)
    (target / "originals").mkdir(exist_ok=True)
    return verify(target, progress)


def replace_copy(source: Path, target: Path) -> None:
    """Copy one original, durable on return, in place of a damaged one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    working = target.with_name(f".{target.name}.new")
    working.unlink(missing_ok=True)
    disk = Disk()
    with source.open("rb") as file:
        disk.write(str(working), iter(lambda: file.read(1 << 20), b""))
    disk.sync([str(working)])
    working.replace(target)
    disk.sync([str(target.parent)])


def _check_place(archive_path: Path, bag: Path) -> None:
    here, there = archive_path.resolve(), bag.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise BackupPlaceError(bag, "it is inside the archive, or the archive is inside it")
    if bag.exists() and any(bag.iterdir()) and not (bag / "data").is_dir():
        raise BackupPlaceError(bag, "it holds something else")


def _journal_now(archive: Archive) -> tuple[bytes, list[Digest], Head]:
    content = archive.journal.path.read_bytes()
    content = content[: content.rfind(b"\n") + 1]  # a line may be being written just now
    head, found = Head(), dict[Digest, None]()
    for line in content.splitlines(keepends=True):
        try:
            entry, head = read_entry(line, head)
        except ValueError as error:
            raise JournalDamagedError(archive.journal.path, head.entries, str(error)) from error
        if entry.kind is EntryKind.RECEIVED:
            found[Digest(str(entry.facts["sha256"]))] = None
    return content, list(found), head


def _digests(journal: bytes) -> Iterator[Digest]:
    head = Head()
    for line in journal.splitlines(keepends=True):
        entry, head = read_entry(line, head)
        if entry.kind is EntryKind.RECEIVED:
            yield Digest(str(entry.facts["sha256"]))


def _beside(archive_path: Path) -> Iterator[Path]:
    for pattern in _BESIDE:
        yield from sorted(p for p in archive_path.glob(pattern) if p.is_file())


def _payload(path: Path, data: Path) -> Payload:
    content = path.read_bytes()
    digest = Digest(hashlib.sha256(content).hexdigest())
    return Payload(path.relative_to(data).as_posix(), digest, len(content))
