"""Signing in with Microsoft: a short code typed into a page, on any device; by msal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.config import MicrosoftTable
from archiver.errors import ArchiveError, ExitCode
from archiver.oauth.model import (
    SCOPES,
    Access,
    Grant,
    SignInRefusedError,
    SignInScopeError,
    SignInServerError,
    refusal,
)
from archiver.oauth.web import session

_SCOPE = SCOPES["microsoft"]


class MicrosoftExtraMissingError(ArchiveError):
    """The library for it is not installed."""

    exit_code = ExitCode.USAGE
    hint = "Install it: pip install 'paper-trail-archiver[microsoft]'"

    def __init__(self) -> None:
        super().__init__('auth = "microsoft" needs a library that is not installed.')


def sign_in(
    account: str,
    username: str,
    client_id: str,
    table: MicrosoftTable,
    show: Callable[[str, str], None],
) -> tuple[Grant, str]:
    """Ask a person for permission, on a page that wants a code.

    Args:
        account: its name in the configuration.
        username: of the mailbox.
        client_id: of the app.
        table: where Microsoft is.
        show: given the address of the page and the code.

    Returns:
        The grant, and the address of whoever signed in, "" where Microsoft does not say.

    Raises:
        ArchiveError: one of oauth.model, by what went wrong.
    """
    now = datetime.now(UTC)
    asked = Grant("microsoft", username, client_id, "", now)
    app = _app(account, client_id, table)
    flow = _talk(account, lambda: app.initiate_device_flow(scopes=[_SCOPE]))
    if "user_code" not in flow:
        raise refusal(account, asked, flow, now)
    show(str(flow["verification_uri"]), str(flow["user_code"]))
    answer = _talk(account, lambda: app.acquire_token_by_device_flow(flow))
    match answer.get("error"):
        case None:
            pass
        case "authorization_declined" | "access_denied":
            raise SignInRefusedError(account, "microsoft", "you did not allow it")
        case "expired_token" | "authorization_pending" | "code_expired":
            raise SignInRefusedError(account, "microsoft", "the code was not typed in in time")
        case _:
            raise refusal(account, asked, answer, now)
    _check_scope(account, answer)
    refresh = answer.get("refresh_token")
    if not isinstance(refresh, str) or not refresh:
        raise SignInRefusedError(account, "microsoft", "it gave no lasting permission")
    claims = answer.get("id_token_claims") or {}
    now = datetime.now(UTC)
    grant = Grant("microsoft", username, client_id, refresh, now, used_at=now)
    return grant, str(claims.get("preferred_username") or "")


def renew(account: str, grant: Grant, table: MicrosoftTable) -> tuple[Access, Grant]:
    """A token for the mail server, and the grant as it is now: each use gives a new one.

    Raises:
        ArchiveError: one of oauth.model, by what Microsoft said.
    """
    app, now = _app(account, grant.client_id, table), datetime.now(UTC)
    answer = _talk(
        account, lambda: app.acquire_token_by_refresh_token(grant.refresh_token, [_SCOPE])
    )
    if "access_token" not in answer:
        raise refusal(account, grant, answer, now)
    _check_scope(account, answer)
    until = now + timedelta(seconds=float(answer.get("expires_in", 0)))
    refresh = answer.get("refresh_token") or grant.refresh_token
    return Access(answer["access_token"], until), replace(grant, used_at=now, refresh_token=refresh)


def _app(account: str, client_id: str, table: MicrosoftTable) -> Any:
    try:
        from msal import PublicClientApplication  # noqa: PLC0415 - 0.24 s, and an extra
    except ImportError:
        raise MicrosoftExtraMissingError from None
    where = {"authority": f"https://login.microsoftonline.com/{table.tenant}"}
    if table.server:
        where = {"oidc_authority": f"{table.server.rstrip('/')}/{table.tenant}"}
    return _talk(
        account,
        lambda: PublicClientApplication(
            client_id,
            **where,
            instance_discovery=False,
            http_client=session(table.ca_file),
        ),
    )


def _talk(account: str, ask: Callable[[], Any]) -> Any:
    from requests import RequestException  # noqa: PLC0415

    try:
        return ask()
    except RequestException as error:
        raise SignInServerError(account, "microsoft", type(error).__name__) from None
    except ValueError:
        # msal's way to say that the tenant is unknown or its answer no JSON.
        raise SignInServerError(account, "microsoft", "it gave no sense") from None


def _check_scope(account: str, answer: dict[str, Any]) -> None:
    granted = str(answer.get("scope", _SCOPE)).lower().split()
    if _SCOPE.lower() not in granted:
        raise SignInScopeError(account, "microsoft")
