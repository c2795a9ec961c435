"""The index in Whoosh: only what Whoosh 2.7.4 had, so that any of its line can take its place.

Whoosh has no checksums and does not sync, and its files hold a pickle: the index is a cache of
our own making, never to be opened from elsewhere and never part of an export. Sizes and checksums
stand in a manifest beside it; on any doubt it is thrown away and built anew.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError
from indexers.search.contract import Document, Kind, Matches, NoIndexError, Step
from indexers.search.lexicon import Lexicon
from indexers.search.packed import (
    FIELD,
    WEIGHTS,
    PackedCodec,
    PackedMatcher,
    PackedPool,
    PackedWords,
    kind_of,
)
from indexers.vocabulary import fold, language, tokens

VERSION = 2
_MANIFEST, _LEXICON = "manifest.json", "words.sqlite"
_MEMORY_MB = 256  # of postings, before a run of them goes to disk


class IndexInUseError(ArchiveError):
    """Another process is writing to the index."""

    hint = "Wait until it has finished."

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The search index {folder} is being written to by another Paper Trail.")


class WhooshIndex:
    """A Whoosh index in a folder of its own; ``open_index`` and ``create_index`` make one."""

    def __init__(self, folder: Path, index: Any, lexicon: Lexicon) -> None:
        self._folder, self._index, self._lexicon = folder, index, lexicon
        self._reader: Any = None
        self._segments: list[_Segment] = []
        self._same_stem = lru_cache(maxsize=4096)(lexicon.same_stem)
        self._read()

    def index(self, documents: Iterable[Document]) -> int:
        """Add or replace documents in one commit."""
        with self._writer() as writer:
            held, count, replaced = self.numbers(), 0, set()
            words: dict[str, set[str]] = {"en": set(), "es": set()}
            for document in documents:
                if document.number in held:
                    replaced.add(document.number)
                passages = [(p.kind, tokens(fold(p.text))) for p in document.passages]
                for _, found in passages:
                    distinct = set(found)
                    words[language(distinct)] |= distinct
                writer.pool.take(writer.docnum, passages)
                writer.add_document(number=document.number)
                count += 1
            self._delete(writer, replaced)
            # The lexicon first: a crash in between leaves words too many, never too few.
            self._lexicon.add(words)
        return count

    def delete(self, numbers: Collection[int]) -> int:
        """Take documents out in one commit."""
        with self._writer() as writer:
            return self._delete(writer, set(numbers))

    def search(self, steps: Sequence[Step], kinds: Collection[Kind] | None = None) -> Matches:
        """All messages in which the steps stand one after another in one passage."""
        found: Matches = {}
        for segment in self._segments:
            if len(steps) == 1 and kinds is None:
                found.update(segment.any_of(steps[0]))
            else:
                found.update(segment.in_order(steps, kinds))
        return found

    def count(self, steps: Sequence[Step] = ()) -> int:
        """How many messages match; without steps, how many there are."""
        return len(self.search(steps)) if steps else int(self._reader.doc_count())

    def numbers(self) -> set[int]:
        """All messages."""
        return {number for segment in self._segments for number in segment.alive()}

    def begin_with(self, prefix: str) -> Step:
        """The index's own words that begin so."""
        return self._lexicon.begin_with(prefix)

    def same_stem(self, word: str) -> Step:
        """The index's own words that differ from a word only by their endings."""
        return self._same_stem(word)

    def near(self, word: str, distance: int) -> list[str]:
        """The index's own words at most so many letters away, nearest and commonest first."""
        counted = (
            (apart, -self.count([frozenset({other})]), other)
            for apart, other in self._lexicon.near(word, distance)
        )
        return [other for _, count, other in sorted(counted) if count]

    def sound(self) -> bool:
        """Whether every byte is as it was written; reads all files."""
        manifest = _manifest(self._folder)
        present = {name for name in manifest if (self._folder / name).exists()}
        return self._lexicon.sound() and all(
            manifest[name] == _summed(self._folder / name) for name in present
        )

    def close(self) -> None:
        """Let go of files."""
        if self._reader is not None:
            self._reader.close()
        self._index.close()
        self._lexicon.close()

    def _read(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._index.reader()
        leaves = self._reader.leaf_readers()
        self._segments = [_Segment(reader) for reader, _ in leaves if reader.doc_count_all()]

    def _writer(self) -> _Writing:
        return _Writing(self)

    def _delete(self, writer: Any, numbers: set[int]) -> int:
        base = count = 0
        for segment in self._segments:
            for document, number in enumerate(segment.numbers):
                if number in numbers and document not in segment.deleted:
                    writer.delete_document(base + document)
                    count += 1
            base += len(segment.numbers)
        return count


class _Writing:
    """Whoosh's writer from its lock to its commit, the manifest written after."""

    def __init__(self, owner: WhooshIndex) -> None:
        self._owner = owner

    def __enter__(self) -> Any:
        from whoosh.index import LockError  # noqa: PLC0415
        from whoosh.writing import SegmentWriter  # noqa: PLC0415

        owner = self._owner
        try:
            self._writer = SegmentWriter(owner._index, codec=PackedCodec())
        except LockError as error:
            raise IndexInUseError(owner._folder) from error
        # Whoosh declares a poolclass argument and does not look at it.
        self._writer.pool = PackedPool(self._writer.temp_storage(), limit_mb=_MEMORY_MB)
        return self._writer

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._writer.cancel()
            return
        owner = self._owner
        self._writer.commit()
        _write_manifest(owner._folder)
        owner._read()


class _Segment:
    """One of the index's parts: words to documents, and documents to message numbers."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        documents = range(reader.doc_count_all())
        gone = filter(reader.is_deleted, documents) if reader.has_deletions() else ()
        self.deleted = frozenset(gone)
        column = reader.column_reader("number")
        self.numbers = array("I", [column[document] for document in documents])

    def alive(self) -> Iterator[int]:
        return (n for d, n in enumerate(self.numbers) if d not in self.deleted)

    def any_of(self, words: Step) -> Matches:
        found: Matches = {}
        number = self.numbers.__getitem__
        for word in words:
            for block in self._blocks(word):
                pairs = zip(map(number, block.documents()), block.weights(), strict=True)
                if len(words) == 1:
                    found.update(pairs)
                else:
                    for message, weight in pairs:
                        found[message] = found.get(message, 0.0) + weight
        for document in self.deleted:
            found.pop(number(document), None)
        return found

    def in_order(self, steps: Sequence[Step], kinds: Collection[Kind] | None) -> Matches:
        within = set.intersection(*map(self._documents, steps)) if steps else set()
        within -= self.deleted
        starts: dict[int, list[int]] = {}  # by document; where the first step would stand
        rarest = sorted(range(len(steps)), key=lambda n: self._frequency(steps[n]))
        for turn, offset in enumerate(rarest):
            places = self._places(steps[offset], within)
            if turn == 0:
                starts = {d: [p - offset for p in at] for d, at in places.items()}
            else:
                starts = {
                    document: both
                    for document, at in places.items()
                    if (both := [p for p in starts[document] if p + offset in at])
                }
            within = set(starts)
        if kinds is not None:
            starts = {d: [p for p in at if kind_of(p) in kinds] for d, at in starts.items()}
        return {
            self.numbers[document]: sum([WEIGHTS[kind_of(place)] for place in at])
            for document, at in starts.items()
            if at
        }

    def _frequency(self, step: Step) -> int:
        return sum(self._reader.doc_frequency(FIELD, _bytes(word)) for word in step)

    def _documents(self, step: Step) -> set[int]:
        found: set[int] = set()
        for word in step:
            for block in self._blocks(word):
                found.update(block.documents())
        return found

    def _places(self, step: Step, within: set[int]) -> dict[int, array[int]]:
        found: dict[int, array[int]] = {}
        for word in step:
            for block in self._blocks(word):
                documents = block.documents()
                if within.isdisjoint(documents):
                    continue
                begins, places = block.places()
                for document, begin, end in zip(documents, begins, begins[1:], strict=False):
                    if document in within:
                        if document in found:
                            found[document] += places[begin:end]
                        else:
                            found[document] = places[begin:end]
        return found

    def _blocks(self, word: str) -> Iterator[PackedMatcher]:
        from whoosh.reading import TermNotFound  # noqa: PLC0415

        try:
            matcher = self._reader.postings(FIELD, _bytes(word))
        except TermNotFound:
            return iter(())
        packed: PackedMatcher = matcher.child if self.deleted else matcher
        return packed.blocks()


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "replace")


def open_index(folder: Path) -> WhooshIndex:
    """Open an index for reading.

    Raises:
        NoIndexError: there is none, or none that can be trusted.
    """
    # A crash between the two renames of a swap leaves the index under one of the other names.
    for candidate in (folder, aside(folder), behind(folder)):
        found = _open(candidate, create=False)
        if found is not None:
            return found
    raise NoIndexError


def open_for_writing(folder: Path) -> WhooshIndex | None:
    """Open an index to add to it; None where there is none or any doubt about it."""
    found = _open(folder, create=True) if (folder / _MANIFEST).exists() else None
    if found is not None and not found.sound():
        found.close()
        return None
    return found


def create_index(folder: Path) -> WhooshIndex:
    """Make an empty index in a folder that exists and is empty."""
    from whoosh import fields, index  # noqa: PLC0415
    from whoosh.columns import NumericColumn  # noqa: PLC0415

    schema = fields.Schema(**{FIELD: PackedWords()}, number=fields.COLUMN(NumericColumn("I")))
    made = index.create_in(str(folder), schema)
    lexicon = Lexicon(folder / _LEXICON, create=True)
    _write_manifest(folder)
    return WhooshIndex(folder, made, lexicon)


def aside(folder: Path) -> Path:
    """Where an index is built before it takes its place."""
    return folder.with_name(folder.name + ".new")


def behind(folder: Path) -> Path:
    """Where the index before it waits to be deleted."""
    return folder.with_name(folder.name + ".old")


def _open(folder: Path, *, create: bool) -> WhooshIndex | None:
    """An index whose files have the sizes that were written down, or None."""
    try:
        manifest = _manifest(folder)
        for name, (size, _) in manifest.items():
            path = folder / name
            # A file that is gone was merged into another after the manifest was written; if it
            # is needed, opening fails.
            if path.exists() and path.stat().st_size != size:
                return None
        from whoosh import index  # noqa: PLC0415

        return WhooshIndex(
            folder, index.open_dir(str(folder)), Lexicon(folder / _LEXICON, create=create)
        )
    except Exception:  # noqa: BLE001 - a damaged pickle raises anything; it is built anew
        return None


def _manifest(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and checksum by file name; raises ValueError, OSError, KeyError."""
    told = json.loads((folder / _MANIFEST).read_text(encoding="ascii"))
    if told["version"] != VERSION:
        raise ValueError(f"an index of version {told['version']}")
    return {name: (size, summed) for name, (size, summed) in told["files"].items()}


def _write_manifest(folder: Path) -> None:
    """Only files that never change once written: segments and tables of contents."""
    names = sorted(p.name for p in folder.iterdir() if p.suffix in {".seg", ".toc"})
    told = {"version": VERSION, "files": {name: _summed(folder / name) for name in names}}
    working = folder / f"{_MANIFEST}.tmp"
    working.write_text(json.dumps(told, sort_keys=True), encoding="ascii")
    working.replace(folder / _MANIFEST)


def _summed(path: Path) -> tuple[int, int]:
    size = summed = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            size, summed = size + len(piece), zlib.crc32(piece, summed)
    return size, summed
