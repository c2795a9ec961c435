"""Pure: whose words each run of a mail's body is. Nothing is removed, and in doubt it is own.

One pass over the lines, each looked at a bounded number of times: no mail can make it hang.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from indexers.asides import contact_block, find_aside, speaks
from indexers.attributions import FORWARD_ENDS, RULE, Opening, find_opening
from indexers.mail_lines import MAX_LINES, Hint, Line, next_words, split_lines
from indexers.model import Source, Span, SpanKind

_ANSWERS_INSIDE = re.compile(
    r"\b(?:answers?|responses?|repl(?:y|ies)|comments?|notes?|remarks?|see|below|respuestas?"
    r"|coment(?:ario|é|e)s?|contest[oeé]|respond[oí])\b.{0,60}"
    r"\b(?:in(?:[- ]?line)?[ -](?:red|blue|green|purple|orange|bold|italics?|caps|capitals"
    r"|colou?r|the text)"
    r"|inline|in[- ]line|between (?:the|your) lines|(?:en|con) (?:rojo|azul|verde|negritas?"
    r"|mayúsculas)"
    r"|entre líneas)\b"
    r"|\b(?:my|our|mis|our team's) (?:answers?|responses?|repl(?:y|ies)|comments?|notes|respuestas"
    r"|comentarios)\b.{0,40}\b(?:below|abajo|debajo|inside|within)\b"
    r"|\b(?:answers|responses|replies|respuestas)\b.{0,12}\b(?:below|abajo|debajo)\b"
    r"|\b(?:answered|responded|replied|commented|contesté|respondí)\b.{0,30}\b(?:below|inline"
    r"|abajo)\b"
    r"|^\W{0,3}(?:in ?line|inline)\W",
    re.I,
)
_SEE_BELOW = re.compile(r"\b(?:below|inline|abajo|debajo)\b", re.I)
_LABEL = re.compile(r"(?:\[([^\]\n]{2,40})\]|\*{2,3}|<<|#{2,3})\s*:?\s*\S")
_HALF_LINE = 45  # characters; a quoted line that is longer may have been wrapped


@dataclass(frozen=True, slots=True)
class _Kind:
    kind: SpanKind
    unsure: bool = False
    source: Source | None = None


_OWN = _Kind(SpanKind.OWN)
_DOUBTFUL = _Kind(SpanKind.OWN, unsure=True)
_INTRODUCTION = _Kind(SpanKind.ATTRIBUTION)


def mark_spans(
    body: str, *, forwarded: bool = False, author: str = "", hints: tuple[Hint, ...] = ()
) -> tuple[Span, ...]:
    """Divide a body into runs by whose words they are.

    Args:
        body: line ends as LF.
        forwarded: the subject says that the message is forwarded: what follows a block of
            headers is then what is forwarded, not what is answered.
        author: the name of who wrote the message, where it is known.
        hints: what the page's markup says of each line, where the body was made from HTML.

    Returns:
        Spans that cover the body without gaps, none empty; neighbours differ in kind, doubt or
        source. Own words that may be quoted ones are ``unsure``. Raises nothing, whatever the
        text.
    """
    lines = split_lines(body, hints)
    kinds = _Marker(lines, forwarded=forwarded, author=author).run()
    if len(lines) > MAX_LINES:
        kinds[-1] = _DOUBTFUL  # all the rest, which nobody has looked at
    _doubt_stray_lines(lines, kinds)
    _find_answers(lines, kinds, author)
    _doubt_comments_below(lines, kinds)
    _find_contact_blocks(lines, kinds, author)
    return _joined(lines, kinds)


def _joined(lines: Sequence[Line], kinds: Sequence[_Kind]) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = 0
    for kind, run in groupby(kinds):
        end = at + sum(1 for _ in run)
        start, after = lines[at].start, lines[end - 1].after
        spans.append(Span(kind.kind, start, after, kind.unsure, kind.source))
        at = end
    return tuple(spans)


@dataclass(slots=True)
class _Marker:
    """The pass over the lines; its state is what has been opened so far."""

    lines: Sequence[Line]
    forwarded: bool
    author: str
    kinds: list[_Kind] = field(default_factory=list)
    sources: dict[int, Source | None] = field(default_factory=dict)  # by depth of marks
    said: bool = False  # whether a line that was looked at is the author's
    looked: int = 0  # lines looked at for it
    rest: SpanKind | None = None  # what lines without marks are, once a quoted mail has begun
    boxed: bool = False  # ``rest`` ends with the page's box that it began in
    doubtful: bool = False  # ``rest`` may be the author's letter
    after_marks: bool = False  # in ``rest``, marked lines have been seen where it began

    def run(self) -> list[_Kind]:
        while len(self.kinds) < len(self.lines):
            self._step(len(self.kinds))
        return self.kinds

    def _step(self, at: int) -> None:
        line = self.lines[at]
        if self.rest is not None and self.boxed and line.text and not _inside(line):
            self._close()
        if not line.text:
            self._put(self._blank(line))
            return
        # Most lines have no hint, and a test of a flag costs as much as a search.
        hinted = line.hint is not Hint.NONE
        if hinted and line.hint & Hint.INTRODUCES and self._introduced(at):
            return
        opening = find_opening(self.lines, at)
        if opening is not None and not (opening.unsure and self.rest is not None):
            self._open(at, opening)
            return
        if line.depth:
            self._put(self._quoted(line.depth) if not _typed(self.lines, at) else _OWN)
            return
        if hinted and line.hint & Hint.QUOTED and self.rest is None:
            self.rest, self.boxed = self._quoting(), True
        if self.rest is not None:
            if FORWARD_ENDS.match(line.text):
                self._put(_INTRODUCTION)
                self._close()
            else:
                self._put(self._below())
            return
        if hinted and line.hint & Hint.SIGNATURE:
            self._put(self._signature(at))
            return
        aside = find_aside(self.lines, at)
        if aside is None:
            self._put(_OWN)
            return
        kind, used, unsure = aside
        self._put(_Kind(kind, unsure), used)

    def _signature(self, at: int) -> _Kind:
        """A line of a page's box for signatures; people type into it by mistake."""
        aside = find_aside(self.lines, at)
        if aside is not None and aside[0] is SpanKind.FOOTER:
            return _Kind(SpanKind.FOOTER)
        above = self.kinds[-1].kind if self.kinds else SpanKind.OWN
        typed = speaks(self.lines[at].text) and above is SpanKind.OWN
        return _DOUBTFUL if typed else _Kind(SpanKind.SIGNATURE)

    def _put(self, kind: _Kind, count: int = 1) -> None:
        self.kinds += [kind] * count

    def _blank(self, line: Line) -> _Kind:
        """A line without words goes with what stands above it."""
        if line.depth:
            return self._quoted(line.depth)
        return self.kinds[-1] if self.kinds else _OWN

    def _quoting(self) -> SpanKind:
        return SpanKind.FORWARDED if self.forwarded else SpanKind.QUOTED

    def _quoted(self, depth: int) -> _Kind:
        known = [d for d in self.sources if d <= depth]
        source = self.sources[max(known)] if known else None
        return _Kind(self._quoting(), source=source)

    def _below(self) -> _Kind:
        if self.doubtful:
            return _DOUBTFUL
        return _Kind(self.rest or SpanKind.QUOTED, source=self.sources.get(0))

    def _close(self) -> None:
        self.rest, self.boxed, self.doubtful = None, False, False
        self.sources.clear()

    def _introduced(self, at: int) -> bool:
        """Lines that the page's markup says are headers or an attribution, in any language."""
        used = 0
        while at + used < len(self.lines):
            line = self.lines[at + used]
            if line.text and not line.hint & Hint.INTRODUCES:
                break
            used += 1
        while used and not self.lines[at + used - 1].text:
            used -= 1
        opening = find_opening(self.lines, at)
        self._open(at, opening if opening and opening.lines >= used else Opening(
            used, opening.source if opening else None, opening.forwarded if opening else None, True
        ))  # fmt: skip
        return True

    def _open(self, at: int, opening: Opening) -> None:
        line = self.lines[at]
        if opening.unsure and self.rest is None:
            if not self._has_own():
                # A block of headers with nothing above it may be the author's own letterhead.
                self.rest, self.doubtful = self._quoting(), True
                self._put(_DOUBTFUL, opening.lines)
                return
            self.doubtful = True
        if opening.forwarded:
            self.forwarded = True
        if line.hint & Hint.INTRODUCES:
            self._take_rule_above()
        self._put(_DOUBTFUL if self.doubtful else _INTRODUCTION, opening.lines)
        below = next_words(self.lines, at + opening.lines, within=6)
        depth = self.lines[below].depth if below is not None else 0
        for deeper in [d for d in self.sources if d >= min(depth, line.depth + 1)]:
            del self.sources[deeper]
        self.sources[depth] = opening.source
        if depth == 0 and opening.to_the_end:
            self.rest = self._quoting()
            self.boxed = _inside(line)

    def _has_own(self) -> bool:
        """Whether the author has said anything so far; each line is looked at once."""
        while not self.said and self.looked < len(self.kinds):
            self.said = self.kinds[self.looked] == _OWN and bool(self.lines[self.looked].text)
            self.looked += 1
        return self.said

    def _take_rule_above(self) -> None:
        """A page's rule belongs to the headers below it."""
        at = len(self.kinds) - 1
        while at > 0 and not self.lines[at].text:
            at -= 1
        if at >= 0 and RULE.match(self.lines[at].text):
            self.kinds[at:] = [_INTRODUCTION] * (len(self.kinds) - at)


