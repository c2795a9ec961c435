"""The test replies in tests/data/own_words, as bodies with whose words each line is.

A case begins with "### name". Before each line stands whose words it is: o own, u own but in doubt,
a attribution, q quoted, f forwarded, s signature, b boilerplate, t footer; "|" alone is a line
without words. Pages stand above a line "---".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexers.html import read_html
from indexers.mail_lines import split_lines
from indexers.model import Span
from indexers.own_words import mark_spans

DATA = Path(__file__).resolve().parents[1] / "data" / "own_words"
_LETTERS = {
    "own": "o",
    "attribution": "a",
    "quoted": "q",
    "forwarded": "f",
    "signature": "s",
    "boilerplate": "b",
    "footer": "t",
}


@dataclass(frozen=True)
class Case:
    name: str
    page: str  # "" for plain text
    lines: list[tuple[str, str]]  # whose words, and the line

    @property
    def body(self) -> str:
        return "".join(f"{text}\n" for _, text in self.lines)

    @property
    def forwarded(self) -> bool:
        return "@forwarded" in self.name

    def expected(self) -> list[tuple[str, str]]:
        return [(kind, text.strip()) for kind, text in self.lines if text.strip("> ")]

    def found(self) -> list[tuple[str, str]]:
        if not self.page:
            return labelled(self.body, mark_spans(self.body, forwarded=self.forwarded))
        page = read_html(self.page)
        spans = mark_spans(page.text, forwarded=self.forwarded, hints=page.hints)
        return labelled(page.text, spans)


def cases(name: str) -> Iterator[Case]:
    chunks = re.split(r"^### ", (DATA / name).read_text(encoding="utf-8"), flags=re.M)
    for chunk in chunks[1:]:
        title, _, rest = chunk.rstrip("\n").partition("\n")
        page, divider, below = rest.partition("\n---\n")
        text = below if divider else rest
        yield Case(title, page if divider else "", [_line(line) for line in text.split("\n")])


def labelled(body: str, spans: Sequence[Span]) -> list[tuple[str, str]]:
    found = []
    for line in split_lines(body):
        if line.text:
            span = next(s for s in spans if s.start <= line.start < s.end)
            letter = "u" if span.unsure else _LETTERS[span.kind]
            found.append((letter, body[line.start : line.after].strip()))
    return found


def _line(line: str) -> tuple[str, str]:
    return ("|", line[1:]) if line.startswith("|") else (line[:1], line[2:])
