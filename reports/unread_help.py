"""Pure: what would help to read what could not be read, in a sentence for the parent."""

from __future__ import annotations

import re

_HELP = (
    (r"password|encrypted PDF", "Ask the sender for the password, or for a copy without one."),
    (r"S/MIME|PGP|pkcs7|signed or encrypted",
     "Open it in the mail program that has your key, save it as a PDF, and import that."),
    (r"damaged|broken|could not be opened|crash|truncated|cut off",
     "Ask the sender to send it again."),
    (r"winmail\.dat|ms-tnef",
     "Ask the sender to send it again as plain text or HTML, with the file attached."),
    (r"\.doc\b|msword|old kind|ms-excel|ms-powerpoint",
     "Open it and save it as .docx, .xlsx or PDF, and import that; or install LibreOffice."),
    (r"^audio/|sound", "Listen to it and write down what is said, with the time."),
    (r"^video/|film", "Watch it and write down what is said and seen, with the time."),
    (r"ZIP|application/zip|archive", "Open the ZIP file and import what is inside."),
    (r"message/rfc822|attached message", "Open it in your mail program and forward or import it."),
    (r"^image/|picture|scan|OCR|no text",
     "If there are words in it, ask for a clearer copy or the file it was made from."),
    (r"too large|too long|too many|limit|time|memory",
     "Open it yourself; it is kept whole in the original."),
)  # fmt: skip
_ELSE = "Open the original in a mail program; it is kept whole."


def what_helps(media_type: str, reason: str) -> str:
    """What a person can do about an attachment, or a message, that was not read."""
    for pattern, sentence in _HELP:
        flags = re.I if pattern.islower() else 0
        if re.search(pattern, reason, flags) or re.search(pattern, media_type):
            return sentence
    return _ELSE
