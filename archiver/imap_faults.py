"""Why a mail server could not be reached or would not let us in, and what to do about each."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl

from imapclient.exceptions import CapabilityError

from archiver.config import AccountTable
from archiver.errors import ArchiveError
from archiver.oauth.model import SignInScopeError
from archiver.source import ConnectionLostError, ServerBusyError, SourceError


class UnknownHostError(SourceError):
    """No computer has that name."""

    passing = True

    def __init__(self, account: AccountTable) -> None:
        super().__init__(
            f"Account {account.name!r}: no mail server called {account.host!r} was found."
        )

    hint = (
        "Check the spelling of `host` in the configuration, and that this computer is online. "
        "The name of the server is in your mail provider's help pages under IMAP."
    )


class NoAnswerError(SourceError):
    """There is such a computer, but nothing answers on that port."""

    passing = True

    hint = (
        "Check `port` and `security` in the configuration (993 with tls, or 143 with starttls), "
        "that IMAP is switched on in your mail settings, and that no firewall is in the way."
    )

    def __init__(self, account: AccountTable, why: str) -> None:
        super().__init__(
            f"Account {account.name!r}: nothing answered as a mail server on {account.host!r}, "
            f"port {account.effective_port} ({why})."
        )


class CertificateRefusedError(SourceError):
    """The server could not prove that it is who it says."""

    passing = True

    hint = (
        "The password was not sent. If this is your provider's server, check `host` in the "
        "configuration and this computer's clock; on a public Wi-Fi, try again at home. For a "
        "server with a certificate of your own, name its authority in `ca_file`."
    )

    def __init__(self, account: AccountTable, why: str) -> None:
        super().__init__(
            f"Account {account.name!r}: the certificate of {account.host!r} was refused ({why})."
        )


class CaFileError(SourceError):
    """The extra certificate authority cannot be read."""

    hint = "Correct `ca_file` in the configuration, or leave it empty."

    def __init__(self, account: AccountTable) -> None:
        super().__init__(
            f"Account {account.name!r}: the file {account.ca_file!r} (ca_file) cannot be read as "
            "certificates in PEM form."
        )


class NoTlsError(SourceError):
    """The server does not offer STARTTLS."""

    hint = 'The password was not sent. Use security = "tls" with port 993.'

    def __init__(self, account: AccountTable) -> None:
        super().__init__(
            f"Account {account.name!r}: the server {account.host!r} offers no encryption on port "
            f"{account.effective_port} (STARTTLS)."
        )


class WrongPasswordError(SourceError):
    """The server does not accept user name and password."""

    hint = (
        "Check `username` and the password. Many providers (Gmail, Yahoo, iCloud, AOL) accept no "
        "ordinary password here, only an app password made in the account's security settings."
    )

    def __init__(self, account: AccountTable, answer: str) -> None:
        super().__init__(
            f"Account {account.name!r}: the server did not accept the user name "
            f"{account.username!r} with this password. It said: {answer}"
        )


class AppPasswordNeededError(SourceError):
    """The server wants an app password, or no password at all."""

    hint = (
        "Your ordinary password is not enough here. In the security settings of your mail "
        'account, switch on two-step verification, make an app password for "Mail", and use '
        "that. Where the provider offers none (Microsoft 365 at work or school), use auth = "
        '"microsoft" or "google".'
    )

    def __init__(self, account: AccountTable, answer: str) -> None:
        super().__init__(
            f"Account {account.name!r}: the server {account.host!r} wants an app password. "
            f"It said: {answer}"
        )


_APP_PASSWORD = (
    "application-specific password",
    "app password",
    "app-specific password",
    "web browser",
    "weblogin",
    "basicauthblocked",
    "basic authentication",
    "lookup failed",  # Yahoo's answer to an ordinary password
    "two-step",
    "2-step",
)


# Response codes of RFC 5530 and RFC 9051, 7.1, those of Gmail, and what servers say without a code.
_BUSY = re.compile(
    r"\[(?:UNAVAILABLE|OVERQUOTA|THROTTLED|LIMIT|INUSE|SERVERBUG)\b"
    r"|too many (?:simultaneous )?(?:connections|requests|commands)"
    r"|exceeded (?:command|bandwidth|the)|request is throttled|try again later"
    r"|temporarily unavailable|temporary (?:failure|authentication failure)",
    re.IGNORECASE,
)
_WAIT = re.compile(r"backoff time:? *(\d+) *(milliseconds|ms|seconds|s)\b", re.IGNORECASE)


def busy_fault(account: str, said: str) -> ServerBusyError | None:
    """What a server said, if it was to ask for a pause; None if it was anything else."""
    if not _BUSY.search(said):
        return None
    wait = _WAIT.search(said)
    unit = 1000.0 if wait and wait[2].lower().startswith("m") else 1.0
    return ServerBusyError(account, said, int(wait[1]) / unit if wait else None)


def reach_fault(account: AccountTable, error: Exception) -> SourceError:
    """Why no safe connection came about."""
    match error:
        case ssl.SSLCertVerificationError():
            return CertificateRefusedError(account, error.verify_message or "it cannot be checked")
        case ssl.SSLError() if account.ca_file and "PEM" in str(error).upper():
            return CaFileError(account)
        case ssl.SSLError():
            return NoAnswerError(account, "it does not speak TLS there")
        case socket.gaierror():
            return UnknownHostError(account)
        case ConnectionRefusedError():
            return NoAnswerError(account, "the connection was refused")
        case TimeoutError():
            return NoAnswerError(account, "there was no answer in time")
        case FileNotFoundError() | PermissionError() | IsADirectoryError():
            return CaFileError(account)
        case CapabilityError():
            return NoTlsError(account)
        case imaplib.IMAP4.error() if busy := busy_fault(account.name, str(error)[:200]):
            return busy
        case imaplib.IMAP4.abort():
            return ConnectionLostError(account.name, str(error)[:200] or "it hung up")
        case OSError():
            return NoAnswerError(account, error.strerror or str(error))
        case _:
            return NoAnswerError(account, str(error)[:200] or "it hung up")


class TokenRefusedError(SourceError):
    """The provider gave a token, and its mail server does not take it."""

    def __init__(self, account: AccountTable, answer: str) -> None:
        super().__init__(
            f"Account {account.name!r}: the mail server does not accept the sign-in for "
            f"{account.username!r}. It said: {answer}"
        )
        self.hint = (
            "Check `username` in the configuration: it must be the address that you signed in "
            "with. Check that IMAP is switched on in the mail settings. Then run `papertrail login "
            f"{account.name}` again."
        )


class NoTokensError(SourceError):
    """The server does not know this way of logging in."""

    hint = 'Check `host`, or use auth = "password".'

    def __init__(self, account: AccountTable) -> None:
        super().__init__(
            f"Account {account.name!r}: the server {account.host!r} offers no log-in with "
            f"auth = {account.auth!r} (XOAUTH2, OAUTHBEARER)."
        )


def token_fault(account: AccountTable, answer: str, challenge: str) -> ArchiveError:
    """Why the server would not take a token.

    Args:
        account: whose.
        answer: what ended the log-in.
        challenge: what the server said before that, JSON (RFC 7628, 3.2.2) or "".
    """
    if "insufficient_scope" in challenge and account.auth != "password":
        return SignInScopeError(account.name, account.auth)
    busy = busy_fault(account.name, answer)
    if busy is not None:
        return busy
    if "eof" in answer.lower() or "bye" in answer.lower():
        return ConnectionLostError(account.name, answer)
    return TokenRefusedError(account, answer)


def login_fault(account: AccountTable, answer: str) -> SourceError:
    """Why the server would not let us in, by what it said."""
    said = answer.lower()
    if any(phrase in said for phrase in _APP_PASSWORD):
        return AppPasswordNeededError(account, answer)
    busy = busy_fault(account.name, answer)
    if busy is not None:
        return busy
    if "eof" in said or "bye" in said:
        return ConnectionLostError(account.name, answer)
    return WrongPasswordError(account, answer)
