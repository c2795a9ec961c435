"""Pure: which role an e-mail address has, by the configuration.

A configured domain stands for its subdomains: ``school.example`` covers
``mail.school.example`` but never ``notschool.example``. An entry with an ``@`` is one address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from archiver.model import Role

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Addresses and domains by role; the most protective role wins where two match."""

    school: frozenset[str]
    provider: frozenset[str]
    parent: frozenset[str]
    privileged: frozenset[str]

    @classmethod
    def of(
        cls,
        *,
        school: Iterable[str] = (),
        provider: Iterable[str] = (),
        parent: Iterable[str] = (),
        privileged: Iterable[str] = (),
    ) -> AddressBook:
        """Make an address book from configured entries, in any case, a leading @ or none."""
        return cls(
            *(frozenset(map(_normal, group)) for group in (school, provider, parent, privileged))
        )

    @property
    def everything(self) -> bool:
        """Whether ``*`` stands among the school's entries: every message is to be kept."""
        return EVERYTHING in self.school

    def role_of(self, address: str) -> Role:
        """The role of one address (``local@domain``); ``Role.OTHER`` where nothing matches."""
        keys = _keys(address)
        # Privileged before all: an attorney whose firm is also listed elsewhere stays privileged.
        # A parent's own address before the school's: a parent may work for the district.
        if not keys.isdisjoint(self.privileged):
            return Role.PRIVILEGED
        if not keys.isdisjoint(self.parent):
            return Role.PARENT
        if not keys.isdisjoint(self.provider):
            return Role.PROVIDER
        if not keys.isdisjoint(self.school):
            return Role.SCHOOL
        return Role.OTHER


def _normal(entry: str) -> str:
    return entry.strip().lower().removeprefix("@").rstrip(".")


@lru_cache(maxsize=8192)
def _keys(address: str) -> frozenset[str]:
    """The address itself, its domain, and every parent domain of two labels or more."""
    address = _normal(address)
    _, _, domain = address.rpartition("@")
    labels = domain.split(".")
    return frozenset({address, *(".".join(labels[i:]) for i in range(len(labels)))})
