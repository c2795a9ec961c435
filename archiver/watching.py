"""Waits for new mail between the nights: a connection an account, in a thread of its own.

It only ever opens a folder read-only and waits in IDLE; what comes in is fetched by the same job
that runs at night. A server that does not know IDLE is looked at every quarter of an hour.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable

from archiver.errors import ArchiveError
from archiver.imap_source import ImapSource
from archiver.source import Opened

log = logging.getLogger(__name__)

IDLE_S = 25 * 60.0  # a server may hang up after 29 minutes (RFC 2177, 3)
POLL_S = 15 * 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5.0, 15 * 60.0
_REFUSED_PAUSE_S = 3 * 3600.0  # where a person has to do something; see timetable.py


class Watcher:
    """Watches one folder of one account until it is stopped."""

    def __init__(
        self,
        name: str,
        folder: str,
        connect: Callable[[], ImapSource],
        tell: Callable[[], None],
    ) -> None:
        """Nothing happens before ``start``.

        Args:
            name: of the account.
            folder: what to wait in.
            connect: makes a connection; may raise any ``ArchiveError``.
            tell: called from the thread when mail has come in, or may have while nobody looked.
        """
        self.name, self._folder = name, folder
        self._connect, self._tell = connect, tell
        self._stop = threading.Event()
        self._source: ImapSource | None = None
        self._seen: Opened | None = None
        self._missed = False  # whether there was a time before the first look
        self._thread = threading.Thread(target=self._run, name=f"watch {name}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Stop watching. A thread that is still connecting is left behind; it tells nobody."""
        self._stop.set()
        source = self._source
        if source is not None:
            source.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            before = self._seen
            try:
                pause_s = self._watch()
            except ArchiveError as error:
                self._missed = True
                failures = 1 if self._seen != before else failures + 1
                pause_s = _pause(failures, error.passing)
                log.info("watching %s: %s", self.name, type(error).__name__)
            else:
                failures = 0
            self._stop.wait(pause_s)

    def _watch(self) -> float:
        """Watch over one connection; returns how long to wait before the next, in seconds."""
        source = self._connect()
        self._source = source
        try:
            while not self._stop.is_set():
                opened = source.examine(self._folder)
                # What came in while nobody was connected.
                if self._missed if self._seen is None else _grew(self._seen, opened):
                    self._told()
                self._seen = opened
                if not source.can_idle():
                    return POLL_S
                if source.idle(IDLE_S, self._stop.is_set):
                    self._told()
        except ArchiveError:
            source.wake()  # no answer to a LOGOUT would come, but only after a long wait
            raise
        finally:
            self._source = None
            source.close()
        return 0.0

    def _told(self) -> None:
        if not self._stop.is_set():
            self._tell()


def _grew(seen: Opened, now: Opened) -> bool:
    if seen.uidvalidity != now.uidvalidity:
        return True
    return now.uidnext > seen.uidnext if now.uidnext else now.count > seen.count


def _pause(failures: int, passing: bool) -> float:
    if not passing:
        return _REFUSED_PAUSE_S
    longest = min(_FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10), _LONGEST_PAUSE_S)
    return longest * (1 - random.random() / 2)  # noqa: S311 - so that not all come at once
