"""What any source of mail can do: list and fetch. There is no way to write through it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archiver.errors import ArchiveError


class SourceError(ArchiveError):
    """Base of everything that goes wrong between us and the mail server."""


class ConnectionLostError(SourceError):
    """The connection broke or fell silent; trying again may help."""

    passing = True

    hint = "What was received so far is kept. Check the network; the next run goes on from here."

    def __init__(self, account: str, why: str) -> None:
        super().__init__(
            f"Account {account!r}: the connection to the mail server was lost ({why})."
        )
        self.account, self.why = account, why


class FolderUnreadableError(SourceError):
    """The server would not open one folder."""

    hint = "The other folders are not affected; this one is tried again at the next run."

    def __init__(self, account: str, folder: str, why: str) -> None:
        super().__init__(f"Account {account!r}: folder {folder!r} could not be opened ({why}).")
        self.account, self.folder, self.why = account, folder, why


class ServerBusyError(SourceError):
    """The server asks for a pause: too much was asked of it, or it is not itself just now."""

    passing = True

    hint = (
        "What was received so far is kept, and the next run goes on from here. Providers limit how "
        "much mail may be read in a day; a first run over many years may take several nights."
    )

    def __init__(self, account: str, said: str, wait_s: float | None = None) -> None:
        super().__init__(f"Account {account!r}: the mail server asks for a pause. It said: {said}")
        self.account, self.said = account, said
        self.wait_s = wait_s  # what the server itself suggests


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that can be opened."""

    name: str  # decoded from modified UTF-7 (RFC 3501, 5.1.3)
    uses: frozenset[str]  # special uses in lower case, "\\trash", "\\all" (RFC 6154)


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it was when it was examined."""

    uidvalidity: int
    count: int  # messages
    uidnext: int = 0  # 0 where the server does not say
    modseq: int = 0  # HIGHESTMODSEQ (RFC 7162); 0 where the server does not keep it


@dataclass(frozen=True, slots=True)
class Head:
    """A message's headers of interest."""

    uid: int
    size: int  # bytes, RFC822.SIZE
    internal_date: datetime | None  # aware
    header: bytes  # the fields asked for, as the server gives them
    labels: tuple[str, ...] = ()  # of Gmail, where the server has them
    origin: str = ""  # of a message in a file: where it stands there


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole message."""

    uid: int
    content: bytes


class MailSource(Protocol):
    """A mailbox that can be looked at. Every method may raise ``ConnectionLostError``."""

    account: str
    lasting: bool  # a folder that is no longer there was deleted; False: merely not given again

    def folders(self) -> Sequence[Folder]:
        """Every folder that can be opened."""
        ...

    def examine(self, folder: str) -> Opened:
        """Open a folder read-only; raises ``FolderUnreadableError`` where the server refuses."""
        ...

    def uids(self) -> list[int]:
        """UIDs of every message in the folder that is open, ascending."""
        ...

    def heads(self, uids: Sequence[int]) -> Iterator[Head]:
        """Headers of the messages named; those the server does not answer for are left out."""
        ...

    def beginnings(self, uids: Sequence[int], length: int) -> Iterator[Fetched]:
        """The first ``length`` bytes of the messages named, all of those that are shorter."""
        ...

    def bodies(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """Whole messages, all of them in memory at once: the caller bounds the sum of sizes."""
        ...

    def pieces(self, uid: int, size: int) -> Iterator[bytes]:
        """One big message a piece at a time; nothing where the server does not have it."""
        ...

    def close(self) -> None:
        """Say goodbye; never raises."""
        ...
