"""The hash chain, on lines in memory."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.journal import ChainError, EntryKind, Head, read_chain, write_entry

AT = datetime(2026, 3, 4, 9, 0, 0, tzinfo=UTC)
texts = st.text(max_size=8)
facts = st.dictionaries(
    st.sampled_from(["account", "folder"]), st.one_of(texts, st.integers(0, 2**53)), max_size=2
)


def chain(*many: dict[str, object]) -> list[bytes]:
    lines, head = [], Head()
    for each in many:
        line, _, head = write_entry(head, AT, EntryKind.RECEIVED, each)
        lines.append(line)
    return lines


def follow(lines: list[bytes]) -> list[dict[str, object]]:
    return [dict(entry.facts) for entry, _ in read_chain(lines)]


@given(st.lists(facts, max_size=3))
def test_what_was_written_is_read_back(many: list[dict[str, object]]) -> None:
    assert follow(chain(*many)) == many


def test_the_link_is_the_sha256_of_the_line_without_it() -> None:
    """README.txt tells strangers to check it this way."""
    (line,) = chain({"sha256": "ab"})

    body = line[:-76] + b"}"

    assert json.loads(line)["link"] == hashlib.sha256(body).hexdigest()
    assert json.loads(body)["previous"] == "0" * 64


@given(st.integers(0, 2), st.data())
def test_any_changed_byte_is_found(number: int, data: st.DataObject) -> None:
    lines = chain({"uid": 1}, {"uid": 2}, {"uid": 3})
    at = data.draw(st.integers(0, len(lines[number]) - 2))
    old = lines[number][at]
    new = data.draw(st.integers(0, 255).filter(lambda b: b not in {old, 10}))
    lines[number] = lines[number][:at] + bytes([new]) + lines[number][at + 1 :]

    with pytest.raises(ChainError):
        follow(lines)


@pytest.mark.parametrize("gone", [0, 1])
def test_a_removed_line_is_found(gone: int) -> None:
    lines = chain({"uid": 1}, {"uid": 2}, {"uid": 3})
    del lines[gone]

    with pytest.raises(ChainError, match="removed, added or moved"):
        follow(lines)


def test_swapped_lines_are_found() -> None:
    lines = chain({"uid": 1}, {"uid": 2}, {"uid": 3})
    lines[1], lines[2] = lines[2], lines[1]

    with pytest.raises(ChainError, match="removed, added or moved"):
        follow(lines)


def test_a_doubled_line_is_found() -> None:
    lines = chain({"uid": 1}, {"uid": 2})

    with pytest.raises(ChainError, match="removed, added or moved"):
        follow([lines[0], lines[0], lines[1]])


def test_lines_cut_off_the_end_are_not_seen_by_the_chain_alone() -> None:
    """The limit of the chain, which docs/architecture.md states; the catalogue sees it."""
    lines = chain({"uid": 1}, {"uid": 2})

    assert follow(lines[:1]) == [{"uid": 1}]


def test_a_fact_cannot_pass_itself_off_as_the_entry_s_own_field() -> None:
    with pytest.raises(ValueError, match="number"):
        write_entry(Head(), AT, EntryKind.RECEIVED, {"number": 7})


def test_text_that_utf8_cannot_hold_is_kept() -> None:
    """Folder names from a broken server may hold half a surrogate pair."""
    assert follow(chain({"folder": "x\udce9"})) == [{"folder": "x\udce9"}]
