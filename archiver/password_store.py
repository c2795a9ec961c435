"""Putting a password where `passwords` finds it: the system's keyring, else a private file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from archiver.passwords import KEYRING_SERVICE
from archiver.private_file import write_private


def store_in_keyring(username: str, password: str) -> bool:
    """Put a password into the system's keyring; False where there is none that works.

    It is read back: a keyring that takes everything and keeps nothing is none.
    """
    import keyring  # noqa: PLC0415 - 0.14 s
    from keyring.errors import KeyringError  # noqa: PLC0415

    if type(keyring.get_keyring()).__module__.startswith("keyrings.alt"):
        return False  # it writes the password into the home folder, as good as readable
    try:
        keyring.set_password(KEYRING_SERVICE, username, password)
        return keyring.get_password(KEYRING_SERVICE, username) == password
    except (KeyringError, OSError, RuntimeError):
        return False


def remove_from_keyring(username: str) -> None:
    """Take a password out again, where there is one."""
    import keyring  # noqa: PLC0415
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        keyring.delete_password(KEYRING_SERVICE, username)
    except (KeyringError, OSError, RuntimeError):
        return


def password_path(username: str) -> Path:
    """The file for one user name's password, in the user's own configuration folder."""
    from platformdirs import user_config_path  # noqa: PLC0415

    name = hashlib.sha256(username.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return Path(user_config_path("papertrail", appauthor=False)) / f"password-{name}"


def store_in_file(username: str, password: str) -> Path:
    """Put a password into a file of mode 0600; where it is.

    Raises:
        OSError: it cannot be written.
    """
    path = password_path(username)
    write_private(path, password + "\n")
    return path
