"""A field, a pool and a codec for Whoosh that handle a word's postings together, not one by one.

Whoosh's stock pipeline makes a token object a word, a tuple and a byte string a posting, and
asks for a field length a posting. Here a document's words are found by one regular expression
and go into four arrays a word, and from those to disk. What is used of Whoosh is in 2.7.4 as well:
a field type, the writer's ``pool``, and a ``codec``; the files are Whoosh's, with blocks packed
our way.
"""

from __future__ import annotations

import heapq
import itertools
import marshal
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pickle import dumps
from typing import Any, cast

from whoosh import fields, formats
from whoosh.codec.whoosh3 import (
    W3Codec,
    W3FieldWriter,
    W3LeafMatcher,
    W3PostingsWriter,
)
from whoosh.matching import ListMatcher

from indexers.search.contract import Kind

FIELD = "words"

KIND_BITS = 20
"""A position is ``kind << KIND_BITS | place``: which kind of passage needs no looking up."""

WEIGHTS = {
    Kind.SUBJECT: 3.0, Kind.PEOPLE: 1.5, Kind.OWN: 1.0, Kind.QUOTED: 0.25, Kind.NAME: 2.0,
    Kind.PAGE: 0.7,
}  # fmt: skip
_LAST = max(Kind)
# By the upper bits of a position: pages, the last kind, may go on past their million words.
_WEIGHT = [WEIGHTS[Kind(min(n, _LAST))] for n in range(1 << (32 - KIND_BITS))]
_BLOCK = 512  # postings that are read together
_WORD_BYTES, _POSTING_BYTES = 600, 24  # in memory, until written; measured

Columns = tuple["array[int]", "array[float]", "array[int]", "array[int]"]
"""A word's postings: documents, weights, how many places each, and the places of all."""

Group = tuple[str, Columns]


class PackedFormat(formats.Format):  # type: ignore[misc]
    """Positions as unsigned 32-bit integers in the machine's own order."""

    posting_size = -1

    def __init__(self) -> None:
        super().__init__(1.0)

    def word_values(self, value: Any, analyzer: Any, **options: Any) -> Any:
        """Not used: ``PackedPool.take`` packs."""
        raise NotImplementedError

    def supports(self, name: str) -> bool:
        """What can be asked of a posting."""
        return name in {"weight", "positions"}

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """Whoosh's own phrase queries read these."""
        return list(_places(valuestring))


class PackedWords(fields.FieldType):  # type: ignore[misc]
    """The words of a message, which its writer hands to the pool."""

    analyzer = None
    scorable = False  # no lengths: scores do not use them, and they cost a lookup a posting
    stored = False
    unique = False
    vector = None
    spelling = False

    def __init__(self) -> None:
        self.format = PackedFormat()


def kind_of(place: int) -> Kind:
    """The kind of passage a position is in."""
    return Kind(min(place >> KIND_BITS, _LAST))


def _places(value: bytes) -> array[int]:
    places = array("I")
    places.frombytes(value)
    return places


def _no_columns() -> Columns:
    return array("I"), array("f"), array("I"), array("I")


