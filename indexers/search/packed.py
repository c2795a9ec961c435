"""A field, a pool and a codec for Whoosh that handle a word's postings together, not one by one.

Whoosh's stock pipeline makes a token object a word, a tuple a posting, and asks the disk for a
field length a posting. Here a document's words are found by one regular expression, and from then
on a word's postings travel as three lists. All three are extension points of Whoosh 2.7.4
(``FieldType.index``, the writer's ``pool``, ``codec``); the files are Whoosh's, with blocks packed
our way.
"""

from __future__ import annotations

import heapq
import itertools
import marshal
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pickle import dumps, loads
from typing import Any

from whoosh import fields, formats
from whoosh.codec.whoosh3 import (
    W3Codec,
    W3FieldWriter,
    W3LeafMatcher,
    W3PostingsWriter,
)
from whoosh.matching import ListMatcher

from indexers.search.contract import Kind

KIND_BITS = 20
"""A position is ``kind << KIND_BITS | place``: which kind of passage needs no looking up."""

WEIGHTS = {
    Kind.SUBJECT: 3.0, Kind.PEOPLE: 1.5, Kind.OWN: 1.0, Kind.QUOTED: 0.25, Kind.NAME: 2.0,
    Kind.PAGE: 0.7,
}  # fmt: skip
_WEIGHT = [WEIGHTS[kind] for kind in Kind]
_LAST = max(Kind)
_BLOCK = 1024  # postings that are read together
_POSTING_BYTES = 120  # in memory, until written; measured
_SMALL = 200  # bytes; less is not worth compressing

Group = tuple[str, bytes, list[int], list[float], list[bytes]]
"""Field, word, then for each posting: document, weight, packed positions."""


class PackedFormat(formats.Format):  # type: ignore[misc]
    """Positions as unsigned 32-bit integers in the machine's own order."""

    posting_size = -1

    def __init__(self) -> None:
        super().__init__(1.0)

    def word_values(self, value: Any, analyzer: Any, **options: Any) -> Any:
        """Not used: ``PackedWords.index`` packs."""
        raise NotImplementedError

    def supports(self, name: str) -> bool:
        """What can be asked of a posting."""
        return name in {"weight", "positions"}

    def decode_weight(self, valuestring: bytes) -> float:
        """Whoosh asks where it has nothing but the value."""
        return len(valuestring) / 4

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """Whoosh's own phrase queries read these."""
        return list(unpack(valuestring))


class PackedWords(fields.FieldType):  # type: ignore[misc]
    """The words of a message's passages, as they are written, with their places."""

    analyzer = None
    scorable = False  # no lengths: scores do not use them, and they cost a lookup a posting
    stored = False
    unique = False
    vector = None
    spelling = False

    def __init__(self) -> None:
        self.format = PackedFormat()

    def index(
        self, value: Sequence[tuple[Kind, list[str]]], **options: Any
    ) -> list[tuple[Any, ...]]:
        """What Whoosh adds: (word, frequency, weight, packed positions) for each word.

        Args:
            value: passages as their words.
            options: Whoosh's; not looked at.
        """
        del options
        places: dict[str, list[int]] = {}
        following = [kind << KIND_BITS for kind in Kind]
        for kind, found in sorted(value, key=lambda passage: passage[0]):
            first = following[kind]
            end = first + len(found)
            numbered: Iterator[tuple[int, str]]
            if kind is not _LAST and end >= (kind + 1) << KIND_BITS:
                # A million words of one kind: the rest is found, but in no phrase.
                last = ((kind + 1) << KIND_BITS) - 1
                numbered = ((min(n, last), w) for n, w in enumerate(found, first))
                end = last
            else:
                numbered = iter(enumerate(found, first))
            for place, word in numbered:
                if word in places:
                    places[word].append(place)
                else:
                    places[word] = [place]
            following[kind] = end + 1  # the gap that no phrase crosses
        return [
            (word.encode("utf-8", "replace"), len(at), _weigh(at), array("I", at).tobytes())
            for word, at in places.items()
        ]


def _weigh(places: list[int]) -> float:
    kind = places[0] >> KIND_BITS
    if kind == _LAST or places[-1] >> KIND_BITS == kind:
        return _WEIGHT[min(kind, _LAST)] * len(places)
    return sum(_WEIGHT[min(place >> KIND_BITS, _LAST)] for place in places)


def unpack(value: bytes) -> array[int]:
    """Positions in ascending order of place within each kind."""
    places = array("I")
    places.frombytes(value)
    return places


