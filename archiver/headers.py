"""Pure: header bytes to addresses, message ids and decoded text.

Mail in the wild breaks RFC 5322: repeated To lines, raw Latin-1, encoded words inside quotes.
Nothing here raises, whatever the bytes; what cannot be decoded keeps a replacement character.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from functools import lru_cache

from archiver.model import Person

PEOPLE = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "List-Id")
"""The headers whose addresses decide what belongs to the correspondence (design)."""

THREAD = ("Message-ID", "In-Reply-To", "References")

_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:[ \t]*", re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w.-]{1,255}")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_LIST_ID = re.compile(r"<([^<>\s@]+\.[^<>\s@]+)>")
# "Joan Bay, P.E. <joan@…>", "Bay, Joan <joan@…>": a comma that should have stood in quotes.
_UNQUOTED = re.compile(
    r"(^\s*|,\s*)([^\s\"<>@,;:()][^\"<>@,;:()]{0,80}(?:,[^\"<>@,;:()]{1,80}){1,3}?)\s*<(?=[^<>\s]+@)"
)
_WORDS, _DOTTED = r"[\w'-]+(?: [\w'-]+)*", r"[\w+-]+(?:\.[\w+-]+)*"
_PLAIN = re.compile(
    rf"""(?:(?:"([\w .,'&/()-]+)"|({_WORDS})) )?<({_DOTTED}@{_DOTTED})>|({_DOTTED}@{_DOTTED})""",
    re.ASCII,
)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_BLANK = re.compile(rb"\r?\n\r?\n")
_ENCODED = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]{0,2000})\?=")
_Q_CODE = re.compile(rb"=([0-9A-Fa-f]{2})")
_ALIASES = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "l1": "cp1252",
    "iso8859-1": "cp1252", "ansi": "cp1252", "x-ansi": "cp1252", "windows-1252": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "iso-8859-8-i": "iso-8859-8",
    "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7",
    "windows-874": "cp874", "macintosh": "mac-roman", "x-mac-roman": "mac-roman",
}  # fmt: skip
_NO_CHARSETS = {
    "ascii", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "charmap",
    "hex", "base64", "bz2", "zlib", "uu", "quopri", "rot13", "mbcs", "oem",
}  # fmt: skip
_MAX_HEADER = 1 << 20  # bytes; past that a header block is damage, not mail
_MAX_PEOPLE = 200_000  # bytes of one field of addresses: thousands of them


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
    fields: dict[str, list[bytes]] = {}
    for name, value in header_lines(raw):
        fields.setdefault(name.lower(), []).append(value)
    return Headers({name: tuple(values) for name, values in fields.items()})


def header_lines(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """The names and values of a header block, unfolded, in order; what is no field is left out."""
    if b"\n" not in raw[:_MAX_HEADER]:
        raw = raw[:_MAX_HEADER].replace(b"\r", b"\n")  # line ends of old Macintoshes
    head = _BLANK.split(raw[:_MAX_HEADER], maxsplit=1)[0] if raw[:1] not in b"\r\n" else b""
    for line in _FOLD.sub(b" ", head).splitlines():
        match = _FIELD.match(line)
        if match:
            yield match[1].decode("ascii"), line[match.end() :].strip()


def decode(raw: bytes) -> str:
    """Header bytes to text: UTF-8, else Windows-1252, then encoded words (RFC 2047)."""
    text = decode_bytes(raw)
    if "=?" in text:
        text = _decode_words(text)
    return " ".join(text.split())


def _decode_words(text: str) -> str:
    """Text with its encoded words decoded; in one pass, whatever the text.

    Neighbours of one charset are put together as bytes first: many programs cut a word in the
    middle of a character (RFC 2047, 5 forbids it).
    """
    out: list[str] = []
    waiting: list[bytes] = []
    charset = ""
    end = 0

    def finish() -> None:
        if waiting:
            out.append(decode_bytes(b"".join(waiting), charset))
            waiting.clear()

    for word in _ENCODED.finditer(text):
        between = text[end : word.start()]
        if between.strip() or not end:
            finish()
            out.append(between)
        named = word[1].lower()
        if named != charset:
            finish()
            charset = named
        waiting.append(_word_bytes(word[2], word[3]))
        end = word.end()
    finish()
    out.append(text[end:])
    return "".join(out)


def _word_bytes(encoding: str, coded: str) -> bytes:
    raw = coded.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _Q_CODE.sub(lambda code: bytes([int(code[1], 16)]), raw.replace(b"_", b" "))
    digits = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    # Padding is often missing, and a lone last digit carries no byte.
    digits = digits[:-1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def decode_bytes(raw: bytes, charset: str | None = None) -> str:
    """Bytes to text by the charset that is named, else UTF-8, else Windows-1252; never raises.

    Where a text is UTF-8 but for some bytes, those alone are read as Windows-1252.
    """
    named = _charset(charset)
    if named and named != "utf-8":
        try:
            return raw.decode(named)
        except (LookupError, UnicodeError, ValueError):
            pass
    return raw.decode("utf-8", errors=_HANDLER)


def _charset(name: str | None) -> str:
    """A charset's name as Python has it; "" for what is none, or says nothing (US-ASCII)."""
    asked = (name or "").strip().lower().replace("_", "-")
    if not asked or len(asked) > 40:
        return ""
    # Windows-1252, not Latin-1: what calls itself Latin-1 in mail has curly quotes at 0x91-0x94.
    # GB 18030 has all that GB 2312 has, and what is sent under its name.
    known = _ALIASES.get(asked, asked)
    try:
        found = codecs.lookup(known).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if found in _NO_CHARSETS else found


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", errors="replace"), error.end


