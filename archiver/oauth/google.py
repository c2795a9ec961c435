"""Signing in with Google: a browser, an answer on loopback, PKCE; by google-auth-oauthlib."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.config import GoogleTable
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
from archiver.oauth.redirect import listening
from archiver.oauth.web import TIMEOUT_S, session, trust

_SCOPE = SCOPES["google"]
_PATIENCE_S = 600.0


class GoogleExtraMissingError(ArchiveError):
    """The libraries for it are not installed."""

    exit_code = ExitCode.USAGE
    hint = "Install them: pip install 'paper-trail-archiver[google]'"

    def __init__(self) -> None:
        super().__init__('auth = "google" needs libraries that are not installed.')


def sign_in(
    account: str,
    username: str,
    client: tuple[str, str],
    table: GoogleTable,
    show: Callable[[str], None],
) -> Grant:
    """Ask a person for permission, in the browser.

    Args:
        account: its name in the configuration.
        username: the address that Google is to suggest.
        client: id and secret of the app.
        table: where Google is.
        show: given the address of the page to open.

    Raises:
        ArchiveError: one of oauth.model, by what went wrong.
    """
    flow = _flow(client, table)
    with listening() as redirect:
        flow.redirect_uri = redirect.uri
        # "consent": without it, Google gives a permission that lasts only the first time.
        address, redirect.state = flow.authorization_url(prompt="consent", login_hint=username)
        show(address)
        answer = redirect.wait(_PATIENCE_S)
    if answer is None:
        raise SignInRefusedError(account, "google", "nobody came back from the page in ten minutes")
    if "error" in answer:
        said = "you did not allow it" if answer["error"] == "access_denied" else "an error"
        raise SignInRefusedError(account, "google", said)
    token = _exchange(account, flow, client, answer["code"])
    granted = token.get("scope", _SCOPE)  # oauthlib makes a list of it
    if _SCOPE not in (granted.split() if isinstance(granted, str) else granted):
        raise SignInScopeError(account, "google")
    if not token.get("refresh_token"):
        raise SignInRefusedError(account, "google", "it gave no lasting permission")
    now = datetime.now(UTC)
    lasts = token.get("refresh_token_expires_in")
    ends = now + timedelta(seconds=float(lasts)) if lasts else None
    return Grant("google", username, client[0], token["refresh_token"], now, client[1], now, ends)


def renew(account: str, grant: Grant, table: GoogleTable) -> tuple[Access, Grant]:
    """A token for the mail server, and the grant as it is now.

    Raises:
        ArchiveError: one of oauth.model, by what Google said.
    """
    try:
        from google.auth.exceptions import GoogleAuthError, RefreshError  # noqa: PLC0415
        from google.auth.transport.requests import Request  # noqa: PLC0415
        from google.oauth2.credentials import Credentials  # noqa: PLC0415
    except ImportError:
        raise GoogleExtraMissingError from None
    credentials = Credentials(
        None,
        refresh_token=grant.refresh_token,
        token_uri=_endpoint(table, "https://oauth2.googleapis.com/token", "/token"),
        client_id=grant.client_id,
        client_secret=grant.client_secret,
        scopes=[_SCOPE],
    )
    now = datetime.now(UTC)
    with session(table.ca_file) as line:
        try:
            credentials.refresh(Request(line))
        except RefreshError as error:
            said = error.args[1] if len(error.args) > 1 else {}
            if "scopes" in str(error.args[0]):
                raise SignInScopeError(account, "google") from None
            if error.retryable or not isinstance(said, dict):
                raise SignInServerError(account, "google", "it is out of order") from None
            raise refusal(account, grant, said, now) from None
        except GoogleAuthError as error:
            raise SignInServerError(account, "google", type(error).__name__) from None
    until = credentials.expiry.replace(tzinfo=UTC) if credentials.expiry else now
    refresh = credentials.refresh_token or grant.refresh_token
    return Access(credentials.token, until), replace(grant, used_at=now, refresh_token=refresh)


def revoke(grant: Grant, table: GoogleTable) -> bool:
    """Give a permission back; returns whether Google says that it is gone."""
    from requests import RequestException  # noqa: PLC0415

    where = _endpoint(table, "https://oauth2.googleapis.com/revoke", "/revoke")
    try:
        with session(table.ca_file) as line:
            return bool(line.post(where, data={"token": grant.refresh_token}).ok)
    except RequestException:
        return False


def _flow(client: tuple[str, str], table: GoogleTable) -> Any:
    try:
        from google_auth_oauthlib.flow import Flow  # noqa: PLC0415 - 0.4 s, and an extra
    except ImportError:
        raise GoogleExtraMissingError from None
    where = "https://accounts.google.com/o/oauth2/v2/auth"
    flow = Flow.from_client_config(
        {
            "installed": {
                "client_id": client[0],
                "client_secret": client[1],
                "auth_uri": _endpoint(table, where, "/o/oauth2/v2/auth"),
                "token_uri": _endpoint(table, "https://oauth2.googleapis.com/token", "/token"),
            }
        },
        scopes=[_SCOPE],
    )
    trust(flow.oauth2session, table.ca_file)
    return flow


def _exchange(account: str, flow: Any, client: tuple[str, str], code: str) -> dict[str, Any]:
    from oauthlib.oauth2 import OAuth2Error  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    asked = Grant("google", "", client[0], "", datetime.now(UTC))
    try:
        token: dict[str, Any] = flow.fetch_token(code=code, timeout=TIMEOUT_S)
    except Warning:
        # oauthlib's way to say that another scope was granted than was asked for.
        raise SignInScopeError(account, "google") from None
    except OAuth2Error as error:
        if error.error == "invalid_grant":
            raise SignInRefusedError(account, "google", "the answer came too late") from None
        raise refusal(account, asked, {"error": error.error}, datetime.now(UTC)) from None
    except RequestException as error:
        raise SignInServerError(account, "google", type(error).__name__) from None
    return token


def _endpoint(table: GoogleTable, real: str, path: str) -> str:
    return table.server.rstrip("/") + path if table.server else real
