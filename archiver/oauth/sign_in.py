"""From an account that is signed in to a token for its mail server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archiver.config import AccountTable, GoogleTable, MicrosoftTable
from archiver.oauth import store
from archiver.oauth.model import Access, SignInNeededError

_SPARE = timedelta(minutes=5)


class Tokens:
    """Tokens for one account, a new one whenever the last has nearly run out."""

    def __init__(
        self, account: AccountTable, google: GoogleTable, microsoft: MicrosoftTable
    ) -> None:
        """Nothing is asked for before ``current``."""
        self._account, self._google, self._microsoft = account, google, microsoft
        self._access: Access | None = None

    def current(self) -> str:
        """A token that is good for some minutes at least.

        Raises:
            ArchiveError: one of oauth.model; nobody has signed in, or the provider refuses.
        """
        if self._access is None or self._access.until - _SPARE <= datetime.now(UTC):
            self._access = self._renew()
        return self._access.token

    def forget(self) -> None:
        """Ask for a new one the next time: the mail server did not like this one."""
        self._access = None

    def _renew(self) -> Access:
        name, provider = self._account.name, self._account.auth
        assert provider != "password"
        grant = store.load(provider, self._account.username)
        if grant is None:
            raise SignInNeededError(name, provider)
        if provider == "google":
            from archiver.oauth.google import renew as renew_google  # noqa: PLC0415

            access, renewed = renew_google(name, grant, self._google)
        else:
            from archiver.oauth.microsoft import renew as renew_microsoft  # noqa: PLC0415

            access, renewed = renew_microsoft(name, grant, self._microsoft)
        store.save(renewed)
        return access
