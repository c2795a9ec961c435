"""Pure: what goes with the exhibits: the list, witnesses, drafts to sign, what is complete."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from archiver.model import Person, Role
from archiver.roles import AddressBook
from indexers.model import Message
from indexers.records import everyone
from reports.exhibits.labels import bates_of
from reports.exhibits.mail_pages import short_name
from reports.exhibits.model import Exhibit, Profile
from reports.words import day

LIST_COLUMNS = ("Exhibit", "Date", "Description", "From → to", "Pages", "Page numbers")
LIST_WIDTHS = (8, 11, 30, 27, 6, 18)
WITNESS_COLUMNS = ("Name", "Address", "Side", "Written by or to, in exhibits", "Subject")


@dataclass(frozen=True, slots=True)
class Paper:
    """A draft: a title, paragraphs, and a table where it has one."""

    title: str
    paragraphs: tuple[str, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ()  # paragraphs below the table


def describe(messages: Sequence[Message]) -> str:
    """``E-mail, “Speech on Tuesday”, with 2 attachments``: the mail's own words, no others."""
    first = messages[0]
    subject = f"“{first.subject}”" if first.subject else "no subject"
    attached = sum(len(message.attachments) for message in messages)
    more = f", with {count(attached, 'attachment')}" if attached else ""
    if len(messages) == 1:
        return f"E-mail, {subject}{more}"
    return f"{len(messages)} e-mails of one conversation, {subject}{more}"


def names_of(people: Iterable[Person], most: int = 4) -> str:
    """``Dana Ortiz; Sam Reyes; and 3 more``."""
    shown = list(dict.fromkeys(map(short_name, people)))
    more = [f"and {len(shown) - most} more"] if len(shown) > most else []
    return "; ".join((*shown[:most], *more)) or "nobody named"


def list_rows(
    exhibits: Sequence[Exhibit], profile: Profile, zone: ZoneInfo
) -> list[tuple[str, ...]]:
    """A row of LIST_COLUMNS for each exhibit."""
    return [
        (
            exhibit.label or bates_of(profile, exhibit.first_bates),
            iso_day(exhibit.date, zone),
            exhibit.description,
            f"{exhibit.sender} → {exhibit.recipients}",
            str(exhibit.pages),
            bates_span(profile, exhibit),
        )
        for exhibit in exhibits
    ]


def count(number: int, what: str) -> str:
    """``1 exhibit``, ``3 exhibits``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def bates_span(profile: Profile, exhibit: Exhibit) -> str:
    """``PAR000004–PAR000009``."""
    first, last = bates_of(profile, exhibit.first_bates), bates_of(profile, exhibit.last_bates)
    return first if first == last else f"{first}–{last}"


def iso_day(at: datetime | None, zone: ZoneInfo) -> str:
    """A message's day in the school's zone."""
    return at.astimezone(zone).date().isoformat() if at else "no date"


def witness_list(exhibits: Sequence[tuple[Exhibit, Sequence[Message]]], book: AddressBook) -> Paper:
    """Who could speak to which exhibit: everyone on the mail, the most often named first."""
    sides = {Role.SCHOOL: "school", Role.PROVIDER: "provider", Role.PARENT: "parent"}
    seen: dict[str, tuple[str, str, list[int]]] = {}
    labels = {e.number: e.label or f"page {e.first_bates}" for e, _ in exhibits}
    for exhibit, messages in exhibits:
        for person in (p for message in messages for p in everyone(message)):
            if not person.address or person.address.startswith("list@"):
                continue
            side = sides.get(book.role_of(person.address), "other")
            name, _, named = seen.setdefault(person.address, (person.name, side, []))
            if not name and person.name:
                seen[person.address] = (person.name, side, named)
            if exhibit.number not in named:
                named.append(exhibit.number)
    ordered = sorted(seen.items(), key=lambda item: (-len(item[1][2]), item[0]))
    return Paper(
        "Witness list (draft)",
        (
            "A draft made from the people on the exhibits. Take out who will not be called, add "
            "who is missing, and say for each what they will speak about.",
        ),
        WITNESS_COLUMNS,
        tuple(
            (name or address, address, side, runs(named, labels), "____________________")
            for address, (name, side, named) in ordered
        ),
    )


def runs(numbers: Sequence[int], labels: Mapping[int, str]) -> str:
    """Numbers that follow one another as a run: ``P-1 to P-4, P-9``."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return ", ".join(
        labels[run[0]] if len(run) == 1 else f"{labels[run[0]]} to {labels[run[-1]]}"
        for run in found
    )


