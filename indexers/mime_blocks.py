"""Pure: long runs of base64 lines are kept from the MIME parser and put back into its tree.

Python's parser looks at every line of a message several times over. Most lines of a mailbox are
attachments' base64, and none of those can be a boundary or a header: it has neither "-" nor ":".
"""

from __future__ import annotations

import re
from email.message import Message as RawMessage

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SHORTEST = 8192  # bytes; what is shorter is quicker left where it is
_WINDOW = 1 << 16  # bytes that are looked at together
_STEM = b"/papertrail/stood/here/"
# An empty line, and one of base64 that stays: after it no parser takes lines for headers.
_BEGINS = re.compile(rb"\n\r?\n[A-Za-z0-9+/]{40,200}\r?\n(?=[A-Za-z0-9+/])")
_OTHER = re.compile(rb"[^A-Za-z0-9+/\r\n]|\n\r?\n")
_MARK = re.compile(rf"{_STEM.decode()}(\d{{8}})/\r?\n")


def take_out(raw: bytes) -> tuple[bytes, list[bytes]]:
    """A message without its long runs of base64, a line in place of each, and the runs.

    Linear in the message's length, whatever its bytes. A message that has such a line of its own
    is left as it is.
    """
    if len(raw) < _SHORTEST or _STEM in raw:
        return raw, []
    shown: list[bytes] = []
    blocks: list[bytes] = []
    copied = at = 0
    while (begins := _BEGINS.search(raw, at)) is not None:
        # The empty line that ends a short run may be the one before the next.
        at, start = begins.end() - 2, begins.end()
        end = _end(raw, start)
        if end - start < _SHORTEST:
            continue
        at = end - 1
        block = raw[start:end]
        if b"\r" in block.translate(None, _LETTERS).replace(b"\r\n", b""):
            continue  # it ends lines for the parser, but not here
        line_end = b"\r\n" if block.endswith(b"\r\n") else b"\n"
        shown += [raw[copied:start], _STEM, b"%08d/" % len(blocks), line_end]
        blocks.append(block)
        copied = end
    return b"".join([*shown, raw[copied:]]), blocks


def _end(raw: bytes, start: int) -> int:
    """Where a run of base64 lines ends: before its last whole line."""
    near = _OTHER.search(raw, start, start + _SHORTEST)
    at = start + _SHORTEST
    while near is None and at < len(raw):
        window = raw[at - 2 : at + _WINDOW]  # an empty line may begin before
        if window.translate(None, _LETTERS + b"\r\n") or b"\n\n" in window or b"\n\r" in window:
            near = _OTHER.search(raw, at - 2, at + _WINDOW)
        at += _WINDOW
    last = raw.rfind(b"\n", start, near.start() if near else len(raw))
    return raw.rfind(b"\n", start, max(last, start)) + 1 or start


def put_back(tree: RawMessage, blocks: list[bytes]) -> None:
    """Give a tree the lines that its parser was not shown."""
    if not blocks:
        return

    def lines(mark: re.Match[str]) -> str:
        return blocks[int(mark[1])].decode("ascii")

    stem = _STEM.decode()
    for node in tree.walk():
        # As it is held: get_payload() takes bytes beyond ASCII for text of some charset.
        payload = node._payload  # type: ignore[attr-defined]
        if isinstance(payload, str) and stem in payload:
            node.set_payload(_MARK.sub(lines, payload))
        for place in ("preamble", "epilogue"):
            text = getattr(node, place)
            if text and stem in text:
                setattr(node, place, _MARK.sub(lines, text))
