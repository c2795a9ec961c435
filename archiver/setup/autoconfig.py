"""Pure: what a domain publishes about its mail server.

Two forms: the XML file that mail programs of Mozilla's kind look for (clientConfig 1.1), and the
service records of RFC 6186. Both are somebody else's text: nothing in them is trusted to be a host
name, a port or small, and a server that would take the password in the clear is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from archiver.setup.providers import Security

MAX_XML = 64 << 10  # bytes; real ones have two or three thousand
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
)
_SECURITY: dict[str, Security] = {"SSL": "tls", "STARTTLS": "starttls"}


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A mail server, as a domain says."""

    host: str
    port: int
    security: Security
    username: str
    source: str  # who said so, for a person


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """One SRV record (RFC 2782)."""

    service: str  # "_imaps" or "_imap"
    target: str  # "." where the service is not offered
    port: int
    priority: int
    weight: int


def addresses_of(domain: str) -> tuple[str, ...]:
    """Where a domain may publish its file. HTTPS alone: a forged answer would get the password.

    The address of the person is left out of the query: the domain is all that is told.
    """
    return (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    )


def read_client_config(raw: bytes, address: str, source: str) -> FoundServer | None:
    """The first IMAP server with encryption and a password in such a file; None without one.

    Raises:
        Nothing, whatever the bytes.
    """
    # Entities are what makes small XML big; these files have no use for a document type.
    if len(raw) > MAX_XML or b"<!DOCTYPE" in raw[:MAX_XML] or b"<!ENTITY" in raw:
        return None
    try:
        root = ElementTree.fromstring(raw)  # noqa: S314 - bounded, and without a document type
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        return None
    servers = [s for s in root.iterfind("emailProvider/incomingServer") if s.get("type") == "imap"]
    found = [server for server in (_server(s, address, source) for s in servers) if server]
    # TLS from the first byte before STARTTLS (RFC 8314, 3); else in the file's order.
    return min(found, key=lambda s: s.security != "tls", default=None)


def choose_record(records: Sequence[ServiceRecord], address: str) -> FoundServer | None:
    """The server to use by service records (RFC 6186, 3.2); None where none is offered."""
    offered = [r for r in records if r.target.rstrip(".") and 0 < r.port < 65536]
    best = sorted(offered, key=lambda r: (r.service != "_imaps", r.priority, -r.weight))
    for record in best:
        host = record.target.rstrip(".").lower()
        if is_host(host):
            security: Security = "tls" if record.service == "_imaps" else "starttls"
            return FoundServer(host, record.port, security, address, "its DNS records")
    return None


def is_host(name: str) -> bool:
    """Whether a text is a host name (RFC 1123, 2.1), of two labels or more."""
    return _HOST.fullmatch(name) is not None


def _server(element: ElementTree.Element, address: str, source: str) -> FoundServer | None:
    def text(name: str) -> str:
        return (element.findtext(name) or "").strip()

    security = _SECURITY.get(text("socketType").upper())
    host, port = text("hostname").lower(), text("port")
    ways = {(way.text or "").strip().lower() for way in element.iterfind("authentication")}
    if security is None or not is_host(host) or not (port.isascii() and port.isdigit()):
        return None
    if not 0 < int(port[:6]) < 65536 or (ways and "password-cleartext" not in ways):
        return None
    local, _, domain = address.rpartition("@")
    username = (
        (text("username") or "%EMAILADDRESS%")
        .replace("%EMAILADDRESS%", address)
        .replace("%EMAILLOCALPART%", local)
        .replace("%EMAILDOMAIN%", domain)
    )
    if "%" in username or any(ord(c) < 32 for c in username) or len(username) > 320:
        return None
    return FoundServer(host, int(port), security, username, source)
