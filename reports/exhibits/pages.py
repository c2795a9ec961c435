"""Edge: the messages of one exhibit to its sections, each a PDF of pages without stamps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from archiver.headers import decode_bytes
from archiver.model import Digest
from indexers.mime import body_html, content_ids, read_message
from indexers.model import Message, Part
from reports.exhibits.apart import Apart
from reports.exhibits.convert import Native, Pages, convert, ending, slip
from reports.exhibits.mail_pages import mail_data
from reports.exhibits.model import Section
from reports.exhibits.office import Office
from reports.exhibits.redact import MARKS, Mark, Redactor
from reports.exhibits.stamp import page_count
from reports.exhibits.typeset import Typesetter, missing_glyphs

_DEEPEST = 3  # messages within messages that are made into pages
_ALWAYS_SHOWN = "\u052f"  # Latin, Greek and Cyrillic end here
_NO_FACE = (
    "Shown as empty boxes, because no face on the computer that made this page has them: {} "
    "characters. The original has them."
)


@dataclass(frozen=True, slots=True)
class Made:
    """A section with its pages."""

    section: Section
    pdf: bytes
    marks: tuple[Mark, ...] = ()  # what was burned out or left out of its pages
    words: bool = False  # whether words were masked before typesetting
    unsearched: bool = False  # a picture that nobody searched for names


@dataclass(slots=True)
class PageMaker:
    """What it takes to make pages; one for a whole packet."""

    frame: tuple[float, float]  # points
    zone: ZoneInfo
    setter: Typesetter
    office: Office | None
    apart: Apart
    redactor: Redactor = field(default_factory=Redactor)
    not_shown: int = 0  # characters that no face on this computer has

    def sections(self, raw: bytes, message: Message) -> Iterator[Made]:
        """The message itself, then each of its attachments in order; logos in the body are not."""
        shown: set[str] = set()
        pdf = self._mail(raw, message, shown)
        masked = self.redactor.finds(message.body) or self.redactor.finds(message.subject)
        section = _section(message.digest, None, "E-mail", "message", "typeset", pdf)
        yield Made(section, pdf, words=masked)
        for part in message.attachments:
            if part.path not in shown:
                yield self._attachment(message.digest, part, 1)

    def _mail(self, raw: bytes, message: Message, shown: set[str]) -> bytes:
        parts = {part.path: part for part in message.attachments}
        by_id = content_ids(raw)
        files: dict[str, bytes] = {}

        def picture(source: str) -> str | None:
            path = by_id.get(unquote(source[4:])) if source.lower().startswith("cid:") else None
            part = parts.get(path or "")
            if part is None or not part.media_type.startswith("image/") or self.redactor.active:
                return None
            _, made = self.apart.ask("picture", part.content)
            if not made:
                return None
            shown.add(part.path)
            name = f"inline-{len(files)}.{ending(made[0])}"
            files[name] = made[0]
            return name

        html = body_html(raw)
        data = mail_data(message, html, self.zone, self.frame, picture, self.redactor.text)
        pdf = self.setter.typeset("mail", data, files)
        if max(message.body + message.subject, default="") > _ALWAYS_SHOWN:
            missing = missing_glyphs(pdf)
            if missing:
                self.not_shown += missing
                data["foot"] = [_NO_FACE.format(missing), *data["foot"]]
                pdf = self.setter.typeset("mail", data, files)
        return pdf

    def _attachment(self, source: Digest, part: Part, depth: int) -> Made:
        if part.media_type == "message/rfc822" and depth <= _DEEPEST:
            return self._nested(source, part, depth)
        redactor = self.redactor
        pages = convert(part, self.frame, self.setter, self.office, self.apart, redactor.text)
        marks: tuple[Mark, ...] = ()
        unsearched = words = False
        if isinstance(pages, Pages) and redactor.active:
            if not pages.searchable:
                why = "pictures cannot be searched for the names that are left out of this packet"
                pages, unsearched = Native(why), True
            elif pages.how == "typeset":
                words = redactor.finds(decode_bytes(part.content))
            else:
                said, burned = self.apart.ask("redact", pages.pdf, names=redactor.names)
                marks = tuple(MARKS[kind](**fields) for kind, fields in said.get("marks", ()))
                pages = Pages(burned[0], pages.how) if burned else Native(said["reason"])
        if isinstance(pages, Native):
            pdf = self.setter.typeset("text", slip(part, pages.reason, self.frame, redactor.text))
            how = f"file only: {pages.reason}"
        else:
            pdf, how = pages.pdf, pages.how
        section = _section(source, part.digest, redactor.text(part.name), part.path, how, pdf)
        return Made(section, pdf, marks, words, unsearched)

    def _nested(self, source: Digest, part: Part, depth: int) -> Made:
        """A message that was attached, with what is attached to it in turn."""
        inner = read_message(part.content)
        pdfs: list[bytes] = []
        marks: list[Mark] = []
        shown: set[str] = set()
        pdfs.append(self._mail(part.content, inner, shown))
        for below in inner.attachments:
            if below.path not in shown:
                made = self._attachment(source, below, depth + 1)
                pdfs.append(made.pdf)
                marks += made.marks
        pdf = _joined(pdfs)
        how = "e-mail within the e-mail"
        name = self.redactor.text(part.name)
        section = _section(source, part.digest, name, part.path, how, pdf)
        return Made(section, pdf, tuple(marks))


def _section(
    source: Digest, content: Digest | None, title: str, path: str, how: str, pdf: bytes
) -> Section:
    return Section(title, source, path, content, how, page_count(pdf))


def _joined(pdfs: Sequence[bytes]) -> bytes:
    if len(pdfs) == 1:
        return pdfs[0]
    from io import BytesIO  # noqa: PLC0415

    import pikepdf  # noqa: PLC0415

    out = BytesIO()
    with pikepdf.Pdf.new() as made:
        opened = [pikepdf.Pdf.open(BytesIO(pdf)) for pdf in pdfs]
        for document in opened:
            made.pages.extend(document.pages)
        made.save(out, deterministic_id=True)
    return out.getvalue()
