"""Pure: where earlier mail begins in a body, and whose it says it is.

Programs write a block of headers ("From: … Sent: … To: …"), a divider ("-----Original
Message-----") or a line ("On Tue, Mar 3, 2026 at 9:12 AM Dana <d@school.example> wrote:"). People
write much the same in their own sentences, so an opening is believed by its evidence: a time of
day, an address, a divider, quoted lines below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexers.mail_lines import Line, next_words
from indexers.model import Source
from indexers.stated_days import CLOCK, DATE_WORDS, stated_day

_WRAPPED = 4  # lines over which "On …, X wrote:" may go
_BLOCK = 24  # lines that a block of headers may have
_BEGIN = 60  # characters of a line such as "Begin forwarded message:"
_FOLDED = 6  # lines of addresses that one header may go on for

_NAMES = {
    "from": "from, de, von, da, van, fra, från",
    "when": "sent, date, enviado, enviado el, enviado em, enviada em, fecha, data, datum, gesendet,"
    " inviato, envoyé, envoyé le, date d'envoi, verzonden, sendt, skickat, dato",
    "to": "to, para, à, a, an, aan, pour, til, till",
    "subject": "subject, asunto, objet, betreff, oggetto, assunto, onderwerp, emne, ämne",
    "other": "cc, bcc, cco, cci, kopie, reply-to, reply to, importance, attachments, adjuntos,"
    " datos adjuntos, when, where, cuándo, dónde, importancia, prioridad, required attendees,"
    " optional attendees, organizer",
}
_KIND_OF = {name: kind for kind, names in _NAMES.items() for name in names.split(", ")}
_MAIL_ONLY = {name for name in _KIND_OF if _KIND_OF[name] == "when"} - {
    "date", "fecha", "data", "datum", "dato",
}  # fmt: skip
_FIELD = re.compile(
    rf"\*{{0,2}}({'|'.join(sorted(map(re.escape, _KIND_OF), key=len, reverse=True))})"
    r"[ \u00a0]{0,2}:\*{0,2}(?:\s{1,8}|\Z)(.*)",
    re.I,
)
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_IN_BRACKETS = re.compile(r"[<(\[]{1,2}(?:mailto:)?[\w.+'-]{1,64}@[\w.-]{1,120}[>)\]]")

_ORIGINAL = re.compile(
    r"[-_*]{2,}[-_* ]{0,40}(?:original message|mensaje original|original appointment|reply message"
    r"|message d'origine|message original|ursprüngliche nachricht|messaggio originale|mensagem"
    r" original|oorspronkelijk bericht|cita original)(?: follows)?[ ]{0,3}[-_* ]{2,}\Z",
    re.I,
)
_FORWARDED = re.compile(
    r"[-_*]{2,}[-_* ]{0,40}(?:forwarded (?:message|by)|mensaje reenviado|message transféré"
    r"|weitergeleitete nachricht|messaggio inoltrato|mensagem encaminhada).{0,80}\Z"
    r"|(?:begin forwarded message|inicio del mensaje reenviado"
    r"|comien(?:zo del|za el) mensaje reenviado|empieza el mensaje reenviado"
    r"|début du message réexpédié|anfang der weitergeleiteten nachricht)[ ]?:?\Z",
    re.I,
)
FORWARD_ENDS = re.compile(
    r"[-_* ]{2,}(?:end (?:of )?forwarded message|fin del mensaje).{0,40}\Z", re.I
)
RULE = re.compile(r"[_]{10,}\Z|-{10,}\Z|[=]{20,}\Z")

_WROTE_START = re.compile(r"[\"'<*\w]|--{1,2} \w")
_VERB = r"wrote|writes|escribi[oó]|a écrit|schrieb|escreveu|ha scritto|scritto|schreef|skrev"
_WROTE_END = re.compile(rf"\b(?:{_VERB})[ \u00a0]?:\*{{0,2}}\Z", re.I)
_LED = re.compile(
    r"(?:--{1,2} )?\*{0,2}(?:On|At|El(?: El)?|Le|Am|Em|Il(?: giorno)?|Op|Den)[ :]", re.I
)
_QUOTING = re.compile(r"(?:Quoting|Citando a|Zitat von|Citation de) .{2,120}:\Z", re.I)
_VERB_WITHIN = re.compile(r"\b(?:schrieb|schreef|skrev|wrote on|escribió el)\b", re.I)
_COMMA = re.compile(r"(?:\s?[ap]\.?\s?m\.?)?(?:\s(?-i:[A-Z]{2,4}))?,", re.I)
_BARE_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d{1,2}:\d\d")
_PROSE = re.compile(
    r"\b(?:you|we|they|she|he|i|that|which|the|my|our|your|ms|mr|mrs|miss|usted|ustedes|la señora|"
    r"el señor|que|ella|nosotros|sra|sr|srta)\b",
    re.I,
)
_AFTER_CLOCK = re.compile(
    r"\A\s*(?:[ap]\.?\s?m\.?)?\s*(?:uhr)?\s*(?:\(?(?:GMT|UTC)?[+-]\d{1,2}:?\d{0,2}\)?"
    r"|(?-i:[A-Z]{2,4})\b(?=,|\s))?\s*,?\s*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """The lines that introduce earlier mail."""

    lines: int  # how many they are
    source: Source | None
    forwarded: bool | None  # None: the lines do not say whether it is forwarded or answered
    to_the_end: bool  # what follows without marks is the earlier mail too
    unsure: bool = False  # it may be a sentence of the author's


def find_opening(lines: Sequence[Line], at: int) -> Opening | None:
    """What introduces earlier mail at a line, or None.

    Looks at a bounded number of lines. Raises nothing.
    """
    text = lines[at].text
    if not text:
        return None
    ruled = text[0] in "-_*="
    if (ruled or len(text) < _BEGIN) and _FORWARDED.match(text):
        return _divided(lines, at, forwarded=True)
    if ruled and _ORIGINAL.match(text):
        return _divided(lines, at, forwarded=None)
    if ruled and RULE.match(text):
        below = next_words(lines, at + 1)
        block = _block(lines, below) if below is not None else None
        if below is None or block is None or not block.believed(after_a_rule=True):
            return None
        return Opening(below - at + block.lines, block.source(), None, True)
    before = lines[at - 1] if at else None
    apart = before is None or not before.text or before.depth < lines[at].depth
    block = _block(lines, at) if apart else None
    if block is not None and block.begins_with_from and block.believed(after_a_rule=False):
        return Opening(block.lines, block.source(), None, True, unsure=not block.is_sure)
    return _attribution(lines, at)


def _divided(lines: Sequence[Line], at: int, *, forwarded: bool | None) -> Opening:
    """A divider, with the headers or the attribution that stand below it."""
    below = next_words(lines, at + 1)
    if below is not None and abs(lines[below].depth - lines[at].depth) <= 1:
        block = _block(lines, below)
        if block is not None and ("from" in block.kinds or len(block.kinds) >= 2):
            return Opening(below - at + block.lines, block.source(), forwarded, True)
        line = _attribution(lines, below)
        if line is not None:
            return replace(
                line, lines=below - at + line.lines, forwarded=forwarded, to_the_end=True,
                unsure=False,
            )  # fmt: skip
    return Opening(1, None, forwarded, True)


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of "Name: value" as a mail program writes them above what it quotes."""

    lines: int
    fields: tuple[tuple[str, str], ...]  # name in lower case, value

    @property
    def kinds(self) -> set[str]:
        return {_KIND_OF[name] for name, _ in self.fields}

    @property
    def begins_with_from(self) -> bool:
        return _KIND_OF[self.fields[0][0]] == "from"

    @property
    def has_address(self) -> bool:
        return any(_ADDRESS.search(value) for _, value in self.fields)

    @property
    def is_sure(self) -> bool:
        return self.has_address or {"from", "when", "to", "subject"} <= self.kinds

    def value(self, kind: str) -> str:
        return next((value for name, value in self.fields if _KIND_OF[name] == kind), "")

    def believed(self, *, after_a_rule: bool) -> bool:
        """Whether it is a program's and not a memo's, a log's or a timetable's."""
        when = self.value("when")
        dated = bool(DATE_WORDS.search(when)) or bool(re.search(r"\d{1,2}\D{1,12}\d", when))
        if not {"from", "when"} <= self.kinds or len(self.kinds) < 3 or not dated:
            return False
        told = (
            (2 if self.has_address else 0)
            + (2 if CLOCK.search(when) else 0)
            + 1
            + ("subject" in self.kinds)
            + ({"from", "when", "to", "subject"} <= self.kinds)
            + any(name in _MAIL_ONLY for name, _ in self.fields)
        )
        return told >= (3 if after_a_rule else 4)

    def source(self) -> Source:
        author, when = self.value("from"), self.value("when")
        return _source(author, when)


