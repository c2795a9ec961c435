"""Asking a domain for its mail server, where the parent allows it: DNS and HTTPS, in seconds.

Whatever goes wrong here means that nothing was found; the parent is asked instead.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from archiver.setup.autoconfig import (
    MAX_XML,
    FoundServer,
    ServiceRecord,
    addresses_of,
    choose_record,
    read_client_config,
)
from archiver.setup.providers import Provider, provider_by_exchangers

TIMEOUT_S, IN_ALL_S = 4.0, 15.0  # of one question; after that long, no further one is asked
Fetch = Callable[[str], bytes]
Lookup = Callable[[str, str], list[Any]]


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a domain told: a provider that is known, a server, or neither."""

    provider: Provider | None = None
    server: FoundServer | None = None


def discover(
    address: str,
    fetch: Fetch | None = None,
    lookup: Lookup | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Discovered:
    """Look for the mail server of an address's domain.

    Args:
        address: only its domain is told to anybody.
        fetch: bytes of an HTTPS address; raises OSError.
        lookup: records of a name and a type; [] where there are none.
        clock: seconds, for the end of its patience.
    """
    fetch, lookup = fetch or fetch_https, lookup or lookup_dns
    until = clock() + IN_ALL_S
    domain = address.rpartition("@")[2].lower()
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return Discovered()
    provider = provider_by_exchangers(str(record.exchange) for record in lookup(domain, "MX"))
    if provider is not None:
        return Discovered(provider=provider)
    for url in addresses_of(domain):
        if clock() > until:
            return Discovered()
        try:
            raw = fetch(url)
        except (OSError, ValueError, http.client.HTTPException):
            continue
        server = read_client_config(raw, address, urlsplit(url).hostname or domain)
        if server is not None:
            return Discovered(server=server)
    records = [
        ServiceRecord(service, str(r.target), r.port, r.priority, r.weight)
        for service in ("_imaps", "_imap")
        if clock() <= until
        for r in lookup(f"{service}._tcp.{domain}", "SRV")
    ]
    return Discovered(server=choose_record(records, address))


def lookup_dns(name: str, kind: str) -> list[Any]:
    """Records from this computer's name server, an empty list whatever goes wrong."""
    import dns.exception  # noqa: PLC0415 - only where a parent has a domain of their own
    import dns.resolver  # noqa: PLC0415

    try:
        return list(dns.resolver.resolve(name, kind, lifetime=TIMEOUT_S))
    except (dns.exception.DNSException, OSError, ValueError):
        return []


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to another HTTPS address."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        if urlsplit(newurl).scheme != "https":
            raise urllib.error.URLError("redirected away from HTTPS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_https(url: str) -> bytes:
    """A small file over HTTPS.

    Raises:
        OSError: it could not be had (urllib's errors are OSErrors too).
    """
    if urlsplit(url).scheme != "https":
        raise OSError("not an HTTPS address")
    opener = urllib.request.build_opener(_NoDowngrade())
    opener.addheaders = [("User-Agent", "papertrail")]
    with opener.open(url, timeout=TIMEOUT_S) as answer:
        raw: bytes = answer.read(MAX_XML + 1)
        return raw