def certificate(profile: Profile, packets: Sequence[str], span: str, pages: int) -> Paper:
    """A certificate of service with everything that only the sender knows left open."""
    return Paper(
        "Certificate of service (draft, not signed)",
        (
            f"On ____________________ (date), I sent the exhibits {span} of the "
            f"{profile.offered_by.lower()}, {count(pages, 'page')} in {_files(packets)}, together "
            "with the exhibit list and the witness list, to:",
        ),
        ("Name", "Address", "Sent by (e-mail, portal, mail, by hand)"),
        (("____________________",) * 3,) * 3,
        (
            "Seal of the packet (printed when it was made): ____________________",
            "Signature: ____________________        Date: ____________________",
            "Name: ____________________",
        ),
    )


def declaration(exhibits: int, head: str, entries: int, made: date) -> Paper:
    """A custodian's declaration, for the person who kept the mail to read, correct and sign."""
    return Paper(
        "Declaration of the custodian (draft, not signed)",
        (
            "I, ____________________, declare:",
            "1. I am a parent of the child whom these exhibits concern. The e-mail accounts from "
            "which they were taken are mine: ____________________.",
            "2. I used the program Paper Trail to copy my correspondence with the school over "
            "IMAP. It reads a mailbox and cannot change it. It keeps each message as the bytes "
            "that the mail server gave, names it by the SHA-256 of those bytes, and writes the "
            "receipt into a journal in which each line contains the SHA-256 of the line before.",
            f"3. The {exhibits} exhibits in this packet were made from those originals on "
            f"{day(made)}. The journal then had {entries} lines; the last is {head}. The "
            "pages show the originals; nothing was added but the stamps in the margin. What was "
            "redacted, if anything, is listed in the redaction log.",
            "4. The originals are in the folder “native”, with a list of their SHA-256, unless "
            "the completeness statement says otherwise. I have not edited them.",
            "5. I know what these messages are because I sent or received them, except: "
            "____________________.",
            "I declare under penalty of perjury that the foregoing is true and correct. "
            "(28 U.S.C. 1746; your forum may want other words.)",
            "Executed on ____________________ at ____________________.",
            "Signature: ____________________",
        ),
    )


def completeness(exhibits: Sequence[Exhibit], volume: int, *, redacted: bool) -> Paper:
    """What this packet is and is not, so that nobody takes it for more."""
    sections = [section for exhibit in exhibits for section in exhibit.sections]
    files = [s for s in sections if s.how.startswith("file only")]
    pages = sum(exhibit.pages for exhibit in exhibits)
    paragraphs = [
        f"This is volume {volume}: {count(len(exhibits), 'exhibit')}, {count(pages, 'page')}, made "
        f"of {count(sum(s.part == 'message' for s in sections), 'e-mail')} with all attachments. "
        "They were chosen by the person who made the packet; the archive holds other messages.",
        "Each e-mail is shown with the headers that its reader saw, the body as it was sent, and "
        "all of its attachments behind it. Pictures that a mail only pointed to on a server were "
        "not loaded; their place is marked.",
        "Pages of attachments are set a little smaller, so that the stamps stand beside them and "
        "cover nothing. Word-processor files were made into pages by LibreOffice, which may "
        "break lines differently from the program they were written with; their files are in "
        "the folder “native”.",
        "Messages that are privileged, confidential, or among the family alone are not in this "
        "packet unless the person chose to include them.",
        "The chronology is an aid. It was found by a program, and is not evidence.",
        "A match with the journal shows that a message is as the archive received it. It does "
        "not show that what a message says is true, or who wrote it.",
    ]
    if redacted:
        paragraphs.append(
            "Names were redacted. Originals in which one of them stands are not in the folder "
            "“native”; the record gives their SHA-256, and the redaction log says where."
        )
    rows = tuple((_label_of(exhibits, s.source), s.title, s.how) for s in files)
    if rows:
        paragraphs.append("These attachments are not shown as pages:")
    head = ("Exhibit", "File", "Why") if rows else ()
    return Paper("What this packet holds and what it does not", tuple(paragraphs), head, rows)


def _label_of(exhibits: Sequence[Exhibit], digest: str) -> str:
    return next((e.label or str(e.number) for e in exhibits if digest in e.digests), "")


def _files(packets: Sequence[str]) -> str:
    return packets[0] if len(packets) == 1 else f"{len(packets)} files"


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV; a cell that a spreadsheet would run gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{c}" if c[:1] in tuple("=+-@\t\r") else c for c in row])
    return out.getvalue()