def _block(lines: Sequence[Line], at: int) -> _Block | None:
    """The block of headers that begins at a line; None where there is none."""
    fields: list[tuple[str, str]] = []
    used = unnamed = 0
    depth = lines[at].depth
    for size, line in enumerate(lines[at : at + _BLOCK], 1):
        field = _FIELD.match(line.text)
        if line.depth != depth or not line.text:
            break
        if field:
            fields.append((re.sub(r"\s+", " ", field[1].lower()), field[2].strip()))
            unnamed, used = 0, size
        elif not fields or unnamed == _FOLDED or not _goes_on(fields[-1], line.text):
            break
        else:
            unnamed += 1
            used = size
    return _Block(used, tuple(fields)) if fields else None


def _goes_on(field: tuple[str, str], text: str) -> bool:
    """Whether a line without a name can be more of a header: of addresses, or of a folded value."""
    if _KIND_OF[field[0]] in {"to", "other", "from"}:
        return bool(_ADDRESS.search(text)) or field[1].rstrip().endswith((",", ";"))
    return False


def _attribution(lines: Sequence[Line], at: int) -> Opening | None:
    """A line, perhaps wrapped, such as "On <date>, <name> wrote:"."""
    if not _WROTE_START.match(lines[at].text):
        return None
    joined = ""
    for used in range(1, _WRAPPED + 1):
        if at + used > len(lines):
            return None
        line = lines[at + used - 1]
        if not line.text or abs(line.depth - lines[at].depth) > 1:
            return None
        joined = f"{joined} {line.text}".strip()
        if len(joined) > 400:
            return None
        if joined[-1] in ":*" and _ends(joined):
            return _weighed(lines, at, used, joined)
        if used == 1 and not _LED.match(joined) and not _has_address(joined):
            return None  # only "On …" and "Dana <d@school.example>" go on over lines
    return None


