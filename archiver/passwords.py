"""Where a password comes from: a command, the environment, the system's keyring, or a file.

Never from the configuration, and never into a log or an error message. What a person put where the
name of a source belongs is not repeated either: it may be the password itself.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from archiver.config import AccountTable
from archiver.errors import ArchiveError, ExitCode
from archiver.logs import keep_secret
from archiver.private_file import NotPrivateError, read_private

KEYRING_SERVICE = "papertrail"
_COMMAND_TIMEOUT_S = 120


class PasswordMissingError(ArchiveError):
    """No source gave a password."""

    exit_code = ExitCode.USAGE

    def __init__(self, account: AccountTable, tried: list[str]) -> None:
        super().__init__(f"Account {account.name!r}: no password was found ({'; '.join(tried)}).")
        self.hint = (
            "`papertrail init` asks for it and puts it in a safe place. By hand: set the "
            f"environment variable {account.password_env or 'PAPERTRAIL_PASSWORD'}, name a "
            "command in password_command, or store it in the system's keyring with:\n"
            f"  keyring set {KEYRING_SERVICE} {account.username}"
        )


class UnsupportedAuthError(ArchiveError):
    """A way of logging in that this version cannot do yet."""

    exit_code = ExitCode.USAGE
    hint = 'Use auth = "password" with an app password made in the account\'s security settings.'

    def __init__(self, account: AccountTable) -> None:
        super().__init__(
            f"Account {account.name!r}: logging in with auth = {account.auth!r} is not available "
            "in this version."
        )


def find_password(account: AccountTable) -> str:
    """The account's password, from the first source that has one.

    Raises:
        PasswordMissingError: none has; what was tried is said, what was found is not.
        UnsupportedAuthError: the account does not log in with a password.
    """
    if account.auth != "password":
        raise UnsupportedAuthError(account)
    found, tried = _first_of(account)
    if not found:
        raise PasswordMissingError(account, tried)
    keep_secret(found, account.username)
    return found


def _first_of(account: AccountTable) -> tuple[str, list[str]]:
    tried: list[str] = []
    if account.password_command:
        found = _from_command(list(account.password_command), tried)
        if found:
            return found, tried
    if account.password_env:
        found = os.environ.get(account.password_env, "")
        if found:
            return found, tried
        tried.append(f"the environment variable {account.password_env} is not set")
    found = _from_keyring(account.username, tried)
    if not found and account.password_file:
        found = _from_file(Path(account.password_file), tried)
    return found, tried


def _from_file(path: Path, tried: list[str]) -> str:
    try:
        lines = read_private(path).splitlines()
    except FileNotFoundError:
        tried.append("the file of password_file is not there")
    except (OSError, UnicodeDecodeError):
        tried.append("the file of password_file cannot be read")
    except NotPrivateError as error:
        tried.append(f"{str(error).rstrip('.')}. {error.hint}")
    else:
        if lines and lines[0]:
            return lines[0]
        tried.append("the file of password_file is empty")
    return ""


def _from_command(command: list[str], tried: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_COMMAND_TIMEOUT_S, check=False, text=True
        )
    except FileNotFoundError:
        tried.append("the program that password_command names was not found")
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        tried.append("password_command could not be run")
    else:
        found = done.stdout.splitlines()[0] if done.stdout else ""
        if done.returncode == 0 and found:
            return found
        tried.append(f"password_command gave no password (exit {done.returncode})")
    return ""


def _from_keyring(username: str, tried: list[str]) -> str:
    import keyring  # noqa: PLC0415 - 0.14 s, and only where nothing else has it
    from keyring.errors import KeyringError  # noqa: PLC0415

    if type(keyring.get_keyring()).__module__.startswith("keyrings.alt"):
        tried.append("the keyring on this computer is not safe (keyrings.alt)")
        return ""
    try:
        found = keyring.get_password(KEYRING_SERVICE, username)
    except (KeyringError, OSError):
        tried.append("this computer has no keyring that can be opened")
        return ""
    if not found:
        tried.append("the keyring has none")
    return found or ""