def _inside(line: Line) -> bool:
    return bool(line.hint & (Hint.INSIDE | Hint.QUOTED))


def _typed(lines: Sequence[Line], at: int) -> bool:
    """Whether a mark was typed or put there by a mail store: ">90 % of them", ">From now on"."""
    text = lines[at].text
    alone = not any(0 <= n < len(lines) and lines[n].depth for n in (at - 1, at + 1))
    return alone and bool(
        re.match(r"From [a-z]|\d[\d.,]*\s?(?:%|percent|of\b|min|hours?\b|days?\b)", text)
    )


def _doubt_stray_lines(lines: Sequence[Line], kinds: list[_Kind]) -> None:
    """A short line between two marked ones may be the end of the line above, wrapped."""
    for at in range(1, len(lines) - 1):
        before, line, after = lines[at - 1 : at + 2]
        if (
            kinds[at] == _OWN
            and line.text
            and before.depth
            and after.depth
            and before.text
            and len(before.text) > _HALF_LINE
            and before.text[-1] not in ".?!:"
            and len(line.text) < _HALF_LINE
            and line.text[0].islower()
        ):
            kinds[at] = _DOUBTFUL


def _find_answers(lines: Sequence[Line], kinds: list[_Kind], author: str) -> None:
    """Answers that were written into a quote that bears no marks.

    They are told by their colour, by the author's name before them, or not at all: where the
    letter above says that there are some, the quote is in doubt.
    """
    below = [
        n
        for n, kind in enumerate(kinds)
        if kind.kind in {SpanKind.QUOTED, SpanKind.FORWARDED} and not lines[n].depth
        and lines[n].text
    ]  # fmt: skip
    if not below:
        return
    own = [n for n in range(below[0]) if kinds[n] == _OWN and lines[n].text]
    announced = any(_ANSWERS_INSIDE.search(lines[n].text) for n in own[-200:])
    hinted = announced or any(_SEE_BELOW.search(lines[n].text) for n in own[-200:])
    coloured = [n for n in below if lines[n].hint & (Hint.COLOURED | Hint.SPOTTED)]
    if coloured and len(coloured) < len(below):
        for n in coloured:
            wholly = bool(lines[n].hint & Hint.COLOURED)
            kinds[n] = _OWN if hinted and wholly else _DOUBTFUL
        return
    labelled = [n for n in below if _labelled(lines[n].text, author)]
    asked = hinted and any(lines[n].text.endswith("?") for n in below[:-1])
    if announced or labelled or asked:
        for n in _first_quoted_mail(below, kinds):
            kinds[n] = _DOUBTFUL
        for n in labelled:
            kinds[n] = _OWN


