"""Pure: what stands in a body and is nobody's letter: signatures, notices, what programs add.

Each is told by more than its first words: "This email is my request for an evaluation" begins as
a notice does, and a list of three names looks like a signature.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexers.attributions import RULE, find_opening
from indexers.mail_lines import Line, next_words
from indexers.model import SpanKind

_SIGNATURE_LINES = 16
_ARMOUR = 80  # lines that a PGP signature may have
_PARAGRAPH = 60  # lines that a notice may have

_DEVICE = re.compile(
    r"(?:Sent|Enviado|Enviada|Envoyé|Gesendet|Inviato|Get|Obtener|Descargue|Obtén) "
    r"(?:from|via|using|with|by|through|desde|con|de|mediante|depuis|von|da|Outlook)\b"
    r"(?P<rest>.{2,120})\Z"
)
_THINGS = frozenset(
    re.findall(
        r"\S+",
        "iphone ipad ios android mobile phone galaxy samsung outlook yahoo gmail proton"
        " protonmail mail blackberry tablet celular teléfono telefono móvil movil verizon"
        " mobile aol windows icloud smartphone device dispositivo lte pixel motorola"
        " xfinity tutanota fastmail thunderbird",
    )
)
_AROUND_THINGS = frozenset(
    re.findall(
        r"\S+",
        "my mi mon meinem mein mio for para on the a an app secure encrypted email e-mail"
        " correo mac t at&t at wireless network cell 5g 4g ultra note se pro max plus mini"
        " workspace new and y de by all-new 10 11 securely using",
    )
)
_LINK = re.compile(r"[<(\[]? ?https?://[^\s>)\]]{0,300}[>)\]]?")
_MODEL = re.compile(r"\b[a-z]\d{1,4}\b|\b\d{1,2}g\b", re.I)
_SLOGAN = re.compile(r"Yahoo Mail: Search, Organize, Conquer\Z|\[Quoted text hidden\]\Z"
                     r"|\[Message clipped\]")  # fmt: skip
_EXCUSE = re.compile(r"\W{0,4}(?:please )?(?:excuse|forgive|pardon|disculpe)\b.{0,100}\Z", re.I)

_OUTSIDE = r"external (?:e-?mail|sender|message|source)"
_BANNER = re.compile(
    rf"\W{{0,4}}(?:\[external\b[^\]]{{0,30}}\]|{_OUTSIDE}\W|{_OUTSIDE}\Z"
    rf"|(?:caution|warning|attention|exercise caution)\b.{{0,20}}(?:{_OUTSIDE}"
    r"|this (?:e-?mail|message) (?:originated|came|was sent)|outside (?:of )?(?:the|our|your)\b)"
    r"|this (?:e-?mail|message) (?:originated|came|is) from (?:outside|an external)"
    r"|you don't often get e-?mail from)",
    re.I,
)
_REPLY_LINE = re.compile(
    r"\W{0,6}(?:please )?(?:type|enter|write) your reply above|\W{0,6}reply above this line", re.I
)
_ADDED = re.compile(
    r"virus-free\.|(?:this|el) ?e?-?mail (?:has been|was) (?:checked|scanned)|to unsubscribe\b"
    r"|unsubscribe\b|you (?:are receiving|received) this"
    r" (?:e-?mail|message|notice|digest|newsletter|notification)? ?"
    r"(?:because (?:you|your|it was)\b|as an? )"
    r"|to (?:stop receiving|manage your|view this discussion|post to this group)"
    r"|this (?:e-?mail|message|notice) was sent (?:from|to you by|automatically)"
    r"|para darse de baja|usted recibió este mensaje porque|powered by \w+"
    r"|view (?:this (?:e-?mail|message) )?in (?:your|a) browser",
    re.I,
)
_LIST_FOOTER = re.compile(
    r"mailing list\b|listinfo|google groups|unsubscribe|subscribed to|lista de (?:correo"
    r"|distribuci)"
    r"|groups\.io",
    re.I,
)
_NOTICE = re.compile(
    r"\W{0,4}(?:confidentiality (?:notice|note|statement)|confidential(?:ity)?\b|notice of confid"
    r"|privileged (?:and|&) confidential\b|(?:legal )?disclaimer\b|notice:|note:"
    r"|important(?: notice)?:"
    r"|this (?:e-?mail|message|communication|transmission|electronic)"
    r"|the (?:information|contents?)\b.{0,20}(?:in|of) this (?:e-?mail|message|communication"
    r"|transmission)"
    r"|the preceding (?:e-?mail|message)"
    r"|if you (?:are not|have received|received|believe you)|the information transmitted"
    r"|this is an? automat|please (?:note that any (?:views|opinions)|do not reply"
    r"|notify the sender)|do not reply to this"
    r"|please consider the environment|(?:under|pursuant to) .{0,30}(?:public records|law)"
    r"|e-?mails? .{0,30}public record|any unauthorized|unauthorized"
    r"|aviso (?:de confid|legal|de priv)|este (?:mensaje|correo)|la información contenida"
    r"|si usted no es"
    r"|parents of a child with a disability have"
    r"|as (?:a|the) parents? of a (?:child|student) with a disability,? you have"
    r"|you have (?:protections?|rights?) under the procedural)",
    re.I,
)
_SURE_NOTICE = re.compile(
    r"\W{0,4}(?:confidentiality (?:notice|note|statement)|notice of confid|aviso (?:de confid"
    r"|legal)"
    r"|(?:please )?do not reply to this|please consider the environment"
    r"|parents of a child with a disability have"
    r"|as (?:a|the) parents? of a (?:child|student) with a disability,? you have"
    r"|you have (?:protections?|rights?) under the procedural)",
    re.I,
)
_OF_A_NOTICE = re.compile(
    r"intended (?:only |solely |exclusively )?(?:recipient|for (?:the )?(?:use|addressee|named"
    r"|sole|individual|person))"
    r"|named (?:addressee|recipient|above)|addressee|(?:is|are|be) (?:strictly )?(?:privileged"
    r"|prohibited)\b"
    r"|intended recipient|confidential(?:,| and| or| information| student"
    r"| and/or).{0,60}(?:privileged|intended|protected|solely|only)|"
    r"privileged|received (?:this|it) .{0,30}in error|in error|unauthorized|dissemination"
    r"|disclos(?:e|ure).{0,40}prohibited"
    r"|automated|automatic(?:ally)?\b|not monitored|unmonitored|no-?reply|public records? (?:law"
    r"|act|request)|subject to .{0,30}(?:disclosure|public records)"
    r"|\bFERPA\b.{0,80}(?:protected|prohibit|recipient)|destinatario|persona a (?:quien|la que)"
    r"|confidencial\b.{0,80}(?:exclusiv|destin|únic)",
    re.I | re.S,
)

_SENTENCE = re.compile(r"[a-záéíóúñ]{2,}[^.!?]{0,200}[.!?][\"')\u201d]?\Z")
_CLOSING = re.compile(
    r"(?:(?:many |with |kind(?:est)? |warm(?:est)? |best |my )*"
    r"(?:thanks|thank you|regards|wishes|best|sincerely|warmly|cheers|respectfully|gratefully"
    r"|cordially|in partnership|take care|yours|kindly)"
    r"(?: (?:so much|again|and regards|truly|very much|submitted|in advance|everyone|all|always))*"
    r"|(?:muchas )?gracias|saludos(?: cordiales)?|atentamente|cordialmente|un saludo"
    r"|respetuosamente)"
    r"\W{0,3}\Z",
    re.I,
)
_CONTACT = re.compile(
    r"\(?\b\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}\b|@[\w-]+\.\w|\bwww\.|https?://|\bext\.? ?\d"
    r"|\b(?:tel|phone|cell|fax|office)\b\W",
    re.I,
)
_TITLE = re.compile(
    r"\b(?:teacher|principal|director|coordinator|specialist|pathologist|therapist|psychologist"
    r"|counselor|secretary|administrator|superintendent|nurse|advocate|attorney|social worker"
    r"|manager|"
    r"assistant|supervisor|school|district|elementary|academy|department|ccc-slp|otr|m\.?ed|ph\.?d"
    r"|ed\.?d|lcsw|bcba|maestra|directora?|terapeuta|distrito|escuela|grade|room|office)\b",
    re.I,
)


def find_aside(lines: Sequence[Line], at: int) -> tuple[SpanKind, int, bool] | None:
    """What kind of aside begins at a line, how many lines it takes, and whether in doubt."""
    line = lines[at]
    if not line.text:
        return None
    if re.fullmatch(r"--\s?", line.text):
        return _after_dashes(lines, at)
    if is_device(line.text):
        used = 1
        while at + used < len(lines) and used < 3 and _EXCUSE.match(lines[at + used].text):
            used += 1
        return SpanKind.FOOTER, used, False
    begins = at == 0 or not lines[at - 1].text or bool(RULE.match(lines[at - 1].text))
    if _REPLY_LINE.match(line.text):
        return SpanKind.FOOTER, 1, False
    if line.text.startswith("-----BEGIN PGP SIG"):
        return SpanKind.FOOTER, _armour(lines, at), False
    if not begins:
        return None
    if RULE.match(line.text):
        used = _paragraph(lines, at + 1)
        words = " ".join(other.text for other in lines[at + 1 : at + 1 + used])
        if used and len(words) < 600 and _LIST_FOOTER.search(words) and "http" in words.lower():
            return SpanKind.FOOTER, used + 1, False
        return None
    head = " ".join(other.text for other in lines[at : at + 2] if not other.depth)
    if not (_BANNER.match(head) or _ADDED.match(head) or _NOTICE.match(head)):
        return None
    used = _paragraph(lines, at)
    words = " ".join(other.text for other in lines[at : at + used])
    if _BANNER.match(words) and used <= 6:
        return SpanKind.FOOTER, used, False
    if _ADDED.match(words):
        return SpanKind.FOOTER, used, False
    if _NOTICE.match(words) and (_SURE_NOTICE.match(words) or _OF_A_NOTICE.search(words)):
        return SpanKind.BOILERPLATE, used, False
    return None


def is_device(text: str) -> bool:
    """Whether a line is what a telephone or a mail program puts below a letter.

    Nothing else may stand in it: "Sent from my phone on Monday, and you have it." is a sentence.
    """
    line = _LINK.sub("", text[:400]).strip(" ()")
    if _SLOGAN.match(line):
        return True
    found = _DEVICE.match(_EXCUSE.sub("", line))
    if found is None:
        return False
    words = re.findall(r"[^\W_][\w&-]*", found["rest"].lower())
    named = "Outlook" in text or bool(_THINGS & set(words) or _MODEL.search(found["rest"]))
    return named and all(
        word in _THINGS or word in _AROUND_THINGS or _MODEL.fullmatch(word)
        or set(word.split("-")) <= _THINGS | _AROUND_THINGS
        for word in words
    )  # fmt: skip


def contact_block(lines: Sequence[Line], start: int, end: int, author: str) -> int | None:
    """Where the block of name, title and telephone begins that ends a run of own words.

    It must say how to reach its writer or what they are, and follow a closing ("Best,") or begin
    with the writer's own name: a list of people, or an address to write to, is no signature.
    """
    last = end
    while last > start and not lines[last - 1].text:
        last -= 1
    first = last
    while first > start and last - first < _SIGNATURE_LINES and lines[first - 1].text:
        first -= 1
    closing = next((n for n in range(first, last) if _CLOSING.match(lines[n].text)), None)
    if closing is not None:
        first = closing + 1
    else:
        above = first - 1
        while above >= start and not lines[above].text:
            above -= 1
        named = bool(author) and _same_name(lines[first].text, author) if first < last else False
        if not (above >= start and _CLOSING.match(lines[above].text)) and not (
            named and above >= start and not lines[above].text.endswith(":")
        ):
            return None
    block = [line.text for line in lines[first:last]]
    if len(block) < 2 or any(speaks(text) or text.endswith(":") for text in block):
        return None
    told = sum(bool(_CONTACT.search(t)) for t in block) + sum(bool(_TITLE.search(t)) for t in block)
    return first if told >= 2 or (told and closing is None) else None


def _after_dashes(lines: Sequence[Line], at: int) -> tuple[SpanKind, int, bool] | None:
    """A signature below "-- ", or a list's footer; None where a letter goes on below a dash."""
    first = next_words(lines, at + 1, within=2)
    if first is None or find_opening(lines, first):
        return (SpanKind.SIGNATURE, 1, False) if lines[at].dashes else None
    if not lines[at].dashes and first != at + 1:
        return None
    below: list[Line] = []
    for number in range(at + 1, min(at + 1 + _SIGNATURE_LINES, len(lines))):
        line = lines[number]
        if line.depth or line.text == "--" or (line.text and _stops(lines, number)):
            break
        if not line.text and number + 1 < len(lines) and speaks(lines[number + 1].text):
            break
        below.append(line)
    while below and not below[-1].text:
        below.pop()
    words = " ".join(line.text for line in below)
    if _LIST_FOOTER.search(words) and re.search(r"unsubscribe|https?:|@", words, re.I):
        return SpanKind.FOOTER, len(below) + 1, False
    spoken = sum(speaks(line.text) for line in below)
    if not spoken:
        return SpanKind.SIGNATURE, len(below) + 1, False
    if lines[at].dashes and spoken <= 1 and len(below) > 2:
        return SpanKind.SIGNATURE, len(below) + 1, False
    return None


