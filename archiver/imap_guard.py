"""The only commands that can leave this program for a mail server.

Promise 1 of the design: the mailbox is never touched. Whatever a library above might be made to
send, a line that is not on this list is refused before it reaches the socket.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from archiver.errors import ArchiveError

ALLOWED = frozenset(
    {
        "CAPABILITY", "STARTTLS", "LOGIN", "AUTHENTICATE", "ID", "NAMESPACE", "LIST", "STATUS",
        "EXAMINE", "UID SEARCH", "UID FETCH", "ENABLE", "IDLE", "NOOP", "LOGOUT",
    }
)  # fmt: skip

_COMMAND = re.compile(rb"[A-Z]+\d+ (UID )?([A-Za-z]+)(?: |\r\n\Z)", re.IGNORECASE)
_FETCH_ITEM = re.compile(
    rb"UID|FLAGS|INTERNALDATE|RFC822\.SIZE|MODSEQ|X-GM-(?:MSGID|THRID|LABELS)"
    rb"|BODY\.PEEK\[(?:[0-9.]*(?:HEADER(?:\.FIELDS \([!-'*-~ ]*\))?|TEXT|MIME)?)\](?:<\d+\.\d+>)?"
)
_FETCH = re.compile(
    rb"[A-Z]+\d+ UID FETCH [\d,:*]+ "
    rb"(?:(?:ITEM)|\((?:ITEM)(?: (?:ITEM))*\))(?: \(CHANGEDSINCE \d+(?: VANISHED)?\))?\r\n".replace(
        b"ITEM", _FETCH_ITEM.pattern
    )
)
_WITH_LITERALS = frozenset({"LOGIN", "AUTHENTICATE", "EXAMINE", "STATUS", "LIST", "UID SEARCH"})


class ForbiddenCommandError(ArchiveError):
    """Something tried to send what this program never sends; a bug, and nothing was sent."""

    hint = "Nothing was sent to the server. Please report this as a bug."

    def __init__(self, command: str) -> None:
        super().__init__(f"Refused to send {command!r}: it is not among the read-only commands.")
        self.command = command


class Guard:
    """Stands before the socket of one connection and looks at every write."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._last = ""  # the command that is being answered

    def send(self, data: bytes) -> None:
        """Pass on what is allowed.

        Raises:
            ForbiddenCommandError: it is not; nothing was sent.
        """
        if b"\n" in data[:-2] or b"\r" in data[:-2]:
            raise ForbiddenCommandError("more than one line at once")
        command = command_of(data)
        if command is not None:
            if command not in ALLOWED:
                raise ForbiddenCommandError(command)
            if command == "UID FETCH" and not _FETCH.fullmatch(data):
                raise ForbiddenCommandError("UID FETCH with other items")
            self._last = command
        elif not self._continues(data):
            raise ForbiddenCommandError("a line that is no command")
        self._send(data)

    def _continues(self, data: bytes) -> bool:
        """Answers to the server's "+": credentials, a literal of LOGIN, DONE after IDLE."""
        if self._last == "IDLE":
            return data == b"DONE\r\n"
        return self._last in _WITH_LITERALS


def command_of(data: bytes) -> str | None:
    """The command of a line as imaplib writes it, "UID FETCH"; None if it is no command."""
    match = _COMMAND.match(data)
    if match is None:
        return None
    return ("UID " if match[1] else "") + match[2].decode("ascii").upper()
