"""Where a password comes from: a command, the environment, or the system's keyring.

Never from a file of ours, and never into a log or an error message.
"""

from __future__ import annotations

import os
import subprocess

from archiver.config import AccountTable
from archiver.errors import ArchiveError, ExitCode

KEYRING_SERVICE = "papertrail"
_COMMAND_TIMEOUT_S = 120


class PasswordMissingError(ArchiveError):
    """No source gave a password."""

    exit_code = ExitCode.USAGE

    def __init__(self, account: AccountTable, tried: list[str]) -> None:
        super().__init__(f"Account {account.name!r}: no password was found ({'; '.join(tried)}).")
        self.hint = (
            f"Set the environment variable {account.password_env or 'PAPERTRAIL_PASSWORD'}, name "
            "a command in password_command, or store it in the system's keyring with:\n"
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
    tried: list[str] = []
    if account.password_command:
        found = _from_command(list(account.password_command), tried)
        if found:
            return found
    if account.password_env:
        found = os.environ.get(account.password_env, "")
        if found:
            return found
        tried.append(f"the environment variable {account.password_env} is not set")
    found = _from_keyring(account.username, tried)
    if found:
        return found
    raise PasswordMissingError(account, tried)


def _from_command(command: list[str], tried: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_COMMAND_TIMEOUT_S, check=False, text=True
        )
    except FileNotFoundError:
        tried.append(f"the command {command[0]!r} was not found")
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        tried.append(f"the command {command[0]!r} could not be run")
    else:
        found = done.stdout.splitlines()[0] if done.stdout else ""
        if done.returncode == 0 and found:
            return found
        tried.append(f"the command {command[0]!r} gave no password (exit {done.returncode})")
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
