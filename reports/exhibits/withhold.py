"""Pure: default deny. Which chosen messages stay in the archive, and why.

Out, unless a person names the message itself: mail with an attorney or advocate on it, mail among
the family, mail of or about mediation and settlement, and any mail that carries words of a
privileged message: quoted below, pasted, attached, in a file name or hidden in its source. Such a
message is withheld whole, because its original, which goes with its pages, would carry those words
as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from archiver.model import Role, Standing
from archiver.roles import AddressBook
from indexers.model import Message, SpanKind
from indexers.records import everyone
from reports.exhibits.model import Why, Withheld

_RUN = 8  # words: as many in the same order are no chance
_SENTENCE = 4  # words of the shortest whole sentence that is looked for
_COMMONPLACE = 3  # a run that so many people write of their own accord is a turn of phrase

_WORD = re.compile(r"[^\W_]+")
_END = re.compile(r"(?<=[.!?;:])\s+|\n+")
_ADDRESS = re.compile(r"[\w.+'-]+@[\w.-]+\.\w+")
_SETTLEMENT = re.compile(
    r"\bfor settlement purposes|\b(?:offers? (?:of|in|to) compromise|without prejudice)\b"
    r"|\bsettlement (?:offers?|proposals?|demands?|terms|agreement|figure|conference|talks?)\b"
    r"|\b(?:offers?|propos\w+|agree\w*) (?:to|of) settle(?:ment)?\b|\b(?:rule|fre|f\.r\.e\.) ?408\b"
    r"|\bmediat(?:ion|or)(?:['’]s)? (?:session|statement|brief|position|offer|proposal|agreement"
    r"|discussions?|confidential\w*)"
    r"|\b(?:at|in|during|from) (?:the |our |today['’]s |yesterday['’]s )?mediation\b"
    r"|\bconfidential (?:mediation|settlement)",
    re.IGNORECASE,
)
_MEDIATION = re.compile(r"\bmediat(?:e|ed|ing|ion|ions|or|ors)\b", re.IGNORECASE)
_RIGHTS = re.compile(
    r"\b(?:rights?|options?|safeguards?|reminded that|parents? may|they may|you may|you can"
    r"|may (?:also )?(?:request|ask for))\b",
    re.IGNORECASE,
)
_ROUTES = re.compile(r"\b(?:complaints?|due process|hearings?)\b", re.IGNORECASE)
_MEDIATOR = re.compile(r"mediat|\badr\b|disputeresolution", re.IGNORECASE)


_TELLING = re.compile(
    r"attorney|lawyer|counsel|legal|advocate|\blaw\b|mediat|settle|strateg|privat|custody|divorce",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Secret:
    """Runs of words that only withheld messages have, and since when."""

    runs: Mapping[int, datetime | None]  # by hash; the earliest privileged message with it


def secret_of(privileged: Iterable[Message]) -> Secret:
    """The runs and whole sentences of what privileged messages say themselves."""
    runs: dict[int, datetime | None] = {}
    for message in privileged:
        for run in runs_of(f"{message.subject}\n\n{message.own_words()}"):
            known = runs.get(run, message.date)
            runs[run] = min(known, message.date) if known and message.date else None
    return Secret(runs)


def without_commonplaces(secret: Secret, others: Iterable[Message]) -> Secret:
    """Take out what is nobody's secret.

    That is a run which a message that may leave has among its own words and had first: the attorney
    quotes the school; and one that several people write: "please let me know if you have any
    questions". One person who pastes it into several messages does not make it common.
    """
    runs = dict(secret.runs)
    writers: dict[int, set[str]] = {run: set() for run in runs}
    for message in others:
        for run in runs_of(message.own_words()) & writers.keys():
            writers[run].add(message.sender.address)
            first = runs.get(run)
            if (first and message.date and message.date < first) or len(
                writers[run]
            ) >= _COMMONPLACE:
                runs.pop(run, None)
    return Secret(runs)


def runs_of(text: str) -> set[int]:
    """Hashes of every run of eight words and of every whole sentence of four words or more."""
    found: set[int] = set()
    for sentence in _END.split(text):
        words = _words(sentence)
        if len(words) >= _SENTENCE:
            found.add(hash(("sentence", *words)))
    words = _words(text)
    found.update(hash(tuple(words[i : i + _RUN])) for i in range(len(words) - _RUN + 1))
    return found


def tells_too_much(folder: str) -> bool:
    """Whether the name of a mail folder is the family's own note: "for the lawyer", "strategy".

    A journal line names the folder that a message was received from and cannot be changed without
    breaking its link, so that the whole line stays.
    """
    return bool(_TELLING.search(folder))


def judge(
    message: Message,
    standing: Standing,
    hay: str,
    book: AddressBook,
    secret: Secret,
    attached: Iterable[str] = (),
) -> Withheld | None:
    """Why a message stays out; None where it may leave.

    Args:
        message: as read, with its spans.
        standing: by the configuration of today.
        hay: everything that its original says anywhere: headers, every text part with its markup
            taken off and hidden text left in, file names, attachment text, documents' properties.
        book: whose address is whose.
        secret: of ``without_commonplaces``.
        attached: texts and names of its attachments, searched for settlement terms.
    """
    digest = message.digest
    if standing is Standing.PRIVILEGED:
        return Withheld(digest, Why.PRIVILEGED, "Your attorney or advocate is on this message.")
    if standing is Standing.FAMILY:
        return Withheld(digest, Why.FAMILY, "This message is among the family alone.")
    settled = _settlement(message, attached)
    if settled:
        return Withheld(digest, Why.MEDIATION, settled)
    if _quotes_privileged_person(message, hay, book):
        what = "Mail from or to your attorney or advocate is quoted in or attached to this message."
        return Withheld(digest, Why.QUOTES, what)
    if runs_of(hay) & secret.runs.keys():
        what = "This message carries words of a privileged message."
        return Withheld(digest, Why.QUOTES, what)
    return None


def _settlement(message: Message, attached: Iterable[str]) -> str:
    people = " ".join(f"{p.name} {p.address}" for p in everyone(message))
    if _MEDIATOR.search(people):
        return "A mediator or mediation office seems to be on this message."
    own = "\n".join(
        message.body[s.start : s.end]
        for s in message.spans
        if s.kind not in {SpanKind.BOILERPLATE, SpanKind.FOOTER, SpanKind.SIGNATURE}
    )
    if _MEDIATION.search(message.subject) or any(map(_confidential, _sentences(own))):
        return "This message speaks of mediation or settlement."
    if _SETTLEMENT.search(message.body):
        return "This message speaks of mediation or settlement."
    if any(_SETTLEMENT.search(text) for text in (message.subject, *attached)):
        return "The subject or an attachment speaks of mediation or settlement."
    return ""


def _confidential(sentence: str) -> bool:
    """Whether a sentence speaks of mediation, other than as one of a parent's rights.

    Every notice says that there is "the right to mediation, to file a state complaint and to
    request a due process hearing"; that is no secret, nor is a letter with such a notice below.
    """
    if not _MEDIATION.search(sentence):
        return False
    return not (_RIGHTS.search(sentence) and _ROUTES.search(sentence))


def _sentences(text: str) -> list[str]:
    """Sentences, across the ends and quote marks of lines."""
    joined = " ".join(line.lstrip("> ").strip() or ".\n" for line in text.split("\n"))
    return re.split(r"(?<=[.!?])\s+", joined)


def _quotes_privileged_person(message: Message, hay: str, book: AddressBook) -> bool:
    """Whether a privileged address stands in the mail anywhere but where its author put it."""
    own = {m[0].lower() for m in _ADDRESS.finditer(message.own_words())}
    return any(
        book.role_of(address) is Role.PRIVILEGED
        for address in {m[0].lower() for m in _ADDRESS.finditer(hay)} - own
    )


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
