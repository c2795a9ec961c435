"""Pure: whose words each run of a mail's body is. Nothing is removed, and in doubt it is own.

One pass over the lines, each looked at a bounded number of times: no mail can make it hang.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexers.model import Span, SpanKind

_WINDOW = 4  # lines over which "On …, X wrote:" may be wrapped
_MAX_LINE = 1000  # characters of a line that are looked at
_SIGNATURE_LINES = 14

_QUOTE = re.compile(r"[ \t]{0,3}[>|\u203a]")
_WROTE_START = re.compile(
    r"(?:\*?On|El|Le|Am|Em|On:)\s.{0,40}?(?:\d|mon|tue|wed|thu|fri|sat|sun|lun|mar|mi|jue|vie|s[aá]b|dom)",
    re.I,
)
_WROTE_END = re.compile(r"(?:wrote|writes|escribió|a écrit|schrieb|escreveu)\s*:\s*\*?\Z", re.I)
_SURE = re.compile(r"@|\b(?:19|20)\d\d\b|\d{1,2}:\d{2}|\d{1,2}/\d{1,2}/\d{2}")
_ORIGINAL = re.compile(
    r"[-_* ]{2,}\s*(?:original message|mensaje original|original appointment|reply message)"
    r"\s*[-_* ]{2,}\Z",
    re.I,
)
_FORWARDED = re.compile(
    r"[-_* ]{2,}\s*(?:forwarded (?:message|by)|mensaje reenviado|fwd message).{0,80}\Z"
    r"|begin forwarded message:?\Z|inicio del mensaje reenviado:?\Z",
    re.I,
)
_RULE = re.compile(r"_{10,}\Z|-{20,}\Z")
_FROM = re.compile(r"\*?(?:from|de|von)\s*:\*?\s*\S", re.I)
_FIELD = re.compile(
    r"\*?(?P<name>from|de|sent|enviado(?: el)?|date|fecha|to|para|cc|bcc|cco|subject|asunto|"
    r"reply-to|importance|attachments)\s*:\*?(?:\s|\Z)",
    re.I,
)
_WHEN = {"sent", "enviado", "enviado el", "date", "fecha"}
_SIGNATURE = re.compile(r"--\s?\Z")
_DEVICE = re.compile(
    r"(?:sent|enviado|get)\b.{0,12}\b(?:from|desde|via|outlook for|con)\b.{0,60}\Z", re.I
)
_DEVICES = re.compile(
    r"iphone|ipad|android|mobile|phone|galaxy|samsung|outlook|yahoo|gmail|proton|mail for"
    r"|blackberry|tablet|celular|tel[eé]fono|verizon|t-mobile|at&t|aol",
    re.I,
)
_BOILERPLATE = re.compile(
    r"\W{0,4}(?:confidentiality (?:notice|note|statement)|confidential(?:ity)?:|notice of confid"
    r"|privileged (?:and|&) confidential\b|disclaimer\b"
    r"|this (?:e-?mail|message|communication|transmission)"
    r"(?: and any| \(including| may contain| is intended| contains (?:confid|priv)"
    r"| was sent (?:from|by an auto|to you by|automatically)| is (?:an )?(?:auto|confid|priv))"
    r"|the information (?:contained )?in this (?:e-?mail|message|communication)"
    r"|if you (?:are not|have received this .{0,30} in error)"
    r"|(?:please )?do not reply to this|please consider the environment"
    r"|you (?:are receiving|received) this|to (?:unsubscribe|stop receiving|manage your)"
    r"|unsubscribe\b|this is an? (?:automated|automatic)|parents of a child with a disability have"
    r"|as (?:a|the) parents? of a (?:child|student) with a disability,? you have"
    r"|you have (?:protections?|rights?) under the procedural)",
    re.I,
)


def mark_spans(body: str, *, forwarded: bool = False) -> tuple[Span, ...]:
    """Divide a body into runs by whose words they are.

    Args:
        body: line ends as LF.
        forwarded: the subject says that the message is forwarded: what follows a block of
            headers is then what is forwarded, not what is answered.

    Returns:
        Spans that cover the body without gaps, none empty, neighbours of different kinds.
    """
    lines = _lines(body)
    kinds = _kinds([body[line.start : line.end][:_MAX_LINE] for line in lines], forwarded)
    spans: list[Span] = []
    for line, kind in zip(lines, kinds, strict=True):
        if spans and spans[-1].kind is kind:
            spans[-1] = Span(kind, spans[-1].start, line.after)
        else:
            spans.append(Span(kind, line.start, line.after))
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # of its words
    after: int  # of its line end


def _lines(body: str) -> list[_Line]:
    lines, start = [], 0
    while start < len(body):
        newline = body.find("\n", start)
        after = len(body) if newline < 0 else newline + 1
        lines.append(_Line(start, after if newline < 0 else newline, after))
        start = after
    return lines


def _kinds(lines: Sequence[str], forwarded: bool) -> list[SpanKind]:
    kinds: list[SpanKind] = []
    texts = [line.strip() for line in lines]
    rest: SpanKind | None = None  # what everything below is, once a quoted mail has begun
    at = 0
    forwarding = forwarded
    while at < len(lines):
        text = texts[at]
        if _QUOTE.match(lines[at]):
            kinds.append(SpanKind.FORWARDED if forwarding else SpanKind.QUOTED)
            at += 1
            continue
        if rest is not None:
            kinds.append(rest)
            at += 1
            continue
        if _FORWARDED.match(text):
            forwarding = True
            used = 1 + _header_block(texts, at + 1)
            kinds += [SpanKind.ATTRIBUTION] * used
            at += used
            if _header_block_size(texts, at - used + 1):
                rest = SpanKind.FORWARDED
            continue
        used = _quoted_mail_starts(texts, at)
        if used:
            kinds += [SpanKind.ATTRIBUTION] * used
            at += used
            rest = SpanKind.FORWARDED if forwarding else SpanKind.QUOTED
            continue
        used = _attribution(lines, texts, at)
        if used:
            kinds += [SpanKind.ATTRIBUTION] * used
            joined = " ".join(texts[at : at + used])
            at += used
            if not _next_is_quote(lines, at) and _SURE.search(joined):
                rest = SpanKind.QUOTED
            continue
        used = _aside(texts, at)
        if used:
            kind = SpanKind.SIGNATURE if _SIGNATURE.match(lines[at].lstrip()) else None
            kinds += [kind or SpanKind.BOILERPLATE] * used
            at += used
            continue
        kinds.append(kinds[-1] if not text and kinds else SpanKind.OWN)
        at += 1
    return kinds


def _quoted_mail_starts(texts: Sequence[str], at: int) -> int:
    """How many lines an "Original Message" divider and its headers take; 0 where there is none."""
    text = texts[at]
    if _ORIGINAL.match(text):
        return 1 + _header_block(texts, at + 1)
    if _RULE.match(text):
        below = _skip_blank(texts, at + 1)
        size = _header_block_size(texts, below)
        return below - at + size if size else 0
    return _header_block_size(texts, at)


def _header_block(texts: Sequence[str], at: int) -> int:
    """Lines up to the end of a header block that should stand here; 0 where it does not."""
    below = _skip_blank(texts, at)
    size = _header_block_size(texts, below)
    return below - at + size if size else 0


def _header_block_size(texts: Sequence[str], at: int) -> int:
    """Lines of From/Sent/To/Subject; 0 unless it has From, a time and a third field.

    "From: 10:00" and "To: 11:00" in prose have no line for when they were sent.
    """
    if at >= len(texts) or not _FROM.match(texts[at]):
        return 0
    names: set[str] = set()
    size = unnamed = 0
    for text in texts[at : at + 14]:
        field = _FIELD.match(text)
        if field:
            names.add(re.sub(r"\s+", " ", field["name"].lower()))
            unnamed = 0
        elif not text or unnamed == 3:
            break
        else:
            unnamed += 1  # a folded line of addresses
        size += 1
    size -= unnamed
    return size if len(names) >= 3 and names & _WHEN else 0


def _attribution(lines: Sequence[str], texts: Sequence[str], at: int) -> int:
    """How many lines "On Tue, Mar 4, 2025 at 9:12 AM X <x@…> wrote:" takes; 0 where it is none."""
    if not _WROTE_START.match(texts[at]):
        return 0
    for used in range(1, _WINDOW + 1):
        line = at + used - 1
        if line >= len(texts) or not texts[line]:
            return 0
        if _WROTE_END.search(texts[line][-60:]):
            joined = " ".join(texts[at : line + 1])
            sure = _SURE.search(joined) or _next_is_quote(lines, line + 1)
            return used if sure else 0
    return 0


def _next_is_quote(lines: Sequence[str], at: int) -> bool:
    for line in lines[at : at + 3]:
        if line.strip():
            return bool(_QUOTE.match(line))
    return False


def _aside(texts: Sequence[str], at: int) -> int:
    """How many lines a signature, device line or notice takes; 0 where there is none."""
    text = texts[at]
    if _SIGNATURE.match(text):
        used = 1
        while (
            at + used < len(texts)
            and used < _SIGNATURE_LINES
            and not _stops_signature(texts, at + used)
        ):
            used += 1
        return used
    if len(text) < 90 and _DEVICE.match(text) and _DEVICES.search(text):
        return 1
    if _BOILERPLATE.match(text) and (at == 0 or not texts[at - 1] or _RULE.match(texts[at - 1])):
        used = 1
        while at + used < len(texts) and texts[at + used]:
            used += 1
        return used
    return 0


def _stops_signature(texts: Sequence[str], at: int) -> bool:
    text = texts[at]
    return bool(
        text.startswith(">")
        or _WROTE_START.match(text)
        or _FROM.match(text)
        or _ORIGINAL.match(text)
        or _RULE.match(text)
    )


def _skip_blank(texts: Sequence[str], at: int) -> int:
    while at < len(texts) and not texts[at]:
        at += 1
    return at
