"""What happens to a mailbox between two nights: renumbered, moved, renamed, emptied, rewritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.archive import read_archive, write_archive
from archiver.config import AccountTable
from archiver.listing import Listing
from archiver.model import Digest, Place
from archiver.outcome import Outcome, Rules
from archiver.progress import Silent
from archiver.pull import pull_account
from archiver.roles import AddressBook
from archiver.source import ServerBusyError
from archiver.verify import verify
from tests.cli.conftest import letter, originals
from tests.servers.memory import MemorySource

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
ACCOUNT = AccountTable.model_validate(
    {"name": "family", "host": "127.0.0.1", "security": "none", "username": "me"}
)
BOOK = AddressBook.of(
    school=["school.example"], provider=[], parent=["mum@mail.example"], privileged=[]
)
LONG = letter(50, body="Minutes of the meeting. " * 2000)
Mail = dict[str, tuple[int, dict[int, bytes]]]


def night(path: Path, source: MemorySource, day: int = 0) -> Outcome:
    with write_archive(path, now=lambda: NOW + timedelta(days=day)) as archive:
        listing = Listing(archive.derived / "listing.sqlite", archive.disk)
        try:
            rules = Rules(BOOK, "rules", None)
            return pull_account(
                ACCOUNT, lambda: source, archive, listing, rules, Silent(), pause=lambda _: None
            )
        finally:
            listing.close()


def places(path: Path) -> dict[Place, tuple[Digest, bool]]:
    """Every place ever seen: what was there, and whether it still is."""
    with read_archive(path) as archive:
        return {r.place: (r.digest, r.first_missing is None) for r in archive.catalogue.receipts()}


def at(folder: str, uidvalidity: int, uid: int) -> Place:
    return Place("family", folder, uidvalidity, uid)


def test_mail_that_was_only_renumbered_is_told_again_without_fetching_it(archive: Path) -> None:
    before = {1: letter(1), 2: letter(2), 3: LONG}
    after = {11: letter(2), 12: LONG, 13: letter(1)}
    night(archive, MemorySource({"INBOX": (1, before)}))
    held = places(archive)

    again = MemorySource({"INBOX": (2, after)})
    outcome = night(archive, again, day=1)

    assert again.fetched == []
    assert (outcome.received, outcome.recognised, outcome.vanished) == (0, 3, 0)
    assert places(archive) == {
        **{place: (digest, False) for place, (digest, _) in held.items()},
        at("INBOX", 2, 13): (held[at("INBOX", 1, 1)][0], True),
        at("INBOX", 2, 11): (held[at("INBOX", 1, 2)][0], True),
        at("INBOX", 2, 12): (held[at("INBOX", 1, 3)][0], True),
    }
    assert "rebuilt by the server" in outcome.notes[0]
    assert verify(archive, Silent()).findings == ()


def test_other_mail_under_old_numbers_is_new_mail(archive: Path) -> None:
    """A client that goes by the UID alone would take letter 3 for letter 1."""
    night(archive, MemorySource({"INBOX": (1, {1: letter(1), 2: letter(2)})}))

    outcome = night(archive, MemorySource({"INBOX": (2, {1: letter(3), 2: letter(2)})}), day=1)

    assert (outcome.received, outcome.recognised, outcome.vanished) == (1, 1, 1)
    assert originals(archive) == {letter(1), letter(2), letter(3)}
    assert "1 of them are no longer there" in outcome.notes[0]


def test_equal_headers_and_size_are_not_enough(archive: Path) -> None:
    one, other = letter(1, body="He was seen."), letter(1, body="He was late.")
    assert len(one) == len(other)
    night(archive, MemorySource({"INBOX": (1, {1: one})}))

    night(archive, MemorySource({"INBOX": (2, {1: other})}), day=1)

    assert originals(archive) == {one, other}


def test_a_renamed_folder_costs_no_second_fetch_and_is_said(archive: Path) -> None:
    mail = {1: letter(1), 2: LONG}
    night(archive, MemorySource({"INBOX": (1, {}), "School": (5, mail)}))

    renamed = MemorySource({"INBOX": (1, {}), "School 2025": (6, mail)})
    outcome = night(archive, renamed, day=1)

    assert renamed.fetched == []
    assert (outcome.recognised, outcome.vanished) == (2, 2)
    assert "'School' of account 'family' is no longer on the server" in outcome.notes[0]
    assert len(originals(archive)) == 2


def test_a_folder_that_comes_back_is_noted_as_come_back(archive: Path) -> None:
    mail: Mail = {"INBOX": (1, {}), "School": (5, {1: letter(1)})}
    night(archive, MemorySource(mail))
    night(archive, MemorySource({"INBOX": (1, {})}), day=1)

    outcome = night(archive, MemorySource(mail), day=2)

    assert (outcome.received, outcome.returned) == (0, 1)
    assert all(there for _, there in places(archive).values())


def test_a_server_that_shows_no_folder_at_all_has_not_lost_them(archive: Path) -> None:
    night(archive, MemorySource({"INBOX": (1, {1: letter(1)})}))

    outcome = night(archive, MemorySource({}), day=1)

    assert outcome.vanished == 0
    assert "no folder" in outcome.notes[0]
    assert all(there for _, there in places(archive).values())


def test_a_message_that_was_moved_is_missing_here_and_present_there(archive: Path) -> None:
    night(archive, MemorySource({"INBOX": (1, {1: letter(1)}), "School": (5, {})}))

    moved = MemorySource({"INBOX": (1, {}), "School": (5, {1: letter(1)})})
    night(archive, moved, day=1)

    digest = places(archive)[at("INBOX", 1, 1)][0]
    assert places(archive) == {
        at("INBOX", 1, 1): (digest, False),
        at("School", 5, 1): (digest, True),
    }
    assert moved.fetched == []


@pytest.mark.parametrize("modseq", [0, 77], ids=["plain IMAP4rev1", "CONDSTORE"])
def test_with_and_without_condstore_the_result_is_the_same(archive: Path, modseq: int) -> None:
    """Contract: HIGHESTMODSEQ saves the listing of quiet folders and changes nothing else."""
    mail: Mail = {"INBOX": (1, {1: letter(1)}), "Sent": (2, {4: letter(2)})}
    night(archive, MemorySource(mail, modseq=modseq))

    quiet = MemorySource(mail, modseq=modseq)
    assert night(archive, quiet, day=1).received == 0
    assert quiet.searched == ([] if modseq else ["INBOX", "Sent"])

    del mail["Sent"][1][4]
    mail["INBOX"][1][2] = letter(3)
    changed = MemorySource(mail, modseq=modseq and modseq + 1)
    outcome = night(archive, changed, day=2)
    assert (outcome.received, outcome.vanished) == (1, 1)
    assert [(t.folder, t.listed, t.held) for t in outcome.folders] == [
        ("INBOX", 2, 2),
        ("Sent", 0, 0),
    ]


@pytest.mark.parametrize("modseq", [0, 77])
def test_a_folder_with_a_failed_message_is_never_taken_as_settled(
    archive: Path, modseq: int
) -> None:
    class Sulking(MemorySource):
        def bodies(self, uids):  # type: ignore[no-untyped-def]
            return (f for f in super().bodies(uids) if f.uid != 2 or self.account == "family2")

    mail: Mail = {"INBOX": (1, {1: letter(1), 2: letter(2)})}
    assert len(night(archive, Sulking(mail, modseq=modseq)).failed) == 1

    assert night(archive, MemorySource(mail, modseq=modseq), day=1).received == 1
    assert originals(archive) == {letter(1), letter(2)}


def test_a_server_that_asks_for_a_pause_gets_it_and_the_rest_is_fetched(archive: Path) -> None:
    waits: list[float] = []

    class Throttled(MemorySource):
        refusals = [ServerBusyError("family", "[THROTTLED] slow down"),
                    ServerBusyError("family", "Suggested Backoff Time: 40 s", 40.0)]  # fmt: skip

        def bodies(self, uids):  # type: ignore[no-untyped-def]
            if self.refusals:
                raise self.refusals.pop()
            return super().bodies(uids)

    source = Throttled({"INBOX": (1, {1: letter(1)})})
    with write_archive(archive) as opened:
        listing = Listing(opened.derived / "listing.sqlite", opened.disk)
        outcome = pull_account(
            ACCOUNT, lambda: source, opened, listing, Rules(BOOK, "r", None), Silent(),
            pause=waits.append,
        )  # fmt: skip
        listing.close()

    assert (outcome.received, outcome.error, waits) == (1, None, [40.0, 20.0])
