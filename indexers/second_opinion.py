"""Pure: what other texts tell of lines whose author is in doubt.

The page that came with a plain body shows colours and boxes that the plain text has lost; an
earlier message that is held shows what was really written. Both are compared by words alone:
programs wrap, indent and mark what they quote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from indexers.html import read_html
from indexers.mail_lines import Hint, Line, split_lines
from indexers.model import Span, SpanKind
from indexers.own_words import mark_spans

_QUOTES = frozenset({SpanKind.QUOTED, SpanKind.FORWARDED})
_MAX_TEXT = 300_000  # characters of a text that is compared with
_MAX_LINES = 2000  # lines that are looked up
_WORD = re.compile(r"[^\W_]+")
_TOLD = Hint.COLOURED | Hint.SPOTTED | Hint.QUOTED | Hint.INSIDE | Hint.INTRODUCES


def plain_words(text: str) -> str:
    """A text's words in lower case with single spaces, and one space at either end."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def compare_with_page(
    body: str, spans: Sequence[Span], html: str, *, forwarded: bool, author: str
) -> tuple[Span, ...]:
    """Spans of a plain body, with what its page tells of lines that bear no marks of quoting."""
    kinds = {span.kind for span in spans}
    if not (kinds & _QUOTES or any(span.unsure for span in spans)):
        return tuple(spans)
    page = read_html(html)
    if not any(hint & _TOLD for hint in page.hints) and "\n>" not in page.text:
        return tuple(spans)
    marked = mark_spans(page.text, forwarded=forwarded, author=author, hints=page.hints)
    own = _said(page.text, (s for s in marked if s.kind is SpanKind.OWN and not s.unsure))
    quoted = _said(page.text, (s for s in marked if s.kind in _QUOTES))

    def judge(line: Line, span: Span) -> Span:
        words = plain_words(line.text)
        if len(words) < 3 or line.depth:
            return span
        in_own, in_quoted = words in own, words in quoted
        if in_own and not in_quoted and (span.unsure or span.kind in _QUOTES):
            return Span(SpanKind.OWN, span.start, span.end)
        if in_quoted and not in_own and span.unsure:
            kind = SpanKind.FORWARDED if forwarded else SpanKind.QUOTED
            return Span(kind, span.start, span.end)
        return span

    return judged(body, spans, judge)


def compare_with_earlier(body: str, spans: Sequence[Span], earlier: str) -> tuple[Span, ...]:
    """Spans of a body, with what the message that it answers tells of lines without marks.

    A doubtful line that stands in it is quoted; one that does not is the author's. A line that
    was taken for quoted and does not stand in it, while most around it do, is in doubt: answers
    are written between the lines of what is answered.
    """
    held = plain_words(earlier[:_MAX_TEXT])
    lines = split_lines(body)
    looked_up = [
        (line, plain_words(line.text))
        for line, span in _with_spans(lines, spans)
        if not line.depth and (span.unsure or span.kind in _QUOTES) and len(line.text) > 2
    ][:_MAX_LINES]
    found = sum(len(words) for _, words in looked_up if words in held)
    known = {line.start for line, _ in looked_up}
    if not looked_up or found * 2 < sum(len(words) for _, words in looked_up):
        return tuple(spans)  # it quotes some other mail
    pairs = _pairs(held)
    strange = {
        line.start
        for line, words in looked_up
        if words not in held and not _is_altered(words, pairs)
    }

    def judge(line: Line, span: Span) -> Span:
        if line.depth or not line.text or line.start not in known:
            return span
        if span.unsure:
            if line.start in strange:
                return replace(span, unsure=False)
            return Span(SpanKind.QUOTED, span.start, span.end)
        if span.kind in _QUOTES and line.start in strange and len(_WORD.findall(line.text)) >= 2:
            return Span(SpanKind.OWN, span.start, span.end, unsure=True)
        return span

    return judged(body, spans, judge)


def _pairs(words: str) -> set[tuple[str, str]]:
    listed = words.split()
    return set(pairwise(listed))


def _is_altered(words: str, pairs: set[tuple[str, str]]) -> bool:
    """Whether a line has an earlier one's words but for a few: it was altered, not added."""
    own = _pairs(words)
    return len(own) >= 3 and 2 * len(own & pairs) >= len(own)


def judged(
    body: str, spans: Sequence[Span], judge: Callable[[Line, Span], Span]
) -> tuple[Span, ...]:
    """Spans made anew from what is judged of each line; one without words goes with the last."""
    out: list[Span] = []
    start = 0  # of the run that is being put together
    last: Span | None = None
    for line, span in _with_spans(split_lines(body), spans):
        verdict = last if last and not (line.text or line.depth) else judge(line, span)
        if last is None or not _same(last, verdict):
            if last is not None:
                out.append(replace(last, start=start, end=line.start))
            start, last = line.start, verdict
    if last is not None:
        out.append(replace(last, start=start, end=len(body)))
    return tuple(out)


def _same(one: Span, other: Span) -> bool:
    return (one.kind, one.unsure, one.source) == (other.kind, other.unsure, other.source)


def _with_spans(lines: Sequence[Line], spans: Sequence[Span]) -> Iterator[tuple[Line, Span]]:
    at = 0
    for line in lines:
        while spans[at].end <= line.start:
            at += 1
        yield line, spans[at]


def _said(text: str, spans: Iterator[Span]) -> str:
    """Words of some spans, a line break where a line of the page ends."""
    runs = (text[span.start : span.end] for span in spans)
    whole = "".join(runs)[:_MAX_TEXT]
    return "\n".join(plain_words(line) for line in whole.split("\n"))
