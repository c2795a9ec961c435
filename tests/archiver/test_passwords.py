"""Where a password comes from and goes to, and that it is repeated nowhere."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from archiver.config import AccountTable, parse_settings
from archiver.errors import ConfigError
from archiver.password_store import (
    password_path,
    remove_from_keyring,
    store_in_file,
    store_in_keyring,
)
from archiver.passwords import PasswordMissingError, find_password
from archiver.private_file import NotPrivateError, read_private, write_private

SECRET = "hunter2-äß"


class MemoryKeyring(KeyringBackend):
    """A keyring that works, in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def ring() -> MemoryKeyring:
    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine  # type: ignore[misc]
    keyring.set_keyring(before)


def account(**keys: object) -> AccountTable:
    return AccountTable.model_validate(
        {"name": "family", "host": "imap.x.example", "username": "me@x.example", **keys}
    )


def prints(text: str) -> list[str]:
    return [sys.executable, "-X", "utf8", "-c", f"print({text!r})"]


def test_the_order_is_command_environment_keyring_file(
    ring: MemoryKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUTF8", "1")
    write_private(tmp_path / "p", "by file\n")
    ring.set_password("papertrail", "me@x.example", "by keyring")
    monkeypatch.setenv("MAIL_PW", "by environment")
    every: dict[str, object] = {
        "password_command": prints("by command"),
        "password_env": "MAIL_PW",
        "password_file": str(tmp_path / "p"),
    }

    assert find_password(account(**every)) == "by command"
    every.pop("password_command")
    assert find_password(account(**every)) == "by environment"
    monkeypatch.delenv("MAIL_PW")
    assert find_password(account(**every)) == "by keyring"
    ring.held.clear()
    assert find_password(account(**every)) == "by file"


def test_what_was_tried_is_said_and_what_was_typed_in_the_wrong_place_is_not(
    ring: MemoryKeyring, tmp_path: Path
) -> None:
    """Somebody who takes password_command for the password must not read it back in a log."""
    given = account(password_command=[SECRET], password_file=str(tmp_path / "none"))

    with pytest.raises(PasswordMissingError) as caught:
        find_password(given)

    told = f"{caught.value} {caught.value.hint}"
    assert "the program that password_command names was not found" in told
    assert "the keyring has none" in told
    assert "the file of password_file is not there" in told
    assert "papertrail init" in told
    assert SECRET not in told


@pytest.mark.parametrize(
    "mistake",
    [
        {"password": SECRET},
        {"Password": SECRET},
        {"app_password": SECRET},
        {"app-password": SECRET},
        {"password_env": SECRET},
        {"password_command": SECRET},
        {"password_file": [SECRET]},
        {"pasword": SECRET},
    ],
)
def test_a_password_in_the_configuration_is_refused_and_never_repeated(
    mistake: dict[str, object],
) -> None:
    entry = {"name": "a", "host": "imap.x.example", "username": "me", **mistake}
    table = {
        "archive": {"path": "x", "timezone": "America/Phoenix"},
        "account": [entry],
        "correspondence": {"domains": ["school.example"]},
    }

    with pytest.raises(ConfigError) as caught:
        parse_settings(table)

    assert len(caught.value.problems) == 1
    assert SECRET not in str(caught.value)


def test_a_keyring_that_works_keeps_it_and_lets_it_go(ring: MemoryKeyring) -> None:
    assert store_in_keyring("me@x.example", SECRET)
    assert find_password(account()) == SECRET
    remove_from_keyring("me@x.example")
    remove_from_keyring("me@x.example")
    assert ring.held == {}


@pytest.mark.parametrize("backend", ["null", "fail"])
def test_a_keyring_that_keeps_nothing_is_told_from_one_that_works(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keyring.get_keyring()
    module = __import__(f"keyring.backends.{backend}", fromlist=["Keyring"])
    keyring.set_keyring(module.Keyring())
    try:
        assert not store_in_keyring("me@x.example", SECRET)
    finally:
        keyring.set_keyring(before)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps others out of the folder")
def test_the_file_is_for_its_owner_alone_and_refused_when_it_is_not() -> None:
    path = store_in_file("me@x.example", SECRET)

    assert path == password_path("me@x.example")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert find_password(account(password_file=str(path))) == SECRET

    path.chmod(0o640)
    with pytest.raises(NotPrivateError, match="others on this computer may read it"):
        read_private(path)
    with pytest.raises(PasswordMissingError) as caught:
        find_password(account(password_file=str(path)))
    assert "chmod 600" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_private_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.json"
    write_private(path, json.dumps({"n": 1}))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, json.dumps({"n": 2}))

    assert json.loads(read_private(path)) == {"n": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["kept.json"]
