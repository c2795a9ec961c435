"""Originals on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from archiver.disk import Disk
from archiver.model import Digest
from archiver.vault import DigestMismatchError, OriginalMissingError, Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "originals").mkdir()
    return Vault(tmp_path / "originals", tmp_path / "incoming", Disk())


def put(vault: Vault, *contents: bytes) -> list[Digest]:
    staged = [vault.stage([content]) for content in contents]
    vault.keep(staged)
    return [original.digest for original in staged]


def test_an_original_is_named_by_its_sha256_and_is_read_only(vault: Vault) -> None:
    content = b"From: a@b.example\r\n\r\nhello\r\n"

    (digest,) = put(vault, content)

    path = vault.originals / digest[:2] / f"{digest}.eml"
    assert digest == hashlib.sha256(content).hexdigest()
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o222 == 0


def test_the_same_bytes_twice_are_one_original(vault: Vault) -> None:
    put(vault, b"same", b"same")
    put(vault, b"same")

    assert [path.read_bytes() for path in vault.files()] == [b"same"]


def test_many_originals_at_once_leave_nothing_behind(vault: Vault, tmp_path: Path) -> None:
    """Batches take another way to the disk than single messages."""
    digests = put(vault, *(b"%d" % n for n in range(50)))

    assert sorted(path.stem for path in vault.files()) == sorted(digests)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_pieces_make_one_original(vault: Vault) -> None:
    staged = vault.stage([b"one ", b"two"])
    vault.keep([staged])

    assert (vault.read(staged.digest), staged.size) == (b"one two", 7)


def test_a_damaged_original_is_neither_read_nor_replaced(vault: Vault) -> None:
    """Replacing it would remove the only sign that it went bad."""
    (digest,) = put(vault, b"as received")
    path = vault.path(digest)
    path.chmod(0o644)
    path.write_bytes(b"altered")

    with pytest.raises(DigestMismatchError):
        vault.read(digest)
    with pytest.raises(DigestMismatchError):
        put(vault, b"as received")
    assert path.read_bytes() == b"altered"


def test_a_missing_original_is_named(vault: Vault) -> None:
    with pytest.raises(OriginalMissingError, match="00000000"):
        vault.read(Digest("0" * 64))


def test_nothing_is_kept_of_a_message_that_broke_off(vault: Vault, tmp_path: Path) -> None:
    def broken() -> object:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        vault.stage(broken())  # type: ignore[arg-type]

    assert list((tmp_path / "incoming").iterdir()) == []


class NoLinks(Disk):
    """A file system without hard links, such as exFAT on a stick."""

    def link(self, written: str, name: str) -> None:
        import errno
        import os
        from unittest.mock import patch

        with patch.object(os, "link", side_effect=OSError(errno.EPERM, "no links here")):
            super().link(written, name)


def test_a_stick_without_hard_links_will_do(tmp_path: Path) -> None:
    (tmp_path / "originals").mkdir()
    vault = Vault(tmp_path / "originals", tmp_path / "incoming", NoLinks())

    put(vault, b"one", b"two")
    put(vault, b"one")

    assert sorted(path.read_bytes() for path in vault.files()) == [b"one", b"two"]
