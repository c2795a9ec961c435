"""Pure: how mail programs put an earlier message under an answer, in plain text and in HTML."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

WRAP = 72


@dataclass(frozen=True, slots=True)
class Earlier:
    """The message that is answered or forwarded."""

    name: str
    address: str
    when: datetime  # in the answering person's zone
    to: str
    subject: str
    text: str  # its whole plain text, with what it quoted itself


def compose(own: str, client: str, earlier: Earlier | None) -> tuple[str, str]:
    """The plain text and the HTML of a message as ``client`` would send it.

    Args:
        own: the writer's own words, paragraphs apart by blank lines.
        client: a key of ``CLIENTS``.
        earlier: what is quoted below; None in a new message.
    """
    own = own.strip("\n")
    if client == "thunderbird":
        own = wrap(own)
    if earlier is None:
        return own + "\n", page(paragraphs(own, client == "outlook"))
    return CLIENTS[client](own, earlier)


def wrap(text: str) -> str:
    """Break long lines as an editor with a fixed width would."""
    return "\n".join(textwrap.fill(line, WRAP) if line else "" for line in text.split("\n"))


def paragraphs(text: str, outlook: bool = False) -> str:
    """Plain text as HTML: a paragraph for each block, a break for each line."""
    start = "<p class=MsoNormal>" if outlook else "<p>"
    blocks = re.split(r"\n{2,}", text.strip("\n"))
    return "\n".join(f"{start}{_lines(block)}</p>" for block in blocks)


def page(inside: str) -> str:
    """A whole HTML document around ``inside``."""
    return f"<html><head><meta charset=utf-8></head><body>\n{inside}\n</body></html>\n"


def _lines(text: str) -> str:
    return "<br>\n".join(html.escape(line) for line in text.split("\n"))


def _marked(text: str) -> str:
    return "\n".join("> " + line if line else ">" for line in text.rstrip("\n").split("\n"))


def _clock(when: datetime, form: str = "%I:%M %p") -> str:
    return when.strftime(form).lstrip("0")


def _day(when: datetime, form: str) -> str:
    """Like strftime, with ``{d}`` and ``{m}`` for day and month without a leading zero."""
    return when.strftime(form).format(d=when.day, m=when.month)


def _gmail(own: str, e: Earlier) -> tuple[str, str]:
    head = f"On {_day(e.when, '%a, %b {d}, %Y')} at {_clock(e.when)} {e.name} <{e.address}> wrote:"
    plain = f"{own}\n\n{textwrap.fill(head, 76, break_on_hyphens=False)}\n\n{_marked(e.text)}\n"
    inside = (
        f'<div dir="ltr">{paragraphs(own)}</div><br><div class="gmail_quote">'
        f'<div dir="ltr" class="gmail_attr">{html.escape(head)}<br></div>'
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        'border-left:1px solid rgb(204,204,204);padding-left:1ex">'
        f"{paragraphs(e.text)}</blockquote></div>"
    )
    return plain, page(inside)


def _gmail_forward(own: str, e: Earlier) -> tuple[str, str]:
    date = f"{_day(e.when, '%a, %b {d}, %Y')} at {_clock(e.when)}"
    bar = "---------- Forwarded message ---------"
    plain = (
        f"{own}\n\n{bar}\nFrom: {e.name} <{e.address}>\nDate: {date}\n"
        f"Subject: {e.subject}\nTo: {e.to}\n\n\n{e.text}"
    )
    inside = (
        f'<div dir="ltr">{paragraphs(own)}<br><br><div class="gmail_quote">'
        f'<div dir="ltr" class="gmail_attr">{bar}<br>'
        f"From: <strong>{html.escape(e.name)}</strong> &lt;{e.address}&gt;<br>Date: {date}<br>"
        f"Subject: {html.escape(e.subject)}<br>To: {html.escape(e.to)}<br></div><br><br>"
        f"{paragraphs(e.text)}</div></div>"
    )
    return plain, page(inside)


def _outlook(own: str, e: Earlier) -> tuple[str, str]:
    sent = f"{_day(e.when, '%A, %B {d}, %Y')} {_clock(e.when)}"
    rows = [
        ("From", f"{e.name} <{e.address}>"),
        ("Sent", sent),
        ("To", e.to),
        ("Subject", e.subject),
    ]
    plain = f"{own}\n\n" + "".join(f"{name}: {value}\n" for name, value in rows) + f"\n{e.text}"
    head = "<br>".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in rows)
    inside = (
        f"<div class=WordSection1>{paragraphs(own, outlook=True)}<p class=MsoNormal>&nbsp;</p>"
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">'
        f"<p class=MsoNormal>{head}</p></div></div><p class=MsoNormal>&nbsp;</p>"
        f"{paragraphs(e.text, outlook=True)}</div>"
    )
    return plain, page(inside)


def _apple(own: str, e: Earlier) -> tuple[str, str]:
    head = f"On {_day(e.when, '%b {d}, %Y')}, at {_clock(e.when)}, {e.name} <{e.address}> wrote:"
    plain = f"{own}\n\n> {head}\n> \n{_marked(e.text)}\n"
    inside = (
        f'{paragraphs(own)}<div><br><blockquote type="cite"><div>{html.escape(head)}</div>'
        f'<br class="Apple-interchange-newline"><div>{paragraphs(e.text)}</div></blockquote></div>'
    )
    return plain, page(inside)


def _iphone(own: str, e: Earlier) -> tuple[str, str]:
    return _apple(f"{own}\n\nSent from my iPhone", e)


def _apple_forward(own: str, e: Earlier) -> tuple[str, str]:
    date = f"{_day(e.when, '%B {d}, %Y')} at {_clock(e.when, '%I:%M:%S %p %Z')}"
    plain = (
        f"{own}\n\n> Begin forwarded message:\n> \n> From: {e.name} <{e.address}>\n"
        f"> Subject: {e.subject}\n> Date: {date}\n> To: {e.to}\n> \n{_marked(e.text)}\n"
    )
    inside = (
        f'{paragraphs(own)}<div><br><blockquote type="cite"><div>Begin forwarded message:</div>'
        f"<div><b>From: </b>{html.escape(e.name)} &lt;{e.address}&gt;<br>"
        f"<b>Subject: </b>{html.escape(e.subject)}<br><b>Date: </b>{date}<br>"
        f"<b>To: </b>{html.escape(e.to)}</div><br>{paragraphs(e.text)}</blockquote></div>"
    )
    return plain, page(inside)


def _yahoo(own: str, e: Earlier) -> tuple[str, str]:
    date = f"{_day(e.when, '%A, %B {d}, %Y')} at {e.when.strftime('%I:%M:%S %p %Z')}"
    head = f"On {date}, {e.name} <{e.address}> wrote:"
    indented = "\n".join(" " + line for line in e.text.rstrip("\n").split("\n"))
    plain = f"{own}\n\n    {head}  \n \n{indented}\n"
    inside = (
        f'<div class="ydp1yahoo-style-wrap">{paragraphs(own)}</div>'
        f'<div id="yahoo_quoted_1" class="yahoo_quoted"><div>{html.escape(head)}</div>'
        f"<div>{paragraphs(e.text)}</div></div>"
    )
    return plain, page(inside)


def _thunderbird(own: str, e: Earlier) -> tuple[str, str]:
    head = f"On {_day(e.when, '{m}/{d}/%y')} {_clock(e.when)}, {e.name} wrote:"
    plain = f"{own}\n\n{head}\n{_marked(e.text)}\n"
    inside = (
        f'{paragraphs(own)}<div class="moz-cite-prefix">{html.escape(head)}</div>'
        f'<blockquote type="cite">{paragraphs(e.text)}</blockquote>'
    )
    return plain, page(inside)


def _inline(own: str, e: Earlier) -> tuple[str, str]:
    """Answers between the lines: ``own`` already holds the ``> `` lines that it answers."""
    head = f"On {_day(e.when, '%a, %b {d}, %Y')} at {_clock(e.when)} {e.name} <{e.address}> wrote:"
    plain = f"{textwrap.fill(head, 76, break_on_hyphens=False)}\n\n{own}\n"
    return plain, page(paragraphs(plain))


CLIENTS: dict[str, Callable[[str, Earlier], tuple[str, str]]] = {
    "gmail": _gmail,
    "gmail-forward": _gmail_forward,
    "outlook": _outlook,
    "apple": _apple,
    "iphone": _iphone,
    "apple-forward": _apple_forward,
    "yahoo": _yahoo,
    "thunderbird": _thunderbird,
    "inline": _inline,
}
