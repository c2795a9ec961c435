"""Which extractor reads an attachment, and what is said of those that none reads."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from indexers.extract.calendar import Calendar
from indexers.extract.contacts import Contacts
from indexers.extract.contract import Extractor, Means
from indexers.extract.kinds import LOCKED, OLE, ZIP, kind_of, kind_within
from indexers.extract.mail_inside import MailFile, SignedMail
from indexers.extract.mend_zip import mended_zip
from indexers.extract.office import OldOffice
from indexers.extract.open_document import OpenDocument
from indexers.extract.outlook import OutlookMessage, WinmailDat
from indexers.extract.pdf import Pdf
from indexers.extract.pictures import Picture
from indexers.extract.plain import Csv, Html, PlainText
from indexers.extract.rich_text import RichText
from indexers.extract.sheets import Excel, OldExcel
from indexers.extract.slides import Slides
from indexers.extract.word import Word
from indexers.extract.zipped import Zipped
from indexers.model import Extracted, Part, Skipped

EXTRACTORS: tuple[Extractor, ...] = (
    PlainText(),
    Csv(),
    Html(),
    Calendar(),
    Contacts(),
    Pdf(),
    Picture(),
    Word(),
    Excel(),
    Slides(),
    OldExcel(),
    OldOffice(),
    OpenDocument(),
    RichText(),
    MailFile(),
    SignedMail(),
    OutlookMessage(),
    WinmailDat(),
    Zipped(),
)

_MAX_DEPTH = 8  # files within files
_BY_KIND = {kind: extractor for extractor in EXTRACTORS for kind in extractor.media_types}

_REASONS = (
    ("image/heic", "It is a picture in Apple's HEIC format. Installing the package"
     " paper-trail-archiver[heic] would let it be read; or ask the sender for a JPEG."),
    ("image/", "It is a picture of a kind that is not read."),
    ("video/", "It is a film; nothing listens to it or watches it here."),
    ("audio/", "It is a sound recording; nothing listens to it here."),
    (LOCKED, "The file is locked with a password. Open it in Office, save it without the password"
     " and keep the copy beside the message."),
    ("application/pkcs7-signature", "It is the signature of signed mail (S/MIME), not a document."),
    ("application/x-pkcs7-signature", "It is the signature of signed mail (S/MIME), not a"
     " document."),
    ("application/pgp-encrypted", "It is encrypted mail (PGP), which only the one it was sent to"
     " can open, with their key."),
    ("application/pgp-signature", "It is the signature of signed mail (PGP), not a document."),
    ("application/pgp-keys", "It is a PGP key, not a document."),
    ("application/x-msdownload", "It is a program, not a document."),
    ("application/gzip", "It is a packed file (.gz), which is not opened."),
    ("application/x-7z-compressed", "It is a packed file (.7z), which is not opened."),
    ("application/vnd.rar", "It is a packed file (.rar), which is not opened."),
    ("application/vnd.apple.iwork", "It is a Pages, Numbers or Keynote file. Ask the sender for a"
     " PDF, or export one on an Apple device."),
    (OLE, "It is a file of an older Office program, of a kind that is not read."),
)  # fmt: skip


def versions() -> str:
    """Of all extractors: text that was read under another value is read anew."""
    return ", ".join(extractor.version for extractor in EXTRACTORS)


def fingerprint(means: Means) -> str:
    """Of all extractors with the means they are given: a reading made under another is no good."""
    return hashlib.sha256(repr((versions(), means.ocr, means.passwords)).encode()).hexdigest()


def extractor_for(part: Part) -> Extractor | None:
    """What reads an attachment, by its first bytes; None where nothing does."""
    kind = kind_of(part.content, part.media_type, part.name)
    # Only a look inside tells what a ZIP or OLE file is, and that takes a process of its own.
    return _BY_KIND.get(ZIP if kind == OLE else kind)


def why_unread(part: Part, kind: str = "") -> Skipped:
    """What to tell of an attachment that nothing reads."""
    kind = kind or kind_of(part.content, part.media_type, part.name)
    for prefix, reason in _REASONS:
        if kind.startswith(prefix):
            return Skipped(reason)
    return Skipped(f"It is of a kind that is not read ({kind}).")


def read_part(part: Part, means: Means, depth: int = 0) -> Extracted | Skipped:
    """Read an attachment and what lies within it. Raises nothing; for the worker's child.

    Returns:
        Its text; pages of files within it follow one another, and the first line of each says
        which file it is of.
    """
    if depth > _MAX_DEPTH:
        return Skipped("It lies too deep within other files.")
    if not part.content:
        return Skipped("It is empty.")
    kind = kind_of(part.content, part.media_type, part.name)
    try:
        kind = kind_within(part.content, kind)
    except MemoryError:
        return Skipped("Reading it would take more memory than is allowed.")
    except Exception:  # noqa: BLE001 - zipfile and olefile raise what they like on damaged files
        if part.content.startswith(b"PK") and (mended := mended_zip(part.content)):
            return _partly(read_part(replace(part, content=mended), means, depth + 1))
        if kind in {ZIP, OLE}:
            return Skipped("The file is damaged and could not be opened.")
    extractor = _BY_KIND.get(kind)
    if extractor is None:
        return why_unread(part, kind)

    def inside(inner: Part) -> Extracted | Skipped:
        means.budget.parts -= 1
        means.budget.bytes -= len(inner.content)
        if means.budget.parts < 0 or means.budget.bytes < 0:
            return Skipped("There is more in it than is read.")
        return read_part(inner, means, depth + 1)

    return guarded(extractor, replace(part, media_type=kind), replace(means, inside=inside))


def _partly(result: Extracted | Skipped) -> Extracted | Skipped:
    """What was read of a file that was cut off, and that it was."""
    if isinstance(result, Skipped):
        return Skipped("The file is damaged, it may be cut off, and could not be read.")
    note = "The file is damaged, it may be cut off: only what is still in it was read."
    return replace(result, notes=(note, *result.notes))


def guarded(extractor: Extractor, part: Part, means: Means) -> Extracted | Skipped:
    """Run an extractor; what it raises on odd bytes becomes a reason."""
    try:
        return extractor.read(part, means)
    except MemoryError:
        return Skipped("Reading it would take more memory than is allowed.")
    except RecursionError:
        return Skipped("It is nested deeper than any real document.")
    except Exception as error:  # noqa: BLE001 - parsers raise what they like on damaged files
        return Skipped(f"The file is damaged and could not be read ({type(error).__name__}).")
