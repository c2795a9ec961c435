"""What is written down for the day something has to be looked into: little, and nothing private.

Only this program's own loggers are heard. A library's debug output may hold anything: the commands
of a login, whole messages, tokens. It goes nowhere, at any level.
"""

from __future__ import annotations

import base64
import logging
import os
import re
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

OURS = ("archiver", "indexers", "reports")
HIDDEN = "[hidden]"
_ADDRESS = re.compile(r"[^\s@<>()\[\]{}'\",;:=]{1,64}@[^\s@<>()\[\]{}'\",;:=]{1,255}")
_FILE_BYTES, _FILES = 500_000, 3  # of the newest; so many older ones beside it
_SHORTEST = 4  # characters: hiding "a" would leave nothing readable
_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)  # on standard error, by the count of -v
_secrets: set[str] = set()


def keep_secret(secret: str, username: str = "") -> None:
    """Remember a password or token of this run, so that no log or crash report can repeat it.

    Args:
        secret: as it is sent.
        username: what it is sent with: AUTHENTICATE PLAIN (RFC 4616) and XOAUTH2 send both as
            base64.
    """
    if len(secret) < _SHORTEST:
        return
    sent = (f"\0{username}\0{secret}", f"user={username}\1auth=Bearer {secret}\1\1")
    _secrets.update((secret, repr(secret)[1:-1]))
    _secrets.update(
        base64.b64encode(form.encode("utf-8", "surrogateescape")).decode("ascii") for form in sent
    )


def without_secrets(text: str) -> str:
    """A text with every secret of this run taken out."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def without_addresses(text: str) -> str:
    """A text with every e-mail address taken out."""
    return _ADDRESS.sub("[address]", text) if "@" in text else text


def log_path() -> Path:
    """Where the log is: the platform's folder for logs."""
    from platformdirs import user_log_path  # noqa: PLC0415 - keeps --help fast

    return Path(user_log_path("papertrail", appauthor=False)) / "papertrail.log"


def start_logging(verbosity: int, *, private: bool = False) -> None:
    """Begin to log: to a rotating file, and what is asked for to standard error.

    Args:
        verbosity: how often -v was given; 0 shows warnings alone.
        private: leave addresses in, because somebody asked for them. Secrets never are.
    """
    # A full disk or two runs at once must not print a traceback of logging's own.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers[:] = [logging.NullHandler()]
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(_LEVELS[min(verbosity, 2)])
    screen.setFormatter(_Discreet("%(message)s", private=private))
    handlers: list[logging.Handler] = [screen]
    written = _file_handler()
    if written is not None:
        written.setLevel(logging.DEBUG if verbosity > 1 else logging.INFO)
        line = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
        written.setFormatter(_Discreet(line, private=private))
        handlers.append(written)
    for name in OURS:
        logger = logging.getLogger(name)
        logger.setLevel(min(handler.level for handler in handlers))
        logger.propagate = False
        logger.handlers[:] = handlers


class _Discreet(logging.Formatter):
    """One line a record, without what is nobody's business."""

    def __init__(self, form: str, *, private: bool) -> None:
        super().__init__(form)
        self._private = private

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        text = without_secrets(super().format(record)).replace("\r", "").replace("\n", "\n    ")
        return text if self._private else without_addresses(text)


class _OwnerOnly(RotatingFileHandler):
    """A log that only its owner can read."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="replace")


def _file_handler() -> RotatingFileHandler | None:
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _OwnerOnly(path, maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8")
    except OSError:
        return None  # no log is no reason not to do the work