_HANDLER = "papertrail.windows"
codecs.register_error(_HANDLER, _as_windows)


@lru_cache(maxsize=4096)  # a mailbox repeats the same few people; the parser is slow
def _people(name: str, raw: bytes) -> tuple[Person, ...]:
    return tuple(_parse_people(name, raw))


def _parse_people(name: str, raw: bytes) -> Iterator[Person]:
    text = decode_bytes(raw[:_MAX_PEOPLE])
    if name.lower() == "list-id":
        match = _LIST_ID.search(text)
        if match:
            yield Person(decode(raw.split(b"<", 1)[0]).strip('" '), f"list@{match[1].lower()}")
        return
    # Addresses are cut first and names decoded after: an encoded word may hold a comma.
    for display, address in _plain_addresses(text) or _addresses(text):
        shown = decode(display.encode("utf-8", "surrogateescape")).strip("'\" ")
        cut = address.strip().strip("<>").lower()
        if cut or shown:
            yield Person(shown, cut if "@" in cut else "")


def _plain_addresses(text: str) -> list[tuple[str, str]]:
    """What ``_addresses`` finds where a field is written as most are; nothing for any other.

    The library reads a character at a time: a tenth of the CPU of listing a mailbox.
    """
    found: list[tuple[str, str]] = []
    at = 0
    while match := _PLAIN.match(text, at):
        quoted, words, named, alone = match.groups(default="")
        found.append((quoted or words, named or alone))
        if match.end() == len(text):
            return found
        if not text.startswith(", ", match.end()):
            break
        at = match.end() + 2
    return []


def _addresses(text: str) -> list[tuple[str, str]]:
    text = _UNQUOTED.sub(r'\1"\2" <', text)
    try:
        return getaddresses([text], strict=False) if _STRICT else getaddresses([text])
    except (RecursionError, ValueError, IndexError):  # of comments nested a thousand deep
        return [("", address) for address in _ADDRESS.findall(text)]


def _takes_strict() -> bool:
    """Whether getaddresses knows ``strict``: security releases of 3.11 and later do, older not."""
    try:
        getaddresses([], strict=False)
    except TypeError:
        return False
    return True


_STRICT = _takes_strict()
