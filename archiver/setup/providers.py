"""Pure: from an e-mail address to its provider's mail server and how to be let in there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

Security = Literal["tls", "starttls", "none"]
Auth = Literal["password", "google", "microsoft"]

_COUNTRY = re.compile(r"[a-z]{2,3}|(?:co|com|ne)\.[a-z]{2}")  # of "yahoo.*": com, fr, co.uk


@dataclass(frozen=True, slots=True)
class Provider:
    """Who keeps somebody's mail, and what it takes to read it. The fields are providers.toml's."""

    id: str
    name: str
    host: str
    wants: str
    steps: tuple[str, ...]
    domains: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    port: int = 993
    security: Security = "tls"
    auth: Auth = "password"
    sign_in: str = ""
    spaces: str = ""
    username: tuple[str, ...] = ("{address}",)
    note: str = ""
    certificate: bool = False  # it shows one of its own, which has to be named in ca_file

    def usernames(self, address: str) -> tuple[str, ...]:
        """What to log in with, the likeliest first."""
        local = address.rpartition("@")[0]
        return tuple(form.format(address=address, local=local) for form in self.username)

    def password(self, typed: str) -> str:
        """A password as it is sent: without the spaces that it is only shown with."""
        return "".join(typed.split()) if self.spaces == "drop" else typed.strip()


@lru_cache(maxsize=1)
def providers() -> tuple[Provider, ...]:
    """Every provider that is known."""
    text = (files("archiver.setup") / "providers.toml").read_text(encoding="utf-8")
    return tuple(_provider(entry) for entry in tomllib.loads(text)["provider"])


def provider_of(address: str) -> Provider | None:
    """The provider of an address by its domain alone; None where that does not tell."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    return next((p for p in providers() if _covers(p.domains, domain)), None)


def provider_by_exchangers(exchangers: Iterable[str]) -> Provider | None:
    """The provider that takes a domain's mail, by the names in its MX records."""
    for name in exchangers:
        host = name.lower().rstrip(".")
        for provider in providers():
            if any(host == ending or host.endswith(f".{ending}") for ending in provider.mx):
                return provider
    return None


def _provider(entry: dict[str, Any]) -> Provider:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Provider(**values)


def _covers(patterns: Iterable[str], domain: str) -> bool:
    brand, _, rest = domain.partition(".")
    everywhere = f"{brand}.*" if _COUNTRY.fullmatch(rest) else ""
    return any(pattern in {domain, everywhere} for pattern in patterns)
