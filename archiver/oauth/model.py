"""Pure: what a person granted, and why a provider no longer honours it.

Providers say "invalid_grant" for nearly everything. What it means is told by its details and by how
old the grant is, so that a person reads what to do instead of what the protocol says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from archiver.errors import ArchiveError, ExitCode

Provider = Literal["google", "microsoft"]
NAMES = {"google": "Google", "microsoft": "Microsoft"}
SCOPES = {
    "google": "https://mail.google.com/",
    "microsoft": "https://outlook.office.com/IMAP.AccessAsUser.All",
}
_WEEK = timedelta(days=7)
_HALF_A_YEAR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Grant:
    """A person's permission to read one mailbox, as it is kept. Never printed whole."""

    provider: Provider
    username: str
    client_id: str
    refresh_token: str = field(repr=False)
    granted_at: datetime  # aware
    client_secret: str = field(default="", repr=False)
    used_at: datetime | None = None  # when it last gave a token
    ends_at: datetime | None = None  # where the provider said so


@dataclass(frozen=True, slots=True)
class Access:
    """A short-lived token for the mail server."""

    token: str = field(repr=False)
    until: datetime  # aware


class SignInNeededError(ArchiveError):
    """Nobody has signed in on this computer."""

    exit_code = ExitCode.USAGE

    def __init__(self, account: str, provider: Provider) -> None:
        super().__init__(
            f"Account {account!r}: nobody has signed in with {NAMES[provider]} on this computer "
            "yet, or the sign-in was removed."
        )
        self.hint = f"Run `papertrail login {account}`."


class SignInExpiredError(ArchiveError):
    """The permission has run out; nobody took it back."""

    exit_code = ExitCode.USAGE

    def __init__(self, account: str, why: str, hint: str = "") -> None:
        super().__init__(f"Account {account!r}: the permission to read the mailbox ran out. {why}")
        self.hint = hint or f"Run `papertrail login {account}` to give it again."


class SignInRevokedError(ArchiveError):
    """The permission was taken back."""

    exit_code = ExitCode.USAGE

    def __init__(self, account: str, provider: Provider) -> None:
        super().__init__(
            f"Account {account!r}: {NAMES[provider]} says that the permission to read the mailbox "
            "was taken back. That happens when it is removed in the account's security settings, "
            "or when the account's password is changed."
        )
        self.hint = f"If that was you, run `papertrail login {account}` to give it again."


class SignInScopeError(ArchiveError):
    """The permission is for something else than reading mail."""

    exit_code = ExitCode.USAGE

    def __init__(self, account: str, provider: Provider) -> None:
        super().__init__(
            f"Account {account!r}: the permission that was given to {NAMES[provider]} is not one "
            "to read mail."
        )
        tick = "tick the box about your mail on the page that asks what to allow"
        if provider == "microsoft":
            tick = (
                "check that the app's registration has the permission IMAP.AccessAsUser.All, and "
                "that your organisation allows it"
            )
        self.hint = f"Run `papertrail login {account}` again, and {tick}."


class SignInRefusedError(ArchiveError):
    """The provider refuses for a reason of its own, such as an unknown client."""

    exit_code = ExitCode.USAGE

    def __init__(self, account: str, provider: Provider, code: str, hint: str = "") -> None:
        super().__init__(f"Account {account!r}: {NAMES[provider]} refused the sign-in ({code}).")
        self.hint = hint or f"Run `papertrail login {account}` to try again."


class SignInServerError(ArchiveError):
    """The provider's sign-in service cannot be reached or is out of order."""

    passing = True
    hint = "Check that this computer is online. It is tried again at the next run."

    def __init__(self, account: str, provider: Provider, why: str) -> None:
        super().__init__(
            f"Account {account!r}: {NAMES[provider]}'s sign-in service did not answer ({why})."
        )


def refusal(account: str, grant: Grant, answer: Mapping[str, Any], now: datetime) -> ArchiveError:
    """Why a provider gave no token for a grant.

    Args:
        account: its name in the configuration.
        grant: what was asked with.
        answer: what the token endpoint said (RFC 6749, 5.2).
        now: aware.

    Source: RFC 6749, 5.2; Google, "Using OAuth 2.0 to Access Google APIs: Refresh token
    expiration"; Microsoft, "Microsoft Entra authentication and authorization error codes".
    """
    code = _word(answer.get("error"))
    if code in {"invalid_client", "unauthorized_client", "deleted_client", "org_internal"}:
        hint = (
            f"The client id {grant.client_id!r} or its secret is not (or no longer) right. "
            f"docs/nightly.md tells how to make one; then `papertrail login {account}`."
        )
        return SignInRefusedError(account, grant.provider, code, hint)
    if code == "invalid_scope":
        return SignInScopeError(account, grant.provider)
    if code in {"temporarily_unavailable", "server_error", "slow_down"}:
        return SignInServerError(account, grant.provider, code)
    if code not in {"invalid_grant", "interaction_required", "consent_required", "login_required"}:
        return SignInRefusedError(account, grant.provider, code)
    if grant.provider == "google":
        return _google(account, grant, now)
    return _microsoft(account, answer)


def _google(account: str, grant: Grant, now: datetime) -> ArchiveError:
    """Google says "expired or revoked" for both; when it last worked tells which."""
    used = grant.used_at or grant.granted_at
    age, lived = now - grant.granted_at, used - grant.granted_at
    told = grant.ends_at is not None and now >= grant.ends_at - timedelta(hours=1)
    short_lived = grant.ends_at is not None and grant.ends_at - grant.granted_at <= _WEEK * 2
    if (told and short_lived) or (
        grant.ends_at is None and age >= _WEEK >= lived and now - used < _HALF_A_YEAR
    ):
        return SignInExpiredError(
            account,
            "Google lets it live for seven days only while the app's publishing status is "
            '"Testing".',
            "In the Google Cloud console, under Google Auth Platform, Audience, press "
            f'"Publish app" (nobody needs to review it). Then run `papertrail login {account}` '
            "once more; it lasts from then on.",
        )
    if told:
        return SignInExpiredError(account, "It had been given for a limited time.")
    if now - used >= _HALF_A_YEAR:
        return SignInExpiredError(account, "Google ends it where it is not used for six months.")
    return SignInRevokedError(account, grant.provider)


_EXPIRED = {70008, 70043, 700082, 700081, 50055, 50078, 50089}
_ASKED_AGAIN = {50076, 50079, 50158, 53000, 53003}
_SCOPE = {65001, 65004, 70011, 650053}


def _microsoft(account: str, answer: Mapping[str, Any]) -> ArchiveError:
    given = answer.get("error_codes")
    said = answer.get("error_description")
    codes = {code for code in given if isinstance(code, int)} if isinstance(given, list) else set()
    codes |= {int(n) for n in re.findall(r"AADSTS(\d+)", said if isinstance(said, str) else "")}
    if codes & _SCOPE or answer.get("error") == "consent_required":
        return SignInScopeError(account, "microsoft")
    if codes & _EXPIRED:
        return SignInExpiredError(
            account, "Microsoft ends it where it is not used for 90 days, or by a rule of the "
            "organisation that the account belongs to."
        )  # fmt: skip
    if codes & _ASKED_AGAIN or answer.get("error") == "interaction_required":
        return SignInExpiredError(account, "Microsoft wants to see you sign in again.")
    return SignInRevokedError(account, "microsoft")


def _word(code: object) -> str:
    """An error code as it may be shown: what else comes in its place is nobody's word."""
    ok = isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", code)
    return str(code) if ok else "no reason given"
