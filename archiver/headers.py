"""Pure: header bytes to addresses, message ids and decoded text.

Mail in the wild breaks RFC 5322: repeated To lines, raw Latin-1, encoded words inside quotes.
Nothing here raises, whatever the bytes; what cannot be decoded keeps a replacement character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses
from functools import lru_cache

from archiver.model import Person

PEOPLE = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "List-Id")
"""The headers whose addresses decide what belongs to the correspondence (design)."""

THREAD = ("Message-ID", "In-Reply-To", "References")

_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:[ \t]*", re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_LIST_ID = re.compile(r"<([^<>\s@]+\.[^<>\s@]+)>")
# "Joan Bay, P.E. <joan@…>", "Bay, Joan <joan@…>": a comma that should have stood in quotes.
_UNQUOTED = re.compile(
    r"(^\s*|,\s*)([^\s\"<>@,;:()][^\"<>@,;:()]{0,80}(?:,[^\"<>@,;:()]{1,80}){1,3}?)\s*<(?=[^<>\s]+@)"
)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_BLANK = re.compile(rb"\r?\n\r?\n")
_ENCODED = re.compile(r"=\?[^?\s]+\?[bBqQ]\?")
_MAX_HEADER = 1 << 20  # bytes; past that a header block is damage, not mail


@dataclass(frozen=True, slots=True)
class Headers:
    """The header fields of a message; values as raw bytes, by name in lower case, in order."""

    fields: Mapping[str, tuple[bytes, ...]]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, unfolded and decoded (RFC 2047), in order."""
        return tuple(map(decode, self.fields.get(name.lower(), ())))

    def first(self, name: str) -> str:
        """The first value of a field, or "" where there is none."""
        return next(iter(self.all(name)), "")

    def people(self, *names: str) -> tuple[Person, ...]:
        """Everyone in these fields, in order, each address once; a List-Id is ``list@id``."""
        found: dict[tuple[str, str], Person] = {}
        for name in names:
            for raw in self.fields.get(name.lower(), ()):
                for person in _people(name, raw):
                    # The first name given to an address wins; no name gives way to any.
                    key = (person.address, "" if person.address else person.name)
                    if key not in found or not found[key].name:
                        found[key] = person
        return tuple(found.values())

    def ids(self, *names: str) -> tuple[str, ...]:
        """Every message id in these fields, with its angle brackets, each once, in order."""
        ids: dict[str, None] = {}
        for name in names:
            for value in self.all(name):
                ids.update(dict.fromkeys(_MESSAGE_ID.findall(value)))
        return tuple(ids)


def read_headers(raw: bytes) -> Headers:
    """Split the header block of a message into its fields.

    Args:
        raw: a whole message or its header block alone; CRLF or LF line ends. Bytes after the
            first empty line are not looked at.
    """
    head = _BLANK.split(raw[:_MAX_HEADER], maxsplit=1)[0] if raw[:1] not in b"\r\n" else b""
    unfolded = _FOLD.sub(b" ", head)
    fields: dict[str, list[bytes]] = {}
    for line in unfolded.splitlines():
        match = _FIELD.match(line)
        if match:
            name = match[1].decode("ascii").lower()
            fields.setdefault(name, []).append(line[match.end() :].strip())
    return Headers({name: tuple(values) for name, values in fields.items()})


def decode(raw: bytes) -> str:
    """Header bytes to text: UTF-8, else Windows-1252, then encoded words (RFC 2047)."""
    text = decode_bytes(raw)
    if not _ENCODED.search(text):
        return " ".join(text.split())
    try:
        runs = decode_header(text)
    except (HeaderParseError, ValueError):
        return " ".join(text.split())
    decoded = "".join(
        run if isinstance(run, str) else decode_bytes(run, charset) for run, charset in runs
    )
    return " ".join(decoded.split())


def decode_bytes(raw: bytes, charset: str | None = None) -> str:
    """Bytes to text by the charset that is named, else UTF-8, else Windows-1252; never raises."""
    for attempt in (charset, "utf-8"):
        try:
            if attempt:
                return raw.decode(attempt)
        except (LookupError, UnicodeError, ValueError):
            continue
    # Windows-1252, not Latin-1: what calls itself Latin-1 in mail has curly quotes at 0x91-0x94.
    return raw.decode("cp1252", errors="replace")


@lru_cache(maxsize=4096)  # a mailbox repeats the same few people; the parser is slow
def _people(name: str, raw: bytes) -> tuple[Person, ...]:
    return tuple(_parse_people(name, raw))


def _parse_people(name: str, raw: bytes) -> Iterator[Person]:
    text = decode_bytes(raw)
    if name.lower() == "list-id":
        match = _LIST_ID.search(text)
        if match:
            yield Person(decode(raw.split(b"<", 1)[0]).strip('" '), f"list@{match[1].lower()}")
        return
    text = _UNQUOTED.sub(r'\1"\2" <', text)
    # Addresses are cut first and names decoded after: an encoded word may hold a comma.
    for display, address in getaddresses([text], strict=False) if _STRICT else getaddresses([text]):
        shown = decode(display.encode("utf-8", "surrogateescape")).strip("'\" ")
        cut = address.strip().strip("<>").lower()
        if cut or shown:
            yield Person(shown, cut if "@" in cut else "")


def _takes_strict() -> bool:
    """Whether getaddresses knows ``strict``: security releases of 3.11 and later do, older not."""
    try:
        getaddresses([], strict=False)
    except TypeError:
        return False
    return True


_STRICT = _takes_strict()
