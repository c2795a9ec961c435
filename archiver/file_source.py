"""Mail files behind the same protocol as a mail server, so that the same rules bring them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archiver.mail_files import MailFile, StoredMessage
from archiver.source import Fetched, Folder, FolderUnreadableError, Head, Opened

ACCOUNT = "(import)"
"""What stands for the account in receipts of imported mail; no configured account is called so."""

_HEADER_AT_MOST = 1 << 20  # bytes


class FileSource:
    """A ``MailSource`` over files: each is a folder, and a message's UID comes from its bytes.

    So the same message in a newer copy of the same file is known, and only what is new comes in.
    """

    def __init__(self, files: Sequence[MailFile]) -> None:
        self.account, self.lasting = ACCOUNT, False
        self._files: dict[str, dict[int, StoredMessage]] = {}
        for file in files:
            name, number = file.name, 2
            while name in self._files:
                name, number = f"{file.name} ({number})", number + 1
            self._files[name] = {int(m.digest[:15], 16): m for m in file.messages}
        self._open: dict[int, StoredMessage] = {}

    def folders(self) -> list[Folder]:
        """The files, by name."""
        return [Folder(name, frozenset()) for name in self._files]

    def examine(self, folder: str) -> Opened:
        """Open one of them."""
        if folder not in self._files:
            raise FolderUnreadableError(self.account, folder, "no such file")
        self._open = self._files[folder]
        return Opened(1, len(self._open))

    def uids(self) -> list[int]:
        """Sixty bits of each message's SHA-256, ascending."""
        return sorted(self._open)

    def heads(self, uids: Sequence[int]) -> Iterator[Head]:
        """Headers; there is no INTERNALDATE."""
        for uid in uids:
            message = self._open.get(uid)
            if message is not None:
                content = message.read()[:_HEADER_AT_MOST]
                yield Head(uid, message.size, None, _header(content), origin=message.origin)

    def beginnings(self, uids: Sequence[int], length: int) -> Iterator[Fetched]:
        """The first bytes."""
        for fetched in self.bodies(uids):
            yield Fetched(fetched.uid, fetched.content[:length])

    def bodies(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """Whole messages, one after the other."""
        for uid in uids:
            if uid in self._open:
                yield Fetched(uid, self._open[uid].read())

    def pieces(self, uid: int, size: int) -> Iterator[bytes]:
        """A big one in one piece: it is on this disk already."""
        del size
        if uid in self._open:
            yield self._open[uid].read()

    def close(self) -> None:
        """Nothing to say goodbye to."""


def _header(content: bytes) -> bytes:
    ends = [at for at in (content.find(b"\n\n"), content.find(b"\r\n\r\n")) if at >= 0]
    return content[: min(ends)] if ends else content
