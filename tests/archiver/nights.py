"""One whole pull in this process, as `papertrail pull` does it, against any source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from archiver.archive import write_archive
from archiver.config import AccountTable
from archiver.disk import Disk
from archiver.imap_source import ImapSource
from archiver.listing import Listing
from archiver.outcome import Outcome, Rules
from archiver.progress import Silent
from archiver.pull import pull_account
from archiver.roles import AddressBook
from archiver.source import MailSource

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
ACCOUNT = AccountTable.model_validate(
    {"name": "family", "host": "127.0.0.1", "security": "none", "username": "me"}
)
SCHOOL = AddressBook.of(
    school=["school.example"], provider=[], parent=["mum@mail.example"], privileged=[]
)
EVERYTHING = AddressBook.of(school=["*"], provider=[], parent=[], privileged=[])
Mail = dict[str, tuple[int, dict[int, bytes]]]


def night(
    path: Path,
    connect: Callable[[], MailSource],
    *,
    book: AddressBook = SCHOOL,
    disk: Disk | None = None,
    now: Callable[[], datetime] | None = None,
    pause: Callable[[float], None] = lambda _: None,
) -> Outcome:
    """Pull once; errors of the server are in the outcome, those of the disk are raised."""
    with write_archive(path, disk=disk, now=now) as archive:
        listing = Listing(archive.derived / "listing.sqlite", archive.disk)
        try:
            rules = Rules(book, "rules", None)
            return pull_account(ACCOUNT, connect, archive, listing, rules, Silent(), pause=pause)
        finally:
            listing.close()


def over_imap(host: str, port: int, username: str, password: str) -> Callable[[], MailSource]:
    """Connects to a server on loopback."""
    account = ACCOUNT.model_copy(update={"host": host, "port": port, "username": username})
    return lambda: ImapSource(account, password)
