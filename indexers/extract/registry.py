"""Pure: which extractor reads an attachment, and what is said of those that none reads."""

from __future__ import annotations

from indexers.extract.calendar import Calendar
from indexers.extract.contract import Extractor
from indexers.extract.office import Excel, Word
from indexers.extract.pdf import Pdf
from indexers.extract.plain import Csv, Html, PlainText
from indexers.model import Part, Skipped

EXTRACTORS: tuple[Extractor, ...] = (
    PlainText(),
    Csv(),
    Html(),
    Calendar(),
    Pdf(),
    Word(),
    Excel(),
)

VERSIONS = ", ".join(extractor.version for extractor in EXTRACTORS)
"""Of all extractors: text that was read under another value is read anew."""

_REASONS = (
    ("image/", "It is a picture; its text has not been read."),
    ("video/", "It is a film."),
    ("audio/", "It is a sound recording."),
    ("message/rfc822", "It is an attached message; open it to read it."),
    ("application/ms-tnef", "It is a winmail.dat of Outlook, which is not read yet."),
    ("application/zip", "It is a ZIP file; what is inside has not been read."),
    ("application/msword", "It is a Word file of the old kind (.doc), which is not read yet."),
    ("application/vnd.ms-excel", "It is an Excel file of the old kind, which is not read yet."),
    ("application/pkcs7", "It is signed or encrypted mail (S/MIME), which is not read."),
    ("application/pgp", "It is signed or encrypted mail (PGP), which is not read."),
)


def extractor_for(part: Part) -> Extractor | None:
    """The extractor of an attachment's type, or None where nothing reads it."""
    return next((e for e in EXTRACTORS if part.media_type in e.media_types), None)


def why_unread(part: Part) -> Skipped:
    """What to tell of an attachment that nothing reads."""
    for prefix, reason in _REASONS:
        if part.media_type.startswith(prefix):
            return Skipped(reason)
    return Skipped(f"It is of a kind that is not read yet ({part.media_type}).")
