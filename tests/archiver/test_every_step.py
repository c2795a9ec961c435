"""Something happens at every durable step of a pull, one after the other; nothing is ever lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.archive import Archive, ArchiveUnwritableError, read_archive, write_archive
from archiver.config import AccountTable
from archiver.disk import Disk
from archiver.listing import Listing
from archiver.model import Place
from archiver.outcome import Outcome, Rules
from archiver.progress import Silent
from archiver.pull import pull_account
from archiver.roles import AddressBook
from archiver.verify import FindingKind, verify
from tests.archiver.disks import CountingDisk, DyingDisk, FailingDisk, PowerCutDisk, When
from tests.cli.conftest import letter, snapshot
from tests.servers.memory import MemorySource

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
ACCOUNT = AccountTable.model_validate(
    {"name": "family", "host": "127.0.0.1", "security": "none", "username": "me"}
)
BOOK = AddressBook.of(
    school=["school.example"], provider=[], parent=["mum@mail.example"], privileged=[]
)
FIRST = {
    "INBOX": (1, {uid: letter(uid) for uid in range(1, 6)}),
    "School": (7, {1: letter(1), 2: letter(20), 9: letter(21, sender="shop@shop.example")}),
}
# The next night: one more message, one gone, one folder numbered anew.
SECOND = {
    "INBOX": (1, {uid: letter(uid) for uid in (1, 2, 3, 5, 6)}),
    "School": (8, {3: letter(1), 4: letter(20)}),
}


def night(
    path: Path,
    mail: dict[str, tuple[int, dict[int, bytes]]],
    disk: Disk | None = None,
    day: int = 0,
) -> Outcome:
    """One whole pull, as `papertrail pull` does it."""
    rules = Rules(BOOK, "rules", None)
    with write_archive(path, disk=disk, now=lambda: NOW + timedelta(days=day)) as archive:
        listing = Listing(archive.derived / "listing.sqlite", archive.disk)
        try:
            return pull_account(
                ACCOUNT, lambda: MemorySource(mail), archive, listing, rules, Silent()
            )
        finally:
            listing.close()


def both_nights(path: Path, disk: Disk | None = None) -> None:
    night(path, FIRST, disk)
    night(path, SECOND, disk, day=1)


def state(path: Path) -> tuple[set[str], dict[Place, tuple[str, bool]]]:
    """What must come out the same: the originals, and where each was received and is missing."""
    with read_archive(path) as archive:
        files = {file.name for file in archive.vault.files()}
        receipts = {
            r.place: (r.digest, r.first_missing is not None) for r in archive.catalogue.receipts()
        }
    return files, receipts


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], object, list[str]]:
    """The end state of both nights, and the durable steps they take."""
    path = tmp_path_factory.mktemp("undisturbed") / "archive"
    disk = CountingDisk()
    both_nights(path, disk)
    assert verify(path, Silent()).findings == ()
    return *state(path), disk.steps


def in_a_child(act: Callable[[], None]) -> int:
    """Run something in a forked process; its exit status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork(2)")
@pytest.mark.parametrize("disk", [DyingDisk, PowerCutDisk])
def test_a_run_that_ends_at_any_step_is_made_up_for_by_the_next(
    disk: type[DyingDisk],
    undisturbed: tuple[set[str], object, list[str]],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """isync's way: stop at every step, resume, compare the end state, run again, compare again."""
    originals, receipts, steps = undisturbed
    died = 0
    for step in range(1, len(steps) + 1):
        for when in When:
            path = tmp_path / f"{step}-{when}"
            status = in_a_child(lambda: both_nights(path, disk(step, when)))  # noqa: B023
            if status != 9:  # a step without a middle
                assert (when, status) == (When.HALFWAY, 0)
                continue
            died += 1
            if path.joinpath("journal.jsonl").exists():
                # What is left may hold something unlisted or half a line, never less than it says.
                found = {finding.kind for finding in verify(path, Silent()).findings}
                assert found <= {FindingKind.UNEXPECTED, FindingKind.BROKEN_CHAIN}, (step, when)
                assert torn_or_sound(path), (step, when)
            if not first_night_is_over(path):
                night(path, FIRST)
            night(path, SECOND, day=1)
            assert state(path) == (originals, receipts), (step, when)
            assert verify(path, Silent()).findings == (), (step, when)
            before = snapshot(path)
            night(path, SECOND, day=1)
            assert snapshot(path) == before, (step, when)
    record_property("steps", len(steps))
    print(f"{disk.__name__}: {len(steps)} steps, died {died} times")
    assert died >= 2 * len(steps)


def refusal(path: Path, disk: Disk) -> str:
    """What the program says when it cannot write; nothing if it could."""
    try:
        both_nights(path, disk)
    except ArchiveUnwritableError as error:
        return str(error)
    return ""


def first_night_is_over(path: Path) -> bool:
    """Whether the mailbox may change: what the first night had not seen yet would be gone."""
    journal = path / "journal.jsonl"
    return journal.exists() and '"kind":"looked"' in journal.read_text("utf-8")


def torn_or_sound(path: Path) -> bool:
    """Whether every whole line of the journal continues the chain."""
    content = (path / "journal.jsonl").read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    copy = Archive(path).journal
    copy.path = path / "whole.jsonl"
    copy.path.write_bytes(whole)
    lines = len(list(copy.read()))
    copy.path.unlink()
    return lines == whole.count(b"\n")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_step_that_the_disk_refuses_is_said_and_the_next_run_makes_up_for_it(
    number: int, undisturbed: tuple[set[str], object, list[str]], tmp_path: Path
) -> None:
    originals, receipts, steps = undisturbed
    refused = 0
    for step in range(1, len(steps) + 1):
        for when in (When.BEFORE, When.HALFWAY):
            path = tmp_path / f"{step}-{when}"
            said = refusal(path, FailingDisk(step, when, number))
            if not said:  # a step without a middle
                assert when is When.HALFWAY
                continue
            assert os.strerror(number) in said
            refused += 1
            if not first_night_is_over(path):
                night(path, FIRST)
            night(path, SECOND, day=1)
            assert state(path) == (originals, receipts), (step, when)
            assert verify(path, Silent()).findings == (), (step, when)
    print(f"{errno.errorcode[number]}: {len(steps)} steps, refused {refused} times")
    assert refused >= len(steps)
