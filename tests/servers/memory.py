"""A mailbox in memory behind the ``MailSource`` protocol, for loops that run a pull many times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from archiver.source import Fetched, Folder, FolderUnreadableError, Head, Opened

RECEIVED = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)


class MemorySource:
    """``{folder: (UIDVALIDITY, {UID: message})}``, shared by every connection made to it."""

    def __init__(
        self,
        folders: dict[str, tuple[int, dict[int, bytes]]],
        account: str = "family",
        *,
        modseq: int = 0,
    ) -> None:
        self.account, self.lasting, self.mail, self.modseq = account, True, folders, modseq
        self.searched: list[str] = []  # every folder whose UIDs were asked for
        self.fetched: list[tuple[str, int]] = []  # every body that was asked for
        self._open = ""

    def folders(self) -> Sequence[Folder]:
        return [Folder(name, frozenset()) for name in self.mail]

    def examine(self, folder: str) -> Opened:
        if folder not in self.mail:
            raise FolderUnreadableError(self.account, folder, "no such mailbox")
        self._open = folder
        validity, messages = self.mail[folder]
        return Opened(validity, len(messages), max(messages, default=0) + 1, self.modseq)

    def uids(self) -> list[int]:
        self.searched.append(self._open)
        return sorted(self._messages)

    def heads(self, uids: Sequence[int]) -> Iterator[Head]:
        for uid in uids:
            if uid in self._messages:
                content = self._messages[uid]
                yield Head(uid, len(content), RECEIVED, content.partition(b"\r\n\r\n")[0])

    def beginnings(self, uids: Sequence[int], length: int) -> Iterator[Fetched]:
        for uid in uids:
            if uid in self._messages:
                yield Fetched(uid, self._messages[uid][:length])

    def bodies(self, uids: Sequence[int]) -> Iterator[Fetched]:
        for uid in uids:
            if uid in self._messages:
                self.fetched.append((self._open, uid))
                yield Fetched(uid, self._messages[uid])

    def pieces(self, uid: int, size: int) -> Iterator[bytes]:
        del size
        content = self._messages.get(uid, b"")
        self.fetched.append((self._open, uid))
        yield from (content[i : i + 65536] for i in range(0, len(content), 65536))

    def close(self) -> None:
        pass

    @property
    def _messages(self) -> dict[int, bytes]:
        return self.mail[self._open][1]
