"""Long runs of base64 are kept from the parser; the tree must not show it."""

from __future__ import annotations

import base64
import random
import time
from email import message_from_bytes
from email.message import Message

import pytest

from indexers.mime_blocks import put_back, take_out

_LONG = base64.encodebytes(random.Random(5).randbytes(40_000))
_LONG_CRLF = _LONG.replace(b"\n", b"\r\n")
_SHORT = base64.encodebytes(bytes(range(200)))
_HEAD = b'Subject: forms\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
_FILE = b"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"

MESSAGES = {
    "an attachment": _HEAD + _FILE + _LONG + b"--b--\n",
    "an empty line before the boundary": _HEAD + _FILE + _LONG + b"\n--b--\n",
    "lines that end with CRLF": (_HEAD + _FILE).replace(b"\n", b"\r\n") + _LONG_CRLF + b"--b--\r\n",
    "two, and a short one": _HEAD + (_FILE + _LONG) * 2 + _FILE + _SHORT + b"--b--\n",
    "cut off in the middle": _HEAD + _FILE + _LONG[:30_000],
    "cut off at a line's end": _HEAD + _FILE + _LONG[: 77 * 300],
    "nothing else": b"Content-Transfer-Encoding: base64\n\n" + _LONG,
    "below the last boundary": _HEAD + _FILE + _SHORT + b"--b--\n\n" + _LONG + b"\n",
    "above the first boundary": _HEAD + b"\n" + _LONG + _FILE + _SHORT + b"--b--\n",
    "empty lines within": _HEAD + _FILE + (_LONG + b"\n") * 2 + b"--b--\n",
    "an empty line after 8 KB": _HEAD + _FILE + _LONG[: 77 * 107] + b"\n" + _LONG + b"--b--\n",
    "letters of no alphabet": _HEAD + _FILE + _LONG[: 77 * 200] + b"\xe9*\n" + _LONG + b"--b--\n",
    "bytes beyond ASCII above": _HEAD + b"--b\nContent-Type: text/plain; charset=latin-1\n\n"
    b"se\xf1ora:\n\n" + _LONG + b"\n\xe9\n--b--\n",
    "a nested message in base64": _HEAD + b"--b\nContent-Type: message/rfc822\n"
    b"Content-Transfer-Encoding: base64\n\n" + _LONG + b"--b--\n",
    "a nested message": _HEAD + b"--b\nContent-Type: message/rfc822\n\n" + _HEAD + _FILE + _LONG
    + b"--b--\n--b--\n",
    "a delivery report": _HEAD + b"--b\nContent-Type: message/delivery-status\n\n" + _LONG
    + b"\nReporting-MTA: dns; mx.school.example\n\n" + _LONG + b"\n--b--\n",
    "carriage returns astray": _HEAD + _FILE + _LONG.replace(b"\n", b"\r", 40) + _LONG + b"--b--\n",
    "no headers": b"\n" + _LONG,
    "no line end": _HEAD + b"\n" + base64.b64encode(bytes(60_000)),
    "no empty line": _HEAD + b"--b\n" + _LONG + b"--b--\n",
}  # fmt: skip
TAKEN = {  # how many runs are kept from the parser; else one
    "two, and a short one": 2, "a delivery report": 2, "empty lines within": 2,
    "carriage returns astray": 0, "no line end": 0, "no empty line": 0,
    "no headers": 0,
}  # fmt: skip


def _everything(node: Message) -> list[object]:
    return [
        (
            part._payload if isinstance(part._payload, str) else len(part._payload),  # type: ignore[attr-defined]
            part.items(),
            part.preamble,
            part.epilogue,
            [(type(defect), getattr(defect, "line", None)) for defect in part.defects],
        )
        for part in node.walk()
    ]


@pytest.mark.parametrize("name", MESSAGES)
def test_the_tree_is_as_if_the_parser_had_seen_every_line(name: str) -> None:
    raw = MESSAGES[name]
    shown, blocks = take_out(raw)
    tree = message_from_bytes(shown)
    put_back(tree, blocks)

    assert _everything(tree) == _everything(message_from_bytes(raw))


@pytest.mark.parametrize("name", MESSAGES)
def test_something_is_taken_out_wherever_there_is_much_base64(name: str) -> None:
    """Where nothing is taken out, the law above says nothing."""
    taken = TAKEN.get(name, 1)
    shown, blocks = take_out(MESSAGES[name])

    assert len(blocks) >= taken
    assert bool(blocks) == bool(taken)
    if taken:
        assert sum(map(len, blocks)) + len(shown) >= len(MESSAGES[name])
        assert len(shown) < len(MESSAGES[name]) / 1.2


def test_a_message_made_at_random_has_the_same_tree() -> None:
    """Pieces of every kind in any order, with every line end."""
    chance = random.Random(11)
    pieces = [_LONG, _LONG_CRLF, _SHORT, b"\n", b"\r\n", b"\r", b"--b\n", b"--b--\n", _FILE, _HEAD,
              b"Content-Type: message/rfc822\n\n", b"X: y\n", b" z\n", b"=\n", b"From \n", b"\xff",
              b"Content-Type: message/delivery-status\n\n", _LONG[: 77 * 107]]  # fmt: skip
    taken = 0
    for _ in range(400):
        raw = _HEAD + b"".join(chance.choices(pieces, k=chance.randint(1, 14)))
        shown, blocks = take_out(raw)
        tree = message_from_bytes(shown)
        put_back(tree, blocks)
        assert _everything(tree) == _everything(message_from_bytes(raw))
        taken += bool(blocks)

    assert taken > 100


def test_a_message_that_has_the_mark_itself_is_left_alone() -> None:
    """Else it could have another attachment's lines put where it likes."""
    raw = _HEAD + b"--b\n\n/papertrail/stood/here/00000000/\n" + _FILE + _LONG + b"--b--\n"

    assert take_out(raw) == (raw, [])


@pytest.mark.parametrize(
    "piece",
    [
        b"\n\n" + b"A" * 60 + b"\nA",
        b"\n\n" + (b"A" * 60 + b"\n") * 130,
        b"\n\n" + b"A" * 60 + b"\n" + b"A" * 8500 + b"*",
        b"\n" * 50 + b"A" * 200,
        b"\n\n" + (b"A" * 60 + b"\n") * 150 + b"-",
    ],
)
def test_time_grows_with_length_alone(piece: bytes) -> None:
    raw = piece * (8_000_000 // len(piece))
    began = time.process_time()
    take_out(raw)

    assert time.process_time() - began < 3