def _ends(joined: str) -> bool:
    return bool(
        _WROTE_END.search(joined[-40:])
        or _VERB_WITHIN.search(joined)
        or _BARE_DATE.match(joined)
        or _QUOTING.match(joined)
    )


def _weighed(lines: Sequence[Line], at: int, used: int, joined: str) -> Opening | None:
    below = next_words(lines, at + used)
    quoted_below = below is not None and (
        lines[below].depth > lines[at].depth or 0 < lines[below].depth == lines[at].depth
    )
    led = bool(_LED.match(joined)) or bool(_BARE_DATE.match(joined))
    address, clock = _has_address(joined), bool(CLOCK.search(joined))
    dated = bool(DATE_WORDS.search(joined))
    source = _attributed(joined)
    prose = bool(_PROSE.search(source.author)) or len(source.author.split()) > 7
    if quoted_below:
        believed = address or (dated and not prose) or (not prose and _is_a_name(source.author))
        return Opening(used, source, None, False) if believed else None
    if not led and not (address and clock):
        # "Dana <d@school.example> wrote:" is a program's even without a date.
        return Opening(used, source, None, True, unsure=True) if address and not prose else None
    if not (dated and clock) or prose:
        return None
    last = _last(CLOCK, joined)
    comma = last is not None and _COMMA.match(joined[last.end() :])
    return Opening(used, source, None, True, unsure=not (address or comma))


def _has_address(text: str) -> bool:
    return "@" in text and bool(_IN_BRACKETS.search(text))


def _is_a_name(author: str) -> bool:
    words = author.replace(",", " ").split()
    return 1 <= len(words) <= 5 and all(w[:1].isupper() or w in {"de", "la", "van"} for w in words)


def _attributed(joined: str) -> Source:
    """Name, address and time out of an attribution's words."""
    joined = re.sub(r"\A(?:Quoting|Citando a|Zitat von|Citation de) ", "", joined)
    words = re.sub(rf"\b(?:{_VERB})\b", " ", joined.rstrip(":* \u00a0"), flags=re.I)
    clock = _last(CLOCK, words)
    when, who = words, words
    if clock is not None:
        tail = words[clock.end() :]
        zone = _AFTER_CLOCK.match(tail)
        cut = clock.end() + (zone.end() if zone else 0)
        when, who = words[:cut], words[cut:]
        if len(re.sub(r"\W", "", who)) < 2:  # the name stands first: "Dana schrieb am …"
            first = DATE_WORDS.search(words)
            who = words[: first.start()] if first else words
    else:
        day = _last(DATE_WORDS, words)
        if day is not None:
            year = re.match(r"[^a-zA-Z<]{0,12}", words[day.end() :])
            cut = day.end() + (year.end() if year else 0)
            when, who = words[:cut], words[cut:]
        else:
            when = ""
    when = _LED.sub("", when, count=1) if _LED.match(when) else when
    return _source(re.sub(r"\A(?:On|El|Le|Am|at|um|a las)\b", "", who.strip(" ,")), when)


def _last(pattern: re.Pattern[str], words: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(words):  # noqa: B007 - the last one is wanted
        pass
    return found


def _source(author: str, when: str) -> Source:
    found = _ADDRESS.search(author)
    name = author[: found.start()] if found else author
    name = re.sub(r"mailto:|[<>\[\]()\"*]", " ", name)
    said = " ".join(when.split()).strip(" ,*")
    return Source(
        " ".join(name.split()).strip(" ,;:'"),
        found[0].lower().strip("'.") if found else "",
        said[:80],
        stated_day(said),
    )
