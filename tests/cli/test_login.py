"""Signing in with Google and Microsoft: real tokens from a server of our own, over real IMAP."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver import imap_source
from archiver.config import AccountTable, GoogleTable, MicrosoftTable
from archiver.imap_faults import TokenRefusedError
from archiver.oauth import store
from archiver.oauth.model import Grant, Provider
from archiver.oauth.sign_in import Tokens
from tests.cli.conftest import Ran, letter, originals, run_papertrail, write_config
from tests.conftest import _HAS_DOVECOT, _NO_DOVECOT
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET, GOOGLE_SCOPE, OAuthServer, Token
from tests.servers.proxy import Proxy

_users = iter(range(1000))


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[OAuthServer, Dovecot]]:
    if not _HAS_DOVECOT:
        pytest.skip(_NO_DOVECOT)
    with ExitStack() as stack:
        # Two folders: Dovecot opens its own for the user that reads the mail.
        tls, mail = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="papertrail-")))
            for _ in range(2)
        )
        oauth = stack.enter_context(OAuthServer(tls))
        dovecot = Dovecot(mail, introspection=oauth.introspection)
        yield oauth, stack.enter_context(dovecot)


@pytest.fixture
def box(servers: tuple[OAuthServer, Dovecot]) -> Mailbox:
    box = servers[1].mailbox(f"mum{next(_users)}@mail.example")
    box.deliver(letter(1))
    servers[0].reset(box.username)
    return box


def configured(
    tmp_path: Path, archive: Path, servers: tuple[OAuthServer, Dovecot], box: Mailbox, auth: str
) -> Path:
    oauth, dovecot = servers
    config = write_config(
        tmp_path / "c.toml", archive, dovecot, username=box.username, auth=auth, password_env=""
    )
    secret = 'client_secret_env = "APP_SECRET"\n' if auth == "google" else ""
    with config.open("a", encoding="utf-8") as file:
        file.write(
            f'[{auth}]\nclient_id = "{CLIENT_ID}"\n{secret}'
            f'server = "{oauth.url}"\nca_file = "{oauth.ca_file}"\n'
        )
    return config


def log_in(config: Path, oauth: OAuthServer, *arguments: str) -> Ran:
    """`papertrail login` with a browser that opens the page it prints, after a stray visitor."""
    process = subprocess.Popen(
        [sys.executable, "-m", "archiver.cli", "--config", str(config), "login", "--no-browser",
         *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "APP_SECRET": CLIENT_SECRET},
    )  # fmt: skip
    assert process.stdout is not None
    before = []
    for line in process.stdout:
        before.append(line)
        if line.startswith("https://localhost"):
            _visit(line.strip(), oauth)
            break
        if "allow Paper Trail to read" in line:
            break
    out, err = process.communicate(timeout=60)
    ran = Ran(process.returncode, "".join(before) + out, err)
    assert "Traceback" not in ran.said, ran.said
    return ran


def _visit(address: str, oauth: OAuthServer) -> None:
    redirect = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)["redirect_uri"][0]
    for stray in (f"{redirect}/favicon.ico", f"{redirect}/?code=evil&state=guessed"):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(stray, timeout=10)
    context = ssl.create_default_context(cafile=str(oauth.ca_file))
    with urllib.request.urlopen(address, timeout=10, context=context) as page:
        assert b"close this page" in page.read()


def age(provider: Provider, username: str, **changes: object) -> Grant:
    """Change what is remembered of a grant, as time would."""
    grant = store.load(provider, username)
    assert grant is not None
    grant = replace(grant, **changes)  # type: ignore[arg-type]
    store.save(grant)
    return grant


@pytest.mark.parametrize("auth", ["google", "microsoft"])
def test_sign_in_then_check_then_run_for_days_then_the_permission_is_taken_back(
    servers: tuple[OAuthServer, Dovecot],
    box: Mailbox,
    tmp_path: Path,
    archive: Path,
    auth: Provider,
) -> None:
    oauth = servers[0]
    config = configured(tmp_path, archive, servers, box, auth)
    before = run_papertrail(config, "check")
    assert before.status == 2
    assert "nobody has signed in with" in before.err
    assert "papertrail login family" in before.err

    first = log_in(config, oauth)

    assert first.status == 0, first.said
    assert "Everything is ready." in first.out
    assert ("HJKL-4711" in first.out) == (auth == "microsoft")
    kept = list((Path(os.environ["XDG_DATA_HOME"]) / "papertrail" / "sign-ins").iterdir())
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]  # there is no keyring here
    assert "which only you can read" in first.out
    # Every run has a process of its own, so each asks for a new token, as log-in did.
    ran = run_papertrail(config, "-v", "run")
    assert ran.status == 0, ran.said
    assert originals(archive) == {letter(1)}
    assert oauth.grants.count("refresh_token") == 2

    oauth.refresh.clear()
    back = run_papertrail(config, "-v", "run")

    assert back.status == 2
    assert "was taken back" in back.err
    assert "papertrail login family" in back.err
    status = run_papertrail(config, "status")
    assert "was taken back" in status.out
    for ran_ in (before, first, ran, back, status):
        for secret in oauth.secrets():
            assert secret not in ran_.said
    for folder in (archive, Path(os.environ["XDG_STATE_HOME"])):
        text = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert not [secret for secret in oauth.secrets() if secret.encode() in text]


def test_the_week_of_a_google_app_in_testing_is_explained(
    servers: tuple[OAuthServer, Dovecot], box: Mailbox, tmp_path: Path, archive: Path
) -> None:
    oauth = servers[0]
    config = configured(tmp_path, archive, servers, box, "google")
    client = tmp_path / "client_secret_4711.json"
    client.write_text(
        json.dumps({"installed": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}})
    )
    oauth.refresh_life_s = 604_799
    assert log_in(config, oauth, "--client-file", str(client)).status == 0
    oauth.refresh.clear()
    now = datetime.now(UTC)
    age("google", box.username, granted_at=now - timedelta(days=7),
        used_at=now - timedelta(days=1), ends_at=now - timedelta(minutes=1))  # fmt: skip

    ran = run_papertrail(config, "check")

    assert ran.status == 2
    assert "seven days only" in ran.err
    assert "Publish app" in ran.err


@pytest.mark.parametrize("auth", ["google", "microsoft"])
def test_a_permission_for_something_else_and_one_that_is_denied_are_said(
    servers: tuple[OAuthServer, Dovecot], box: Mailbox, tmp_path: Path, archive: Path, auth: str
) -> None:
    oauth = servers[0]
    config = configured(tmp_path, archive, servers, box, auth)
    oauth.scope = "https://www.googleapis.com/auth/calendar"
    wrong = log_in(config, oauth)
    assert wrong.status == 2
    assert "is not one to read mail" in wrong.err
    oauth.reset(box.username)
    oauth.denies = True
    denied = log_in(config, oauth)
    assert denied.status == 2
    assert "you did not allow it" in denied.err
    assert store.load("google", box.username) is store.load("microsoft", box.username) is None


def test_who_signs_in_as_somebody_else_is_not_let_in(
    servers: tuple[OAuthServer, Dovecot], box: Mailbox, tmp_path: Path, archive: Path
) -> None:
    oauth = servers[0]
    config = configured(tmp_path, archive, servers, box, "microsoft")
    oauth.email = "other@mail.example"

    ran = log_in(config, oauth)

    assert ran.status == 3
    assert "does not accept the sign-in" in ran.err
    assert "the address that you signed in with" in ran.err


def test_a_sign_in_service_that_is_away_is_not_taken_for_a_refusal(
    servers: tuple[OAuthServer, Dovecot], box: Mailbox, tmp_path: Path, archive: Path
) -> None:
    oauth = servers[0]
    config = configured(tmp_path, archive, servers, box, "microsoft")
    assert log_in(config, oauth).status == 0
    away = config.with_name("away.toml")
    away.write_text(config.read_text().replace(oauth.url, "https://localhost:1"))

    ran = run_papertrail(away, "check")

    assert ran.status == 3
    assert "sign-in service did not answer" in ran.err
    assert store.load("microsoft", box.username) is not None


def test_logout_removes_the_sign_in_and_gives_the_permission_back(
    servers: tuple[OAuthServer, Dovecot], box: Mailbox, tmp_path: Path, archive: Path
) -> None:
    oauth = servers[0]
    config = configured(tmp_path, archive, servers, box, "google")
    assert log_in(config, oauth).status == 0
    (refresh,) = oauth.refresh

    assert run_papertrail(config, "logout").status == 0

    assert oauth.revoked == [refresh]
    assert store.load("google", box.username) is None
    assert "nobody is signed in" in run_papertrail(config, "logout", "family").out


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_both_ways_to_show_a_token_work_and_an_expired_one_is_refused(
    servers: tuple[OAuthServer, Dovecot],
    box: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    mechanism: str,
) -> None:
    oauth, dovecot = servers
    oauth.access["good"] = Token(box.username, GOOGLE_SCOPE, time.time() + 60)
    oauth.access["old"] = Token(box.username, GOOGLE_SCOPE, time.time() - 1)
    account = AccountTable(
        name="family", host=dovecot.host, port=dovecot.port, security="none",
        username=box.username, auth="google",
    )  # fmt: skip
    offered = imap_source._GuardedClient.capabilities

    def only_one(self: Any) -> tuple[bytes, ...]:
        unwanted = {b"AUTH=XOAUTH2", b"AUTH=OAUTHBEARER"} - {f"AUTH={mechanism}".encode()}
        return tuple(name for name in offered(self) if name not in unwanted)

    monkeypatch.setattr(imap_source._GuardedClient, "capabilities", only_one)
    with Proxy(dovecot.host, dovecot.port) as proxy:
        account = account.model_copy(update={"host": proxy.host, "port": proxy.port})
        source = imap_source.ImapSource(account, "good")
        assert [folder.name for folder in source.folders()][:1]
        source.close()
        with pytest.raises(TokenRefusedError) as refused:
            imap_source.ImapSource(account, "old")
        assert f"AUTHENTICATE {mechanism}" in "\n".join(proxy.lines())
    assert "old" not in str(refused.value).split()


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_token_that_nearly_ran_out_is_renewed_and_one_that_did_not_is_used_again(
    servers: tuple[OAuthServer, Dovecot], box: Mailbox, provider: Provider
) -> None:
    oauth = servers[0]
    where = {"server": oauth.url, "ca_file": str(oauth.ca_file)}
    google, microsoft = GoogleTable(**where), MicrosoftTable(**where)  # type: ignore[arg-type]
    account = AccountTable(name="family", host="h", username=box.username, auth=provider)
    oauth.refresh["first"] = Token(box.username, "", time.time() + 60)
    now = datetime.now(UTC)
    store.save(Grant(provider, box.username, CLIENT_ID, "first", now, CLIENT_SECRET))
    tokens = Tokens(account, google, microsoft)

    assert tokens.current() == tokens.current()
    tokens.forget()
    oauth.access_life_s = 200
    short = tokens.current()
    assert tokens.current() != short  # within five minutes of its end

    assert oauth.grants == ["refresh_token"] * 3
    kept = store.load(provider, box.username)
    assert kept is not None
    assert kept.used_at is not None
    assert (kept.refresh_token == "first") == (provider == "google")  # Microsoft gives a new one
