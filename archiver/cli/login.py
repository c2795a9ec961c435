"""`papertrail login` and `papertrail logout`: Google and Microsoft without a password."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.errors import ArchiveError, ExitCode

if TYPE_CHECKING:
    from archiver.config import AccountTable, GoogleTable, Settings
    from archiver.oauth.model import Grant


class NoSuchSignInError(ArchiveError):
    """There is no account that this could be about."""

    exit_code = ExitCode.USAGE

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.hint = hint


class ClientMissingError(ArchiveError):
    """Nobody said which app to sign in to."""

    exit_code = ExitCode.USAGE

    def __init__(self, provider: str, option: str) -> None:
        super().__init__(f"No client id for {provider} is known: which app is to be signed in to?")
        self.hint = (
            f"docs/nightly.md tells how to make one, in ten minutes. Then write it as client_id "
            f"under [{provider.lower()}], or give {option}."
        )


class ClientFileError(ArchiveError):
    """A file that is not what the Google Cloud console gives."""

    exit_code = ExitCode.USAGE
    hint = (
        "It is downloaded in the Google Cloud console, under Clients, for a client of the type "
        '"Desktop app", and begins with {"installed":.'
    )

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is no client file of Google's.")


@click.command()
@click.argument("account", required=False)
@click.option("--client-id", help="The app to sign in to. [default: the configuration's]")
@click.option(
    "--client-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For Google: the file with client id and secret, as downloaded.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address of the page.")
@click.pass_obj
def login(
    app: App, account: str | None, client_id: str | None, client_file: Path | None, no_browser: bool
) -> ExitCode:
    """Sign in for accounts with auth = "google" or "microsoft", and try it at once.

    The permission is kept in this computer's keyring, else in a file that only you can read.
    """
    from archiver.cli.pulling import connector  # noqa: PLC0415
    from archiver.health import try_again_soon  # noqa: PLC0415
    from archiver.oauth import store  # noqa: PLC0415

    settings = app.settings
    which = _account(settings, account)
    if which.auth == "google":
        client = _google_client(settings.google, client_id, client_file)
        grant = _with_google(which, client, settings, browser=not no_browser)
    else:
        client_id = client_id or settings.microsoft.client_id
        if not client_id:
            raise ClientMissingError("Microsoft", "--client-id")
        grant = _with_microsoft(which, client_id, settings)
    where = store.save(grant)
    click.echo(f"Signed in. The permission is kept in {where}.")
    connector(which, settings)().close()
    try_again_soon(settings.archive.path)
    click.echo(f"Account {which.name!r}: logged in to {which.host}. Everything is ready.")
    return ExitCode.DONE


@click.command()
@click.argument("account", required=False)
@click.pass_obj
def logout(app: App, account: str | None) -> ExitCode:
    """Remove a sign-in from this computer, and give the permission back."""
    from archiver.oauth import store  # noqa: PLC0415

    settings = app.settings
    which = _account(settings, account)
    assert which.auth != "password"
    grant = store.load(which.auth, which.username)
    if grant is None or not store.forget(which.auth, which.username):
        click.echo(f"Account {which.name!r}: nobody is signed in on this computer.")
        return ExitCode.DONE
    click.echo(f"Account {which.name!r}: the sign-in was removed from this computer.")
    pages = {"google": "https://myaccount.google.com/connections",
             "microsoft": "https://account.live.com/consent/Manage"}  # fmt: skip
    if which.auth == "google":
        from archiver.oauth.google import revoke  # noqa: PLC0415

        if revoke(grant, settings.google):
            click.echo("Google was told that the permission is no longer needed.")
            return ExitCode.DONE
    click.echo(f"To take the permission itself back, go to {pages[which.auth]}")
    return ExitCode.DONE


def _account(settings: Settings, name: str | None) -> AccountTable:
    able = [account for account in settings.account if account.auth != "password"]
    if name is None and len(able) == 1:
        return able[0]
    known = ", ".join(account.name for account in able)
    if not able:
        why = "Every account in the configuration logs in with a password."
        raise NoSuchSignInError(why, 'Set auth = "google" or "microsoft" for the account.')
    if name is None:
        raise NoSuchSignInError("There are several accounts to sign in to.", f"Name one: {known}")
    for account in able:
        if account.name == name:
            return account
    why = f"There is no account {name!r} that signs in with Google or Microsoft."
    raise NoSuchSignInError(why, f"There is: {known}")


def _google_client(
    table: GoogleTable, client_id: str | None, client_file: Path | None
) -> tuple[str, str]:
    if client_file:
        try:
            record = json.loads(client_file.read_text(encoding="utf-8"))["installed"]
            return str(record["client_id"]), str(record["client_secret"])
        except (OSError, ValueError, KeyError, TypeError):
            raise ClientFileError(client_file) from None
    client_id = client_id or table.client_id
    if not client_id:
        raise ClientMissingError("Google", "--client-file FILE")
    return client_id, _google_secret(table, client_id)


def _google_secret(table: GoogleTable, client_id: str) -> str:
    from archiver.config import AccountTable  # noqa: PLC0415
    from archiver.passwords import PasswordMissingError, find_password  # noqa: PLC0415

    place = AccountTable.model_construct(
        name="google",
        host="accounts.google.com",
        username=client_id,
        auth="password",
        password_env=table.client_secret_env,
        password_command=table.client_secret_command,
    )
    try:
        return find_password(place)
    except PasswordMissingError:
        if not sys.stdin.isatty():
            raise ClientMissingError("Google", "--client-file FILE") from None
        return str(click.prompt("The app's client secret (not shown)", hide_input=True)).strip()


def _with_google(
    account: AccountTable, client: tuple[str, str], settings: Settings, *, browser: bool
) -> Grant:
    from archiver.oauth.google import sign_in  # noqa: PLC0415

    def show(address: str) -> None:
        click.echo(
            f"A page of Google's asks you whether Paper Trail may read the mail of "
            f"{account.username}. Choose that account and allow it.\n"
            "Google may warn that the app is not verified: it is your own. Press Advanced, then "
            "Go on."
        )
        if browser and _open(address):
            click.echo("If no page has opened, open this address in a browser on this computer:")
        else:
            click.echo("Open this address in a browser on this computer:")
        click.echo(f"\n{address}\n")
        sys.stdout.flush()

    return sign_in(account.name, account.username, client, settings.google, show)


def _with_microsoft(account: AccountTable, client_id: str, settings: Settings) -> Grant:
    from archiver.oauth.microsoft import sign_in  # noqa: PLC0415

    def show(page: str, code: str) -> None:
        click.echo(
            f"Open {page} in a browser, on this computer or a phone, and type in this code:\n\n"
            f"    {code}\n\n"
            f"Sign in there as {account.username} and allow Paper Trail to read your mail."
        )
        sys.stdout.flush()

    grant, who = sign_in(account.name, account.username, client_id, settings.microsoft, show)
    if who and who.lower() != account.username.lower():
        click.echo(
            f"You signed in as {who}, and the account's username is {account.username}. If the "
            "mail server refuses that, sign in again as the other, or correct the configuration.",
            err=True,
        )
    return grant


def _open(address: str) -> bool:
    import webbrowser  # noqa: PLC0415

    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