def kind_of(place: int) -> Kind:
    """The kind of passage a position is in."""
    return Kind(min(place >> KIND_BITS, _LAST))


class PackedPool:
    """Collects postings by word; sorted runs go to disk when memory is short."""

    def __init__(self, storage: Any, *, limit_mb: int) -> None:
        self._storage = storage
        self._most = limit_mb * 1024 * 1024 // _POSTING_BYTES
        self._count = 0
        self._groups: dict[tuple[str, bytes], tuple[list[int], list[float], list[bytes]]] = {}
        self._runs: list[str] = []
        self.fieldnames: set[str] = set()

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Take a posting; documents must come in ascending order."""
        field, word, document, weight, value = item
        group = self._groups.get((field, word))
        if group is None:
            group = self._groups[field, word] = ([], [], [])
        group[0].append(document)
        group[1].append(weight)
        group[2].append(value)
        self._count += 1
        if self._count > self._most:
            self._save()

    def iter_postings(self) -> Iterator[Group]:
        """Every word's postings, in order of field and word; for ``PackedFieldWriter``."""
        if not self._runs:
            yield from self._sorted()
            return
        self._save()
        merged = heapq.merge(*map(self._read, self._runs), key=lambda group: group[:2])
        for (field, word), same in itertools.groupby(merged, key=lambda group: group[:2]):
            groups = list(same)
            if len(groups) == 1:
                yield groups[0]
                continue
            chained = [list(itertools.chain.from_iterable(g[n] for g in groups)) for n in (2, 3, 4)]
            yield (field, word, *chained)

    def cleanup(self) -> None:
        """Nothing: Whoosh deletes the folder that the runs are in."""

    def _sorted(self) -> Iterator[Group]:
        groups = self._groups
        for key in sorted(groups):
            yield (*key, *groups[key])

    def _save(self) -> None:
        name = f"{len(self._runs)}.run"
        with self._storage.create_file(name).raw_file() as run:
            for group in self._sorted():
                marshal.dump(group, run)
        self._runs.append(name)
        self._groups, self._count = {}, 0

    def _read(self, name: str) -> Iterator[Group]:
        with self._storage.open_file(name).raw_file() as run:
            while True:
                try:
                    yield marshal.load(run)  # noqa: S302 - written a moment ago by ourselves
                except EOFError:
                    return


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
        current = None
        for field, word, documents, weights, values in items:
            if field != current:
                if current is not None:
                    self.finish_field()
                self.start_field(field, schema[field])
                current = field
            self.start_term(word)
            self._postwriter.add_all(documents, weights, values)
            self.finish_term()
        if current is not None:
            self.finish_field()


class PackedPostingsWriter(W3PostingsWriter):  # type: ignore[misc]
    """Blocks of documents and weights as arrays; positions packed apart, unread until needed."""

    _ids: array[int]
    _weights: array[float]
    _values: list[bytes]

    def add_all(self, documents: list[int], weights: list[float], values: list[bytes]) -> None:
        """All postings of a word."""
        for start in range(0, len(documents), self._blocklimit):
            if self._ids:
                self._write_block()
            end = start + self._blocklimit
            self._ids = array("I", documents[start:end])
            self._weights = array("f", weights[start:end])
            self._values = values[start:end]
            self._maxweight = max(self._weights)

    def _write_block(self, last: bool = False) -> None:
        if not self._blockcount:
            self._postfile.write(b"W3Bl")
        self._terminfo.add_block(self)
        packed = dumps(self._values, 4)
        if len(packed) > _SMALL:
            packed = zlib.compress(packed, 1)
        data = dumps((self._ids.tobytes(), self._weights.tobytes(), packed), 4)
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
        """Itself, standing on each block in turn; for ``documents``, ``weights``, ``values``."""
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

    def values(self) -> list[bytes]:
        """Packed positions of this block, one a document."""
        if self._values is None:
            self._read_values()
            assert self._values is not None
        return self._values

    def _read_ids(self) -> None:
        if self._data is None:
            self._read_data()
        self._ids = array("I")
        self._ids.frombytes(self._data[0])

    def _read_weights(self) -> None:
        if self._data is None:
            self._read_data()
        self._weights = array("f")
        self._weights.frombytes(self._data[1])

    def _read_values(self) -> None:
        if self._data is None:
            self._read_data()
        packed = self._data[2]
        # A pickle of protocol 4 begins with 0x80, a zlib stream with 0x78.
        packed = packed if packed[:1] == b"\x80" else zlib.decompress(packed)
        self._values = loads(packed)  # noqa: S301 - our own cache; never another's
