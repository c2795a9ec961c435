"""Edge: word-processor files to PDF by LibreOffice, where it is on this computer."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from indexers.model import Part

OFFICE = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/msword": ".doc",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
}
_TIMEOUT_S = 90
# Documents may name pictures on servers and hold macros: neither is loaded or run.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class Office:
    """LibreOffice, with what it made kept by content: a packet made again has the same pages."""

    def __init__(self, program: str, cache: Path) -> None:
        self._program, self._cache = program, cache
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=60, check=False
        ).stdout
        words = said.split()
        self.name = f"LibreOffice {words[1]}" if len(words) > 1 else "LibreOffice"

    def to_pdf(self, part: Part) -> bytes | str:
        """The document as a PDF, or why not."""
        kept = self._cache / f"{part.digest}.pdf"
        if kept.exists():
            return kept.read_bytes()
        with tempfile.TemporaryDirectory(prefix="papertrail-office-") as name:
            folder = Path(name)
            user = folder / "profile" / "user"
            user.mkdir(parents=True)
            (user / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
            source = folder / f"document{OFFICE[part.media_type]}"
            source.write_bytes(part.content)
            try:
                subprocess.run(
                    [self._program, f"-env:UserInstallation={user.parent.as_uri()}", "--headless",
                     "--norestore", "--convert-to", "pdf", "--outdir", str(folder), str(source)],
                    capture_output=True, timeout=_TIMEOUT_S, check=False,
                    # A proxy where nobody listens: what still asks for the network gets none.
                    env={**os.environ, "http_proxy": "http://127.0.0.1:9",
                         "https_proxy": "http://127.0.0.1:9"},
                )  # fmt: skip
            except (OSError, subprocess.TimeoutExpired) as error:
                return f"LibreOffice did not finish ({type(error).__name__})"
            made = folder / "document.pdf"
            if not made.exists():
                return "LibreOffice could not read it"
            self._cache.mkdir(parents=True, exist_ok=True)
            content = made.read_bytes()
            working = kept.with_suffix(".part")
            working.write_bytes(content)
            working.replace(kept)
            return content


def find_office(cache: Path) -> Office | None:
    """LibreOffice, if this computer has it; ``PAPERTRAIL_NO_OFFICE`` leaves it out."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None or os.environ.get("PAPERTRAIL_NO_OFFICE"):
        return None
    return Office(program, cache)
