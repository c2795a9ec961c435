"""Cards of people and offices (vCard, RFC 6350 and the versions before it)."""

from __future__ import annotations

import quopri
import re

from archiver.headers import decode_bytes
from indexers.extract.contract import Means
from indexers.model import Extracted, Page, Part, Skipped

_MAX = 2_000_000  # bytes
_FOLD = re.compile(r"\r?\n[ \t]")
_FIELDS = {
    "FN": "", "ORG": "", "TITLE": "", "ROLE": "", "TEL": "Telephone: ", "EMAIL": "E-mail: ",
    "ADR": "Address: ", "NOTE": "", "URL": "",
}  # fmt: skip
_ESCAPED = re.compile(r"\\([nN,;\\])")


class Contacts:
    """text/vcard."""

    media_types = frozenset({"text/vcard"})
    version = "vcard 1"
    isolated = False

    def read(self, part: Part, means: Means) -> Extracted | Skipped:  # noqa: ARG002
        """Each card as a few lines: name, office, telephone, address, note."""
        text = decode_bytes(part.content[:_MAX])
        cards: list[list[str]] = []
        for line in _FOLD.sub("", text).splitlines():
            head, colon, value = line.partition(":")
            name = head.split(";")[0].rpartition(".")[2].upper()
            if name == "BEGIN":
                cards.append([])
            elif colon and cards and name in _FIELDS:
                shown = _value(head, value)
                if shown:
                    cards[-1].append(_FIELDS[name] + shown)
        lines = ["\n".join(dict.fromkeys(card)) for card in cards if card]
        if not lines:
            return Skipped("There is no card in it that can be read.")
        return Extracted((Page(None, "\n\n".join(lines) + "\n"),), self.version)


def _value(head: str, value: str) -> str:
    if "QUOTED-PRINTABLE" in head.upper():
        value = decode_bytes(quopri.decodestring(value.encode("utf-8", "replace")))
    bits = [_ESCAPED.sub(_unescaped, bit).strip() for bit in re.split(r"(?<!\\);", value)]
    return ", ".join(" ".join(bit.split()) for bit in bits if bit)


def _unescaped(match: re.Match[str]) -> str:
    return " " if match[1] in "nN" else match[1]
