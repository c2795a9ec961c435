"""The index in Whoosh: only what Whoosh 2.7.4 had, so that any of its line can take its place.

Whoosh has no checksums and does not sync, and its files hold a pickle: the index is a cache of
our own making. It has a version beside it and is built anew on any doubt.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError
from archiver.model import Digest
from archiver.progress import Progress
from indexers.model import SpanKind
from indexers.query import people_text
from indexers.records import MESSAGE_COLUMNS, extracted_from, message_from
from indexers.search.contract import BODY, Document, Hit, QueryError

VERSION = "1"
_FIELDS = ("subject", "people", "own", "quoted")
_WEIGHTS = {"subject": 2.0, "people": 1.5, "own": 1.0, "quoted": 0.3}
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\xa0": " "})
_MAX_QUERY = 1000  # characters


class NoIndexError(ArchiveError):
    """There is nothing to search yet."""

    hint = "Run `papertrail run` first."

    def __init__(self) -> None:
        super().__init__("The archive has not been indexed yet.")


class WhooshIndex:
    """A Whoosh index in a folder of its own."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        """Open an index.

        Args:
            folder: where it is.
            create: make it where there is none, and anew where it cannot be used.

        Raises:
            NoIndexError: there is none that can be used, and ``create`` is false.
        """
        self._folder = folder
        opened = self._open()
        if opened is None and create:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            from whoosh import index  # noqa: PLC0415

            opened = index.create_in(str(folder), _schema())
            (folder / "version").write_text(VERSION, encoding="ascii")
        if opened is None:
            raise NoIndexError
        self._index = opened

    def _open(self) -> Any:
        from whoosh import index  # noqa: PLC0415

        try:
            if (self._folder / "version").read_text(encoding="ascii") != VERSION:
                return None
            opened = index.open_dir(str(self._folder))
            with opened.searcher() as searcher:
                searcher.doc_count()
        except Exception:  # noqa: BLE001 - a damaged pickle raises anything; it is built anew
            return None
        return opened

    def add(self, documents: Iterable[Document]) -> int:
        """Add documents in one commit."""
        writer = self._index.writer(limitmb=128)
        count = 0
        try:
            for document in documents:
                writer.add_document(
                    digest=document.digest,
                    part=document.part,
                    page="" if document.page is None else str(document.page),
                    subject=fold(document.subject),
                    people=fold(document.people),
                    own=fold(document.own),
                    quoted=fold(document.quoted),
                )
                count += 1
        except BaseException:
            writer.cancel()
            raise
        writer.commit()
        return count

    def messages(self) -> set[Digest]:
        """Messages that have a document here."""
        with self._index.reader() as reader:
            return {Digest(term.decode("ascii")) for term in reader.lexicon("digest")}

    def search(self, query: str, limit: int) -> list[Hit]:
        """Documents in which all words of the query occur in some field, best first."""
        from whoosh import qparser  # noqa: PLC0415

        if len(query) > _MAX_QUERY:
            raise QueryError(query[:40] + "…", f"it is longer than {_MAX_QUERY} characters")
        parser = qparser.MultifieldParser(list(_FIELDS), _schema(), fieldboosts=_WEIGHTS)
        # A colon is part of what people type ("Re: bus", "9:15"), not the name of a field.
        parser.remove_plugin_class(qparser.FieldsPlugin)
        parser.remove_plugin_class(qparser.BoostPlugin)
        parser.remove_plugin_class(qparser.RangePlugin)
        try:
            parsed = parser.parse(fold(query))
            with self._index.searcher() as searcher:
                if parsed.is_leaf() and not list(parsed.terms()) and "*" not in query:
                    return []
                results = searcher.search(parsed, limit=limit)
                return [
                    Hit(
                        Digest(found["digest"]),
                        found["part"],
                        int(found["page"]) if found["page"] else None,
                        float(found.score),
                    )
                    for found in results
                ]
        except (ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError) as e:
            raise QueryError(query, str(e) or type(e).__name__) from e

    def terms(self, query: str) -> frozenset[str]:
        """Words of the query after folding, without operators."""
        words = fold(query).replace('"', " ").replace("(", " ").replace(")", " ").split()
        kept = (word.strip("*?.,;:!") for word in words if word not in {"AND", "OR", "NOT"})
        return frozenset(word.lower() for word in kept if word)

    def close(self) -> None:
        """Let go of files."""
        self._index.close()


def fold(text: str) -> str:
    """Text as the index has it: accents and curly quotes do not matter."""
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES))
    return "".join(c for c in plain if not unicodedata.combining(c))


def update_index(folder: Path, db: sqlite3.Connection, progress: Progress) -> int:
    """Index what the reading holds and the index does not; returns how many documents.

    Whether there is anything to do is told by counts kept beside the index, so that a night
    without news does not even import Whoosh.
    """
    want = _signature(db)
    noted = folder / "indexed.json"
    if _noted(noted) == want and (folder / "version").exists():
        return 0
    index = WhooshIndex(folder, create=True)
    try:
        held, kept = index.messages(), {d for (d,) in db.execute("SELECT digest FROM messages")}
        before = _noted(noted)
        if held - kept or (before is not None and before["readers"] != want["readers"]):
            index.close()
            shutil.rmtree(folder)
            index, held = WhooshIndex(folder, create=True), set()
        new = sorted(kept - held)
        progress.start("indexing", len(new))
        added = index.add(_documents(db, new, progress)) if new else 0
        progress.finish()
    finally:
        index.close()
    noted.write_text(json.dumps(want, sort_keys=True), encoding="utf-8")
    return added


def _signature(db: sqlite3.Connection) -> dict[str, object]:
    count, last = db.execute("SELECT count(*), max(entry) FROM messages").fetchone()
    readers = dict(db.execute("SELECT name, value FROM meta WHERE name != 'view'"))
    return {"messages": count, "last": last, "readers": readers}


def _noted(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _documents(
    db: sqlite3.Connection, digests: Iterable[Digest], progress: Progress
) -> Iterator[Document]:
    for digest in digests:
        row = db.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE digest = ?",  # noqa: S608
            (digest,),
        ).fetchone()
        message = message_from(row)
        people = people_text(message)
        own = message.own_words()
        quoted = "\n".join(
            message.body[s.start : s.end] for s in message.spans if s.kind is not SpanKind.OWN
        )
        yield Document(digest, BODY, message.body_path, None, message.subject, people, own, quoted)
        parts = db.execute(
            "SELECT path, name, how, notes, pages FROM parts"
            " JOIN texts USING (content_digest, media_type) WHERE digest = ? ORDER BY path",
            (digest,),
        )
        for path, name, how, notes, pages in parts.fetchall():
            # An attachment that was not read is still found by its name.
            read = extracted_from(how, notes, pages).pages if how else ()
            for page in read:
                text = f"{name}\n{page.text}"
                yield Document(digest, name, path, page.number, message.subject, people, text, "")
            if not read:
                yield Document(digest, name, path, None, message.subject, people, name, "")
        progress.step()


def _schema() -> Any:
    from whoosh import analysis, fields  # noqa: PLC0415

    words = (
        analysis.RegexTokenizer(r"\w+")
        | analysis.LowercaseFilter()
        | analysis.StemFilter(cachesize=50_000)
    )
    text = fields.TEXT(analyzer=words, phrase=True)
    return fields.Schema(
        digest=fields.ID(stored=True),
        part=fields.STORED,
        page=fields.STORED,
        subject=text,
        people=fields.TEXT(analyzer=analysis.RegexTokenizer(r"\w+") | analysis.LowercaseFilter()),
        own=text,
        quoted=text,
    )
