"""What a provider's refusal means, and where a grant is kept."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.config import GoogleTable, parse_settings
from archiver.errors import ArchiveError, ConfigError
from archiver.oauth import store
from archiver.oauth.model import Grant, refusal

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def google(granted: int, used: int, ends: int | None = None) -> Grant:
    """A grant of so many days ago, last used so many days ago, that ends in so many days."""
    until = None if ends is None else NOW + ends * DAY
    return Grant(
        "google", "mum@mail.example", "id", "REFRESH", NOW - granted * DAY, "SECRET",
        NOW - used * DAY, until,
    )  # fmt: skip


def meaning(grant: Grant, answer: dict[str, Any]) -> str:
    error = refusal("family", grant, answer, NOW)
    assert error.hint
    return f"{type(error).__name__}: {error} {error.hint}"


def test_google_s_one_answer_is_told_apart_by_age() -> None:
    revoked = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}

    def said(*days: int | None) -> str:
        return meaning(google(*days), revoked)  # type: ignore[arg-type]

    assert said(3, 1).startswith("SignInRevokedError")  # younger than a week
    assert "seven days" in said(7, 1, 0)  # Google had said so
    assert "seven days" in said(8, 1)  # worked for a week and no longer
    assert said(60, 1).startswith("SignInRevokedError")  # worked for longer
    assert "six months" in said(400, 190)
    assert said(3, 1, 4).startswith("SignInRevokedError")  # in testing, but the week is not over
    assert "limited time" in said(30, 1, 0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "invalid_grant", "error_codes": [50173]}, "SignInRevokedError"),
        ({"error": "invalid_grant", "error_description": "AADSTS50173: x"}, "SignInRevokedError"),
        ({"error": "invalid_grant", "error_codes": [700082]}, "SignInExpiredError"),
        ({"error": "invalid_grant", "error_codes": [65001]}, "SignInScopeError"),
        ({"error": "interaction_required", "error_codes": [50076]}, "SignInExpiredError"),
        ({"error": "invalid_client", "error_codes": [7000218]}, "SignInRefusedError"),
        ({"error": "unauthorized_client", "error_codes": [700016]}, "SignInRefusedError"),
        ({"error": "temporarily_unavailable"}, "SignInServerError"),
        ({"error": "invalid_scope"}, "SignInScopeError"),
        ({}, "SignInRefusedError"),
    ],
)
def test_microsoft_s_numbers_are_told_apart(answer: dict[str, Any], error: str) -> None:
    grant = Grant("microsoft", "mum@mail.example", "id", "REFRESH", NOW - DAY)

    assert meaning(grant, answer).startswith(error)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
keys = st.sampled_from(["error", "error_description", "error_codes", "suberror"])


@given(st.dictionaries(keys, json_values | st.just("invalid_grant")), st.booleans())
def test_no_answer_is_too_odd_and_none_is_repeated(answer: dict[str, Any], is_google: bool) -> None:
    provider = "google" if is_google else "microsoft"
    grant = Grant(provider, "mum@mail.example", "id", "REFRESH-TOKEN", NOW - DAY, "APP-SECRET")
    error = refusal("family", grant, answer, NOW)

    assert isinstance(error, ArchiveError)
    for secret in ("REFRESH-TOKEN", "APP-SECRET"):
        assert secret not in f"{error} {error.hint} {grant!r}"
    said = answer.get("error_description")
    if isinstance(said, str) and len(said) > 60:
        assert said not in str(error)


class Vault(keyring.backend.KeyringBackend):
    """A keyring that works, that refuses what is long, or that forgets."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, longest: int = 100_000, *, forgets: bool = False) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self._longest, self._forgets = longest, forgets

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password) > self._longest:
            raise OSError(1783, "The stub received bad data")  # what Windows says
        if not self._forgets:
            self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_a_grant_goes_into_the_keyring_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    vault, grant = Vault(), google(3, 1, 4)
    monkeypatch.setattr(keyring.core, "_keyring_backend", vault)

    assert store.save(grant) == "this computer's keyring"
    assert list(vault.kept) == [("papertrail", "sign-in:google:mum@mail.example")]
    assert store.load("google", "mum@mail.example") == grant
    assert store.load("microsoft", "mum@mail.example") is None
    assert store.forget("google", "mum@mail.example")
    assert (vault.kept, store.load("google", "mum@mail.example")) == ({}, None)
    assert not store.forget("google", "mum@mail.example")


@pytest.mark.parametrize("vault", [Vault(10), Vault(forgets=True)])
def test_where_the_keyring_does_not_keep_it_a_file_does_that_nobody_else_can_read(
    monkeypatch: pytest.MonkeyPatch, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", vault)
    grant = google(3, 1)

    where = store.save(grant)

    path = Path(where.removeprefix("the file ").partition(", which")[0])
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert store.load("google", grant.username) == grant
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert store.load("google", grant.username) == grant
    assert path.stat().st_mode & 0o777 == 0o600
    assert "REFRESH" not in caplog.text
    for damaged in ("", "{", "[]", '{"provider": "google"}', '{"x": 1}'):
        path.write_text(damaged)
        assert store.load("google", grant.username) is None


def test_another_sign_in_service_may_be_on_this_computer_only() -> None:
    for server in ("https://evil.example", "http://localhost:1", "https://localhost.evil.example"):
        with pytest.raises(ValueError, match="sign-in service"):
            GoogleTable(server=server)
    assert GoogleTable(server="https://127.0.0.1:9").server
    table = {
        "archive": {"path": "x", "timezone": "UTC"},
        "account": [{"name": "a", "host": "h", "username": "u"}],
        "correspondence": {"domains": ["school.example"]},
        "google": {"client_secret": "s3cret-of-mine"},
    }
    with pytest.raises(ConfigError) as refused:
        parse_settings(table)
    assert "client_secret_command" in str(refused.value)
    assert "s3cret-of-mine" not in str(refused.value)