def _first_quoted_mail(below: Sequence[int], kinds: Sequence[_Kind]) -> Iterator[int]:
    """Lines of the newest of the quoted mails: answers are written into that."""
    source = kinds[below[0]].source
    for n in below:
        if kinds[n].source != source:
            return
        yield n


def _labelled(text: str, author: str) -> bool:
    found = _LABEL.match(text)
    if not found:
        return False
    if not found[1]:
        return False
    names = set(re.findall(r"[^\W\d_]{2,}", author.casefold()))
    label = set(re.findall(r"[^\W\d_]+", found[1].casefold()))
    initials = "".join(word[0] for word in author.casefold().split())
    return bool(label & names) or found[1].casefold().strip(". ") == initials or not author


def _doubt_comments_below(lines: Sequence[Line], kinds: list[_Kind]) -> None:
    """Sentences below the closing of a quoted letter that bears no marks: a comment, perhaps.

    People write below what they forward or paste ("This is what she wrote:"); below what they
    answer, if they wrote nothing above.
    """
    own = [n for n, kind in enumerate(kinds) if kind == _OWN and lines[n].text]
    for _, group in groupby(range(len(lines)), key=lambda n: kinds[n]):
        run = list(group)
        kind = kinds[run[0]]
        before = bisect_left(own, run[0])
        above = own[before - 1] if before else None
        pasted = above is None or lines[above].text.endswith(":")
        answered = kind.kind is SpanKind.QUOTED and pasted
        if not (kind.kind is SpanKind.FORWARDED or answered) or kind.source is None:
            continue
        closed = next((n for n in run if _closes(lines, n, kind.source)), None)
        if closed is None:
            continue
        below = [n for n in run if n > closed]
        begins = next((n for n in below if _comments(lines, n)), None)
        if begins is not None and not any(lines[n].depth for n in below):
            for n in below[below.index(begins) :]:
                kinds[n] = _DOUBTFUL


def _closes(lines: Sequence[Line], at: int, source: Source) -> bool:
    """Whether a line is the name of who is quoted, with an empty line below it."""
    line = lines[at]
    if line.depth or not 2 <= len(line.text) <= 40 or at + 1 >= len(lines) or lines[at + 1].text:
        return False
    words = re.findall(r"[^\W\d_]+", line.text.casefold())
    names = set(re.findall(r"[^\W\d_]+", source.author.casefold()))
    return bool(words) and set(words) <= names


def _comments(lines: Sequence[Line], at: int) -> bool:
    text = lines[at].text
    if not text or lines[at - 1].text or re.match(r"p\.? ?s\b", text, re.I):
        return False
    return speaks(text) and find_aside(lines, at) is None


def _find_contact_blocks(lines: Sequence[Line], kinds: list[_Kind], author: str) -> None:
    for kind, group in groupby(range(len(lines)), key=lambda n: kinds[n]):
        if kind != _OWN:
            continue
        run = list(group)
        begins = contact_block(lines, run[0], run[-1] + 1, author)
        if begins is not None:
            for n in range(begins, run[-1] + 1):
                kinds[n] = _Kind(SpanKind.SIGNATURE)
