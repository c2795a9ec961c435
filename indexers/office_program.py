"""Edge: office files from one kind to another by LibreOffice, where it is on this computer."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_TIMEOUT_S = 90
_LARGEST = 300 << 20  # bytes of what is made
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


def office_program() -> str | None:
    """LibreOffice, if this computer has it; ``PAPERTRAIL_NO_OFFICE`` leaves it out."""
    if os.environ.get("PAPERTRAIL_NO_OFFICE"):
        return None
    return shutil.which("soffice") or shutil.which("libreoffice")


def office_version(program: str) -> str:
    """Its name with its version, as "LibreOffice 7.4.7.2"."""
    said = subprocess.run(
        [program, "--version"], capture_output=True, text=True, timeout=60, check=False
    ).stdout
    words = said.split()
    return f"LibreOffice {words[1]}" if len(words) > 1 else "LibreOffice"


def convert_office(program: str, content: bytes, ending: str, wanted: str) -> bytes | str:
    """Make one kind of office file into another, without network and macros.

    Args:
        program: as ``office_program`` gives it.
        content: the file.
        ending: of its kind, with the dot: ".doc".
        wanted: the kind to make, without the dot: "pdf".

    Returns:
        The file made, or a phrase that says why there is none.
    """
    with tempfile.TemporaryDirectory(prefix="papertrail-office-") as name:
        folder = Path(name)
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        source = folder / f"document{ending}"
        source.write_bytes(content)
        try:
            subprocess.run(
                [program, f"-env:UserInstallation={user.parent.as_uri()}", "--headless",
                 "--norestore", "--convert-to", wanted, "--outdir", str(folder), str(source)],
                capture_output=True, timeout=_TIMEOUT_S, check=False,
                # A proxy where nobody listens: what still asks for the network gets none.
                env={**os.environ, "http_proxy": "http://127.0.0.1:9",
                     "https_proxy": "http://127.0.0.1:9"},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"LibreOffice did not finish ({type(error).__name__})"
        made = folder / f"document.{wanted}"
        if made.exists() and made.stat().st_size > _LARGEST:
            return "LibreOffice made something unreasonably large of it"
        return made.read_bytes() if made.exists() else "LibreOffice could not read it"
