"""Pure: what the checking script reads: exhibits, pages, file names; and the README beside them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archiver.model import Digest
from reports.exhibits.labels import bates_of, page_stamp
from reports.exhibits.model import Exhibit, Plan, Profile

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]+')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)")


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page of the packet."""

    number: int  # of the Bates stamp
    exhibit: int
    page: int  # of the exhibit, from 1
    of: int
    digest: str  # of all that the page shows
    file: str  # the exhibit's own PDF, below data/
    packet: str  # the combined PDF, below data/
    packet_page: int  # from 1


def stamps_of(profile: Profile, exhibit: Exhibit, page: int) -> tuple[str, str]:
    """The stamps on a page of an exhibit: its label, and its Bates number where that is apart."""
    bates = bates_of(profile, exhibit.first_bates + page - 1)
    label = page_stamp(profile, exhibit.label, page, exhibit.pages, bates)
    return label, bates if profile.label else ""


def pages_jsonl(profile: Profile, rows: Iterable[PageRow], exhibits: Sequence[Exhibit]) -> str:
    """A line a page."""
    by_number = {exhibit.number: exhibit for exhibit in exhibits}
    lines = []
    for row in rows:
        stamps = [s for s in stamps_of(profile, by_number[row.exhibit], row.page) if s]
        fields = {
            "number": row.number,
            "bates": bates_of(profile, row.number),
            "exhibit": row.exhibit,
            "page": row.page,
            "of": row.of,
            "digest": row.digest,
            "file": row.file,
            "packet": row.packet,
            "packet_page": row.packet_page,
            "stamps": stamps,
        }
        lines.append(json.dumps(fields, ensure_ascii=False) + "\n")
    return "".join(lines)


def exhibits_json(
    profile: Profile,
    plan: Plan,
    made: str,
    head: tuple[int, Digest],
    exhibits: Sequence[Exhibit],
    natives: Mapping[tuple[Digest, str], str],
    packets: Mapping[str, int],
    lines_left_out: Sequence[Digest],
) -> str:
    """The record of the packet.

    Args:
        profile: of the packet.
        plan: which volume.
        made: RFC 3339, UTC.
        head: entries of the journal and its last link when the volume was first made.
        exhibits: in order.
        natives: by message and part: the original's file below data/; what is absent is left out.
        packets: combined files, with how many pages stand before their first exhibit.
        lines_left_out: messages whose journal line is not in the packet.
    """
    document = {
        "format": 1,
        "profile": profile.name,
        "volume": plan.volume,
        "made": made,
        "head": {"entries": head[0], "link": head[1]},
        "first_bates": plan.first_bates,
        "packets": list(packets),
        "front_pages": dict(packets),
        "lines_left_out": list(lines_left_out),
        "exhibits": [
            {
                "number": e.number,
                "label": e.label,
                "description": e.description,
                "date": e.date.isoformat() if e.date else None,
                "from": e.sender,
                "to": e.recipients,
                "first": e.first_bates,
                "last": e.last_bates,
                "file": f"exhibits/{e.file}",
                "sections": [
                    {
                        "title": s.title,
                        "source": s.source,
                        "part": s.part,
                        "content": s.content,
                        "how": s.how,
                        "pages": s.pages,
                        "native": natives.get((s.source, s.part)),
                    }
                    for s in e.sections
                ],
            }
            for e in exhibits
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def safe_name(name: str) -> str:
    """A file name that every system can store, as near to the one sent as can be."""
    cleaned = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")[-80:].strip(" .")
    return f"_{cleaned}" if not cleaned or _RESERVED.match(cleaned) else cleaned


def readme(title: str, main_files: Sequence[tuple[str, str]]) -> str:
    """README.txt: what the folder holds, and how to check it with and without the script.

    Args:
        title: of the packet.
        main_files: SHA-256 and path of the files that a reader opens first.
    """
    listed = "".join(f"    {digest}  {path}\n" for digest, path in main_files)
    return f"""{title}

What is here

  data/*.pdf            the exhibits in one file (or several), with bookmarks and the exhibit list
  data/exhibits/        each exhibit as a file of its own
  data/native/          the e-mails as they were received (.eml), and their attachments
  data/papers/          exhibit list, witness list, drafts to complete and sign, completeness,
                        chronology
  data/record/          which page is which, in a form for programs
  manifest-sha256.txt   the SHA-256 of every file in data/ (the folder is a BagIt bag, RFC 8493)

How to check that nothing was changed

  On Linux, in this folder:

    sha256sum -c manifest-sha256.txt
    sha256sum -c tagmanifest-sha256.txt

  On a Mac: shasum -a 256 -c manifest-sha256.txt

  For one file alone (Windows: certutil -hashfile FILE SHA256), compare with:

{listed}
  For everything, with Python 3.9 or later and nothing else:

    python3 check.py

  It checks page against exhibit, exhibit against original, original against the journal line that
  says when it was received, and every file against the manifest. With --seal and the seal that was
  printed when the packet was made, it also shows that this is that very packet; with --journal and
  the archive's journal.jsonl, that the journal is whole up to the head that the packet names.
"""
