"""Pure: the leaves of a message's MIME tree, with names, types and text as they should have been.

The structure is walked by hand over the message that mail-parser makes: its own lists lose parts
without a name and merge nested messages. mail-parser's account of defects is kept.
"""

from __future__ import annotations

import binascii
import hashlib
import quopri
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as RawMessage
from functools import lru_cache

from archiver.headers import decode, decode_bytes, read_headers
from archiver.model import Digest
from indexers.mime_blocks import put_back, take_out
from indexers.model import Part

MAX_PARTS = 1000
MAX_DEPTH = 50
MAX_BODY = 4_000_000  # characters of body that are read; the original keeps the rest
_MAX_FIELD = 8192  # characters of a Content-Type; the parser is quadratic in its parameters
_LONG_FIELD = re.compile(
    rb"(?im)^(content-(?:type|disposition)[ \t]*:(?:[^\r\n]|\r?\n[ \t]){%d})(?:[^\r\n]|\r?\n[ \t])*"
    % _MAX_FIELD
)
_DAMAGE = {  # what mail-parser and Python's parser call it, in plain words; "" is said elsewhere
    "AddressHeaderDefect": "an address is malformed",
    "CharsetDecodeDefect": "some characters do not fit the alphabet it names",
    "CloseBoundaryNotFoundDefect": "its end is missing, it may be cut off",
    "DateHeaderDefect": "",
    "FirstHeaderLineIsContinuationDefect": "its first header line is broken",
    "InvalidBase64CharactersDefect": "the encoding of a part is broken",
    "InvalidBase64LengthDefect": "the encoding of a part is cut off",
    "InvalidBase64PaddingDefect": "the encoding of a part is cut off",
    "InvalidMultipartContentTransferEncodingDefect": "its parts are encoded as they must not be",
    "MalformedHeaderDefect": "a header line is malformed",
    "MisplacedEnvelopeHeaderDefect": "a line of a mail store stands among its headers",
    "MissingHeaderBodySeparatorDefect": "a line among its headers is none",
    "MultipartInvariantViolationDefect": "it says it has parts and has none",
    "NoBoundaryInMultipartDefect": "it does not say where its parts begin",
    "StartBoundaryNotFoundDefect": "the beginning of a part is missing",
}
_LONG_LINES = re.compile(
    rb"(?m)^([!-9;-~]+[ \t]*:(?:[^\r\n]|\r?\n[ \t]){%d})(?:[^\r\n]|\r?\n[ \t])*" % _MAX_FIELD
)
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
)
_BY_ENDING = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ics": "text/calendar",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".htm": "text/html",
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".eml": "message/rfc822",
}
_BASE64 = (string.ascii_letters + string.digits + "+/\r\n").encode()
_VAGUE = {"application/octet-stream", "application/x-download", "application/binary", "",
          "application/force-download", "application/x-unknown"}  # fmt: skip
_ENDINGS = {kind: ending for ending, kind in reversed(_BY_ENDING.items())}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@lru_cache(maxsize=1)  # text, HTML and parts of one message are asked for one after another
def parse(raw: bytes) -> tuple[RawMessage | None, tuple[str, ...]]:
    """The MIME tree of a message, and in sentences what is wrong with it; None: past reading."""
    import mailparser  # noqa: PLC0415 - a tenth of a second that only reading needs

    try:
        shown, blocks = take_out(raw)
        message = message_from_bytes(_shortened(shown))
        put_back(message, blocks)
        parsed = mailparser.MailParser(message)
    except Exception as error:  # noqa: BLE001 - whatever a parser makes of hostile bytes
        why = type(error).__name__
        return None, (f"Its structure could not be read ({why}); its text is as it was sent.",)
    told = {_DAMAGE.get(str(name), str(name)) for name in parsed.defects_categories} - {""}
    odd = (f"Its structure is damaged: {'; '.join(sorted(told))}.",) if told else ()
    return parsed.message, odd


