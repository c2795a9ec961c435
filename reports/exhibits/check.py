"""Checks a packet of exhibits: page, exhibit, original, manifest, head of the chain.

For anybody who was handed the packet. It needs Python 3.9 or later and nothing else, changes
nothing, and uses no network:

    python3 check.py                      the folder that it lies in
    python3 check.py --seal 3f9a…         also that this is the packet that was sealed
    python3 check.py --journal FILE       also the whole chain, with the family's journal.jsonl

What it shows: every file is as it was listed; every page of the combined PDF is that page of its
exhibit, stamped so; every attachment stands in its message; every message is the one that the
archive's journal says was received. What it cannot show: that a message was true, that the
archive was complete, or, without --seal, that nobody made the whole packet anew.
"""

from __future__ import annotations

import argparse
import binascii
import hashlib
import json
import quopri
import re
import sys
import zlib
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, Iterator, List, Tuple  # noqa: UP035 - runs on Python 3.9

_TOKEN = re.compile(
    rb"[\x00\t\n\f\r ]*(?:(?P<ref>\d+ \d+ R\b)|(?P<open><<|\[)|(?P<close>>>|\])"
    rb"|(?P<hex><[0-9A-Fa-f\s]*>)|(?P<text>\()|(?P<name>/[^\x00\t\n\f\r ()<>\[\]{}/%]*)"
    rb"|(?P<word>[^\x00\t\n\f\r ()<>\[\]{}/%]+))"
)
_XREF = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
_SKIPPED = {b"/Parent", b"/StructParents", b"/Length"}
_MAX_DEPTH = 200


class NotAsWritten(Exception):  # noqa: N818 - a plain word for the reader of the script
    """A file that does not have the form in which packets are written."""


