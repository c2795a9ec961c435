"""Pure: what is not in the archive, or not readable in it, as far as the archive itself can tell.

An export that claims to be complete must say where it is not. Every gap is a plain sentence with
its list; none is a reproach to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.catalogue import Failure, Look
from archiver.model import Digest
from indexers.model import Message
from indexers.query import Unread

_SEE_ATTACHED = re.compile(
    r"\b(?:(?:please |pls )?(?:see|find|review|sign|complete|open) (?:the )?(?:attached|attachment)"
    r"|(?:is|are|i have|i've|we have|have) attached|attached (?:is|are|please|you will)"
    r"|attaching (?:the|a|my|her|his|our)|adjunt[oa]s?\b|le adjunto|ver (?:el )?adjunto"
    r"|archivo adjunto)",
    re.IGNORECASE,
)
# Where the document itself lies: drives, signing services, and the portals of schools.
_ELSEWHERE = (
    "docs.google.com", "drive.google.com", "forms.gle", "dropbox.com", "1drv.ms",
    "onedrive.live.com", "sharepoint.com", "box.com", "wetransfer.com", "icloud.com",
    "docusign.net", "docusign.com", "adobesign.com", "echosign.com", "hellosign.com",
    "parentsquare.com", "powerschool.com", "infinitecampus.com", "infinitecampus.org",
    "skyward.com", "frontlineeducation.com", "esped.com", "embraceeducation.com", "seesaw.me",
    "classdojo.com", "canvas.instructure.com", "schoology.com", "signnow.com", "smore.com",
)  # fmt: skip
_LINK = re.compile(
    rb"https?://(?:[\w.-]+\.)?(" + "|".join(map(re.escape, _ELSEWHERE)).encode() + rb")[/?\"'\s>]",
    re.IGNORECASE,
)
_LOOKED_AT = 4 << 20  # bytes of an original that are searched for links


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a gap's list."""

    what: str
    digest: Digest | None = None  # of the message it is about, where there is one


@dataclass(frozen=True, slots=True)
class Gap:
    """One way in which the archive is not whole."""

    name: str  # a short word, for programs
    sentence: str  # with its count
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Census:
    """What was counted, and every gap that has something in it."""

    folders: tuple[Item, ...]  # account, folder, how many are listed there and how many held
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A message of the archive, with what the census needs of its original."""

    message: Message
    raw: bytes


def count_folders(looks: Mapping[str, Look]) -> tuple[Item, ...]:
    """What the server listed when each account was last looked at to its end."""
    found = []
    for account, look in sorted(looks.items()):
        for folder in look.folders:
            listed, held = int(str(folder["listed"])), int(str(folder["held"]))
            found.append(
                Item(
                    f"{account}, {folder['folder']}: {listed} on the server on "
                    f"{look.at:%Y-%m-%d}, {held} of them the school's correspondence and held, "
                    f"{listed - held} other mail"
                )
            )
    return tuple(found)


def take_census(
    looks: Mapping[str, Look],
    failures: Sequence[Failure],
    problems: Sequence[tuple[Digest, str]],
    unread: Sequence[Unread],
    held: Iterable[Held],
) -> Census:
    """Count everything and name every gap.

    Args:
        looks: by account, as the catalogue has them.
        failures: messages that could not be fetched.
        problems: messages that could not be read, with a sentence each.
        unread: attachments that could not be read, or not wholly.
        held: every message; gone through once.
    """
    ids: dict[str, list[Digest]] = {}
    wanted: dict[str, list[Message]] = {}
    bare: list[Item] = []
    links: list[Item] = []
    undated: list[Item] = []
    for one in held:
        message = one.message
        if message.message_id:
            ids.setdefault(message.message_id, []).append(message.digest)
        for reference in dict.fromkeys((*message.in_reply_to, *message.references)):
            wanted.setdefault(reference, []).append(message)
        if not message.attachments and _SEE_ATTACHED.search(message.own_words()):
            bare.append(Item(_named(message), message.digest))
        hosts = sorted({m[1].decode().lower() for m in _LINK.finditer(_plain(one.raw))})
        if hosts:
            links.append(Item(f"{_named(message)}: {', '.join(hosts)}", message.digest))
        if message.date is None:
            undated.append(Item(_named(message), message.digest))
    missing = [
        Item(f"{reference}, which {_named(said[0])} answers or refers to", said[0].digest)
        for reference, said in wanted.items()
        if reference not in ids
    ]
    doubled = [
        Item(f"{message_id}: {len(digests)} different messages", digests[0])
        for message_id, digests in ids.items()
        if len(digests) > 1
    ]
    gaps = [
        Gap("not fetched", f"{len(failures)} messages are on the server and could not be fetched.",
            tuple(Item(f"{f.place.account}, {f.place.folder}, UID {f.place.uid}: {f.reason}, since "
                       f"{f.since:%Y-%m-%d}") for f in failures)),
        Gap("not read", f"{len(problems)} messages are held and could not be read.",
            tuple(Item(sentence, digest) for digest, sentence in problems)),
        Gap("unreadable", f"{len(unread)} attachments are held and could not be read, or not "
            "wholly.", tuple(Item(f"{u.name}: {u.reason}", u.digest) for u in unread)),
        Gap("not held", f"{len(missing)} messages are answered or referred to and not held.",
            tuple(missing)),
        Gap("nothing attached", f"{len(bare)} messages speak of something attached and have "
            "nothing attached.", tuple(bare)),
        Gap("elsewhere", f"{len(links)} messages link to a portal or a cloud drive; what is there "
            "is not in the archive.", tuple(links)),
        Gap("same id", f"{len(doubled)} Message-IDs are on more than one message with different "
            "bytes; all of them are kept.", tuple(doubled)),
        Gap("undated", f"{len(undated)} messages have no date of their own.", tuple(undated)),
    ]  # fmt: skip
    return Census(count_folders(looks), tuple(gap for gap in gaps if gap.items))


def _plain(raw: bytes) -> bytes:
    """Enough of quoted-printable undone that a link is in one piece."""
    return raw[:_LOOKED_AT].replace(b"=\r\n", b"").replace(b"=\n", b"").replace(b"=3D", b"=")


def _named(message: Message) -> str:
    on = _day(message.date)
    sender = message.sender.name or message.sender.address or "nobody named"
    return f"{sender}'s message {on}, {message.subject or '(no subject)'!r}"


def _day(at: datetime | None) -> str:
    return f"of {at:%Y-%m-%d}" if at else "without a date"
