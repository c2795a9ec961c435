"""Outlook's own files: messages saved as .msg, and the winmail.dat that others receive from it."""

from __future__ import annotations

from archiver.outlook import UnreadableMsgError, as_message
from indexers.extract.contract import Means
from indexers.extract.inside import gather, part_within
from indexers.extract.kinds import MSG, RTF, TNEF
from indexers.extract.mail_inside import read_mail
from indexers.extract.tnef import BadTnefError, read_tnef
from indexers.model import Extracted, Part, Skipped


class OutlookMessage:
    """A message saved as .msg."""

    media_types = frozenset({MSG})
    version = "msg 2"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """Its headers and body, then what is attached to it."""
        try:
            return read_mail(part, as_message(part.content, part.name), means, self.version)
        except UnreadableMsgError:
            return Skipped("The Outlook message is damaged and could not be read.")


class WinmailDat:
    """winmail.dat: rich text and attachments in Outlook's own wrapping."""

    media_types = frozenset({TNEF})
    version = "tnef 2"
    isolated = True

    def read(self, part: Part, means: Means) -> Extracted | Skipped:
        """The body, then each file that was sent with it."""
        try:
            found = read_tnef(part.content)
        except BadTnefError:
            return Skipped("The winmail.dat of Outlook is damaged and could not be read.")
        text = found.body
        if not text and (found.html or found.rtf):
            kind = "text/html" if found.html else RTF
            body = means.inside(part_within(part, "body", found.html or found.rtf, kind))
            if isinstance(body, Extracted):
                text = "\n".join(page.text for page in body.pages)
        said = (
            ("From", found.sender.strip()),
            (
                "Sent",
                f"{found.sent:%A, %B} {found.sent.day}, {found.sent:%Y %I:%M %p %z}"
                if found.sent
                else "",
            ),
            ("Subject", found.subject),
        )
        lines = [f"{label}: {value}\n" for label, value in said if value]
        head = "".join(lines) + "\n" if lines and text.strip() else ""
        attached = (part_within(part, name, content) for name, content in found.attachments)
        notes = ["It is cut off: its end is missing."] if found.cut_off else []
        return gather(head + text, attached, means, self.version, notes)
