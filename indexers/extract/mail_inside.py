"""Messages attached to messages, and signed mail whose content is in its signature."""

from __future__ import annotations

from archiver.model import Person
from indexers.extract.contract import Means
from indexers.extract.inside import gather, part_within
from indexers.extract.kinds import EML
from indexers.mime import read_message
from indexers.model import Extracted, Message, Part, Skipped

_ENCRYPTED = (
    "It is encrypted mail (S/MIME), which only the one it was sent to can open, with their"
    " certificate."
)


class MailFile:
    """message/rfc822, by the same reader as the mail itself."""

    media_types = frozenset({EML})
    version = "eml 1"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """Its headers and body, then what is attached to it."""
        return read_mail(part, part.content, means, self.version)


class SignedMail:
    """application/pkcs7-mime: signed content is read, encrypted content is not (RFC 8551, 3)."""

    media_types = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
    version = "smime 1"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """The message that was signed. The signature itself is not checked."""
        from asn1crypto import cms  # noqa: PLC0415

        try:
            info = cms.ContentInfo.load(part.content)
            kind = info["content_type"].native
            signed = (
                info["content"]["encap_content_info"]["content"] if kind == "signed_data" else None
            )
            content = signed.native if signed is not None else None
        except (ValueError, TypeError, KeyError):
            return Skipped("It is signed or encrypted mail (S/MIME) that is damaged.")
        if kind != "signed_data":
            return Skipped(_ENCRYPTED)
        if not isinstance(content, bytes):
            return Skipped("It is the signature of signed mail (S/MIME), not a document.")
        return read_mail(part, content, means, self.version)


def read_mail(part: Part, raw: bytes, means: Means, version: str) -> Extracted | Skipped:
    """A message within a file: headers, body, attachments."""
    message = read_message(raw)
    # A .msg made into a message carries itself.
    attached = (
        part_within(part, inner.name, inner.content, inner.media_type)
        for inner in message.attachments
        if inner.content and inner.content != part.content
    )
    return gather(_as_text(message), attached, means, version, [])


def _as_text(message: Message) -> str:
    sent = (
        f"{message.date:%A, %B} {message.date.day}, {message.date:%Y %I:%M %p %z}"
        if message.date
        else ""
    )
    lines = [
        f"{label}: {value}"
        for label, value in (
            ("From", _people((message.sender,))),
            ("Sent", sent),
            ("To", _people(message.to)),
            ("Cc", _people(message.cc)),
            ("Subject", message.subject),
        )
        if value
    ]
    if not lines and not message.body.strip():
        return ""
    return "\n".join(lines) + f"\n\n{message.body.strip()}\n"


def _people(people: tuple[Person, ...]) -> str:
    return ", ".join(
        f"{p.name} <{p.address}>" if p.name and p.address else p.name or p.address for p in people
    )
