"""Pure: bytes of a message to headers, body and parts. Odd input gives defects, not exceptions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from itertools import groupby

from archiver.headers import Headers, decode, decode_bytes, read_headers
from archiver.model import Digest, Person
from indexers.html import HtmlText, read_html
from indexers.mail_lines import Hint
from indexers.message_dates import choose_date, dates_of
from indexers.mime_parts import MAX_BODY, MAX_DEPTH, Leaf, leaves_of, nested_bytes, parse
from indexers.model import Message
from indexers.own_words import mark_spans
from indexers.second_opinion import compare_with_page

__all__ = ["all_text", "body_html", "content_ids", "nested_bytes", "read_message"]

_TAG = re.compile(r"<[^<>]*>")
_CID = re.compile(r"""cid:([^"'\s>)]+)""", re.I)
_FORWARDS = re.compile(r"\s*(?:\[[^\]]{1,20}\]\s*)?(?:fwd?|rv|tr|wg|enc|reenv)\s*:", re.I)
_WRAPPERS = (
    ("application/pkcs7-mime", "Its text is encrypted or wrapped in a signature (S/MIME)"),
    ("application/x-pkcs7-mime", "Its text is encrypted or wrapped in a signature (S/MIME)"),
    ("application/pgp-encrypted", "Its text is encrypted (PGP)"),
)


def read_message(raw: bytes, *, internal_date: datetime | None = None) -> Message:
    """Read a message, whatever its bytes.

    Args:
        raw: the original.
        internal_date: the server's date for it, aware; used where its own cannot be.

    Returns:
        The message with its body as text (plain where there is one, else made from HTML), the
        spans of the body, and every other leaf of its MIME tree as an attachment.
    """
    headers = read_headers(raw)
    dates = dates_of(headers, internal_date)
    date, source, defects = choose_date(dates)
    tree, odd = parse(raw)
    found = leaves_of(tree)
    body = _body(found.leaves) if tree is not None else _unparsed(raw)
    html = "".join(leaf.text() for leaf in found.leaves if leaf.kind == "text/html"
                   and leaf.path in body.covers)  # fmt: skip
    shown = set(_CID.findall(html))
    attachments = tuple(
        leaf.part(inline=leaf.content_id in shown or leaf.disposition == "inline")
        for leaf in found.leaves
        if leaf.path not in body.covers
    )
    subject = headers.first("subject")
    sender, others = _sender(headers)
    forwarded = bool(_FORWARDS.match(subject))
    spans = mark_spans(body.text, forwarded=forwarded, author=sender.name, hints=body.hints)
    if body.page:
        spans = compare_with_page(
            body.text, spans, body.page, forwarded=forwarded, author=sender.name
        )
    return Message(
        digest=Digest(hashlib.sha256(raw).hexdigest()),
        message_id=next(iter(headers.ids("message-id")), ""),
        in_reply_to=headers.ids("in-reply-to"),
        references=headers.ids("references"),
        sender=sender,
        to=headers.people("to"),
        cc=headers.people("cc"),
        bcc=headers.people("bcc"),
        others=others,
        subject=subject,
        date=date,
        date_source=source,
        body=body.text,
        body_path=body.path,
        spans=spans,
        attachments=attachments,
        defects=(*defects, *odd, *found.defects, *_wrapped(found.leaves, body.text)),
        dates=dates,
    )


@dataclass(frozen=True, slots=True)
class _Body:
    text: str
    path: str  # of its first part; "" where there is no body
    covers: frozenset[str]  # paths of the parts that it is made from, or that say the same
    hints: tuple[Hint, ...]  # one a line, where it was made from HTML
    page: str  # HTML that says the same as a plain body; "" for none


def _body(leaves: tuple[Leaf, ...]) -> _Body:
    """The text of all parts that are shown one below the other; of alternatives, one."""
    shown = [leaf for leaf in leaves if not leaf.attached]
    shown = [leaf for leaf in shown if leaf.kind in {"text/plain", "text/html"}]
    texts: list[str] = []
    hints: list[Hint] = []
    pages: list[str] = []
    path = ""
    lines = 0  # of ``texts``
    said = ""  # their words, to know what is said twice
    for choice, group in groupby(shown, key=lambda leaf: leaf.choice):
        forms = list(group)
        for option in [forms] if choice else [[form] for form in forms]:
            for leaf, text, hinted in _chosen(option, said=said):
                if texts and not texts[-1].endswith("\n"):
                    texts.append("\n")
                    lines += 1
                hints += [Hint.NONE] * (lines - len(hints))
                path = path or leaf.path
                texts.append(text)
                lines += text.count("\n")
                said += _letters(text)
                hints += hinted
                if choice and leaf.kind == "text/plain":
                    pages += [form.text() for form in forms if form.kind == "text/html"]
    covers = frozenset(leaf.path for leaf in shown)
    marked = tuple(hints) if any(hints) else ()
    return _Body("".join(texts), path, covers, marked, "\n".join(pages))


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w+", text))


def _chosen(forms: list[Leaf], *, said: str) -> list[tuple[Leaf, str, list[Hint]]]:
    """Of the forms that one text comes in, those that are read, with their text and hints."""
    plain = [(leaf, leaf.text(), list[Hint]()) for leaf in forms if leaf.kind == "text/plain"]
    html = [leaf for leaf in forms if leaf.kind == "text/html"]
    text = "\n".join(words for _, words, _ in plain)
    if not html:
        return plain
    if plain and _says_something(text) and not _is_a_stub(text, html):
        return plain
    pages: list[tuple[Leaf, HtmlText]] = [(leaf, read_html(leaf.text())) for leaf in html]
    read = [
        (leaf, page.text, list(page.hints))
        for leaf, page in pages
        # Some programs put both forms one below the other.
        if not (said and _letters(page.text) in said)
    ]
    if _says_something(text) and len(text.split()) >= sum(
        len(page.text.split()) for _, page in pages
    ):
        return plain
    return read


def _says_something(text: str) -> bool:
    words = text.split()
    return len(words) > 12 or (
        bool(words) and not re.search(r"html|not support|cannot display|view this", text, re.I)
    )


def _is_a_stub(text: str, html: list[Leaf]) -> bool:
    """Whether the plain form has only a part of what the page says."""
    if len(text) > 400 or sum(len(leaf.content) for leaf in html) < 20 * len(text) + 1000:
        return False
    return sum(len(read_html(leaf.text()).text) for leaf in html) > 3 * len(text) + 200


def _unparsed(raw: bytes) -> _Body:
    """What follows the headers as it stands: a structure past reading hides no words."""
    _, _, rest = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    text = decode_bytes(rest[: 4 * MAX_BODY])[:MAX_BODY].replace("\r", "\n")
    return _Body(text, "1" if text.strip() else "", frozenset(), (), "")


def _wrapped(leaves: tuple[Leaf, ...], body: str) -> tuple[str, ...]:
    """What is said of mail whose text is inside a wrapper that is not opened."""
    said = [sentence for kind, sentence in _WRAPPERS if any(x.kind == kind for x in leaves)]
    if "-----BEGIN PGP MESSAGE-----" in body:
        said.append("Its text is encrypted (PGP)")
    return tuple(f"{sentence}; it has not been read." for sentence in dict.fromkeys(said))


def _sender(headers: Headers) -> tuple[Person, tuple[Person, ...]]:
    authors = headers.people("from")
    others = headers.people("sender", "reply-to")
    sender = next(iter((*authors, *others)), Person("", ""))
    known = {sender.address}
    return sender, tuple(p for p in (*authors[1:], *others) if p.address not in known)


def body_html(raw: bytes) -> str:
    """The HTML of a message's body as sent, "" where it is plain text; hostile as it may be."""
    leaves = leaves_of(parse(raw)[0]).leaves
    return "".join(leaf.text() for leaf in leaves if leaf.kind == "text/html" and not leaf.attached)


def all_text(raw: bytes, depth: int = 0) -> str:
    """Every header and every text part with its markup taken off, hidden text and comments left in.

    For asking whether an original carries some words anywhere at all, not for reading.
    """
    tree, _ = parse(raw)
    if tree is None:
        return decode_bytes(raw)
    found: list[str] = []
    for node in tree.walk():
        found += [decode(str(value).encode("utf-8", "surrogateescape")) for value in node.values()]
    for leaf in leaves_of(tree).leaves:
        if leaf.kind == "text/html":
            found.append(unescape(_TAG.sub(" ", leaf.text())))
            found += [unescape(tag) for tag in _TAG.findall(leaf.text()) if " " in tag]
        elif leaf.kind.startswith("text/"):
            found.append(leaf.text())
        elif leaf.kind == "message/rfc822" and depth < MAX_DEPTH:
            found.append(all_text(leaf.content, depth + 1))
    if leaves_of(tree).defects:
        found.append(decode_bytes(raw))
    return "\n\n".join(found)


def content_ids(raw: bytes) -> dict[str, str]:
    """Content-ID to MIME path, for pictures shown within the body."""
    leaves = leaves_of(parse(raw)[0]).leaves
    return {leaf.content_id: leaf.path for leaf in leaves if leaf.content_id}
