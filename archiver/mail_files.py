"""Mail in files: mbox, Maildir, single messages, ZIP of any of them, and Outlook's .msg.

What kind a file is, its content says, not its name. Only reading is done here, and no name inside
an archive is ever used as a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from archiver.errors import ArchiveError, ExitCode

LARGEST_MEMBER = 4 << 30  # bytes of one file within a ZIP; a Takeout's mbox may be this big
_LARGEST_MESSAGE = 256 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,76}:")
# "From sender weekday month day time year": mbox has no better mark (RFC 4155, appendix A).
_SEPARATOR = re.compile(rb"From .*\d{1,2}:\d\d.*\b\d{4}\b")


class NoMailFilesError(ArchiveError):
    """Nothing to import is where the user pointed."""

    exit_code = ExitCode.USAGE
    hint = "Give files or folders: .mbox, .eml, .msg, a Maildir, a ZIP, or a folder of them."

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}.")
        self.path = path


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message in a file, not yet in memory."""

    origin: str  # where it stands, for a person: "Takeout.mbox at byte 5120"
    digest: str  # SHA-256 of its bytes
    size: int  # bytes
    read: Callable[[], bytes]


@dataclass(slots=True)
class MailFile:
    """A file or folder that was pointed at, and what is in it."""

    name: str
    digest: str  # SHA-256 of the file; empty for a folder
    messages: list[StoredMessage] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)  # what could not be read, and why


@contextlib.contextmanager
def open_mail_files(paths: list[Path]) -> Iterator[list[MailFile]]:
    """Look through files and folders; their messages can be read while the context lasts.

    Raises:
        NoMailFilesError: a path does not exist, or holds nothing that looks like mail.
    """
    with tempfile.TemporaryDirectory(prefix="papertrail-import-") as scratch:
        found = []
        for path in paths:
            if not path.exists():
                raise NoMailFilesError(path, "there is no such file or folder")
            mail_file = _look_into(path, Path(scratch))
            if not mail_file.messages and not mail_file.skipped:
                raise NoMailFilesError(path, "there is no mail in it")
            found.append(mail_file)
        yield found


def _look_into(path: Path, scratch: Path) -> MailFile:
    if path.is_file():
        mail_file = MailFile(path.name, _hash(path))
        _take_file(path, path.name, mail_file, scratch)
        return mail_file
    mail_file = MailFile(path.name or str(path), "")
    for inner in sorted(path.rglob("*")):
        # The working files of a Maildir are not delivered yet.
        if inner.is_file() and inner.parent.name != "tmp" and not inner.name.startswith("."):
            _take_file(inner, inner.relative_to(path).as_posix(), mail_file, scratch)
    return mail_file


def _take_file(path: Path, origin: str, into: MailFile, scratch: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(512)
        if start.startswith(b"From "):
            into.messages += _mbox(path, origin)
        elif start.startswith(b"PK\x03\x04"):
            _take_zip(path, origin, into, scratch)
        elif start.startswith(_OLE):
            _take_outlook(path, origin, into)
        elif _looks_like_message(start):
            if path.stat().st_size > _LARGEST_MESSAGE:
                into.skipped.append((origin, "it is too large for one message"))
            else:
                into.messages.append(_single(path, origin))
        elif path.suffix.lower() in {".eml", ".msg", ".mbox"}:
            into.skipped.append((origin, "it does not begin like mail"))
    except OSError as error:
        into.skipped.append((origin, f"it cannot be read ({error.strerror})"))


def _looks_like_message(start: bytes) -> bool:
    first = start.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return _HEADER_LINE.match(first) is not None and b"\x00" not in start


def _single(path: Path, origin: str) -> StoredMessage:
    return StoredMessage(origin, _hash(path), path.stat().st_size, path.read_bytes)


def _mbox(path: Path, origin: str) -> Iterator[StoredMessage]:
    """Messages between separator lines, byte for byte; the blank line before one is not theirs.

    A ">From " stays as it is: writers disagree on whether the sign was theirs or the author's.
    """
    with path.open("rb") as file:
        start = position = 0
        blank_before, previous_blank_size = True, 0
        hasher, held_back = hashlib.sha256(), b""
        began = False
        for line in file:
            if blank_before and _SEPARATOR.match(line):
                if began:
                    end = position - previous_blank_size
                    yield _slice(path, origin, start, end, hasher.hexdigest())
                start, hasher, held_back, began = position + len(line), hashlib.sha256(), b"", True
                blank_before, previous_blank_size = False, 0
            else:
                hasher.update(held_back)
                held_back = line
                blank_before = line in {b"\n", b"\r\n"}
                previous_blank_size = len(line) if blank_before else 0
                if not blank_before:
                    hasher.update(held_back)
                    held_back = b""
            position += len(line)
        if began:
            end = position - previous_blank_size
            yield _slice(path, origin, start, end, hasher.hexdigest())


def _slice(path: Path, origin: str, start: int, end: int, digest: str) -> StoredMessage:
    def read() -> bytes:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    return StoredMessage(f"{origin} at byte {start}", digest, end - start, read)


def _take_zip(path: Path, origin: str, into: MailFile, scratch: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            for number, member in enumerate(archive.infolist()):
                if member.is_dir():
                    continue
                inner = f"{origin}: {member.filename}"
                if member.flag_bits & 1:
                    into.skipped.append((inner, "it is encrypted; unpack it with its password"))
                    continue
                if member.file_size > LARGEST_MEMBER:
                    into.skipped.append((inner, "it is too large; unpack it first"))
                    continue
                copy = scratch / f"{len(into.messages)}-{number}"
                with archive.open(member) as source, copy.open("wb") as target:
                    _copy(source, target, member.file_size)
                before = len(into.messages) + len(into.skipped)
                if not _is_zip(copy):  # a ZIP within a ZIP is no mail program's doing
                    _take_file(copy, inner, into, scratch)
                if len(into.messages) + len(into.skipped) == before:
                    copy.unlink()
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        into.skipped.append((origin, f"it is damaged ({error})"))


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    shutil.copyfileobj(source, target, 1 << 20)
    if target.tell() > size:
        raise ValueError("it holds more than it says")


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _take_outlook(path: Path, origin: str, into: MailFile) -> None:
    from archiver.outlook import UnreadableMsgError, as_message  # noqa: PLC0415 - olefile is slow

    content = path.read_bytes()
    try:
        message = as_message(content, origin)
    except UnreadableMsgError as error:
        into.skipped.append((origin, str(error)))
        return
    digest = hashlib.sha256(message).hexdigest()
    into.messages.append(StoredMessage(origin, digest, len(message), lambda: message))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
