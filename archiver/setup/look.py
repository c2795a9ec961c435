"""Looking through a mailbox for the set-up: headers of the newest messages, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from archiver.headers import read_headers
from archiver.plan import choose_folders
from archiver.progress import Progress
from archiver.setup.contacts import BULK, Contacts
from archiver.source import Folder, FolderUnreadableError, Head, Opened

MOST_MESSAGES = 60_000
MOST_SECONDS = 240.0
_AT_ONCE = 500
_SENT_NAMES = frozenset(
    {"sent", "sent items", "sent mail", "sent messages", "enviados", "gesendet", "envoyés"}
)


class DatedSource(Protocol):
    """What is needed of a mailbox: the part of MailSource that lists, by date."""

    def folders(self) -> Sequence[Folder]:
        """Every folder that can be opened."""
        ...

    def examine(self, folder: str) -> Opened:
        """Open a folder read-only."""
        ...

    def uids_since(self, day: date) -> list[int]:
        """UIDs of what arrived on that day or after, ascending."""
        ...

    def heads(self, uids: Sequence[int], *, also: Sequence[str] = ()) -> Iterator[Head]:
        """Headers, with those named in ``also`` too."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """How far a look came."""

    contacts: Contacts
    listed: int  # messages since that day
    read: int  # of those, whose headers were read
    unreadable: tuple[str, ...]  # folders that the server would not open

    @property
    def whole(self) -> bool:
        """Whether every message was looked at."""
        return self.read >= self.listed


def look(
    source: DatedSource,
    since: date,
    contacts: Contacts,
    progress: Progress,
    clock: Callable[[], float],
    exclude: Sequence[str] = ("Trash", "Spam", "Junk", "Drafts"),
) -> Look:
    """Read the headers of what arrived since a day, the newest first.

    At most ``MOST_MESSAGES`` messages and ``MOST_SECONDS`` seconds; what was read until then is
    enough for a proposal. Memory is that of the addresses, not of the messages.

    Raises:
        ConnectionLostError: the line broke.
    """
    chosen = choose_folders(source.folders(), (), exclude).chosen
    listed: dict[Folder, list[int]] = {}
    unreadable: list[str] = []
    for folder in chosen:
        try:
            source.examine(folder.name)
            listed[folder] = source.uids_since(since)
        except FolderUnreadableError:
            unreadable.append(folder.name)
    total, read, until = sum(map(len, listed.values())), 0, clock() + MOST_SECONDS
    progress.start("Looking", min(total, MOST_MESSAGES))
    # Sent mail first: it shows which addresses are the parent's own.
    for folder in sorted(listed, key=lambda f: (not is_sent(f), f.name.casefold() != "inbox")):
        uids = listed[folder][::-1]
        source.examine(folder.name)
        for start in range(0, len(uids), _AT_ONCE):
            if read >= MOST_MESSAGES or clock() > until:
                break
            for head in source.heads(uids[start : start + _AT_ONCE], also=BULK):
                sent = is_sent(folder) or "\\sent" in map(str.lower, head.labels)
                contacts.add(read_headers(head.header), sent=sent)
                read += 1
                progress.step()
    progress.finish()
    return Look(contacts, total, read, tuple(unreadable))


def is_sent(folder: Folder) -> bool:
    """Whether a folder holds what its owner sent (RFC 6154, else by its name)."""
    last = folder.name.rpartition("/")[2].rpartition(".")[2].casefold()
    return "\\sent" in folder.uses or last in _SENT_NAMES
