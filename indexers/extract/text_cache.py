"""Edge: the text of attachments kept by content, so that each is read once, even by a rebuild.

Derived, like the reading; a database of its own, so that the reading can be thrown away without it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from pathlib import Path
from types import TracebackType

from indexers.extract.contract import Means
from indexers.extract.kinds import kind_of
from indexers.extract.registry import extractor_for, versions
from indexers.extract.wire import answer_from, result_to
from indexers.extract.worker import FAILED, UNFINISHED
from indexers.model import Extracted, Page, Part, Skipped

NAME = "texts.sqlite"
_TABLE = """
CREATE TABLE IF NOT EXISTS texts (
    content_digest TEXT NOT NULL,
    media_type     TEXT NOT NULL,
    maker          TEXT NOT NULL,  -- what read it: text of another is read anew
    result         BLOB NOT NULL,
    PRIMARY KEY (content_digest, media_type)
) WITHOUT ROWID
"""
_LOCKED = "locked with a password"


class TextCache:
    """Results of extraction by content, declared type and what made them."""

    def __init__(self, derived: Path, means: Means) -> None:
        self._means = means
        self._path = derived / NAME
        self._db = self._open()

    def __enter__(self) -> TextCache:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.commit()
        self._db.close()

    def get(self, part: Part) -> Extracted | Skipped | None:
        """What was read of these bytes before, by the present extractors."""
        row = self._db.execute(
            "SELECT maker, result FROM texts WHERE content_digest = ? AND media_type = ?",
            (part.digest, part.media_type),
        ).fetchone()
        if row is None:
            return None
        maker, packed = row
        try:
            result, _ = answer_from(zlib.decompress(packed))
        except (ValueError, KeyError, TypeError, zlib.error):
            return None
        if isinstance(result, Page) or maker != self._maker(part, result):
            return None
        return result

    def put(self, part: Part, result: Extracted | Skipped) -> None:
        """Keep a result, unless another try might come to more."""
        unlucky = isinstance(result, Skipped) and (
            result.reason == FAILED or result.reason.startswith("Reading it took")
        )
        if unlucky or (isinstance(result, Extracted) and result.how == UNFINISHED):
            return
        self._db.execute(
            "INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?)",
            (part.digest, part.media_type, self._maker(part, result),
             zlib.compress(result_to(result), 1)),
        )  # fmt: skip

    def commit(self) -> None:
        """Make what was kept last."""
        self._db.commit()

    def _maker(self, part: Part, result: Extracted | Skipped) -> str:
        extractor = extractor_for(part)
        kind = kind_of(part.content, part.media_type, part.name)
        # What a ZIP or OLE file is, and what others are within a file, is not known from outside.
        plain = kind == "application/pdf" or kind.startswith(("image/", "text/"))
        maker = extractor.version if extractor and plain else versions()
        said = (result.reason,) if isinstance(result, Skipped) else result.notes
        locked = any(_LOCKED in sentence for sentence in said)
        words = repr((maker, self._means.ocr, self._means.passwords if locked else ()))
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._ready()
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return self._ready()

    def _ready(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30)
        try:
            # A cache: after a power cut it may be gone. The rollback journal is undone at opening.
            db.execute("PRAGMA synchronous = OFF")
            db.execute(_TABLE)
            db.execute("SELECT count(*) FROM texts").fetchone()
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db