def _shortened(raw: bytes) -> bytes:
    """A message without the ends of fields that are longer than any honest one.

    The parser is quadratic in them. Who wrote to whom is read elsewhere, from the original.
    """
    head, blank, rest = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n")
    return _LONG_LINES.sub(rb"\1", head) + blank + _LONG_FIELD.sub(rb"\1", rest)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of a MIME tree."""

    path: str
    kind: str
    name: str
    disposition: str
    content_id: str
    content: bytes
    charset: str | None
    flowed: bool
    attached: bool
    choice: str  # path of the multipart/alternative that it is one form of; "" for none

    def text(self) -> str:
        """Its text, line ends as LF."""
        text = decode_bytes(self.content[: 4 * MAX_BODY], self.charset)[:MAX_BODY]
        text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        return _unflow(text) if self.flowed else text

    def part(self, *, inline: bool) -> Part:
        """It as an attachment."""
        ending = _ENDINGS.get(self.kind, "")
        name = self.name or f"part-{self.path}{ending}"
        digest = Digest(hashlib.sha256(self.content).hexdigest())
        return Part(self.path, self.kind, name, self.content, digest, inline)


@dataclass(frozen=True, slots=True)
class Leaves:
    """All leaves of a message that are read, and in sentences what is not."""

    leaves: tuple[Leaf, ...]
    defects: tuple[str, ...]


def leaves_of(tree: RawMessage | None) -> Leaves:
    """Every leaf in order, numbered as in RFC 9051, 6.4.5.1; a nested message is a leaf."""
    if tree is None:
        return Leaves((), ())
    walked = list(_walk(tree))
    defects = []
    if len(walked) > MAX_PARTS:
        defects.append(f"It has more than {MAX_PARTS:,} parts; the others have not been read.")
    if any(depth >= MAX_DEPTH and node.is_multipart() for node, _, depth, _ in walked):
        defects.append(f"Its parts are nested more than {MAX_DEPTH} deep; the rest is one part.")
    leaves = tuple(_leaf(node, path, choice) for node, path, _, choice in walked[:MAX_PARTS])
    return Leaves(leaves, tuple(defects))


def _walk(tree: RawMessage) -> Iterator[tuple[RawMessage, str, int, str]]:
    stack: list[tuple[RawMessage, str, int, str]] = [(tree, "", 0, "")]
    count = 0
    while stack and count <= MAX_PARTS:
        node, path, depth, choice = stack.pop()
        kind = _type_of(node)
        children = node.get_payload() if node.is_multipart() else None
        if isinstance(children, list) and not kind.startswith("message/") and depth < MAX_DEPTH:
            if kind == "multipart/alternative" and not choice:
                choice = path or "0"
            numbered = [
                (child, f"{path}.{number}" if path else str(number), depth + 1, choice)
                for number, child in enumerate(children[: MAX_PARTS + 1], 1)
            ]
            stack.extend(reversed(numbered))
            continue
        count += 1
        yield node, path or "1", depth, choice


def _type_of(node: RawMessage) -> str:
    try:
        return node.get_content_type().lower()
    except (UnicodeError, ValueError, LookupError, TypeError, AttributeError):
        return "text/plain"


def _leaf(node: RawMessage, path: str, choice: str) -> Leaf:
    kind = _type_of(node)
    disposition = _field(node, "content-disposition").split(";", 1)[0].strip().lower()
    name = _file_name(node)
    if node.is_multipart():
        children = node.get_payload()
        inner = children[0] if isinstance(children, list) and children else None
        if kind.startswith("message/") and isinstance(inner, RawMessage):
            content = nested_bytes(node, inner)
        else:
            content = _bytes_of(node)
        if not name and kind == "message/rfc822":
            subject = read_headers(content).first("subject")
            name = f"{_clean(subject) or 'message'}.eml"
    else:
        content = _payload(node)
    if kind.startswith("multipart/") and not node.is_multipart():
        kind = "text/plain"  # it names no boundary: there is nothing to divide it by
    if kind in _VAGUE or (kind == "text/plain" and name):
        kind = _real_kind(kind, name, content)
    return Leaf(
        path,
        kind,
        name,
        disposition,
        _field(node, "content-id").strip("<> "),
        content,
        _parameter(node, "charset") or None,
        _parameter(node, "format").lower() == "flowed",
        disposition == "attachment" or bool(name),
        choice,
    )


def _payload(node: RawMessage) -> bytes:
    try:
        payload = _from_base64(node) or node.get_payload(decode=True)
    except (UnicodeError, ValueError, LookupError, TypeError, AttributeError):
        payload = None
    if isinstance(payload, bytes):
        return payload
    text = node.get_payload()
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else b""


def _from_base64(node: RawMessage) -> bytes:
    """What stands in sound base64; b"" for anything else. The parser splits it into lines first."""
    if _field(node, "content-transfer-encoding").lower() != "base64":
        return b""
    text = node.get_payload()
    if not isinstance(text, str) or not text.isascii():
        return b""
    coded = text.encode("ascii").rstrip(b"\r\n")
    padding = coded.translate(None, _BASE64)
    if padding not in {b"", b"=", b"=="} or not coded.endswith(padding):
        return b""
    try:
        return binascii.a2b_base64(coded)
    except binascii.Error:
        return b""


def _field(node: RawMessage, name: str) -> str:
    try:
        return str(node.get(name, ""))
    except (UnicodeError, ValueError, LookupError, TypeError):
        return ""


def _parameter(node: RawMessage, name: str) -> str:
    try:
        value = node.get_param(name)
    except (UnicodeError, ValueError, LookupError, TypeError):
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, value
        value = value[2]
    return value.strip("\"' ") if isinstance(value, str) else ""


def nested_bytes(outer: RawMessage, inner: RawMessage) -> bytes:
    """An attached message as bytes.

    RFC 2046, 5.2.1 forbids an encoding around it; where one is used all the same, the parser takes
    the encoded text for the message's body.
    """
    content = _bytes_of(inner)
    encoding = _field(outer, "content-transfer-encoding").strip().lower()
    if encoding == "base64":
        try:
            return binascii.a2b_base64(content.strip())
        except binascii.Error:
            return content
    return quopri.decodestring(content) if encoding == "quoted-printable" else content


def _bytes_of(message: RawMessage) -> bytes:
    try:
        return message.as_bytes()
    except (UnicodeError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return b""


def _file_name(node: RawMessage) -> str:
    try:
        name = _with_text(node).get_filename()
    except (UnicodeError, ValueError, LookupError, TypeError):
        name = _parameter(node, "name")
    return _clean(decode(str(name).encode("utf-8", "surrogateescape"))) if name else ""


def _with_text(node: RawMessage) -> RawMessage:
    """The part, or its fields about a name alone where they hold raw bytes beyond ASCII.

    Of such a field the parser gives signs of replacement instead of its letters.
    """
    fields = [(name.lower(), str(value)) for name, value in node.raw_items()]
    named = [(n, v) for n, v in fields if n in {"content-disposition", "content-type"}]
    if all(value.isascii() for _, value in named):
        return node
    readable = RawMessage()
    for name, value in named:
        readable[name] = decode_bytes(value.encode("utf-8", "surrogateescape"))
    return readable


def _clean(name: str) -> str:
    return _UNSAFE.sub(" ", name).strip(" .")[:150]


def _real_kind(kind: str, name: str, content: bytes) -> str:
    for signature, real in _SIGNATURES:
        if content[:1024].lstrip()[: len(signature)] == signature:
            return real
    ending = re.search(r"\.[a-z0-9]+\Z", name.lower())
    real = _BY_ENDING.get(ending[0], kind) if ending else kind
    return kind if real == "message/rfc822" and not read_headers(content).fields else real


def _unflow(text: str) -> str:
    """Join the lines that format=flowed broke (RFC 3676, 4.2); quoted lines are left alone."""
    out: list[str] = []
    joined: list[str] = []  # of the line that is being put together

    def finish() -> None:
        if joined:
            out.append("".join(joined))
            joined.clear()

    for line in text.split("\n"):
        quoted = line.startswith(">")
        if not quoted and line.startswith(" "):
            line = line[1:]  # noqa: PLW2901 - space stuffing
        if quoted or line == "-- ":
            finish()
            out.append(line)
            continue
        joined.append(line)
        if not line.endswith(" "):
            finish()
    finish()
    return "\n".join(out)
