"""A mailbox over IMAP: read-only, BODY.PEEK, and nothing secret in any log.

Traps of the library are in libraries' own bug trackers; those that shaped this module: imapclient
sets imaplib's debug level to 5, which formats the repr of every body (three quarters of its CPU);
ranges in FETCH fail since 4.0.1, so UIDs are listed one by one, 500 at most; there is no
streaming, so big messages are fetched in pieces.
"""

from __future__ import annotations

import imaplib
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError

from archiver.config import AccountTable
from archiver.errors import ArchiveError
from archiver.headers import PEOPLE, THREAD
from archiver.imap_answers import Answer, read_answers
from archiver.imap_faults import (
    NoTokensError,
    busy_fault,
    login_fault,
    reach_fault,
    token_fault,
)
from archiver.imap_guard import Guard
from archiver.logs import without_secrets
from archiver.source import (
    ConnectionLostError,
    Fetched,
    Folder,
    FolderUnreadableError,
    Head,
    Opened,
)

log = logging.getLogger(__name__)

LISTED_FIELDS = (*PEOPLE, *THREAD, "Subject", "Date")
PIECE = 4 << 20  # bytes of a big message fetched at a time: 20 MB of memory for one of 69 MB
_HEADS_AT_ONCE = 500
_TIMEOUT = SocketTimeout(connect=30, read=120)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_IDLE_SLICE_S = 30.0
_SUSPENDED_S = 90.0
_DONE_TIMEOUT_S = 10.0
_EMPTY_READS = 5
_ANSWERED = re.compile(r"^(?:command: [A-Z ]+ => |[A-Z]+ (?:failed|command error): )")
_UNSELECTABLE = {b"\\noselect", b"\\nonexistent"}
# Past this, imaplib refuses the line: a LIST or SEARCH answer of 100,000 UIDs is one line.
imaplib._MAXLINE = 20_000_000  # type: ignore[attr-defined]


class _GuardedClient(IMAPClient):  # type: ignore[misc]  # imapclient has no type hints
    """An IMAPClient whose every write passes the guard."""

    def _create_IMAP4(self) -> Any:  # noqa: N802 - imapclient's name
        connection = super()._create_IMAP4()
        guard = Guard(connection.send)
        connection.send = guard.send
        return connection

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        answer = super().starttls(ssl_context)
        # A server may offer other capabilities once the line is safe; imapclient keeps the old.
        self._cached_capabilities = None
        return answer