class Pdf:
    """Just enough of a PDF, as this program's packets write it, to take its pages apart."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = self._offsets()
        self._digests: dict[int, str] = {}

    def pages(self) -> list[dict[bytes, Any]]:
        """The page dictionaries in order."""
        trailer = self._value(self._data.rindex(b"trailer") + 7)[0]
        catalog = self._object(trailer[b"/Root"])[0]
        found: list[dict[bytes, Any]] = []
        self._collect(catalog[b"/Pages"], found, 0)
        return found

    def digest(self, page: dict[bytes, Any]) -> str:
        """SHA-256 over all that a page shows: its content, pictures, faces, size; not its place."""
        return hashlib.sha256(self._canonical(page, ())).hexdigest()

    def content(self, page: dict[bytes, Any]) -> bytes:
        """What a page draws by itself, its stamps among it."""
        fields, stream = self._object(page[b"/Contents"])
        if fields.get(b"/Filter") == b"/FlateDecode":
            stream = zlib.decompress(stream)
        return stream

    def _offsets(self) -> dict[int, int]:
        start = int(self._data[self._data.rindex(b"startxref") + 9 :].split()[0])
        if self._data[start : start + 4] != b"xref":
            raise NotAsWritten("its table of objects is not where it should be")
        first, count = map(int, self._data[start + 4 : start + 40].split()[:2])
        begin = self._data.index(b"\n", start + 5) + 1
        offsets = {}
        for number in range(count):
            row = _XREF.match(self._data, begin + 20 * number)
            if row is None:
                raise NotAsWritten("its table of objects is damaged")
            if row[3] == b"n":
                offsets[first + number] = int(row[1])
        return offsets

    def _collect(self, ref: Any, found: list[dict[bytes, Any]], depth: int) -> None:
        node = self._object(ref)[0]
        if depth > _MAX_DEPTH:
            raise NotAsWritten("its tree of pages has no end")
        if node.get(b"/Type") == b"/Pages":
            for child in node[b"/Kids"]:
                self._collect(child, found, depth + 1)
        else:
            found.append(node)

    def _object(self, ref: Any) -> tuple[Any, bytes]:
        """An object by reference ("12 0 R"), and its stream, "" where it has none."""
        number = int(bytes(ref).split()[0])
        head = f"{number} 0 obj".encode()
        at = self._at.get(number, -1)
        if at < 0 or self._data[at : at + len(head)] != head:
            raise NotAsWritten(f"object {number} is not where it should be")
        value, end = self._value(at + len(head))
        if isinstance(value, dict) and self._data[end : end + 8].lstrip()[:6] == b"stream":
            begin = self._data.index(b"stream", end) + 7
            length = value[b"/Length"]
            size = int(self._object(length)[0] if length.endswith(b"R") else length)
            return value, self._data[begin : begin + size]
        return value, b""

    def _value(self, at: int) -> tuple[Any, int]:
        """The value at a place, and where it ends: dict, list, or the bytes of anything else."""
        token = _TOKEN.match(self._data, at)
        if token is None:
            raise NotAsWritten(f"it cannot be read at byte {at}")
        if token["open"] == b"<<":
            return self._dictionary(token.end())
        if token["open"] == b"[":
            items: list[Any] = []
            at = token.end()
            while True:
                closing = _TOKEN.match(self._data, at)
                if closing is not None and closing["close"]:
                    return items, closing.end()
                item, at = self._value(at)
                items.append(item)
        if token["text"]:
            end = self._string_end(token.end())
            return self._data[token.end() - 1 : end], end
        if token["close"]:
            raise NotAsWritten(f"a bracket closes nothing at byte {at}")
        return token[0].strip(b"\x00\t\n\f\r "), token.end()

    def _dictionary(self, at: int) -> tuple[dict[bytes, Any], int]:
        fields: dict[bytes, Any] = {}
        while True:
            token = _TOKEN.match(self._data, at)
            if token is not None and token["close"]:
                return fields, token.end()
            if token is None or not token["name"]:
                raise NotAsWritten(f"a dictionary is damaged at byte {at}")
            fields[token["name"]], at = self._value(token.end())

    def _string_end(self, at: int) -> int:
        depth = 1
        while depth:
            byte = self._data[at : at + 1]
            if not byte:
                raise NotAsWritten("a string has no end")
            at += 2 if byte == b"\\" else 1
            depth += (byte == b"(") - (byte == b")")
        return at

    def _canonical(self, value: Any, path: tuple[int, ...]) -> bytes:
        if isinstance(value, dict):
            rows = [
                name + b" " + self._canonical(value[name], path)
                for name in sorted(value)
                if name not in _SKIPPED
            ]
            return b"<<" + b"\n".join(rows) + b">>"
        if isinstance(value, list):
            return b"[" + b" ".join(self._canonical(item, path) for item in value) + b"]"
        if re.fullmatch(rb"\d+ \d+ R", value):
            return self._referred(int(value.split()[0]), path).encode()
        return bytes(value)

    def _referred(self, number: int, path: tuple[int, ...]) -> str:
        if number in path:
            return "round"  # a form that names itself; where it stands in the circle is enough
        if number not in self._digests:
            fields, stream = self._object(b"%d 0 R" % number)
            hasher = hashlib.sha256(self._canonical(fields, (*path, number)))
            hasher.update(b"stream" + stream)
            self._digests[number] = hasher.hexdigest()
        return self._digests[number]


def page_digests(data: bytes) -> List[str]:  # noqa: UP006
    """The digest of each page of a PDF."""
    pdf = Pdf(data)
    return [pdf.digest(page) for page in pdf.pages()]


class Packet:
    """A packet on disk and what is wrong with it."""

    def __init__(self, root: Path) -> None:
        self.root, self.wrong = root, list[Tuple[str, str]]()  # noqa: UP006
        self.done: list[str] = []

    def check(self, seal: str = "", journal: Path | None = None) -> None:
        """Every step; what is found stands in ``wrong`` as place and sentence."""
        self._manifest("tagmanifest-sha256.txt", self._tag_files())
        listed = self._manifest("manifest-sha256.txt", self._files("data"))
        if seal:
            self._seal(seal)
        record = self._record()
        if record is None:
            return
        pages = self._lines("data/record/pages.jsonl")
        self._numbers(record, pages)
        self._pages(record, pages)
        self._originals(record, listed)
        self._chain(record, journal)

    def say(self, where: str, what: str) -> None:
        """Note a finding."""
        self.wrong.append((where, what))

    # files against manifests

    def _files(self, folder: str) -> set[str]:
        found = (self.root / folder).rglob("*")
        return {p.relative_to(self.root).as_posix() for p in found if not p.is_dir()}

    def _tag_files(self) -> set[str]:
        names = {p.name for p in self.root.iterdir() if p.is_file()}
        return names - {"tagmanifest-sha256.txt"}

    def _manifest(self, name: str, present: set[str]) -> dict[str, str]:
        listed = {}
        try:
            text = (self.root / name).read_text(encoding="utf-8")
        except (OSError, UnicodeError):
            self.say(name, "is missing or cannot be read")
            return {}
        for line in text.splitlines():
            digest, _, path = line.partition("  ")
            listed[path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")] = digest
        for path in sorted(listed.keys() - present):
            self.say(path, "is listed and is not there")
        for path in sorted(present - listed.keys()):
            self.say(path, "is there and is not listed")
        good = 0
        for path in sorted(listed.keys() & present):
            if sha256((self.root / path).read_bytes()) != listed[path]:
                self.say(path, "was changed: its SHA-256 is not the one listed")
            else:
                good += 1
        self.done.append(f"{name}: {good} of {len(listed)} files are as listed")
        return listed

    def _seal(self, seal: str) -> None:
        found = sha256((self.root / "tagmanifest-sha256.txt").read_bytes())
        if found != seal.strip().lower():
            self.say("tagmanifest-sha256.txt", f"its seal is {found}, not the one given")
        else:
            self.done.append("the seal is the one given")

    # the record

    def _record(self) -> dict[str, Any] | None:
        try:
            record = dict(json.loads((self.root / "data/record/exhibits.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            record = {}
        if record.get("format") != 1:
            self.say("data/record/exhibits.json", "is missing or cannot be read")
            return None
        return record

    def _lines(self, path: str) -> list[dict[str, Any]]:
        try:
            text = (self.root / path).read_text(encoding="utf-8")
            return [dict(json.loads(line)) for line in text.splitlines()]
        except (OSError, ValueError, TypeError):
            self.say(path, "is missing or cannot be read")
            return []

    def _numbers(self, record: dict[str, Any], pages: list[dict[str, Any]]) -> None:
        """Bates numbers run on without a gap, and the sections of an exhibit make up its pages."""
        where = "data/record/exhibits.json"
        expected = record["first_bates"]
        rows = iter(pages)
        for exhibit in record["exhibits"]:
            count = sum(section["pages"] for section in exhibit["sections"])
            for number in range(1, count + 1):
                row = next(rows, {})
                said = (row.get("exhibit"), row.get("page"), row.get("of"), row.get("number"))
                if said != (exhibit["number"], number, count, expected):
                    name = exhibit["label"] or exhibit["number"]
                    self.say("data/record/pages.jsonl", f"page {number} of {name} is out of place")
                expected += 1
            if (exhibit["first"], exhibit["last"]) != (expected - count, expected - 1):
                self.say(where, f"the page numbers of {exhibit['label']} do not add up")
        if next(rows, None) is not None:
            self.say("data/record/pages.jsonl", "lists pages of no exhibit")

    # pages

    def _pages(self, record: dict[str, Any], pages: list[dict[str, Any]]) -> None:
        before = len(self.wrong)
        by_file: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for row in pages:
            by_file.setdefault(row["file"], []).append((row["page"], row))
            by_file.setdefault(row["packet"], []).append((row["packet_page"], row))
        for name in sorted({*by_file, *record["packets"]}):
            self._pages_of(name, by_file.get(name, []), record["front_pages"].get(name, 0))
        if len(self.wrong) == before:
            self.done.append(f"{len(pages)} pages stand in their exhibits and in the packet alike")

    def _pages_of(self, name: str, rows: list[tuple[int, dict[str, Any]]], front: int) -> None:
        try:
            pdf = Pdf((self.root / "data" / name).read_bytes())
            found = pdf.pages()
            if len(found) != len(rows) + front:
                self.say(f"data/{name}", f"has {len(found)} pages, not {len(rows) + front}")
            for place, row in rows:
                if place > len(found):
                    continue
                page = found[place - 1]
                if pdf.digest(page) != row["digest"]:
                    what = f"page {place} is not the page that was stamped {row['bates']}"
                    self.say(f"data/{name}", what)
                for stamp in row["stamps"]:
                    drawn = stamp.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
                    if f"({drawn}) Tj".encode() not in pdf.content(page):
                        self.say(f"data/{name}", f"page {place} does not bear the stamp {stamp}")
        except (NotAsWritten, OSError, KeyError, ValueError, IndexError, TypeError, zlib.error,
                AttributeError, RecursionError) as error:  # fmt: skip
            self.say(f"data/{name}", f"cannot be taken apart ({type(error).__name__}: {error})")

    # originals

    def _originals(self, record: dict[str, Any], listed: dict[str, str]) -> None:
        before, count, absent = len(self.wrong), 0, 0
        within: dict[str, set[str]] = {}
        for exhibit in record["exhibits"]:
            name = exhibit["label"] or str(exhibit["number"])
            for section in exhibit["sections"]:
                file, source = section.get("native"), section["source"]
                if file is None:
                    absent += 1
                    continue
                count += 1
                path = self.root / "data" / file
                content = path.read_bytes() if path.is_file() else b""
                wanted = section["content"] or source
                if sha256(content) != wanted or listed.get(f"data/{file}") != wanted:
                    self.say(f"data/{file}", f"is not the original of {name}")
                if section["content"] is None:
                    within[source] = set(_contents(message_from_bytes(content)))
                elif source in within and wanted not in within[source]:
                    self.say(f"data/{file}", f"does not stand in the message of {name}")
        if len(self.wrong) == before:
            self.done.append(f"{count} originals are the ones that the exhibits name")
        if absent:
            self.done.append(f"{absent} originals are not in this packet (see the redaction log)")

    # the chain

    def _chain(self, record: dict[str, Any], journal: Path | None) -> None:
        where, before = "data/record/journal-lines.jsonl", len(self.wrong)
        try:
            lines = (self.root / where).read_bytes().splitlines(keepends=True)
        except OSError:
            self.say(where, "is missing")
            return
        sources = {s["source"]: 0 for e in record["exhibits"] for s in e["sections"]}
        for exhibit in record["exhibits"]:
            for section in exhibit["sections"]:
                if section["content"] is None and section.get("native"):
                    path = self.root / "data" / section["native"]
                    sources[section["source"]] = path.stat().st_size if path.exists() else -1
        held = set(record["lines_left_out"])
        for line in lines:
            entry = _entry(line)
            if entry is None:
                self.say(where, "a line was changed: it does not match its link")
            elif entry["number"] >= record["head"]["entries"]:
                self.say(where, f"line {entry['number']} is later than the head of the chain")
            elif entry["kind"] != "received" or entry["sha256"] not in sources:
                self.say(where, f"line {entry['number']} is about no message of this packet")
            elif sources[entry["sha256"]] not in (0, entry["size"]):
                self.say(where, f"line {entry['number']} gives another size than the original has")
            else:
                held.add(entry["sha256"])
        for source in sorted(sources.keys() - held):
            self.say(where, f"no line says that {source[:12]}… was received")
        if len(self.wrong) == before:
            self.done.append(f"{len(lines)} lines of the journal say when each was received")
        if journal is not None:
            self._whole_chain(journal, record["head"], lines)

    def _whole_chain(self, path: Path, head: dict[str, Any], lines: list[bytes]) -> None:
        wanted, link, number = set(lines), "0" * 64, 0
        with path.open("rb") as file:
            for line in file:
                if number == head["entries"]:
                    break
                entry = _entry(line)
                if entry is None or entry["number"] != number or entry["previous"] != link:
                    self.say(str(path), f"the chain is broken at line {number + 1}")
                    return
                link, number = entry["link"], number + 1
                wanted.discard(line)
        if (number, link) != (head["entries"], head["link"]):
            self.say(str(path), "the chain does not end at the head that the packet names")
        elif wanted:
            self.say(str(path), f"{len(wanted)} lines of the packet are not in the journal")
        else:
            self.done.append(f"the journal is a whole chain of {number} lines up to the head")


def _entry(line: bytes) -> dict[str, Any] | None:
    """A line of the journal, if it matches its own link; docs: README.txt of the archive."""
    text = line.rstrip(b"\n")
    body, mark, rest = text[:-75], text[-75:-66], text[-66:-2]
    if mark != b',"link":"' or sha256(body + b"}") != rest.decode("ascii", "replace"):
        return None
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        return None


def _contents(message: Message) -> Iterator[str]:
    """SHA-256 of everything attached to a message, and to messages within it."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner = part.get_payload()
            if isinstance(inner, list) and isinstance(inner[0], Message):
                content = inner[0].as_bytes()
                yield sha256(content)
                # Some programs encode it, which the standard forbids and parsers overlook.
                if str(part.get("content-transfer-encoding")).lower().strip() == "base64":
                    yield sha256(_from_base64(content))
                else:
                    yield sha256(quopri.decodestring(content))
        elif not part.is_multipart():
            payload = part.get_payload(decode=True)
            yield sha256(payload if isinstance(payload, bytes) else b"")


def _from_base64(content: bytes) -> bytes:
    try:
        return binascii.a2b_base64(content.strip())
    except binascii.Error:
        return b""


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Check, print, and return 0 if nothing is wrong, else 1."""
    parser = argparse.ArgumentParser(description="Checks a packet of exhibits.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--seal", default="", help="the seal that was noted elsewhere")
    parser.add_argument("--journal", type=Path, help="the archive's journal.jsonl")
    options = parser.parse_args()
    packet = Packet(options.folder)
    packet.check(options.seal, options.journal)
    for line in packet.done:
        print("good   ", line)
    for where, what in packet.wrong:
        print("WRONG  ", f"{where}: {what}.")
    print("Nothing is wrong." if not packet.wrong else f"{len(packet.wrong)} things are wrong.")
    return 1 if packet.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
