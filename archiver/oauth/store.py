"""Where a grant is kept: the system's keyring, else a file that only its owner can read."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.disk import write_whole
from archiver.errors import ArchiveError
from archiver.oauth.model import Grant, Provider

log = logging.getLogger(__name__)

_SERVICE = "papertrail"


class GrantUnstorableError(ArchiveError):
    """Neither keyring nor file."""

    hint = "Check that the folder is yours and that the disk is not full."

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"The sign-in cannot be kept in {path.parent}: {error.strerror or error}.")


def save(grant: Grant) -> str:
    """Keep a grant in place of the one before; returns where, in words.

    Raises:
        GrantUnstorableError: it cannot be kept anywhere.
    """
    text = json.dumps(asdict(grant), default=datetime.isoformat)
    path = _path(grant.provider, grant.username)
    if _in_keyring(grant.provider, grant.username, text):
        path.unlink(missing_ok=True)
        return "this computer's keyring"
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise GrantUnstorableError(path, error) from error
    return f"the file {path}, which only you can read"


def load(provider: Provider, username: str) -> Grant | None:
    """The grant that was kept last; None where there is none or it is damaged."""
    path = _path(provider, username)
    try:
        text = path.read_text(encoding="utf-8")
        if path.stat().st_mode & 0o077:
            log.warning("%s could be read by others; it no longer can", path)
            path.chmod(0o600)
    except (OSError, UnicodeDecodeError):
        text = _from_keyring(provider, username)
    try:
        record = json.loads(text)
        return Grant(**{key: _value(key, value) for key, value in record.items()})
    except (ValueError, TypeError, AttributeError):
        return None


def forget(provider: Provider, username: str) -> bool:
    """Remove a grant from wherever it is; returns whether there was one."""
    path = _path(provider, username)
    found = path.exists()
    path.unlink(missing_ok=True)
    ring = _keyring()
    if ring is not None and _from_keyring(provider, username):
        try:
            ring.delete_password(_SERVICE, _name(provider, username))
        except Exception as error:  # noqa: BLE001 - see _in_keyring
            log.warning("the keyring did not give the sign-in up (%s)", type(error).__name__)
        else:
            found = True
    return found


def _in_keyring(provider: Provider, username: str, text: str) -> bool:
    ring = _keyring()
    if ring is None:
        return False
    try:
        ring.set_password(_SERVICE, _name(provider, username), text)
        # Some take it and keep nothing; the Windows vault refuses what is long.
        kept: bool = ring.get_password(_SERVICE, _name(provider, username)) == text
    except Exception:  # noqa: BLE001 - backends raise what their systems do: D-Bus, win32, OSError
        return False
    return kept


def _from_keyring(provider: Provider, username: str) -> str:
    ring = _keyring()
    if ring is None:
        return ""
    try:
        return ring.get_password(_SERVICE, _name(provider, username)) or ""
    except Exception:  # noqa: BLE001 - see _in_keyring
        return ""


def _keyring() -> Any:
    import keyring  # noqa: PLC0415 - 0.14 s

    # keyrings.alt writes passwords into the home folder as good as in the clear.
    unsafe = type(keyring.get_keyring()).__module__.startswith("keyrings.alt")
    return None if unsafe else keyring


def _name(provider: Provider, username: str) -> str:
    return f"sign-in:{provider}:{username}"


def _path(provider: Provider, username: str) -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415 - keeps --help fast

    digest = hashlib.sha256(_name(provider, username).encode()).hexdigest()[:16]
    folder = Path(user_data_path("papertrail", appauthor=False)) / "sign-ins"
    return folder / f"{digest}.json"


def _value(key: str, value: Any) -> Any:
    if key.endswith("_at") and value is not None:
        moment = datetime.fromisoformat(value)
        if moment.utcoffset() is None:
            raise ValueError(key)
        return moment
    return value