class ImapSource:
    """One logged-in connection to one account."""

    def __init__(self, account: AccountTable, password: str) -> None:
        """Connect and log in.

        Args:
            account: where to, and as whom.
            password: or a token, where ``account.auth`` says so.

        Raises:
            SourceError: one of imap_faults, by what went wrong, or ConnectionLostError.
        """
        self.account, self.lasting = account.name, True
        self._folder = ""
        self._client = _connect(account, password)
        with self._talking():
            self._gmail = self._client.has_capability("X-GM-EXT-1")

    def folders(self) -> list[Folder]:
        """Every folder that can be opened, in the server's order."""
        with self._talking():
            listed = self._client.list_folders()
        return [
            Folder(name, frozenset(flag.decode("ascii", "replace").lower() for flag in flags))
            for flags, _, name in listed
            if not _UNSELECTABLE & {flag.lower() for flag in flags}
        ]

    def examine(self, folder: str) -> Opened:
        """Open a folder by EXAMINE, which cannot change it (RFC 9051, 6.3.3)."""
        self._folder = folder
        with self._talking(folder):
            answer = self._client.select_folder(folder, readonly=True)
        return Opened(
            int(answer.get(b"UIDVALIDITY", 0)),
            int(answer.get(b"EXISTS", 0)),
            int(answer.get(b"UIDNEXT", 0)),
            int(answer.get(b"HIGHESTMODSEQ", 0)),
        )

    def uids(self) -> list[int]:
        """UIDs of every message in the open folder, ascending."""
        return self._search("ALL")

    def uids_since(self, day: date) -> list[int]:
        """UIDs of what the server received on that day or after, ascending (RFC 9051, 6.4.4)."""
        return self._search("SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}")

    def _search(self, *criteria: str) -> list[int]:
        with self._talking(self._folder):
            status, data = self._client._imap.uid("SEARCH", *criteria)
            if status != "OK":
                raise IMAPClientError(_shown(data[-1] if data else b""))
        # Some servers answer in several lines, which imapclient takes for no answer at all.
        words = b" ".join(line for line in data if isinstance(line, bytes)).partition(b"(")[0]
        return sorted({int(word) for word in words.split() if word.isdigit()})

    def heads(self, uids: Sequence[int], *, also: Sequence[str] = ()) -> Iterator[Head]:
        """Headers, 500 messages at a time; ``also`` names fields beside the usual ones."""
        labels = " X-GM-LABELS" if self._gmail else ""
        item = _header_item((*LISTED_FIELDS, *also))
        for start in range(0, len(uids), _HEADS_AT_ONCE):
            asked = uids[start : start + _HEADS_AT_ONCE]
            for answer in self._fetch(asked, f"RFC822.SIZE INTERNALDATE{labels} {item}"):
                if answer.literal is not None:
                    yield _head(answer, answer.literal)

    def beginnings(self, uids: Sequence[int], length: int) -> Iterator[Fetched]:
        """The first bytes of messages, 500 at a time."""
        for start in range(0, len(uids), _HEADS_AT_ONCE):
            asked = uids[start : start + _HEADS_AT_ONCE]
            for answer in self._fetch(asked, f"BODY.PEEK[]<0.{length}>"):
                if answer.literal is not None:
                    yield Fetched(answer.uid, answer.literal)

    def bodies(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """Whole messages in one command; what the server does not answer for is left out."""
        for answer in self._fetch(uids, "BODY.PEEK[]"):
            if answer.literal is not None:
                yield Fetched(answer.uid, answer.literal)

    def pieces(self, uid: int, size: int) -> Iterator[bytes]:
        """One big message, 4 MiB at a time, until the server has no more.

        ``size`` is only where an answer of less than a piece is expected: servers have been seen
        to count wrong, so the end is where a piece comes back short.
        """
        offset = 0
        while True:
            answers = list(self._fetch([uid], f"BODY.PEEK[]<{offset}.{PIECE}>"))
            piece = answers[0].literal if answers else None
            if piece is None:
                if offset:
                    raise ConnectionLostError(
                        self.account, f"message {uid} ended after {offset} of {size} bytes"
                    )
                return
            if piece:
                yield piece
            offset += len(piece)
            if len(piece) < PIECE:
                return

    def can_idle(self) -> bool:
        """Whether the server tells of new mail by itself (RFC 2177)."""
        with self._talking():
            return bool(self._client.has_capability("IDLE"))

    def idle(self, seconds: float, stopping: Callable[[], bool]) -> bool:
        """Wait in the open folder until a message comes in; returns whether one did.

        Args:
            seconds: how long at the most, less than 29 minutes (RFC 2177, 3).
            stopping: asked every half minute; ``wake`` makes it be asked at once.

        Raises:
            ConnectionLostError: also where the computer was suspended meanwhile, because the
                server is long gone then although nobody told us.
        """
        with self._talking(self._folder):
            self._client.idle()
            new, until, asleep, empty = False, time.monotonic() + seconds, _clocks_apart(), 0
            while not new and not stopping() and (left := until - time.monotonic()) > 0:
                began, slice_s = time.monotonic(), min(left, _IDLE_SLICE_S)
                told = self._client.idle_check(timeout=slice_s)
                new = _tells_of_mail(told)
                # idle_check takes the end of a connection for silence and returns at once, again
                # and again. (Once or twice may be a TLS record that holds no line.)
                early = not told and time.monotonic() - began < slice_s / 2
                empty = empty + 1 if early else 0
                if empty > _EMPTY_READS:
                    raise ConnectionLostError(self.account, "it hung up")
                if abs(_clocks_apart() - asleep) > _SUSPENDED_S:
                    raise ConnectionLostError(self.account, "this computer was asleep")
            if stopping():
                raise ConnectionLostError(self.account, "it is no longer wanted")
            # On a line that is dead, the answer to DONE never comes (imapclient's issue 449).
            self._client.socket().settimeout(_DONE_TIMEOUT_S)
            _, told = self._client.idle_done()
            self._client.socket().settimeout(_TIMEOUT.read)
            return new or _tells_of_mail(told)

    def wake(self) -> None:
        """Break the connection without a goodbye, from any thread: whoever waits on it stops."""
        with suppress(OSError, AttributeError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Log out; a connection that is gone already is no news."""
        try:
            self._client.logout()
        except (IMAPClientError, imaplib.IMAP4.error, OSError):
            log.debug("the connection was gone before logout")

    def _fetch(self, uids: Sequence[int], items: str) -> Iterator[Answer]:
        """Ask for items of messages; answers to what nobody asked, or said twice, are left out."""
        asked = set(uids)
        with self._talking(self._folder):
            named = ",".join(map(str, uids))
            status, data = self._client._imap.uid("FETCH", named, f"({items})")
            if status != "OK":
                raise IMAPClientError(_shown(data[-1] if data else b""))
            for answer in read_answers([chunk for chunk in data if chunk is not None]):
                if answer.uid in asked:
                    asked.discard(answer.uid)
                    yield answer

    @contextmanager
    def _talking(self, folder: str | None = None) -> Iterator[None]:
        """Turn what the libraries raise into our own errors."""
        try:
            yield
        except OSError as error:
            raise ConnectionLostError(self.account, _reason(error)) from error
        except (IMAPClientError, imaplib.IMAP4.error) as error:
            busy = busy_fault(self.account, _reason(error))
            if busy is not None:
                raise busy from error
            if folder is None or isinstance(error, imaplib.IMAP4.abort):
                raise ConnectionLostError(self.account, _reason(error)) from error
            raise FolderUnreadableError(self.account, folder, _reason(error)) from error
        except ArchiveError:
            raise
        except Exception as error:
            # The parsers below meet an answer that is no IMAP, and raise whatever comes of it.
            why = f"the server's answer could not be understood: {_reason(error)}"
            raise ConnectionLostError(self.account, why) from error


def _header_item(names: Sequence[str]) -> str:
    return f"BODY.PEEK[HEADER.FIELDS ({' '.join(name.upper() for name in names)})]"


def _tells_of_mail(told: Sequence[Any]) -> bool:
    return any(len(item) >= 2 and item[1] == b"EXISTS" for item in told)


def _clocks_apart() -> float:
    """Grows by the seconds that the computer is suspended (or that its clock is set by)."""
    return time.time() - time.monotonic()


def _head(answer: Answer, header: bytes) -> Head:
    return Head(answer.uid, answer.size, answer.internal_date, header, answer.labels)


def _connect(account: AccountTable, password: str) -> _GuardedClient:
    try:
        context = _tls_context(account)
        client = _GuardedClient(
            account.host,
            port=account.effective_port,
            ssl=account.security == "tls",
            ssl_context=context,
            timeout=_TIMEOUT,
        )
        client.normalise_times = False
        client._imap.debug = 0
        if account.security == "starttls":
            client.starttls(context)
    except (OSError, ssl.SSLError, imaplib.IMAP4.error, CapabilityError) as error:
        raise reach_fault(account, error) from error
    except (AttributeError, ValueError, TypeError, IndexError, AssertionError) as error:
        raise ConnectionLostError(account.name, "it greeted us in no known way") from error
    if client._imap.state == "AUTH":
        return client  # PREAUTH (RFC 9051, 7.1.4): the connection itself told who we are
    if account.auth != "password":
        return _sign_in(client, account, password)
    try:
        if _plain_needed(account.username + password):
            client.plain_login(account.username, password)
        else:
            client.login(account.username, password)
    except (LoginError, imaplib.IMAP4.abort) as error:
        client.shutdown()
        raise login_fault(account, _reason(error)) from None  # the cause may repeat the password
    except (OSError, IMAPClientError, imaplib.IMAP4.error) as error:
        raise ConnectionLostError(account.name, _reason(error)) from None
    except (AttributeError, ValueError, TypeError, IndexError, AssertionError):
        why = "its answer to the log-in could not be understood"
        raise ConnectionLostError(account.name, why) from None
    return client


class _Bearer:
    """A token as XOAUTH2 and OAUTHBEARER want it (RFC 7628, 3.1 and 3.2.3)."""

    def __init__(self, username: str, token: str) -> None:
        self._username, self._token = username, token
        self.standard = False  # OAUTHBEARER
        self.challenge = ""  # why the server does not want it, once it has said so

    def __call__(self, challenge: bytes) -> str:
        if not self._token:
            # A refusal comes as one more question, and is final only after an empty answer.
            self.challenge = challenge.decode("utf-8", "replace")
            return "\1" if self.standard else ""
        token, self._token = self._token, ""
        escaped = self._username.replace("=", "=3D").replace(",", "=2C")
        start = f"n,a={escaped}," if self.standard else f"user={self._username}"
        return f"{start}\1auth=Bearer {token}\1\1"


def _sign_in(client: _GuardedClient, account: AccountTable, token: str) -> _GuardedClient:
    bearer = _Bearer(account.username, token)
    try:
        offered = {name.upper() for name in client.capabilities()}
        if not offered & {b"AUTH=XOAUTH2", b"AUTH=OAUTHBEARER"}:
            client.shutdown()
            raise NoTokensError(account)
        bearer.standard = b"AUTH=XOAUTH2" not in offered
        client.sasl_login("OAUTHBEARER" if bearer.standard else "XOAUTH2", bearer)
    except (LoginError, imaplib.IMAP4.abort) as error:
        client.shutdown()
        raise token_fault(account, _reason(error), bearer.challenge) from None
    except (OSError, IMAPClientError, imaplib.IMAP4.error) as error:
        raise ConnectionLostError(account.name, _reason(error)) from None
    except (AttributeError, ValueError, TypeError, IndexError, AssertionError):
        why = "its answer to the log-in could not be understood"
        raise ConnectionLostError(account.name, why) from None
    return client


def _tls_context(account: AccountTable) -> ssl.SSLContext | None:
    if account.security == "none":
        return None
    context = ssl.create_default_context()
    if account.ca_file:
        context.load_verify_locations(cafile=account.ca_file)
    return context


def _plain_needed(secret: str) -> bool:
    """LOGIN is ASCII only (RFC 3501, 9); AUTHENTICATE PLAIN carries UTF-8 (RFC 4616)."""
    return not secret.isascii()


def _shown(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _reason(error: BaseException) -> str:
    if isinstance(error, socket.timeout):
        return "no answer in time"
    text = str(error) or type(error).__name__
    # imaplib shows bytes as Python writes them, and which command was answered.
    text = _ANSWERED.sub("", text)
    # A server may repeat what it was sent, the password among it.
    return without_secrets(text.removeprefix("b'").removesuffix("'"))[:300]
