"""Pure: what kind of file some bytes are. Content says so; a name or a declared type is a claim.

``kind_of`` looks at the first bytes only and is safe anywhere. What kind of document a ZIP or an
OLE file holds is told by ``kind_within``, which opens it: in the worker's child.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

OOXML = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, PPTX = (
    f"{OOXML}wordprocessingml.document",
    f"{OOXML}spreadsheetml.sheet",
    f"{OOXML}presentationml.presentation",
)
ODT, ODS, ODP = (
    f"application/vnd.oasis.opendocument.{name}" for name in ("text", "spreadsheet", "presentation")
)
DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
MSG, TNEF = "application/vnd.ms-outlook", "application/ms-tnef"
ZIP, OLE, RTF = "application/zip", "application/x-ole-storage", "application/rtf"
LOCKED = "application/x-encrypted-office"
EML = "message/rfc822"

_HEAD = 4096  # bytes
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (bytes.fromhex("d0cf11e0a1b11ae1"), OLE),
    (b"{\\rtf", RTF),
    (b"\x78\x9f\x3e\x22", TNEF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"MZ", "application/x-msdownload"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"-----BEGIN PGP SIGNATURE", "application/pgp-signature"),
    (b"-----BEGIN PGP PUBLIC", "application/pgp-keys"),
    (b"-----BEGIN PGP SIGNED", "text/plain"),
    (b"-----BEGIN PGP", "application/pgp-encrypted"),
)
_TEXT: tuple[tuple[bytes, str], ...] = (
    (b"begin:vcalendar", "text/calendar"),
    (b"begin:vcard", "text/vcard"),
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
)
_BY_ENDING = {
    "txt": "text/plain", "log": "text/plain", "md": "text/plain", "csv": "text/csv",
    "tsv": "text/csv", "htm": "text/html", "html": "text/html", "ics": "text/calendar",
    "vcf": "text/vcard", "eml": EML, "rtf": RTF, "docx": DOCX, "xlsx": XLSX, "pptx": PPTX,
    "odt": ODT, "ods": ODS, "odp": ODP, "doc": DOC, "xls": XLS, "ppt": PPT, "msg": MSG,
    "pdf": "application/pdf", "zip": ZIP, "p7m": "application/pkcs7-mime",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "wav": "audio/wav", "mp4": "video/mp4",
    "mov": "video/quicktime", "json": "text/plain", "xml": "text/xml",
}  # fmt: skip
_VAGUE = {
    "", "application/octet-stream", "application/x-download", "application/binary",
    "application/force-download", "application/x-unknown", "application/x-zip-compressed",
    "application/x-zip", "multipart/mixed", "application/download",
}  # fmt: skip
_SAME = {
    "application/x-pdf": "application/pdf", "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg",
    "text/x-vcard": "text/vcard", "application/ics": "text/calendar", "text/rtf": RTF,
    "application/csv": "text/csv", "application/vnd.ms-tnef": TNEF, "message/global": EML,
    "application/xhtml+xml": "text/html", "text/x-markdown": "text/plain",
    "text/markdown": "text/plain", "image/x-ms-bmp": "image/bmp", "image/heif": "image/heic",
    "application/vnd.ms-excel.sheet.macroenabled.12": XLSX,
    "application/vnd.ms-word.document.macroenabled.12": DOCX,
}  # fmt: skip
_MAIL_HEADER = re.compile(rb"\A(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}", re.M)
_MAIL_NAMES = (b"from:", b"received:", b"message-id:", b"return-path:", b"mime-version:")
_ISO_MEDIA = {
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic", b"mif1": "image/heic",
    b"msf1": "image/heic", b"heim": "image/heic", b"avif": "image/avif", b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}  # fmt: skip


def kind_of(content: bytes, declared: str, name: str) -> str:
    """The media type of a file, in lower case.

    Args:
        content: the file; only its beginning is looked at.
        declared: the type that it was sent as.
        name: its name, which counts where neither content nor declared type say anything.
    """
    declared = _SAME.get(declared.lower().strip(), declared.lower().strip())
    head = content[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            if kind in {"image/bmp", "application/x-msdownload"} and _looks_like_text(head):
                continue  # "BMS schedule" is no picture
            return _finer(kind, declared)
    if content[4:8] == b"ftyp":
        return _ISO_MEDIA.get(content[8:12], "video/mp4")
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "video/x-msvideo")
    if b"%PDF-" in content[:1024]:
        return "application/pdf"  # after junk that a gateway put before it
    low = head[:64].lower()
    for begin, kind in _TEXT:
        if low.startswith(begin):
            return kind
    if declared not in _VAGUE:
        return declared
    ending = name.lower().rpartition(".")[2]
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    if _MAIL_HEADER.match(head) and any(n in head.lower() for n in _MAIL_NAMES):
        return EML
    if _looks_like_text(head):
        return "text/plain"
    return declared or "application/octet-stream"


def _finer(kind: str, declared: str) -> str:
    """A declared type that is a special case of what the content shows."""
    if kind == ZIP and declared in _DECLARED_ZIP:
        return declared
    if kind == OLE and declared in _DECLARED_OLE:
        return declared
    return kind


_DECLARED_ZIP = {DOCX, XLSX, PPTX, ODT, ODS, ODP}
_DECLARED_OLE = {DOC, XLS, PPT, MSG}


def _looks_like_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return odd * 100 < len(head)


def kind_within(content: bytes, kind: str) -> str:
    """What a ZIP or OLE file really is; ``kind`` again where it is of neither sort.

    Raises:
        zipfile.BadZipFile, OSError, ValueError: it is damaged.
    """
    head = content[:8]
    if head[:2] == b"PK":
        return _in_zip(content)
    if head == bytes.fromhex("d0cf11e0a1b11ae1"):
        return _in_ole(content)
    return kind


def _in_zip(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = {member.filename for member in archive.infolist()[:5000]}
        for mark, kind in (
            ("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX),
            ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
        ):  # fmt: skip
            if mark in names:
                return kind
        if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
            declared = archive.read("mimetype").decode("ascii", "replace").strip()
            if declared.startswith("application/vnd.oasis.opendocument"):
                return declared.removesuffix("-template")
        if any(name.endswith("document.xml") and name.startswith("word/") for name in names):
            return DOCX
        if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
            return "application/vnd.apple.iwork"
    return ZIP


def _is_locked(ole: Any, kind: str) -> bool:
    """Whether a Word or PowerPoint file of the old kind needs a password.

    Source: [MS-DOC] 2.5.2 (fEncrypted), [MS-PPT] 2.3.2 (headerToken).
    """
    if kind == DOC:
        head = ole.openstream("WordDocument").read(12)
        return len(head) == 12 and bool(head[11] & 1)
    if kind == PPT and ole.exists("Current User"):
        return bool(ole.openstream("Current User").read(16)[12:] == b"\xdf\xc4\xd1\xf3")
    return False


def _in_ole(content: bytes) -> str:
    import olefile  # noqa: PLC0415

    with olefile.OleFileIO(io.BytesIO(content)) as ole:
        for stream, kind in (
            ("EncryptedPackage", LOCKED), ("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS),
            ("PowerPoint Document", PPT), ("__properties_version1.0", MSG),
        ):  # fmt: skip
            if ole.exists(stream):
                return LOCKED if _is_locked(ole, kind) else kind
    return OLE
