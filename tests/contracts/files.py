"""Attachments of every kind as bytes, made here."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

from archiver.model import Digest
from indexers.extract.worker import ExtractionWorker
from indexers.model import Extracted, Part, Skipped

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style")
)
_RELATION = (
    '<Relationship xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    ' Id="{}" Type="x" Target="{}"/>'
)


def part(content: bytes, media_type: str = "application/octet-stream", name: str = "x") -> Part:
    return Part("2", media_type, name, content, Digest(""), inline=False)


def read(worker: ExtractionWorker, given: Part) -> Extracted:
    result = worker.read(given)
    assert isinstance(result, Extracted), result
    return result


def reason(worker: ExtractionWorker, given: Part) -> str:
    result = worker.read(given)
    assert isinstance(result, Skipped), result
    return result.reason


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def relations(targets: Mapping[str, str]) -> str:
    inner = "".join(_RELATION.format(name, target) for name, target in targets.items())
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{inner}</Relationships>"
    )


def docx(body: str, **more: str) -> bytes:
    """A Word file; ``more`` are parts beside the document, as header1="<w:hdr>…"."""
    members = {
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
        "_rels/.rels": relations({"r": "word/document.xml"}),
        "word/_rels/document.xml.rels": relations({name: f"{name}.xml" for name in more}),
    }
    for name, inner in more.items():
        members[f"word/{name}.xml"] = f"<w:{name} {_W}>{inner}</w:{name}>"
    return zipped(members)


def odf(kind: str, body: str, styles: str = "") -> bytes:
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {_ODF}><office:body><office:{kind}>{body}"
            f"</office:{kind}></office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {_ODF}>{styles}</office:document-styles>",
        }
    )


def pptx(*slides: str) -> bytes:
    a = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    p = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    r = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ids = "".join(f'<p:sldId id="{n}" r:id="r{n}"/>' for n in range(len(slides)))
    members = {
        "ppt/presentation.xml": f"<p:presentation {p} {r}><p:sldIdLst>{ids}</p:sldIdLst>"
        "</p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            {f"r{n}": f"slides/s{len(slides) - n}.xml" for n in range(len(slides))}
        ),
    }
    for n, text in enumerate(slides):
        members[f"ppt/slides/s{len(slides) - n}.xml"] = f"<p:sld {p} {a}>{text}</p:sld>"
    return zipped(members)


def tnef(
    body: str, files: Mapping[str, bytes], objects: Mapping[str, tuple[int, bytes]] | None = None
) -> bytes:
    """A winmail.dat: message properties, then each file by its title, content and long name.

    Args:
        body: of the message.
        files: by name.
        objects: by name: the type of the property that holds the file, and its bytes.
    """

    def attribute(level: int, name: int, data: bytes) -> bytes:
        return (
            struct.pack("<BII", level, name, len(data))
            + data
            + struct.pack("<H", sum(data) & 0xFFFF)
        )

    def text_property(name: int, value: str) -> bytes:
        data = (value + "\0").encode("utf-16-le")
        return struct.pack("<HHII", 0x001F, name, 1, len(data)) + data + b"\0" * (-len(data) % 4)

    flag = struct.pack("<HHI", 0x000B, 0x0E1B, 1)  # a property of a fixed size, to be passed over
    message = struct.pack("<I", 2) + flag + text_property(0x1000, body)
    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00069003, message)
    for name, content in files.items():
        out += attribute(2, 0x00069002, b"\0" * 14)
        out += attribute(2, 0x00018010, name[:8].encode() + b"\0")
        out += attribute(2, 0x0006800F, content)
        out += attribute(2, 0x00069005, struct.pack("<I", 1) + text_property(0x3707, name))
    for name, (kind, content) in (objects or {}).items():
        held = struct.pack("<HHII", kind, 0x3701, 1, len(content)) + content
        held += b"\0" * (-len(content) % 4)
        out += attribute(2, 0x00069002, b"\0" * 14)
        out += attribute(2, 0x00018010, b"Untitled Attachment\0")
        if kind == 0x000D:
            out += attribute(2, 0x0006800F, b"This attachment is a MAPI 1.0 embedded message")
        out += attribute(2, 0x00069005, struct.pack("<I", 2) + text_property(0x3001, name) + held)
    return out
