"""Messages taken apart here, attachments read in other processes, rows in order of receipt."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from archiver.errors import ArchiveError
from archiver.model import Digest, Original
from archiver.progress import Progress
from indexers.extract.contract import Means
from indexers.model import Extracted, Message, Part, Skipped
from indexers.records import MESSAGE_COLUMNS, box_rows, message_row, text_row

if TYPE_CHECKING:
    from indexers.extract.text_cache import TextCache
    from indexers.extract.worker import ExtractionPool

log = logging.getLogger(__name__)

_COMMIT_EVERY = 50  # messages
_AHEAD = 24  # messages whose attachments are being read while the first of them is waited for
_AHEAD_BYTES = 64 << 20  # of their attachments

T = TypeVar("T")


@dataclass(slots=True)
class Summary:
    """What a build did, and what the reading holds after it."""

    messages_read: int = 0
    attachments_read: int = 0
    attachments_unread: int = 0
    detected_anew: int = 0  # messages whose events were looked for
    events: Counter[str] = field(default_factory=Counter)  # by kind, of all messages
    problems: int = 0


Result = Extracted | Skipped
Key = tuple[Digest, str]  # content and declared type of an attachment


@dataclass(slots=True)
class _Waiting:
    """A message that has been taken apart, while its attachments are being read."""

    entry: int
    original: Original
    message: Message
    results: dict[Key, tuple[Part, Future[Result] | Result]]  # of attachments not seen before
    size: int  # bytes of those


@dataclass(slots=True)
class Readers:
    """Reads messages here and their attachments in other processes, a few messages ahead.

    Rows are written in the order of receipt, whatever is done first: two readings of the same
    originals have the same rows.
    """

    db: sqlite3.Connection
    derived: Path
    means: Means
    summary: Summary
    _coming: dict[Key, Future[Result] | Result] = field(default_factory=dict)

    def read(
        self,
        new: Sequence[tuple[int, Original]],
        read_original: Callable[[Digest], bytes],
        progress: Progress,
    ) -> None:
        """Read messages; one that cannot be read becomes a row of ``problems``."""
        from indexers.extract.text_cache import TextCache  # noqa: PLC0415
        from indexers.extract.worker import ExtractionPool  # noqa: PLC0415

        progress.start("reading messages and attachments", len(new))
        with TextCache(self.derived, self.means) as cache, ExtractionPool(self.means) as pool:
            take = partial(self._take, read_original, pool, cache)
            waiting: deque[_Waiting] = deque()
            ahead = 0
            for count, (entry, original) in enumerate(new, 1):
                taken = self._guarded(original.digest, partial(take, entry, original))
                progress.step()
                if taken is not None:
                    waiting.append(taken)
                    ahead += taken.size
                while waiting and (len(waiting) > _AHEAD or ahead > _AHEAD_BYTES):
                    ahead -= waiting[0].size
                    self._write(waiting.popleft(), cache)
                if count % _COMMIT_EVERY == 0:
                    self.db.commit()
                    cache.commit()
            for left in waiting:
                self._write(left, cache)
        self.db.commit()
        progress.finish()

    def _guarded(self, digest: Digest, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except ArchiveError as error:
            note_problem(self.db, digest, "read", f"{error} {error.hint}")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            # mime.py promises not to raise; should it, the other 20,000 still count.
            log.warning("reading %s failed: %s", digest[:12], type(error).__name__)
            what = f"Reading it failed inside the program ({type(error).__name__})."
            note_problem(self.db, digest, "read", what)
        return None

    def _take(
        self,
        read_original: Callable[[Digest], bytes],
        pool: ExtractionPool,
        cache: TextCache,
        entry: int,
        original: Original,
    ) -> _Waiting:
        from indexers.mime import read_message  # noqa: PLC0415

        raw = read_original(original.digest)
        message = read_message(raw, internal_date=original.internal_date)
        results: dict[Key, tuple[Part, Future[Result] | Result]] = {}
        size = 0
        for part in message.attachments:
            key = (part.digest, part.media_type)
            if key in results or self._is_known(key):
                continue
            if key not in self._coming:
                self._coming[key] = cache.get(part) or pool.submit(part)
                size += len(part.content)
            results[key] = (part, self._coming[key])
        return _Waiting(entry, original, message, results, size)

    def _is_known(self, key: Key) -> bool:
        row = self.db.execute(
            "SELECT 1 FROM texts WHERE content_digest = ? AND media_type = ?", key
        ).fetchone()
        return row is not None

    def _write(self, done: _Waiting, cache: TextCache) -> None:
        self._guarded(done.original.digest, partial(self._write_rows, done, cache))

    def _write_rows(self, done: _Waiting, cache: TextCache) -> None:
        digest = done.original.digest
        for key, (part, coming) in done.results.items():
            result = coming.result() if isinstance(coming, Future) else coming
            if isinstance(coming, Future):
                cache.put(part, result)
            if not self._is_known(key):
                row = text_row(part, result)
                self.db.execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?)", row)
                self.db.executemany("INSERT INTO boxes VALUES (?, ?, ?, ?)", box_rows(part, result))
            self._coming.pop(key, None)
        self._count(done.message)
        _write_message(self.db, done.entry, done.original, done.message)
        self.db.execute("DELETE FROM problems WHERE digest = ?", (digest,))
        self.summary.messages_read += 1

    def _count(self, message: Message) -> None:
        for part in message.attachments:
            (how,) = self.db.execute(
                "SELECT how FROM texts WHERE content_digest = ? AND media_type = ?",
                (part.digest, part.media_type),
            ).fetchone()
            if how:
                self.summary.attachments_read += 1
            else:
                self.summary.attachments_unread += 1


def _write_message(
    db: sqlite3.Connection, entry: int, original: Original, message: Message
) -> None:
    fallback = original.internal_date or original.received_at
    db.execute(
        f"INSERT INTO messages ({MESSAGE_COLUMNS}, entry, fallback_date, kept_as)"  # noqa: S608
        f" VALUES ({', '.join('?' * 16)})",
        (*message_row(message), entry, fallback.isoformat(), original.standing),
    )
    db.executemany(
        "INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (message.digest, p.path, p.name, p.media_type, len(p.content), p.digest, p.inline)
            for p in message.attachments
        ],
    )


def note_problem(db: sqlite3.Connection, digest: Digest, step: str, sentence: str) -> None:
    """List what went wrong with a message; tried again at the next run."""
    db.execute("INSERT OR REPLACE INTO problems VALUES (?, ?, ?)", (digest, step, sentence))
