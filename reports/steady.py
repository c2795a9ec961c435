"""Pure: office files without the moment they were made in: the same content gives the same bytes.

python-docx and openpyxl put the clock into the ZIP's entries, and openpyxl into its properties too.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def steady(office: bytes, at: datetime) -> bytes:
    """The same file, dated ``at`` in its properties, its entries dated 1 January 1980."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(office)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            fixed = zipfile.ZipInfo(entry.filename)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, content)
    return out.getvalue()