def _stops(lines: Sequence[Line], at: int) -> bool:
    before_blank = not lines[at - 1].text
    opening = find_opening(lines, at)
    return bool(
        (opening and not opening.unsure)
        or is_device(lines[at].text)
        or (before_blank and (_NOTICE.match(lines[at].text) or _BANNER.match(lines[at].text)))
    )


def speaks(text: str) -> bool:
    """Whether a line is (the end of) a sentence, or long as only sentences are."""
    if re.match(r"[\"'\u201c*]", text):
        return False  # a motto
    words = text.split()
    if len(text) > 100:
        return True
    small = sum(word[:1].islower() for word in words)
    return (bool(_SENTENCE.search(text)) and small >= 2) or (
        small >= 4 and not _CONTACT.search(text)
    )


def _same_name(text: str, author: str) -> bool:
    words = set(re.findall(r"[^\W\d_]{2,}", text.casefold()))
    names = set(re.findall(r"[^\W\d_]{2,}", author.casefold()))
    return len(words & names) >= min(2, len(names)) > 0 and len(text) < 80


def _armour(lines: Sequence[Line], at: int) -> int:
    """Lines of PGP's between its BEGIN and the end of it (RFC 9580, 6.2)."""
    for number in range(at + 1, min(at + _ARMOUR, len(lines))):
        text = lines[number].text
        if text.startswith("-----END PGP"):
            return number + 1 - at
        begins = lines[at].text.startswith("-----BEGIN PGP SIGNED")
        if begins and not text:
            return number - at
    return 1


def _goes_on(line: Line) -> bool:
    return bool(line.text) and not line.depth and not RULE.match(line.text)


def _paragraph(lines: Sequence[Line], at: int) -> int:
    used = 0
    while used < _PARAGRAPH and at + used < len(lines) and _goes_on(lines[at + used]):
        used += 1
    return used