class PackedPool:
    """Collects postings by word; sorted runs go to disk when memory is short."""

    def __init__(self, storage: Any, *, limit_mb: int) -> None:
        self._storage = storage
        self._limit = limit_mb * 1024 * 1024
        self._postings = 0
        self._columns: defaultdict[str, Columns] = defaultdict(_no_columns)
        self._runs: list[str] = []
        self.fieldnames = {FIELD}

    def take(self, document: int, passages: Iterable[tuple[Kind, list[str]]]) -> None:
        """Take a document's passages as their words; documents come in ascending order."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        following = [kind << KIND_BITS for kind in Kind]
        for kind, words in sorted(passages, key=lambda passage: passage[0]):
            first = following[kind]
            end = first + len(words)
            places: Iterable[int] = range(first, end)
            if kind is not _LAST and end >= (kind + 1) << KIND_BITS:
                # A million words of one kind: the rest is found, but in no phrase.
                last = ((kind + 1) << KIND_BITS) - 1
                places = itertools.chain(range(first, last), itertools.repeat(last))
                end = last
            for place, word in zip(places, words, strict=False):
                found[word].append(place)
            following[kind] = end + 1  # the gap that no phrase crosses
        columns = self._columns
        for word, at in found.items():
            documents, weights, counts, positions = columns[word]
            documents.append(document)
            counts.append(len(at))
            positions.extend(at)
            kind_bits = at[0] >> KIND_BITS
            if at[-1] >> KIND_BITS == kind_bits:
                weights.append(_WEIGHT[kind_bits] * len(at))
            else:
                weights.append(sum([_WEIGHT[place >> KIND_BITS] for place in at]))
        self._grown(len(found))

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Take a posting from a part of the index that is merged into this one."""
        _, word, document, weight, value = item
        documents, weights, counts, positions = self._columns[word.decode("utf-8")]
        documents.append(document)
        weights.append(weight)
        counts.append(len(value) // 4)
        positions.frombytes(value)
        self._grown(1)

    def iter_postings(self) -> Iterator[Group]:
        """Every word's postings, in order of words; for ``PackedFieldWriter``."""
        if not self._runs:
            yield from self._sorted()
            return
        self._save()
        merged = heapq.merge(*map(self._read, self._runs), key=lambda group: group[0])
        for word, same in itertools.groupby(merged, key=lambda group: group[0]):
            whole = _no_columns()
            for _, columns in same:
                for column, more in zip(whole, columns, strict=True):
                    cast("array[int]", column).extend(cast("array[int]", more))
            yield word, whole

    def cleanup(self) -> None:
        """Nothing: Whoosh deletes the folder that the runs are in."""

    def _grown(self, postings: int) -> None:
        self._postings += postings
        if self._postings * _POSTING_BYTES + len(self._columns) * _WORD_BYTES > self._limit:
            self._save()

    def _sorted(self) -> Iterator[Group]:
        # In order of code points, which is the order of their UTF-8.
        return iter(sorted(self._columns.items(), key=lambda item: item[0]))

    def _save(self) -> None:
        name = f"{len(self._runs)}.run"
        with self._storage.create_file(name).raw_file() as run:
            for word, columns in self._sorted():
                marshal.dump((word, *(column.tobytes() for column in columns)), run)
        self._runs.append(name)
        self._columns, self._postings = defaultdict(_no_columns), 0

    def _read(self, name: str) -> Iterator[Group]:
        with self._storage.open_file(name).raw_file() as run:
            while True:
                try:
                    word, *packed = marshal.load(run)  # noqa: S302 - written a moment ago by us
                except EOFError:
                    return
                columns = _no_columns()
                for column, piece in zip(columns, packed, strict=True):
                    cast("array[int]", column).frombytes(piece)
                yield word, columns


class PackedCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec with our blocks."""

    length_stats = False  # Whoosh would look up a document's length for each posting

    def __init__(self) -> None:
        super().__init__(blocklimit=_BLOCK)

    def field_writer(self, storage: Any, segment: Any) -> Any:
        """A writer of words and their postings."""
        return PackedFieldWriter(self, storage, segment)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:
        """A writer of one word's postings."""
        return PackedPostingsWriter(dbfile, blocklimit=_BLOCK, byteids=byteids)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> Any:
        """A matcher that can also be read block by block."""
        if terminfo.is_inlined():
            return ListMatcher(
                *terminfo.inlined_postings(), format_, scorer=scorer, term=term, terminfo=terminfo
            )
        return PackedMatcher(dbfile, *terminfo.extent(), format_, term=term, scorer=scorer)


class PackedFieldWriter(W3FieldWriter):  # type: ignore[misc]
    """Writes what ``PackedPool`` hands out."""

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Group]) -> None:
        """Write every word's postings."""
        del lengths
        self.start_field(FIELD, schema[FIELD])
        for word, columns in items:
            self.start_term(word.encode("utf-8"))
            self._postwriter.add_all(columns)
            self.finish_term()
        self.finish_field()


class PackedPostingsWriter(W3PostingsWriter):  # type: ignore[misc]
    """Blocks of documents, weights and positions as arrays."""

    def add_all(self, columns: Columns) -> None:
        """All postings of a word."""
        documents, weights, counts, places = columns
        self._postfile.write(b"W3Bl")
        begin = 0
        for start in range(0, len(documents), self._blocklimit):
            end = start + self._blocklimit
            self._ids, self._weights = documents[start:end], weights[start:end]
            self._maxweight = max(self._weights)
            many = counts[start:end]
            stop = begin + sum(many)
            self._write(many.tobytes(), places[begin:stop].tobytes(), last=end >= len(documents))
            begin = stop

    def _write(self, counts: bytes, places: bytes, *, last: bool) -> None:
        self._terminfo.add_block(self)
        # Not compressed: a phrase with "the" in it would spend its time unpacking.
        data = dumps((self._ids.tobytes(), self._weights.tobytes(), counts, places), 4)
        # As W3LeafMatcher._goto reads it: count, last id, most weight, compression, lengths.
        info = dumps((len(self._ids), self._ids[-1], self._maxweight, 0, 0, 0), 2)
        length = len(info) + len(data)
        self._postfile.write_int(-length if last else length)
        self._postfile.write(info)
        self._postfile.write(data)
        self._blockcount += 1
        self._new_block()


class PackedMatcher(W3LeafMatcher):  # type: ignore[misc]
    """Reads what ``PackedPostingsWriter`` wrote, posting by posting or a block at a time."""

    _ids: array[int] | None
    _weights: array[float] | None
    _values: list[bytes] | None

    def blocks(self) -> Iterator[PackedMatcher]:
        """Itself, standing on each block in turn; for ``documents``, ``weights``, ``places``."""
        while True:
            yield self
            if self._lastblock:
                return
            self._next_block()

    def documents(self) -> array[int]:
        """Of this block, ascending."""
        if self._ids is None:
            self._read_ids()
            assert self._ids is not None
        return self._ids

    def weights(self) -> array[float]:
        """Of this block, one a document."""
        if self._weights is None:
            self._read_weights()
            assert self._weights is not None
        return self._weights

    def places(self) -> tuple[list[int], array[int]]:
        """Where each document's places begin (with the end of the last), and all places."""
        if self._data is None:
            self._read_data()
        counts, places = self._data[2:]
        return list(itertools.accumulate(_places(counts), initial=0)), _places(places)

    def _read_ids(self) -> None:
        if self._data is None:
            self._read_data()
        self._ids = _places(self._data[0])

    def _read_weights(self) -> None:
        if self._data is None:
            self._read_data()
        self._weights = array("f")
        self._weights.frombytes(self._data[1])

    def _read_values(self) -> None:
        begins, places = self.places()
        ranges = itertools.pairwise(begins)
        self._values = [places[begin:end].tobytes() for begin, end in ranges]
